package load

import (
	"context"
	"errors"
	"io"
	"net"
	"syscall"

	"github.com/perfgate/perfgate/gate"
)

// handshakeError is a TLS handshake that failed.
type handshakeError struct{ error }

// Unwrap returns what failed.
func (e handshakeError) Unwrap() error { return e.error }

// streamError takes a reset stream of net/http's HTTP/2, whose own type is
// hidden but fills any struct with these fields.
type streamError struct {
	StreamID uint32
	Code     uint32
	Cause    error
}

// Error names the error.
func (streamError) Error() string { return "stream reset" }

// kindOf tells how a request failed. The order matters: a time-out may show as
// any error, and a handshake fails by a reset.
func kindOf(err error) gate.FailureKind {
	var (
		timeout   net.Error
		handshake handshakeError
		dns       *net.DNSError
		errno     syscall.Errno
		stream    streamError
	)
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return gate.FailTimeout
	case errors.As(err, &handshake):
		return gate.FailTLS
	case errors.As(err, &dns):
		return gate.FailDNS
	case errors.As(err, &errno) && kindOfErrno(errno) != "":
		return kindOfErrno(errno)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed), errors.As(err, &stream):
		return gate.FailReset
	}
	return gate.FailOther
}
