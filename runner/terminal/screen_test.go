package terminal

import (
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"testing"
)

// TestChecks feeds single matters, each whole and byte by byte.
func TestChecks(t *testing.T) {
	data, err := os.ReadFile("testdata/checks.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		var check struct {
			Name, In string
			Want     []string
			CursorX  int `json:"cursor_x"` // -1 is any
			CursorY  int `json:"cursor_y"`
		}
		if err := json.Unmarshal([]byte(line), &check); err != nil {
			t.Fatal(err)
		}
		t.Run(check.Name, func(t *testing.T) {
			for _, size := range []int{len(check.In), 1} {
				s := NewScreen(100, 30)
				feed(s, check.In, size)
				if got, want := s.Display(), strings.Join(check.Want, "\n"); got != want {
					t.Errorf("in pieces of %d bytes:\n%s\nwant\n%s", size, got, want)
				}
				cursor := s.Cursor()
				if check.CursorX >= 0 && cursor.Col != check.CursorX || check.CursorY >= 0 && cursor.Row != check.CursorY {
					t.Errorf("in pieces of %d bytes: cursor %v, want column %d of row %d", size, cursor, check.CursorX, check.CursorY)
				}
			}
		})
	}
}

// feed writes text in pieces of size bytes.
func feed(s *Screen, text string, size int) {
	for len(text) > 0 {
		n := min(size, len(text))
		s.Write([]byte(text[:n]))
		text = text[n:]
	}
}

// TestMark marks the position after "$ " on the second of four rows and then writes in.
func TestMark(t *testing.T) {
	mark := Pos{1, 2}
	for _, test := range []struct {
		name, in string
		want     Pos
	}{
		{"output", "ls\r\na\r\n", mark},
		{"scrolling", "ls\r\n\n\n\n\n\n", mark},
		{"clear", "\x1b[H\x1b[2J", Pos{}},
		{"clear as busybox does it", "\x1b[H\x1b[J", Pos{}},
		{"clear with its scrollback", "\n\n\n\n\x1b[H\x1b[2J\x1b[3J", Pos{Row: 2}},
		{"clear of the screen while scrolled out", "\n\n\n\n\x1b[2J", mark},
		{"clear of the scrollback only", "\n\n\n\n\x1b[3J", Pos{Row: 2}},
		{"clear of the scrollback while on the screen", "\x1b[3J", mark},
		{"reset", "\x1bc", Pos{}},
		{"reset while scrolled out", "\n\n\n\n\x1bc", Pos{Row: 2}},
		{"line drawn again", "ls\r\n\x1b[A\x1b[J$ ls\r\n", mark},
		{"line drawn again at the top", "ls\r\n\x1b[A\x1b[A\x1b[J$ ls\r\n", mark},
		{"line drawn again at the top after a home", "\x1b[H$ \b\b\x1b[J$ ", mark},
		{"erased after a home, but elsewhere", "\x1b[H\x1b[2C\x1b[J", mark},
		{"alternate screen", "\x1b[?1049h\x1b[H\x1b[2J\x1b[3Jx\x1b[?1049l", mark},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := shown("\r\n$ ")
			s.Mark(s.Cursor())
			feed(s, test.in, len(test.in))
			if got := s.Marked(); got != test.want {
				t.Errorf("mark is at %v, want %v", got, test.want)
			}
		})
	}
}

func TestFeeds(t *testing.T) {
	for _, test := range []struct {
		name, in string
		want     int
	}{
		{"all kinds", "a\nb\vc\fd\x1bDe\x1bEf", 5},
		{"at the bottom", "\n\n\n\n\n\n", 6},
		{"soft wraps are none", strings.Repeat("x", 100), 0},
		{"clear and home", "\n\n\x1b[H\x1b[2J", 2},
		{"reset", "\n\x1bc\n", 2},
		{"alternate screen", "\n\x1b[?1049h\n\n\n\x1b[?1049l\n", 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := shown(test.in).Feeds(); got != test.want {
				t.Errorf("%d line feeds, want %d", got, test.want)
			}
		})
	}
}

