package baselines

// OpenBucket lets the contract test reach the bucket of a location.
var OpenBucket = openBucket
