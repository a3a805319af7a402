package article

import (
	"errors"
	"fmt"
	"strings"
)

// excerpt is the part of a text that a marker asks for. It ends with a line
// break, unless it is empty, and not with empty lines.
func (m Marker) excerpt(text string) (string, error) {
	text = unix(text)
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	lines := strings.Split(text, "\n")
	lines = lines[:len(lines)-1]
	var log []entry
	if m.part != "" || m.steps.given() {
		var err error
		if log, err = read(lines); err != nil {
			return "", err
		}
	}
	keep, err := m.cut(lines, log)
	if err != nil {
		return "", err
	}
	var kept []string
	for i, l := range lines {
		switch {
		case !keep(i + 1), m.part == "input" && !log[i].typed, m.part == "output" && log[i].typed:
		case m.part == "input":
			kept = append(kept, l[log[i].prompt:])
		default:
			kept = append(kept, l)
		}
	}
	if m.part != "" && len(kept) == 0 {
		return "", fmt.Errorf("there is no %s in what is asked for: leave %s out, or take another part", m.part, m.part)
	}
	for len(kept) > 0 && strings.TrimSpace(kept[len(kept)-1]) == "" {
		kept = kept[:len(kept)-1]
	}
	if len(kept) == 0 {
		return "", nil
	}
	return strings.Join(kept, "\n") + "\n", nil
}

// cut says which lines are asked for, counted from 1.
func (m Marker) cut(lines []string, log []entry) (keep func(int) bool, err error) {
	switch {
	case m.lines.given():
		if n := m.lines.end(); n > len(lines) {
			return nil, fmt.Errorf("there is no line %d: the text has %s", n, count(len(lines), "line"))
		}
		return m.lines.has, nil
	case m.steps.given():
		steps := 0
		for _, e := range log {
			steps = max(steps, e.step)
		}
		if n := m.steps.end(); n > steps {
			return nil, fmt.Errorf("there is no step %d: the text has %s, each from a prompt on", n, count(steps, "step"))
		}
		return func(n int) bool { return m.steps.has(log[n-1].step) }, nil
	}
	span := interval{1, len(lines)}
	if m.from != "" {
		if span.first = search(lines, 1, m.from); span.first == 0 {
			return nil, fmt.Errorf("from=%s: there is no line with that", quoted(m.from))
		}
	}
	if m.to != "" {
		if span.last = search(lines, span.first, m.to); span.last == 0 {
			return nil, fmt.Errorf("to=%s: there is no line with that from line %d on", quoted(m.to), span.first)
		}
	}
	return span.has, nil
}

func search(lines []string, from int, text string) int {
	for n := from; n <= len(lines); n++ {
		if strings.Contains(lines[n-1], text) {
			return n
		}
	}
	return 0
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// An entry is what is known of a line of a golden.
type entry struct {
	typed  bool
	prompt int // the bytes of a typed line that are the prompt, or stand for it
	step   int // from 1; 0 before the first prompt
}

// errNoPrompt is said where all may be output, or nothing.
var errNoPrompt = errors.New("no line begins with a prompt that is known here: leave out input, output and steps, and give lines=3-5 if it is a part")

// read tells what was typed from what came back. Where it cannot, that is an
// error.
func read(lines []string) ([]entry, error) {
	log := make([]entry, len(lines))
	step := 0
	for i := 0; i < len(lines); {
		p, n := promptOf(lines[i])
		if p == nil {
			if unknown.MatchString(lines[i]) {
				return nil, fmt.Errorf("line %d: %w", i+1, errDoubts)
			}
			log[i].step = step
			i++
			continue
		}
		step++
		prompt := lines[i][:n]
		log[i] = entry{true, n, step}
		typed := []string{lines[i][n:]}
		i++
		for i < len(lines) {
			another, _ := promptOf(lines[i])
			n, more, err := p.goesOn(typed, prompt, lines[i], another != nil)
			if err != nil {
				return nil, fmt.Errorf("line %d: %w", i+1, err)
			}
			if !more {
				break
			}
			log[i] = entry{true, n, step}
			typed = append(typed, lines[i][n:])
			i++
		}
	}
	if step == 0 {
		return nil, errNoPrompt
	}
	return log, nil
}