// TestScrollback looks at the text of all rows that are kept.
func TestScrollback(t *testing.T) {
	const lines = "1\r\n2\r\n3\r\n4\r\n5\r\n6" // on four rows
	for _, test := range []struct {
		name, in, want string
		cursor         Pos
	}{
		{"scrolled out", lines, "1\n2\n3\n4\n5\n6", Pos{5, 1}},
		{"by SU", lines + "\x1b[2S", "1\n2\n3\n4\n5\n6\n\n", Pos{7, 1}},
		{"by a region at the top", lines + "\x1b[1;2r\x1b[2;1H\nX", "1\n2\n3\n4\nX\n5\n6", Pos{4, 1}},
		{"not by a region below", lines + "\x1b[2;3r\x1b[3;1H\nX", "1\n2\n3\n5\nX\n6", Pos{4, 1}},
		{"not by DL at the top", lines + "\x1b[H\x1b[M", "1\n2\n4\n5\n6\n", Pos{2, 0}},
		{"not by RI", lines + "\x1b[H\x1bM0", "1\n2\n0\n3\n4\n5", Pos{2, 1}},
		{"not by ED", lines + "\x1b[H\x1b[J0", "1\n2\n0\n\n\n", Pos{2, 1}},
		{"cleared in the middle of a line", strings.Repeat("x", 45) + "\x1b[H\x1b[2Jy", "xxxxxxxxxx\ny\n\n\n", Pos{1, 1}},
		{"erased", lines + "\x1b[3J", "3\n4\n5\n6", Pos{5, 1}},
		{"untouched by the alternate screen", lines + "\x1b[?1049h" + lines + lines + "\x1b[3J\x1b[?1049l", "1\n2\n3\n4\n5\n6", Pos{5, 1}},
		{"under the alternate screen", lines + "\x1b[?1049h\x1b[HX", "1\n2\nX\n\n\n", Pos{2, 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := shown(test.in)
			if got := s.Text(Pos{}, Pos{s.base() + 3, 10}); got != test.want {
				t.Errorf("text %q, want %q", got, test.want)
			}
			if got := s.Cursor(); got != test.cursor {
				t.Errorf("cursor %v, want %v", got, test.cursor)
			}
		})
	}
}

// TestControls has what the checks, the captures and tmux leave open.
func TestControls(t *testing.T) {
	const pending = "0123456789"
	for _, test := range []struct {
		name, in, want string
		cursor         Pos
	}{
		{"IRM", "abc\r\x1b[4hX元", "X元abc", Pos{0, 3}},
		{"IRM of a word", "abc\r\x1b[4hXY", "XYabc", Pos{0, 2}},
		{"IRM after a wrap", "abc\r\nx\x1b[1;10H\x1b[4hYZ", "abc      Y\nZx", Pos{1, 1}},
		{"ICH pushes half of a wide character out", "01234567元\r\x1b[@", " 01234567", Pos{0, 0}},
		{"ICH with a wrap pending", pending + "\x1b[@", pending, Pos{0, 10}},
		{"IL below the region", "a\r\nb\r\nc\r\nd\x1b[1;2r\x1b[4;1H\x1b[L", "a\nb\nc\nd", Pos{3, 0}},
		{"DL above the region", "a\r\nb\r\nc\r\nd\x1b[3;4r\x1b[1;1H\x1b[M", "a\nb\nc\nd", Pos{0, 0}},
		{"CUU stops at the region", "\x1b[2;4r\x1b[4;1H\x1b[9Ax", "\nx", Pos{1, 1}},
		{"CUU above the region", "\x1b[3;4r\x1b[2;1H\x1b[9Ax", "x", Pos{0, 1}},
		{"CUD stops at the region", "\x1b[1;2r\x1b[9Bx", "\nx", Pos{1, 1}},
		{"CUD below the region", "\x1b[1;2r\x1b[3;1H\x1b[9Bx", "\n\n\nx", Pos{3, 1}},
		{"LF below the region", "\x1b[1;2r\x1b[4;1Ha\r\nb", "\n\n\nb", Pos{3, 1}},
		{"a region of one line is none", "\x1b[2;2r\x1b[9Bx", "\n\n\nx", Pos{3, 1}},
		{"origin mode", "\x1b[2;3r\x1b[?6hx\x1b[9;1Hy\x1b[?6lz", "z\nx\ny", Pos{0, 1}},
		{"region in origin mode", "\x1b[?6h\x1b[2;3rx", "\nx", Pos{1, 1}},
		{"DECSC keeps the origin mode and the charset", "\x1b[2;3r\x1b[?6h\x1b(0\x1b7\x1b[?6l\x1b(B\x1b8\x1b[1;2Hq", "\n ─", Pos{1, 2}},
		{"DECRC before DECSC", "abc\x1b8x", "xbc", Pos{0, 1}},
		{"BS into the row before", pending + "x\b\bX", "012345678X\nx", Pos{0, 10}},
		{"BS at the start of a line", "a\r\n\bb", "a\nb", Pos{1, 1}},
		{"CBT with a wrap pending", "\x1b[10G\x1bH\r" + pending + "\x1b[Zx", "01234567x9", Pos{0, 9}},
		{"CHT", "a\x1b[2Ix", "a        x", Pos{0, 10}},
		{"TBC of all", "\x1b[3g\tx", "         x", Pos{0, 10}},
		{"HTS and TBC", "\x1b[4G\x1bH\r\tx\x1b[4G\x1b[g\r\ty", "   x    y", Pos{0, 9}},
		{"DECAWM with a wrap pending", pending + "\x1b[?7lx", "012345678x", Pos{0, 9}},
		{"DECAWM and a wide character", "\x1b[?7l012345678元", "012345678", Pos{0, 9}},
		{"REP after a combining character", "か\u3099\x1b[3b", "か\u3099", Pos{0, 2}},
		{"REP of a wide character", "元\x1b[2b", "元元元", Pos{0, 6}},
		{"REP stays on the row", "a\x1b[99b", "aaaaaaaaaa", Pos{0, 10}},
		{"DECSTR", "ab\x1b7\x1b[?6h\x1b[2;3r\x1b[4h\x1b(0\x1b[!p\x1b[1;1Hq\x1b8r", "rb", Pos{0, 1}},
		{"RIS from the alternate screen", "a\x1b[3g\x1b[?1049hb\x1bc\tc\x1b[?1049ld", "        cd", Pos{0, 10}},
		{"alternate screen by 47 keeps the cursor", "ab\x1b[?47h\r\nc\x1b[?47ld", "ab\n d", Pos{1, 2}},
		{"alternate screen left that was never entered", "ab\x1b[?1049lc", "abc", Pos{0, 3}},
		{"DECSC of mode 1048", "ab\x1b[?1048h\x1b[3;3H\x1b[?1048lc", "abc", Pos{0, 3}},
		{"an OSC given up for another sequence", "ab\x1b]0;x\x1b[Gc", "cb", Pos{0, 1}},
		{"CAN", "ab\x1b[1\x18m", "abm", Pos{0, 3}},
		{"parameter after an intermediate", "abc\r\x1b[4h\x1b[!0pX", "Xabc", Pos{0, 1}},
		{"prefix after a parameter", "ab\x1b[1049?hc", "abc", Pos{0, 3}},
		{"prefix after a prefix", "ab\x1b[?1049>hc", "abc", Pos{0, 3}},
		{"control inside of a sequence", "ab\x1b[\r1Cc", "ac", Pos{0, 2}},
		{"a huge parameter", "a\x1b[9223372036854775809Cb", "a        b", Pos{0, 10}},
		{"UTF-8 broken off", "a\xe3\x81b\xe5\x1b[Gc\xff", "cb", Pos{0, 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := shown(test.in)
			if got := s.Display(); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
			if got := s.Cursor(); got != test.cursor {
				t.Errorf("cursor %v, want %v", got, test.cursor)
			}
		})
	}
}

