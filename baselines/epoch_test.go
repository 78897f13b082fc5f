package baselines_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perfgate/perfgate/baselines"
	"github.com/perfgate/perfgate/gate"
)

// saveAccepted stores the n-th job with a regression that a waiver let through.
func saveAccepted(t *testing.T, s *baselines.Store, n int, change func(*gate.Result)) baselines.Meta {
	t.Helper()
	r := job(n, change)
	report := judged(t, r, gate.VerdictPass)
	report.Accepted = []gate.AcceptedRow{{Metric: gate.MetricP95, State: gate.WaiverUsed}}
	saved, err := s.Save(t.Context(), baselines.Entry{Result: r, Branch: "main", Report: report})
	if err != nil {
		t.Fatal(err)
	}
	return saved[0].Meta
}

func TestSaveAccepted(t *testing.T) {
	s, _ := newStore(t)
	m := saveAccepted(t, s, 0, nil)
	if !m.Accepted || m.Verdict != gate.VerdictPass {
		t.Errorf("saved %+v", m)
	}
	if diff := cmp.Diff([]baselines.Meta{m}, list(t, s)); diff != "" {
		t.Errorf("-saved +listed\n%s", diff)
	}
	_, err := s.Save(t.Context(), baselines.Entry{Result: job(0, nil), Branch: "main", Report: judged(t, job(0, nil), gate.VerdictPass)})
	if err == nil {
		t.Error("the same bytes were stored again as a pass without a waiver")
	}
}

// anchors are the names and sessions of what a choice is looked at with.
func anchors(c baselines.Choice) []string {
	var out []string
	for _, a := range c.Anchors {
		out = append(out, a.Name+"="+a.Result.Session.ID)
	}
	return out
}

func sessions(results []gate.Result) []string {
	var out []string
	for _, r := range results {
		out = append(out, r.Session.ID)
	}
	return out
}

func TestEpoch(t *testing.T) {
	tests := []struct {
		name     string
		accepted []int // of twelve jobs, else pass
		maxAge   time.Duration
		pins     map[int]string
		results  []string
		anchors  []string
		notes    []string
	}{
		{"nothing was accepted", nil, 0, nil, lettered("abcdefghijkl"), []string{"=session-a"}, nil},
		{"accepted long ago: the jobs since then are the history", []int{2, 5}, 0, nil, lettered("fghijkl"), []string{"=session-f"},
			[]string{"5 from before the last accepted regression"}},
		{"accepted of late: too few jobs since then", []int{9}, 0, nil, lettered("abcdefghijkl"), []string{"=session-j"}, nil},
		{"the oldest job is older than a baseline may be", nil, 7 * time.Hour, nil, lettered("fghijkl"), []string{"=session-a"}, []string{"5 older than 7 h"}},
		{"accepted before the age of a baseline", []int{1, 3}, 7 * time.Hour, nil, lettered("fghijkl"), []string{"=session-d"}, []string{"5 older than 7 h"}},
		{"pins", nil, 0, map[int]string{1: "v1.1", 3: "v1.2"}, lettered("abcdefghijkl"), []string{"=session-a", "v1.2=session-d", "v1.1=session-b"}, nil},
		{"no history", nil, 3 * time.Hour, map[int]string{1: "v1.1"}, lettered("jkl"), nil, []string{"9 older than 3 h"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, _ := newStore(t)
			for i := range 12 {
				m := baselines.Meta{}
				if slices.Contains(tt.accepted, i) {
					m = saveAccepted(t, s, i, nil)
				} else {
					m = save(t, s, job(i, nil), gate.VerdictPass)
				}
				if name, ok := tt.pins[i]; ok {
					if _, err := s.Pin(t.Context(), m.Key, name); err != nil {
						t.Fatal(err)
					}
				}
			}
			q := query(job(20, nil))
			q.Now, q.MaxAge = start.Add(12*time.Hour), tt.maxAge
			c, err := s.Choose(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			got := [][]string{sessions(c.Results), anchors(c), c.Found.Notes}
			if diff := cmp.Diff([][]string{tt.results, tt.anchors, tt.notes}, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func lettered(letters string) []string {
	var out []string
	for _, l := range letters {
		out = append(out, "session-"+string(l))
	}
	return out
}

// A former job of the candidate's commit confirms what a history sees, if it is
// a fresh one.
func TestFormer(t *testing.T) {
	own := func(n int, change func(*gate.Result)) gate.Result {
		return job(n, func(r *gate.Result) {
			r.Subject.Commit = commit(9)
			if change != nil {
				change(r)
			}
		})
	}
	tests := []struct {
		name   string
		branch string
		stored []gate.Result
		query  func(*baselines.ChooseQuery)
		want   string // session; empty: none
	}{
		{"none", "main", nil, nil, ""},
		{"the newest, as a regression that nobody confirmed", "main", []gate.Result{own(6, nil), own(7, nil)}, nil, "session-h"},
		{"of any branch", "dev", []gate.Result{own(6, nil)}, nil, "session-g"},
		{"not of a dirty tree", "main", []gate.Result{own(6, func(r *gate.Result) { r.Subject.Dirty = true })}, nil, ""},
		{"not for a dirty tree", "main", []gate.Result{own(6, nil)}, func(q *baselines.ChooseQuery) { q.Dirty = true }, ""},
		{"not of the same CI job", "main", []gate.Result{own(6, nil)}, func(q *baselines.ChooseQuery) { q.Session.JobID = "synthetic:session-g" }, ""},
		{"not of the same machine within the hour", "main", []gate.Result{own(6, nil)}, func(q *baselines.ChooseQuery) {
			q.Session.MachineID, q.Session.Started = own(6, nil).Session.MachineID, start.Add(6*time.Hour+50*time.Minute).Format(time.RFC3339)
		}, ""},
		{"of the same machine later", "main", []gate.Result{own(6, nil)}, func(q *baselines.ChooseQuery) {
			q.Session.MachineID, q.Session.Started = own(6, nil).Session.MachineID, start.Add(8*time.Hour).Format(time.RFC3339)
		}, "session-g"},
		{"not of another load", "main", []gate.Result{own(6, otherLoad)}, nil, ""},
		{"not one that was interrupted", "main", []gate.Result{own(6, stopped)}, nil, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, _ := newStore(t)
			for i := range 5 {
				save(t, s, job(i, nil), gate.VerdictPass)
			}
			for _, r := range tt.stored {
				saveOn(t, s, tt.branch, r, gate.VerdictRegression)
			}
			q := query(job(9, nil))
			q.Commit, q.Session = commit(9), gate.Session{ID: "new", JobID: "synthetic:new"}
			if tt.query != nil {
				tt.query(&q)
			}
			c, err := s.Choose(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if c.Former != nil {
				got = c.Former.Session.ID
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || len(c.Results) != 5 {
				t.Errorf("%d results, former -want +got\n%s", len(c.Results), diff)
			}
		})
	}
}

// A pin whose result is gone must not end in silence.
func TestGonePin(t *testing.T) {
	s, folder := newStore(t)
	for i := range 5 {
		save(t, s, job(i, nil), gate.VerdictPass)
	}
	m := save(t, s, job(5, nil), gate.VerdictPass)
	if _, err := s.Pin(t.Context(), m.Key, "v1.0"); err != nil {
		t.Fatal(err)
	}
	removeFile(t, folder, m.Key)
	c, err := s.Choose(t.Context(), query(job(20, nil)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"1 pinned as v1.0 and gone"}, c.Found.Notes); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
