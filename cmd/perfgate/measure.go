package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/perfgate/perfgate/baselines"
	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/config"
	"github.com/perfgate/perfgate/gate/experiment"
	"github.com/perfgate/perfgate/gate/git"
	"github.com/perfgate/perfgate/gate/machine"
	"github.com/perfgate/perfgate/gate/target"
)

// A service is where one side's service comes from.
type service struct {
	label string      // as a person names it, without credentials
	spec  gate.Target // how it is built and started, or its URL
	dir   string      // its commands run here; empty for a URL
	// commit is what is checked out in dir, a worktree of its own; the zero
	// value: dir is a folder as it is.
	commit git.Commit
	// rules are the gate of its own scenario file; nil: it has no such file.
	rules *gate.Policy
}

// text names a service in a sentence.
func (x service) text() string {
	switch {
	case x.commit.ID != "" && x.label != x.commit.Short():
		return x.commit.Short() + " (" + x.label + ")"
	case x.label == ".":
		return "this folder"
	}
	return x.label
}

// serviceOf is the target of a scenario file; its commands run in the folder of
// the file.
func serviceOf(s gate.Scenario) service {
	if s.Target.URL != "" {
		return service{label: withoutUser(s.Target.URL), spec: s.Target}
	}
	return service{label: filepath.Dir(s.Source), spec: s.Target, dir: filepath.Dir(s.Source)}
}

// sideService finds the service that --baseline or --candidate names: a URL, or
// a folder whose own scenario file says how it is built and started. A folder
// without one, such as a base that is older than its gate, is brought up as the
// given scenario says.
func (a *app) sideService(arg string, s gate.Scenario) (service, error) {
	if strings.Contains(arg, "://") {
		address, problem, hint := config.TargetURL(arg)
		if problem != "" {
			return service{}, usage(hint, "%s: %s", baselines.Redact(arg), problem)
		}
		ready := s.Target.Ready
		if s.Target.URL == "" && ready.Path == "" {
			ready.Path = "/"
		}
		return service{label: address, spec: gate.Target{URL: address, Ready: ready, Reset: s.Target.Reset, Env: s.Target.Env}}, nil
	}
	if !isFolder(arg) {
		return service{}, usage("name a folder or an http URL", "%s: is no folder and no URL", baselines.Redact(arg))
	}
	own, ok, err := scenarioIn(arg, a.env)
	if err != nil {
		return service{}, err
	}
	x := service{label: arg, spec: s.Target, dir: arg}
	if ok {
		x.spec, x.rules = own.Target, rulesOf(own, s)
	}
	if x.spec.URL != "" {
		x.label, x.dir = withoutUser(x.spec.URL), ""
	}
	return x, nil
}

// rulesOf are the rules of a side's own file, if that is the counterpart of the
// candidate's.
func rulesOf(own, candidate gate.Scenario) *gate.Policy {
	if filepath.Base(own.Source) != filepath.Base(candidate.Source) {
		return nil
	}
	return &own.Policy
}

// scenarioIn reads perfgate.yml of a folder; ok is false when there is none.
func scenarioIn(folder string, env func(string) (string, bool)) (s gate.Scenario, ok bool, err error) {
	file := filepath.Join(folder, scenarioFile)
	if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
		return gate.Scenario{}, false, nil
	}
	s, err = readScenario(file, env)
	return s, err == nil, err
}

func isURL(arg string) bool {
	return strings.HasPrefix(arg, "http://") || strings.HasPrefix(arg, "https://")
}

// withoutUser drops user and password of a URL.
func withoutUser(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return baselines.Redact(text)
	}
	u.User = nil
	return u.String()
}

// session begins a session on this machine, with the load of a scenario.
func (a *app) session(s gate.Scenario, w gate.Waivers) experiment.Options {
	o := experiment.Options{Scenario: s, Environment: a.environment(s.Target.Env), MachineID: machine.ID(), JobID: a.jobID(),
		Version: version(), Session: a.newSession(), Now: a.now, Log: a.logger()}
	if len(w.Items) > 0 {
		o.Waivers = &w
	}
	return o
}

// newSession makes a unique id that sorts by time.
func (a *app) newSession() string {
	random := make([]byte, 4)
	_, _ = rand.Read(random) // never fails
	return a.now().UTC().Format("20060102T150405") + "-" + hex.EncodeToString(random)
}

