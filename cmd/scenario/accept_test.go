package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"scenario/golden"
	"scenario/runner"
	"scenario/runner/docker"
	"scenario/runner/docker/dockertest"
)

// Several runs that accept at once on one folder leave goldens that hold
// together: a token that two of them show has one name in both.
func TestUpdateAtOnce(t *testing.T) {
	dockertest.Leftovers(t, docker.LabelScenario+"=test-update")
	const script = `
volatile(r"token (?P<token>\w+)", kind = "token", identity = True)
web = node("web", image(param("image")))
web.sh("t=$(tr -dc a-z < /dev/urandom | head -c 12)")
web.sh("echo token $t", name = "first")
web.sh("echo again token $t", name = "second")
web.sh("echo token $t and token $(tr -dc a-z < /dev/urandom | head -c 12)", name = "third")
`
	run := func(dir string, args ...string) error {
		cmd := exec.Command("scenario", slices.Concat([]string{"run", "--param", "image=" + dockertest.Busybox(t)}, args, []string{filepath.Join(dir, "test-update.star")})...)
		cmd.Env = append(os.Environ(), "CI=", "NO_COLOR=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%v: %w\n%s", args, err, out)
		}
		return nil
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "test-update.star"), []byte(script), 0o644); err != nil {
		t.Fatal(err)
	}
	var runs sync.WaitGroup
	for range 3 {
		runs.Go(func() {
			if err := run(dir, "--update"); err != nil {
				t.Error(err)
			}
		})
	}
	runs.Wait()
	if err := run(dir, "--frozen"); err != nil {
		t.Error(err)
	}
}

// TestJudgeAtOnce is the same at the moment that matters: the runs end, and are
// judged, all at once.
func TestJudgeAtOnce(t *testing.T) {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	kinds := []runner.Kind{{Name: "token", Pattern: regexp.MustCompile(`token (?P<token>\w+)`), Identity: true}}
	shown := func(run int) *runner.Recording {
		rec := &runner.Recording{Terminals: []runner.TerminalRecord{{Name: "a.sh"}}, Volatile: kinds}
		for i := range 4 {
			rec.Steps = append(rec.Steps, &runner.Step{
				Op: runner.OpType, Node: "a", Terminal: "a.sh", Label: fmt.Sprint("label", i),
				Typed: []string{"show"}, Text: fmt.Sprintf("$ show\ntoken t%d and token u%d", run, run),
			})
		}
		return rec
	}
	for range 100 {
		dir := t.TempDir()
		target := newTarget(filepath.Join(dir, "test.star"))
		p := &player{ui: newUI(null, null), flags: new(runFlags), reports: new(reports)}
		var runs sync.WaitGroup
		for run := range 4 {
			runs.Go(func() {
				if code, _ := p.judge(target, shown(run), nil); code != exitOK {
					t.Error("exit status", code)
				}
			})
		}
		runs.Wait()
		tr, err := hold(target, shown(9))
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range tr.verdicts {
			if v.State != golden.Same {
				t.Fatalf("%s is %s:\n%s%v", v.Name, v.State, v.Diff, v.Broken)
			}
		}
	}
}

