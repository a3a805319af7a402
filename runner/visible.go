package runner

import "strings"

// visible is text in which control characters are seen and do nothing: a
// golden is shown by cat, in editors and in reviews, and a machine must not
// speak to a reader's terminal there. For each stands its picture, of
// Unicode's U+2400 to U+2421, and U+FFFD where there is none. Tabs and ends of
// lines stay.
func visible(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == '\n', c == '\t':
			return c
		case c < ' ':
			return 0x2400 + c
		case c == 0x7f:
			return 0x2421
		case c >= 0x80 && c < 0xa0:
			return 0xfffd
		}
		return c
	}, s)
}
