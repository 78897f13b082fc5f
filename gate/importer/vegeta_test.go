package importer

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/perfgate/perfgate/gate"
)

func TestVegetaGolden(t *testing.T) {
	for _, name := range []string{"results.csv", "report.json", "failures.json"} {
		t.Run(name, func(t *testing.T) {
			golden(t, "vegeta-"+name+".golden", importBytes(t, fixture(t, "vegeta/"+name), "some/where/"+name))
		})
	}
}

func TestVegetaEncodingsAgree(t *testing.T) {
	want := importBytes(t, fixture(t, "vegeta/results.gob"), "x")
	for _, name := range []string{"results.json", "results.csv"} {
		if diff := cmp.Diff(want, importBytes(t, fixture(t, "vegeta/"+name), "x")); diff != "" {
			t.Errorf("%s differs from the gob (-gob +other):\n%s", name, diff)
		}
	}
}

// TestVegetaAgreesWithItself compares what is made of the results with what
// vegeta's own report says of them.
func TestVegetaAgreesWithItself(t *testing.T) {
	run := importBytes(t, fixture(t, "vegeta/results.gob"), "x").Runs[0]
	report := importBytes(t, fixture(t, "vegeta/report.json"), "x").Runs[0]
	total := gate.EndpointRun{Name: allRequests, Statuses: map[string]int64{}}
	sent := int64(0)
	for _, e := range run.Endpoints {
		total.Requests += e.Requests
		total.OK += e.OK
		for status, n := range e.Statuses {
			total.Statuses[status] += n
		}
		if e.BytesSent != nil {
			sent += *e.BytesSent
		}
	}
	total.BytesSent = &sent
	if diff := cmp.Diff(report.Endpoints[0], total, cmpopts.IgnoreFields(gate.EndpointRun{}, "Failures", "Latency")); diff != "" {
		t.Errorf("counts (-report +results):\n%s", diff)
	}
	ignored := cmpopts.IgnoreFields(gate.Run{}, "Endpoints", "Windows")
	if diff := cmp.Diff(report, run, ignored); diff != "" {
		t.Errorf("run (-report +results):\n%s", diff)
	}
}

func TestVegetaFive(t *testing.T) {
	for _, side := range []string{"baseline", "candidate"} {
		for i := 1; i <= 5; i++ {
			name := fmt.Sprintf("vegeta/five/%s/%d.gob", side, i)
			for _, e := range importBytes(t, fixture(t, name), name).Runs[0].Endpoints {
				if e.OK < 250 || e.OK != e.Requests {
					t.Errorf("%s: %s has %d successes of %d requests, want 250 and no failure", name, e.Name, e.OK, e.Requests)
				}
			}
		}
	}
}

// line is a result as vegeta encode -to csv writes it.
func line(second float64, code int, latency time.Duration, text, method, url string) string {
	return fmt.Sprintf("%d,%d,%d,0,0,%s,,,%d,%s,%s,\n", 1795577994e9+int64(second*1e9), code, latency, text, int(second*1000)+1, method, url)
}

func get(second float64, latency time.Duration) string {
	return line(second, 200, latency, "", "GET", "http://h/a")
}

// many are n good results.
func many(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(get(float64(i)/100, time.Millisecond))
	}
	return b.String()
}

func gzipped(data string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(data))
	w.Close()
	return b.String()
}

// damaged changes the checksum at the end of gzip data.
func damaged(data string) string {
	b := []byte(data)
	b[len(b)-5] ^= 0xff
	return string(b)
}

func TestImportLenient(t *testing.T) {
	plain := get(0, time.Millisecond) + get(1, 2*time.Millisecond)
	want := importBytes(t, []byte(plain), "x")
	for name, data := range map[string]string{
		"byte order mark":      "\xef\xbb\xbf" + plain,
		"CRLF":                 strings.ReplaceAll(plain, "\n", "\r\n"),
		"leading blank lines":  "\r\n\n" + plain,
		"no last end of line":  strings.TrimSuffix(plain, "\n"),
		"gzip":                 gzipped(plain),
		"byte order mark gzip": gzipped("\xef\xbb\xbf" + plain),
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(want, importBytes(t, []byte(data), "x")); diff != "" {
				t.Errorf("differs (-plain +this):\n%s", diff)
			}
		})
	}
}

