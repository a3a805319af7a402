package golden

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"scenario/runner"
)

// big is a text with so many volatile tokens, in which shift moves every pid:
// 10 MB with 100,000.
func big(tokens, shift int) Text {
	var b strings.Builder
	b.WriteString("iex(1)> flush()")
	for i := range tokens {
		fmt.Fprintf(&b, "\n{:down, #PID<0.%d.0>, :process, %q}", 100+shift+i%5000, strings.Repeat("元氣 ok ", 6+i%3))
	}
	return Text{Name: "big", Parts: []Part{{
		Text: b.String(), Typed: []string{"flush()"}, Scope: "s", Wraps: true, Tolerance: runner.Tolerance{Kinds: beam},
	}}}
}

// BenchmarkCompare compares 10 MB with 100,000 tokens. The figure "x/floor" is
// how many times as long it takes as to look once for the kinds' patterns in
// both texts, which is the least that a comparison can do.
func BenchmarkCompare(b *testing.B) {
	golden := format(big(100_000, 0))
	all := strings.ReplaceAll(golden, ":process", ":port")
	unordered := big(100_000, 77)
	unordered.Parts[0].Unordered = true
	drifted := strings.ReplaceAll(golden, "#PID<0.700.0>, :process", "#PID<0.700.0>, :port")
	for _, c := range []struct {
		name   string
		text   Text
		golden string
		state  State
	}{
		{"same", big(100_000, 0), golden, Same},
		{"renamed", big(100_000, 77), golden, Same},
		{"drifted", big(100_000, 77), drifted, Drifted},
		{"all drifted", big(100_000, 77), all, Drifted},
		{"unordered", unordered, golden, Same},
		{"unordered, drifted", unordered, drifted, Drifted},
		{"unordered, all drifted", unordered, all, Drifted},
	} {
		b.Run(c.name, func(b *testing.B) {
			took := benchCompare(b, c.text, c.golden, c.state)
			b.ReportMetric(took.Seconds(), "s/op")
			b.ReportMetric(took.Seconds()/floor(c.text, c.golden).Seconds(), "x/floor")
		})
	}
}

// BenchmarkSize compares texts of 1 to 10 MB. The figure "x/linear" is the time
// for a byte against that of 1 MB in the same run: it stays near 1.
func BenchmarkSize(b *testing.B) {
	var perByte float64
	for _, mb := range []int{1, 2, 5, 10} {
		b.Run(fmt.Sprint(mb, "MB"), func(b *testing.B) {
			text := big(10_000*mb, 77)
			golden := strings.ReplaceAll(format(big(10_000*mb, 0)), "#PID<0.700.0>, :process", "#PID<0.700.0>, :port")
			took := benchCompare(b, text, golden, Drifted).Seconds() / float64(len(golden))
			if mb == 1 {
				perByte = took
			}
			b.ReportMetric(took/perByte, "x/linear")
		})
	}
}

// benchCompare returns the median time of a comparison.
func benchCompare(b *testing.B, text Text, golden string, want State) time.Duration {
	b.SetBytes(int64(len(golden)))
	var times []time.Duration
	for b.Loop() {
		start := time.Now()
		v := Compare([]Text{text}, map[string]string{text.Name: golden})[0]
		times = append(times, time.Since(start))
		if v.State != want {
			b.Fatal(v.State)
		}
	}
	return median(times)
}

// floor is the median time of one look for the kinds' patterns.
func floor(text Text, golden string) time.Duration {
	var times []time.Duration
	for range 5 {
		start := time.Now()
		for _, k := range text.Parts[0].Kinds {
			k.Pattern.FindAllStringSubmatchIndex(golden, -1)
			k.Pattern.FindAllStringSubmatchIndex(text.Parts[0].Text, -1)
		}
		times = append(times, time.Since(start))
	}
	return median(times)
}

func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}
