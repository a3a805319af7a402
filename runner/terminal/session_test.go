package terminal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"scenario/runner/terminal/ptytest"
)

// start runs a program on a PTY of this host.
func start(t *testing.T, p Program) *Session {
	t.Helper()
	cmd := exec.Command(p.Argv[0], p.Argv[1:]...)
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "LANG=C.UTF-8")
	for k, v := range p.Env {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	cmd.Dir = t.TempDir()
	f, err := ptytest.Start(cmd, 100, 30)
	if err != nil {
		t.Fatal(err)
	}
	s := NewSession(p, f, Options{Cols: 100, Rows: 30})
	t.Cleanup(func() {
		cmd.Process.Kill()
		s.Close()
		cmd.Wait()
	})
	if _, err := s.Ready(deadline(t)); err != nil {
		t.Fatalf("%v; the window shows:\n%s", err, s.Display())
	}
	return s
}

func deadline(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// shells are the POSIX shells that images have as their /bin/sh.
func shells(t *testing.T) map[string]Program {
	ash := filepath.Join(t.TempDir(), "ash")
	for _, tool := range []string{"dash", "bash", "busybox"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("%s is not installed: apt-get install dash bash busybox-static", tool)
		}
	}
	busybox, _ := exec.LookPath("busybox")
	if err := os.Symlink(busybox, ash); err != nil {
		t.Fatal(err)
	}
	return map[string]Program{
		"dash": Shell("sh", []string{"dash"}, "$ "),
		"bash": Shell("sh", []string{"bash", "--norc", "--noprofile"}, "$ "),
		"ash":  Shell("sh", []string{ash}, "$ "),
	}
}

func TestShells(t *testing.T) {
	long := "echo " + strings.Repeat("元氣ですか", 12) + " end"
	steps := []struct {
		summary string
		lines   []string
		output  string
		text    string // "" is prompt, line and output
		status  int
	}{
		{summary: "a line", lines: []string{"echo hello"}, output: "hello"},
		{summary: "no output", lines: []string{"cd /tmp"}},
		{summary: "state is kept", lines: []string{"pwd"}, output: "/tmp"},
		{summary: "a status", lines: []string{"false"}, status: 1},
		{summary: "another status", lines: []string{"sh -c 'exit 42'"}, status: 42},
		{summary: "the status is the last command's", lines: []string{"true"}},
		{summary: "no newline at the end", lines: []string{"printf foo"}, output: "foo"},
		{summary: "a prompt in the output", lines: []string{`printf '$ \n$ '; echo x`}, output: "$\n$ x"},
		{summary: "several lines", lines: []string{"for i in 1 2; do", "echo $i", "done"}, output: "1\n2",
			text: "$ for i in 1 2; do\n> echo $i\n> done\n1\n2"},
		{summary: "two statements", lines: []string{"echo a", "echo b"}, output: "a\nb", text: "$ echo a\na\n$ echo b\nb"},
		{summary: "a line longer than the window", lines: []string{long}, output: strings.TrimPrefix(long, "echo ")},
		{summary: "a long line of wide characters that does not fit evenly", lines: []string{"echo a" + strings.Repeat("あ", 60)}, output: "a" + strings.Repeat("あ", 60)},
		{summary: "much output", lines: []string{"seq 1000"}, output: strings.TrimSuffix(sequence(1000), "\n")},
		{summary: "an empty line", lines: []string{""}, text: "$"},
		{summary: "blank lines at the end", lines: []string{`printf 'a\n\n'`}, output: "a\n"},
		{summary: "a cleared screen", lines: []string{`printf '\033[H\033[2J'; echo after`}, output: "after"},
		{summary: "after a clear", lines: []string{"echo hello"}, output: "hello"},
	}
	for name, p := range shells(t) {
		t.Run(name, func(t *testing.T) {
			s := start(t, p)
			for _, step := range steps {
				shown, err := s.Send(deadline(t), Input{Lines: step.lines})
				if err != nil {
					t.Fatalf("%s: %v; the window shows:\n%s", step.summary, err, s.Display())
				}
				if shown.Output != step.output {
					t.Errorf("%s: output\n%q, want\n%q", step.summary, shown.Output, step.output)
				}
				text := step.text
				if text == "" {
					text = strings.TrimSuffix("$ "+strings.Join(step.lines, "\n")+"\n"+step.output, "\n")
				}
				if name == "ash" && !ascii(text) {
					continue // Debian's busybox echoes what is not ASCII as question marks
				}
				if shown.Text != text && !(step.output == "a\n" && shown.Text == text+"\n") {
					t.Errorf("%s: text\n%q, want\n%q", step.summary, shown.Text, text)
				}
				if shown.Status == nil || *shown.Status != step.status {
					t.Errorf("%s: status %v, want %d", step.summary, shown.Status, step.status)
				}
				if shown.Stray != "" {
					t.Errorf("%s: stray %q", step.summary, shown.Stray)
				}
			}
		})
	}
}

