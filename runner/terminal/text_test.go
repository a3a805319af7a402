package terminal

import (
	"strings"
	"testing"
)

// screens are 10 columns by 4 rows in these tables.
func shown(in string) *Screen {
	s := NewScreen(10, 4)
	feed(s, in, len(in))
	return s
}

func TestLeft(t *testing.T) {
	for _, test := range []struct {
		name, in, want string
		start          Pos
	}{
		{"nothing", "", "", Pos{}},
		{"blanks are kept", "out\r\n$ ", "$ ", Pos{Row: 1}},
		{"after the column start", "out\r\n", "", Pos{Row: 1}},
		{"left of the cursor only", "$ abc\b\b", "$ a", Pos{}},
		{"wrapped", "0123456789$ ", "0123456789$ ", Pos{}},
		{"wrap pending", "0123456789", "0123456789", Pos{}},
		{"full row and a new line", "0123456789\r\n$ ", "$ ", Pos{Row: 1}},
		{"wide character that did not fit", "012345678元> ", "012345678元> ", Pos{}},
		{"cursor in the second row of three", strings.Repeat("x", 25) + "\x1b[A", strings.Repeat("x", 15), Pos{}},
		{"beyond what is written", "$\x1b[4G", "$  ", Pos{}},
		{"scrolled", "a\r\nb\r\nc\r\nd\r\n$ ", "$ ", Pos{Row: 4}},
		{"wrapped out of the screen", strings.Repeat("x", 45), strings.Repeat("x", 35), Pos{Row: 1}},
		{"tab", "a\tb", "a       b", Pos{}},
		{"combining", "か\u3099> ", "か\u3099> ", Pos{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := shown(test.in)
			if got := s.Left(); got != test.want {
				t.Errorf("Left() = %q, want %q", got, test.want)
			}
			if got := s.LeftStart(); got != test.start {
				t.Errorf("LeftStart() = %v, want %v", got, test.start)
			}
		})
	}
}

func TestText(t *testing.T) {
	everything := Pos{Row: 1000}
	for _, test := range []struct {
		name, in string
		from, to Pos
		want     string
	}{
		{"blanks at the end are cut", "a  \r\n b \r\n", Pos{}, Pos{Row: 2}, "a\n b\n"},
		{"half open", "0123456", Pos{0, 2}, Pos{0, 5}, "234"},
		{"from one row to another", "abc\r\ndef\r\nghi", Pos{0, 1}, Pos{2, 2}, "bc\ndef\ngh"},
		{"nothing between", "abc", Pos{0, 2}, Pos{0, 2}, ""},
		{"backwards", "abc\r\ndef", Pos{1, 2}, Pos{0, 1}, ""},
		{"wide characters", "日本語", Pos{0, 2}, Pos{0, 4}, "本"},
		{"up to the cursor when the last column is written", "0123456789", Pos{}, Pos{0, 10}, "0123456789"},
		{"soft wrap", "0123456789ab\r\nc", Pos{}, Pos{2, 1}, "0123456789ab\nc"},
		{"soft wrap at a blank", "012345678 ab", Pos{}, Pos{1, 2}, "012345678 ab"},
		{"soft wrap before a blank", "0123456789 ab", Pos{}, Pos{1, 3}, "0123456789 ab"},
		{"soft wrap of a wide character", "012345678元x", Pos{}, Pos{1, 3}, "012345678元x"},
		{"soft wrap where something was erased", "0123456789\r\x1b[K012345678元", Pos{}, Pos{1, 2}, "012345678元"},
		{"row exactly full", "0123456789\r\nab", Pos{}, Pos{1, 2}, "0123456789\nab"},
		{"wrapped row erased to its end", "0123456789ab\x1b[A\x1b[K", Pos{}, Pos{1, 2}, "01\nab"},
		{"wrapped row erased from its start", "0123456789ab\x1b[A\x1b[1K", Pos{}, Pos{1, 2}, "   3456789ab"},
		{"wrapped row written over at its end", "0123456789ab\x1b[1;10HX\x1b[2;1Hcd", Pos{}, Pos{1, 2}, "012345678X\ncd"},
		{"wrapped row written over by a wide character", "0123456789ab\x1b[1;9H元\x1b[2;1Hcd", Pos{}, Pos{1, 2}, "01234567元\ncd"},
		{"wide character wrapped after a jump", "a\x1b[10G元", Pos{}, Pos{1, 2}, "a        元"},
		{"wide character wrapped from where something stood", "0123456789\x1b[10G元", Pos{}, Pos{1, 2}, "012345678元"},
		{"wrapped row deleted from", "0123456789ab\x1b[1;1H\x1b[2P", Pos{}, Pos{1, 2}, "23456789\nab"},
		{"wrapped row written again", "0123456789ab\x1b[A\r0123456789XY", Pos{}, Pos{1, 2}, "0123456789XY"},
		{"line feed inside of a wrapped line", "0123456789ab\x1b[A\n", Pos{}, Pos{1, 2}, "0123456789ab"},
		{"drawn again on a full row", "0123456789\r\n\x1b[A\x1b[J0123456789\r\n2", Pos{}, Pos{1, 1}, "0123456789\n2"},
		{"margin passed by a blank and a backspace", "0123456789 \bab", Pos{}, Pos{1, 2}, "0123456789ab"},
		{"joined over the scrollback", "a\r\n0123456789bc\r\nd\r\ne\r\nf\r\n", Pos{1, 0}, Pos{3, 0}, "0123456789bc\n"},
		{"rows not there yet", "a\r\nb", Pos{}, everything, "a\nb\n\n"},
		{"blanks in the middle", "a\x1b[5Gb", Pos{}, Pos{0, 5}, "a   b"},
		{"combining", "e\u0301か\u3099|", Pos{}, Pos{0, 4}, "e\u0301か\u3099|"},
		{"ideographic variation", "葛\U000e0100飾", Pos{}, Pos{0, 4}, "葛\U000e0100飾"},
		{"joined pictures are one cell", "👩\u200d🚀|", Pos{}, Pos{0, 3}, "👩\u200d🚀|"},
		{"a letter after a joiner is its own", "क\u094d\u200dष", Pos{}, Pos{0, 1}, "क\u094d\u200d"},
		{"a combining character moved with its base", "か\u3099き\r\x1b[2@", Pos{}, Pos{0, 6}, "  か\u3099き"},
		{"a combining character after a full row", "01234567か\u3099き", Pos{}, Pos{1, 2}, "01234567か\u3099き"},
		{"line drawing", "\x1b(0lqk\x1b(B \x1b)0\x0ex\x0fx", Pos{}, Pos{0, 6}, "┌─┐ │x"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := shown(test.in).Text(test.from, test.to); got != test.want {
				t.Errorf("Text(%v, %v) = %q, want %q", test.from, test.to, got, test.want)
			}
		})
	}
}
