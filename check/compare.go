package check

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"scenario/golden"
	"scenario/golden/article"
	"scenario/runner"
)

// same says whether a turn shows what the text shows of it.
func (p *player) same(h *heard) bool {
	return p.compare([]*heard{h})[0].same
}

// likeness is how what was seen of a turn stands to what the text shows.
type likeness struct {
	same bool
	note string   // what the comparison took no notice of
	diff string   // hunks, as golden.Verdict has them
	want []string // the text that would be right, with the article's own tokens
}

// compare holds turns, all of which are compared, against what the text shows.
// A token is one across all turns of a block.
func (p *player) compare(hs []*heard) []likeness {
	rec := p.run.Snapshot()
	have := map[string]string{}
	names := make([]string, len(hs))
	for i, h := range hs {
		expect, seen := p.texts(h)
		step := p.share(h)
		mark := fmt.Sprintf("turn %d of the block", i+1)
		step.Typed, step.Text = []string{mark}, strings.Join(append([]string{mark}, seen...), "\n")
		have[step.Golden()] += strings.Join(append([]string{mark}, expect...), "\n") + "\n"
		rec.Steps = append(rec.Steps, step)
		names[i] = step.Golden()
	}
	results := make([]likeness, len(hs))
	for _, v := range golden.Compare(golden.Texts(rec), have) {
		accepted := divide(v.Accept)
		part := 0
		for i := range hs {
			if names[i] != v.Name {
				continue
			}
			results[i] = likeness{same: v.Parts[part].State == golden.Same, diff: unmarked(v.Parts[part].Diff), want: accepted[i]}
			part++
		}
	}
	return results
}

// share is a step that has all that a turn took.
func (p *player) share(h *heard) *runner.Step {
	step := &runner.Step{Op: runner.OpType, Label: "block", Node: h.window.term.Node().Name(), Terminal: h.window.term.Name(), Tolerance: h.tolerance}
	if n := len(h.steps); n > 0 {
		step.Program, step.Enters = h.steps[0].Program, h.steps[0].Enters
	}
	return step
}

// texts are what the text shows of a turn and what was seen, as they are
// compared: without blanks at the ends of lines and empty lines at the ends of
// the text, and with the text's elisions in both.
func (p *player) texts(h *heard) (expect, seen []string) {
	expect, seen = trim(texts(h.expect)), trim(h.output)
	if h.turn.Values && len(seen) > len(expect) {
		seen = seen[len(seen)-len(expect):] // the last value
	}
	kinds := p.kinds(h)
	if h.part {
		const rest = "..."
		around := append(append([]string{rest}, expect...), rest)
		elided := elide(around, seen, kinds)
		if len(elided) > 0 && elided[0] == rest {
			elided = elided[1:]
		}
		if n := len(elided); n > 0 && elided[n-1] == rest {
			elided = elided[:n-1]
		}
		return expect, elided
	}
	return expect, elide(expect, seen, kinds)
}

// kinds are those of the tokens in what a turn shows.
func (p *player) kinds(h *heard) (kinds []*regexp.Regexp) {
	rec := p.run.Snapshot()
	rec.Steps = []*runner.Step{p.share(h)}
	rec.Steps[0].Text = "x"
	for _, t := range golden.Texts(rec) {
		for _, part := range t.Parts {
			for _, k := range part.Kinds {
				kinds = append(kinds, k.Pattern)
			}
		}
	}
	return kinds
}

// trim leaves out what a reader does not see: blanks at the ends of lines, and
// empty lines at both ends.
func trim(lines []string) []string {
	var kept []string
	for _, l := range lines {
		kept = append(kept, strings.TrimRight(l, " \t\r"))
	}
	for len(kept) > 0 && kept[0] == "" {
		kept = kept[1:]
	}
	for len(kept) > 0 && kept[len(kept)-1] == "" {
		kept = kept[:len(kept)-1]
	}
	return kept
}

var turnMark = regexp.MustCompile(`^turn (\d+) of the block$`)

// divide takes a golden of several turns apart, by their number from 0.
func divide(text string) map[int][]string {
	turns := map[int][]string{}
	at := -1
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if m := turnMark.FindStringSubmatch(line); m != nil {
			fmt.Sscan(m[1], &at)
			at--
			turns[at] = []string{}
			continue
		}
		turns[at] = append(turns[at], line)
	}
	return turns
}

// unmarked is a diff without the lines that only divide it.
func unmarked(diff string) string {
	var b strings.Builder
	for line := range strings.Lines(diff) {
		if len(line) > 1 && turnMark.MatchString(strings.TrimSpace(line[1:])) {
			continue
		}
		b.WriteString(line)
	}
	return b.String()
}

