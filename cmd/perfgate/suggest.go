package main

import (
	"fmt"
	"strings"
)

// didYouMean is the hint for a word that is none of the choices: the close one,
// else otherwise.
func didYouMean(word string, choices []string, otherwise string) string {
	if near := nearest(word, choices); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return otherwise
}

// nearest returns the choice that was most likely meant by word, or "" when
// none is close: at most two slips, and one in three letters. Case is no slip.
func nearest(word string, choices []string) string {
	best, least := "", 3
	for _, choice := range choices {
		slips := distance(strings.ToLower(word), strings.ToLower(choice))
		if slips < least && 3*slips <= min(len(word), len(choice)) {
			best, least = choice, slips
		}
	}
	return best
}

// distance counts insertions, deletions, substitutions and swaps of neighbours
// (optimal string alignment).
func distance(a, b string) int {
	if len(a) > 200 || len(b) > 200 { // no typing error; do not fill a table for it
		return 200
	}
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			slip := 1
			if a[i-1] == b[j-1] {
				slip = 0
			}
			rows[i][j] = min(rows[i][j-1]+1, rows[i-1][j]+1, rows[i-1][j-1]+slip)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
