package golden

import (
	"cmp"
	"slices"
	"strings"
)

// A stream is a text cut into lines and tokens. Every line ends in a newline.
type stream struct {
	text   string
	lines  []int // where each begins
	tokens []token
	// at is where each line stands in the text that the stream was made of,
	// which has more lines; nil when it has not.
	at []int
	// wraps is the part's.
	wraps bool
}

func newStream(text string) *stream {
	return &stream{text: text, lines: lineStarts(text)}
}

// without leaves out lines behind the header.
func (s *stream) without(header int, out func(line string) bool) *stream {
	kept := make([]int, 0, len(s.lines))
	for i := range s.lines {
		if i < header || !out(s.line(i)) {
			kept = append(kept, i)
		}
	}
	if len(kept) == len(s.lines) {
		return s
	}
	var b strings.Builder
	for _, i := range kept {
		b.WriteString(s.text[s.lines[i]:s.end(i)])
	}
	left := newStream(b.String())
	left.at = kept
	return left
}

// index is where line i stands in the text that the stream was made of. The
// lines that were left out before it count.
func (s *stream) index(i int) int {
	if s.at == nil || i == 0 && len(s.at) == 0 {
		return i
	}
	if i == len(s.at) {
		return s.at[i-1] + 1
	}
	return s.at[i]
}

// lineStarts returns where the lines of a text begin, each of which ends in a
// newline.
func lineStarts(text string) []int {
	starts := make([]int, 0, strings.Count(text, "\n"))
	for i := 0; i < len(text); i += strings.IndexByte(text[i:], '\n') + 1 {
		starts = append(starts, i)
	}
	return starts
}

// end is where line i ends, behind its newline.
func (s *stream) end(i int) int {
	if i+1 < len(s.lines) {
		return s.lines[i+1]
	}
	return len(s.text)
}

// line returns line i without its newline.
func (s *stream) line(i int) string { return s.text[s.lines[i] : s.end(i)-1] }

func (s *stream) of(t token) string { return s.text[t.start:t.end] }

// groupSize returns how many tokens the first one is with those nested in it.
func groupSize(tokens []token) int {
	n := 1
	for n < len(tokens) && tokens[n].class.depth > 0 {
		n++
	}
	return n
}

// from is the index of the first token that begins at or after an offset.
func (s *stream) from(offset int) int {
	i, _ := slices.BinarySearchFunc(s.tokens, offset, func(t token, o int) int {
		return cmp.Compare(t.start, o)
	})
	return i
}

// between returns the indexes of the tokens that begin in some lines.
func (s *stream) between(l lines) (first, last int) {
	if l.len() == 0 {
		return 0, 0
	}
	if l.to == len(s.lines) {
		return s.from(s.lines[l.from]), len(s.tokens)
	}
	return s.from(s.lines[l.from]), s.from(s.lines[l.to])
}

// all are the stream's lines.
func (s *stream) all() lines { return lines{0, len(s.lines)} }

// key is line i with its tokens replaced by their classes: lines that may be
// equal up to renaming have the same. A line that begins inside of a token has
// ok false.
func (s *stream) key(i int) (key string, ok bool) {
	start, end := s.lines[i], s.end(i)
	first, last := s.between(lines{i, i + 1})
	for k := first - 1; k >= 0; k-- {
		if s.tokens[k].class.depth == 0 {
			if s.tokens[k].end > start {
				return "", false
			}
			break
		}
	}
	if first == last {
		return s.text[start:end], true
	}
	var b strings.Builder
	at := start
	for _, t := range s.tokens[first:last] {
		if t.class.depth == 0 {
			b.WriteString(s.text[at:t.start])
			at = min(t.end, end)
		}
		b.WriteByte(0)
		b.WriteString(t.class.name)
		b.WriteByte(0)
	}
	b.WriteString(s.text[at:end])
	return b.String(), true
}

// squeeze makes all blanks of a key alike.
func squeeze(key string) string {
	key = strings.Trim(key, " \t\n")
	if !strings.Contains(key, "  ") && !strings.ContainsAny(key, "\t\n") {
		return key // as nearly all are
	}
	return strings.Join(strings.FieldsFunc(key, func(c rune) bool { return c < 0x80 && isBlank(byte(c)) }), " ")
}

// matchLines returns the pairs of lines that may be equal up to renaming, in
// order.
func matchLines(gs, rs *stream, g, r lines) [][2]int {
	keys := func(s *stream, l lines) (at []int, keys []string) {
		for i := l.from; i < l.to; i++ {
			if key, ok := s.key(i); ok {
				at, keys = append(at, i), append(keys, key)
			}
		}
		return at, keys
	}
	gAt, gKeys := keys(gs, g)
	rAt, rKeys := keys(rs, r)
	pairs := match(gKeys, rKeys)
	for i, p := range pairs {
		pairs[i] = [2]int{gAt[p[0]], rAt[p[1]]}
	}
	return pairs
}