// verdict judges a block of which everything is known.
func (p *player) verdict(d *played) *Verdict {
	v := &Verdict{Block: d.block, State: NotRun, Why: d.why, Line: d.block.Line, Known: d.rule.Fails, Seconds: d.seconds}
	if d.why != "" {
		return v
	}
	v.State, v.Why = ShownOnly, d.note
	var compared []*heard
	var notes, lost []string
	note := func(n string) {
		if n != "" && !slices.Contains(notes, n) {
			notes = append(notes, n)
		}
	}
	worst := func(s State, line int, why string) {
		if s < v.State {
			v.State, v.Line, v.Why = s, line, why
		}
	}
	ran := len(d.heard) == 0
	for _, h := range d.heard {
		if h.window != nil && !slices.Contains(v.Where, h.window.term.Name()) {
			v.Where, v.By = append(v.Where, h.window.term.Name()), append(v.By, h.by)
		}
		switch {
		case h.missing != "":
			lost = append(lost, h.missing)
			continue
		case h.expect != nil && h.err == nil:
			compared = append(compared, h)
		}
		ran = true
	}
	if !ran && d.failed == nil {
		v.State, v.Why = NotRun, lost[0]
		return v
	}
	for i, like := range p.judged(compared) {
		h := compared[i]
		switch {
		case like.same:
			worst(OK, d.block.Line, v.Why)
			note(like.note)
		case failure(h.output, h.window.program()) != "" && failure(texts(h.expect), h.window.program()) == "":
			worst(Fails, h.turn.Line, failure(h.output, h.window.program()))
			v.Diff += like.diff
		default:
			worst(Drift, driftsAt(h, like.want), v.Why)
			v.Diff += like.diff
			v.fixes = append(v.fixes, fix(h, like.want)...)
		}
	}
	for _, h := range d.heard {
		switch said := h.wrong(); {
		case h.err != nil:
			worst(Fails, h.turn.Line, h.err.Error())
			v.Windows = h.windows
		case h.missing == "" && h.expect == nil && said != "":
			worst(Fails, h.turn.Line, said)
		}
	}
	if d.failed != nil {
		v.State, v.Why = Fails, d.failed.Error()
	}
	if v.State != OK && v.State != ShownOnly {
		notes = nil
	}
	if len(lost) > 0 {
		note(fmt.Sprintf("not all of it was run: %s", lost[0]))
	}
	if v.State != Fails {
		v.Why = strings.Join(append(nonEmpty(v.Why), notes...), "; ")
	}
	if v.Known != "" && v.State > Drift {
		v.State, v.Known = Fails, ""
		v.Why = "it holds, though the script says that it does not: " + d.rule.Fails
	}
	return v
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// judged is compare, and where that finds drift, again without regard to what a
// reader of a REPL does not mind: the order of lines that come by themselves,
// and where the lines of a value are broken.
func (p *player) judged(hs []*heard) []likeness {
	results := p.compare(hs)
	for _, try := range []struct {
		note string
		as   func(*heard) *heard
	}{
		{"in another order, which is chance", unordered},
		{"broken into lines in another way", joined},
	} {
		if !slices.ContainsFunc(results, func(l likeness) bool { return !l.same }) {
			break
		}
		tried := make([]*heard, len(hs))
		for i, h := range hs {
			if tried[i] = h; !results[i].same && beam(h) {
				tried[i] = try.as(h)
			}
		}
		for i, l := range p.compare(tried) {
			if l.same && !results[i].same {
				results[i] = likeness{same: true, note: try.note}
			}
		}
	}
	return results
}

// beam says whether a turn is of a program that prints values, while processes
// print what they like.
func beam(h *heard) bool { return h.turn.Program == "iex" || h.turn.Program == "erl" }

func unordered(h *heard) *heard {
	other := *h
	other.tolerance.Unordered, other.tolerance.Between = true, nil
	return &other
}

func joined(h *heard) *heard {
	other := *h
	join := func(ls []string) string { return strings.Join(strings.Fields(strings.Join(ls, " ")), " ") }
	other.output = []string{join(h.output)}
	other.expect = []article.Line{{Text: join(texts(h.expect))}}
	return &other
}

// wrong is what a turn that the text shows no output of says is wrong.
func (h *heard) wrong() string {
	if h.window == nil || h.missing != "" {
		return ""
	}
	if said := failure(h.output, h.turn.Program); said != "" {
		return said
	}
	for _, s := range h.steps {
		if s.Status != nil && *s.Status != 0 {
			return fmt.Sprintf("exit status %d", *s.Status) + complaint(h.output)
		}
	}
	return ""
}

var complains = regexp.MustCompile(`^\*\* |(?i)\berror\b|not found|cannot|denied|no such`)

// complaint is the line in which a command says what was wrong, or its last one.
func complaint(output []string) string {
	out := trim(output)
	for _, l := range out {
		if complains.MatchString(l) {
			return ": " + strings.TrimSpace(l)
		}
	}
	if len(out) == 0 {
		return ""
	}
	return ": " + strings.TrimSpace(out[len(out)-1])
}

// failures are how programs say that a statement failed.
var failures = map[string]*regexp.Regexp{
	"iex":       regexp.MustCompile(`^\*\* \(|^\*\* \w+Error|\[error\]|^=ERROR REPORT|^error: |^\*\* Can not start`),
	"erl":       regexp.MustCompile(`^\*\* exception|^\* ?\d+: |^=ERROR REPORT|^[\w./-]+\.erl:\d+:\d+: (?:syntax error|.*undefined)|^\*\* Can not start`),
	"python3":   regexp.MustCompile(`^Traceback \(most recent|^\w*(?:Error|Exception): `),
	"psql":      regexp.MustCompile(`^(?:psql:.*)?(?:ERROR|FATAL|PANIC): `),
	"redis-cli": regexp.MustCompile(`^\(error\) `),
}

// failure is the line with which a program says that something failed, or "".
func failure(output []string, program string) string {
	re := failures[program]
	if re == nil {
		return ""
	}
	for _, l := range output {
		if re.MatchString(strings.TrimSpace(l)) {
			return strings.TrimSpace(l)
		}
	}
	return ""
}
