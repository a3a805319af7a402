package golden

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"scenario/runner"
)

// TestOracle holds Compare to a definition that is too slow for use: a text
// without tokens is the same as its golden if there is a way to share out the
// golden's lines among the parts by which each is the same as its share. What
// is accepted is the same, and accepting it again changes nothing.
func TestOracle(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 30_000 {
		o := newOracle(rnd)
		text := Text{Name: "t", Parts: o.parts}
		golden := strings.Join(append(slices.Clone(o.golden), ""), "\n")
		v := Compare([]Text{text}, map[string]string{"t": golden})[0]
		again := Compare([]Text{text}, map[string]string{"t": v.Accept})[0]
		if same := o.same(0, 0); (v.State == Same) != same || again.State != Same || again.Accept != v.Accept {
			var said strings.Builder
			for _, p := range o.parts {
				fmt.Fprintf(&said, "typed %q, unordered %v, between %v, optional %q: %q\n", p.Typed, p.Unordered, p.Between, p.Optional, p.Text)
			}
			t.Fatalf("%sand the golden %q are %s, should be the same: %v\naccepted is %q, which is %s, and then %q",
				&said, golden, v.State, same, v.Accept, again.State, again.Accept)
		}
	}
}

var (
	oracleOptional = regexp.MustCompile("^w")
	oracleBetween  = &runner.Between{From: regexp.MustCompile("^B$"), To: regexp.MustCompile("^E$")}
)

// An oracle has a text, and a golden that is like it or nearly so.
type oracle struct {
	parts  []Part
	shown  [][]string // the lines of each
	golden []string
}

func newOracle(rnd *rand.Rand) *oracle {
	words := []string{"x", "y", "w", "B", "E", "", "$ c"}
	o := new(oracle)
	for i := range 1 + rnd.IntN(3) {
		p := Part{Scope: "s", Pos: fmt.Sprint(i)}
		var shown []string
		if rnd.IntN(4) > 0 {
			p.Typed = []string{string("cd"[rnd.IntN(2)])}
			shown = append(shown, "$ "+p.Typed[0])
		}
		if rnd.IntN(2) == 0 {
			p.Optional = []*regexp.Regexp{oracleOptional}
		}
		switch rnd.IntN(3) {
		case 0:
			p.Unordered = true
		case 1:
			p.Unordered, p.Between = true, oracleBetween
		}
		for range rnd.IntN(5) {
			shown = append(shown, words[rnd.IntN(len(words))])
		}
		if slices.Equal(shown, []string{""}) {
			shown = nil // a text has no other
		}
		p.Text = strings.Join(shown, "\n")
		o.parts, o.shown = append(o.parts, p), append(o.shown, shown)
		share := slices.Clone(shown)
		for _, l := range o.loose(i, share) {
			rnd.Shuffle(len(l), func(a, b int) { l[a], l[b] = l[b], l[a] })
		}
		if p.Optional != nil {
			share = slices.DeleteFunc(share, func(l string) bool { return l == "w" && rnd.IntN(2) == 0 })
		}
		o.golden = append(o.golden, share...)
	}
	if n := len(o.golden); n > 0 {
		k := rnd.IntN(n)
		switch rnd.IntN(6) {
		case 0:
			o.golden[k] = words[rnd.IntN(len(words))]
		case 1:
			o.golden = slices.Delete(o.golden, k, k+1)
		case 2:
			j := rnd.IntN(n)
			o.golden[k], o.golden[j] = o.golden[j], o.golden[k]
		}
	}
	return o
}

// loose are the lines of part i that may come in any order.
func (o *oracle) loose(i int, text []string) [][]string {
	header, p := min(len(o.parts[i].Typed), len(text)), o.parts[i]
	if !p.Unordered {
		return nil
	}
	if p.Between == nil {
		return [][]string{text[header:]}
	}
	var found [][]string
	from := -1
	for k := header; k < len(text); k++ {
		switch {
		case from < 0 && text[k] == "B":
			from = k + 1
		case from >= 0 && text[k] == "E":
			found = append(found, text[from:k])
			from = -1
		}
	}
	return found
}

// same reports whether the parts from i on are the same as the golden from a
// line on.
func (o *oracle) same(i, at int) bool {
	if i == len(o.parts) {
		return at == len(o.golden)
	}
	for end := at; end <= len(o.golden); end++ {
		if o.fits(i, o.golden[at:end]) && o.same(i+1, end) {
			return true
		}
	}
	return false
}

func (o *oracle) fits(i int, share []string) bool {
	header := len(o.parts[i].Typed)
	if len(share) < header || !slices.Equal(share[:header], o.shown[i][:header]) {
		return false
	}
	return slices.Equal(o.normal(i, share), o.normal(i, o.shown[i]))
}

func (o *oracle) normal(i int, text []string) []string {
	header, text := len(o.parts[i].Typed), slices.Clone(text)
	if o.parts[i].Optional != nil {
		text = append(text[:header], slices.DeleteFunc(text[header:], oracleOptional.MatchString)...)
	}
	for _, l := range o.loose(i, text) {
		slices.Sort(l)
	}
	return text
}
