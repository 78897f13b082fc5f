package config

import (
	"strconv"
	"strings"
	"time"
)

// splitNumber cuts a plain decimal number off the front of a text: "0.1pp" is
// "0.1" and "pp". One space may stand between them. Signs, exponents, NaN and
// infinities are no numbers here.
func splitNumber(text string) (number, unit string) {
	i := 0
	for i < len(text) && (isDigit(text[i]) || text[i] == '.') {
		i++
	}
	number, unit = text[:i], strings.TrimPrefix(text[i:], " ")
	if number == "" || !isDigit(number[0]) || !isDigit(number[len(number)-1]) || strings.Count(number, ".") > 1 || len(number) > 20 {
		return "", text
	}
	return number, unit
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// decimal reads a whole number without sign, underscores or leading zeros.
func decimal(text string) bool {
	if text == "" || len(text) > 1 && text[0] == '0' {
		return false
	}
	for i := range len(text) {
		if !isDigit(text[i]) {
			return false
		}
	}
	return true
}

// parseDuration reads "10s", "1m30s", "500ms" or whole days, "30d".
func parseDuration(text string) (time.Duration, bool) {
	if text == "" || !isDigit(text[0]) {
		return 0, false
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.Atoi(days)
		if err != nil || !decimal(days) || n > 36500 {
			return 0, false
		}
		return time.Duration(n) * 24 * time.Hour, true
	}
	if decimal(text) {
		return 0, false // "0" as well: every length has its unit
	}
	length, err := time.ParseDuration(text)
	return length, err == nil
}

// parseRate reads "400/s" or "100/m" and returns requests a second.
func parseRate(text string) (float64, bool) {
	number, unit := splitNumber(text)
	n, err := strconv.ParseFloat(number, 64)
	switch {
	case err != nil:
		return 0, false
	case unit == "/s":
		return n, true
	case unit == "/m":
		return n / 60, true
	}
	return 0, false
}

// parseShare reads "5%" or "+0.1pp" and returns the ratio, 0.05 or 0.001, and
// the unit, "%" or "pp". The number is scaled in decimal, so that 0.7% is
// 0.007 and not its neighbour.
func parseShare(text string) (ratio float64, unit string, ok bool) {
	number, unit := splitNumber(strings.TrimPrefix(text, "+"))
	if unit != "%" && unit != "pp" {
		return 0, "", false
	}
	ratio, err := strconv.ParseFloat(number+"e-2", 64)
	return ratio, unit, err == nil
}

// parseBytes reads "512MiB", "1.5GB" or "100B".
func parseBytes(text string) (float64, bool) {
	number, unit := splitNumber(text)
	n, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return 0, false
	}
	for _, u := range []struct {
		name  string
		scale float64
	}{{"B", 1}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}} {
		if u.name == unit {
			return n * u.scale, true
		}
	}
	return 0, false
}

// formatShare is the inverse of parseShare for people: "+25%" of 0.25.
func formatShare(ratio float64, unit string) string {
	return "+" + strconv.FormatFloat(percent(ratio), 'f', -1, 64) + unit
}

// percent is ratio × 100 without the error of the multiplication.
func percent(ratio float64) float64 {
	n, _ := strconv.ParseFloat(strconv.FormatFloat(ratio*100, 'g', 12, 64), 64)
	return n
}
