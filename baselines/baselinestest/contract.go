// Package baselinestest holds the contract of baselines.Bucket as tests. Each
// bucket runs them against a medium of its own.
package baselinestest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/baselines"
)

// A Medium makes buckets to be tested.
type Medium struct {
	// New makes an empty medium and returns what opens it. Each call of that
	// is a client of its own, as another process would be.
	New func(t *testing.T) (open func() baselines.Bucket)
	// Unreachable returns a bucket whose medium exists and cannot be read.
	Unreachable func(t *testing.T) baselines.Bucket
}

// Run runs the contract.
func Run(t *testing.T, m Medium) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, func() baselines.Bucket)
	}{
		{"empty", testEmpty},
		{"round trip", testRoundTrip},
		{"list", testList},
		{"not found", testNotFound},
		{"overwrite", testOverwrite},
		{"put and delete", testPutAndDelete},
		{"refused as a whole", testRefusedAsAWhole},
		{"odd keys", testOddKeys},
		{"large object", testLargeObject},
		{"concurrent appliers", testConcurrentAppliers},
		{"concurrent puts of one key", testConcurrentPutsOfOneKey},
		{"cancelled", testCancelled},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, m.New(t)) })
	}
	t.Run("unreachable", func(t *testing.T) { testUnreachable(t, m.Unreachable(t)) })
}

// client is a bucket whose unexpected errors end the test.
type client struct {
	*testing.T
	baselines.Bucket
}

func (c client) apply(changes ...baselines.Change) {
	c.Helper()
	if err := c.Apply(c.Context(), changes); err != nil {
		c.Fatalf("Apply: %v", err)
	}
}

// holds compares everything in the bucket.
func (c client) holds(want map[string]string) {
	c.Helper()
	objects, err := c.List(c.Context(), "")
	if err != nil {
		c.Fatalf("List: %v", err)
	}
	got := map[string]string{}
	for _, o := range objects {
		data, err := c.Get(c.Context(), o.Key)
		if err != nil {
			c.Fatalf("Get(%q) of a listed object: %v", o.Key, err)
		}
		if int64(len(data)) != o.Size {
			c.Errorf("List says %d bytes of %q, Get returns %d", o.Size, o.Key, len(data))
		}
		got[o.Key] = string(data)
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		c.Errorf("bucket (-want +got):\n%s", diff)
	}
}

func put(key, data string) baselines.Change {
	return baselines.Change{Key: key, Data: []byte(data)}
}

func remove(key string) baselines.Change { return baselines.Change{Key: key, Delete: true} }

func testEmpty(t *testing.T, open func() baselines.Bucket) {
	c := client{t, open()}
	c.holds(map[string]string{})
	c.apply()
	c.apply(remove("a/b"))
	c.holds(map[string]string{})
}

func testRoundTrip(t *testing.T, open func() baselines.Bucket) {
	want := map[string]string{
		"top":                     "at the top",
		"a/b/c.json":              "{\"line\": 1}\r\n\n",
		"a/b/empty":               "",
		"a-b_c.d/0-9/x":           "\x00\xff not text",
		strings.Repeat("k", 200):  "longest segment",
		"results/checkout/4x/1.2": "digits",
	}
	var changes []baselines.Change
	for key, data := range want {
		changes = append(changes, put(key, data))
	}
	client{t, open()}.apply(changes...)
	client{t, open()}.holds(want)
}

func testList(t *testing.T, open func() baselines.Bucket) {
	c := client{t, open()}
	keys := []string{"a-b/x", "a.b/x", "a/x", "a/y/z", "a/y-z", "ab/x", "b"}
	for _, key := range slices.Backward(keys) {
		c.apply(put(key, key))
	}
	for _, test := range []struct {
		folder string
		want   []string
	}{
		{"", []string{"a-b/x", "a.b/x", "a/x", "a/y-z", "a/y/z", "ab/x", "b"}},
		{"a", []string{"a/x", "a/y-z", "a/y/z"}},
		{"a/y", []string{"a/y/z"}},
		{"absent", nil},
		{"a/absent", nil},
	} {
		objects, err := c.List(t.Context(), test.folder)
		if err != nil {
			t.Errorf("List(%q): %v", test.folder, err)
		}
		var want []baselines.Object
		for _, key := range test.want {
			want = append(want, baselines.Object{Key: key, Size: int64(len(key))})
		}
		if diff := gocmp.Diff(want, objects, emptyIsNil()); diff != "" {
			t.Errorf("List(%q) (-want +got):\n%s", test.folder, diff)
		}
	}
}

