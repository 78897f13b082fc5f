package baselines

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/perfgate/perfgate/gate"
)

const (
	reportsFolder = "reports"
	sameSuffix    = ".aa" // of the design of an A/A session
)

// ReportMeta is what the store knows of a report without reading it.
type ReportMeta struct {
	Key      string
	Scenario string // ids as in gate.Report.Scenario; of a very long one the segment in Key
	// Machine, Class, Load and Commit are those of the candidate, as in Meta.
	Machine, Class, Load, Commit string
	Dirty                        bool
	Design                       gate.Design
	AA                           bool // both sides were the same program
	Verdict                      gate.Verdict
	Started                      time.Time // of the session, UTC, whole seconds
	Digest                       string    // first 12 digits of the digest of its bytes
	Size                         int64     // bytes
}

// ReportQuery says which reports Reports returns. The zero value: all.
type ReportQuery struct {
	Scenario string // gate.Report.Scenario; empty: each
	// ClassDigest and LoadDigest are those of the candidate; empty: each. What
	// is unknown equals neither.
	ClassDigest, LoadDigest string
	Design                  gate.Design // empty: each
}

// A reportName is what a key says of its report; key and parseReportKey are
// inverses.
type reportName struct {
	scenario string // segment
	machine  string // machineWords; empty when the class is unknown
	class    string // short
	load     string // short
	started  time.Time
	commit   string // shortCommit
	dirty    bool
	design   gate.Design
	aa       bool
	verdict  gate.Verdict
	digest   string // short
}

func (n reportName) folder() string {
	class := n.class
	if n.machine != "" {
		class = n.machine + "-" + n.class
	}
	return strings.Join([]string{reportsFolder, n.scenario, class, n.load}, "/")
}

func (n reportName) key() string {
	commit, design := n.commit, string(n.design)
	if n.dirty {
		commit += dirtySuffix
	}
	if n.aa {
		design += sameSuffix
	}
	return n.folder() + "/" + strings.Join([]string{n.started.UTC().Format(keyTime), commit, design, string(n.verdict), n.digest}, "-") + resultSuffix
}

func (n reportName) meta(o Object) ReportMeta {
	return ReportMeta{Key: o.Key, Scenario: unsegment(n.scenario), Machine: strings.Replace(n.machine, "x-", "x ", 1), Class: n.class, Load: n.load,
		Commit: n.commit, Dirty: n.dirty, Design: n.design, AA: n.aa, Verdict: n.verdict, Started: n.started, Digest: n.digest, Size: o.Size}
}

// parseReportKey reads the key of a report. What is called .json in the folder
// of reports and has no such key is an error, as in parseKey.
func parseReportKey(key string) (reportName, error) {
	n, ok := scanReportKey(key)
	if !ok || !isDesign(n.design) || !isVerdict(n.verdict) || len(n.digest) != shortDigits || !isHex(n.digest) || n.key() != key || checkKey(key) != nil {
		return reportName{}, fmt.Errorf("store object %q: is not the name of a report that this perfgate writes; was it renamed, or made by a newer one?", shortened(key))
	}
	return n, nil
}

// scanReportKey takes a key apart without looking at the parts.
func scanReportKey(key string) (n reportName, ok bool) {
	parts := strings.Split(key, "/")
	if len(parts) != 5 || parts[0] != reportsFolder {
		return reportName{}, false
	}
	n.scenario, n.class, n.load = parts[1], parts[2], parts[3]
	if i := strings.LastIndexByte(n.class, '-'); i >= 0 {
		n.machine, n.class = n.class[:i], n.class[i+1:]
	}
	f := strings.Split(strings.TrimSuffix(parts[4], resultSuffix), "-")
	if len(f) != 5 {
		return reportName{}, false
	}
	n.commit, n.dirty = strings.CutSuffix(f[1], dirtySuffix)
	design, aa := strings.CutSuffix(f[2], sameSuffix)
	n.design, n.aa, n.verdict, n.digest = gate.Design(design), aa, gate.Verdict(f[3]), f[4]
	started, err := time.Parse(keyTime, f[0])
	n.started = started
	return n, err == nil
}

func isDesign(d gate.Design) bool {
	switch d {
	case gate.DesignPaired, gate.DesignHistory, gate.DesignBlocks, gate.DesignSingle, gate.DesignNone:
		return true
	}
	return false
}

// isVerdict is isState without the states that are no verdict.
func isVerdict(v gate.Verdict) bool {
	return isState(string(v)) && v != stateUnjudged && v != stateInterrupted
}

// reportNameOf makes the name of a report and its bytes.
func reportNameOf(r gate.Report) (reportName, []byte, error) {
	candidate := r.Sides.Candidate
	if candidate == nil || r.Scenario == "" {
		return reportName{}, nil, errors.New("names no candidate or no scenario")
	}
	started, err := time.Parse(time.RFC3339, candidate.Started)
	if err != nil {
		return reportName{}, nil, fmt.Errorf("sides.candidate.started: %q is no time", candidate.Started)
	}
	n := reportName{scenario: segment(r.Scenario), class: short(candidate.EnvironmentClass), load: short(r.Comparability.LoadDigest),
		started: started.UTC().Truncate(time.Second), commit: shortCommit(candidate.Commit), dirty: candidate.Dirty,
		design: r.Design.Name, aa: r.Design.AA, verdict: r.Verdict}
	if n.class != unknown {
		n.machine = machineNamed(candidate.Machine)
	}
	data, err := gate.Encode(r)
	if err != nil {
		return reportName{}, nil, err
	}
	n.digest = short(gate.Digest(data))
	_, err = parseReportKey(n.key())
	return n, data, err
}

