package unchanged

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/target"
)

func TestPaths(t *testing.T) {
	base := Files{Since: "1a2b3c4", Paths: []string{"cmd/**", "*.sum", "internal"},
		Links:   map[string]string{"cmd/lib": "shared/lib", "shared/lib/deep": "deeper", "docs/x": "assets"},
		Harness: []string{"perf/perfgate.yml", "perf/perfgate.accept.yml", "ci/perfgate.yml"}, Folder: "perf",
		Target: gate.Target{Build: "cd .. && go build -o perf/app ./cmd/api", Start: `sh -c "exec ./run.sh --port=1"`, Reset: "psql <seed.sql", Prepare: "../scripts/migrate.sh;true"}}
	tests := []struct {
		name    string
		paths   []string
		changed []string
		skipped bool
	}{
		{"nothing changed", base.Paths, nil, true},
		{"documents only", base.Paths, []string{"README.md", "docs/cmd/x.md", "sub/go.sum"}, true},
		{"nobody said what matters", nil, []string{"README.md"}, false},
		{"a file under a glob", base.Paths, []string{"README.md", "cmd/api/main.go"}, false},
		{"a file deep under a glob", base.Paths, []string{"cmd/a/b/c"}, false},
		{"at the root", base.Paths, []string{"go.sum"}, false},
		{"a folder that a path names", base.Paths, []string{"internal/x.go"}, false},
		{"another folder that begins like it", base.Paths, []string{"internals/x.go"}, true},
		{"the scenario", base.Paths, []string{"README.md", "perf/perfgate.yml"}, false},
		{"its waivers", base.Paths, []string{"perf/perfgate.accept.yml"}, false},
		{"the scenario of another folder", base.Paths, []string{"ci/perfgate.yml"}, false},
		{"through a link", base.Paths, []string{"shared/lib/a.go"}, false},
		{"through a link behind a link", base.Paths, []string{"deeper/a.go"}, false},
		{"through a link that does not matter", base.Paths, []string{"assets/a.png"}, true},
		{"another scenario", base.Paths, []string{"perfgate.yml"}, true},
		{"a script that start names", base.Paths, []string{"perf/run.sh"}, false},
		{"a file that reset reads", base.Paths, []string{"perf/seed.sql"}, false},
		{"a script of a parent folder", base.Paths, []string{"scripts/migrate.sh"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := base
			f.Paths, f.Changed = tt.paths, tt.changed
			if got := Paths(f); (got != nil) != tt.skipped {
				t.Errorf("skip %+v, want one: %v", got, tt.skipped)
			}
		})
	}
}

func TestPathsProof(t *testing.T) {
	f := Files{Since: "1a2b3c4, the merge base with main", Paths: []string{"cmd/**"},
		Changed: []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}}
	want := &gate.Skip{Because: gate.SkipPaths, Text: "no file under paths changed since 1a2b3c4, the merge base with main", Proof: []string{
		"paths: cmd/**", "changed: a, b, c, d, e, f, g, h and 2 more", "the scenario and what its commands name did not change"}}
	if diff := cmp.Diff(want, Paths(f)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// Anything that differs between the sides, or is not declared, is measured.
func TestIdentical(t *testing.T) {
	side := func(change func(*Build)) Build {
		b := Build{Harness: map[string]string{"perfgate.yml": "sha256:s"}, Target: gate.Target{Build: "make", Start: "./app", Env: map[string]string{"A": "1"}},
			Artifacts: []target.Artifact{{Name: "./app", Place: "/a/app", Digest: "sha256:4f1e09c2aa"}, {Name: "config", Place: "/a/config", Digest: "sha256:77"}}}
		change(&b)
		return b
	}
	same := func(b *Build) { // the candidate lies elsewhere
		for i := range b.Artifacts {
			b.Artifacts[i].Place = "/b" + b.Artifacts[i].Place
		}
	}
	image := func(*Build) {} // in one place on both sides
	tests := []struct {
		name                string
		baseline, candidate func(*Build)
		skipped             bool
	}{
		{"identical", image, same, true},
		{"both builds write to one place", image, image, false},
		{"nobody builds what is in one place", func(b *Build) { b.Target.Build = "" }, func(b *Build) { b.Target.Build = "" }, true},
		{"built by another command", image, func(b *Build) { same(b); b.Target.Build = "make all" }, true},
		{"nothing is declared", func(b *Build) { b.Artifacts = nil }, func(b *Build) { b.Artifacts = nil }, false},
		{"only one side declares", func(b *Build) { b.Artifacts = nil }, same, false},
		{"another binary", image, func(b *Build) {
			same(b)
			b.Artifacts = []target.Artifact{{Name: "./app", Digest: "sha256:4f"}, b.Artifacts[1]}
		}, false},
		{"fewer artifacts", func(b *Build) { b.Artifacts = b.Artifacts[:1] }, same, false},
		{"another start", image, func(b *Build) { same(b); b.Target.Start = "./app -v" }, false},
		{"another stop", image, func(b *Build) { same(b); b.Target.Stop = "true" }, false},
		{"another prepare", image, func(b *Build) { same(b); b.Target.Prepare = "true" }, false},
		{"another reset", image, func(b *Build) { same(b); b.Target.Reset = "true" }, false},
		{"another environment", image, func(b *Build) { same(b); b.Target.Env = map[string]string{"A": "2"} }, false},
		{"another address", image, func(b *Build) { same(b); b.Target.URL = "http://b" }, false},
		{"another scenario", image, func(b *Build) { same(b); b.Harness = map[string]string{"perfgate.yml": "sha256:t"} }, false},
		{"a waiver more", image, func(b *Build) { same(b); b.Harness["perfgate.accept.yml"] = "sha256:w" }, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Identical(side(tt.baseline), side(tt.candidate))
			if (got != nil) != tt.skipped {
				t.Fatalf("skip %+v, want one: %v", got, tt.skipped)
			}
			want := &gate.Skip{Because: gate.SkipIdentical, Text: "both builds are identical (sha256 4f1e09c2)", Proof: []string{
				"./app is the same on both sides (sha256 4f1e09c2aa)", "config is the same on both sides (sha256 77)",
				"start, stop, prepare, reset, env and url are the same on both sides", "so are the scenario, its waivers, and the files that commands name"}}
			if diff := cmp.Diff(want, got); tt.skipped && diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
