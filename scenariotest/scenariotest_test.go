package scenariotest

import (
	"bufio"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"scenario/golden"
	"scenario/runner/docker"
	"scenario/runner/docker/dockertest"
)

// lesson is a scenario, and the test program of testdata/lesson, which plays it.
type lesson struct {
	dir, program string
	env          []string
}

func newLesson(t *testing.T) *lesson {
	t.Helper()
	dockertest.Leftovers(t, docker.LabelScenario+"=lesson")
	dir := t.TempDir()
	l := &lesson{
		dir:     filepath.Join(dir, "lesson"),
		program: filepath.Join(dir, "lesson.test"),
		env:     append(os.Environ(), "LESSON="+filepath.Join(dir, "lesson", "lesson.star")),
	}
	if said, err := exec.Command("go", "test", "-c", "-o", l.program, "./testdata/lesson").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	if err := os.Mkdir(l.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return l
}

// write writes the script: what it does with a machine that is called web.
func (l *lesson) write(t *testing.T, steps string) {
	t.Helper()
	text := fmt.Sprintf("volatile(%q, kind = \"number\", identity = True)\nweb = node(\"web\", image = image(%q))\n%s", `#\d+`, dockertest.Busybox(t), steps)
	if err := os.WriteFile(filepath.Join(l.dir, "lesson.star"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func (l *lesson) goldens() golden.Dir { return golden.Dir(filepath.Join(l.dir, "golden")) }

func (l *lesson) set(t *testing.T, goldens map[string]string) {
	t.Helper()
	if err := os.RemoveAll(string(l.goldens())); err != nil {
		t.Fatal(err)
	}
	for name, text := range goldens {
		if err := l.goldens().Write(name, text); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRun(t *testing.T) {
	const (
		script = "web.sh(\"echo '#5 #7' #5\", name = \"a\")\nweb.sh(\"echo hello\", name = \"b\")\n"
		a      = "$ echo '#5 #7' #5\n#5 #7\n"
		b      = "$ echo hello\nhello\n"
	)
	right := map[string]string{"a@web.sh": a, "b@web.sh": b}
	drifted := map[string]string{"a@web.sh": a, "b@web.sh": "$ echo hello\nhullo\n"}
	unused := map[string]string{"a@web.sh": a, "b@web.sh": b, "old@web.sh": "x\n"}
	// What is typed is literal, so the tokens come from elsewhere.
	const tokens = "web.write(\"/t\", \"#%s #%s\\n\")\nweb.sh(\"cat /t\", name = \"a\")\nweb.sh(\"echo hello\", name = \"b\")\n"
	before := map[string]string{"a@web.sh": "$ cat /t\n#1 #2\n", "b@web.sh": drifted["b@web.sh"]}
	l := newLesson(t)
	for _, test := range []struct {
		name   string
		script string
		have   map[string]string
		flags  string
		ok     bool
		said   []string
		want   map[string]string // the goldens afterwards; nil is have
	}{
		{"right", script, right, "-test.v", true, []string{"--- PASS: TestLesson/a@web.sh", "--- PASS: TestLesson/b@web.sh", "scenario.lab: network made"}, nil},
		{"missing", script, map[string]string{"a@web.sh": a}, "", false, []string{"there is no ", "b@web.sh.golden", "lesson.star:4:", " hello\n", "go test -run '^TestLesson$/^b@web\\.sh$' -update"}, nil},
		{"drifted", script, drifted, "", false, []string{"FAIL: TestLesson/b@web.sh", "lesson.star:4:", " -hullo\n", " +hello\n", "-update"}, nil},
		{"equal up to renaming", fmt.Sprintf(tokens, "8", "9"), map[string]string{"a@web.sh": before["a@web.sh"], "b@web.sh": b}, "", true, nil, nil},
		{"update is lossless", fmt.Sprintf(tokens, "8", "9"), before, "-update", true, nil, map[string]string{"a@web.sh": before["a@web.sh"], "b@web.sh": b}},
		{"identity", fmt.Sprintf(tokens, "8", "8"), map[string]string{"a@web.sh": before["a@web.sh"], "b@web.sh": b}, "", false, []string{"two of kind number, #1 first seen in a@web.sh:2 and #2 in a@web.sh:2, are one now: #8"}, nil},
		{"unused", script, unused, "", false, []string{"FAIL: TestLesson/old@web.sh", "is unused", "-update"}, nil},
		{"another subtest", script, map[string]string{"a@web.sh": a, "b@web.sh": "x\n", "old@web.sh": "x\n"}, "-test.run=TestLesson/a@", true, nil, nil},
		{"missing and unused, update", script, map[string]string{"a@web.sh": a, "old@web.sh": "x\n"}, "-update", true, nil, right},
		{"clean", script, drifted, "-update -clean", false, []string{"-clean would remove "}, nil},
		{"failing", script + "web.sh(\"exit 3\")\n", drifted, "-update", false, []string{"web.sh shows:\n", "│ $ exit 3\n", "lesson.star:5:1: ", "│ web.sh(\"exit 3\")"}, nil},
		{"no time", script + "web.sh(\"sleep 1000\")\n", right, "-test.timeout=13s", false, []string{"go test's -timeout is near"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			l.write(t, test.script)
			l.set(t, test.have)
			cmd := exec.Command(l.program, strings.Fields(test.flags)...)
			cmd.Env = l.env
			said, err := cmd.CombinedOutput()
			if (err == nil) != test.ok {
				t.Errorf("the test passes: %v, want %v", err == nil, test.ok)
			}
			for _, s := range test.said {
				if !strings.Contains(string(said), s) {
					t.Errorf("it does not say %q", s)
				}
			}
			if test.want == nil {
				test.want = test.have
			}
			if got, err := l.goldens().Read(); err != nil || !maps.Equal(got, test.want) {
				t.Errorf("the goldens are %q, %v; want %q", got, err, test.want)
			}
			if t.Failed() {
				t.Logf("it says\n%s", said)
			}
		})
	}
}

// go would repeat the second result as the third.
func TestUncached(t *testing.T) {
	l := newLesson(t)
	dir, err := os.MkdirTemp("testdata/lesson", "script-*") // in the module
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	l.dir = dir
	l.write(t, "web.sh(\"true\")\n")
	l.set(t, map[string]string{"lesson@web.sh": "$ true\n"})
	long := time.Now().Add(-time.Hour)
	for _, file := range []string{filepath.Join(dir, "lesson.star"), filepath.Join(string(l.goldens()), "lesson@web.sh.golden")} {
		if err := os.Chtimes(file, long, long); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		cmd := exec.Command("go", "test", "./testdata/lesson")
		cmd.Env = append(os.Environ(), "LESSON="+filepath.Join(filepath.Base(dir), "lesson.star"))
		if said, err := cmd.CombinedOutput(); err != nil || strings.Contains(string(said), "(cached)") {
			t.Fatalf("%v\n%s", err, said)
		}
	}
}

func TestNoDocker(t *testing.T) {
	l := newLesson(t)
	l.write(t, "web.sh(\"true\")\n")
	cmd := exec.Command(l.program)
	cmd.Env = append(l.env, "DOCKER_HOST=unix:///none")
	if said, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(said), "hint: unset DOCKER_HOST") {
		t.Errorf("%v\n%s", err, said)
	}
}

// Whoever interrupts a test leaves nothing in Docker.
func TestInterrupted(t *testing.T) {
	l := newLesson(t)
	l.write(t, "web.sh(\"sleep 1000\", timeout = 100)\n")
	cmd := exec.Command(l.program, "-test.v")
	cmd.Env = l.env
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	made := false
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if !made && strings.Contains(lines.Text(), "network made") {
			made = true
			if err := cmd.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err == nil || !made {
		t.Errorf("the network was made: %v; the test ended with %v", made, err)
	}
}