// A review is killed at each of the calls with which it changes goldens. Each
// golden is then whole, the old one or the new one, and the next review
// finishes the work and leaves nothing else. strace kills before the call is
// carried out, and counts the calls of each name by thread.
func TestAcceptKilled(t *testing.T) {
	before := map[string]string{"old@a": "old\n", "one@a.sh": "$ one\n1\n", "two@a.sh": "$ two\ntwo\n"}
	after := map[string]string{"new@a": "new\n", "one@a.sh": "$ one\none\n", "two@a.sh": "$ two\ntwo\n"}
	dir := filepath.Join(t.TempDir(), "x")
	script := filepath.Join(dir, "x.star")
	last := filepath.Join(dir, ".scenario", "x", "last")
	rec := &runner.Recording{Scenario: "x", Started: time.Now(), Terminals: []runner.TerminalRecord{{Name: "a.sh"}}, Steps: []*runner.Step{
		{Op: runner.OpType, Node: "a", Terminal: "a.sh", Label: "one", Typed: []string{"one"}, Text: "$ one\none"},
		{Op: runner.OpType, Node: "a", Terminal: "a.sh", Label: "two", Typed: []string{"two"}, Text: "$ two\ntwo"},
		{Op: runner.OpExec, Node: "a", Label: "new", Typed: []string{"new"}, Text: "new"},
	}}
	data, err := json.Marshal(rec)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(last, 0o755); err != nil {
		t.Fatal(err)
	}
	for path, text := range map[string][]byte{script: nil, filepath.Join(last, "recording.json"): data} {
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	goldens := golden.Dir(filepath.Join(dir, "golden"))
	begin := func() {
		t.Helper()
		if err := os.RemoveAll(string(goldens)); err != nil {
			t.Fatal(err)
		}
		for name, text := range before {
			if err := goldens.Write(name, text); err != nil {
				t.Fatal(err)
			}
		}
	}
	review := []string{"scenario", "review", "--accept", "one", "--accept", "new", "--accept", "old", script}
	log := filepath.Join(t.TempDir(), "strace")
	trace := func(options ...string) (ended bool, met []string) {
		t.Helper()
		cmd := exec.Command("strace", slices.Concat([]string{"-f", "-qq", "-y", "-o", log}, options, review)...)
		cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
		out, err := cmd.CombinedOutput()
		text, rerr := os.ReadFile(log)
		if cmd.ProcessState == nil || rerr != nil || err != nil && strings.Contains(string(out), "error") {
			t.Fatalf("%v: %s", err, out)
		}
		return err == nil, goldenCalls(string(text))
	}

	begin()
	ended, all := trace("-e", "trace="+strings.Join(changing, ","))
	have, err := goldens.Read()
	if !ended || len(all) == 0 || err != nil || !maps.Equal(have, after) {
		t.Fatalf("the review ended: %v; its calls: %q; it left %q, %v", ended, all, have, err)
	}
	// kill ends a review at the nth call of a thread, if it gets so far, and
	// returns the last call on goldens, which it was killed at.
	kill := func(name string, n int) (ended bool, last string) {
		begin()
		ended, met := trace("-e", "trace="+name, "-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", name, n))
		have, err := goldens.Read()
		if err != nil {
			t.Fatal(err)
		}
		for _, golden := range []string{"old@a", "new@a", "one@a.sh", "two@a.sh"} {
			was, hadOld := before[golden]
			is, hasNew := after[golden]
			if got, ok := have[golden]; !(ok == hadOld && got == was) && !(ok == hasNew && got == is) {
				t.Errorf("killed at %s %d: %s is %q, %v", name, n, golden, got, ok)
			}
		}
		if !maps.Equal(have, after) {
			args := []string{"review"}
			for label, name := range map[string]string{"one": "one@a.sh", "new": "new@a", "old": "old@a"} {
				if have[name] != after[name] {
					args = append(args, "--accept", label)
				}
			}
			if out, err := exec.Command("scenario", append(args, script)...).CombinedOutput(); err != nil {
				t.Errorf("killed at %s %d, and then: %v: %s", name, n, err, out)
			}
			entries, _ := os.ReadDir(string(goldens))
			if have, err := goldens.Read(); err != nil || !maps.Equal(have, after) || len(entries) != len(after) {
				t.Errorf("killed at %s %d, and then there is %v", name, n, entries)
			}
		}
		if !ended && len(met) > 0 {
			last = met[len(met)-1]
		}
		return ended, last
	}
	// A call that one thread made may be another's in the next review, and has
	// then another number.
	missed := slices.Clone(all)
	for pass := 0; len(missed) > 0 && pass < 20; pass++ {
		for _, name := range changing {
			for n, ended := 1, false; !ended; n++ {
				var at string
				ended, at = kill(name, n)
				missed = slices.DeleteFunc(missed, func(c string) bool { return c == at })
			}
		}
	}
	if len(missed) > 0 {
		t.Errorf("not killed at %q of %q", missed, all)
	}
}

// changing are the calls that can change a folder.
var changing = []string{"mkdirat", "openat", "write", "fchmod", "renameat", "unlinkat", "flock"}

var (
	tracedCall = regexp.MustCompile(`^\d+ +(\w+)\(`)
	onGolden   = regexp.MustCompile(`/golden[^">]*`)
	tempNumber = regexp.MustCompile(`\.golden-\d+\.tmp`)
)

// goldenCalls are the calls of strace's log on files in golden/.
func goldenCalls(log string) (calls []string) {
	for line := range strings.Lines(log) {
		args, _, _ := strings.Cut(line, ") = ")
		name, on := tracedCall.FindStringSubmatch(args), onGolden.FindAllString(args, -1)
		if name != nil && on != nil && !strings.Contains(args, "O_RDONLY") {
			calls = append(calls, name[1]+" "+tempNumber.ReplaceAllString(strings.Join(on, " "), ".golden-N.tmp"))
		}
	}
	return calls
}
