package demo

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestScan(t *testing.T) {
	var errBroken = errors.New("connection broken")
	tests := []struct {
		name, body string
		want       string
		wantErr    error  // one of the named
		wantText   string // or a part of its text
	}{
		{name: "first key", body: `{"model":"resnet50","input":[[1,-2.5e3,0]]}`, want: "resnet50"},
		{name: "last key, spaced", body: " {\r\n\t\"input\" : { } , \"model\" : \"m\" } \n", want: "m"},
		{name: "deeper models do not count", body: `{"a":{"model":"x"},"b":[{"model":"y"}],"model":"z"}`, want: "z"},
		{name: "the last of several", body: `{"model":"x","model":"y"}`, want: "y"},
		{name: "escapes", body: `{"\u006dodel":"a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"}`, want: "a\"\\/\b\f\n\r\té😀"},
		{name: "empty name", body: `{"model":""}`, want: ""},
		{name: "every kind of value", body: `{"a":true,"b":false,"c":null,"d":-0.0E-1,"e":"","f":[],"model":"m"}`, want: "m"},
		{name: "a long other key", body: `{"` + strings.Repeat("k", 2*maxKept) + `":1,"model":"m"}`, want: "m"},

		{name: "no model", body: `{"models":"m"}`, wantErr: errNoModel},
		{name: "empty object", body: `{}`, wantErr: errNoModel},
		{name: "model is a number", body: `{"model":1}`, wantErr: errModelKind},
		{name: "model is too long", body: `{"model":"` + strings.Repeat("m", maxKept+1) + `"}`, wantErr: errModelLong},
		{name: "array", body: `[{"model":"m"}]`, wantErr: errNoObject},
		{name: "text", body: `"model"`, wantErr: errNoObject},
		{name: "too deep", body: `{"a":` + strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth) + `}`, wantErr: errDepth},

		{name: "empty body", body: "", wantText: "byte 0: expected a value"},
		{name: "cut short", body: `{"model":"m","input":[1,2`, wantText: "byte 25: expected a comma or a bracket"},
		{name: "cut in a text", body: `{"model":"m`, wantText: "byte 11: expected a character"},
		{name: "something after it", body: `{"model":"m"}{`, wantText: "byte 13: expected the end"},
		{name: "zero byte after it", body: "{\"model\":\"m\"}\x00", wantText: "byte 13: expected the end"},
		{name: "comma before the end", body: `{"model":"m",}`, wantText: "byte 13: expected a key"},
		{name: "no colon", body: `{"model" "m"}`, wantText: "expected a colon"},
		{name: "no comma", body: `{"model":"m" "a":1}`, wantText: "expected a comma or a brace"},
		{name: "leading zero", body: `{"a":01}`, wantText: "byte 6: expected a comma"},
		{name: "plus sign", body: `{"a":+1}`, wantText: "expected a value"},
		{name: "no digit after the minus", body: `{"a":-}`, wantText: "expected a digit"},
		{name: "no digit after the point", body: `{"a":1.}`, wantText: "expected a digit"},
		{name: "no exponent", body: `{"a":1e}`, wantText: "expected a digit"},
		{name: "NaN", body: `{"a":nan}`, wantText: "expected null"},
		{name: "unknown escape", body: `{"a":"\x"}`, wantText: "expected an escape"},
		{name: "short escape", body: `{"a":"\u12g4"}`, wantText: "expected a hexadecimal digit"},
		{name: "control character", body: "{\"a\":\"\n\"}", wantText: "expected a character"},
	}
	for _, tt := range tests {
		// In pieces of one byte everything that can cross a border of the buffer does.
		for name, r := range map[string]io.Reader{
			"whole":  strings.NewReader(tt.body),
			"pieces": iotest.OneByteReader(strings.NewReader(tt.body)),
		} {
			t.Run(tt.name+"/"+name, func(t *testing.T) {
				got, err := new(scanner).model(r)
				switch {
				case tt.wantErr != nil:
					if !errors.Is(err, tt.wantErr) {
						t.Errorf("error = %v, want %v", err, tt.wantErr)
					}
				case tt.wantText != "":
					if err == nil || !strings.Contains(err.Error(), tt.wantText) {
						t.Errorf("error = %v, want one with %q", err, tt.wantText)
					}
				case err != nil || got != tt.want:
					t.Errorf("= %q, %v, want %q", got, err, tt.want)
				}
			})
		}
	}
	_, err := new(scanner).model(io.MultiReader(strings.NewReader(`{"model":`), iotest.ErrReader(errBroken)))
	if !errors.Is(err, errBroken) {
		t.Errorf("error = %v, want the reader's", err)
	}
}

func TestScanIsReusable(t *testing.T) {
	sc := new(scanner)
	if _, err := sc.model(strings.NewReader(`{"model":"m","a":[1,`)); err == nil {
		t.Fatal("half a body was accepted")
	}
	if got, err := sc.model(strings.NewReader(`{"input":1}`)); !errors.Is(err, errNoModel) {
		t.Errorf("= %q, %v, want %v: nothing of the former body may stay", got, err, errNoModel)
	}
}

// FuzzScan holds the scanner to encoding/json.
func FuzzScan(f *testing.F) {
	for _, body := range []string{
		`{"model":"resnet50","input":[[1,-2.5e3,0]]}`, `{"\u006dodel":"\ud83d","model":"b"}`, `{"model":1}`, `[]`, `{"a":"\x"}`, "",
	} {
		f.Add([]byte(body), 3)
	}
	f.Fuzz(func(t *testing.T, body []byte, piece int) {
		r := &piecewise{data: body, n: max(1, piece)}
		got, err := new(scanner).model(r)
		valid := json.Valid(body)
		named := errors.Is(err, errNoModel) || errors.Is(err, errNoObject)
		given := errors.Is(err, errModelKind) || errors.Is(err, errModelLong) || errors.Is(err, errDepth)
		switch {
		case given: // it does not look further
		case (err == nil || named) != valid:
			t.Fatalf("error = %v, but json.Valid is %v", err, valid)
		case err == nil:
			var object map[string]any
			if err := json.Unmarshal(body, &object); err != nil {
				t.Fatal(err)
			}
			if object["model"] != got {
				t.Fatalf("= %q, want %v", got, object["model"])
			}
		case named:
			var object map[string]json.RawMessage
			if json.Unmarshal(body, &object) == nil && object["model"] != nil {
				t.Fatalf("error = %v, but there is %s", err, object["model"])
			}
		}
	})
}

// piecewise gives n bytes a read.
type piecewise struct {
	data []byte
	n    int
}

func (p *piecewise) Read(b []byte) (int, error) {
	if len(p.data) == 0 {
		return 0, io.EOF
	}
	n := copy(b[:min(p.n, len(b))], p.data)
	p.data = p.data[n:]
	return n, nil
}

// BenchmarkScan reads the input of a small image; json.Valid, which needs it all in memory, takes nearly
// three times as long.
func BenchmarkScan(b *testing.B) {
	var body strings.Builder
	body.WriteString(`{"model":"resnet50","input":[0.1234`)
	for i := range 3 * 224 * 224 {
		fmt.Fprintf(&body, ",%.4f", float64(i%997)/997)
	}
	body.WriteString("]}")
	text := body.String()
	sc := new(scanner)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := sc.model(strings.NewReader(text)); err != nil {
			b.Fatal(err)
		}
	}
}
