package baselines

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/perfgate/perfgate/gate"
)

// longestName is what segment keeps of a name, cutName what stands before the
// hash of a longer one.
const (
	longestName = 80
	cutName     = 60
)

// segment writes any name as one segment of a key: a-z, 0-9, dot and dash stand
// for themselves, "__" for a slash, "_41" for every other byte, so that two
// names are never one. A name that would be longer than longestName ends in
// "_-" and 16 digits of its hash. The result hides in no listing and is no
// device of Windows.
func segment(name string) string {
	var b strings.Builder
	cut := 0 // the last place to cut at without splitting an escape
	for i := range len(name) {
		c := name[i]
		switch {
		case c == '/':
			b.WriteString("__")
		case plainByte(c) && !atEdge(name, i):
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "_%02x", c)
		}
		if b.Len() <= cutName {
			cut = b.Len()
		}
	}
	if s := b.String(); len(s) <= longestName {
		return s
	}
	return b.String()[:cut] + "_-" + hashed(name)[:16]
}

func plainByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '.' || c == '-'
}

// atEdge reports whether the byte at i is harmless inside a name but not where
// it stands: a dot that hides, a dash that is a flag, a dot that Windows drops,
// the first letter of a device.
func atEdge(name string, i int) bool {
	if i == 0 && (name[0] == '.' || name[0] == '-' || isDevice(name)) {
		return true
	}
	return i == len(name)-1 && name[i] == '.'
}

func isDevice(name string) bool {
	stem, _, _ := strings.Cut(name, ".")
	switch stem {
	case "con", "prn", "aux", "nul":
		return true
	}
	return len(stem) == 4 && (stem[:3] == "com" || stem[:3] == "lpt")
}

// unsegment is the inverse of segment; a name that was cut stays as it is.
func unsegment(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '_' {
			b.WriteByte(s[i])
			continue
		}
		rest := s[i+1:]
		if strings.HasPrefix(rest, "_") {
			b.WriteByte('/')
			i++
			continue
		}
		code, err := hex.DecodeString(rest[:min(2, len(rest))])
		if err != nil || len(code) != 1 {
			return s
		}
		b.Write(code)
		i += 2
	}
	return b.String()
}

func hashed(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// unknown stands in a key for a digest or commit that a result does not have.
// It is never equal to anything.
const unknown = "unknown"

// digits of digests and commits in keys: 48 bits, among at most some thousand
// objects of one folder.
const shortDigits = 12

// short returns the first digits of a digest, "unknown" of none.
func short(digest string) string {
	if digest == "" {
		return unknown
	}
	digits := strings.TrimPrefix(digest, "sha256:")
	if len(digits) < shortDigits || !isHex(digits) {
		digits = hashed(digest) // a foreign kind of digest
	}
	return digits[:shortDigits]
}

// shortCommit returns the first digits of a commit, "unknown" of none, and "x"
// with digits of a hash for what is no git commit.
func shortCommit(commit string) string {
	commit = strings.ToLower(commit)
	switch {
	case commit == "":
		return unknown
	case len(commit) < minCommit || !isHex(commit):
		return "x" + hashed(commit)[:shortDigits-1]
	}
	return commit[:min(len(commit), shortDigits)]
}

// minCommit is the fewest digits that git itself abbreviates to.
const minCommit = 7

// machineText is how much of a CPU's name stands in a key.
const machineText = 40

// sameCommit compares two commits of which either may be abbreviated; unknown
// ones are never the same.
func sameCommit(a, b string) bool {
	a, b = shortCommit(a), shortCommit(b)
	return a != unknown && b != unknown && (strings.HasPrefix(a, b) || strings.HasPrefix(b, a))
}

func isHex(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !(r >= '0' && r <= '9' || r >= 'a' && r <= 'f') })
}

// machineWords makes the readable part of a class: "4x-amd-epyc-7763". It does
// not tell classes apart, the digest behind it does.
func machineWords(c gate.EnvironmentClass) string {
	model := strings.ToLower(c.CPUModel)
	if model == "" {
		model = strings.ToLower(c.Arch)
	}
	model, _, _ = strings.Cut(model, "@") // the clock of Intel's names
	var words []string
	for _, word := range strings.FieldsFunc(model, func(r rune) bool { return r == ' ' || r == '(' || r == ')' }) {
		switch {
		case word == "r" || word == "tm" || word == "cpu" || word == "processor" || strings.HasSuffix(word, "-core"):
		default:
			words = append(words, strings.Map(plainRune, word))
		}
	}
	text := strings.Join(words, "-")
	text = text[:min(len(text), machineText)]
	return strings.Trim(strconv.Itoa(c.CPUs)+"x-"+text, "-")
}

