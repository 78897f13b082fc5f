package baselines_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/perfgate/perfgate/baselines"
)

func TestOpenLocations(t *testing.T) {
	folder := t.TempDir()
	for _, test := range []struct{ name, location, want string }{
		{"with a scheme", "dir:sub/store", "sub/store"},
		{"bare", "sub/store", "sub/store"},
		{"bare with a dot", "./store", "store"},
		{"empty is the default", "", ".perfgate"},
		{"absolute", "dir:" + filepath.Join(folder, "absolute"), "absolute"},
		{"a colon in a folder", "dir:a:b", "a:b"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b, err := baselines.OpenBucket(test.location, baselines.OpenOptions{Folder: folder})
			if err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(folder, filepath.FromSlash(test.want), "key"), test.name)
			if data, err := b.Get(t.Context(), "key"); err != nil || string(data) != test.name {
				t.Errorf("Get = %q, %v: not the store at %s", data, err, test.want)
			}
		})
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, test := range []struct{ name, location, want string }{
		{"unknown scheme", "ftp://me:secret@host/x",
			`store "ftp://***@host/x": unknown scheme "ftp"; the known ones are dir:FOLDER (a folder with a colon in its name needs dir: before it)`},
		{"a scheme of another case", "DIR:x", `store "DIR:x": unknown scheme "DIR"; the known ones are dir:FOLDER (a folder with a colon in its name needs dir: before it)`},
		{"no folder", "dir:", `store "dir:": names no folder; write dir:FOLDER, such as dir:.perfgate`},
		{"a zero byte", "dir:a\x00b", `store "dir:a\x00b": names no folder; write dir:FOLDER, such as dir:.perfgate`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := baselines.Open(test.location, baselines.OpenOptions{})
			if err == nil || err.Error() != test.want {
				t.Errorf("Open = %v\nwant %s", err, test.want)
			}
		})
	}
}

func TestRedact(t *testing.T) {
	for _, test := range []struct{ location, want string }{
		{"dir:.perfgate", "dir:.perfgate"},
		{"/srv/me@host/store", "/srv/me@host/store"},
		{`C:\store@home`, `C:\store@home`},
		{"https://host/team/store", "https://host/team/store"},
		{"https://user:secret@host/store", "https://***@host/store"},
		{"https://secret@host/store", "https://***@host/store"},
		{"https://host/store?X-Signature=secret", "https://host/store?***"},
		{"https://host/store#secret", "https://host/store?***"},
		{"https://user:se/cret@host/store", "https://***@host/store"},
		{"https://user:se@cret@host/store", "https://***@host/store"},
		{"https://user:se?cret@host/store", "https://***"},
		{"https://host/store?mail=me@secret", "https://***"},
		{"s3://key:secret@bucket/prefix", "s3://***@bucket/prefix"},
		{"git:https://user:secret@host/repo#branch", "git:***@host/repo?***"},
		{"git:git@host:team/repo", "git:***@host:team/repo"},
		{"user:secret@host:repo", "user:***@host:repo"},
	} {
		if got := baselines.Redact(test.location); got != test.want {
			t.Errorf("Redact(%q) = %q, want %q", test.location, got, test.want)
		}
	}
}

// However a secret is written, it does not show.
func FuzzRedact(f *testing.F) {
	f.Add("https://", ":", "@host/store")
	f.Add("s3:", "", "@bucket?region=eu")
	f.Add("git:https://user", ":", "@host#branch")
	f.Fuzz(func(t *testing.T, scheme, before, after string) {
		const secret = "tOpSeCrEt"
		if !strings.Contains(scheme, ":") || strings.HasPrefix(scheme, "dir:") || !strings.Contains(after, "@") {
			t.Skip()
		}
		location := scheme + before + secret + after
		name, _, _ := strings.Cut(location, ":")
		if len(name) < 2 || strings.ContainsFunc(name, func(r rune) bool { return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9') }) {
			t.Skip() // a path
		}
		if got := baselines.Redact(location); strings.Contains(got, secret) {
			t.Errorf("Redact(%q) = %q shows the secret", location, got)
		}
	})
}
