package terminal

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestTmux compares the screen with that of tmux fed the same bytes, at each mark of each
// capture and at its end: the visible rows, the cursor, and the text that can be copied
// from the scrollback and the screen, soft wraps joined.
func TestTmux(t *testing.T) {
	for _, c := range captures(t) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, oracle := NewScreen(100, 30), newTmux(t, 100, 30)
			var fed []byte
			for _, e := range c.events {
				switch e.kind {
				case 'o':
					s.Write(e.data)
					fed = append(fed, e.data...)
				case 'r':
					cols, rows := e.size(t)
					s.Resize(cols, rows)
					oracle.resize(cols, rows)
				case 'm':
					got, want := view(s), oracle.feed(fed)
					fed = nil
					if quirk := shownOtherwise[c.name]; quirk != nil {
						got.visible, got.text = quirk.Replace(got.visible), quirk.Replace(got.text)
					}
					if keptOtherwise[c.name] {
						got.text, want.text = "", ""
					}
					if got != want {
						t.Errorf("at mark %s:\n%s\ntmux has\n%s", e.data, got, want)
					}
				}
			}
		})
	}
}

// TestTmuxRandom compares with tmux what captures do not reach: all movements, tabs,
// regions, insertions and deletions, in any order.
func TestTmuxRandom(t *testing.T) {
	// What tmux does wrong is not in the lists: half of a wide character left standing,
	// ICH near the right margin, IL and DL outside of the region.
	either := []string{
		"\r", "\n", "\r\n", "\b", "\t", "narrow text ", "w", "e\u0301", "x\x1b[5b",
		"\x1b[A", "\x1b[2B", "\x1b[3C", "\x1b[3D", "\x1b[2E", "\x1b[F", "\x1b[7G", "\x1b[3;9H", "\x1b[6;18H", "\x1b[4d\r",
		"\x1b[J", "\x1b[1J", "\x1b[K", "\x1b[1K", "\x1b[2K", "\x1b[3X", "\x1b[2P",
		"\x1bD", "\x1bE", "\x1bM", "\x1b7", "\x1b8", "\x1bH", "\x1b[g", "\x1b[2Z",
	}
	for name, tokens := range map[string][]string{
		"lines":  append(either, "\x1b[L", "\x1b[3L", "\x1b[M", "\x1b[2M", "\x1b[2S", "\x1b[2T"),
		"region": append(either, "\x1b[2;5r", "\x1b[1;4r", "\x1b[3;8r", "\x1b[r", "\x1b[S", "\x1b[T"),
		"wide":   {"\r\n", "\x1bD\r", "x", "日本", "e\u0301", "か\u3099", "葛\U000e0100", "👩\u200d🚀", "🇯🇵", "\u1112\u1161\u11ab", "narrow"},
	} {
		for seed := range uint64(8) {
			t.Run(fmt.Sprintf("%s-%d", name, seed), func(t *testing.T) {
				t.Parallel()
				random := rand.New(rand.NewPCG(seed, 0))
				s, oracle := NewScreen(20, 8), newTmux(t, 20, 8)
				for range 30 {
					var in []byte
					for range 8 {
						in = append(in, tokens[random.IntN(len(tokens))]...)
					}
					s.Write(in)
					got, want := view(s), oracle.feed(in)
					got.text, want.text = "", "" // tmux keeps erased rows in its history
					if got != want {
						t.Fatalf("after %q:\n%s\ntmux has\n%s", in, got, want)
					}
				}
			})
		}
	}
}

// shownOtherwise has the captures of which tmux shows something else: ours, and tmux's.
var shownOtherwise = map[string]*strings.Replacer{
	// Line drawing is captured as the letters that stand for it.
	"host-dialog": lettersOfLines,
	"syn-misc":    lettersOfLines,
	// When the right half of a wide character is overwritten, erased, deleted or moved,
	// the left half is captured as the whole character, which no screen can show.
	"syn-wide-over": strings.NewReplacer(
		" Xいう", "あXいう",
		"あい えお", "あいうえお",
		"あい    えお", "あいう  えお",
		"あい    お", "あいう   お",
	),
}

var lettersOfLines = strings.NewReplacer("┌", "l", "┐", "k", "└", "m", "┘", "j", "─", "q", "│", "x", "├", "t", "┤", "u")

// keptOtherwise has the captures of which tmux keeps other rows in its history: it puts
// there what an erase of the display clears and what scrolls inside a region.
var keptOtherwise = map[string]bool{"syn-clear": true, "syn-region": true, "syn-wrapcuu": true}

// A seen is what can be seen of a terminal.
type seen struct {
	visible, text string
	line, col     int
}

func (v seen) String() string {
	return fmt.Sprintf("%s\ncursor at line %d column %d, all text:\n%s", v.visible, v.line, v.col, v.text)
}

func view(s *Screen) seen {
	return seen{s.Display(), trim(s.Text(Pos{}, Pos{Row: s.base() + s.rows})), s.line, s.col}
}

// trim cuts the blanks at the end of each line, and the empty lines at the end.
func trim(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

// tmux is a tmux server with one pane in which nothing runs: what it shows is what it is fed.
type tmux struct {
	t      *testing.T
	socket string
}

func newTmux(t *testing.T, cols, rows int) *tmux {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Fatal("tmux is not installed: apt-get install tmux")
	}
	dir, err := os.MkdirTemp("", "tmux") // t.TempDir may be too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	m := &tmux{t, filepath.Join(dir, "s")}
	t.Cleanup(func() { os.RemoveAll(dir) })
	size := []string{"-x", fmt.Sprint(cols), "-y", fmt.Sprint(rows)}
	// Only a split can make a pane without a program. The status line goes first, as it
	// takes a row.
	m.run(nil, "new-session", "-d", size[0], size[1], size[2], size[3], "cat", ";", "set", "status", "off",
		";", "resize-window", size[0], size[1], size[2], size[3], ";", "split-window", "", ";", "kill-pane", "-t", "0")
	t.Cleanup(func() { m.run(nil, "kill-server") })
	m.run([]byte("\x1bc"), "display-message", "-I") // such a pane takes LF for CR LF until it is reset
	return m
}

// feed shows data and returns what can be seen afterwards.
func (m *tmux) feed(data []byte) seen {
	m.t.Helper()
	const end = "end of this part"
	out := m.run(data, "display-message", "-I", ";", "capture-pane", "-p", ";", "display-message", "-p", end, ";",
		"capture-pane", "-p", "-J", "-S", "-", ";", "display-message", "-p", end+"#{cursor_y} #{cursor_x}")
	parts := strings.Split(out, end)
	v := seen{visible: trim(parts[0]), text: trim(strings.TrimPrefix(parts[1], "\n"))}
	if _, err := fmt.Sscan(parts[2], &v.line, &v.col); err != nil {
		m.t.Fatal(err)
	}
	return v
}

func (m *tmux) resize(cols, rows int) {
	m.t.Helper()
	m.run(nil, "resize-window", "-x", fmt.Sprint(cols), "-y", fmt.Sprint(rows))
}

func (m *tmux) run(input []byte, args ...string) string {
	m.t.Helper()
	cmd := exec.Command("tmux", append([]string{"-u", "-S", m.socket, "-f", "/dev/null"}, args...)...)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "TMUX=")
	cmd.Stdin = bytes.NewReader(input)
	out, err := cmd.CombinedOutput()
	if err != nil {
		m.t.Fatalf("tmux %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}
