//go:build unix

package target

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
)

// TestArtifacts: equal trees have equal digests wherever they lie, and whatever
// a service could see of them makes another one.
func TestArtifacts(t *testing.T) {
	base := map[string]string{"bin/api": "ELF", "conf/a.yml": "a: 1", "conf/sub/b.yml": ""}
	write := func(t *testing.T, files map[string]string) string {
		dir := t.TempDir()
		for name, content := range files {
			if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		return dir
	}
	digests := func(t *testing.T, dir string) ([]Artifact, error) {
		x, err := New(Options{Spec: gate.Target{Start: "x", Artifacts: []string{"./bin/api", "conf"}}, Dir: dir, LogDir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		return x.Artifacts(t.Context())
	}
	want, err := digests(t, write(t, base))
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name   string
		change func(dir string) error
		equal  []bool // nil: an error
	}{
		{"the same", func(string) error { return nil }, []bool{true, true}},
		{"a file that is no artifact", func(dir string) error { return os.WriteFile(filepath.Join(dir, "x"), nil, 0o644) }, []bool{true, true}},
		{"another binary", func(dir string) error { return os.WriteFile(filepath.Join(dir, "bin/api"), []byte("ELG"), 0o644) }, []bool{false, true}},
		{"a file more", func(dir string) error { return os.WriteFile(filepath.Join(dir, "conf/c"), nil, 0o644) }, []bool{true, false}},
		{"a file renamed", func(dir string) error {
			return os.Rename(filepath.Join(dir, "conf/a.yml"), filepath.Join(dir, "conf/c.yml"))
		}, []bool{true, false}},
		{"an executable", func(dir string) error { return os.Chmod(filepath.Join(dir, "conf/a.yml"), 0o755) }, []bool{true, false}},
		{"a link to what is beside it", func(dir string) error { return os.Symlink("a.yml", filepath.Join(dir, "conf/l")) }, []bool{true, false}},
		{"a pipe in the folder is not read", func(dir string) error { return syscall.Mkfifo(filepath.Join(dir, "conf/p"), 0o644) }, []bool{true, false}},
		{"a link that names nothing", func(dir string) error { return os.Symlink("nothing", filepath.Join(dir, "conf/l")) }, []bool{true, false}},
		{"the folder behind a link", func(dir string) error {
			return errors.Join(os.Rename(filepath.Join(dir, "conf"), filepath.Join(dir, "real")), os.Symlink("real", filepath.Join(dir, "conf")))
		}, []bool{true, true}},
		{"another folder behind the link", func(dir string) error {
			return errors.Join(os.Rename(filepath.Join(dir, "conf"), filepath.Join(dir, "real")), os.Symlink("real", filepath.Join(dir, "conf")),
				os.WriteFile(filepath.Join(dir, "real/a.yml"), []byte("a: 2"), 0o644))
		}, []bool{true, false}},
		{"a link out of the folder", func(dir string) error { return os.Symlink("../bin/api", filepath.Join(dir, "conf/l")) }, nil},
		{"no binary", func(dir string) error { return os.Remove(filepath.Join(dir, "bin/api")) }, nil},
		{"a pipe in its place", func(dir string) error {
			return errors.Join(os.Remove(filepath.Join(dir, "bin/api")), syscall.Mkfifo(filepath.Join(dir, "bin/api"), 0o644))
		}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := write(t, base)
			if err := tt.change(dir); err != nil {
				t.Fatal(err)
			}
			got, err := digests(t, dir)
			if tt.equal == nil {
				if err == nil || !strings.Contains(err.Error(), `target.artifacts: "`) {
					t.Fatalf("error %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.equal, []bool{got[0].Digest == want[0].Digest, got[1].Digest == want[1].Digest}); diff != "" {
				t.Errorf("equal: -want +got\n%s", diff)
			}
		})
	}
}

// The id of an image comes from the tool that has it. A stand-in says what it
// was asked, since no container can run here.
func TestImageArtifact(t *testing.T) {
	dir := t.TempDir()
	script := `#!/bin/sh
[ "$*" = "image inspect --format {{.Id}} candidate-x-api" ] || { echo "no such image: $*" >&2; exit 1; }
echo sha256:0123abcd
`
	if err := os.WriteFile(filepath.Join(dir, "docker"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":/usr/bin:/bin")
	of := func(name string) ([]Artifact, error) {
		x, err := New(Options{Spec: gate.Target{Start: "x", Artifacts: []string{name}, Env: map[string]string{"NAME": "candidate-x"}},
			LogDir: t.TempDir(), Environ: os.Environ()})
		if err != nil {
			t.Fatal(err)
		}
		return x.Artifacts(t.Context())
	}
	got, err := of("image:${NAME}-api")
	if diff := cmp.Diff([]Artifact{{"image:${NAME}-api", "image:candidate-x-api", "sha256:0123abcd"}}, got); diff != "" || err != nil {
		t.Errorf("%v, -want +got\n%s", err, diff)
	}
	if _, err := of("image:other"); err == nil || !strings.Contains(err.Error(), "no such image") {
		t.Errorf("error %v", err)
	}
}
