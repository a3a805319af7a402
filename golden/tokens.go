package golden

import (
	"cmp"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"scenario/runner"
)

// A class is what a token is one of: a kind, or a named group of a kind.
// Tokens of one class may stand for each other.
type class struct {
	name     string // the kind's, and the group's: "pid.peer"
	label    string // the same for reports: "pid" if that has one group only
	kind     int    // its kind, among those of the part; -1 for an id
	identity bool
	global   bool // identity holds across all scopes
	depth    int  // how many named groups it is nested in
}

// A token is a volatile stretch of a text.
type token struct {
	start, end int
	class      *class
}

// A lexer finds the tokens of parts that have the same kinds.
type lexer struct {
	kinds []lexerKind
	ids   *ids
}

type lexerKind struct {
	pattern *regexp.Regexp
	classes []*class // by group number; nil where the group is no token
}

func newLexer(kinds []runner.Kind, ids *ids) *lexer {
	l := &lexer{ids: ids}
	for i, k := range kinds {
		if k.Pattern == nil {
			continue
		}
		depths := groupDepths(k.Pattern)
		classes := make([]*class, 1+k.Pattern.NumSubexp())
		for g, group := range k.Pattern.SubexpNames() {
			if group == "" && (g > 0 || len(depths) > 0) {
				continue
			}
			c := &class{name: k.Name, label: k.Name, kind: i, identity: k.Identity, depth: depths[g]}
			if group != "" {
				c.name += "." + group
			}
			if len(depths) > 1 {
				c.label = c.name
			}
			classes[g] = c
		}
		l.kinds = append(l.kinds, lexerKind{byLines(k.Pattern), classes})
	}
	return l
}

// byLines makes ^ and $ of a pattern those of a line.
func byLines(pattern *regexp.Regexp) *regexp.Regexp {
	if !strings.ContainsAny(pattern.String(), "^$") {
		return pattern
	}
	return regexp.MustCompile("(?m)" + pattern.String())
}

// newLexers returns the lexer of each part of a text; parts that have the same
// kinds share one.
func newLexers(parts []Part, ids *ids) []*lexer {
	lexers := make([]*lexer, len(parts))
	shared := make(map[string]*lexer)
	for i, p := range parts {
		var key strings.Builder
		for _, k := range p.Kinds {
			fmt.Fprintf(&key, "%q %q %t ", k.Name, k.Pattern, k.Identity)
		}
		if shared[key.String()] == nil {
			shared[key.String()] = newLexer(p.Kinds, ids)
		}
		lexers[i] = shared[key.String()]
	}
	return lexers
}

// groupDepths returns for each named group, by its number, how many named
// groups it is nested in. They are told from the pattern and not from a match,
// where an empty group may lie on the border of another.
func groupDepths(pattern *regexp.Regexp) map[int]int {
	depths := make(map[int]int)
	var walk func(*syntax.Regexp, int)
	walk = func(re *syntax.Regexp, depth int) {
		if re.Op == syntax.OpCapture && re.Name != "" {
			depths[re.Cap] = depth
			depth++
		}
		for _, sub := range re.Sub {
			walk(sub, depth)
		}
	}
	if re, err := syntax.Parse(pattern.String(), syntax.Perl); err == nil {
		walk(re, 0)
	}
	return depths
}

// cut finds the tokens of a part's text, without its optional lines, and how
// many of its lines are its header: those down to the last that echoes what was
// typed.
//
// What was typed is literal. It is what the echoes show, and any match that
// lies within another occurrence of a typed line.
func (l *lexer) cut(text string, p *Part, isID func(string) bool) (s *stream, header int) {
	s = newStream(text)
	echoes := echoes(s, p.Typed)
	if len(echoes) > 0 {
		header = echoes[len(echoes)-1].line + 1
	}
	s = s.without(header, p.optional)
	s.wraps = p.Wraps
	typed := newTyped(p.Typed)
	at := 0
	scan := func(to int) {
		if at < to {
			s.tokens = l.scan(s.tokens, s.text, at, to, typed, isID)
		}
		at = max(at, to)
	}
	for _, e := range echoes {
		scan(e.start)
		at = e.end
	}
	for _, loose := range p.loose(s, header) { // lines that are compared each on its own
		for i := loose.from; i < loose.to; i++ {
			if i == loose.from {
				scan(s.lines[i] - 1)
			}
			at = max(at, s.lines[i])
			scan(s.end(i) - 1)
		}
	}
	scan(len(s.text) - 1)
	return s, header
}

