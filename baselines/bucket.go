package baselines

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// ErrNotFound is what Bucket.Get, and what a Store makes of it, wraps when a
// reachable bucket holds no such object. Every other error means that nothing
// is known.
var ErrNotFound = errors.New("not found")

// A Bucket is where objects are kept. It is safe for concurrent use, by
// several processes too. package baselinestest holds its contract as tests.
//
// Keys are segments of [a-z0-9._-] joined by slashes; none begins with a dot.
// A bucket refuses any other key in Get and Apply before it touches the medium.
type Bucket interface {
	// List returns the objects below a folder ("results/checkout", without a
	// slash at the end; empty: all), sorted by key. A folder that does not
	// exist is empty; a medium that cannot be reached or read in full is an
	// error, never a shorter list. Objects that people put there are listed
	// under the name they have, hidden ones (beginning with a dot) aside.
	List(ctx context.Context, folder string) ([]Object, error)
	// Get returns the bytes of one object. The error wraps ErrNotFound when
	// the bucket can be read and holds none.
	Get(ctx context.Context, key string) ([]byte, error)
	// Apply makes all changes, in one step as far as the medium has such;
	// where it has not, puts come before deletes, each is whole or absent, and
	// an error names the key at which it stopped. A put replaces, a delete of
	// an absent object is none. Appliers of different keys lose nothing of
	// each other; of the same key, the last one wins.
	Apply(ctx context.Context, changes []Change) error
}

// Object is one entry of a listing.
type Object struct {
	Key  string
	Size int64 // bytes
}

// Change is one put or delete of an Apply.
type Change struct {
	Key    string
	Data   []byte // of a put; may be empty
	Delete bool   // remove Key; Data is not used
}

// Limits of what a bucket takes. A result of an hour with 50 endpoints is
// below 4 MB; whatever is larger than maxObject is no result and must not fill
// the memory.
const (
	maxObject  = 64 << 20
	maxKey     = 900 // object stores end at 1024
	maxSegment = 200 // file systems end at 255, temporary names need some
)

// checkKey refuses what could leave the bucket, hide in it, or collide on a
// file system that does not tell upper from lower case.
func checkKey(key string) error {
	if key == "" || len(key) > maxKey {
		return fmt.Errorf("key %q: is empty or longer than %d bytes", shortened(key), maxKey)
	}
	for segment := range strings.SplitSeq(key, "/") {
		switch {
		case segment == "":
			return fmt.Errorf("key %q: has an empty segment", key)
		case len(segment) > maxSegment:
			return fmt.Errorf("key %q: has a segment longer than %d bytes", shortened(key), maxSegment)
		case segment[0] == '.':
			return fmt.Errorf("key %q: has a segment that begins with a dot", key)
		case strings.ContainsFunc(segment, notKeyRune):
			return fmt.Errorf("key %q: holds something other than a-z, 0-9, dot, dash and underscore", key)
		}
	}
	return nil
}

func notKeyRune(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.' || r == '-' || r == '_')
}

// checkFolder is checkKey for the argument of List.
func checkFolder(folder string) error {
	if folder == "" {
		return nil
	}
	return checkKey(folder)
}

// checkChanges refuses a whole Apply before any of it is done.
func checkChanges(changes []Change) error {
	seen := map[string]bool{}
	for _, c := range changes {
		if err := checkKey(c.Key); err != nil {
			return err
		}
		switch {
		case seen[c.Key]:
			return fmt.Errorf("key %q: is changed twice in one step", c.Key)
		case len(c.Data) > maxObject:
			return fmt.Errorf("key %q: has %d bytes, at most %d are kept", c.Key, len(c.Data), maxObject)
		}
		seen[c.Key] = true
	}
	return nil
}

// shortened keeps a hostile key from flooding a message.
func shortened(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	return s[:most] + "…"
}
