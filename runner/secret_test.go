package runner_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"scenario/runner"
	"scenario/runner/terminal"
)

// visible says in which file below dir a secret can be found, as it is there
// or in what was sent to a terminal or came from it.
func visible(dir string, secrets []string) error {
	return filepath.WalkDir(filepath.Join(dir, ".scenario"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		texts := map[string]string{"file": string(text)}
		if filepath.Ext(path) == ".jsonl" {
			for _, e := range decode(text) {
				texts[e.Kind] += string(e.Data)
			}
		}
		for what, text := range texts {
			err = errors.Join(err, found(path+" "+what, text, secrets))
		}
		return err
	})
}

func found(where, text string, secrets []string) error {
	for _, s := range secrets {
		if strings.Contains(text, s) {
			return fmt.Errorf("%s holds %q: %q", where, s, text)
		}
	}
	return nil
}

// onScreen plays the last recording of a terminal, and says when a secret can
// be read from it, in the window or in the text.
func onScreen(t *testing.T, dir, name string, secrets []string, cols, rows int) {
	t.Helper()
	stream, err := os.ReadFile(filepath.Join(dir, ".scenario/test/last", name+".jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	screen := terminal.NewScreen(cols, rows)
	for _, e := range decode(stream) {
		if e.Kind == "i" {
			continue
		}
		// A program may go back over what it wrote.
		for piece := range strings.SplitAfterSeq(string(e.Data), "\r") {
			screen.Write([]byte(piece))
			window := strings.ReplaceAll(screen.Display(), "\n", "")
			whole := screen.Text(terminal.Pos{}, terminal.Pos{Row: 1 << 30})
			if err := errors.Join(found("the window", window, secrets), found("the text", whole, secrets)); err != nil {
				t.Error(err)
				return
			}
		}
	}
}

// Secrets that are typed, echoed, broken at the margin of a narrow window and
// printed are on disk at no moment, nor in what is left of the run.
func TestSecret(t *testing.T) {
	const cols, rows = 24, 8
	for _, argv := range [][]string{{"bash", "--norc"}, {"dash"}} {
		t.Run(argv[0], func(t *testing.T) {
			dir := t.TempDir()
			token := filepath.Join(t.TempDir(), "token")
			const early, wide, late = "hunter22-swordfish", "元氣があれば何でもできる！", "late comer's token"
			if err := os.WriteFile(token, []byte(late+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			r := newRun(t, runner.Config{Backend: new(fake), Dir: dir})
			a := node(t, r, "a")
			sh, err := a.Terminal("sh", runner.Program{
				Program: terminal.Shell("sh", argv, "$ "), Cols: cols, Rows: rows,
				Kinds: []runner.Kind{{Name: "token", Pattern: regexp.MustCompile(`\d+=` + early)}},
			}, 0, "")
			if err != nil {
				t.Fatal(err)
			}
			var declared []string
			declare := func(s string) {
				t.Helper()
				if err := r.Secret(s); err != nil {
					t.Fatal(err)
				}
				declared = append(declared, s)
			}
			see := func(lines ...string) string {
				t.Helper()
				out := step(t, sh, lines...).Output
				if err := visible(dir, declared); err != nil {
					t.Fatal(err)
				}
				return out
			}
			declare(early)
			declare(wide)
			for pad := range cols {
				line := ": " + strings.Repeat("-", pad) + " "
				see(line + early)
				see(line + wide + " and on")
			}
			if got := see("printf '%s\\n' " + early); got != early {
				t.Errorf("the script sees %q", got)
			}
			see("printf '\\033[31mhunter\\033[0m'; printf '22-sword'; printf 'fish\\n'", "T="+early, "echo $T $T$T; printf '\\033]0;%s\\a' $T")
			// Typed slowly, so that the line editor sees each character come to
			// the margin.
			const slow = "ZYXWVUTSRQPONMLKJIHGFEDCBA"
			declare(slow)
			if _, err := sh.Keys(": ", runner.StepSpec{}, "keys"); err != nil {
				t.Fatal(err)
			}
			for _, c := range slow {
				if _, err := sh.Keys(string(c), runner.StepSpec{}, "keys"); err != nil {
					t.Fatal(err)
				}
				if _, err := sh.Screen(runner.StepSpec{Expect: []string{string(c)}}); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := sh.Keys("\r", runner.StepSpec{}, "keys"); err != nil {
				t.Fatal(err)
			}
			if _, err := sh.Wait(runner.StepSpec{}); err != nil {
				t.Fatal(err)
			}
			if _, err := sh.Keys("echo "+early[:5], runner.StepSpec{}, "keys"); err != nil {
				t.Fatal(err)
			}
			if _, err := sh.Keys(early[5:]+"\r", runner.StepSpec{}, "keys"); err != nil {
				t.Fatal(err)
			}
			if _, err := sh.Wait(runner.StepSpec{Expect: []string{early}}); err != nil {
				t.Fatal(err)
			}

			// One that is known only when it was seen.
			see("cat " + token)
			see("cat "+token, "printf \"late comer\"; : 's token'")
			res, err := a.Exec(runner.ExecSpec{Argv: []string{"cat", token}, Name: "token"})
			if err != nil {
				t.Fatal(err)
			}
			if visible(dir, []string{late}) == nil {
				t.Error("the late secret is not there before it is one, so this test proves nothing")
			}
			declare(strings.TrimSpace(res.Output))
			if err := visible(dir, declared); err != nil {
				t.Error(err)
			}
			see("cat " + token)

			// Errors: what was expected, what was said, the windows.
			_, err = a.Exec(runner.ExecSpec{Argv: []string{"sh", "-c", "echo no " + early + " >&2; exit 3"}, Status: new(int)})
			if err == nil || !strings.HasSuffix(err.Error(), "exit status 3, not 0: no ***") {
				t.Errorf("got %v", err)
			}
			_, err = sh.Screen(runner.StepSpec{Expect: []string{early + `"`}, Timeout: time.Millisecond})
			var failed *runner.StepError
			if !errors.As(err, &failed) || len(failed.Windows) != 1 {
				t.Fatalf("got %#v", err)
			}
			for _, s := range declared {
				if text := err.Error() + failed.Hint + failed.Windows[0].Display; strings.Contains(strings.ReplaceAll(text, "\n", ""), s) {
					t.Errorf("the error holds %q: %s", s, text)
				}
			}
			if err := r.Close(fmt.Errorf("it said %s", early)); err != nil {
				t.Fatal(err)
			}

			if err := visible(dir, declared); err != nil {
				t.Error(err)
			}
			onScreen(t, dir, "a.sh", declared, cols, rows)
			rec, err := runner.ReadRecording(dir, "test", "")
			if err != nil {
				t.Fatal(err)
			}
			for _, rec := range []*runner.Recording{rec, r.Recording()} {
				if rec.Failed != "it said ***" || rec.Terminals[0].Kinds[0].Pattern.String() != `\d+=\*\*\*` {
					t.Errorf("%+v", rec)
				}
				if s := rec.Steps[0]; s.Op != runner.OpType || s.Typed[0] != ":  ***" || s.Text != "$ :  ***" {
					t.Errorf("the first step: %+v", s)
				}
			}
			if res.Output != late+"\n" {
				t.Errorf("the script's own result became %q", res.Output)
			}
		})
	}
}

// What the lab's programs see of a secret with an address in it is a secret.
func TestSecretWithAddress(t *testing.T) {
	dir := t.TempDir()
	r := newRun(t, runner.Config{Backend: &fake{subnet: 1}, Dir: dir})
	const url, inLab = "db://me:pw@172.18.0.2/", "db://me:pw@172.16.0.2/"
	sh := shell(t, node(t, r, "a"))
	if got := step(t, sh, "echo "+url).Output; got != url {
		t.Errorf("shown: %q", got)
	}
	if visible(dir, []string{inLab}) == nil {
		t.Error("the lab's form is not there, so this test proves nothing")
	}
	if err := r.Secret(url); err != nil {
		t.Fatal(err)
	}
	step(t, sh, "echo "+url)
	if err := visible(dir, []string{url, inLab}); err != nil {
		t.Error(err)
	}
	if err := r.Close(nil); err != nil {
		t.Error(err)
	}
}

// A plan finds the steps in which a secret was typed, also one that it reads
// from the recording.
func TestSecretReplayed(t *testing.T) {
	dir := t.TempDir()
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("hunter22\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	script := func(r *runner.Run) {
		t.Helper()
		if err := r.Secret("swordfish"); err != nil {
			t.Fatal(err)
		}
		a := node(t, r, "a")
		res, err := a.Exec(runner.ExecSpec{Argv: []string{"cat", token}})
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Secret(res.Output); err != nil {
			t.Fatal(err)
		}
		sh := shell(t, a)
		step(t, sh, "echo swordfish "+strings.TrimSpace(res.Output))
		if err := r.Close(nil); err != nil {
			t.Fatal(err)
		}
	}
	script(newRun(t, runner.Config{Backend: new(fake), Dir: dir}))
	rec, err := runner.ReadRecording(dir, "test", "")
	if err != nil {
		t.Fatal(err)
	}
	script(newRun(t, runner.Config{Replay: rec, Dir: dir}))
}

func TestSecretRefused(t *testing.T) {
	r := newRun(t, runner.Config{Backend: new(fake)})
	defer r.Close(nil)
	for _, c := range []struct{ value, err string }{
		{"", "at least 4 characters"}, {"pwd", "at least 4 characters"}, {"  pwd\n", "at least 4 characters"},
		{"元氣で", "at least 4 characters"}, {"ab\ncd\nef", "at least 4 characters"}, {"pass\x1bword", `control character '\x1b'`},
	} {
		err := r.Secret(c.value)
		if err == nil || !strings.Contains(err.Error(), c.err) || strings.Contains(err.Error(), "pass") {
			t.Errorf("%q: %v", c.value, err)
		}
	}
	if err := r.Secret("元氣です\n  -----BEGIN KEY-----\r\nabc\n\tsaid \"so\"\n"); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"元氣です":                     "***",
		"abc -----BEGIN KEY-----d": "abc ***d",
		"-----BEG\nIN KEY-----":    "***\n",
		`of "said \"so\""`:         `of "***"`,
		"abc BEGIN KEY":            "abc BEGIN KEY",
	} {
		if got := r.Mask(text); got != want {
			t.Errorf("Mask(%q) = %q, want %q", text, got, want)
		}
	}
}

// An error says no secret, and can still be told by what it is.
func TestSecretInBootError(t *testing.T) {
	broken := errors.New("no such luck")
	f := &fake{start: func(context.Context, runner.MachineSpec) (runner.Machine, error) {
		return nil, &runner.EnvironmentError{What: "no hunter22", Hint: "find hunter22", Err: fmt.Errorf("with hunter22: %w", broken)}
	}}
	r := newRun(t, runner.Config{Backend: f})
	if err := r.Secret("hunter22"); err != nil {
		t.Fatal(err)
	}
	node(t, r, "a")
	err := r.Settle()
	var boot *runner.BootError
	var env *runner.EnvironmentError
	if !errors.As(err, &boot) || !errors.As(err, &env) || !errors.Is(err, broken) {
		t.Fatalf("got %#v", err)
	}
	if said := err.Error() + "; " + env.Hint; said != "node a: no ***: with ***: no such luck; find ***" {
		t.Errorf("it says %q", said)
	}
	if err := r.Close(err); err != nil {
		t.Error(err)
	}
}

// Secrets may be declared and masked from anywhere, while terminals show them.
func TestSecretAtOnce(t *testing.T) {
	dir := t.TempDir()
	r := newRun(t, runner.Config{Backend: new(fake), Dir: dir})
	sh := shell(t, node(t, r, "a"))
	step(t, sh, "true")
	var secrets []string
	for i := range 20 {
		secrets = append(secrets, fmt.Sprintf("secret-%02d-%d", i, 7*i))
	}
	done := make(chan error)
	for _, s := range secrets {
		go func() {
			err := r.Secret(s)
			if got := r.Mask("a " + s + "."); err == nil && got != "a ***." {
				err = fmt.Errorf("%s is shown as %q", s, got)
			}
			done <- err
		}()
	}
	go func() {
		_, err := sh.Step(runner.StepSpec{Lines: []string{"for i in 1 2 3 4 5; do echo " + strings.Join(secrets, " ") + "; done"}})
		done <- err
	}()
	for range len(secrets) + 1 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if err := r.Close(nil); err != nil {
		t.Fatal(err)
	}
	if err := visible(dir, secrets); err != nil {
		t.Error(err)
	}
}
