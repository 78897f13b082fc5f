package load

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/perfgate/perfgate/gate"
	"github.com/perfgate/perfgate/gate/hist"
)

// benchEngine is an engine of one task in its measured part, with a server.
func benchEngine(b *testing.B, l gate.Load) *engine {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok")) }))
	b.Cleanup(server.Close)
	o, base, err := Options{URL: server.URL, Load: l, Tasks: tasks(1)}.prepare()
	if err != nil {
		b.Fatal(err)
	}
	clock := newWall()
	c, err := newHTTPClient(base, o, clock)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		c.close()
		clock.close()
	})
	e := newEngine(o, clock, c)
	e.measureFrom(0)
	b.ReportAllocs()
	b.ResetTimer()
	return e
}

// BenchmarkOpen is one request of the open model, the server's side included.
func BenchmarkOpen(b *testing.B) {
	e := benchEngine(b, open(1, 0))
	p := newPool(8, func(j job) { e.serve(b.Context(), j) })
	for i := 0; i < b.N; {
		if p.dispatch(job{due: e.clock.now(), measured: true}, false) {
			i++
			continue
		}
		time.Sleep(10 * time.Microsecond)
	}
	p.close()
}

// BenchmarkClosed is one request of one user, the server's side included.
func BenchmarkClosed(b *testing.B) {
	e := benchEngine(b, closed(1, 0))
	for b.Loop() {
		e.serve(b.Context(), job{due: e.clock.now(), measured: true})
	}
}

// BenchmarkRecord is what is done per request besides sending it.
func BenchmarkRecord(b *testing.B) {
	r := newRecorder(tasks(1), true, time.Second)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			r.lateness(50_000)
			r.answered(job{measured: true}, 0, 0, answer{status: 200, done: 5_000_000})
		}
	})
}

// BenchmarkPacer tells how late an arrival is at 1000 a second.
func BenchmarkPacer(b *testing.B) {
	w := newWall()
	defer w.close()
	s := newSchedule(gate.Load{Rate: 1000}, newMix(tasks(1)), 0, 0)
	var h hist.Histogram
	begin := w.now()
	end := begin + time.Duration(b.N)*time.Millisecond
	pace(b.Context(), w, s, begin, func() time.Duration { return end }, func(_ arrival, late time.Duration) {
		h.Record(late.Microseconds())
	})
	b.ReportMetric(h.Quantile(0.5), "p50-µs-late")
	b.ReportMetric(h.Quantile(0.99), "p99-µs-late")
}
