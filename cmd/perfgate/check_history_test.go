package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/baselines"
	"github.com/perfgate/perfgate/gate"
)

func TestFoundBy(t *testing.T) {
	found := gate.Choice{Because: "2 jobs of main", Notes: []string{"3 regressions, not accepted"}}
	warned := found
	warned.Persistent = "the last 3 jobs of main or release all regressed and nobody accepted it"
	tests := []struct {
		name   string
		choice baselines.Choice
		want   gate.Choice
	}{
		{"as found", baselines.Choice{Found: found}, found},
		{"regressed again and again", baselines.Choice{Found: found, PersistentRegression: true}, warned},
		{"nothing else to say", baselines.Choice{PersistentRegression: true}, gate.Choice{Persistent: warned.Persistent}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, foundBy(tt.choice, []string{"main", "release"})); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
