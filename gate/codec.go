package gate

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// significant digits of numbers in files: arm64 fuses multiply-add, so the
// last bits of a float64 differ between machines and must not reach a file.
const (
	fileDigits = 6
	pDigits    = 3 // p-values
)

// KnownFeatures lists the words that a file's requires may hold. A file that
// names another one would be misjudged by this version and is refused.
func KnownFeatures() []string { return []string{"pairs"} }

// Encode writes a Result or Report as canonical bytes: two-space indent, keys
// in the order of the struct, numbers rounded to 6 significant digits
// (p-values to 3), integers exact, a newline at the end. The same value gives
// the same bytes on every machine. A NaN or an infinity is an error.
func Encode(v any) ([]byte, error) {
	var raw bytes.Buffer
	enc := json.NewEncoder(&raw)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	rounded := roundNumbers(raw.Bytes())
	var out bytes.Buffer
	if err := json.Indent(&out, rounded, "", "  "); err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	return out.Bytes(), nil
}

// roundNumbers rewrites every fractional number of compact, valid JSON. The
// last key seen says whether it is a p-value.
func roundNumbers(in []byte) []byte {
	out := make([]byte, 0, len(in))
	var key []byte
	for i := 0; i < len(in); {
		switch c := in[i]; {
		case c == '"':
			end := stringEnd(in, i)
			if end < len(in) && in[end] == ':' {
				key = in[i:end]
			}
			out = append(out, in[i:end]...)
			i = end
		case c == '-' || c >= '0' && c <= '9':
			end := i + 1
			for end < len(in) && strings.IndexByte("0123456789+-.eE", in[end]) >= 0 {
				end++
			}
			out = appendRounded(out, in[i:end], digitsOf(key))
			i = end
		default:
			out = append(out, c)
			i++
		}
	}
	return out
}

// stringEnd returns the index after the string literal that begins at i.
func stringEnd(in []byte, i int) int {
	for i++; in[i] != '"'; i++ {
		if in[i] == '\\' {
			i++
		}
	}
	return i + 1
}

func digitsOf(key []byte) int {
	if string(key) == `"p"` || string(key) == `"p_adjusted"` {
		return pDigits
	}
	return fileDigits
}

func appendRounded(out, number []byte, digits int) []byte {
	if string(number) == "-0" {
		return append(out, '0')
	}
	if !bytes.ContainsAny(number, ".eE") {
		return append(out, number...)
	}
	f, err := strconv.ParseFloat(string(number), 64)
	if err != nil {
		return append(out, number...)
	}
	f, _ = strconv.ParseFloat(strconv.FormatFloat(f, 'g', digits, 64), 64)
	if f == 0 { // no negative zero
		return append(out, '0')
	}
	b, _ := json.Marshal(f) // shortest form, never fails on a finite number
	return append(out, b...)
}

// Digest returns "sha256:" and the hexadecimal digest of data.
func Digest(data []byte) string {
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// DecodeResult reads canonical or any other valid bytes of a result and checks
// them (Result.Validate). Unknown fields are ignored, an unknown word in
// requires is refused. Errors name the field and begin with no path: the
// caller knows it.
func DecodeResult(data []byte) (Result, error) {
	var r Result
	if err := decode(data, ResultKind, &r); err != nil {
		return Result{}, err
	}
	if err := r.Validate(); err != nil {
		return Result{}, err
	}
	return r, nil
}

// DecodeReport is DecodeResult for reports; it checks the envelope only, since
// nothing is computed from a report.
func DecodeReport(data []byte) (Report, error) {
	var r Report
	err := decode(data, ReportKind, &r)
	return r, err
}

// envelope is what both kinds of file begin with.
type envelope struct {
	Kind          string   `json:"kind"`
	SchemaVersion int      `json:"schema_version"`
	Requires      []string `json:"requires"`
}

func decode(data []byte, kind string, into any) error {
	if len(bytes.TrimSpace(data)) == 0 {
		return errors.New("the file is empty")
	}
	var head envelope
	if err := json.Unmarshal(data, &head); err != nil {
		return jsonError(data, err)
	}
	switch {
	case head.Kind != kind:
		return fmt.Errorf("kind: is %q, want %q", head.Kind, kind)
	case head.SchemaVersion != SchemaVersion:
		return fmt.Errorf("schema_version: is %d, this perfgate reads %d", head.SchemaVersion, SchemaVersion)
	}
	if err := checkRequires(head.Requires); err != nil {
		return err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return jsonError(data, err)
	}
	return nil
}

func checkRequires(words []string) error {
	for _, word := range words {
		if !slices.Contains(KnownFeatures(), word) {
			return fmt.Errorf("requires: needs the feature %q, which this perfgate does not know; use a newer one", word)
		}
	}
	return nil
}

// jsonError adds the line to an error of encoding/json and says when the file
// was cut short.
func jsonError(data []byte, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), err.Error() == "unexpected end of JSON input":
		return fmt.Errorf("line %d: the file ends in the middle: it was cut short", lineOf(data, int64(len(data))))
	case errors.As(err, &syntax):
		return fmt.Errorf("line %d: not valid JSON: %w", lineOf(data, syntax.Offset), err)
	case errors.As(err, &kind):
		return fmt.Errorf("line %d: %s: is a %s, want %s", lineOf(data, kind.Offset), kind.Field, kind.Value, kind.Type)
	}
	return fmt.Errorf("not valid JSON: %w", err)
}

func lineOf(data []byte, offset int64) int {
	offset = min(offset, int64(len(data)))
	return bytes.Count(data[:offset], []byte("\n")) + 1
}

// finite reports whether a number can be computed with.
func finite(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) }
