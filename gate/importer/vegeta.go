package importer

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/perfgate/perfgate/gate"
)

const (
	vegetaTool    = "vegeta"
	vegetaResName = "vegeta results"
)

// vegetaResults reads what vegeta attack writes, and what vegeta encode makes
// of it (tsenart/vegeta v12, lib/results.go). Every request is inside, with
// its start, so the run lasts from the first start to the last answer, which
// is vegeta's duration and wait together.
func vegetaResults() Importer {
	return Importer{
		Name:  vegetaResName,
		Tool:  vegetaTool,
		Doc:   "vegeta attack > results.gob, or vegeta encode -to json|csv",
		Sniff: func(head []byte) bool { return vegetaEncoding(head) != nil },
		Read:  readVegeta,
	}
}

// vegetaEncoding returns the reader of the encoding that head begins; nil:
// none of them.
func vegetaEncoding(head []byte) func(*vegeta, *bufio.Reader) error {
	switch {
	case isVegetaGob(head):
		return (*vegeta).readGob
	case isVegetaJSON(head):
		return (*vegeta).readJSON
	case isVegetaCSV(head):
		return (*vegeta).readCSV
	}
	return nil
}

func readVegeta(r io.Reader, name string) (gate.Result, error) {
	in := bufio.NewReaderSize(r, headSize)
	head, err := in.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return gate.Result{}, readError(err)
	}
	v := vegeta{collector: newCollector(), names: map[string]string{}}
	read := vegetaEncoding(head)
	if read == nil {
		return gate.Result{}, &Error{Text: "is no " + vegetaResName + " file"}
	}
	if err := read(&v, in); err != nil {
		return gate.Result{}, err
	}
	result, err := v.collector.result(vegetaTool, vegetaResName, name)
	if err != nil {
		return gate.Result{}, err
	}
	result.Warnings = append(result.Warnings, v.warnings()...)
	return result, nil
}

// vegeta reads the results of one or more attacks.
type vegeta struct {
	collector *collector
	names     map[string]string // method and URL to endpoint
	attacks   int               // results with the number 0
	unnamed   bool              // a result had no method and URL
	// doubtLine is the line of a record that could not be read and may be
	// the last; 0: none.
	doubtLine   int
	doubtReason string
}

// A vegetaHit is lib.Result without what is not needed: gob and JSON skip the
// body and the headers.
type vegetaHit struct {
	Seq       uint64        `json:"seq"`
	Code      uint16        `json:"code"`
	Timestamp time.Time     `json:"timestamp"`
	Latency   time.Duration `json:"latency"`
	BytesOut  uint64        `json:"bytes_out"`
	BytesIn   uint64        `json:"bytes_in"`
	Error     string        `json:"error"`
	Method    string        `json:"method"`
	URL       string        `json:"url"`
}

func (v *vegeta) add(r vegetaHit) error {
	if r.Seq == 0 {
		v.attacks++
	}
	endpoint, ok := v.endpoint(r.Method, r.URL)
	if !ok {
		v.collector.skip("the method or URL is not valid")
		return nil
	}
	h := hit{endpoint: endpoint, start: r.Timestamp, latency: r.Latency, status: int(r.Code), failure: vegetaFailure(r),
		received: int64(min(r.BytesIn, 1<<60)), sent: int64(min(r.BytesOut, 1<<60))}
	return v.collector.add(h)
}

// vegetaFailure: vegeta counts 200 to 399 as a success. A status outside has
// the status line as its error, a request without an answer the code 0.
func vegetaFailure(r vegetaHit) gate.FailureKind {
	switch {
	case r.Code != 0 && (r.Code < 200 || r.Code >= 400):
		return gate.FailStatus
	case r.Code == 0 || r.Error != "":
		return failureKind(r.Error)
	}
	return ""
}

// maxNames bounds the memory of endpoint: queries may differ in every request.
const maxNames = 4096

var methodName = regexp.MustCompile(`^[A-Za-z-]{1,32}$`)

// endpoint names a request by method and path. Host and query are left out:
// the host differs between two builds, the query between two requests.
func (v *vegeta) endpoint(method, target string) (string, bool) {
	if method == "" && target == "" {
		v.unnamed = true
		return allRequests, true
	}
	key := method + " " + target
	if name, ok := v.names[key]; ok {
		return name, name != ""
	}
	name := ""
	if u, err := url.Parse(target); err == nil && methodName.MatchString(method) {
		path := u.EscapedPath()
		if !strings.HasPrefix(path, "/") {
			path = "/" + path
		}
		name = method + " " + path
	}
	if len(v.names) < maxNames && len(key) <= gate.MaxName {
		v.names[key] = name
	}
	return name, name != ""
}

func (v *vegeta) warnings() []gate.Warning {
	var list []gate.Warning
	if v.attacks > 1 {
		list = append(list, warning("several_attacks",
			"the file holds several attacks; they count as one run: give each a file of its own"))
	}
	if v.unnamed {
		list = append(list, warning("no_endpoints",
			"results without method and URL (vegeta before 12.8) are counted together"))
	}
	return list
}

func isVegetaGob(head []byte) bool {
	start := head[:min(len(head), 512)]
	for _, field := range []string{"Result", "Timestamp", "Latency", "BytesIn"} {
		if !bytes.Contains(start, []byte(field)) {
			return false
		}
	}
	return bytes.ContainsRune(start, 0) && start[0] != '{'
}

func isVegetaJSON(head []byte) bool {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	found := map[string]bool{}
	for key := range topLevel(line) {
		found[key] = true
	}
	return found["latency"] && found["code"] && found["seq"] && found["timestamp"]
}

// csvLine is the beginning of a line of vegeta's CSV, which has no header:
// time stamp in ns, status, latency in ns, bytes out and in. Semicolons and
// other number formats are recognised too, to say what is wrong with them.
var csvLine = regexp.MustCompile(`^"?[0-9][0-9.,+eE]{9,24}"?[,;]"?[0-9]{1,3}"?[,;]"?-?[0-9.,+eE]+"?[,;]"?[0-9]+"?[,;]"?[0-9]+"?[,;]`)

func isVegetaCSV(head []byte) bool { return csvLine.Match(head) }
