package article

import (
	"regexp"
	"slices"
	"strings"
)

// A Turn is one thing to type, or something that is shown without.
type Turn struct {
	Line    int      // where it begins in the article
	Place   string   // the window or machine, as the text calls it; "" if it does not say
	PlaceBy string   // what says so: "prompt", "caption", "comment", "end of line", "docker exec"
	Program string   // whose prompt or language; "" if unknown
	Prompt  string   // as it stands in the text
	Typed   []string // lines to type; none for text that only comes
	Output  []Line   // what the text shows after it
	Told    bool     // whether that is to be compared
	Elided  bool     // what is typed is not given in full
	Starts  string   // the program that the last line starts and stays in; "" for none
	Named   string   // the name under which it starts
	Stdin   []string // what is typed into the program that the line runs, up to Ctrl-D
	Values  bool     // Output is what `# =>` says: the last value, of all that is shown
	Arrives bool     // it stands behind a prompt, or before one, but came by itself
	ForEver bool     // it does not come back by itself
	Why     string   // why these lines are typed
}

// session divides a block that has prompts.
func (a *Article) session(b *Block, find func(string) (prompted, bool)) []Turn {
	s := &division{a: a, b: b}
	if b.Caption != "" && !noPlace.MatchString(b.Caption) && !isPath(b.Caption) {
		s.place, s.by = b.Caption, "caption"
	}
	lines := b.Lines
	for i := 0; i < len(lines); i++ {
		l := lines[i]
		p, ok := find(l.Text)
		switch {
		case ok && !(p.name == "erl" && s.cur != nil && s.cur.Prompt == p.prompt && s.goesOn(l)):
			s.prompted(l, p)
		case ok:
			// The same prompt again, which asked for the rest.
		case s.cur != nil && s.goesOn(l):
		case s.comment(l, len(lines) > i+1):
		case s.bareStart(l):
		case s.input(l):
		default:
			s.output(l)
		}
	}
	return s.finish()
}

// division is a block that is being divided.
type division struct {
	a         *Article
	b         *Block
	place, by string // of what follows, unless its prompt says more
	d         *dialect
	cur       *Turn
	turns     []Turn
	early     []Line // before the first prompt
}

func (s *division) begin(t Turn) *Turn {
	s.turns = append(s.turns, t)
	s.cur = &s.turns[len(s.turns)-1]
	return s.cur
}

// prompted takes a line that begins with a prompt.
func (s *division) prompted(l Line, p prompted) {
	t := Turn{Line: l.Number, Program: p.name, Prompt: p.prompt, Why: "behind a prompt"}
	if t.Place, t.PlaceBy = p.place, "prompt"; p.place == "" {
		t.Place, t.PlaceBy = s.place, s.by
	}
	if s.early != nil {
		early := t
		early.Line, early.Output, early.Arrives, early.Why, early.Prompt = s.early[0].Number, s.early, true, "it stands before the first prompt", ""
		s.begin(early)
		s.early = nil
	}
	s.d = p.dialect
	if strings.TrimSpace(p.rest) != "" {
		t.Typed = []string{p.rest}
	}
	s.begin(t)
	s.typed(s.cur, 0, p.rest)
}

// typed takes what is typed, without what only says where.
func (s *division) typed(t *Turn, i int, line string) {
	if len(t.Typed) == 0 {
		return
	}
	if m := atTheEnd.FindStringSubmatchIndex(line); m != nil {
		t.Place, t.PlaceBy = placeIn(line[m[2]:m[3]]), "end of line"
		line = line[:m[0]]
	}
	if t.Program == "sh" {
		if container, command, ok := within(line); ok && i == 0 {
			t.Place, t.PlaceBy = container, "docker exec"
			if line = command; command == "" {
				s.place, s.by = container, "docker exec"
				t.Typed = nil
				return
			}
		}
		t.Starts, t.Named = Starts(line)
		t.ForEver = forEver.MatchString(line)
	}
	t.Typed[i] = line
}

// goesOn takes a line that goes on with what was typed.
func (s *division) goesOn(l Line) bool {
	t := s.cur
	if len(t.Typed) == 0 || len(t.Output) > 0 || s.d == nil || t.Starts != "" {
		return false
	}
	all := strings.Join(t.Typed, "\n")
	open := s.d.open != nil && s.d.open(all)
	if s.d.more != nil && s.d.name != "erl" {
		if m := s.d.more.FindString(l.Text); m != "" && (open || s.d.name == "iex" || s.d.name == "psql" || s.d.name == "python3" && (len(t.Typed) > 1 || (strings.HasSuffix(strings.TrimSpace(all), ":") || compound.MatchString(all)))) {
			t.Typed = append(t.Typed, l.Text[len(m):])
			s.typed(t, len(t.Typed)-1, l.Text[len(m):])
			return true
		}
	}
	if !open || strings.TrimSpace(l.Text) == "" && s.d.name != "erl" {
		return false
	}
	text := l.Text
	if s.d.name == "erl" {
		text = strings.TrimPrefix(strings.TrimPrefix(text, t.Prompt), strings.Repeat(" ", len(t.Prompt)))
		if m := s.d.more.FindString(l.Text); m != "" {
			text = l.Text[len(m):]
		}
	}
	t.Typed = append(t.Typed, text)
	s.typed(t, len(t.Typed)-1, text)
	return true
}

// compound are statements of Python's that go on up to an empty line.
var compound = regexp.MustCompile(`^(?:(?:class|def|for|if|while|with|try|async)\b|@)`)

