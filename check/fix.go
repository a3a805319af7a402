package check

import (
	"slices"
	"strings"

	"scenario/golden/article"
)

// An edit puts a text in the place of some bytes of an article.
type edit struct {
	From, To int
	Text     string
	like     article.Line // new lines stand where this one does, in a list or a quote
}

// fix are the edits by which the text shows of a turn what was seen, line by
// line; a line that is the same keeps its bytes. There are none where the script
// has replaced what would change.
func fix(h *heard, want []string) []edit {
	old := compared(h.expect)
	var edits []edit
	for _, c := range changes(old, want) {
		lines, text := old[c.from:c.to], strings.Join(want[c.with:c.until], "\n")
		if slices.ContainsFunc(lines, func(l article.Line) bool { return l.Replaced }) {
			return nil
		}
		switch {
		case len(lines) > 0 && c.with < c.until:
			edits = append(edits, edit{lines[0].From, lines[len(lines)-1].To, text, lines[0]})
		case len(lines) > 0 && c.from > 0: // with the line break before it
			edits = append(edits, edit{old[c.from-1].To, lines[len(lines)-1].To, "", lines[0]})
		case len(lines) > 0 && c.to < len(old):
			edits = append(edits, edit{lines[0].From, old[c.to].From, "", lines[0]})
		case len(lines) > 0: // nothing is left
			edits = append(edits, edit{lines[0].From, lines[len(lines)-1].To, "", lines[0]})
		case c.from > 0:
			edits = append(edits, edit{old[c.from-1].To, old[c.from-1].To, "\n" + text, old[c.from-1]})
		case len(old) > 0:
			edits = append(edits, edit{old[0].From, old[0].From, text + "\n", old[0]})
		}
	}
	return edits
}

// compared are lines without the empty ones at the ends, which are not compared.
func compared(lines []article.Line) []article.Line {
	for len(lines) > 0 && strings.TrimSpace(lines[0].Text) == "" {
		lines = lines[1:]
	}
	for len(lines) > 0 && strings.TrimSpace(lines[len(lines)-1].Text) == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// driftsAt is the first line of the article that is not what was seen.
func driftsAt(h *heard, want []string) int {
	old := compared(h.expect)
	if cs := changes(old, want); len(cs) > 0 && len(old) > 0 {
		return old[min(cs[0].from, len(old)-1)].Number
	}
	return h.turn.Line
}

// A change puts want[with:until] in the place of old[from:to].
type change struct{ from, to, with, until int }

// changes are the fewest lines by which want differs from old.
func changes(old []article.Line, want []string) (cs []change) {
	same := func(i, j int) bool { return strings.TrimRight(old[i].Text, " \t\r") == want[j] }
	common := make([][]int, len(old)+1) // of old[i:] and want[j:]
	for i := len(old); i >= 0; i-- {
		common[i] = make([]int, len(want)+1)
		for j := len(want) - 1; j >= 0 && i < len(old); j-- {
			if common[i][j] = max(common[i+1][j], common[i][j+1]); same(i, j) {
				common[i][j] = max(common[i][j], 1+common[i+1][j+1])
			}
		}
	}
	c := change{}
	for i, j := 0, 0; ; {
		if i < len(old) && j < len(want) && same(i, j) && common[i][j] == 1+common[i+1][j+1] || i == len(old) && j == len(want) {
			if c.to, c.until = i, j; c.from < c.to || c.with < c.until {
				cs = append(cs, c)
			}
			if i == len(old) && j == len(want) {
				return cs
			}
			i, j = i+1, j+1
			c = change{from: i, with: j}
		} else if i < len(old) && (j == len(want) || common[i+1][j] >= common[i][j+1]) {
			i++
		} else {
			j++
		}
	}
}

// Fix is an article with what was seen in the place of what drifted. No other
// byte is touched.
func Fix(src []byte, verdicts []*Verdict) []byte {
	var edits []edit
	for _, v := range verdicts {
		if v.State == Drift {
			edits = append(edits, v.fixes...)
		}
	}
	slices.SortStableFunc(edits, func(a, b edit) int { return a.From - b.From })
	var out []byte
	at := 0
	for _, e := range edits {
		if e.From < at {
			continue // several windows show one block: the first counts
		}
		out = append(out, src[at:e.From]...)
		out = append(out, strings.ReplaceAll(e.Text, "\n", lineStart(src, e.like.From))...)
		at = e.To
	}
	return append(out, src[at:]...)
}

// lineStart is a line break, and what stands before the text of the line at at.
func lineStart(src []byte, at int) string {
	start := at
	for start > 0 && src[start-1] != '\n' {
		start--
	}
	br := "\n"
	if start > 1 && src[start-2] == '\r' {
		br = "\r\n"
	}
	return br + string(src[start:at])
}
