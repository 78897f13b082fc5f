package load

import (
	"syscall"

	"github.com/perfgate/perfgate/gate"
	"golang.org/x/sys/windows"
)

// kindOfErrno tells the failure that a system's error number stands for; empty
// for any other number. What runs out on our side never left the generator.
func kindOfErrno(e syscall.Errno) gate.FailureKind {
	switch e {
	case windows.WSAECONNREFUSED:
		return gate.FailRefused
	case windows.WSAECONNRESET, windows.WSAECONNABORTED, windows.WSAESHUTDOWN:
		return gate.FailReset
	case windows.WSAEMFILE, windows.WSAEADDRNOTAVAIL, windows.WSAEADDRINUSE, windows.WSAENOBUFS:
		return gate.FailClient
	}
	return ""
}
