package baselines

import (
	"context"
	"fmt"

	"github.com/perfgate/perfgate/gate"
)

// Record sums up what the gate of a scenario (gate.Report.Scenario) did so far,
// on every machine and under every load, by the keys of its reports alone. A/A
// sessions are no comparisons and are left out. A store that does not exist yet
// has a zero Record; one that cannot be read is an error.
func (s *Store) Record(ctx context.Context, scenario string) (gate.Record, error) {
	if scenario == "" {
		return gate.Record{}, fmt.Errorf("record: scenario: is empty")
	}
	reports, err := s.Reports(ctx, ReportQuery{Scenario: scenario})
	if err != nil {
		return gate.Record{}, fmt.Errorf("record: %w", err)
	}
	var past []gate.Past
	for _, r := range reports {
		if !r.AA {
			past = append(past, gate.Past{Started: r.Started, Verdict: r.Verdict})
		}
	}
	return gate.NewRecord(past), nil
}