// plainRune drops what cannot stand in a key.
func plainRune(r rune) rune {
	if r < 0x80 && plainByte(byte(r)) {
		return r
	}
	return -1
}

const (
	resultsFolder = "results"
	pinsFolder    = "pins"
	keyTime       = "20060102t150405z"
	resultSuffix  = ".json"
	runsSuffix    = "runs"
	dirtySuffix   = ".dirty"
	acceptSuffix  = ".accepted" // of the state: a waiver let a regression through
)

// States of a result that are no verdict.
const (
	stateUnjudged    = "unjudged"
	stateInterrupted = "interrupted"
)

func isState(s string) bool {
	switch gate.Verdict(s) {
	case gate.VerdictPass, gate.VerdictRegression, gate.VerdictViolation, gate.VerdictInconclusive,
		gate.VerdictNoBaseline, gate.VerdictNotComparable, gate.VerdictInvalid, gate.VerdictSkipped,
		stateUnjudged, stateInterrupted:
		return true
	}
	return false
}

// scenarioFolder is where the results of a scenario (ScenarioInfo.ID) are.
func scenarioFolder(scenario string) string { return resultsFolder + "/" + segment(scenario) }

// An entryName is what a key says of its result; key and parseKey are inverses.
type entryName struct {
	scenario string // segment
	machine  string // machineWords; empty when the class is unknown
	class    string // short
	load     string // short
	started  time.Time
	commit   string // shortCommit
	dirty    bool
	branch   string // segment
	state    string
	accepted bool // a regression in it was let through: it begins an epoch
	runs     int
	digest   string // short
}

func (n entryName) folder() string {
	class := n.class
	if n.machine != "" {
		class = n.machine + "-" + n.class
	}
	return strings.Join([]string{resultsFolder, n.scenario, class, n.load}, "/")
}

func (n entryName) key() string {
	commit := n.commit
	if n.dirty {
		commit += dirtySuffix
	}
	state := n.state
	if n.accepted {
		state += acceptSuffix
	}
	return n.folder() + "/" + strings.Join([]string{n.started.UTC().Format(keyTime), commit, n.branch, state,
		strconv.Itoa(n.runs) + runsSuffix, n.digest}, "-") + resultSuffix
}

// parseKey reads the key of a result. What is called .json in the folder of
// results and has no such key is an error: taken for nothing, it would be a
// lost baseline.
func parseKey(key string) (entryName, error) {
	n, ok := scanKey(key)
	if !ok || !isState(n.state) || len(n.digest) != shortDigits || !isHex(n.digest) || n.key() != key || checkKey(key) != nil {
		return entryName{}, fmt.Errorf("store object %q: is not the name of a result that this perfgate writes; was it renamed, or made by a newer one?", shortened(key))
	}
	return n, nil
}

// scanKey takes a key apart without looking at the parts.
func scanKey(key string) (n entryName, ok bool) {
	parts := strings.Split(key, "/")
	if len(parts) != 5 || parts[0] != resultsFolder {
		return entryName{}, false
	}
	n.scenario, n.class, n.load = parts[1], parts[2], parts[3]
	if i := strings.LastIndexByte(n.class, '-'); i >= 0 {
		n.machine, n.class = n.class[:i], n.class[i+1:]
	}
	// The branch alone may hold a dash: the fields before and behind it are counted.
	f := strings.Split(strings.TrimSuffix(parts[4], resultSuffix), "-")
	if len(f) < 6 {
		return entryName{}, false
	}
	last := len(f) - 1
	n.commit, n.dirty = strings.CutSuffix(f[1], dirtySuffix)
	n.branch = strings.Join(f[2:last-2], "-")
	n.state, n.accepted = strings.CutSuffix(f[last-2], acceptSuffix)
	n.digest = f[last]
	started, timeErr := time.Parse(keyTime, f[0])
	runs, runsErr := strconv.Atoi(strings.TrimSuffix(f[last-1], runsSuffix))
	n.started, n.runs = started, runs
	return n, timeErr == nil && runsErr == nil && runs > 0
}
