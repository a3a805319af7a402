package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"scenario/runner/docker"
	"scenario/runner/docker/dockertest"
)

// Twenty scenarios at once, which all want the same network and have nodes of
// the same names, are played side by side on one engine, and what each of them
// says is in one piece.
func TestJobs(t *testing.T) {
	const at = 20
	dir := t.TempDir()
	for i := range at {
		name := fmt.Sprintf("job-%02d", i)
		dockertest.Leftovers(t, docker.LabelScenario+"="+name)
		script := fmt.Sprintf(`
network("172.17.0.0/16")
chapter("in-%[1]s", "of %[1]s")
a = node("a", image(param("image")), ip = "172.17.0.4")
b = node("b", image(param("image")))
for n in range(3):
    a.sh("echo %[1]s " + str(n))
check(a.sh("hostname -i").output == "172.17.0.4")
b.sh("true")
a.sh("ping -c 1 -w 10 172.17.0.2 >/dev/null && echo b is there")
print("end of %[1]s")
`, name)
		if i == 7 {
			script += "a.sh('false')\n"
		}
		if err := os.MkdirAll(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name, name+".star"), []byte(script), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	report := filepath.Join(t.TempDir(), "report.xml")
	cmd := exec.Command("scenario", "run", "-j", fmt.Sprint(at), "--report", "junit="+report, "--param", "image="+dockertest.Busybox(t), dir)
	cmd.Env = append(os.Environ(), "CI=", "NO_COLOR=1")
	said, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != exitStep {
		t.Fatalf("%v, want the exit status of the one that fails\n%s", err, said)
	}
	head := regexp.MustCompile(`^(job-\d\d)  `)
	name := regexp.MustCompile(`job-\d\d`)
	seen := map[string]bool{}
	in := ""
	for line := range strings.Lines(string(said)) {
		if m := head.FindStringSubmatch(line); m != nil {
			if in = m[1]; seen[in] {
				t.Errorf("%s is there twice", in)
			}
			seen[in] = true
		}
		for _, of := range name.FindAllString(line, -1) {
			if of != in {
				t.Errorf("in what %s says there is %q", in, line)
			}
		}
	}
	if len(seen) != at {
		t.Errorf("%d of %d scenarios have said something:\n%s", len(seen), at, said)
	}
	if n := len(regexp.MustCompile(`(?m)^ok  job-`).FindAllString(string(said), -1)); n != at-1 {
		t.Errorf("%d of %d are ok:\n%s", n, at-1, said)
	}
	xml, err := os.ReadFile(report)
	if err != nil {
		t.Fatal(err)
	}
	last := -1
	for i := range at { // in the order in which they were given
		pos := strings.Index(string(xml), fmt.Sprintf(`name="job-%02d`, i))
		if pos <= last {
			t.Errorf("job-%02d is at %d in the report, after %d", i, pos, last)
		}
		last = pos
	}
	dockertest.Report(t, "20 scenarios at once that want one network, of which one fails", 1, "nothing")
}
