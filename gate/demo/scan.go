package demo

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// scanner finds the model that a body names and checks that the body is well-formed JSON (RFC 8259),
// without building it: a large input is 786 432 numbers, and making a value or a token of each would be
// most of a request's cost. It reads through one small buffer, so 500 clients with 5 MB each need 16 MB.
type scanner struct {
	r        io.Reader
	buf      [32 << 10]byte
	pos, end int   // the unread part of buf
	before   int64 // bytes read before buf
	err      error // of r, other than the end

	kept    []byte // the text that is being kept, as written
	tooLong bool

	name  string // the last top-level "model"
	named bool
}

const (
	maxDepth = 500  // of nesting: the scanner recurses
	maxKept  = 1024 // bytes of a key or a model's name, as written
)

// What is wrong with a well-formed body.
var (
	errNoModel   = errors.New(`"model" is missing`)
	errModelKind = errors.New(`"model" is not a text`)
	errModelLong = fmt.Errorf(`"model" is longer than %d bytes`, maxKept)
	errNoObject  = errors.New("not a JSON object")
	errDepth     = fmt.Errorf("nested more than %d deep", maxDepth)
)

// model reads r to its end and returns the text under the key "model" of its object, the last one if
// there are several. The error is one of the above, tells the byte that is not JSON, or is r's.
func (s *scanner) model(r io.Reader) (string, error) {
	s.r, s.pos, s.end, s.before, s.err, s.name, s.named = r, 0, 0, 0, nil, "", false
	defer func() { s.r = nil }() // the scanner outlives the request in a pool
	first := s.space()
	if err := s.value(0); err != nil {
		return "", err
	}
	if s.space() != 0 || s.err != nil || s.pos < s.end {
		return "", s.syntax("the end")
	}
	switch {
	case first != '{':
		return "", errNoObject
	case !s.named:
		return "", errNoModel
	}
	return s.name, nil
}

// peek returns the next byte, 0 at the end: a zero byte is not legal anywhere in JSON.
func (s *scanner) peek() byte {
	if s.pos == s.end && !s.fill() {
		return 0
	}
	return s.buf[s.pos]
}

func (s *scanner) fill() bool {
	if s.err != nil {
		return false
	}
	s.before += int64(s.end)
	n, err := io.ReadAtLeast(s.r, s.buf[:], 1)
	s.pos, s.end = 0, n
	if n == 0 && err != io.EOF {
		s.err = err
	}
	return n > 0
}

// space skips white space and returns the byte after it.
func (s *scanner) space() byte {
	for {
		switch c := s.peek(); c {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return c
		}
	}
}

// syntax is the error of a body that lacks want at the current byte.
func (s *scanner) syntax(want string) error {
	if s.err != nil {
		return s.err
	}
	return fmt.Errorf("not JSON at byte %d: expected %s", s.before+int64(s.pos), want)
}

// value skips the value that begins at the current byte, depth levels down.
func (s *scanner) value(depth int) error {
	if depth >= maxDepth {
		return errDepth
	}
	switch c := s.peek(); {
	case c == '{':
		return s.object(depth)
	case c == '[':
		return s.array(depth)
	case c == '"':
		return s.text(false)
	case c == '-' || isDigit(c):
		return s.number()
	case c == 't':
		return s.word("true")
	case c == 'f':
		return s.word("false")
	case c == 'n':
		return s.word("null")
	}
	return s.syntax("a value")
}

func (s *scanner) array(depth int) error {
	s.pos++
	if s.space() == ']' {
		s.pos++
		return nil
	}
	for {
		if c := s.space(); c == '-' || isDigit(c) {
			s.numbers()
			s.space()
		}
		if err := s.value(depth + 1); err != nil {
			return err
		}
		switch s.space() {
		case ',':
			s.pos++
		case ']':
			s.pos++
			return nil
		default:
			return s.syntax("a comma or a bracket")
		}
	}
}

// numbers skips numbers in their plainest form, "0.1234," after "-5,", as far as they lie whole in the
// buffer; what follows the last comma has to be a value. It is number without its refills, nearly three
// times as fast where almost all the bytes are.
func (s *scanner) numbers() {
	rest := s.buf[s.pos:s.end]
	for {
		i := 0
		if i < len(rest) && rest[i] == '-' {
			i++
		}
		whole := i
		for i < len(rest) && isDigit(rest[i]) {
			i++
		}
		if i == whole || rest[whole] == '0' && i > whole+1 {
			return
		}
		if i < len(rest) && rest[i] == '.' {
			i++
			point := i
			for i < len(rest) && isDigit(rest[i]) {
				i++
			}
			if i == point {
				return
			}
		}
		if i == len(rest) || rest[i] != ',' {
			return
		}
		rest = rest[i+1:]
		s.pos = s.end - len(rest)
	}
}