// scan appends to tokens those of text[from:to].
func (l *lexer) scan(tokens []token, text string, from, to int, typed typed, isID func(string) bool) []token {
	// One list of matches a kind, ids first, are merged: leftmost first, then
	// by precedence. A match that begins inside of a token is none.
	lists := make([][][]int, 1, 1+len(l.kinds))
	lists[0] = l.ids.find(text[from:to], isID)
	for _, k := range l.kinds {
		lists = append(lists, k.pattern.FindAllStringSubmatchIndex(text[from:to], -1))
	}
	for at := 0; ; {
		best := -1
		for k, list := range lists {
			for len(list) > 0 && list[0][0] < at {
				list = list[1:]
			}
			lists[k] = list
			if len(list) > 0 && (best < 0 || list[0][0] < lists[best][0][0]) {
				best = k
			}
		}
		if best < 0 {
			return tokens
		}
		m := lists[best][0]
		lists[best] = lists[best][1:]
		start, end := from+m[0], from+m[1]
		if start == end || typed.covers(text, start, end) {
			continue
		}
		at = m[1]
		if best == 0 {
			tokens = append(tokens, token{start, end, l.ids.class})
		} else {
			tokens = l.kinds[best-1].append(tokens, m, from)
		}
	}
}

// append appends the tokens of one match: the match itself, or its named
// groups, each before those that are nested in it.
func (k lexerKind) append(tokens []token, m []int, offset int) []token {
	first := len(tokens)
	for g, c := range k.classes {
		if c != nil && m[2*g] >= 0 {
			tokens = append(tokens, token{offset + m[2*g], offset + m[2*g+1], c})
		}
	}
	found := tokens[first:]
	slices.SortStableFunc(found, func(a, b token) int { return cmp.Compare(a.start, b.start) })
	// A group in a repetition keeps what it matched in an earlier round, which
	// may lie outside of the group around it.
	var outer token
	kept := slices.DeleteFunc(found, func(t token) bool {
		if t.class.depth == 0 {
			outer = t
			return false
		}
		return t.start < outer.start || t.end > outer.end
	})
	return tokens[:first+len(kept)]
}

// typed is what a script typed in one step.
type typed struct {
	lines []string
	all   string
}

func newTyped(lines []string) typed {
	return typed{lines, strings.Join(lines, "\n")}
}

// covers reports whether text[start:end] lies within an occurrence of a typed
// line.
func (t typed) covers(text string, start, end int) bool {
	match := text[start:end]
	if !strings.Contains(t.all, match) {
		return false
	}
	for _, line := range t.lines {
		for i := 0; i+len(match) <= len(line); i++ {
			n := strings.Index(line[i:], match)
			if n < 0 {
				break
			}
			i += n
			if start >= i && strings.HasPrefix(text[start-i:], line) {
				return true
			}
		}
	}
	return false
}

// An echo is where a terminal shows a typed line, after the prompt.
type echo struct{ line, start, end int }

// echoes finds the typed lines in order, each at the end of a line. One that
// the terminal did not echo is left out.
func echoes(s *stream, typed []string) []echo {
	var found []echo
	next := 0
	for _, t := range typed {
		t = strings.TrimRight(t, " \t")
		for i := next; i < len(s.lines); i++ {
			line := strings.TrimRight(s.line(i), " \t")
			if strings.HasSuffix(line, t) {
				end := s.lines[i] + len(line)
				found = append(found, echo{i, end - len(t), s.end(i) - 1})
				next = i + 1
				break
			}
		}
	}
	return found
}
