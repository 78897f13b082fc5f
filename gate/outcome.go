package gate

// An Outcome is what the comparison says of one row.
type Outcome string

// The outcomes of a row. Only regression can make the verdict a regression;
// new and info never change it.
const (
	OutcomePass          Outcome = "pass"
	OutcomeRegression    Outcome = "regression"
	OutcomeImprovement   Outcome = "improvement"
	OutcomeInconclusive  Outcome = "inconclusive"
	OutcomeNotComparable Outcome = "not_comparable"
	OutcomeInvalid       Outcome = "invalid"
	OutcomeNew           Outcome = "new"
	OutcomeInfo          Outcome = "info"
)

// CodeUnconfirmed is the reason of a row that a history calls worse, until a
// second job of the same build shows it too.
const CodeUnconfirmed = "unconfirmed"

// A Verdict is what Judge says of the whole comparison.
type Verdict string

// The verdicts of the whole. Pass is the only one that claims evidence of no
// regression; every way of not having that evidence has a name of its own.
const (
	VerdictPass          Verdict = "pass"
	VerdictRegression    Verdict = "regression"
	VerdictViolation     Verdict = "violation"
	VerdictInconclusive  Verdict = "inconclusive"
	VerdictNoBaseline    Verdict = "no_baseline"
	VerdictNotComparable Verdict = "not_comparable"
	VerdictInvalid       Verdict = "invalid"
	VerdictSkipped       Verdict = "skipped"
)

// The exit codes of perfgate. Every command uses these and no other.
const (
	ExitOK          = 0   // pass, skipped, and what the policy lets through
	ExitRegression  = 1   // regression or violation, and only these
	ExitUsage       = 2   // usage or configuration
	ExitUnmeasured  = 3   // could not measure, compare or read
	ExitUndecided   = 4   // undecided where the policy says fail
	ExitInterrupted = 130 // interrupted by a signal
)

// A Design is how the data of a comparison were made. It is read from the
// files and never guessed (docs/method.md 0.4 to 0.7).
type Design string

// The four designs, from the strongest evidence to the weakest. DesignNone
// stands where nothing was compared.
const (
	DesignPaired  Design = "paired"
	DesignHistory Design = "history"
	DesignBlocks  Design = "blocks"
	DesignSingle  Design = "single"
	DesignNone    Design = "none"
)

// A Role says how a row takes part in the decision.
type Role string

// The roles: a primary row must pass for a pass; a secondary row can only fail
// or be suspicious; a relative row compares an endpoint with the others of the
// same run; an info row is shown and never decides.
const (
	RolePrimary   Role = "primary"
	RoleSecondary Role = "secondary"
	RoleRelative  Role = "relative"
	RoleInfo      Role = "info"
)

// A Severity says what a broken rule does.
type Severity string

// The severities: block decides the verdict, warn stands in the headline,
// info is only shown.
const (
	SeverityBlock Severity = "block"
	SeverityWarn  Severity = "warn"
	SeverityInfo  Severity = "info"
)
