package runnertest

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"scenario/runner"
)

// window is a command for a terminal of the usual size.
func window(cmd runner.Command) runner.Command {
	cmd.Rows, cmd.Cols = 30, 100
	cmd.Env = map[string]string{"TERM": "xterm-256color"}
	return cmd
}

// screen is a terminal and all that was read from it.
type screen struct {
	tty runner.TTY

	mu   sync.Mutex
	text strings.Builder
	done chan struct{} // closed at the end of what is to be read
	err  error         // why, valid once done
}

// open opens a terminal, and closes it at the test's end.
func open(t *testing.T, m runner.Machine, cmd runner.Command) *screen {
	t.Helper()
	tty, err := m.Open(t.Context(), window(cmd))
	if err != nil {
		t.Fatalf("Open %q: %v", cmd.Argv, err)
	}
	w := &screen{tty: tty, done: make(chan struct{})}
	t.Cleanup(func() {
		if err := tty.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	go func() {
		defer close(w.done)
		buf := make([]byte, 4096)
		for {
			n, err := tty.Read(buf)
			w.mu.Lock()
			w.text.Write(buf[:n])
			w.mu.Unlock()
			if err != nil {
				w.err = err
				return
			}
		}
	}()
	return w
}

func (w *screen) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// await waits until the terminal has shown a text.
func (w *screen) await(t *testing.T, text string) {
	t.Helper()
	for deadline := time.Now().Add(patience); !strings.Contains(w.String(), text); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited for %q; the terminal shows %q", text, w)
		}
	}
}

// end waits until nothing more is to be read, and returns all that was.
func (w *screen) end(t *testing.T) string {
	t.Helper()
	receive(t, "the terminal's end", w.done)
	if w.err != io.EOF {
		t.Errorf("Read = %v, want io.EOF", w.err)
	}
	return w.String()
}

func (w *screen) typed(t *testing.T, text string) {
	t.Helper()
	if _, err := io.WriteString(w.tty, text); err != nil {
		t.Fatalf("Write %q: %v", text, err)
	}
}

func (s *suite) terminal(t *testing.T) {
	m := s.one(t)
	for _, test := range []struct {
		name   string
		cmd    runner.Command
		shows  string
		status int
	}{
		{name: "size before the first instruction", cmd: runner.Command{Argv: []string{"stty", "size"}}, shows: "30 100\r\n"},
		{name: "streams together", cmd: sh("echo out; echo err >&2; exit 3"), shows: "out\r\nerr\r\n", status: 3},
		{name: "argv as it is", cmd: runner.Command{Argv: []string{"printf", "%s|", "a b", "$HOME", "*", "-e", "元氣"}}, shows: "a b|$HOME|*|-e|元氣|"},
		{name: "environment", cmd: sh(`echo "$TERM"`), shows: "xterm-256color\r\n"},
		{name: "folder", cmd: runner.Command{Argv: []string{"pwd"}, Workdir: "/tmp"}, shows: "/tmp\r\n"},
		{name: "user", cmd: runner.Command{Argv: []string{"id", "-u"}, User: "1000"}, shows: "1000\r\n"},
		{name: "a terminal on all three", cmd: sh("test -t 0 && test -t 1 && test -t 2 && echo three"), shows: "three\r\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.cmd.User != "" && s.hooks.RootOnly {
				_, err := m.Open(t.Context(), window(test.cmd))
				s.refused(t, test.cmd.User, err)
				return
			}
			w := open(t, m, test.cmd)
			if got := w.end(t); got != test.shows {
				t.Errorf("the terminal shows %q, want %q", got, test.shows)
			}
			if status, err := w.tty.Status(t.Context()); err != nil || status != test.status {
				t.Errorf("Status = %d, %v; want %d", status, err, test.status)
			}
		})
	}
	t.Run("typing", func(t *testing.T) {
		w := open(t, m, sh(`echo ready; read -r line; echo "got <$line>"; exit 5`))
		w.await(t, "ready\r\n")
		w.typed(t, "元氣x\x7f\r")
		if got, want := w.end(t), "got <元氣>\r\n"; !strings.HasPrefix(got, "ready\r\n元氣x") || !strings.HasSuffix(got, want) {
			t.Errorf("the terminal shows %q, want an echo and then %q", got, want)
		}
		if status, err := w.tty.Status(t.Context()); err != nil || status != 5 {
			t.Errorf("Status = %d, %v; want 5", status, err)
		}
	})
	t.Run("Ctrl-D and Ctrl-C", func(t *testing.T) {
		w := open(t, m, sh("trap 'echo interrupted; exit 6' INT; cat; echo; echo ready; while :; do sleep 0.1; done"))
		w.typed(t, "\x04")
		w.await(t, "ready\r\n")
		w.typed(t, "\x03")
		if got := w.end(t); !strings.Contains(got, "interrupted\r\n") {
			t.Errorf("the terminal shows %q, want it interrupted", got)
		}
		if status, err := w.tty.Status(t.Context()); err != nil || status != 6 {
			t.Errorf("Status = %d, %v; want 6", status, err)
		}
	})
	t.Run("another size", func(t *testing.T) {
		w := open(t, m, sh("trap 'stty size; exit' WINCH; echo ready; while :; do sleep 0.1; done"))
		r, ok := w.tty.(runner.Resizer)
		if !ok {
			return // a backend need not have it
		}
		w.await(t, "ready\r\n")
		if err := r.Resize(t.Context(), 90, 33); err != nil {
			t.Fatal(err)
		}
		if got, want := w.end(t), "ready\r\n33 90\r\n"; got != want {
			t.Errorf("the terminal shows %q, want %q", got, want)
		}
	})
	t.Run("a program that is not there", func(t *testing.T) {
		w := open(t, m, runner.Command{Argv: []string{"no-such-program", "arg"}})
		if got := w.end(t); !strings.Contains(got, "no-such-program") || !strings.Contains(got, "not found") {
			t.Errorf("the terminal shows %q, want what is not found", got)
		}
		if status, err := w.tty.Status(t.Context()); err != nil || status != 127 {
			t.Errorf("Status = %d, %v; want 127", status, err)
		}
	})
	t.Run("ten megabytes", func(t *testing.T) {
		const size = 10 << 20
		w := open(t, m, sh(fmt.Sprintf("head -c %d /dev/zero; echo end", size)))
		if got := w.end(t); len(got) != size+len("end\r\n") {
			t.Errorf("%d bytes, want %d", len(got), size+len("end\r\n"))
		}
	})
	t.Run("side by side", func(t *testing.T) {
		one, other := open(t, m, sh("read x; echo one $x")), open(t, m, sh("read x; echo other $x"))
		other.typed(t, "2\r")
		one.typed(t, "1\r")
		if a, b := one.end(t), other.end(t); !strings.Contains(a, "one 1") || !strings.Contains(b, "other 2") {
			t.Errorf("the terminals show %q and %q", a, b)
		}
	})
	t.Run("what cannot be begun", func(t *testing.T) {
		for name, cmd := range map[string]runner.Command{
			"no command": {},
			"nobody":     {Argv: []string{"id"}, User: "nobody-here"},
			"nowhere":    {Argv: []string{"pwd"}, Workdir: "/no/such/folder"},
		} {
			tty, err := m.Open(t.Context(), window(cmd))
			if err == nil {
				_, err = tty.Read(make([]byte, 100))
				tty.Close()
			}
			if err == nil || err == io.EOF {
				t.Errorf("%s: %v, want an error from Open or from the first Read", name, err)
			}
		}
	})
}
