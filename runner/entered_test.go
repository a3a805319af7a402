package runner_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"scenario/runner"
	"scenario/runner/terminal"
)

// calc is bc-like: it counts, shows what it reads, and ends by "bye".
func calc(t *testing.T) (command string, p *runner.Program) {
	t.Helper()
	command = filepath.Join(t.TempDir(), "calc")
	script := "#!/bin/sh\nn=1\nwhile printf 'calc(%d)> ' $n; read -r x; do\n\tcase $x in bye) exit 0;; quit) exit 9;; *) echo \"$x\";; esac\n\tn=$((n+1))\ndone\n"
	if err := os.WriteFile(command, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	kind := runner.Kind{Name: "pid", Pattern: regexp.MustCompile(`<\d+>`)}
	return command, &runner.Program{
		Program: terminal.Program{Name: "calc", Prompt: regexp.MustCompile(`calc\((?P<n>\d+)\)> $`), Quit: "bye"},
		Kinds:   []runner.Kind{kind},
	}
}

// A program that was entered is driven, recorded and replayed as itself.
func TestEntered(t *testing.T) {
	dir := t.TempDir()
	command, p := calc(t)
	const password = "correct-horse"
	lesson := func(t *testing.T, r *runner.Run) {
		t.Helper()
		if err := r.Secret(password); err != nil {
			t.Fatal(err)
		}
		sh := shell(t, node(t, r, "a"))
		do := func(s *runner.Step, err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		for range 2 {
			do(sh.Step(runner.StepSpec{Lines: []string{command}, Enters: p}))
			do(sh.Step(runner.StepSpec{Lines: []string{"<12> " + password}}))
			do(sh.Quit(runner.StepSpec{}))
			do(sh.Step(runner.StepSpec{Lines: []string{"echo out"}}))
		}
		do(sh.Step(runner.StepSpec{Lines: []string{command}, Enters: p, NoWait: true}))
		do(sh.Wait(runner.StepSpec{}))
		nine := 9
		do(sh.Step(runner.StepSpec{Lines: []string{"quit"}, Leaves: true, Status: &nine}))
		if _, err := sh.Step(runner.StepSpec{Lines: []string{"exit"}, Leaves: true}); err == nil || !strings.Contains(err.Error(), "a.sh: there is nothing to leave: sh is the window's own program") {
			t.Errorf("leaving the window's own program: %v", err)
		}
	}
	r := newRun(t, runner.Config{Backend: new(fake), Dir: dir})
	lesson(t, r)
	if err := errors.Join(r.Settle(), r.Close(nil)); err != nil {
		t.Fatal(err)
	}
	if err := visible(dir, []string{password}); err != nil {
		t.Error(err)
	}
	rec, err := runner.ReadRecording(dir, "test", "")
	if err != nil {
		t.Fatal(err)
	}
	var programs []int
	for _, s := range rec.Steps {
		programs = append(programs, s.Program)
		if s.Golden() != "test@a.sh" && s.Op == runner.OpType && s.Text != "" {
			t.Errorf("%q has the golden %s", s.Typed, s.Golden())
		}
	}
	if want := []int{1, 1, 1, 0, 2, 2, 2, 0, 3, 3, 3}; !slices.Equal(programs, want) {
		t.Errorf("programs %v, want %v", programs, want)
	}
	entered := rec.Terminals[0].Entered
	if len(entered) != 3 || entered[2].Name != "calc" || len(entered[2].Kinds) != 1 || entered[2].Under != 0 {
		t.Errorf("entered: %+v", entered)
	}
	if s := rec.Steps[1]; s.Text != "calc(1)> <12> ***\n<12> ***" {
		t.Errorf("text %q", s.Text)
	}
	if s := rec.Steps[2]; !s.Leaves || s.Text != "calc(2)> bye" || *s.Status != 0 {
		t.Errorf("%+v", s)
	}

	again := newRun(t, runner.Config{Replay: rec, Dir: dir})
	lesson(t, again)

	// A script that has changed since: the same line, and nothing entered.
	again = newRun(t, runner.Config{Replay: rec, Dir: dir})
	_, err = shell(t, node(t, again, "a")).Step(runner.StepSpec{Lines: []string{command}})
	var missing *runner.NotRecordedError
	if !errors.As(err, &missing) {
		t.Errorf("a step that enters nothing any more: %v", err)
	}
}

// What is not there is said at once and by name, also when no step met it.
func TestEnteredIsNotThere(t *testing.T) {
	command, p := calc(t)
	var settle func() error
	for _, test := range []struct {
		summary, want, hint string
		do                  func(sh *runner.Terminal) error
	}{
		{"no such command", "a.sh: calc did not come: the prompt of sh is back, with exit status 127", "", func(sh *runner.Terminal) error {
			_, err := sh.Step(runner.StepSpec{Lines: []string{"nosuchcalc"}, Enters: p, Timeout: time.Hour})
			return err
		}},
		{"it ends", "a.sh: calc has ended: the prompt of sh is back, with exit status 9", "leaves = True", func(sh *runner.Terminal) error {
			sh.Step(runner.StepSpec{Lines: []string{command}, Enters: p})
			_, err := sh.Step(runner.StepSpec{Lines: []string{"quit"}, Timeout: time.Hour})
			return err
		}},
		{"it does not come", "a.sh: the prompt of calc did not come within 100ms", "timeout", func(sh *runner.Terminal) error {
			_, err := sh.Step(runner.StepSpec{Lines: []string{"cat"}, Enters: p, Timeout: 100 * time.Millisecond})
			return err
		}},
		{"it stays", "a.sh: the prompt of sh did not come within 100ms", "timeout", func(sh *runner.Terminal) error {
			sh.Step(runner.StepSpec{Lines: []string{command}, Enters: p})
			_, err := sh.Step(runner.StepSpec{Lines: []string{"1"}, Leaves: true, Timeout: 100 * time.Millisecond})
			return err
		}},
		{"its status", "a.sh: exit status 9, not 0", "", func(sh *runner.Terminal) error {
			sh.Step(runner.StepSpec{Lines: []string{command}, Enters: p})
			_, err := sh.Step(runner.StepSpec{Lines: []string{"quit"}, Leaves: true, Status: new(int)})
			return err
		}},
		{"after the last step", "terminal a.sh: calc: calc has ended: the prompt of sh is back, with exit status 9", "", func(sh *runner.Terminal) error {
			sh.Step(runner.StepSpec{Lines: []string{command}, Enters: p})
			sh.Step(runner.StepSpec{Lines: []string{"quit"}, NoWait: true})
			sh.Wait(runner.StepSpec{})
			return settle()
		}},
	} {
		t.Run(test.summary, func(t *testing.T) {
			r := newRun(t, runner.Config{Backend: new(fake)})
			defer r.Close(nil)
			settle = r.Settle
			err := test.do(shell(t, node(t, r, "a")))
			if err == nil || err.Error() != test.want {
				t.Fatalf("it says %v, and should say %s", err, test.want)
			}
			var step *runner.StepError
			if errors.As(err, &step) && (!strings.Contains(step.Hint, test.hint) || len(step.Windows) == 0) {
				t.Errorf("the hint %q, %d windows", step.Hint, len(step.Windows))
			}
		})
	}
}
