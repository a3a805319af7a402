package terminal

import (
	"strings"
	"unicode/utf8"
)

// head is the line as a reader sees it before the answer: prompt and what was
// typed.
func (g segment) head() string { return strings.TrimRight(g.prompt.text+g.line, " ") }

// tidy is text, all that was shown since the segment was sent, as a reader
// would have it: it begins with the segment's head. What else came before the
// echo, while the line was being typed, is left out, and a prompt that was not
// drawn again after a log line is put back.
func (g segment) tidy(text string) string {
	if g.raw {
		return text
	}
	rest, ok := g.rest(text)
	switch {
	case ok && len(g.head())+len(rest) == len(text) && strings.HasPrefix(text, g.head()):
		return text // which may be long
	case ok:
		return g.head() + rest
	case strings.HasPrefix(text, strings.TrimRight(g.prompt.text, " ")):
		return text // the program echoes in its own way, or not at all
	case text == "":
		return g.head()
	default:
		return g.head() + "\n" + text // the screen was cleared
	}
}

// whole is text with the segment's echo complete, if that is all there is. A
// program that ends at once takes with it what of the echo it has not drawn
// yet, and how much that is is chance.
func (g segment) whole(text string) string {
	if head := g.prompt.text + g.echo; !g.raw && strings.HasPrefix(head, strings.ReplaceAll(text, "\n", "")) {
		return strings.TrimRight(head, " ")
	}
	return text
}

// output is what came back, of the text shown since the segment was sent.
func (g segment) output(text string) string {
	if g.raw {
		return text
	}
	rest, ok := g.rest(text)
	if ok {
		return strings.TrimPrefix(rest, "\n")
	}
	if strings.HasPrefix(text, strings.TrimRight(g.prompt.text, " ")) {
		_, out, _ := strings.Cut(text, "\n")
		return out
	}
	return text
}

// rest is what stands in text after the echo of the segment: "" or a line
// break and the output.
func (g segment) rest(text string) (string, bool) {
	text = strings.TrimPrefix(text, g.before)
	if rest, ok := cutEcho(text, g.prompt.text+g.echo); ok {
		return rest, true
	}
	// Without a prompt, or with one that was drawn again as blanks.
	if line := strings.TrimSpace(g.echo); line != "" {
		if rest, ok := cutEcho(strings.TrimLeft(text, " "), line); ok {
			return rest, true
		}
	}
	// Below what came while it was being typed, with the prompt drawn anew or not.
	for _, head := range []string{g.prompt.text + g.echo, strings.TrimSpace(g.echo)} {
		for below := text; head != ""; {
			_, rest, ok := strings.Cut(below, "\n")
			if !ok {
				break
			}
			if rest, ok := cutEcho(rest, head); ok {
				return rest, true
			}
			below = rest
		}
	}
	return g.broken(text)
}

// broken is rest of an echo in which something else may stand at any point, up
// to the end of the line and for whole lines after it: what the program wrote
// to the terminal past its own line editor, which was drawing the line. Only a
// program that counts its statements is known to echo so truly that this is
// not taken for an output like the end of the line.
func (g segment) broken(text string) (string, bool) {
	echo := strings.TrimSpace(g.echo)
	if g.prompt.counter < 0 || echo == "" {
		return "", false
	}
	text = strings.TrimPrefix(text, g.prompt.text)
	next := make([]bool, len(echo)) // what of the echo can be next at the start of a line
	next[0] = true
	var behind string // what stands behind an echo that does not end its line
	var found bool
	for {
		line, rest, more := strings.Cut(text, "\n")
		text, line = text[len(line):], strings.TrimLeft(line, " ")
		for at := len(echo) - 1; at >= 0; at-- {
			if !next[at] {
				continue
			}
			todo := strings.TrimLeft(echo[at:], " ")
			n := prefix(line, todo)
			if n == len(todo) && n == len(line) {
				return text, true
			}
			if n == len(todo) && !found {
				behind, found = "\n"+line[n:]+text, true
			}
			for ; n > 0; n-- {
				if seen := len(echo) - len(todo) + n; seen < len(echo) {
					next[seen] = true
				}
			}
		}
		if !more {
			return behind, found
		}
		text = rest
	}
}

// prefix is the length of the longest common prefix of a and b.
func prefix(a, b string) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// cutEcho cuts head from the start of text, where it may be broken over
// several rows by the program's own line editor, and must end its line.
func cutEcho(text, head string) (string, bool) {
	head = strings.TrimRight(head, " ")
	for head != "" {
		if rest, ok := strings.CutPrefix(text, "\n"); ok {
			text, head = strings.TrimLeft(rest, " "), strings.TrimLeft(head, " ")
			continue
		}
		c, n := utf8.DecodeRuneInString(head)
		if text != "" && text[0] == ' ' && c > 0x7f {
			text = text[1:] // readline fills a row that a wide character does not fit in
		}
		if !strings.HasPrefix(text, head[:n]) {
			return "", false
		}
		text, head = text[n:], head[n:]
	}
	return text, text == "" || text[0] == '\n'
}
