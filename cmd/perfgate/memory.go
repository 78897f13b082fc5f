package main

import (
	"context"

	"github.com/perfgate/perfgate/baselines"
	"github.com/perfgate/perfgate/gate"
)

// reportsToRead bounds the reports that noise is learned from, before those of
// targets that came up otherwise and sessions that stand twice are left out.
const reportsToRead = 3 * gate.NoiseSessions

// learnedNoise is what the store's reports teach of the noise of a run. A store
// that does not exist teaches nothing; one that cannot be read is an error.
func learnedNoise(ctx context.Context, store *baselines.Store, of gate.NoiseOf) (gate.Noise, error) {
	metas, err := store.Reports(ctx, baselines.ReportQuery{Scenario: of.Scenario, ClassDigest: of.ClassDigest, LoadDigest: of.LoadDigest, Design: gate.DesignPaired})
	if err != nil {
		return gate.Noise{}, err
	}
	var reports []gate.Report
	for _, m := range metas[:min(len(metas), reportsToRead)] {
		r, err := store.Report(ctx, m.Key)
		if err != nil {
			return gate.Noise{}, err
		}
		reports = append(reports, r)
	}
	return gate.LearnNoise(of, reports), nil
}

// restarts reports whether all services are started for each run.
func restarts(services ...service) bool {
	for _, x := range services {
		if x.spec.URL != "" {
			return false
		}
	}
	return true
}

// remember keeps a report in the store where there is one, for what later
// sessions learn from it. Whether that succeeds changes no verdict.
func (a *app) remember(ctx context.Context, store *baselines.Store, r gate.Report) {
	exists, err := store.Exists(ctx)
	if err == nil && exists {
		_, err = store.SaveReport(ctx, r)
	}
	if err != nil {
		a.say("warning: the report was not kept in the store: %v", err)
	}
}
