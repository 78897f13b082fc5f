//go:build !windows

package load

import (
	"syscall"

	"github.com/perfgate/perfgate/gate"
)

// kindOfErrno tells the failure that a system's error number stands for; empty
// for any other number. What runs out on our side never left the generator.
func kindOfErrno(e syscall.Errno) gate.FailureKind {
	switch e {
	case syscall.ECONNREFUSED:
		return gate.FailRefused
	case syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNABORTED:
		return gate.FailReset
	case syscall.EMFILE, syscall.ENFILE, syscall.EADDRNOTAVAIL, syscall.EADDRINUSE, syscall.ENOBUFS:
		return gate.FailClient
	}
	return ""
}