// TestNoise has what must not take all memory.
func TestNoise(t *testing.T) {
	s := shown("e" + strings.Repeat("\u0301", 1000) + "x")
	if got := len(s.Display()); got > maxCluster+1 {
		t.Errorf("a character of %d bytes", got)
	}
	s.OSC = func(data string) {
		if len(data) != maxData {
			t.Errorf("an OSC of %d bytes", len(data))
		}
	}
	feed(s, "\x1b]0;"+strings.Repeat("x", 2*maxData)+"\a", 1000)
	feed(s, "\x1b["+strings.Repeat("1;", 1000)+"m", 1000)
	if got := len(s.parser.params); got > maxParams {
		t.Errorf("%d parameters", got)
	}
}

func TestForget(t *testing.T) {
	s := shown(strings.Repeat("x\r\n", 10))
	s.Forget(3)
	if got, want := s.Text(Pos{}, Pos{5, 0}), "x\nx\n"; got != want {
		t.Errorf("after Forget(3) %q is left, want %q", got, want)
	}
	s.Forget(1000)
	if got, want := s.Text(Pos{}, s.Cursor()), "x\nx\nx\n"; got != want {
		t.Errorf("after forgetting all %q is left, want the screen %q", got, want)
	}
	feed(s, strings.Repeat("yyy\r\n", Scrollback/4+3), 1<<20)
	if got := s.Cut(Pos{}); got != 0 {
		t.Errorf("%d bytes cut within the limit", got)
	}
	for n := range 2 {
		feed(s, "yyy\r\n", 1)
		// The rows of before are forgotten, and three are on the screen.
		if got, want := s.Cut(Pos{}), Scrollback+4+4*n-Remainder; got != want {
			t.Errorf("%d bytes cut beyond the limit, want %d", got, want)
		}
	}
	if got := s.Cut(s.Cursor()); got != 0 {
		t.Errorf("%d bytes cut below the cursor", got)
	}
	if got := len(s.Text(Pos{}, Pos{Row: s.base()})); got != Remainder {
		t.Errorf("%d bytes are kept", got)
	}
	s.Forget(0)
	if got := s.Cut(Pos{}); got != 0 {
		t.Errorf("%d bytes cut since the last Forget", got)
	}
}