func TestImportErrors(t *testing.T) {
	csv, gob := string(fixture(t, "vegeta/results.csv")), string(fixture(t, "vegeta/results.gob"))
	jsonl, report := string(fixture(t, "vegeta/results.json")), string(fixture(t, "vegeta/report.json"))
	cut := func(s string) string { return s[:len(s)/2] }
	many201 := ""
	for i := range 201 {
		many201 += line(float64(i), 200, time.Millisecond, "", "GET", fmt.Sprintf("http://h/orders/%d", i))
	}
	for _, test := range []struct{ name, data, want string }{
		{"empty", "", "x: the file is empty"},
		{"blank", "\n\r\n", "x: the file is empty"},
		{"unknown", "<html>", "x: the format is not known"},
		{"UTF-16", "\xff\xfe{\x00}\x00", "x: is text in UTF-16"},
		{"zstd", "\x28\xb5\x2f\xfd\x00", "x: is packed with zstd"},
		{"gzip cut", gzipped(csv)[:2000], "x: the file was cut short"},
		{"gzip header cut", gzipped(csv)[:5], "x: the file was cut short"},
		{"gzip damaged", damaged(gzipped(csv)), "x: the gzip data is damaged: gzip: invalid checksum"},
		{"JSON cut", jsonl[:len(jsonl)-20], "x:240: the file was cut short after record 239"},
		{"CSV cut in the headers", csv[:len(csv)-20], "x:240: the file was cut short after record 239"},
		{"CSV cut before the headers", csv[:len(csv)-150], "x:240: the file was cut short after record 239"},
		{"CSV cut in quotes", csv[:strings.Index(csv, `"Post`)+20], "cut short after record"},
		{"gob cut", cut(gob), "cut short after record 1"},
		{"gob cut at once", gob[:150], "x: the file was cut short after record 0"},
		{"gob joined", gob + gob, "x: another file begins after record 240"},
		{"gob damaged", gob[:5000] + "\x01\xff" + gob[5000:], "is damaged after record"},
		{"report cut", report[:len(report)-20], "x: the file was cut short"},
		{"two reports", report + report, "x: holds more than one document"},
		{"report without requests", strings.Replace(report, `"requests":240`, `"requests":0`, 1), "x: holds no requests"},
		{"report of other counts", strings.Replace(report, `"requests":240`, `"requests":250`, 1), "x: status_codes add up to 240, but there were 250 requests"},
		{"report in other units", strings.Replace(report, `"95th":29632425`, `"95th":29.6`, 1), "x: latencies.95th: is a number 29.6"},
		{"report negative", strings.Replace(report, `"95th":29632425`, `"95th":-1`, 1), "x: latencies.95th: -1 ns is no latency"},
		{"report without time", strings.Replace(report, `"duration":3983001756,"wait":634811529`, `"duration":0,"wait":0`, 1), "x: duration 0 and wait 0 are no lengths of time"},
		{"report without percentiles", `{"latencies":{},"status_codes":{"200":1},"throughput":1,"requests":1,"duration":1}`, "x: latencies: holds no percentile"},
		{"report negative count", `{"latencies":{"50th":1},"status_codes":{"200":-1},"throughput":1,"requests":1,"duration":1}`, `x: status_codes: "200": -1 is no count of a status`},
		{"semicolons", strings.ReplaceAll(get(0, 1), ",", ";"), "x: its fields are separated by semicolons"},
		{"columns", strings.ReplaceAll(get(0, 1), ",,", ","), "x: has 10 columns, want 12"},
		{"rounded by a spreadsheet", "1.79558E+18,200,1000000,0,0,,,,1,GET,http://h/a,\n", "x: no record can be read: the time stamp is not a whole number (1)"},
		{"ids in paths", many201, "x: has more than 200 endpoints"},
		{"endless line", `{"latency":1,"code":1,"seq":1,"timestamp":1}` + "\n" + strings.Repeat("x", maxRecord+1), "x: a record is longer than 16777216 bytes"},
		{"endless quote", get(0, 1) + `1,"` + strings.Repeat("x\n", maxRecord), "x: a record is longer than 16777216 bytes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			result, err := Import(strings.NewReader(test.data), "x")
			var known *Error
			if !errors.As(err, &known) {
				t.Fatalf("got %v and a result of %d runs, want an *Error", err, len(result.Runs))
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %q, want %q", err, test.want)
			}
		})
	}
}

