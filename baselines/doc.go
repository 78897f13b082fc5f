// Package baselines keeps results for later comparisons and chooses the ones
// that a candidate is compared with.
//
// A Store works over a Bucket, which only lists, reads and writes whole
// objects, so that a folder, a git branch or an object store can hold the same
// thing. There is no index: everything that a choice needs stands in the key
// of a result, which is written once, under a name that no other recorder can
// have, and never changed:
//
//	results/checkout/4x-amd-epyc-7763-5d1e0a7b9c2d/3f9a12bc44d0/
//	    20261123t231204z-8f2c1d0e4b5a-main-pass-5runs-0c1fa2b3c4d5.json
//	pins/v1.2.txt
//
// Concurrent recorders therefore never meet, one listing answers which results
// exist, and only those that are used are read. An object that cannot be read,
// or is not what its key says, is an error that names the key: it is never
// taken for an absent baseline. docs/baselines.md describes the layout, what
// is eligible, and how a baseline is chosen.
package baselines
