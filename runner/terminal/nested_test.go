package terminal

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// repl is a program whose prompt has a counter, in the session's folder. It
// shows what it is sent, starts a shell by "sh", waits by "hold", and ends by
// "bye STATUS"; by "late STATUS" a moment after it has shown its prompt again,
// and by "die" when something is written to the pipe gate.
func repl(t *testing.T, s *Session, p Program) Program {
	t.Helper()
	const script = `#!/bin/sh
n=1
while printf 'repl(%d)> ' $n; read -r what arg; do
	n=$((n+1))
	case $what in
	bye) exit $arg ;;
	late) printf 'stopping\nrepl(%d)> ' $n; exit $arg ;;
	die) (read x < gate; kill -9 $$) & ;;
	hold) read x < gate ;;
	sh) SHELL ;;
	*) echo "$what $arg" ;;
	esac
done
`
	dir := mustSend(t, s, "mkfifo gate; pwd").Output
	if err := os.WriteFile(filepath.Join(dir, "repl"), []byte(strings.ReplaceAll(script, "SHELL", inner(p))), 0o755); err != nil {
		t.Fatal(err)
	}
	return Program{Name: "repl", Env: map[string]string{"PWD": dir}, Prompt: regexp.MustCompile(`repl\((?P<n>\d+)\)> $`), Quit: "bye 0"}
}

// words are what shells say at their start and at their end.
var words = regexp.MustCompile(`(?s)\n\n\nBusyBox.*|\nexit$`)

// inner is the command that starts the shell p once more.
func inner(p Program) string { return strings.Join(p.Argv[4:], " ") }

func TestNested(t *testing.T) {
	shell := Shell("inner", nil, "")
	for name, p := range shells(t) {
		t.Run(name, func(t *testing.T) {
			s := start(t, p)
			r := repl(t, s, p)
			for _, step := range []struct {
				line   string
				enters *Program
				leaves bool
				text   string
				status int // -1 for none
			}{
				{"./repl", &r, false, "$ ./repl", -1},
				{"hello", nil, false, "repl(1)> hello\nhello", -1},
				{"sh", &shell, false, "repl(2)> sh", -1},
				{"(exit 3)", nil, false, "$ (exit 3)", 3},
				{"echo 'repl(9)> '", nil, false, "$ echo 'repl(9)> '\nrepl(9)>", 0},
				{"./repl", &r, false, "$ ./repl", -1},
				{"in", nil, false, "repl(1)> in\nin", -1},
				{"bye 4", nil, true, "repl(2)> bye 4", 4},
				{"exit 0", nil, true, "$ exit 0", -1},
				{"again", nil, false, "repl(3)> again\nagain", -1},
				{"late 5", nil, true, "repl(4)> late 5\nstopping", 5},
				{"echo $?", nil, false, "$ echo $?\n5", 0},
				{inner(p), &shell, false, "$ " + inner(p), -1},
				{"echo inner", nil, false, "$ echo inner\ninner", 0},
				{"exit 6", nil, true, "$ exit 6", 6},
				{"echo outer", nil, false, "$ echo outer\nouter", 0},
			} {
				shown, err := s.Send(deadline(t), Input{Lines: []string{step.line}, Enters: step.enters, Leaves: step.leaves})
				if err != nil {
					t.Fatalf("%q: %v; the window shows:\n%s", step.line, err, s.Display())
				}
				if text := words.ReplaceAllString(shown.Text, ""); text != step.text {
					t.Errorf("%q: text\n%q, want\n%q", step.line, text, step.text)
				}
				if status := status(shown.Status); status != step.status && step.enters == nil {
					t.Errorf("%q: status %d, want %d", step.line, status, step.status)
				}
			}
		})
	}
}

func status(st *int) int {
	if st == nil {
		return -1
	}
	return *st
}

