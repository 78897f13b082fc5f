// Package unchanged proves that nothing between two sides can change what a
// comparison measures, so that it need not be made: no file that matters
// changed, or both sides run the very same thing. Where there is no proof it
// says nothing, and the comparison is made.
package unchanged

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/target"
)

// shownFiles is how many changed files a proof names.
const shownFiles = 8

// Files is what is known of the files of two sides. All names are relative to
// the root of their repository, with slashes.
type Files struct {
	// Since names the baseline: "1a2b3c4, the merge base with main".
	Since string
	// Changed are the files that differ between the sides, sorted.
	Changed []string
	// Paths are globs of files that matter (** is any number of folders); none:
	// all do.
	Paths []string
	// Links are the symbolic links of the repository and what they name: what
	// matters through a link matters.
	Links map[string]string
	// Harness are the scenario files and their waivers.
	Harness []string
	// Target is the candidate's, whose commands run in Folder.
	Target gate.Target
	Folder string
}

// Paths returns the skip of sides between which no file that matters changed.
// Nil: one did, or nobody said which matter. The harness always matters: the
// scenario, its waivers, and the files that the target's commands name.
func Paths(f Files) *gate.Skip {
	t := f.Target
	if len(f.Paths) == 0 || f.ScenarioChanged() || f.changes(f.Folder, Named(t.Build, t.Prepare, t.Reset, t.Start, t.Stop)) {
		return nil
	}
	globs := f.throughLinks()
	for _, file := range f.Changed {
		if slices.ContainsFunc(globs, func(glob string) bool { return matches(glob, file) }) {
			return nil
		}
	}
	return &gate.Skip{Because: gate.SkipPaths, Text: "no file under paths changed since " + f.Since,
		Proof: []string{"paths: " + strings.Join(f.Paths, ", "), changedText(f.Changed), "the scenario and what its commands name did not change"}}
}

// throughLinks are the globs and what they reach through links.
func (f Files) throughLinks() []string {
	globs := slices.Clone(f.Paths)
	for more := true; more; { // a link may name a link
		more = false
		for _, link := range slices.Sorted(maps.Keys(f.Links)) {
			named := f.Links[link]
			if !slices.Contains(globs, named) && slices.ContainsFunc(globs, func(glob string) bool { return matches(glob, link) }) {
				globs, more = append(globs, named), true
			}
		}
	}
	return globs
}

// ScenarioChanged reports whether a scenario file or its waivers changed: how is
// measured may then have changed, whatever the sides run.
func (f Files) ScenarioChanged() bool { return f.changes("", f.Harness) }

// changes reports whether one of the files of a folder changed.
func (f Files) changes(folder string, files []string) bool {
	return slices.ContainsFunc(files, func(name string) bool { return slices.Contains(f.Changed, path.Join(folder, name)) })
}

// Named returns the words of commands that may name files, relative to the
// folder in which they run.
func Named(lines ...string) []string {
	var words []string
	for _, line := range lines {
		words = append(words, strings.FieldsFunc(line, inShell)...)
	}
	return words
}

// inShell reports whether a character separates words of a shell line that may
// name a file.
func inShell(r rune) bool { return strings.ContainsRune(" \t\n;&|()<>\"'`=,", r) }

// matches reports whether a glob covers a file; one that names a folder covers
// what is in it.
func matches(glob, file string) bool {
	glob = strings.TrimSuffix(path.Clean(glob), "/")
	return doublestar.MatchUnvalidated(glob, file) || doublestar.MatchUnvalidated(glob+"/**", file)
}

func changedText(files []string) string {
	switch n := len(files); {
	case n == 0:
		return "no file changed"
	case n > shownFiles:
		return fmt.Sprintf("changed: %s and %d more", strings.Join(files[:shownFiles], ", "), n-shownFiles)
	}
	return "changed: " + strings.Join(files, ", ")
}

// A Build is one side after its build.
type Build struct {
	Target    gate.Target
	Artifacts []target.Artifact // what it runs from; none: not declared
	// Harness are the digests of its scenario, its waivers and the files that
	// its commands name, by name. Not of build: what it reads is in what it
	// makes.
	Harness map[string]string
}

// Identical returns the skip of sides that run the very same thing: equal
// artifacts, started the same way, under the same scenario. Nil: something
// differs, or the target does not say what it runs from.
func Identical(baseline, candidate Build) *gate.Skip {
	b, c := baseline.Target, candidate.Target
	switch {
	case len(candidate.Artifacts) == 0 || !sameArtifacts(baseline, candidate):
		return nil
	case !maps.Equal(baseline.Harness, candidate.Harness):
		return nil
	case b.URL != c.URL || b.Start != c.Start || b.Stop != c.Stop || b.Prepare != c.Prepare || b.Reset != c.Reset || !maps.Equal(b.Env, c.Env):
		return nil
	}
	skip := &gate.Skip{Because: gate.SkipIdentical, Proof: []string{}}
	for _, a := range candidate.Artifacts {
		skip.Proof = append(skip.Proof, fmt.Sprintf("%s is the same on both sides (%s)", a.Name, short(a.Digest, 16)))
	}
	skip.Text = fmt.Sprintf("both builds are identical (%s)", short(candidate.Artifacts[0].Digest, 8))
	skip.Proof = append(skip.Proof, "start, stop, prepare, reset, env and url are the same on both sides", "so are the scenario, its waivers, and the files that commands name")
	return skip
}

// sameArtifacts compares what both sides run from. One that both builds write to
// the same place, such as an image of one name, is what was built last: it
// proves nothing.
func sameArtifacts(baseline, candidate Build) bool {
	return slices.EqualFunc(baseline.Artifacts, candidate.Artifacts, func(b, c target.Artifact) bool {
		return b.Name == c.Name && b.Digest == c.Digest && (b.Place != c.Place || baseline.Target.Build == "" && candidate.Target.Build == "")
	})
}

// SameFiles is the skip of sides of one repository that do not differ in any
// file; since names the baseline.
func SameFiles(since string) *gate.Skip {
	return &gate.Skip{Because: gate.SkipIdentical, Text: "no file changed since " + since, Proof: []string{"git knows of no file in which the sides differ"}}
}

// short shows the first digits of a digest: "sha256 4f1e09c2".
func short(digest string, digits int) string {
	name, hex, _ := strings.Cut(digest, ":")
	return name + " " + hex[:min(digits, len(hex))]
}