func (s *scanner) object(depth int) error {
	s.pos++
	if s.space() == '}' {
		s.pos++
		return nil
	}
	for {
		if err := s.member(depth); err != nil {
			return err
		}
		switch s.space() {
		case ',':
			s.pos++
		case '}':
			s.pos++
			return nil
		default:
			return s.syntax("a comma or a brace")
		}
	}
}

// member skips a key and its value, unless they are what is sought.
func (s *scanner) member(depth int) error {
	if s.space() != '"' {
		return s.syntax("a key")
	}
	top := depth == 0
	if err := s.text(top); err != nil {
		return err
	}
	if s.space() != ':' {
		return s.syntax("a colon")
	}
	s.pos++
	sought := top && !s.tooLong && s.decoded() == "model"
	isText := s.space() == '"'
	if !sought || !isText {
		err := s.value(depth + 1)
		if err == nil && sought {
			err = errModelKind
		}
		return err
	}
	if err := s.text(true); err != nil {
		return err
	}
	if s.tooLong {
		return errModelLong
	}
	s.name, s.named = s.decoded(), true
	return nil
}

// text skips a string, and remembers what stands between its quotes if it is to be kept.
func (s *scanner) text(keep bool) error {
	s.pos++
	s.kept, s.tooLong = s.kept[:0], false
	for {
		c := s.peek()
		from := s.pos
		for s.pos < s.end && s.buf[s.pos] != '"' && s.buf[s.pos] != '\\' && s.buf[s.pos] >= ' ' {
			s.pos++
		}
		switch {
		case s.pos > from:
			s.keep(keep, s.buf[from:s.pos])
		case c == '"':
			s.pos++
			return nil
		case c == '\\':
			if err := s.escape(keep); err != nil {
				return err
			}
		default:
			return s.syntax("a character or a quote")
		}
	}
}

func (s *scanner) keep(keep bool, text []byte) {
	switch {
	case !keep:
	case len(s.kept)+len(text) > maxKept:
		s.tooLong = true
	default:
		s.kept = append(s.kept, text...)
	}
}

// escape skips a backslash and what it stands for.
func (s *scanner) escape(keep bool) error {
	s.pos++
	c := s.peek()
	hex := 0
	switch c {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
	case 'u':
		hex = 4
	default:
		return s.syntax("an escape")
	}
	s.pos++
	s.keep(keep, []byte{'\\', c})
	for range hex {
		c := s.peek()
		if !isDigit(c) && !('a' <= c|0x20 && c|0x20 <= 'f') {
			return s.syntax("a hexadecimal digit")
		}
		s.pos++
		s.keep(keep, []byte{c})
	}
	return nil
}

// decoded resolves the escapes of the kept text, which is well-formed.
func (s *scanner) decoded() string {
	var text string
	if err := json.Unmarshal(append(append([]byte{'"'}, s.kept...), '"'), &text); err != nil {
		return ""
	}
	return text
}

func (s *scanner) number() error {
	if s.peek() == '-' {
		s.pos++
	}
	if s.peek() == '0' {
		s.pos++
	} else if !s.digits() {
		return s.syntax("a digit")
	}
	if s.peek() == '.' {
		s.pos++
		if !s.digits() {
			return s.syntax("a digit")
		}
	}
	if s.peek()|0x20 != 'e' {
		return nil
	}
	s.pos++
	if c := s.peek(); c == '+' || c == '-' {
		s.pos++
	}
	if !s.digits() {
		return s.syntax("a digit")
	}
	return nil
}

// digits skips them and reports whether there was one.
func (s *scanner) digits() bool {
	found := false
	for isDigit(s.peek()) {
		for found = true; s.pos < s.end && isDigit(s.buf[s.pos]); {
			s.pos++
		}
	}
	return found
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func (s *scanner) word(w string) error {
	for i := range len(w) {
		if s.peek() != w[i] {
			return s.syntax(w)
		}
		s.pos++
	}
	return nil
}
