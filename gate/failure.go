package gate

import (
	"cmp"
	"slices"
)

// A FailureKey is what failed requests are counted by: the kind and, for
// FailStatus, the HTTP status; 0 elsewhere.
type FailureKey struct {
	Kind FailureKind
	Code int
}

// FailureList writes counts as a result holds them: sorted by kind, then code;
// never nil.
func FailureList(counts map[FailureKey]int64) []Failure {
	keys := make([]FailureKey, 0, len(counts))
	for key := range counts {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b FailureKey) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Code, b.Code))
	})
	list := []Failure{}
	for _, key := range keys {
		f := Failure{Kind: key.Kind, Count: counts[key]}
		if key.Code != 0 {
			f.Code = ptr(key.Code)
		}
		list = append(list, f)
	}
	return list
}