// A program that is not there, or no more, is noticed by the prompt of the one
// below it, whatever is being waited for.
func TestNestedAstray(t *testing.T) {
	shell := Shell("inner", nil, "")
	for name, p := range shells(t) {
		for _, test := range []struct {
			summary string
			do      func(t *testing.T, s *Session, r Program) error
			want    string
		}{
			{"it does not come", func(t *testing.T, s *Session, r Program) error {
				_, err := s.Send(deadline(t), Input{Lines: []string{"./nothing"}, Enters: &r})
				return err
			}, "repl did not come: the prompt of sh is back, with exit status 127"},
			{"a shell does not come", func(t *testing.T, s *Session, r Program) error {
				_, err := s.Send(deadline(t), Input{Lines: []string{"true"}, Enters: &shell})
				return err
			}, "inner did not come: the prompt of sh is back, with exit status 0"},
			{"its line is not finished", func(t *testing.T, s *Session, r Program) error {
				_, err := s.Send(deadline(t), Input{Lines: []string{"./repl 'x"}, Enters: &r})
				return err
			}, `the statement is not finished: the program asks for more with ">"`},
			{"it ends at a step", func(t *testing.T, s *Session, r Program) error {
				mustEnter(t, s, r)
				_, err := s.Send(deadline(t), Input{Lines: []string{"bye 7"}})
				return err
			}, "repl has ended: the prompt of sh is back, with exit status 7"},
			{"it ends while nothing runs", func(t *testing.T, s *Session, r Program) error {
				mustEnter(t, s, r)
				mustSend(t, s, "die")
				open(t, r)
				for s.Left() == nil {
					time.Sleep(time.Millisecond)
				}
				_, err := s.Send(deadline(t), Input{Lines: []string{"hello"}})
				return err
			}, "repl has ended: the prompt of sh is back, with exit status 137"},
			{"it ends while text is expected", func(t *testing.T, s *Session, r Program) error {
				mustEnter(t, s, r)
				mustSend(t, s, "die")
				go open(t, r)
				_, err := s.Send(deadline(t), Input{Lines: []string{"hello"}, Expect: []string{"world"}})
				return err
			}, "repl has ended: the prompt of sh is back, with exit status 137"},
			{"it ends while text is waited for", func(t *testing.T, s *Session, r Program) error {
				mustEnter(t, s, r)
				mustSend(t, s, "die")
				go open(t, r)
				_, err := s.Wait(deadline(t), []string{"world"})
				return err
			}, "repl has ended: the prompt of sh is back, with exit status 137"},
			{"it is too late", func(t *testing.T, s *Session, r Program) error {
				ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
				defer cancel()
				_, err := s.Send(ctx, Input{Lines: []string{"cat"}, Enters: &r})
				return err
			}, "the prompt of repl did not come"},
			{"it stays", func(t *testing.T, s *Session, r Program) error {
				mustEnter(t, s, r)
				ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
				defer cancel()
				_, err := s.Send(ctx, Input{Lines: []string{"hello"}, Leaves: true})
				return err
			}, "the prompt of sh did not come"},
		} {
			t.Run(name+"/"+test.summary, func(t *testing.T) {
				s := start(t, p)
				err := test.do(t, s, repl(t, s, p))
				if err == nil || strings.ReplaceAll(err.Error(), name, "sh") != test.want {
					t.Errorf("it says %v, and should say %s; the window shows:\n%s", err, test.want, s.Display())
				}
			})
		}
	}
}

func mustEnter(t *testing.T, s *Session, r Program) {
	t.Helper()
	if _, err := s.Send(deadline(t), Input{Lines: []string{"./repl"}, Enters: &r}); err != nil {
		t.Fatalf("%v; the window shows:\n%s", err, s.Display())
	}
}

// open lets what reads from the gate of a repl go on.
func open(t *testing.T, r Program) {
	if err := os.WriteFile(filepath.Join(r.Env["PWD"], "gate"), []byte("go\n"), 0); err != nil {
		t.Error(err)
	}
}

// What ends by itself or by a key is waited for, before its end or after it.
func TestNestedLeave(t *testing.T) {
	for name, p := range shells(t) {
		t.Run(name, func(t *testing.T) {
			s := start(t, p)
			r := repl(t, s, p)
			for _, after := range []bool{false, true} {
				mustEnter(t, s, r)
				mustSend(t, s, "die")
				if after {
					open(t, r)
					for s.Left() == nil {
						time.Sleep(time.Millisecond)
					}
				} else {
					go open(t, r)
				}
				shown, err := s.Leave(deadline(t))
				if err != nil || status(shown.Status) != 137 {
					t.Fatalf("%+v, %v", shown, err)
				}
				if got := mustSend(t, s, "echo next"); got.Text != "$ echo next\nnext" || got.Stray != "" {
					t.Errorf("%+v", got)
				}
			}
			mustEnter(t, s, r)
			s.Type("\x04")
			if shown, err := s.Leave(deadline(t)); err != nil || status(shown.Status) != 0 {
				t.Fatalf("%+v, %v", shown, err)
			}
			mustSend(t, s, "echo next")
			if _, err := s.Send(deadline(t), Input{Lines: []string{"exec ./repl"}, Enters: &r}); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Send(deadline(t), Input{Lines: []string{"bye 0"}, Leaves: true}); !errors.Is(err, ErrEnded) {
				t.Errorf("got %v, want ErrEnded", err)
			}
		})
	}
}
