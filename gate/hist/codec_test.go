package hist

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"math"
	"runtime"
	"strings"
	"testing"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func encode(t testing.TB, h *Histogram) string {
	t.Helper()
	text, err := h.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// spread records latencies around 10 ms, with a tail.
func spread() *Histogram {
	h := New()
	for k := range int64(1000) {
		h.Record(8000 + k*k/40)
	}
	return h
}

func TestRoundTrip(t *testing.T) {
	for _, tt := range []struct {
		name string
		h    *Histogram
		want view // of the decoded one
	}{
		{"one exact value", record(1500), view{1, 0, 1500, 1500, 1500, 1500, 1500, 1500, 1500}},
		{"one value, known by its bucket", record(20_003), view{1, 0, 20000, 20015, 20007.5, 20007.5, 20007.5, 20007.5, 20007.5}},
		{"clamped ones are ordinary ones", record(0, 99_000_000), view{2, 0, 1, 60e6, 30000000.5, 1, 60e6, 1, 60e6}},
		{"empty", New(), view{0, 0, math.NaN(), math.NaN(), math.NaN(), math.NaN(), math.NaN(), math.NaN(), math.NaN()}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := encode(t, tt.h)
			if !strings.HasPrefix(text, "HISTFAAAA") {
				t.Errorf("encoded as %q", text)
			}
			got, err := Decode(text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, viewOf(got), cmpopts.EquateNaNs()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if again := encode(t, got); again != text {
				t.Errorf("encoded again as %q, first as %q", again, text)
			}
		})
	}
}

// TestRoundTripKeepsInnerRanks: only the first and the last bucket know more
// before encoding than after.
func TestRoundTripKeepsInnerRanks(t *testing.T) {
	h := spread()
	got, err := Decode(encode(t, h))
	if err != nil {
		t.Fatal(err)
	}
	for k := int64(1); k <= h.Count(); k++ {
		before, after := h.ValueAtRank(k), got.ValueAtRank(k)
		if math.Abs(after/before-1) > 0.0005 || before != after && width(int64(before)) < int64(before-h.Min()) && width(int64(before)) < int64(h.Max()-before) {
			t.Errorf("rank %d: %g, before encoding %g", k, after, before)
		}
	}
	if math.Abs(got.Mean()/h.Mean()-1) > 0.0005 {
		t.Errorf("mean %g, before encoding %g", got.Mean(), h.Mean())
	}
}

// TestDecodedHistogramGoesOn: it can be recorded into and merged.
func TestDecodedHistogramGoesOn(t *testing.T) {
	h, err := Decode(encode(t, record(100, 200)))
	if err != nil {
		t.Fatal(err)
	}
	h.Record(50)
	h.Merge(record(300))
	compare(t, record(100, 200, 50, 300), h)
	empty, err := Decode(encode(t, New()))
	if err != nil {
		t.Fatal(err)
	}
	empty.Record(7)
	compare(t, record(7), empty)
}

// wire builds an encoding by hand: head goes before payload into the
// compressed part.
func wire(t testing.TB, digits int32, low, high int64, ratio float64, length int32, payload []byte) string {
	t.Helper()
	var inner, packed, out bytes.Buffer
	write := func(to *bytes.Buffer, v any) {
		if err := binary.Write(to, binary.BigEndian, v); err != nil {
			t.Fatal(err)
		}
	}
	write(&inner, []int32{0x1c849313, length, 0, digits})
	write(&inner, []int64{low, high})
	write(&inner, ratio)
	inner.Write(payload)
	z := zlib.NewWriter(&packed)
	if _, err := z.Write(inner.Bytes()); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	write(&out, []int32{0x1c849314, int32(packed.Len())})
	out.Write(packed.Bytes())
	return base64.StdEncoding.EncodeToString(out.Bytes())
}

// hostile are texts that Decode must refuse, with what the error says.
func hostile(t testing.TB) map[string][2]string {
	good := encode(t, spread())
	counts := func(payload ...byte) string {
		return wire(t, digits, lowest, highest, 1, int32(len(payload)), payload)
	}
	foreign, err := hdr.New(1, 3_600_000_000, 2).Encode(hdr.V2CompressedEncodingCookieBase)
	if err != nil {
		t.Fatal(err)
	}
	huge := []byte{0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}
	return map[string][2]string{
		"empty":                    {"", "not an HdrHistogram in base64"},
		"no base64":                {"{\"a\": 1}", "not an HdrHistogram in base64"},
		"too short":                {good[:6], "not an HdrHistogram in base64"},
		"envelope only":            {good[:12], "not a compressed HdrHistogram"},
		"cut in the counts":        {good[:len(good)-8], "histogram"},
		"cut in the header":        {good[:24], "header of HdrHistogram"},
		"other cookie":             {"AAAA" + good[4:], "encoding not supported"},
		"not compressed":           {base64.StdEncoding.EncodeToString([]byte("HISTORY of all things")), "not a compressed HdrHistogram"},
		"too long":                 {good + strings.Repeat("A", maxEncoded), "more than a histogram can have"},
		"other shape":              {string(foreign), "counts 1 to 3600000000 at 2 digits, want 1 to 60000000 µs at 3"},
		"shape that takes 50 MB":   {wire(t, 5, 1, math.MaxInt64, 1, 0, nil), "at 5 digits"},
		"shape that takes 1 TB":    {wire(t, 60, 1, math.MaxInt64, 1, 0, nil), "at 60 digits"},
		"negative shape":           {wire(t, -3, -1, -60, 1, 0, nil), "at -3 digits"},
		"scaled":                   {wire(t, digits, lowest, highest, 1e-3, 0, nil), "scaled by 0.001"},
		"scale is no number":       {wire(t, digits, lowest, highest, math.NaN(), 0, nil), "scaled by NaN"},
		"claims 2 GB of counts":    {wire(t, digits, lowest, highest, 1, math.MaxInt32, nil), "PayloadLength"},
		"claims negative counts":   {wire(t, digits, lowest, highest, 1, -1, nil), "PayloadLength"},
		"more counts than claimed": {wire(t, digits, lowest, highest, 1, 1, []byte{1, 2, 3}), "PayloadLength"},
		"decompression bomb":       {wire(t, digits, lowest, highest, 1, 100, make([]byte, 1<<22)), "PayloadLength"},
		"value 0":                  {counts(2), "value 0 µs is outside 1 to 60000000"},
		// Zero-runs are negative numbers, -n as 2n-1: 17 407 zeros, then 1.
		"value beyond 60 s":  {counts(0xfd, 0x8f, 0x02, 2), "µs is outside 1 to 60000000"},
		"beyond the buckets": {counts(0xff, 0x8f, 0x02, 2), "overflows counts array"},
		"run of all zeros":   {counts(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff), "overflows counts array"},
		"count cut off":      {counts(0x80), "truncated"},
		"too many values":    {counts(append([]byte{1}, huge...)...), "more than a load test sends"},
		"sum overflows":      {counts(append(append([]byte{1}, huge...), append(huge, huge...)...)...), "histogram"},
	}
}

func TestDecodeRefuses(t *testing.T) {
	for name, tt := range hostile(t) {
		t.Run(name, func(t *testing.T) {
			h, err := Decode(tt[0])
			if err == nil {
				t.Fatalf("decoded to %+v", viewOf(h))
			}
			if !strings.HasPrefix(err.Error(), "decode histogram: ") || !strings.Contains(err.Error(), tt[1]) {
				t.Errorf("error %q does not say %q", err, tt[1])
			}
			if h != nil {
				t.Errorf("a histogram beside the error")
			}
		})
	}
}

// TestDecodeIsBounded: refusing a shape costs no memory of that shape.
func TestDecodeIsBounded(t *testing.T) {
	for _, text := range []string{
		wire(t, 5, 1, math.MaxInt64, 1, 0, nil),
		wire(t, digits, lowest, highest, 1, 100, make([]byte, 1<<22)),
	} {
		const times = 10
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range times {
			if _, err := Decode(text); err == nil {
				t.Fatal("decoded")
			}
		}
		runtime.ReadMemStats(&after)
		if got := (after.TotalAlloc - before.TotalAlloc) / times; got > 1<<20 {
			t.Errorf("refusing takes %d bytes", got)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, h := range []*Histogram{New(), record(1), record(20_003, 0, 99_000_000), spread()} {
		f.Add(encode(f, h))
	}
	for _, tt := range hostile(f) {
		if len(tt[0]) < 1<<12 {
			f.Add(tt[0])
		}
	}
	f.Fuzz(func(t *testing.T, s string) {
		h, err := Decode(s)
		if err != nil {
			if h != nil {
				t.Fatal("a histogram beside the error")
			}
			return
		}
		text := encode(t, h)
		again, err := Decode(text)
		if err != nil {
			t.Fatalf("own encoding is refused: %v", err)
		}
		compare(t, h, again)
		if h.Count() == 0 {
			return
		}
		last := h.Min()
		for _, p := range []float64{0, 0.5, 0.95, 1} {
			v := h.Quantile(p)
			if !(last <= v && v <= h.Max() && v >= lowest && v <= highest) {
				t.Fatalf("quantile %g is %g, after %g, of %g to %g", p, v, last, h.Min(), h.Max())
			}
			last = v
		}
		if m := h.Mean(); !(h.Min()*0.999 <= m && m <= h.Max()*1.001) {
			t.Fatalf("mean %g is outside %g to %g", m, h.Min(), h.Max())
		}
	})
}
