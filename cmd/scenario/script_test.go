package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/creack/pty"
	"github.com/rogpeppe/go-internal/testscript"

	"scenario/runner/docker/dockertest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"scenario": main, "status": status})
}

// status runs a command, and fails unless it has the wanted exit status.
func status() {
	want, err := strconv.Atoi(os.Args[1])
	if err != nil {
		panic(err)
	}
	cmd := exec.Command(os.Args[2], os.Args[3:]...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); cmd.ProcessState == nil {
		panic(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != want {
		fmt.Fprintf(os.Stderr, "exit status %d, want %d\n", got, want)
		os.Exit(1)
	}
}

// The command line as its users meet it, on Docker.
func TestScripts(t *testing.T) {
	dockertest.Leftovers(t)
	busybox := dockertest.Busybox(t)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			// removekept runs the command that --keep has printed last.
			"removekept": func(ts *testscript.TestScript, _ bool, args []string) {
				said := ts.ReadFile(args[0])
				remove := regexp.MustCompile(`scenario down .*`).FindString(said)
				ts.Check(ts.Exec("sh", "-c", remove))
			},
			// enterkept enters a node of the lab that a run has left, by the
			// command that the run has printed, types a line and waits for
			// what it is to show.
			"enterkept": func(ts *testscript.TestScript, _ bool, args []string) {
				id := regexp.MustCompile(`shell --lab ([0-9a-f]+)`).FindStringSubmatch(ts.ReadFile(args[0]))[1]
				cmd := exec.Command("scenario", append([]string{"shell", "--lab", id}, strings.Fields(args[1])...)...)
				cmd.Env = append(os.Environ(), "TERM=xterm-256color")
				tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
				ts.Check(err)
				defer tty.Close()
				_, err = tty.WriteString(args[2] + "; exit\n")
				ts.Check(err)
				shown, _ := io.ReadAll(tty) // which ends with an error of its own
				ts.Check(cmd.Wait())
				if !strings.Contains(string(shown), "\n"+args[3]) {
					ts.Fatalf("%s shows\n%s", cmd, shown)
				}
			},
			// seconds writes a file without how long something took.
			"seconds": func(ts *testscript.TestScript, _ bool, args []string) {
				text := regexp.MustCompile(`(?m)  [0-9.]+s$`).ReplaceAllString(ts.ReadFile(args[0]), "  SECONDS")
				ts.Check(os.WriteFile(ts.MkAbs("seconds"), []byte(text), 0o644))
			},
			// runkept runs the command for another run that --keep has printed.
			"runkept": func(ts *testscript.TestScript, _ bool, args []string) {
				again := regexp.MustCompile(`scenario run --lab .*`).FindString(ts.ReadFile(args[0]))
				ts.Check(ts.Exec("sh", "-c", again+" "+strings.Join(args[1:], " ")))
			},
		},
		// netem is that the kernel can delay packets: of the engine's machine,
		// which is this one.
		Condition: func(cond string) (bool, error) {
			if cond != "netem" {
				return false, fmt.Errorf("unknown condition %s", cond)
			}
			return exec.Command("modprobe", "sch_netem").Run() == nil, nil
		},
		Setup: func(env *testscript.Env) error {
			env.Setenv("BUSYBOX", busybox)
			env.Setenv("NO_COLOR", "1")
			env.Setenv("CI", "")
			return nil
		},
	})
}