func TestBomb(t *testing.T) {
	in, err := open(strings.NewReader(gzipped(many(100))), 1000)
	if err != nil {
		t.Fatal(err)
	}
	_, err = readVegeta(in, "x")
	if want := "unpacks to more than 1000 bytes"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
}

func TestSkippedRecords(t *testing.T) {
	good := `{"seq":1,"code":200,"timestamp":"2026-11-25T03:39:54Z","latency":1000000,"method":"GET","url":"http://h/a"}` + "\n"
	for _, test := range []struct{ name, data, want string }{
		{"negative", many(9) + get(1, -time.Millisecond), "the latency is negative (1)"},
		{"absurd", many(9) + get(1, 2*time.Hour), "the latency is over an hour (1)"},
		{"no number", many(9) + strings.Replace(get(1, 1), "200", "NaN", 1), "the status is not a whole number (1)"},
		{"no status", many(9) + line(1, 42, 1, "", "GET", "http://h/a"), "the status is no HTTP status (1)"},
		{"status out of range", many(9) + line(1, 99999, 1, "", "GET", "http://h/a"), "a number is out of range (1)"},
		{"sequence", many(9) + strings.Replace(get(1, 1), ",,,1001", ",,,-7", 1), "the sequence number is not a whole number (1)"},
		{"no time", many(9) + "1,200,1,0,0,,,,1,GET,http://h/a,\n", "the time stamp is no time (1)"},
		{"bytes", many(9) + strings.Replace(get(1, 1), ",0,0,", ",0,4611686018427387904,", 1), "the number of bytes is no number of bytes (1)"},
		{"URL", many(9) + line(1, 200, 1, "", "GET", "http://h/%zz"), "the method or URL is not valid (1)"},
		{"method", many(9) + line(1, 200, 1, "", "<b>", "http://h/a"), "the method or URL is not valid (1)"},
		{"path", many(9) + line(1, 200, 1, "", "GET", "http://h/"+strings.Repeat("a", 2000)), "the path is too long (1)"},
		{"columns", many(4) + "1,2\n" + many(5), "not a line of the CSV (1)"},
		{"quotes", many(4) + "1,\"2\"3,4\n" + many(5), "not a line of the CSV (1)"},
		{"JSON", good + "{\"seq\":\n" + good, "not valid JSON (1)"},
		{"JSON NaN", good + strings.Replace(good, "1000000", "NaN", 1) + good, "not valid JSON (1)"},
		{"JSON type", good + strings.Replace(good, "1000000", `"1ms"`, 1), "a field has the wrong type (1)"},
		{"JSON missing", good + strings.Replace(good, "latency", "Latence", 1), "code, timestamp or latency is missing (1)"},
		{"most frequent first", many(9) + get(1, -1) + get(1, 2*time.Hour) + get(1, 3*time.Hour), "the latency is over an hour (2), the latency is negative (1)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			result := importBytes(t, []byte(test.data), "x")
			run := result.Runs[0]
			if run.Status != gate.RunInvalid || !cmp.Equal(run.Reasons, []string{gate.ReasonIncomplete}) {
				t.Errorf("the run is %s %v, want invalid", run.Status, run.Reasons)
			}
			if len(result.Warnings) != 1 || !strings.HasSuffix(result.Warnings[0].Text, "records were left out: "+test.want) {
				t.Errorf("warnings %v, want %q", result.Warnings, test.want)
			}
		})
	}
}

