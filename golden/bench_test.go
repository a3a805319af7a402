package golden

import (
	"fmt"
	"strings"
	"testing"

	"scenario/runner"
)

// big is a text of 10 MB with 100,000 volatile tokens, in which shift moves
// every pid.
func big(shift int) Text {
	var b strings.Builder
	b.WriteString("iex(1)> flush()")
	for i := range 100_000 {
		fmt.Fprintf(&b, "\n{:down, #PID<0.%d.0>, :process, %q}", 100+shift+i%5000, strings.Repeat("元氣 ok ", 6+i%3))
	}
	return Text{Name: "big", Parts: []Part{{Text: b.String(), Typed: []string{"flush()"}, Scope: "s", Tolerance: runner.Tolerance{Kinds: beam}}}}
}

func BenchmarkCompare(b *testing.B) {
	golden := format(big(0))
	all := strings.ReplaceAll(golden, ":process", ":port")
	unordered := big(77)
	unordered.Parts[0].Unordered = true
	drifted := strings.ReplaceAll(golden, "#PID<0.700.0>, :process", "#PID<0.700.0>, :port")
	for _, c := range []struct {
		name   string
		text   Text
		golden string
		state  State
	}{
		{"same", big(0), golden, Same},
		{"renamed", big(77), golden, Same},
		{"drifted", big(77), drifted, Drifted},
		{"all drifted", big(77), all, Drifted},
		{"unordered", unordered, golden, Same},
		{"unordered, drifted", unordered, drifted, Drifted},
		{"unordered, all drifted", unordered, all, Drifted},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.golden)))
			for b.Loop() {
				if v := Compare([]Text{c.text}, map[string]string{"big": c.golden})[0]; v.State != c.state {
					b.Fatal(v.State)
				}
			}
		})
	}
}
