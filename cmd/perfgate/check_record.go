package main

import (
	"context"

	"github.com/perfgate/perfgate/baselines"
	"github.com/perfgate/perfgate/gate"
)

// gateRecord is what the gate of a scenario did so far, as far as the store
// tells; nil: it keeps no report of it. A store that cannot be read is no reason
// not to measure: it is told, and the report then says nothing of the past.
func (a *app) gateRecord(ctx context.Context, store *baselines.Store, s gate.Scenario) *gate.Record {
	record, err := store.Record(ctx, s.Info().ID)
	if err != nil {
		a.say("warning: what this gate did before is not known: %v", err)
		return nil
	}
	if record.Sessions == 0 {
		return nil
	}
	return &record
}
