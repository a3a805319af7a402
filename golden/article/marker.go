package article

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Marker says what a fence has to hold.
type Marker struct {
	Line int // in the Markdown, from 1

	// Ref is what the marker names: SCENARIO#LABEL, SCENARIO#LABEL@TERMINAL, or a
	// file.
	Ref string
	// Matrix is the way in which a scenario is played, as NAME=VALUE each.
	Matrix []string

	lang     string
	part     string // "input", "output", or "" for both
	lines    interval
	steps    interval
	from, to string
}

// Label splits a marker's Ref. A file has no label.
func (m Marker) Label() (scenario, label string, ok bool) {
	return strings.Cut(m.Ref, "#")
}

// An Error is what is wrong with a line of a lesson.
type Error struct {
	Line    int
	Message string
}

func (e *Error) Error() string { return fmt.Sprintf("%d: %s", e.Line, e.Message) }

// options are those of a marker, as they are explained.
const options = "input, output, lines=3-5, steps=1-2, from=TEXT, to=TEXT, lang=LANGUAGE, matrix=NAME=VALUE"

// parseMarker reads what stands in a marker behind "scenario:".
func parseMarker(line int, body string) (Marker, error) {
	m := Marker{Line: line}
	words, err := split(body)
	if err != nil {
		return m, err
	}
	if len(words) == 0 {
		return m, errors.New("which text? give SCENARIO#LABEL, SCENARIO#LABEL@TERMINAL, or a file")
	}
	m.Ref = words[0]
	seen := map[string]bool{}
	for _, word := range words[1:] {
		name, value, given := strings.Cut(word, "=")
		flag := name == "input" || name == "output"
		switch {
		case given && (value == "" || flag):
			return m, fmt.Errorf("%s: an option is one of %s", word, options)
		case seen[name] && name != "matrix":
			return m, fmt.Errorf("%s: there is a %s already", word, name)
		}
		seen[name] = true
		switch {
		case flag:
			m.part = name
		case !given:
			return m, fmt.Errorf("there is no option %s; there are %s", word, options)
		case name == "lines":
			m.lines, err = parseInterval(value)
		case name == "steps":
			m.steps, err = parseInterval(value)
		case name == "from":
			m.from = value
		case name == "to":
			m.to = value
		case name == "lang":
			if m.lang = value; strings.ContainsAny(value, " \t\r\n`") {
				err = errors.New("a language is one word")
			}
		case name == "matrix":
			m.Matrix = append(m.Matrix, value)
		default:
			return m, fmt.Errorf("there is no option %s; there are %s", name, options)
		}
		if err != nil {
			return m, fmt.Errorf("%s: %w", word, err)
		}
	}
	_, _, golden := m.Label()
	var cuts []string
	for _, c := range []string{"lines", "steps", "from", "to"} {
		if seen[c] {
			cuts = append(cuts, c)
		}
	}
	switch {
	case seen["input"] && seen["output"]:
		return m, errors.New("input and output are both of it: leave them out")
	case len(cuts) > 1 && !slices.Equal(cuts, []string{"from", "to"}):
		return m, fmt.Errorf("%s exclude each other: give one of them", strings.Join(cuts, " and "))
	case golden:
	case m.part != "" || m.steps.given() || m.Matrix != nil:
		return m, fmt.Errorf("%s is a file: input, output, steps and matrix are for goldens, SCENARIO#LABEL", m.Ref)
	}
	return m, nil
}

// split divides words as a shell does, with quotes of both kinds; in those that
// are double, \" and \\ are a quote and a backslash.
func split(s string) (words []string, err error) {
	var (
		word  strings.Builder
		begun bool
		quote rune
	)
	chars := []rune(s)
	for i := 0; i < len(chars); i++ {
		c := chars[i]
		switch {
		case quote == '"' && c == '\\' && i+1 < len(chars) && strings.ContainsRune(`"\`, chars[i+1]):
			i++
			word.WriteRune(chars[i])
		case quote != 0 && c == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(c)
		case c == '"' || c == '\'':
			quote, begun = c, true
		case strings.ContainsRune(" \t\r\n", c):
			if begun {
				words = append(words, word.String())
			}
			word.Reset()
			begun = false
		default:
			word.WriteRune(c)
			begun = true
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("the %c in %s is not closed", quote, quoted(s))
	}
	if begun {
		words = append(words, word.String())
	}
	return words, nil
}

// An interval is from the first to the last, from 1; the last is 0 where it is
// open. The zero value is none.
type interval struct{ first, last int }

func (i interval) given() bool { return i != interval{} }

func (i interval) has(n int) bool { return i.first <= n && (i.last == 0 || n <= i.last) }

// end is the last that is asked for.
func (i interval) end() int { return max(i.first, i.last) }

func parseInterval(s string) (interval, error) {
	first, last, to := strings.Cut(s, "-")
	var (
		i    interval
		errs [2]error
	)
	if i.first, errs[0] = strconv.Atoi(first); !to {
		i.last = i.first
	} else if last != "" {
		i.last, errs[1] = strconv.Atoi(last)
	}
	if errs != [2]error{} || i.first < 1 || i.last < 0 || i.last > 0 && i.last < i.first || to && last != "" && i.last == 0 {
		return interval{}, errors.New("give a number from 1, as 3; two, as 3-5; or the first, as 3-")
	}
	return i, nil
}

func quoted(s string) string {
	s = strings.TrimSpace(s)
	if r := []rune(s); len(r) > 40 {
		s = string(r[:40]) + "…"
	}
	return strconv.QuoteToGraphic(s)
}
