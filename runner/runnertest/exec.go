package runnertest

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"

	"scenario/runner"
)

func (s *suite) exec(t *testing.T) {
	m := s.one(t)
	for _, test := range []struct {
		name           string
		cmd            runner.Command
		stdout, stderr string
		status         int
	}{
		{name: "streams apart", cmd: sh("echo out; echo err >&2; exit 3"), stdout: "out\n", stderr: "err\n", status: 3},
		{name: "argv as it is", cmd: runner.Command{Argv: []string{"printf", "%s|", "a b", "$HOME", "*", "元氣"}}, stdout: "a b|$HOME|*|元氣|"},
		{name: "input", cmd: runner.Command{Argv: []string{"cat"}, Stdin: []byte("one\ntwo")}, stdout: "one\ntwo"},
		{name: "empty input", cmd: runner.Command{Argv: []string{"cat"}, Stdin: []byte{}}},
		{name: "no input", cmd: runner.Command{Argv: []string{"cat"}}},
		{name: "input that nobody reads", cmd: runner.Command{Argv: []string{"true"}, Stdin: bytes.Repeat([]byte("x"), 1<<20)}},
		{name: "no terminal", cmd: sh("test -t 0 || test -t 1 || echo none"), stdout: "none\n"},
		{name: "environment", cmd: runner.Command{Argv: []string{"sh", "-c", `echo "$A"`}, Env: map[string]string{"A": "b=c d"}}, stdout: "b=c d\n"},
		{name: "folder", cmd: runner.Command{Argv: []string{"pwd"}, Workdir: "/tmp"}, stdout: "/tmp\n"},
		{name: "user", cmd: runner.Command{Argv: []string{"id", "-u"}, User: "1000"}, stdout: "1000\n"},
		{name: "a signal", cmd: sh("kill -TERM $$"), status: 128 + 15},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, err := m.Exec(t.Context(), test.cmd)
			if s.refused(t, test.cmd.User, err) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if string(r.Stdout) != test.stdout || string(r.Stderr) != test.stderr || r.Status != test.status {
				t.Errorf("stdout %q, stderr %q, status %d; want %q, %q, %d", r.Stdout, r.Stderr, r.Status, test.stdout, test.stderr, test.status)
			}
		})
	}
	t.Run("ten megabytes", func(t *testing.T) {
		const size = 10 << 20
		r, err := m.Exec(t.Context(), sh(fmt.Sprintf("head -c %d /dev/zero", size)))
		if err != nil || len(r.Stdout) != size || len(bytes.Trim(r.Stdout, "\x00")) > 0 {
			t.Errorf("%d bytes, %v; want %d zeros", len(r.Stdout), err, size)
		}
		r, err = m.Exec(t.Context(), runner.Command{Argv: []string{"wc", "-c"}, Stdin: make([]byte, size)})
		if got := strings.TrimSpace(string(r.Stdout)); err != nil || got != fmt.Sprint(size) {
			t.Errorf("the machine read %s bytes, %v; want %d", got, err, size)
		}
	})
	t.Run("side by side", func(t *testing.T) {
		var all sync.WaitGroup
		for n := range 8 {
			all.Go(func() {
				r, err := m.Exec(t.Context(), sh(fmt.Sprintf("echo %d; exit %d", n, n)))
				if err != nil || string(r.Stdout) != fmt.Sprintln(n) || r.Status != n {
					t.Errorf("exec %d = %q, %d, %v", n, r.Stdout, r.Status, err)
				}
			})
		}
		all.Wait()
	})
	t.Run("a command that is not there", func(t *testing.T) {
		for argv0, status := range map[string]int{"no-such-command": 127, "/no/such/command": 127, "/etc": 126} {
			r, err := m.Exec(t.Context(), runner.Command{Argv: []string{argv0}})
			if err != nil || r.Status != status || len(r.Stdout) > 0 || !strings.Contains(string(r.Stderr), argv0) {
				t.Errorf("%s: stdout %q, stderr %q, status %d, %v; want its name on stderr and %d", argv0, r.Stdout, r.Stderr, r.Status, err, status)
			}
		}
	})
	t.Run("what cannot be begun", func(t *testing.T) {
		for name, cmd := range map[string]runner.Command{
			"no command": {},
			"nobody":     {Argv: []string{"id"}, User: "nobody-here"},
			"nowhere":    {Argv: []string{"pwd"}, Workdir: "/no/such/folder"},
		} {
			if r, err := m.Exec(t.Context(), cmd); err == nil {
				t.Errorf("%s: %+v, want an error", name, r)
			}
		}
	})
}