// comment takes a comment on a line of its own, which may say where the rest is.
func (s *division) comment(l Line, more bool) bool {
	m := comment.FindStringSubmatch(l.Text)
	if m == nil || !more && s.cur != nil || s.d != nil && s.d.name != "sh" && strings.HasPrefix(strings.TrimSpace(l.Text), "#") && s.d.name == "erl" {
		return false
	}
	if place := placeIn(m[1]); place != "" {
		s.place, s.by = place, "comment"
		s.cur = nil
		return true
	}
	return strings.HasPrefix(l.Text, "# ") && (s.d == nil || s.d.name == "sh") && (s.cur == nil || len(s.cur.Output) == 0)
}

// bareStart takes a command without a prompt that starts a program, before the
// prompts of that program.
func (s *division) bareStart(l Line) bool {
	if s.cur != nil || !s.b.shell() && s.b.Language != "" && s.b.Language != "text" {
		return false
	}
	program, _ := Starts(l.Text)
	if program == "" && !s.a.command(l.Text) {
		return false
	}
	s.d = &dialects[len(dialects)-3] // a shell's
	t := s.begin(Turn{Line: l.Number, Program: "sh", Place: s.place, PlaceBy: s.by, Typed: []string{l.Text}, Why: "a command, before the prompts of what it starts"})
	s.typed(t, 0, l.Text)
	return true
}

// surely are lines that are nothing but input.
var surely = map[string]*regexp.Regexp{
	"iex": regexp.MustCompile(`^(?:[A-Z][\w.]*\.\w+[!?]?\(.*|[a-z]\w* = .+|:\w+\.\w+\(.*|(?:send|spawn|flush|recompile)\(.*)$`),
	"erl": regexp.MustCompile(`^(?:\w+:\w+\(.*\)\.|[A-Z]\w* = .+\.)$`),
}

// input takes a line without a prompt that is typed, behind text that has come to
// stand behind the prompt.
func (s *division) input(l Line) bool {
	t := s.cur
	if t == nil || surely[t.Program] == nil || !surely[t.Program].MatchString(l.Text) || len(t.Output) > 0 {
		return false
	}
	if len(t.Typed) != 1 || surely[t.Program].MatchString(t.Typed[0]) || !s.a.echoes(s.b, t.Place, t.Typed[0]) {
		return false
	}
	t.Arrives = true
	s.begin(Turn{Line: l.Number, Program: t.Program, Place: t.Place, PlaceBy: t.PlaceBy, Typed: []string{l.Text}, Why: "it has no prompt, since text has come behind that"})
	return true
}

func (s *division) output(l Line) {
	if s.cur == nil {
		s.early = append(s.early, l)
		return
	}
	s.cur.Output = append(s.cur.Output, l)
}

// finish is what the block was divided into.
func (s *division) finish() []Turn {
	var kept []Turn
	if s.early != nil && len(s.turns) > 0 {
		s.turns[len(s.turns)-1].Output = append(s.turns[len(s.turns)-1].Output, s.early...)
	}
	for i := range s.turns {
		t := s.turns[i]
		for len(t.Output) > 0 && strings.TrimSpace(t.Output[len(t.Output)-1].Text) == "" {
			t.Output = t.Output[:len(t.Output)-1]
		}
		if t.Program == "sh" && len(t.Typed) == 1 && reads.MatchString(t.Typed[0]) {
			t.Stdin, t.Output, t.Why = list(t.Output), nil, "it takes what follows, up to Ctrl-D"
		}
		t.Told = len(t.Output) > 0
		if len(t.Typed) == 1 && !t.Told && t.Starts == "" && s.a.echoes(s.b, t.Place, t.Typed[0]) {
			t.Arrives = true
		}
		if t.Arrives && len(t.Typed) > 0 {
			t.Why = "it was typed into another window, and comes here by itself"
			if s.a.again(s.b, t) {
				continue
			}
		}
		if len(t.Typed) == 0 {
			if !t.Told {
				continue // a prompt that stands there
			}
			if t.Prompt != "" {
				t.Arrives, t.Why = true, "nothing is typed behind its prompt"
			}
		}
		t.Elided = elided(t.Program, t.Typed)
		kept = append(kept, t)
	}
	return kept
}

// reads matches commands that take what is typed behind them.
var reads = regexp.MustCompile(`^(?:sudo\s+)?(?:cat\s*>>?|tee\s)[^<|]*$`)

func list(lines []Line) (texts []string) {
	for _, l := range lines {
		texts = append(texts, l.Text)
	}
	return texts
}

// Whole says whether a Code block's turn can be a statement, as far as its form
// says: nothing in it is left open.
func (t *Turn) Whole() bool {
	typed := strings.TrimSpace(strings.Join(t.Typed, "\n"))
	for i := range dialects {
		if d := &dialects[i]; d.name == t.Program && d.open != nil && d.open(typed) {
			return false
		}
	}
	return !t.Elided && !strings.HasSuffix(typed, ",") && !strings.HasSuffix(typed, "->") && !(t.Program == "erl" && strings.HasSuffix(typed, ";"))
}

// echoes says whether a text stands in quotes in what was typed elsewhere before.
func (a *Article) echoes(b *Block, place, text string) bool {
	text = strings.TrimSpace(text)
	if place == "" || text == "" {
		return false
	}
	return slices.ContainsFunc(a.typed, func(s said) bool {
		return s.block < b.Number && s.place != place && !s.arrives && (strings.Contains(s.text, `"`+text+`"`) || strings.Contains(s.text, `'`+text+`'`))
	})
}

// again says whether the text shows once more what it has shown last in a window.
func (a *Article) again(b *Block, t Turn) bool {
	for _, s := range slices.Backward(a.typed) {
		if s.block < b.Number && s.place == t.Place {
			return s.arrives && s.text == strings.Join(t.Typed, "\n")
		}
	}
	return false
}
