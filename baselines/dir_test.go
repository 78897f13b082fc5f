package baselines_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/baselines"
	"github.com/perfgate/perfgate/baselines/baselinestest"
)

func dirBucket(t *testing.T, folder string) baselines.Bucket {
	t.Helper()
	b, err := baselines.OpenBucket("dir:"+folder, baselines.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestDirContract(t *testing.T) {
	baselinestest.Run(t, baselinestest.Medium{
		New: func(t *testing.T) func() baselines.Bucket {
			folder := filepath.Join(t.TempDir(), "not", "made yet")
			return func() baselines.Bucket { return dirBucket(t, folder) }
		},
		Unreachable: func(t *testing.T) baselines.Bucket {
			file := filepath.Join(t.TempDir(), "file")
			write(t, file, "not a folder")
			return dirBucket(t, file)
		},
	})
}

func write(t *testing.T, path, data string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
		t.Fatal(err)
	}
}

// A person's files are listed, leftovers and hidden folders are not.
func TestDirListsWhatIsThere(t *testing.T) {
	folder := t.TempDir()
	for _, path := range []string{"results/a.json", "results/README.md", "results/B.json", "results/.a.json.perfgate-1.tmp", ".git/config", ".DS_Store"} {
		write(t, filepath.Join(folder, filepath.FromSlash(path)), "x")
	}
	got, err := dirBucket(t, folder).List(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	want := []baselines.Object{{Key: "results/B.json", Size: 1}, {Key: "results/README.md", Size: 1}, {Key: "results/a.json", Size: 1}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("List (-want +got):\n%s", diff)
	}
}

// Whatever keeps a folder from being read in full is an error, never an empty
// store, and says which path.
func TestDirIsNeverEmptyByMistake(t *testing.T) {
	for _, test := range []struct {
		name    string
		prepare func(t *testing.T, folder string)
		want    string
	}{
		{"the location is a file", func(t *testing.T, folder string) { write(t, folder, "x") }, "not a directory"},
		{"the location is a link to nothing", func(t *testing.T, folder string) { link(t, "/nowhere/at/all", folder) }, "link to nothing"},
		{"the listed folder is a file", func(t *testing.T, folder string) { write(t, filepath.Join(folder, "results"), "x") }, "not a folder"},
		{"the listed folder leads out", func(t *testing.T, folder string) {
			mkdir(t, folder)
			link(t, t.TempDir(), filepath.Join(folder, "results"))
		}, "escapes"},
		{"a folder below leads out", func(t *testing.T, folder string) {
			mkdir(t, filepath.Join(folder, "results"))
			link(t, t.TempDir(), filepath.Join(folder, "results", "checkout"))
		}, "symbolic link"},
		{"a file is a link", func(t *testing.T, folder string) {
			write(t, filepath.Join(folder, "results", "a.json"), "x")
			link(t, "a.json", filepath.Join(folder, "results", "b.json"))
		}, "symbolic link"},
		{"a folder may not be read", func(t *testing.T, folder string) {
			if os.Geteuid() <= 0 {
				t.Skip("every folder may be read by this user")
			}
			secret := filepath.Join(folder, "results", "checkout")
			mkdir(t, secret)
			chmod(t, secret, 0)
		}, "permission denied"},
	} {
		t.Run(test.name, func(t *testing.T) {
			folder := filepath.Join(t.TempDir(), "store")
			test.prepare(t, folder)
			got, err := dirBucket(t, folder).List(t.Context(), "results")
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), folder) {
				t.Errorf("List = %v, %v, want an error with %q and the folder", got, err, test.want)
			}
		})
	}
}

func mkdir(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(path, 0o755); err != nil {
		t.Fatal(err)
	}
}

func chmod(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(path, 0o755) })
}

func link(t *testing.T, target, path string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege")
	}
	if err := os.Symlink(target, path); err != nil {
		t.Fatal(err)
	}
}

// A stranger's checkout may hold links: nothing outside is read, written or
// removed through them.
func TestDirStaysInside(t *testing.T) {
	outside := t.TempDir()
	write(t, filepath.Join(outside, "secret.json"), "secret")
	folder := t.TempDir()
	link(t, outside, filepath.Join(folder, "out"))
	link(t, filepath.Join(outside, "secret.json"), filepath.Join(folder, "file.json"))
	write(t, filepath.Join(folder, "folder", "x"), "x")
	b := dirBucket(t, folder)
	for _, key := range []string{"out/secret.json", "file.json"} {
		if data, err := b.Get(t.Context(), key); err == nil || errors.Is(err, baselines.ErrNotFound) {
			t.Errorf("Get(%q) = %q, %v, want an error that is not ErrNotFound", key, data, err)
		}
		if err := b.Apply(t.Context(), []baselines.Change{{Key: key, Data: []byte("mine")}}); err == nil {
			t.Errorf("put of %q succeeded", key)
		}
	}
	if err := b.Apply(t.Context(), []baselines.Change{{Key: "out/secret.json", Delete: true}}); err == nil {
		t.Error("delete through a link succeeded")
	}
	if err := b.Apply(t.Context(), []baselines.Change{{Key: "folder", Delete: true}}); err == nil {
		t.Error("delete of a folder succeeded")
	}
	if _, err := b.Get(t.Context(), "folder"); err == nil || errors.Is(err, baselines.ErrNotFound) {
		t.Errorf("Get of a folder = %v, want an error that is not ErrNotFound", err)
	}
	data, err := os.ReadFile(filepath.Join(outside, "secret.json"))
	if err != nil || string(data) != "secret" {
		t.Errorf("the file outside is %q, %v", data, err)
	}
}

// The folder itself may be a link: that is the user's own choice.
func TestDirLinkedStore(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "linked")
	link(t, t.TempDir(), folder)
	b := dirBucket(t, folder)
	if err := b.Apply(t.Context(), []baselines.Change{{Key: "a/b", Data: []byte("x")}}); err != nil {
		t.Fatal(err)
	}
	if data, err := b.Get(t.Context(), "a/b"); err != nil || string(data) != "x" {
		t.Errorf("Get = %q, %v", data, err)
	}
}