// TestHooks has what a program is answered and what it tells by OSC, in their order.
func TestHooks(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"\x1b]133;D;0\a", "osc 133;D;0"},
		{"\x1b]0;朝の題\x1b\\", "osc 0;朝の題"},
		{"\x1b]0;never ended\x1b[m", ""},
		{"\x1b]0;given up\x18", ""},
		{"\x1b]133;A\a$ \x1b[6n\x1b]133;B\a", `osc 133;A|\x1b[1;3R|osc 133;B`},
		{"\x1b[5n", `\x1b[0n`},
		{"0123456789\x1b[6n", `\x1b[1;10R`},
		{"\x1b[2;3r\x1b[?6h\n\x1b[6n", `\x1b[2;1R`},
		{"\x1b[c\x1b[>c", `\x1b[?1;2c|\x1b[>0;0;0c`},
		{"\x1b[?2026$p\x1b[4$p", `\x1b[?2026;0$y|\x1b[4;0$y`},
		{"\x1b[?6n\x1b[?u\x1b[18t\x1bP$qm\x1b\\\x1b[=c\x1b]11;?", ""},
		{"\x1bP\x1b\\\x1b_日本\x1b\\\x1b^x\x1b\\\x1bXx\a\x1b\\\x1b[5n", `\x1b[0n`},
	} {
		var got []string
		s := NewScreen(10, 4)
		s.OSC = func(data string) { got = append(got, "osc "+data) }
		s.Reply = func(answer []byte) { got = append(got, strings.Trim(strconv.Quote(string(answer)), `"`)) }
		feed(s, test.in, len(test.in))
		if got := strings.Join(got, "|"); got != test.want {
			t.Errorf("%q: %s, want %s", test.in, got, test.want)
		}
		feed(NewScreen(10, 4), test.in, 1) // without hooks
	}
}

// TestResize is about where positions go; that the text is laid out as tmux does it is
// seen in TestTmux.
func TestResize(t *testing.T) {
	s := NewScreen(10, 4)
	feed(s, "0123456789abcde\r\n$ ", 100)
	s.Mark(s.Cursor())
	for _, test := range []struct {
		cols, rows  int
		text        string
		mark, start Pos
	}{
		{5, 4, "56789\nabcde\n$", Pos{3, 2}, Pos{3, 0}},
		{20, 4, "0123456789abcde\n$", Pos{1, 2}, Pos{1, 0}},
		{20, 1, "$", Pos{1, 2}, Pos{1, 0}},
		{20, 3, "0123456789abcde\n$", Pos{1, 2}, Pos{1, 0}},
	} {
		s.Resize(test.cols, test.rows)
		if got := s.Display(); got != test.text {
			t.Errorf("at %dx%d:\n%s\nwant\n%s", test.cols, test.rows, got, test.text)
		}
		if s.Marked() != test.mark || s.Cursor() != test.mark || s.LeftStart() != test.start {
			t.Errorf("at %dx%d: mark %v, cursor %v, line from %v; want %v, %v, %v", test.cols, test.rows,
				s.Marked(), s.Cursor(), s.LeftStart(), test.mark, test.mark, test.start)
		}
	}
}

func TestResizeBlanks(t *testing.T) {
	s := shown("abc\x1b[5G元\x1b[5Gx\r\ny") // the right half of 元 is left blank
	s.Resize(5, 4)
	if got, want := s.Text(Pos{}, Pos{Row: 3}), "abc x\ny\n\n"; got != want {
		t.Errorf("%q, want %q: blanks at the end take no row", got, want)
	}
}

func TestResizeRegion(t *testing.T) {
	s := shown("a\x1b[1;2r")
	s.Resize(10, 5)
	feed(s, "\x1b[5;1H\nb", 10)
	if got, want := s.Display(), "\n\n\n\nb"; got != want {
		t.Errorf("%q, want %q: the region is the whole screen again", got, want)
	}
}

func TestResizeAlternate(t *testing.T) {
	s := NewScreen(10, 4)
	feed(s, "1\r\n2\r\n3\r\n0123456789ab\x1b[?1049h\x1b[1;2r\x1b[Halternate!and", 100)
	s.Resize(5, 3)
	if got, want := s.Display(), "alter\nand"; got != want {
		t.Errorf("alternate screen %q, want %q", got, want)
	}
	if got, want := s.Text(Pos{s.base(), 0}, Pos{s.base() + 1, 3}), "alter\nand"; got != want {
		t.Errorf("text of the alternate screen %q, want %q", got, want)
	}
	feed(s, "\x1b[3;1H\nx\x1b[?1049l", 100)
	if got, want := s.Display(), "01234\n56789\nab"; got != want {
		t.Errorf("main screen %q, want %q", got, want)
	}
	if got, want := s.Left(), "0123456789ab"; got != want {
		t.Errorf("left of the cursor %q, want %q", got, want)
	}
}