func TestSkippedShare(t *testing.T) {
	for bad, want := range map[int]gate.RunStatus{1: gate.RunOK, 2: gate.RunInvalid} {
		result := importBytes(t, []byte(many(1000-bad)+strings.Repeat(get(1, -1), bad)), "x")
		if got := result.Runs[0].Status; got != want {
			t.Errorf("%d of 1000 records left out: run is %s, want %s", bad, got, want)
		}
		if len(result.Warnings) != 1 {
			t.Errorf("%d of 1000 records left out: warnings %v", bad, result.Warnings)
		}
	}
}

func TestVegetaWarnings(t *testing.T) {
	old := "1795577994000000000,200,1000000,0,0,,,,0\n1795577995000000000,200,1000000,0,0,,,,1\n"
	codes := func(r gate.Result) (codes []string) {
		for _, w := range r.Warnings {
			codes = append(codes, w.Code)
		}
		return codes
	}
	for _, test := range []struct {
		name, data string
		want       []string
		endpoints  int
	}{
		{"one attack", string(fixture(t, "vegeta/results.csv")), nil, 2},
		{"several attacks", string(fixture(t, "vegeta/failures.json")), []string{"several_attacks"}, 3},
		{"nine columns", old, []string{"no_endpoints"}, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			result := importBytes(t, []byte(test.data), "x")
			if diff := cmp.Diff(test.want, codes(result)); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
			if got := len(result.Runs[0].Endpoints); got != test.endpoints {
				t.Errorf("%d endpoints, want %d", got, test.endpoints)
			}
		})
	}
}

func TestVegetaEndpoint(t *testing.T) {
	for _, test := range []struct{ method, url, want string }{
		{"GET", "http://h:80/a/b?c=d#e", "GET /a/b"},
		{"POST", "https://user:pw@h", "POST /"},
		{"GET", "http://h/a%2Fb", "GET /a%2Fb"},
		{"", "", "all requests"},
		{"GET", "http://h/\x01", ""},
	} {
		v := vegeta{names: map[string]string{}}
		for range 2 { // the second answer comes from the cache
			if got, ok := v.endpoint(test.method, test.url); got != test.want || ok != (test.want != "") {
				t.Errorf("%s %s: %q %v, want %q", test.method, test.url, got, ok, test.want)
			}
		}
	}
}

func TestTransportKind(t *testing.T) {
	const eof, refused = `Get "http://h/a": EOF`, `Get "http://h/a": connection refused`
	for _, test := range []struct {
		errors []string
		want   gate.FailureKind
	}{
		{[]string{eof, "503 Service Unavailable"}, gate.FailReset},
		{[]string{eof, refused}, gate.FailOther},
		{nil, gate.FailOther},
	} {
		if got := (&vegetaMetrics{Errors: test.errors}).transportKind(); got != test.want {
			t.Errorf("%q: %q, want %q", test.errors, got, test.want)
		}
	}
}

func FuzzVegetaResults(f *testing.F) {
	for _, name := range []string{"results.gob", "results.csv", "results.json"} {
		data := fixture(f, "vegeta/"+name)
		f.Add(data[:min(len(data), 3000)])
	}
	f.Add(fixture(f, "vegeta/failures.json"))
	f.Add([]byte(many(3)))
	fuzz(f, vegetaResults())
}

func FuzzVegetaReport(f *testing.F) {
	data := fixture(f, "vegeta/report.json")
	f.Add(data)
	var indented bytes.Buffer
	if err := json.Indent(&indented, data, "", "  "); err != nil {
		f.Fatal(err)
	}
	f.Add(indented.Bytes())
	fuzz(f, vegetaReport())
}
