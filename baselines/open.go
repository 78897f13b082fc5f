package baselines

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/perfgate/perfgate/gate"
)

// OpenOptions are circumstances of Open. The zero value is the default.
type OpenOptions struct {
	// Folder is what a relative "dir:" location is below; empty: the working
	// directory.
	Folder string
}

// A scheme is one kind of bucket.
type scheme struct {
	name string
	form string // how a location of it looks, for messages
	open func(rest string, o OpenOptions) (Bucket, error)
}

// schemes lists the buckets, sorted by name: one line each.
func schemes() []scheme {
	return []scheme{
		{"dir", "dir:FOLDER", openDir},
	}
}

// Open returns the store at a location: "dir:.perfgate", or a bare path, which
// is a folder too; empty is gate.DefaultStore. Nothing is touched yet: a folder
// that does not exist is an empty store and made by the first Save. The error
// of an unknown scheme lists the known ones; no error shows credentials.
func Open(location string, o OpenOptions) (*Store, error) {
	bucket, err := openBucket(location, o)
	if err != nil {
		return nil, err
	}
	return NewStore(bucket), nil
}

func openBucket(location string, o OpenOptions) (Bucket, error) {
	if location == "" {
		location = gate.DefaultStore
	}
	name, rest := splitLocation(location)
	if name == "" {
		name = "dir"
	}
	forms := make([]string, 0, len(schemes()))
	for _, s := range schemes() {
		if s.name != name {
			forms = append(forms, s.form)
			continue
		}
		bucket, err := s.open(rest, o)
		if err != nil {
			return nil, fmt.Errorf("store %q: %w", Redact(location), err)
		}
		return bucket, nil
	}
	return nil, fmt.Errorf("store %q: unknown scheme %q; the known ones are %s (a folder with a colon in its name needs dir: before it)",
		Redact(location), name, strings.Join(forms, ", "))
}

// splitLocation cuts "scheme:rest"; the scheme of a bare path is empty. One
// letter is a Windows drive.
func splitLocation(location string) (name, rest string) {
	name, rest, found := strings.Cut(location, ":")
	if !found || len(name) < 2 || strings.ContainsFunc(name, notSchemeRune) {
		return "", location
	}
	return name, rest
}

func notSchemeRune(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '+' || r == '-')
}

// Redact returns a location as it may be printed and recorded: folders as they
// are, elsewhere without user, password, token and query (presigned links carry
// their signature there). It rather hides too much: what stands before the last
// "@" goes, and everything when "@", "?" and "#" leave it open what a part is.
func Redact(location string) string {
	name, rest := splitLocation(location)
	if name == "" || name == "dir" {
		return location
	}
	lead := name + ":"
	if after, ok := strings.CutPrefix(rest, "//"); ok {
		lead, rest = lead+"//", after
	}
	query := ""
	if i := strings.IndexAny(rest, "?#"); i >= 0 {
		if strings.Contains(rest[i:], "@") {
			return lead + "***"
		}
		rest, query = rest[:i], "?***"
	}
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		rest = "***" + rest[i:]
	}
	return lead + rest + query
}

func openDir(rest string, o OpenOptions) (Bucket, error) {
	if rest == "" || strings.ContainsRune(rest, 0) {
		return nil, fmt.Errorf("names no folder; write dir:FOLDER, such as %s", gate.DefaultStore)
	}
	if !filepath.IsAbs(rest) {
		rest = filepath.Join(o.Folder, rest)
	}
	return dirBucket{path: filepath.Clean(rest)}, nil
}
