package config

import (
	"fmt"
	"strings"
)

// suggest is the hint for a word that is not one of the choices: the one that
// was meant when one is close, otherwise all of them.
func suggest(word string, choices []string) string {
	if near := Nearest(word, choices); near != "" {
		return fmt.Sprintf("did you mean %s?", show(near))
	}
	return "choose from " + strings.Join(choices, ", ")
}

// Nearest returns the choice that a person who typed word most likely meant,
// or "" when none is close: at most two slips, and one in three letters.
// Case is no slip, nor is "-" for "_".
func Nearest(word string, choices []string) string {
	best, least := "", 3
	for _, choice := range choices {
		if diff := len(word) - len(choice); diff >= least || -diff >= least {
			continue
		}
		slips := distance(fold(word), fold(choice))
		if slips < least && 3*slips <= min(len(word), len(choice)) {
			best, least = choice, slips
		}
	}
	return best
}

func fold(word string) string {
	return strings.ReplaceAll(strings.ToLower(word), "-", "_")
}

// distance counts insertions, deletions, substitutions and swaps of
// neighbours (optimal string alignment). Words longer than any name in the
// files are not worth a table.
func distance(a, b string) int {
	const most = 200
	if len(a) > most || len(b) > most {
		return most
	}
	var before, last, row [most + 1]int
	for j := range len(b) + 1 {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			slip := 1
			if a[i-1] == b[j-1] {
				slip = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+slip)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