func emptyIsNil() gocmp.Option {
	return gocmp.Transformer("nil", func(o []baselines.Object) []baselines.Object {
		if len(o) == 0 {
			return nil
		}
		return o
	})
}

func testNotFound(t *testing.T, open func() baselines.Bucket) {
	c := client{t, open()}
	notFound := func(key string) {
		t.Helper()
		data, err := c.Get(t.Context(), key)
		if !errors.Is(err, baselines.ErrNotFound) || data != nil {
			t.Errorf("Get(%q) = %q, %v, want ErrNotFound", key, data, err)
		}
	}
	notFound("a/b") // nothing was ever put
	c.apply(put("a/b/c", "x"))
	notFound("a/absent")
	notFound("absent/b/c")
}

func testOverwrite(t *testing.T, open func() baselines.Bucket) {
	c := client{t, open()}
	c.apply(put("a", "longer than the next one"), put("b", "stays"))
	c.apply(put("a", "second"))
	c.apply(put("a", "second"))
	c.holds(map[string]string{"a": "second", "b": "stays"})
}

func testPutAndDelete(t *testing.T, open func() baselines.Bucket) {
	c := client{t, open()}
	c.apply(put("a/1", "one"), put("a/2", "two"), put("b/3", "three"))
	c.apply(remove("a/1"), put("a/4", "four"), remove("b/3"), remove("b/absent"))
	c.holds(map[string]string{"a/2": "two", "a/4": "four"})
	c.apply(put("b/3", "again"))
	c.holds(map[string]string{"a/2": "two", "a/4": "four", "b/3": "again"})
}

func testRefusedAsAWhole(t *testing.T, open func() baselines.Bucket) {
	c := client{t, open()}
	c.apply(put("a", "one"))
	for name, changes := range map[string][]baselines.Change{
		"odd key last":      {put("b", "two"), remove("a"), put("../c", "three")},
		"odd key to delete": {put("b", "two"), remove("/a")},
		"key twice":         {put("b", "two"), remove("a"), put("a", "three")},
	} {
		if err := c.Apply(t.Context(), changes); err == nil {
			t.Errorf("%s: Apply succeeded", name)
		}
		c.holds(map[string]string{"a": "one"})
	}
}

func testOddKeys(t *testing.T, open func() baselines.Bucket) {
	c := client{t, open()}
	for _, key := range []string{
		"", ".", "..", "/", "/a", "a/", "a//b", "../a", "a/../b", "a/./b", "a/..", ".git/config", "a/.hidden",
		"A", "a/B", "a b", "a\\b", "c:", "a\x00b", "a\nb", "é", "a/\xff", "*", "~",
		strings.Repeat("k", 201), strings.Repeat("k/", 500) + "k",
	} {
		if err := c.Apply(t.Context(), []baselines.Change{put(key, "x")}); err == nil {
			t.Errorf("put of %q succeeded", key)
		}
		if err := c.Apply(t.Context(), []baselines.Change{remove(key)}); err == nil {
			t.Errorf("delete of %q succeeded", key)
		}
		if _, err := c.Get(t.Context(), key); err == nil || errors.Is(err, baselines.ErrNotFound) {
			t.Errorf("Get(%q) = %v, want it refused", key, err)
		}
		if _, err := c.List(t.Context(), key); err == nil && key != "" {
			t.Errorf("List(%q) succeeded", key)
		}
	}
	c.holds(map[string]string{})
}

