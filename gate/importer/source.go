package importer

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"iter"
)

const (
	// maxInflated bounds what a gzipped file may unpack to.
	maxInflated = 4 << 30
	// maxRecord bounds one record: bodies may be inside, but a file without
	// an end of line is not read into memory.
	maxRecord = 16 << 20
)

// open returns the text of a file: unpacked when it is gzipped, without byte
// order mark and leading blank lines.
func open(r io.Reader, limit int64) (*bufio.Reader, error) {
	in := bufio.NewReaderSize(r, headSize)
	magic, err := in.Peek(4)
	if err != nil && err != io.EOF {
		return nil, readError(err)
	}
	switch {
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		packed, err := gzip.NewReader(in)
		if err != nil {
			return nil, readError(err)
		}
		in = bufio.NewReaderSize(&capped{r: packed, left: limit, limit: limit}, headSize)
	case bytes.Equal(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return nil, &Error{Text: "is packed with zstd", Hint: "unpack it first: zstd -d FILE"}
	case utf16Text(magic):
		return nil, &Error{Text: "is text in UTF-16", Hint: "PowerShell's > does that: use the tool's own -output, or Out-File -Encoding utf8"}
	}
	return in, skipBlank(in)
}

// utf16Text tells a little-endian byte order mark and an ASCII character from
// the binary formats, which may begin with the same two bytes.
func utf16Text(magic []byte) bool {
	return len(magic) == 4 && magic[0] == 0xff && magic[1] == 0xfe && magic[2] < 0x80 && magic[3] == 0
}

func skipBlank(in *bufio.Reader) error {
	if bom, _ := in.Peek(3); bytes.Equal(bom, []byte("\xef\xbb\xbf")) {
		_, _ = in.Discard(3) // they were peeked
	}
	for {
		c, err := in.ReadByte()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return readError(err)
		case c != '\n' && c != '\r':
			return in.UnreadByte()
		}
	}
}

// capped refuses to go on after limit bytes, where io.LimitReader would look
// like the end of the file.
type capped struct {
	r           io.Reader
	left, limit int64
}

// Read reads from the wrapped reader while the limit lasts.
func (c *capped) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, &Error{Text: fmt.Sprintf("unpacks to more than %d bytes", c.limit), Hint: "unpack it first if it is meant to be that large"}
	}
	n, err := c.r.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	return n, err
}

// A meter bounds what may be read between two calls of next, whatever the
// decoder on top of it keeps in memory.
type meter struct {
	r    io.Reader
	left int64
}

func newMeter(r io.Reader) *meter { return &meter{r: r, left: maxRecord} }

// next says that a record is done.
func (m *meter) next() { m.left = maxRecord }

// Read reads from the wrapped reader while the record is not too long.
func (m *meter) Read(p []byte) (int, error) {
	if m.left <= 0 {
		return 0, tooLong()
	}
	n, err := m.r.Read(p[:min(int64(len(p)), m.left)])
	m.left -= int64(n)
	return n, err
}

func tooLong() *Error {
	return &Error{Text: fmt.Sprintf("a record is longer than %d bytes", maxRecord), Hint: "leave the bodies out (vegeta attack -max-body=0)"}
}

// topLevel yields the keys of a JSON object and their values, nil for objects
// and lists, as far as head goes. It yields nothing for anything else.
func topLevel(head []byte) iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		dec := json.NewDecoder(bytes.NewReader(head))
		if first, err := dec.Token(); err != nil || first != json.Delim('{') {
			return
		}
		for dec.More() {
			key, err := dec.Token()
			name, ok := key.(string)
			if err != nil || !ok {
				return
			}
			value, err := skipValue(dec)
			if !yield(name, value) || err != nil {
				return
			}
		}
	}
}

// skipValue reads one value; scalars are returned.
func skipValue(dec *json.Decoder) (any, error) {
	var value any
	for depth := 0; ; {
		token, err := dec.Token()
		if err != nil {
			return nil, err
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		default:
			value = token
		}
		if depth == 0 {
			if _, closes := token.(json.Delim); closes {
				value = nil
			}
			return value, nil
		}
	}
}