// machineNamed is machineWords of the text that reports have of a class, "4 x
// AMD EPYC 7763" (gate.EnvironmentClass.String).
func machineNamed(text string) string {
	cpus, model, _ := strings.Cut(text, " x ")
	n, _ := strconv.Atoi(cpus)
	return machineWords(gate.EnvironmentClass{CPUs: n, CPUModel: model})
}

// SaveReport keeps a report, and does nothing when the same bytes are there
// already. A report without a candidate, its time or a scenario is refused.
func (s *Store) SaveReport(ctx context.Context, r gate.Report) (ReportMeta, error) {
	n, data, err := reportNameOf(r)
	if err != nil {
		return ReportMeta{}, fmt.Errorf("save report: %w", err)
	}
	key := n.key()
	if err := s.bucket.Apply(ctx, []Change{{Key: key, Data: data}}); err != nil {
		return ReportMeta{}, fmt.Errorf("save report: %w", err)
	}
	return n.meta(Object{Key: key, Size: int64(len(data))}), nil
}

// Reports returns what the store knows of its reports, newest first, by their
// keys alone. A store that does not exist yet is empty; one that cannot be read
// in full is an error, and so is a ".json" among the reports that is none by
// its name.
func (s *Store) Reports(ctx context.Context, q ReportQuery) ([]ReportMeta, error) {
	folder := reportsFolder
	if q.Scenario != "" {
		folder += "/" + segment(q.Scenario)
	}
	objects, err := s.bucket.List(ctx, folder)
	if err != nil {
		return nil, err
	}
	var found []ReportMeta
	for _, o := range objects {
		if !strings.HasSuffix(strings.ToLower(o.Key), resultSuffix) {
			continue // a person's note
		}
		n, err := parseReportKey(o.Key)
		if err != nil {
			return nil, err
		}
		if q.asksFor(n) {
			found = append(found, n.meta(o))
		}
	}
	slices.SortFunc(found, func(a, b ReportMeta) int {
		return cmp.Or(b.Started.Compare(a.Started), cmp.Compare(a.Key, b.Key))
	})
	return found, nil
}

func (q ReportQuery) asksFor(n reportName) bool {
	return (q.ClassDigest == "" || n.class != unknown && n.class == short(q.ClassDigest)) &&
		(q.LoadDigest == "" || n.load != unknown && n.load == short(q.LoadDigest)) &&
		(q.Design == "" || n.design == q.Design)
}

// Report reads the report of a key (ReportMeta.Key) and checks that it is what
// the key says. One that is damaged, edited or moved is an error that names it.
func (s *Store) Report(ctx context.Context, key string) (gate.Report, error) {
	n, err := parseReportKey(key)
	if err != nil {
		return gate.Report{}, err
	}
	data, err := s.bucket.Get(ctx, key)
	if err != nil {
		return gate.Report{}, err
	}
	r, err := gate.DecodeReport(data)
	if err != nil {
		return gate.Report{}, fmt.Errorf("store object %q: %w", key, err)
	}
	// A checkout may have turned line ends; JSON holds no other carriage return.
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	if short(gate.Digest(data)) != n.digest {
		return gate.Report{}, fmt.Errorf("store object %q: its content is not what was saved under this name: it was damaged or edited", key)
	}
	// The digest is of the content alone; the name must be that of the content.
	if own, _, err := reportNameOf(r); err != nil || own.folder() != n.folder() || !own.sameFacts(n) {
		return gate.Report{}, fmt.Errorf("store object %q: its content says something else than its name: it was moved or renamed", key)
	}
	return r, nil
}

// sameFacts compares what two names say inside their folder. The digests are
// left out: a report that a newer perfgate wrote encodes to other bytes here.
func (n reportName) sameFacts(other reportName) bool {
	n.digest = other.digest
	return n == other
}

// Exists reports whether there is a store at all: for a folder that it exists,
// elsewhere that it holds an object. A store that cannot be read is an error.
func (s *Store) Exists(ctx context.Context) (bool, error) {
	if b, ok := s.bucket.(interface {
		Exists(context.Context) (bool, error)
	}); ok {
		return b.Exists(ctx)
	}
	objects, err := s.bucket.List(ctx, "")
	return len(objects) > 0, err
}

// writeTest is the object of TestWrite, below no folder that is read.
const writeTest = "write-test"

// TestWrite reports whether the store can be written, by an object that it
// removes again: for those who would measure for minutes before they save. It
// makes a folder that does not exist yet, as the first Save would.
func (s *Store) TestWrite(ctx context.Context) error {
	if err := s.bucket.Apply(ctx, []Change{{Key: writeTest}}); err != nil {
		return fmt.Errorf("write test: %w", err)
	}
	if err := s.bucket.Apply(ctx, []Change{{Key: writeTest, Delete: true}}); err != nil {
		return fmt.Errorf("write test: %w", err)
	}
	return nil
}

// reportsPerResult is how many times as many reports Prune keeps as results:
// they are small, several comparisons are made of a commit, and the record of a
// gate and the noise of a machine do not age as a baseline does.
const reportsPerResult = 2

// surplusReports finds the reports that Prune removes, newest first.
func (s *Store) surplusReports(ctx context.Context, keep int) ([]ReportMeta, error) {
	found, err := s.Reports(ctx, ReportQuery{})
	if err != nil {
		return nil, err
	}
	var surplus []ReportMeta
	seen := map[string]int{}
	for _, m := range found {
		n, err := parseReportKey(m.Key)
		if err != nil {
			return nil, err
		}
		if seen[n.folder()]++; seen[n.folder()] > reportsPerResult*keep {
			surplus = append(surplus, m)
		}
	}
	return surplus, nil
}