func ascii(s string) bool { return strings.IndexFunc(s, func(c rune) bool { return c > 0x7f }) < 0 }

func sequence(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintln(&b, i+1)
	}
	return b.String()
}

// What a program with marked prompts prints is never taken for one.
func TestMarked(t *testing.T) {
	const script = `mark() { printf '\033]133;%s\007' "$1"; }
while mark A; printf '> '; mark B; read -r line; do
	case $line in *'\') mark 'A;k=s'; printf '. '; mark B; read -r rest; line=${line%?}$rest ;; esac
	eval "$line"
done`
	s := start(t, Program{Name: "marked", Argv: []string{"sh", "-c", script}, Marked: true})
	dir := mustSend(t, s, "mkfifo gate; pwd").Output
	if got := mustSend(t, s, `echo a \`, "b"); got.Text != "> echo a \\\n. b\na b" || got.Status != nil {
		t.Errorf("%+v", got)
	}
	if _, err := s.Send(deadline(t), Input{Lines: []string{`printf '%s> ' at; cat gate`}, NoWait: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.See(deadline(t), []string{"at>"}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "gate"), []byte("on\n"), 0); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Wait(deadline(t), nil); err != nil || got.Text != "at> on" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestUnfinished(t *testing.T) {
	for name, p := range shells(t) {
		t.Run(name, func(t *testing.T) {
			s := start(t, p)
			_, err := s.Send(deadline(t), Input{Lines: []string{"if true; then"}})
			var unfinished *UnfinishedError
			if !errors.As(err, &unfinished) || unfinished.Prompt != "> " {
				t.Errorf("got %v, want an UnfinishedError of %q", err, "> ")
			}
		})
	}
}

func TestEnded(t *testing.T) {
	for name, p := range shells(t) {
		t.Run(name, func(t *testing.T) {
			s := start(t, p)
			shown, err := s.Send(deadline(t), Input{Lines: []string{"echo bye; exit 3"}})
			if !errors.Is(err, ErrEnded) {
				t.Errorf("got %v, want ErrEnded", err)
			}
			if !strings.HasPrefix(shown.Text, "$ echo bye; exit 3\nbye") {
				t.Errorf("text %q", shown.Text)
			}
		})
	}
}

func TestExpectNeverComes(t *testing.T) {
	for patience := 50 * time.Millisecond; ; patience *= 2 {
		s := start(t, shells(t)["dash"])
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		_, err := s.Send(ctx, Input{Lines: []string{"echo hello"}, Expect: []string{"hello", "world"}})
		cancel()
		var waiting *WaitingError
		if !errors.As(err, &waiting) || !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("got %v", err)
		}
		if waiting.For == `"world"` {
			return
		}
		if waiting.For != "the prompt" || patience > 10*time.Second { // else the shell was too slow
			t.Fatalf("it waited for %s", waiting.For)
		}
	}
}

// What a program writes past its line editor can come in the middle of an echo.
func TestEchoBroken(t *testing.T) {
	const script = `stty -echo
for n in 1 2 3; do
	printf 'count(%d)> ' $n
	read -r line
	printf '%.3sto stderr\n%s\nanswer %d\n' "$line" "${line#???}" $n
done`
	s := start(t, Program{
		Name: "count", Argv: []string{"sh", "-c", script},
		Prompt: regexp.MustCompile(`count\((?P<n>\d+)\)> $`),
	})
	for n := 1; n <= 2; n++ {
		want := fmt.Sprintf("answer %d", n)
		got := mustSend(t, s, "a statement")
		if got.Output != want || got.Text != fmt.Sprintf("count(%d)> a statement\n%s", n, want) {
			t.Errorf("%+v", got)
		}
	}
}

// What is expected must be output: that the typed line has it is no answer.
func TestExpectIsNotTheEcho(t *testing.T) {
	s := start(t, shells(t)["dash"])
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := s.Send(ctx, Input{Lines: []string{"true needle"}, Expect: []string{"needle"}}); err == nil {
		t.Error("the echo was taken for output")
	}
}

func TestExpectAfterThePrompt(t *testing.T) {
	s := start(t, shells(t)["dash"])
	mustSend(t, s, "mkfifo gate")
	shown, err := s.Send(deadline(t), Input{
		Lines:  []string{"((read x < gate; echo late) &)", "echo go > gate"},
		Expect: []string{"late"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(shown.Output, "late") {
		t.Errorf("output %q", shown.Output)
	}
	if got := mustSend(t, s, "echo next"); got.Output != "next" || got.Text != "$ echo next\nnext" {
		t.Errorf("the step after it: %+v", got)
	}
}

func mustSend(t *testing.T, s *Session, lines ...string) Shown {
	t.Helper()
	shown, err := s.Send(deadline(t), Input{Lines: lines})
	if err != nil {
		t.Fatalf("%q: %v; the window shows:\n%s", lines, err, s.Display())
	}
	return shown
}

func TestWait(t *testing.T) {
	s := start(t, shells(t)["dash"])
	dir := mustSend(t, s, "mkfifo gate; pwd").Output
	shown, err := s.Send(deadline(t), Input{Lines: []string{"echo first; read x < gate; echo second $x; echo third"}, NoWait: true})
	if err != nil || shown.Text != "$ echo first; read x < gate; echo second $x; echo third" {
		t.Fatalf("%+v, %v", shown, err)
	}
	shown, err = s.Wait(deadline(t), []string{"first"})
	if err != nil || shown.Text != "first" {
		t.Fatalf("%+v, %v", shown, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "gate"), []byte("go\n"), 0); err != nil {
		t.Fatal(err)
	}
	shown, err = s.Wait(deadline(t), nil)
	if err != nil || shown.Text != "second go\nthird" {
		t.Fatalf("%+v, %v", shown, err)
	}
	if got := mustSend(t, s, "echo next"); got.Text != "$ echo next\nnext" || got.Stray != "" {
		t.Errorf("%+v", got)
	}
}

// A message that comes by itself belongs to the wait that asks for it, and what
// came beside it to nobody.
func TestWaitForAMessage(t *testing.T) {
	s := start(t, shells(t)["dash"])
	dir := mustSend(t, s, "mkfifo gate; pwd").Output
	mustSend(t, s, "((read x < gate; echo noise; echo message $x; echo more) &)")
	if err := os.WriteFile(filepath.Join(dir, "gate"), []byte("go\n"), 0); err != nil {
		t.Fatal(err)
	}
	shown, err := s.Wait(deadline(t), []string{"message go"})
	if err != nil || shown.Text != "message go" {
		t.Fatalf("%+v, %v", shown, err)
	}
	if _, err = s.Wait(deadline(t), []string{"more"}); err != nil {
		t.Fatal(err)
	}
	got := mustSend(t, s, "echo next")
	if got.Output != "next" || strings.Contains(got.Stray, "message") {
		t.Errorf("%+v", got)
	}
}

func TestKeys(t *testing.T) {
	s := start(t, shells(t)["dash"])
	if _, err := s.Send(deadline(t), Input{Lines: []string{"cat"}, NoWait: true}); err != nil {
		t.Fatal(err)
	}
	s.Type("typed")
	s.Type("\r")
	if _, err := s.Wait(deadline(t), []string{"typed\ntyped"}); err != nil {
		t.Fatal(err)
	}
	key, err := Key("ctrl-c")
	if err != nil {
		t.Fatal(err)
	}
	s.Type(key)
	if _, err := s.Wait(deadline(t), nil); err != nil {
		t.Fatalf("%v:\n%s", err, s.Display())
	}
	if got := mustSend(t, s, "echo next"); got.Text != "$ echo next\nnext" {
		t.Errorf("%+v", got)
	}
	if _, err := Key("ctrl-alt-del"); err == nil {
		t.Error("there is no key ctrl-alt-del")
	}
}

func TestSee(t *testing.T) {
	s := start(t, shells(t)["dash"])
	if _, err := s.Send(deadline(t), Input{Lines: []string{`printf '\033[?1049h\033[5;10HME''NU'; cat; printf '\033[?1049l'`}, NoWait: true}); err != nil {
		t.Fatal(err)
	}
	shown, err := s.See(deadline(t), []string{"MENU"})
	if err != nil || shown.Text != "\n\n\n\n         MENU" {
		t.Fatalf("%q, %v", shown.Text, err)
	}
	key, _ := Key("ctrl-d")
	s.Type(key)
	if _, err := s.Wait(deadline(t), nil); err != nil {
		t.Fatal(err)
	}
	if got := mustSend(t, s, "echo next"); got.Text != "$ echo next\nnext" {
		t.Errorf("%+v", got)
	}
}
