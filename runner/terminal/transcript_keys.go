package terminal

import (
	"bytes"
	"path"
	"regexp"
	"slices"
	"strings"
)

// How a line ends, if it does.
const (
	enter     = '\r'
	interrupt = 0x03
	endOfFile = 0x04
)

var pasteBegin, pasteEnd = []byte("\x1b[200~"), []byte("\x1b[201~")

// lineEnd finds the key by which the first line of keys ends, and where; 0 if
// it does not. What is pasted into a line does not end it.
func lineEnd(keys []byte) (int, byte) {
	pasted := false
	for i, c := range keys {
		switch {
		case bytes.HasPrefix(keys[i:], pasteBegin):
			pasted = true
		case bytes.HasPrefix(keys[i:], pasteEnd):
			pasted = false
		case pasted:
		case c == '\r', c == '\n':
			return i, enter
		case c == interrupt:
			return i, interrupt
		}
	}
	return 0, 0
}

// plain is the line that keys make which do nothing but write and delete at its
// end; false if there are others among them.
func plain(keys []byte) (string, bool) {
	var line []rune
	for pasted := false; len(keys) > 0; {
		rest, begins := bytes.CutPrefix(keys, pasteBegin)
		if !begins {
			var ends bool
			if rest, ends = bytes.CutPrefix(keys, pasteEnd); ends {
				pasted, keys = false, rest
				continue
			}
		} else {
			pasted, keys = true, rest
			continue
		}
		c := []rune(string(keys[:min(len(keys), 4)]))[0]
		switch {
		case c == '\r' && pasted, c == '\n' && pasted:
			line = append(line, '\n')
		case c == del && !pasted:
			line = line[:max(len(line)-1, 0)]
		case c < ' ', c == del, c == '\uFFFD':
			return "", false
		default:
			line = append(line, c)
		}
		keys = keys[len(string(c)):]
	}
	return strings.TrimRight(string(line), " "), true
}

// echoesKeys says whether a line shows keys as ^[ and the like, which is how a
// terminal echoes those that nobody has understood.
func echoesKeys(shown string, keys []byte) bool {
	return slices.ContainsFunc(keys, func(c byte) bool {
		return c < ' ' && strings.Contains(shown, "^"+string(rune(c^0x40)))
	})
}

// command is the name of the program that a shell's line starts last: "iex" for
// "cd /srv && FOO=1 /usr/bin/iex -S mix"; "" if it starts none.
func command(line string) string {
	if i := strings.LastIndexAny(line, ";&|"); i >= 0 {
		line = line[i+1:]
	}
	for _, word := range strings.Fields(line) {
		if name, _, ok := strings.Cut(word, "="); ok && !strings.ContainsAny(name, "/-") {
			continue
		}
		return path.Base(word)
	}
	return ""
}

// answers are what a terminal itself says when a program asks it something: no
// key was pressed.
var answers = regexp.MustCompile(`\x1b\[[?>]?[0-9;]*[Rcn]|\x1b\[\?[0-9;]*\$y|\x1b\[[IO]|\x1b[\]P][^\x07\x1b]*(?:\x07|\x1b\\)`)
