package runner_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"scenario/runner"
	"scenario/runner/terminal"
)

// shellOn opens a shell on a node of a new run.
func shellOn(t *testing.T, r *runner.Run) *runner.Terminal {
	t.Helper()
	term, err := node(t, r, "a").Terminal("sh", runner.Program{Program: terminal.Shell("sh", []string{"dash"}, "$ ")}, 0, "a.star:2:1")
	if err != nil {
		t.Fatal(err)
	}
	return term
}

// A step that shows more than is kept of one fails and says so; the next one is
// right. What comes later, of itself, and what there is no room for in the file of
// raw bytes, is told.
func TestCut(t *testing.T) {
	var warned []string
	dir := t.TempDir()
	r := newRun(t, runner.Config{Backend: &fake{}, Dir: dir, Observe: func(e runner.Event) {
		if e.Kind == runner.Warned {
			warned = append(warned, e.Pos+": "+e.Name+": "+e.Text)
		}
	}})
	term := shellOn(t, r)
	const flood, minute = 24 << 20, time.Minute
	yes := fmt.Sprintf("yes | head -c %d", flood)

	step, err := term.Step(runner.StepSpec{Lines: []string{yes}, Pos: "a.star:3:1", Timeout: minute})
	var cut *runner.CutError
	var failed *runner.StepError
	if !errors.As(err, &cut) || !errors.As(err, &failed) || failed.Hint == "" {
		t.Fatalf("a step that shows %d bytes: %v", flood, err)
	}
	if want := "$ " + yes + "\n" + terminal.CutLine(cut.Cut) + "\ny\ny\n"; !strings.HasPrefix(step.Text, want) {
		t.Errorf("its text begins with %.200q, not with %q", step.Text, want)
	}
	if len(step.Text) > terminal.Remainder+1000 || step.Error == "" {
		t.Errorf("its text has %d bytes, and its error is %q", len(step.Text), step.Error)
	}

	ended := filepath.Join(dir, "ended")
	if _, err := term.Step(runner.StepSpec{Lines: []string{"{ " + yes + "; : > " + ended + "; } &"}, Pos: "a.star:4:1"}); err != nil {
		t.Fatal(err)
	}
	for began := time.Now(); ; time.Sleep(10 * time.Millisecond) { // between two looks
		if _, err := os.Stat(ended); err == nil {
			break
		} else if time.Since(began) > minute {
			t.Fatal("the flood in the background does not end")
		}
	}
	step, err = term.Step(runner.StepSpec{Lines: []string{yes + " | wc -c"}, Pos: "a.star:5:1"})
	if want := fmt.Sprint(flood); err != nil || !strings.HasPrefix(step.Output, want) {
		t.Errorf("the last step gave %.100q, %v, want %q", step.Output, err, want)
	}
	if err := r.Close(nil); err != nil {
		t.Fatal(err)
	}

	rec, err := runner.ReadRecording(dir, "test", "")
	if err != nil {
		t.Fatal(err)
	}
	if len(rec.Steps) != 3 || rec.Steps[0].Error == "" || !strings.HasPrefix(rec.Steps[1].After, "[") {
		t.Errorf("the recording has %d steps", len(rec.Steps))
	}
	stream, err := os.Stat(filepath.Join(runner.LastRun(dir, "test", ""), rec.Terminals[0].Stream))
	if err != nil {
		t.Fatal(err)
	}
	if most := int64(65 << 20); stream.Size() > most || rec.Terminals[0].StreamCut == 0 {
		t.Errorf("the file of its bytes has %d, and lacks %d", stream.Size(), rec.Terminals[0].StreamCut)
	}
	for i, want := range []string{"a.star:2:1: a.sh: the recording of its bytes ends here", "a.star:4:1: a.sh: of what came after this step"} {
		if len(warned) != 2 || !strings.HasPrefix(warned[i], want) {
			t.Errorf("it warned of %q, and not that %s", warned, want)
		}
	}
}

// A command's output is kept up to the same limit.
func TestKept(t *testing.T) {
	const line = "0123456\n"
	var k runner.Kept
	for n := 0; n < terminal.Scrollback; n += len(line) {
		k.Write([]byte(line))
	}
	if text, cut := k.Result(); len(text) != terminal.Scrollback || cut != 0 {
		t.Fatalf("%d bytes are kept, %d cut", len(text), cut)
	}
	for n := 0; n < 3*terminal.Scrollback; n += len(line) {
		k.Write([]byte(line))
	}
	text, cut := k.Result()
	first, rest, _ := strings.Cut(string(text), "\n")
	if first != terminal.CutLine(cut) || cut+len(rest) != 4*terminal.Scrollback || !strings.HasPrefix(rest, line) || len(rest) > terminal.Remainder {
		t.Errorf("%d bytes are kept, %d cut; they begin with %.100q", len(rest), cut, text)
	}
}

// A run costs for each step what it did at the start.
func TestManySteps(t *testing.T) {
	r := newRun(t, runner.Config{Backend: &fake{}})
	term := shellOn(t, r)
	step := func() {
		if step, err := term.Step(runner.StepSpec{Lines: []string{"true"}}); err != nil || step.Output != "" {
			t.Fatalf("true gave %v, %v", step, err)
		}
	}
	step()
	const slack = 20 // what comes in one piece once comes in several another time
	early := testing.AllocsPerRun(50, step)
	n := 300
	if os.Getenv("SCENARIO_SOAK") != "" {
		n = 10_000
	}
	for range n {
		step()
	}
	if late := testing.AllocsPerRun(50, step); late > early+slack {
		t.Errorf("a step takes %.0f allocations, and %.0f at the start", late, early)
	}
	if err := r.Close(nil); err != nil {
		t.Error(err)
	}
}
