package unchanged

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/target"
)

func TestPaths(t *testing.T) {
	base := Files{Since: "1a2b3c4", Paths: []string{"cmd/**", "*.sum", "internal"}, Scenario: "perf/perfgate.yml", Waivers: "perf/perfgate.accept.yml",
		Target: gate.Target{Build: "cd .. && go build -o perf/app ./cmd/api", Start: `sh -c "exec ./run.sh --port=1"`, Reset: "psql <seed.sql", Prepare: "../scripts/migrate.sh;true"}}
	tests := []struct {
		name    string
		paths   []string
		changed []string
		skipped bool
		harness []string
	}{
		{"nothing changed", base.Paths, nil, true, []string{}},
		{"documents only", base.Paths, []string{"README.md", "docs/cmd/x.md", "sub/go.sum"}, true, []string{}},
		{"nobody said what matters", nil, []string{"README.md"}, false, []string{}},
		{"a file under a glob", base.Paths, []string{"README.md", "cmd/api/main.go"}, false, []string{}},
		{"a file deep under a glob", base.Paths, []string{"cmd/a/b/c"}, false, []string{}},
		{"at the root", base.Paths, []string{"go.sum"}, false, []string{}},
		{"a folder that a path names", base.Paths, []string{"internal/x.go"}, false, []string{}},
		{"another folder that begins like it", base.Paths, []string{"internals/x.go"}, true, []string{}},
		{"the scenario", base.Paths, []string{"README.md", "perf/perfgate.yml"}, false, []string{"perf/perfgate.yml"}},
		{"its waivers", base.Paths, []string{"perf/perfgate.accept.yml"}, false, []string{"perf/perfgate.accept.yml"}},
		{"another scenario", base.Paths, []string{"perfgate.yml"}, true, []string{}},
		{"a script that start names", base.Paths, []string{"perf/run.sh"}, false, []string{"perf/run.sh"}},
		{"a file that reset reads", base.Paths, []string{"perf/seed.sql"}, false, []string{"perf/seed.sql"}},
		{"a script of a parent folder", base.Paths, []string{"scripts/migrate.sh"}, false, []string{"scripts/migrate.sh"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := base
			f.Paths, f.Changed = tt.paths, tt.changed
			if diff := cmp.Diff([]any{tt.skipped, tt.harness}, []any{Paths(f) != nil, append([]string{}, f.HarnessChanged()...)}); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestPathsProof(t *testing.T) {
	f := Files{Since: "1a2b3c4, the merge base with main", Paths: []string{"cmd/**"}, Scenario: "perfgate.yml", Waivers: "perfgate.accept.yml",
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
		b := Build{Scenario: "sha256:s", Target: gate.Target{Build: "make", Start: "./app", Env: map[string]string{"A": "1"}},
			Artifacts: []target.Artifact{{Name: "./app", Digest: "sha256:4f1e09c2aa"}, {Name: "config", Digest: "sha256:77"}}}
		change(&b)
		return b
	}
	same := func(*Build) {}
	tests := []struct {
		name                string
		baseline, candidate func(*Build)
		skipped             bool
	}{
		{"identical", same, same, true},
		{"built by another command", same, func(b *Build) { b.Target.Build = "make all" }, true},
		{"nothing is declared", func(b *Build) { b.Artifacts = nil }, func(b *Build) { b.Artifacts = nil }, false},
		{"only one side declares", func(b *Build) { b.Artifacts = nil }, same, false},
		{"another binary", same, func(b *Build) { b.Artifacts = []target.Artifact{{Name: "./app", Digest: "sha256:4f"}, b.Artifacts[1]} }, false},
		{"fewer artifacts", func(b *Build) { b.Artifacts = b.Artifacts[:1] }, same, false},
		{"another start", same, func(b *Build) { b.Target.Start = "./app -v" }, false},
		{"another stop", same, func(b *Build) { b.Target.Stop = "true" }, false},
		{"another prepare", same, func(b *Build) { b.Target.Prepare = "true" }, false},
		{"another reset", same, func(b *Build) { b.Target.Reset = "true" }, false},
		{"another environment", same, func(b *Build) { b.Target.Env = map[string]string{"A": "2"} }, false},
		{"another address", same, func(b *Build) { b.Target.URL = "http://b" }, false},
		{"another scenario", same, func(b *Build) { b.Scenario = "sha256:t" }, false},
		{"a waiver more", same, func(b *Build) { b.Waivers = "sha256:w" }, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := Identical(side(tt.baseline), side(tt.candidate))
			if (got != nil) != tt.skipped {
				t.Fatalf("skip %+v, want one: %v", got, tt.skipped)
			}
			want := &gate.Skip{Because: gate.SkipIdentical, Text: "both builds are identical (sha256 4f1e09c2)", Proof: []string{
				"./app is the same on both sides (sha256 4f1e09c2aa)", "config is the same on both sides (sha256 77)",
				"start, stop, prepare, reset, env and url are the same on both sides", "so are the scenario and its waivers"}}
			if diff := cmp.Diff(want, got); tt.skipped && diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
