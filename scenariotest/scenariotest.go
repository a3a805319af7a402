// Package scenariotest holds a scenario to its goldens from `go test`.
//
//	func TestToukon(t *testing.T) {
//		scenariotest.Run(t, "scenarios/toukon/toukon.star")
//	}
//
// The scenario is played as a whole, on Docker, as `scenario run --frozen`
// does it. Each golden is then a subtest of its name, LABEL@TERMINAL, so that
// `go test -run TestToukon/spawn` looks at those with "spawn" in their name.
// A golden that no step leaves any more is a subtest that fails, unless there
// are other scripts beside this one that may leave it.
//
//	go test -run TestToukon -update
//
// accepts what the run shows: it writes what is new, updates what has drifted
// without touching the rest, and removes what is unused. A run that failed
// changes nothing. A result is never taken from go's cache: that no file has
// changed says nothing of the world.
//
// Byte for byte comparison and the flag are goldie's
// (github.com/sebdah/goldie/v2), whose layout of files the goldens have. What
// it is given to compare is not what the run shows but what accepting it would
// write, which is the golden itself where the two are equal up to renaming. It
// puts its flags -update, -clean and -template into the test program, which
// can have none of these names itself. What is accepted is not written by
// goldie, which does it in place, but as a whole, while nobody else accepts.
//
// Non-goals: it skips nothing. Where Docker or an image is missing the test
// fails, and says what mends it. goldie's -clean is refused: it would remove
// the folder, with the goldens of other scripts and of subtests that do not
// run.
package scenariotest

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sebdah/goldie/v2"

	"scenario/golden"
	"scenario/runner"
	"scenario/runner/docker"
	"scenario/starlib"
)

// grace is what a run has to remove its lab before go test's -timeout ends
// the process.
const grace = 10 * time.Second

// backend is shared: scenarios side by side get an image once.
var backend docker.Backend

// Run plays the script at path, and fails the test if the run fails or what it
// shows is not what the goldens say, the files in "golden" beside the script.
func Run(t *testing.T, path string) {
	t.Helper()
	dir := filepath.Dir(path)
	goldens := golden.Dir(filepath.Join(dir, "golden"))
	update := isSet("update")
	if update && isSet("clean") {
		t.Fatalf("-clean would remove %s with what other tests keep there; -update alone removes what is unused", goldens)
	}
	_, err := goldens.Read() // before a run is made for nothing
	if err == nil && update {
		err = goldens.Writable()
	}
	if err != nil {
		t.Fatal(err)
	}
	rec, mask, err := play(t, path)
	if err != nil {
		t.Fatal(failure(dir, err))
	}
	if err := uncache(dir); err != nil {
		t.Fatal(err)
	}
	for _, k := range golden.IdleIn(rec) {
		t.Logf("%s: %s", filepath.Join(dir, k.Pos), k.Message)
	}
	if update {
		unlock, err := runner.LockDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer unlock()
		if err := goldens.Sweep(); err != nil {
			t.Fatal(err)
		}
	}
	have, err := goldens.Read()
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range golden.Compare(golden.Texts(rec), have) {
		if v.State == golden.Unused && !golden.Alone(path) {
			continue
		}
		v = v.Masked(mask)
		t.Run(v.Name, func(t *testing.T) {
			g := goldie.New(t, goldie.WithFixtureDir(string(goldens)), goldie.WithNameSuffix(".golden"),
				goldie.WithDiffFn(func(_, _ string) string { return drift(t, dir, &v) }))
			file := g.GoldenFileName(t, v.Name)
			switch {
			case v.State == golden.Unused && update:
				if err := os.Remove(file); err != nil {
					t.Fatal(err)
				}
				t.Logf("removed %s", file)
			case v.State == golden.Unused:
				t.Fatalf("%s is unused: no step leaves it; it is removed by: %s", file, accept(t))
			case v.State == golden.New && !update:
				t.Fatalf("there is no %s for what %s shows:\n%s\nit is written by: %s", file, filepath.Join(dir, v.Pos), v.Accept, accept(t))
			case update && v.State != golden.Same:
				if err := goldens.Write(v.Name, v.Accept); err != nil {
					t.Fatal(err)
				}
			case !update:
				g.Assert(t, v.Name, []byte(v.Accept))
			}
		})
	}
}

