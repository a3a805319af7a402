package terminal

import (
	"fmt"
	"slices"
	"strings"
)

// keys are the keys that have a name, and what an xterm sends for them.
var keys = map[string]string{
	"enter": "\r", "tab": "\t", "escape": "\x1b", "backspace": "\x7f", "space": " ",
	"up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D",
	"home": "\x1b[H", "end": "\x1b[F", "insert": "\x1b[2~", "delete": "\x1b[3~",
	"page-up": "\x1b[5~", "page-down": "\x1b[6~",
}

// Key returns the bytes that a key sends: a named one ("enter", "up",
// "page-down"), "ctrl-" and a letter or one of @[\]^_, or "alt-" and another.
func Key(name string) (string, error) {
	if seq, ok := keys[name]; ok {
		return seq, nil
	}
	if rest, ok := strings.CutPrefix(name, "alt-"); ok {
		if len(rest) == 1 {
			return "\x1b" + rest, nil
		}
		seq, err := Key(rest)
		if err != nil {
			return "", err
		}
		return "\x1b" + seq, nil
	}
	if rest, ok := strings.CutPrefix(name, "ctrl-"); ok && len(rest) == 1 {
		if c := strings.ToUpper(rest)[0]; c >= '@' && c <= '_' {
			return string(rune(c - '@')), nil
		}
	}
	return "", fmt.Errorf("there is no key %q; there are %s, ctrl-X and alt-X", name, strings.Join(keyNames(), ", "))
}

func keyNames() []string {
	var names []string
	for n := range keys {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}
