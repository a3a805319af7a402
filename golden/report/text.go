package report

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// clean makes text harmless: of control characters only line feeds and tabs
// are left, and what is no UTF-8 or may not stand in XML is U+FFFD.
func clean(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == '\n', c == '\t':
			return c
		case c < ' ', c >= 0x7f && c < 0xa0:
			return '·'
		case c == 0xfffe, c == 0xffff:
			return utf8.RuneError
		}
		return c
	}, strings.ReplaceAll(s, "\r\n", "\n"))
}

// line is clean text on one line.
func line(s string) string {
	return strings.NewReplacer("\n", " ", "\t", " ").Replace(clean(s))
}

// cut shortens a text that has more than so many bytes, to whole lines where
// it can, and says so in a line of its own.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	end := strings.LastIndexByte(s[:most+1], '\n')
	if end < most/2 { // a line is as long as all that
		for end = most; end > 0 && !utf8.RuneStart(s[end]); end-- {
		}
	}
	return fmt.Sprintf("%s\n… cut: %d bytes more", s[:end], len(s)-end)
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// join puts the texts that there are on lines of their own.
func join(texts ...string) string {
	var there []string
	for _, t := range texts {
		if t = strings.Trim(t, "\n"); t != "" {
			there = append(there, t)
		}
	}
	return strings.Join(there, "\n")
}
