package stats

import (
	"math"
	"testing"
)

func TestDocumentedOutlook(t *testing.T) {
	noise := PairNoise{SD: 0.05, Prior: Prior{0.05 / math.Sqrt2, 4}}
	checkDocumented(t, []documented{
		{"Found", noise.Found(math.Log(1.1), math.Log(1.05), 5, 0.01), "0.881288"},
		{"over", noise.over(math.Log(1.1)-math.Log(1.05), 5), "0.981257"},
		{"RuledOut", noise.RuledOut(math.Log(1.1), 8, 0.0125), "0.997433"},
	})
}

func TestOutlookOfNothing(t *testing.T) {
	noise := PairNoise{SD: 0.05, Prior: declared}
	quiet := PairNoise{Prior: declared}
	for name, test := range map[string]struct{ got, want float64 }{
		"found without pairs":            {noise.Found(1, 0, 0, 0.01), 0},
		"found at no level":              {noise.Found(1, 0, 4, 0), 0},
		"found, effect is no number":     {noise.Found(nan, 0, 4, 0.01), 0},
		"half of what is at its limit":   {noise.Found(0.5, 0.5, 4, 0.01), 0.5},
		"ruled out without pairs":        {noise.RuledOut(1, 0, 0.05), 0},
		"ruled out at no level":          {noise.RuledOut(1, 4, 0), 0},
		"ruled out, margin is no number": {noise.RuledOut(nan, 4, 0.05), 0},
		"ruled out without any noise":    {PairNoise{}.RuledOut(1, 4, 0.05), 0},
		"quiet, within the margin":       {quiet.RuledOut(1, 4, 0.05), 1},
		"quiet, not within":              {quiet.RuledOut(0.01, 4, 0.05), 0},
	} {
		if math.Abs(test.got-test.want) > 1e-12 {
			t.Errorf("%s: %g, want %g", name, test.got, test.want)
		}
	}
}
