package golden

import (
	"cmp"
	"slices"
	"strings"
)

// A span is a stretch of a text.
type span struct{ from, to int }

// fresh returns a text of the same shape as the token's own that nothing in
// its scope is called by: the next number, or word, in place of the longest
// one that is free to change. It is the token's own text if there is none.
func (o occurrence) fresh() string {
	own, nested := o.own()
	for _, s := range counters(own, nested) {
		stem := own[:s.from] + "\x00" + own[s.to:]
		n := o.table.tried[stem]
		if n == "" {
			n = own[s.from:s.to]
		}
		for misfits := 0; misfits < 100; {
			n = successor(n)
			name := own[:s.from] + n + own[s.to:]
			switch {
			case o.table.byGolden[name] != nil:
			case o.fits(name):
				o.table.tried[stem] = n
				return name
			default:
				misfits++
			}
		}
	}
	return own
}

// fits reports whether the token would be found, as what it is, if its text
// were another.
func (o occurrence) fits(name string) bool {
	p, t := o.pair, o.token
	before := p.r.text[strings.LastIndexByte(p.r.text[:t.start], '\n')+1 : t.start]
	after, _, _ := strings.Cut(p.r.text[t.end:], "\n")
	line := before + name + after
	found := p.lexer.scan(nil, line, 0, len(line), newTyped(p.part.Typed), p.likely)
	return slices.ContainsFunc(found, func(f token) bool {
		return f.class == t.class && f.start == len(before) && f.end == len(before)+len(name)
	})
}

// counters returns where numbers and words stand in a text, outside of its
// nested tokens: numbers first, the longest first, the last first.
func counters(text string, nested []span) []span {
	var numbers, words []span
	for i := 0; i < len(text); {
		if k := slices.IndexFunc(nested, func(s span) bool { return s.from <= i && i < s.to }); k >= 0 {
			i = nested[k].to
			continue
		}
		is, list := isDigit, &numbers
		if !isDigit(text[i]) {
			is, list = isLetter, &words
		}
		end := i
		for end < len(text) && is(text[end]) && !slices.ContainsFunc(nested, func(s span) bool { return s.from == end }) {
			end++
		}
		if end > i {
			*list = append(*list, span{i, end})
		}
		i = max(end, i+1)
	}
	slices.Reverse(numbers)
	slices.Reverse(words)
	longest := func(a, b span) int { return cmp.Compare(b.to-b.from, a.to-a.from) }
	slices.SortStableFunc(numbers, longest)
	slices.SortStableFunc(words, longest)
	return append(numbers, words...)
}

// successor counts on, in decimal digits or letters.
func successor(s string) string {
	b := []byte(s)
	for i := len(b) - 1; i >= 0; i-- {
		switch b[i] {
		case '9':
			b[i] = '0'
		case 'z':
			b[i] = 'a'
		case 'Z':
			b[i] = 'A'
		default:
			b[i]++
			return string(b)
		}
	}
	if b[0] == '0' {
		return "1" + string(b)
	}
	return string(b[0]) + string(b)
}

func isLetter(c byte) bool { return isAlnum(c) && !isDigit(c) }