func testLargeObject(t *testing.T, open func() baselines.Bucket) {
	c := client{t, open()}
	large := bytes.Repeat([]byte("0123456789abcdef"), 4<<20/16)
	large = append(large, "end"...)
	c.apply(baselines.Change{Key: "large", Data: large})
	got, err := open().Get(t.Context(), "large")
	if err != nil || !bytes.Equal(got, large) {
		t.Errorf("Get = %d bytes, %v, want the %d bytes that were put", len(got), err, len(large))
	}
}

// Several processes record at once: each has a client, all put and delete in
// the same folder, and nothing is lost.
func testConcurrentAppliers(t *testing.T, open func() baselines.Bucket) {
	const appliers, steps = 6, 5
	var group sync.WaitGroup
	errs := make([]error, appliers)
	for a := range appliers {
		bucket := open()
		group.Add(1)
		go func() {
			defer group.Done()
			for s := range steps {
				errs[a] = cmp.Or(errs[a], bucket.Apply(t.Context(), []baselines.Change{
					put(fmt.Sprintf("shared/%d-%d", a, s), "kept"),
					put(fmt.Sprintf("own-%d/%d", a, s), "kept"),
					put(fmt.Sprintf("shared/old-%d-%d", a, s), "dropped"),
					remove(fmt.Sprintf("shared/old-%d-%d", a, s-1)),
				}))
			}
		}()
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatalf("Apply: %v", err)
	}
	want := map[string]string{}
	for a := range appliers {
		for s := range steps {
			want[fmt.Sprintf("shared/%d-%d", a, s)] = "kept"
			want[fmt.Sprintf("own-%d/%d", a, s)] = "kept"
		}
		want[fmt.Sprintf("shared/old-%d-%d", a, steps-1)] = "dropped"
	}
	client{t, open()}.holds(want)
}

// One of the values wins, whole.
func testConcurrentPutsOfOneKey(t *testing.T, open func() baselines.Bucket) {
	const appliers = 6
	var group sync.WaitGroup
	errs := make([]error, appliers)
	values := map[string]bool{}
	for a := range appliers {
		value := strings.Repeat(string(rune('a'+a)), 1<<16)
		values[value] = true
		bucket := open()
		group.Add(1)
		go func() {
			defer group.Done()
			errs[a] = bucket.Apply(t.Context(), []baselines.Change{put("one", value)})
		}()
	}
	group.Wait()
	got, err := open().Get(t.Context(), "one")
	if err := errors.Join(append(errs, err)...); err != nil {
		t.Fatal(err)
	}
	if !values[string(got)] {
		t.Errorf("Get returned %d bytes that nobody put", len(got))
	}
}

func testCancelled(t *testing.T, open func() baselines.Bucket) {
	c := client{t, open()}
	c.apply(put("a", "one"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, listErr := c.List(ctx, "")
	_, absentErr := c.List(ctx, "absent")
	_, getErr := c.Get(ctx, "a")
	applyErr := c.Apply(ctx, []baselines.Change{put("b", "two"), remove("a")})
	for name, err := range map[string]error{"List": listErr, "List of an absent folder": absentErr, "Get": getErr, "Apply": applyErr} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s = %v, want context.Canceled", name, err)
		}
	}
	c.holds(map[string]string{"a": "one"})
}

// What cannot be read is not empty.
func testUnreachable(t *testing.T, b baselines.Bucket) {
	_, listErr := b.List(t.Context(), "")
	_, folderErr := b.List(t.Context(), "results")
	_, getErr := b.Get(t.Context(), "a")
	applyErr := b.Apply(t.Context(), []baselines.Change{put("a", "one")})
	for name, err := range map[string]error{"List": listErr, "List of a folder": folderErr, "Get": getErr, "Apply": applyErr} {
		if err == nil || errors.Is(err, baselines.ErrNotFound) {
			t.Errorf("%s = %v, want an error that is not ErrNotFound", name, err)
		}
	}
}
