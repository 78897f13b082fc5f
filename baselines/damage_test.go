package baselines_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/perfgate/perfgate/baselines"
	"github.com/perfgate/perfgate/gate"
)

// What became of a stored file is told with its name, and is never the same as
// no baseline (design.md section 9, number 11 and 13).
func TestDamagedStore(t *testing.T) {
	for _, test := range []struct {
		name   string
		damage func(t *testing.T, path string)
		want   string
	}{
		{"truncated", func(t *testing.T, path string) { rewrite(t, path, func(b []byte) []byte { return b[:len(b)/2] }) }, "it was cut short"},
		{"empty", func(t *testing.T, path string) { rewrite(t, path, func([]byte) []byte { return nil }) }, "the file is empty"},
		{"other text", func(t *testing.T, path string) { rewrite(t, path, func([]byte) []byte { return []byte("<html>") }) }, "not valid JSON"},
		{"edited", func(t *testing.T, path string) {
			rewrite(t, path, func(b []byte) []byte { return bytes.Replace(b, []byte("v0.0.0-test"), []byte("v9.9.9-test"), 1) })
		}, "its content is not what was saved under this name"},
		{"newer", func(t *testing.T, path string) {
			rewrite(t, path, func(b []byte) []byte {
				return bytes.Replace(b, []byte(`"requires": []`), []byte(`"requires": ["chains"]`), 1)
			})
		}, `needs the feature "chains"`},
		{"a folder", func(t *testing.T, path string) {
			if err := errors.Join(os.Remove(path), os.MkdirAll(filepath.Join(path, "x"), 0o755)); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(path, "x", "y.json"), "{}")
		}, "is not the name of a result"},
		{"renamed", func(t *testing.T, path string) {
			if err := os.Rename(path, filepath.Join(filepath.Dir(path), "Newest.JSON")); err != nil {
				t.Fatal(err)
			}
		}, "is not the name of a result"},
		{"may not be read", func(t *testing.T, path string) {
			if os.Geteuid() <= 0 {
				t.Skip("every file may be read by this user")
			}
			chmod(t, path, 0)
		}, "permission denied"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, folder := newStore(t)
			r := job(0, nil)
			m := save(t, s, r, gate.VerdictPass)
			test.damage(t, filepath.Join(folder, filepath.FromSlash(m.Key)))
			_, chooseErr := s.Choose(t.Context(), query(r))
			_, getErr := s.Get(t.Context(), m.Key)
			for call, err := range map[string]error{"Choose": chooseErr, "Get": getErr} {
				if err == nil || errors.Is(err, baselines.ErrNotFound) || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "results/checkout") {
					t.Errorf("%s = %v, want an error with %q and the key", call, err, test.want)
				}
			}
		})
	}
}

func rewrite(t *testing.T, path string, change func([]byte) []byte) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, string(change(data)))
}

// A store that is kept in a repository is read after a checkout on Windows too.
func TestTurnedLineEnds(t *testing.T) {
	s, folder := newStore(t)
	m := save(t, s, job(0, nil), gate.VerdictPass)
	rewrite(t, filepath.Join(folder, filepath.FromSlash(m.Key)), func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")) })
	if _, err := s.Get(t.Context(), m.Key); err != nil {
		t.Error(err)
	}
}

// A file that was moved to the folder of another class is no job of it.
func TestMovedResult(t *testing.T) {
	s, folder := newStore(t)
	m := save(t, s, job(0, nil), gate.VerdictPass)
	other := job(1, func(r *gate.Result) {
		r.Environment.Class = class("Apple M2", 8)
		r.Environment.ClassDigest = r.Environment.Class.Digest()
	})
	target := save(t, s, other, gate.VerdictPass)
	moved := strings.Replace(m.Key, "4x-amd-epyc-7763-"+m.Class, "8x-apple-m2-"+target.Class, 1)
	if err := os.Rename(filepath.Join(folder, filepath.FromSlash(m.Key)), filepath.Join(folder, filepath.FromSlash(moved))); err != nil {
		t.Fatal(err)
	}
	_, err := s.Choose(t.Context(), query(other))
	if err == nil || !strings.Contains(err.Error(), "it was moved") || !strings.Contains(err.Error(), moved) {
		t.Errorf("Choose = %v, want an error with the key", err)
	}
}
