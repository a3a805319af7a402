package check

import (
	"regexp"
	"strings"

	"scenario/golden/article"
)

// elide gives what was seen with the elisions of the text in it: where the text
// has a line of dots, that stands for any lines, and dots in a line for anything
// in it. Where the two differ otherwise, as much as can be is brought together,
// so that dots stay dots.
func elide(expect, seen []string, kinds []*regexp.Regexp) []string {
	if len(expect) == 0 {
		return seen
	}
	matches := make([]matcher, len(expect))
	any := false
	for i, l := range expect {
		matches[i] = newMatcher(l, kinds)
		any = any || matches[i].line != nil || matches[i].rest
	}
	if !any {
		return seen
	}
	// cost[i][j] is how much expect[i:] and seen[j:] differ: each line that only one
	// of them has, and less of two that are alike.
	cost := make([][]int, len(expect)+1)
	for i := len(expect); i >= 0; i-- {
		cost[i] = make([]int, len(seen)+1)
		for j := len(seen); j >= 0; j-- {
			cost[i][j] = least(matches, seen, cost, i, j)
		}
	}
	var out []string
	for i, j := 0, 0; i < len(expect) || j < len(seen); {
		c := cost[i][j]
		switch {
		case i < len(expect) && matches[i].rest:
			if cost[i+1][j] > c { // as few lines as can be, so that others are found
				j++
				continue
			}
			out = append(out, expect[i])
			i++
		case i < len(expect) && j < len(seen) && matches[i].same(seen[j]) && cost[i+1][j+1] == c:
			out = append(out, matches[i].elided(seen[j]))
			i, j = i+1, j+1
		case i < len(expect) && j < len(seen) && alike(expect[i], seen[j]) && cost[i+1][j+1]+otherLine == c:
			out = append(out, seen[j])
			i, j = i+1, j+1
		case j < len(seen) && cost[i][j+1]+oneLine == c:
			out = append(out, seen[j])
			j++
		default:
			i++
		}
	}
	return out
}

// What a line costs that is only in one text, and one that is another in each.
const (
	oneLine   = 2
	otherLine = 1
)

// alike says whether two lines are likely to be one that has changed.
func alike(a, b string) bool {
	in := map[string]bool{}
	as, bs := strings.Fields(a), strings.Fields(b)
	for _, w := range as {
		in[w] = true
	}
	n := 0
	for _, w := range bs {
		if in[w] {
			n++
		}
	}
	return n > 0 && 2*n >= min(len(as), len(bs))
}

func least(matches []matcher, seen []string, cost [][]int, i, j int) int {
	switch {
	case i == len(matches):
		return oneLine * (len(seen) - j)
	case matches[i].rest:
		if n := cost[i+1][j]; j == len(seen) || n <= cost[i][j+1] {
			return n
		}
		return cost[i][j+1]
	case j == len(seen):
		return oneLine + cost[i+1][j]
	}
	n := oneLine + min(cost[i+1][j], cost[i][j+1])
	switch {
	case matches[i].same(seen[j]):
		n = min(n, cost[i+1][j+1])
	case alike(matches[i].text, seen[j]):
		n = min(n, otherLine+cost[i+1][j+1])
	}
	return n
}

// matcher is one line of the text.
type matcher struct {
	rest  bool           // it stands for any lines
	line  *regexp.Regexp // with a group for each elision in it; nil if there is none
	dots  []string       // those elisions, as the text has them
	plain string         // the line up to renaming, if there is none
	text  string         // the line
	kinds []*regexp.Regexp
}

var inLine = regexp.MustCompile(`\[\.\.\.\]|\(\.\.\.\)|\.\.\.|…`)

func newMatcher(line string, kinds []*regexp.Regexp) matcher {
	m := matcher{rest: article.Elision(line), kinds: kinds, plain: renamed(line, kinds), text: line}
	places := inLine.FindAllStringIndex(line, -1)
	if m.rest || len(places) == 0 {
		return m
	}
	var b strings.Builder
	b.WriteString("^")
	at := 0
	for _, place := range places {
		b.WriteString(pattern(line[at:place[0]], kinds) + "(.*)")
		m.dots = append(m.dots, line[place[0]:place[1]])
		at = place[1]
	}
	b.WriteString(pattern(line[at:], kinds) + "$")
	m.line = regexp.MustCompile(b.String())
	return m
}

// same says whether a line may be the one of the text.
func (m matcher) same(seen string) bool {
	if m.line != nil {
		return m.line.MatchString(seen)
	}
	return renamed(seen, m.kinds) == m.plain
}

// elided is a line with the text's elisions in it.
func (m matcher) elided(seen string) string {
	if m.line == nil {
		return seen
	}
	groups := m.line.FindStringSubmatchIndex(seen)
	var b strings.Builder
	at := 0
	for i, dots := range m.dots {
		b.WriteString(seen[at:groups[2+2*i]] + dots)
		at = groups[3+2*i]
	}
	return b.String() + seen[at:]
}

// token stands for any token of a kind.
const token = "\x00"

func renamed(line string, kinds []*regexp.Regexp) string {
	for _, k := range kinds {
		line = k.ReplaceAllString(line, token)
	}
	return line
}

// pattern matches a text up to renaming.
func pattern(text string, kinds []*regexp.Regexp) string {
	parts := strings.Split(renamed(text, kinds), token)
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	return strings.Join(parts, `.+?`)
}
