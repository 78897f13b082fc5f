package hist

import (
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
)

const (
	// envelope is the length of what stands before the compressed part: cookie
	// and length.
	envelope = 8
	// maxEncoded bounds the text: 17 408 counters of at most 9 bytes that do
	// not compress, as base64.
	maxEncoded = 1 << 18
	// maxCount bounds the values of one histogram. It is more than any load
	// test sends, and few enough for thousands of them to be merged.
	maxCount = 1 << 48
)

// Encode returns the histogram in HdrHistogram's V2 compressed encoding as
// base64 text, "HISTFAAAA…", that every port of HdrHistogram reads; the unit
// is µs. Equal counts give equal texts (from one release of Go's compressor).
// Clamped and the exact extremes and mean are not in it. The error is the
// compressor's and does not happen.
func (h *Histogram) Encode() (string, error) {
	counts := h.counts
	if counts == nil {
		counts = hdr.New(lowest, highest, digits)
	}
	text, err := counts.Encode(hdr.V2CompressedEncodingCookieBase)
	if err != nil {
		return "", fmt.Errorf("encode histogram: %w", err)
	}
	return string(text), nil
}

// Decode reads what Encode wrote, or another port with the same range and
// digits. The text may come from anywhere: it never panics, and a text that
// claims another shape is refused before memory is set aside for it. Errors
// tell a text that is no histogram from one of another shape, and one whose
// values are outside 1 µs to 60 s.
//
// Only counts survive: Min, Max and Mean become those of the buckets, and with
// them a quantile in the first or last bucket may move by 0.05 %.
func Decode(s string) (*Histogram, error) {
	if err := checkShape(s); err != nil {
		return nil, fmt.Errorf("decode histogram: %w", err)
	}
	counts, err := hdr.Decode([]byte(s))
	if err != nil {
		return nil, fmt.Errorf("decode histogram: %w", err)
	}
	h, err := adopt(counts)
	if err != nil {
		return nil, fmt.Errorf("decode histogram: %w", err)
	}
	return h, nil
}

// checkShape reads as much of s as tells which range and precision it claims.
func checkShape(s string) error {
	if len(s) > maxEncoded {
		return fmt.Errorf("%d characters are more than a histogram can have (%d)", len(s), maxEncoded)
	}
	text := base64.NewDecoder(base64.StdEncoding, strings.NewReader(s))
	if _, err := io.ReadFull(text, make([]byte, envelope)); err != nil {
		return fmt.Errorf("not an HdrHistogram in base64: %w", err)
	}
	packed, err := zlib.NewReader(text)
	if err != nil {
		return fmt.Errorf("not a compressed HdrHistogram: %w", err)
	}
	var head struct {
		Cookie, Length, Offset, Digits int32
		Lowest, Highest                int64
		Ratio                          float64
	}
	if err := binary.Read(packed, binary.BigEndian, &head); err != nil {
		return fmt.Errorf("header of HdrHistogram: %w", err)
	}
	if head.Lowest != lowest || head.Highest != highest || head.Digits != digits {
		return fmt.Errorf("counts %d to %d at %d digits, want %d to %d µs at %d",
			head.Lowest, head.Highest, head.Digits, lowest, highest, digits)
	}
	if head.Ratio != 1 {
		return fmt.Errorf("values are scaled by %v, want whole µs", head.Ratio)
	}
	return nil
}

// adopt makes a Histogram of decoded counts after checking their values.
func adopt(counts *hdr.Histogram) (*Histogram, error) {
	h := new(Histogram)
	n := counts.TotalCount()
	if n == 0 {
		return h, nil
	}
	if n > maxCount {
		return nil, fmt.Errorf("%d values are more than a load test sends (%d)", n, int64(maxCount))
	}
	h.counts, h.min, h.max = counts, math.Inf(1), math.Inf(-1)
	for i, count := range counts.Export().Counts {
		if count == 0 {
			continue
		}
		low := lowEdge(i)
		if low < lowest || low > highest {
			return nil, fmt.Errorf("value %d µs is outside %d to %d", low, lowest, highest)
		}
		high := float64(min(low+width(low)-1, highest))
		h.extend(float64(low), high, float64(count)*min(middle(low), highest))
	}
	return h, nil
}
