package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/importer"
)

// A side is what one argument of a command names: a file, the results of a
// folder, or the files of a pattern.
type side struct {
	name    string // as it was typed
	sources []source
	skipped []string // files of the folder that hold no result
}

// A source is one file of a side.
type source struct {
	file   string
	digest string // of its bytes
	result gate.Result
}

// results returns what the files hold: oldest first where all say when they
// were measured, else in the order of their names.
func (s side) results() []gate.Result {
	var out []gate.Result
	dated := true
	for _, x := range s.sources {
		out = append(out, x.result)
		dated = dated && !started(x.result).IsZero()
	}
	if dated {
		slices.SortStableFunc(out, func(a, b gate.Result) int { return started(a).Compare(started(b)) })
	}
	return out
}

func started(r gate.Result) time.Time {
	t, err := time.Parse(time.RFC3339, r.Session.Started)
	if err != nil {
		return time.Time{}
	}
	return t
}

// files names the files of a side.
func (s side) files() []string {
	var out []string
	for _, x := range s.sources {
		out = append(out, x.file)
	}
	return out
}

// readSide reads all results that an argument names, at least one. A file that
// should hold a result and does not is an error: a side is never quietly
// smaller than what was measured.
func (a *app) readSide(ctx context.Context, arg string) (side, error) {
	s := side{name: arg}
	files, folder, err := expand(arg)
	if err != nil {
		return side{}, err
	}
	for _, file := range files {
		x, err := readSource(ctx, file)
		switch {
		case err == nil:
			s.sources = append(s.sources, x)
		case folder && errors.Is(err, errReport): // stands beside the results of a check
		case folder && errors.Is(err, errNoResult):
			s.skipped = append(s.skipped, file)
		default:
			return side{}, err
		}
	}
	if err := s.check(); err != nil {
		return side{}, err
	}
	if n := len(s.skipped); n > 0 {
		a.say("note: %s: %s without a result not read: %s", arg, count(n, "file"), baseNames(s.skipped))
	}
	return s, nil
}

// expand lists the files that an argument names, sorted; folder says that it
// names one.
func expand(arg string) (files []string, folder bool, err error) {
	info, err := os.Stat(arg)
	switch {
	case err == nil && info.IsDir():
		files, err = filesOf(arg)
		return files, true, err
	case err == nil:
		return []string{arg}, false, nil
	case !errors.Is(err, os.ErrNotExist):
		return nil, false, fail("", "%s: cannot be read: %w", arg, bare(err))
	case !strings.ContainsAny(arg, "*?["):
		return nil, false, fail("name a result file, a folder of results, or a pattern in quotes", "%s: no such file or folder", arg)
	}
	matches, err := filepath.Glob(arg)
	if err != nil {
		return nil, false, usage(`close its brackets, or write \[ for one`, "%s: is no pattern", arg)
	}
	files = slices.DeleteFunc(matches, func(name string) bool {
		info, err := os.Stat(name)
		return err == nil && info.IsDir()
	})
	if len(files) == 0 {
		return nil, false, fail("folders are not entered; look with ls", "%s: no file matches the pattern", arg)
	}
	return files, false, nil
}

// filesOf lists the visible regular files of a folder; those in its folders
// are not listed.
func filesOf(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fail("", "%s: cannot be read: %w", folder, bare(err))
	}
	var files []string
	for _, e := range entries {
		file := filepath.Join(folder, e.Name())
		info, err := os.Stat(file)
		if strings.HasPrefix(e.Name(), ".") || err == nil && !info.Mode().IsRegular() {
			continue
		}
		files = append(files, file)
	}
	return files, nil
}

// check refuses a side that is empty or in which something would count twice.
func (s side) check() error {
	if len(s.sources) == 0 {
		return fail("perfgate reads its own results and those of "+importedFormats(), "%s: holds no result%s", s.name, except(s.skipped))
	}
	for _, file := range s.skipped {
		for _, x := range s.sources {
			if filepath.Ext(file) == filepath.Ext(x.file) {
				return fail("remove it, or name the results by a pattern in quotes", "%s: holds no result, though its neighbours do", file)
			}
		}
	}
	bytes, sessions := map[string]string{}, map[string]source{}
	for _, x := range s.sources {
		if other, ok := bytes[x.digest]; ok {
			return fail("a measurement counts once; name one of the two", "%s and %s are the same file", other, x.file)
		}
		bytes[x.digest] = x.file
		for _, info := range x.result.Scenarios {
			key := x.result.Session.ID + "\x00" + info.ID
			other, ok := sessions[key]
			sessions[key] = x
			switch {
			case !ok || x.result.Session.ID == "":
			case other.result.Session.Side != x.result.Session.Side:
				return fail("name the file of one side", "%s: holds both sides of a session: %s and %s", s.name, other.file, x.file)
			default:
				return fail("a measurement counts once; name one of the two", "%s and %s hold the same session", other.file, x.file)
			}
		}
	}
	return nil
}

func except(skipped []string) string {
	if len(skipped) == 0 {
		return ""
	}
	return ", only " + baseNames(skipped)
}

// baseNames lists the first few files without their folder.
func baseNames(files []string) string {
	const most = 5
	var names []string
	for i, file := range files {
		if i == most {
			names = append(names, fmt.Sprintf("and %d more", len(files)-most))
			break
		}
		names = append(names, filepath.Base(file))
	}
	return strings.Join(names, ", ")
}

func importedFormats() string {
	var names []string
	for _, im := range importer.Importers() {
		names = append(names, im.Name)
	}
	return strings.Join(names, ", ")
}

// sameMeasurement reports whether two results are of the same side of the same
// session, whatever their bytes.
func sameMeasurement(a, b gate.Session) bool { return a.ID != "" && a.ID == b.ID && a.Side == b.Side }

// distinct refuses two sides that hold the same measurement: their numbers are
// equal because they are the same, which says nothing about a change.
func distinct(baseline, candidate side) error {
	files := map[string]string{}
	for _, x := range baseline.sources {
		files[x.digest] = x.file
	}
	for _, x := range candidate.sources {
		other, ok := files[x.digest]
		for _, b := range baseline.sources {
			if !ok && sameMeasurement(b.result.Session, x.result.Session) {
				other, ok = b.file, true
			}
		}
		if ok {
			return fail("measure the candidate, then compare", "%s and %s are the same measurement: there is nothing to compare", other, x.file)
		}
	}
	return nil
}