// logger tells people what went wrong without ending the session.
func (a *app) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(a.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

// arm makes one side of a session of a service. Its logs go to a folder of
// their own under logs; empty: they are not kept.
func (a *app) arm(ctx context.Context, o experiment.Options, name gate.Side, x service, logs string) (experiment.Arm, error) {
	subject := a.subjectOf(ctx, x)
	if logs != "" {
		logs = filepath.Join(logs, string(name))
	}
	called := ""
	if x.commit.ID != "" {
		called = "a checkout of " + x.commit.Short()
	}
	arm, err := experiment.NewArm(target.Options{Spec: x.spec, Side: name, Dir: x.dir, Called: called, LogDir: logs, Environ: git.Environ(a.environ()),
		Session: o.Session, Commit: subject.Commit, Log: o.Log}, subject)
	if err != nil {
		return experiment.Arm{}, usage("", "%w", err)
	}
	arm.Policy = x.rules
	return arm, nil
}

// subjectOf names what a service is: its label, and the commit of its folder
// where git knows one.
func (a *app) subjectOf(ctx context.Context, x service) gate.Subject {
	subject := gate.Subject{Label: x.label}
	if x.commit.ID != "" {
		subject.Commit, subject.Ref = x.commit.ID, x.commit.Ref
		return subject
	}
	repo := a.repoOf(ctx, x)
	if repo == nil {
		return subject
	}
	if head, err := repo.Head(ctx); err == nil && head.ID != "" {
		subject.Commit, subject.Ref = head.ID, head.Ref
		subject.Dirty, _ = repo.Dirty(ctx) // what cannot be told is not claimed
	}
	return subject
}

// repoOf is the repository of a service's folder; nil: it has no folder, or git
// does not know it, which only means that a commit is not named.
func (a *app) repoOf(ctx context.Context, x service) *git.Repo {
	if x.dir == "" {
		return nil
	}
	repo, err := git.Open(ctx, x.dir, a.environ())
	if err != nil {
		return nil
	}
	return repo
}

// ancestors are the commits that a service came from, nearest first, as far as
// a history is of use. None: git does not know its folder.
func (a *app) ancestors(ctx context.Context, x service) []string {
	repo := a.repoOf(ctx, x)
	if repo == nil {
		return nil
	}
	return repo.Ancestors(ctx, firstOf(x.commit.ID, "HEAD"), 100)
}

// preflight refuses what would fail only after time was spent, all at once.
func (a *app) preflight(ctx context.Context, s gate.Scenario, out string, services ...service) error {
	o := target.PreflightOptions{OutDir: out, Load: s.Load}
	for _, x := range services {
		o.Targets = append(o.Targets, x.spec)
	}
	problems := target.Preflight(ctx, o)
	if len(problems) == 0 {
		return ctx.Err()
	}
	for _, p := range problems[:len(problems)-1] {
		a.complain(p.Err, p.Hint)
	}
	last := problems[len(problems)-1]
	return &failure{code: gate.ExitUnmeasured, err: last.Err, hint: last.Hint}
}

// measureOne makes the runs of one side. An error is what the command ends with
// once the runs that were made are kept; without a run it is never nil.
func (a *app) measureOne(ctx context.Context, o experiment.Options, arm experiment.Arm) (gate.Result, error) {
	a.collectLess()
	p := a.progress(o.Scenario.Load.Runs)
	defer p.clear()
	o.Progress = p.event
	result, err := experiment.Run(ctx, o, arm)
	if err != nil || len(result.Runs) == 0 {
		return result, unmeasured(err)
	}
	return result, nil
}

// measurePaired makes the pairs of a session, the baseline's arm first. An error
// is what the command ends with once the reports that were made are kept;
// without a report it is never nil. Who is named in the options is told of
// events, too.
func (a *app) measurePaired(ctx context.Context, o experiment.CompareOptions, arms []experiment.Arm) (experiment.Session, error) {
	return a.watched(o, func(o experiment.CompareOptions) (experiment.Session, error) {
		return experiment.Compare(ctx, o, arms[0], arms[1:]...)
	})
}

// watched makes a session of several sides while people are told how it gets on.
func (a *app) watched(o experiment.CompareOptions, measure func(experiment.CompareOptions) (experiment.Session, error)) (experiment.Session, error) {
	a.collectLess()
	p := a.progress(0)
	p.scenario = o.Scenario
	defer p.clear()
	also := o.Progress
	o.Progress = func(e experiment.Event) {
		p.event(e)
		if also != nil {
			also(e)
		}
	}
	session, err := measure(o)
	if err != nil || len(session.Reports) == 0 {
		return session, unmeasured(err)
	}
	return session, nil
}

// gcPercent lets the generator's small heap grow before it is collected: it
// shares the cores with the service, and memory is not what it is short of.
const gcPercent = 400

// collectLess sets gcPercent for this process, which is about to make a load.
// GOGC in the environment wins.
func (a *app) collectLess() {
	if a.get("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
}

// unmeasured is how a session ends that could not be made: interrupted, or with
// what the target said. What else went wrong in an interrupted session, such as
// a service that did not go down, is told as well.
func unmeasured(err error) error {
	if err = besidesInterrupt(err); err == nil {
		return context.Canceled
	}
	return &failure{code: gate.ExitUnmeasured, err: err}
}

// besidesInterrupt is what is left of an error of package experiment without
// the interrupt; nil: nothing.
func besidesInterrupt(err error) error {
	if !errors.Is(err, experiment.ErrInterrupted) {
		return err
	}
	parts := joined(err)
	if len(parts) == 0 || errors.Is(parts[0], experiment.ErrInterrupted) && joined(parts[0]) == nil { // itself, and who interrupted
		return nil
	}
	var left []error
	for _, part := range parts {
		left = append(left, besidesInterrupt(part))
	}
	return errors.Join(left...)
}

// joined are the errors that an error is made of; nil: it is none of several.
func joined(err error) []error {
	if x, ok := err.(interface{ Unwrap() []error }); ok {
		return x.Unwrap()
	}
	return nil
}