// play plays the script, and removes its lab also when the test is interrupted
// or its time is over. mask keeps the run's secrets out of what is shown.
func play(t *testing.T, path string) (rec *runner.Recording, mask func(string) string, err error) {
	interrupted, stop := signal.NotifyContext(t.Context(), os.Interrupt, syscall.SIGTERM)
	defer func() {
		end := interrupted.Err() != nil
		stop()
		if end { // as it would have without us, and with it the tests that follow
			_ = syscall.Kill(os.Getpid(), syscall.SIGINT)
		}
	}()
	ctx := interrupted
	if end, ok := t.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadlineCause(ctx, end.Add(-grace), errors.New("go test's -timeout is near"))
		defer cancel()
	}
	cfg := runner.Config{Backend: &backend, Observe: func(e runner.Event) {
		switch e.Kind {
		case runner.RunBegun:
			mask = e.Mask
		case runner.Warned:
			t.Logf("%s: %s: %s", e.Pos, e.Name, e.Text)
		case runner.LabLeft:
			t.Errorf("left in Docker: %s", e.Text)
		}
	}}
	if testing.Verbose() {
		cfg.Log = t.Output()
	}
	rec, err = starlib.Play(ctx, path, cfg, starlib.Options{
		Print: func(pos, message string) { t.Logf("%s: %s", pos, message) },
	})
	return rec, mask, err
}

// uncache keeps go from repeating the result while no file changes: it repeats
// none of a test that has opened a file in its module that is newer than now.
func uncache(dir string) error {
	file := filepath.Join(dir, ".scenario", "uncached")
	later := time.Now().AddDate(1, 0, 0)
	return errors.Join(os.WriteFile(file, nil, 0o644), os.Chtimes(file, later, later))
}

// isSet says whether a flag of goldie's is.
func isSet(name string) bool { return flag.Lookup(name).Value.String() == "true" }

// accept is the command that accepts what a subtest saw.
func accept(t *testing.T) string {
	return fmt.Sprintf("go test -run '^%s$' -update", strings.ReplaceAll(regexp.QuoteMeta(t.Name()), "/", "$/^"))
}

// drift shows how a text differs from its golden.
func drift(t *testing.T, dir string, v *golden.Verdict) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n--- the golden\n+++ this run\n%s", filepath.Join(dir, v.Pos), v.Diff)
	for _, i := range v.Broken {
		fmt.Fprintln(&b, i)
	}
	return b.String() + "if the new text is right: " + accept(t)
}

// failure is an error as its reader needs it: the windows, the place, what is
// wrong, the line, and what mends it.
func failure(dir string, err error) string {
	var (
		b     strings.Builder
		where *starlib.Error
		step  *runner.StepError
		env   *runner.EnvironmentError
	)
	if errors.As(err, &step) {
		for _, w := range step.Windows {
			fmt.Fprintf(&b, "\n  %s shows:\n  │ %s", w.Terminal, strings.ReplaceAll(strings.Trim(w.Display, "\n"), "\n", "\n  │ "))
		}
	}
	if errors.As(err, &where) && where.Pos != "" {
		fmt.Fprintf(&b, "\n%s: %s\n  │ %s", filepath.Join(dir, where.Pos), where.Message, where.Source)
		for _, also := range where.Also {
			fmt.Fprintf(&b, "\n  %s", also)
		}
	} else {
		fmt.Fprintf(&b, "\n%v", err)
	}
	if step != nil && step.Hint != "" {
		fmt.Fprintf(&b, "\nhint: %s", step.Hint)
	}
	if errors.As(err, &env) && env.Hint != "" {
		fmt.Fprintf(&b, "\nhint: %s", env.Hint)
	}
	return b.String()
}
