package atomicfile_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate/atomicfile"
)

// contents maps each name in dir, hidden ones too, to its content ("/" for a folder).
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, e := range entries {
		if e.IsDir() {
			got[e.Name()] = "/"
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		got[e.Name()] = string(data)
	}
	return got
}

func put(t *testing.T, path, text string, mode fs.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil { // the umask must not matter
		t.Fatal(err)
	}
}

func TestWrite(t *testing.T) {
	tests := []struct {
		name     string
		former   string // "": no such file
		mode     fs.FileMode
		data     string
		wantMode fs.FileMode
	}{
		{name: "new file", data: "new", wantMode: 0o644},
		{name: "empty file", data: "", wantMode: 0o644},
		{name: "replaces a longer file whole", former: strings.Repeat("old", 9), mode: 0o644, data: "new", wantMode: 0o644},
		{name: "keeps the mode", former: "old", mode: 0o600, data: "new", wantMode: 0o600},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "out.json")
			if tt.former != "" {
				put(t, path, tt.former, tt.mode)
			}
			if err := atomicfile.Write(path, []byte(tt.data)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(map[string]string{"out.json": tt.data}, contents(t, dir)); diff != "" {
				t.Errorf("folder (-want +got):\n%s", diff)
			}
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			if runtime.GOOS != "windows" && info.Mode().Perm() != tt.wantMode {
				t.Errorf("mode = %v, want %v", info.Mode().Perm(), tt.wantMode)
			}
		})
	}
}

func TestWriteFollowsLinks(t *testing.T) {
	dir, store := t.TempDir(), t.TempDir()
	put(t, filepath.Join(store, "real.json"), "old", 0o644)
	link := filepath.Join(dir, "out.json")
	if err := os.Symlink(filepath.Join(store, "real.json"), link); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	if err := atomicfile.Write(link, []byte("new")); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"real.json": "new"}, contents(t, store)); diff != "" {
		t.Errorf("linked folder (-want +got):\n%s", diff)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v, %v", info.Mode(), err)
	}
}

func TestWriteDevice(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no device files")
	}
	if err := atomicfile.Write(os.DevNull, []byte("gone")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(os.DevNull)
	if err != nil || info.Mode()&fs.ModeDevice == 0 {
		t.Fatalf("%s was replaced: %v, %v", os.DevNull, info.Mode(), err)
	}
}

// A folder cannot be closed to root, so the refusals are made of what root cannot do either; the
// permission case adds itself for everybody else.
func TestWriteRefused(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "file"), "old", 0o644)
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, path string }{
		{"parent is a file", filepath.Join(dir, "file", "out.json")},
		{"parent is missing", filepath.Join(dir, "missing", "out.json")},
		{"path is a folder", filepath.Join(dir, "folder")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := atomicfile.Write(tt.path, []byte("new"))
			if err == nil {
				t.Fatal("no error")
			}
			if !strings.Contains(err.Error(), tt.path) || strings.Contains(err.Error(), ".tmp") {
				t.Errorf("error %q must name %q and no temporary file", err, tt.path)
			}
			if diff := cmp.Diff(map[string]string{"file": "old", "folder": "/"}, contents(t, dir)); diff != "" {
				t.Errorf("folder (-want +got):\n%s", diff)
			}
		})
	}
}

func TestUnwritableFolder(t *testing.T) {
	if os.Geteuid() <= 0 {
		t.Skip("root may write everywhere, Windows knows no modes")
	}
	dir := t.TempDir()
	put(t, filepath.Join(dir, "out.json"), "old", 0o644)
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(dir, 0o700) })
	if err := atomicfile.Write(filepath.Join(dir, "out.json"), []byte("new")); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("Write = %v, want a permission error", err)
	}
	if err := atomicfile.Probe(dir); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("Probe = %v, want a permission error", err)
	}
	if diff := cmp.Diff(map[string]string{"out.json": "old"}, contents(t, dir)); diff != "" {
		t.Errorf("folder (-want +got):\n%s", diff)
	}
}

func TestProbe(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "file"), "old", 0o644)
	tests := []struct {
		name, dir string
		wantErr   bool
		want      map[string]string // of the probed folder
	}{
		{name: "is there", dir: dir, want: map[string]string{"file": "old", "a": "/"}},
		{name: "is made", dir: filepath.Join(dir, "a", "b"), want: map[string]string{}},
		{name: "parent is a file", dir: filepath.Join(dir, "file", "a"), wantErr: true},
		{name: "is a file", dir: filepath.Join(dir, "file"), wantErr: true},
	}
	for _, i := range []int{1, 0, 2, 3} { // the second one makes what the first one must leave
		tt := tests[i]
		t.Run(tt.name, func(t *testing.T) {
			err := atomicfile.Probe(tt.dir)
			if tt.wantErr {
				if err == nil || !strings.Contains(err.Error(), tt.dir) {
					t.Errorf("error = %v, want one that names %q", err, tt.dir)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, contents(t, tt.dir)); diff != "" {
				t.Errorf("folder (-want +got):\n%s", diff)
			}
		})
	}
}
