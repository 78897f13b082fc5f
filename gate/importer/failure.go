package importer

import (
	"strings"

	"github.com/perfgate/perfgate/gate"
)

// failureTexts tells the kinds of failure apart by what Go's HTTP client
// says, which is what most tools pass on. The first match wins: a look-up that
// timed out is a dns failure.
var failureTexts = []struct {
	kind  gate.FailureKind
	texts []string
}{
	{gate.FailDNS, []string{"no such host", "lookup ", "server misbehaving", "name resolution"}},
	{gate.FailTLS, []string{"tls:", "x509:", "certificate", "http response to https client"}},
	{gate.FailRefused, []string{"connection refused", "actively refused"}},
	{gate.FailTimeout, []string{"deadline exceeded", "timeout", "timed out"}},
	{gate.FailReset, []string{"connection reset", "eof", "broken pipe", "server closed", "forcibly closed", "connection was aborted"}},
	{gate.FailClient, []string{"too many open files", "cannot assign requested address", "unsupported protocol scheme", "no buffer space"}},
}

// failureKind reads the kind of a failure off an error text. The URL, which
// may hold any word, is left out: Go writes it in quotes before the cause.
func failureKind(text string) gate.FailureKind {
	if _, after, ok := strings.Cut(text, "\": "); ok {
		text = after
	}
	text = strings.ToLower(text)
	for _, f := range failureTexts {
		for _, part := range f.texts {
			if strings.Contains(text, part) {
				return f.kind
			}
		}
	}
	return gate.FailOther
}
