package load

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/hist"
)

func TestSettled(t *testing.T) {
	median := func(ms, se float64) beat { return beat{requests: 100, medianUS: ms * 1000, se: se} }
	silent := beat{medianUS: math.NaN(), se: math.Inf(1)}
	for _, tt := range []struct {
		name  string
		beats []beat
		want  bool
	}{
		{"nothing", nil, false},
		{"one window", []beat{median(10, 0)}, false},
		{"the same", []beat{median(10, 0), median(10, 0)}, true},
		{"4 % slower", []beat{median(10, 0), median(10.4, 0)}, true},
		{"10 % slower", []beat{median(10, 0), median(11, 0)}, false},
		{"10 % faster", []beat{median(11, 0), median(10, 0)}, false},
		{"10 % within the noise", []beat{median(10, 0.034), median(11, 0.034)}, true},
		{"10 % beyond the noise", []beat{median(10, 0.033), median(11, 0.033)}, false},
		{"double, but below 100 µs", []beat{median(0.1, 0), median(0.2, 0)}, true},
		{"too few requests to tell", []beat{median(10, math.Inf(1)), median(90, 0)}, true},
		{"silent before", []beat{silent, median(10, 0)}, false},
		{"silent now", []beat{median(10, 0), silent}, false},
		{"only the last two count", []beat{median(50, 0), median(10, 0), median(10, 0)}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := settled(tt.beats); got != tt.want {
				t.Errorf("settled is %v, want %v", got, tt.want)
			}
		})
	}
}

func TestExceeded(t *testing.T) {
	half := &gate.Abort{ErrorRate: 0.5, For: 2500 * time.Millisecond} // three windows
	bad, good, silent := beat{requests: 10, failed: 5}, beat{requests: 10, failed: 4}, beat{}
	for _, tt := range []struct {
		name  string
		rule  *gate.Abort
		beats []beat
		want  bool
	}{
		{"no rule", nil, []beat{bad, bad, bad, bad}, false},
		{"not long enough", half, []beat{bad, bad}, false},
		{"long enough", half, []beat{good, bad, bad, bad}, true},
		{"interrupted", half, []beat{bad, bad, good, bad, bad}, false},
		{"over already", half, []beat{bad, bad, bad, good}, false},
		{"silence says nothing", half, []beat{bad, silent, bad, silent, bad, silent}, true},
		{"only silence", half, []beat{silent, silent, silent}, false},
		{"no length is one window", &gate.Abort{ErrorRate: 0.5}, []beat{bad}, true},
		{"no rate needs an error", &gate.Abort{}, []beat{{requests: 10}}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := exceeded(tt.rule, tt.beats); got != tt.want {
				t.Errorf("exceeded is %v, want %v", got, tt.want)
			}
		})
	}
}

func TestBeat(t *testing.T) {
	record := func(us ...int64) *hist.Histogram {
		h := hist.New()
		for _, v := range us {
			h.Record(v)
		}
		return h
	}
	for _, tt := range []struct {
		name string
		us   []int64
		want beat
	}{
		{"silent", nil, beat{0, 1, math.NaN(), math.NaN(), math.Inf(1)}},
		{"few", []int64{1, 2, 3, 4}, beat{4, 1, 2, 4, math.Inf(1)}},
		{"all alike", []int64{7, 7, 7, 7, 7}, beat{5, 1, 7, 7, 0}},
		{"spread", []int64{100, 200, 300, 400, 500}, beat{5, 1, 300, 500, math.Log(5) / 2}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := pulse{times: record(tt.us...), failed: 1}
			got := p.beat()
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(beat{}), cmpopts.EquateNaNs(), cmpopts.EquateApprox(0, 1e-9)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			if again := p.beat(); again.requests != 0 || again.failed != 0 {
				t.Errorf("the next beat begins with %+v", again)
			}
		})
	}
}
