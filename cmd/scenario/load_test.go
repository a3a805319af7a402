package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"scenario/runner/docker"
	"scenario/runner/docker/dockertest"
)

// residentMost is what a run may have in memory at once, whatever its programs
// print: a text of 16 MB is held as rows, as the step's text, and once more while
// the recording is written.
const residentMost = 250 << 20

// A terminal that prints far more than is kept does not grow the program, says
// what was cut, and goes on.
func TestFlood(t *testing.T) {
	name := own("test-flood")
	dockertest.Leftovers(t, docker.LabelScenario+"="+name)
	dir := t.TempDir()
	script := filepath.Join(dir, name+".star")
	size := dockertest.Often(64, 1000) << 20
	text := fmt.Sprintf(`
web = node("web", image(param("image")))
r = web.sh("head -c 10485760 /dev/zero | tr '\\0' x", name = "line", timeout = 3000)
check(len(r.output) == 10485760, "the line is whole")
web.sh("{ yes 0123456 | head -c %[1]d; touch /tmp/ended; } &", name = "behind")
web.wait(command = ["test", "-e", "/tmp/ended"], timeout = 3000)
web.sh("wait", name = "waited")
check(web.sh("echo hello", name = "hello").output == "hello")
web.sh("yes 0123456 | head -c %[1]d", name = "flood", timeout = 3000)
`, size)
	if err := os.WriteFile(script, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("scenario", "run", "--param", "image="+dockertest.Busybox(t), script)
	cmd.Env = append(os.Environ(), "CI=", "NO_COLOR=1")
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	if code := cmd.ProcessState.ExitCode(); code != exitStep {
		t.Errorf("exit status %d, want %d", code, exitStep)
	}
	for _, want := range []string{
		"the recording of its bytes ends here",
		"of what came after this step, and was not waited for,",
		"the output is longer than the 16 MB that a step keeps",
		"send it to a file",
	} {
		if !strings.Contains(strings.Join(strings.Fields(string(out)), " "), want) {
			t.Errorf("it does not say %q", want)
		}
	}
	if t.Failed() {
		t.Logf("it says:\n%.5000s", out)
	}
	usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	t.Logf("at most %d MB were in memory", usage.Maxrss>>10)
	if most := usage.Maxrss << 10; most > residentMost {
		t.Errorf("%d bytes were in memory, at most %d may be", most, residentMost)
	}
	dockertest.Report(t, fmt.Sprintf("a terminal that prints %d MB, twice, and a line of 10 MB", size>>20), 1, fmt.Sprintf("nothing; the runner had %d MB in memory at most", usage.Maxrss>>10))
}
