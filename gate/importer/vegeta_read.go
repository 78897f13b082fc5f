package importer

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/csv"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
)

func (v *vegeta) readGob(in *bufio.Reader) (err error) {
	// encoding/gob is not hardened against hostile input.
	defer func() {
		if r := recover(); r != nil {
			err = &Error{Text: v.after("is damaged"), Err: fmt.Errorf("gob: %v", r)}
		}
	}()
	m := newMeter(in)
	dec := gob.NewDecoder(m)
	for {
		var r vegetaHit // gob leaves out zero values: it must be fresh
		switch err := dec.Decode(&r); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return v.gobError(err)
		}
		m.next()
		if err := v.add(r); err != nil {
			return err
		}
	}
}

func (v *vegeta) gobError(err error) error {
	var known *Error
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, io.ErrUnexpectedEOF):
		return cutShort(fmt.Sprintf("record %d", v.collector.records()))
	case strings.Contains(err.Error(), "duplicate type"):
		return &Error{Text: v.after("another file begins"), Hint: "gob files cannot be joined with cat: give each by itself"}
	}
	return &Error{Text: v.after("is damaged"), Err: err}
}

// after says how far a file could be read.
func (v *vegeta) after(what string) string {
	return fmt.Sprintf("%s after record %d", what, v.collector.records())
}

func (v *vegeta) readJSON(in *bufio.Reader) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, headSize), maxRecord)
	for line := 1; lines.Scan(); line++ {
		text := bytes.TrimSpace(lines.Bytes())
		if len(text) == 0 {
			continue
		}
		v.settle()
		if !json.Valid(text) {
			v.doubt(line, "not valid JSON")
			continue
		}
		r, reason := jsonHit(text)
		if reason != "" {
			v.collector.skip(reason)
			continue
		}
		if err := v.add(r); err != nil {
			return err
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return tooLong()
	case err != nil:
		return readError(err)
	}
	return v.end()
}

// doubt keeps a record that cannot be read in mind: when another one follows
// it is a damaged record, else the file was cut short.
func (v *vegeta) doubt(line int, reason string) { v.doubtLine, v.doubtReason = line, reason }

// settle is called when a record follows.
func (v *vegeta) settle() {
	if v.doubtLine > 0 {
		v.collector.skip(v.doubtReason)
		v.doubtLine = 0
	}
}

// end is called when no record follows.
func (v *vegeta) end() error {
	if v.doubtLine == 0 {
		return nil
	}
	err := cutShort(fmt.Sprintf("record %d", v.collector.records()))
	err.Line = v.doubtLine
	return err
}

// jsonHit decodes one line, or says why it cannot.
func jsonHit(text []byte) (vegetaHit, string) {
	var r vegetaHit
	present := struct {
		*vegetaHit
		Code      *uint16        `json:"code"`
		Timestamp *time.Time     `json:"timestamp"`
		Latency   *time.Duration `json:"latency"`
	}{vegetaHit: &r}
	if err := json.Unmarshal(text, &present); err != nil {
		return r, "a field has the wrong type"
	}
	if present.Code == nil || present.Timestamp == nil || present.Latency == nil {
		return r, "code, timestamp or latency is missing"
	}
	r.Code, r.Timestamp, r.Latency = *present.Code, *present.Timestamp, *present.Latency
	return r, ""
}

// Columns of vegeta's CSV; the last three exist since vegeta 12.8.
const (
	csvTimestamp = iota
	csvCode
	csvLatency
	csvBytesOut
	csvBytesIn
	csvError
	csvBody
	csvAttack
	csvSeq
	csvMethod
	csvURL
	csvHeaders
	csvColumns
	csvOldColumns = csvMethod
)

// csvNames are the names of the numbers, for messages.
var csvNames = [...]string{"the time stamp", "the status", "the latency", "the number of bytes sent", "the number of bytes received"}

func (v *vegeta) readCSV(in *bufio.Reader) error {
	m := newMeter(in)
	records := csv.NewReader(m)
	records.ReuseRecord = true
	records.FieldsPerRecord = -1 // checked below
	columns := 0
	var headers []byte // of the last record
	for line := 1; ; line++ {
		fields, err := records.Read()
		var syntax *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return v.endCSV(line-1, headers)
		case err != nil && !errors.As(err, &syntax):
			return readError(err)
		}
		m.next()
		v.settle()
		if columns == 0 && err == nil {
			if err := csvFormat(fields); err != nil {
				return err
			}
			columns = len(fields)
		}
		if err != nil || len(fields) != columns {
			v.doubt(line, "not a line of the CSV")
			continue
		}
		if columns == csvColumns {
			headers = append(headers[:0], fields[csvHeaders]...)
		}
		if err := v.addCSV(fields); err != nil {
			return err
		}
	}
}

// endCSV looks at the last column of the last line, which may have been cut:
// headers are base64 text that unpacks to whole lines.
func (v *vegeta) endCSV(line int, headers []byte) error {
	text, err := base64.StdEncoding.AppendDecode(nil, headers)
	if err != nil || len(text) > 0 && text[len(text)-1] != '\n' {
		v.doubt(line, "not a line of the CSV")
	}
	return v.end()
}

// csvFormat checks the first line.
func csvFormat(fields []string) error {
	switch {
	case len(fields) == csvColumns || len(fields) == csvOldColumns:
		return nil
	case strings.Contains(fields[0], ";"):
		return &Error{Text: "its fields are separated by semicolons: a spreadsheet has saved it",
			Hint: "use the file as vegeta encode -to csv wrote it"}
	}
	return &Error{Text: fmt.Sprintf("has %d columns, want %d", len(fields), csvColumns),
		Hint: "use the file as vegeta encode -to csv wrote it"}
}

// addCSV reads one line of the right number of columns.
func (v *vegeta) addCSV(fields []string) error {
	var numbers [csvBytesIn + 1]int64
	for i := range numbers {
		n, err := strconv.ParseInt(fields[i], 10, 64)
		if err != nil {
			v.collector.skip(csvNames[i] + " is not a whole number")
			return nil
		}
		numbers[i] = n
	}
	if min(numbers[csvCode], numbers[csvBytesOut], numbers[csvBytesIn]) < 0 || numbers[csvCode] > math.MaxUint16 {
		v.collector.skip("a number is out of range")
		return nil
	}
	seq, err := strconv.ParseUint(fields[csvSeq], 10, 64)
	if err != nil {
		v.collector.skip("the sequence number is not a whole number")
		return nil
	}
	r := vegetaHit{
		Seq: seq, Code: uint16(numbers[csvCode]), Timestamp: time.Unix(0, numbers[csvTimestamp]),
		Latency: time.Duration(numbers[csvLatency]), BytesOut: uint64(numbers[csvBytesOut]), BytesIn: uint64(numbers[csvBytesIn]),
		Error: fields[csvError],
	}
	if len(fields) == csvColumns {
		r.Method, r.URL = fields[csvMethod], fields[csvURL]
	}
	return v.add(r)
}
