// Package runnertest holds the promises of a backend as tests. Every backend
// passes all of them, so that a scenario means the same wherever it runs.
//
// The suite opens real labs and looks at them from inside, by commands on
// their machines, and from outside, by the Hooks that a backend's own tests
// give. It needs an image with a Bourne shell, stty, and the usual small
// commands; busybox has them all.
//
// Non-goals: what only one backend promises (images, labels, limits), and
// speed.
package runnertest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"scenario/runner"
)

// patience bounds each wait for a condition. It is long, since a loaded
// machine is slow; a test that holds does not wait that long.
const patience = 30 * time.Second

// Hooks are what the suite cannot do by the interfaces of a backend.
type Hooks struct {
	// Kill ends a machine from outside, as an operator or the kernel might.
	// The ids are those of its State.
	Kill func(t testing.TB, ids []string)
	// Left names what remains of a lab: machines, networks, processes.
	Left func(t testing.TB, lab string) []string
}

// Test runs the suite on a backend.
func Test(t *testing.T, b runner.Backend, img runner.Image, hooks Hooks) {
	s := &suite{backend: b, image: img, hooks: hooks}
	for _, test := range []struct {
		name string
		run  func(*testing.T)
	}{
		{"boot", s.boot},
		{"exec", s.exec},
		{"terminal", s.terminal},
		{"files", s.files},
		{"network", s.network},
		{"death", s.death},
		{"cancel", s.cancel},
		{"close", s.close},
		{"subnets", s.subnets},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(t)
		})
	}
}

// suite is a backend under test.
type suite struct {
	backend runner.Backend
	image   runner.Image
	hooks   Hooks
}

// wanted are the subnets that the suite's labs ask for.
func wanted() []netip.Prefix {
	return runner.Substitutes(netip.MustParsePrefix("172.30.0.0/24"))
}

// open opens a lab, and sees at the test's end that nothing of it is left.
func (s *suite) open(t *testing.T) runner.Lab {
	t.Helper()
	l, _ := s.openID(t)
	return l
}

func (s *suite) openID(t *testing.T) (runner.Lab, string) {
	t.Helper()
	id := strings.ToLower(rand.Text()[:10])
	l, err := s.backend.Open(t.Context(), runner.LabSpec{ID: id, Scenario: "runnertest", Subnets: wanted()})
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() {
		if err := l.Close(context.Background()); err != nil {
			t.Errorf("Close: %v", err)
		}
		if left := s.hooks.Left(t, id); len(left) > 0 {
			t.Errorf("left after Close: %v", left)
		}
	})
	return l, id
}

// spec is the nth machine of a lab, called a, b, c …
func (s *suite) spec(l runner.Lab, n int) runner.MachineSpec {
	ip := l.Subnet().Addr().As4()
	ip[3] += byte(n) + 2
	name := string(rune('a' + n))
	return runner.MachineSpec{
		Name:     name,
		Hostname: name + "-host",
		IP:       netip.AddrFrom4(ip),
		MAC:      fmt.Sprintf("02:42:%02x:%02x:%02x:%02x", ip[0], ip[1], ip[2], ip[3]),
		Image:    s.image,
	}
}

func (s *suite) start(t *testing.T, l runner.Lab, n int) runner.Machine {
	t.Helper()
	m, err := l.Start(t.Context(), s.spec(l, n))
	if err != nil {
		t.Fatalf("Start: %v", err)
	}
	return m
}

// one is a lab with one machine.
func (s *suite) one(t *testing.T) runner.Machine {
	t.Helper()
	return s.start(t, s.open(t), 0)
}

// run is what a shell on the machine prints.
func run(t *testing.T, m runner.Machine, script string) string {
	t.Helper()
	r, err := m.Exec(t.Context(), runner.Command{Argv: []string{"sh", "-c", script}})
	if err != nil {
		t.Fatalf("exec %q: %v", script, err)
	}
	if r.Status != 0 || len(r.Stderr) > 0 {
		t.Fatalf("exec %q: status %d, stderr %q", script, r.Status, r.Stderr)
	}
	return strings.TrimSuffix(string(r.Stdout), "\n")
}

// until polls a condition.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited %s until %s", patience, what)
		}
	}
}

// within fails a test that hangs, and says where.
func within[T any](t *testing.T, what string, f func() T) T {
	t.Helper()
	result := make(chan T, 1)
	go func() { result <- f() }()
	select {
	case r := <-result:
		return r
	case <-time.After(patience):
		t.Fatalf("waited %s for %s", patience, what)
		panic("unreachable")
	}
}

func (s *suite) boot(t *testing.T) {
	l := s.open(t)
	machines := make([]runner.Machine, 3)
	var boots sync.WaitGroup
	for n := range machines {
		boots.Go(func() {
			spec := s.spec(l, n)
			spec.Env = map[string]string{"GREETING": "元氣 " + spec.Name, "EMPTY": ""}
			spec.Files = map[string][]byte{"/etc/scenario/deep/note": []byte("for " + spec.Name), "/tmp/empty": nil}
			var err error
			if machines[n], err = l.Start(t.Context(), spec); err != nil {
				t.Errorf("Start %s: %v", spec.Name, err)
			}
		})
	}
	boots.Wait()
	if t.Failed() {
		return
	}
	for n, m := range machines {
		spec := s.spec(l, n)
		for script, want := range map[string]string{
			"hostname":                        spec.Hostname,
			"hostname -i":                     spec.IP.String(),
			"cat /sys/class/net/eth0/address": spec.MAC,
			`echo "$GREETING"`:                "元氣 " + spec.Name,
			`echo "${EMPTY-unset}"`:           "",
			"cat /etc/scenario/deep/note":     "for " + spec.Name,
			"wc -c </tmp/empty":               "0",
			// A folder that was there keeps what it was.
			"stat -c %a /tmp": "1777",
		} {
			if got := run(t, m, script); got != want {
				t.Errorf("%s: %s = %q, want %q", spec.Name, script, got, want)
			}
		}
		state, err := m.State(t.Context())
		if err != nil || !state.Running || len(state.IDs) == 0 {
			t.Errorf("%s: State = %+v, %v; want running, with ids", spec.Name, state, err)
		}
	}

	t.Run("command, user and folder", func(t *testing.T) {
		spec := s.spec(l, 3)
		spec.Command = []string{"sh", "-c", "id -u >/tmp/me; pwd >>/tmp/me; exec tail -f /dev/null"}
		spec.User, spec.Workdir = "1000", "/tmp"
		m, err := l.Start(t.Context(), spec)
		if err != nil {
			t.Fatal(err)
		}
		until(t, "the machine's command has run", func() bool {
			r, err := m.Exec(t.Context(), runner.Command{Argv: []string{"cat", "/tmp/me"}})
			return err == nil && string(r.Stdout) == "1000\n/tmp\n"
		})
	})
	t.Run("a command that is not there", func(t *testing.T) {
		spec := s.spec(l, 4)
		spec.Command = []string{"/no/such/command"}
		if _, err := l.Start(t.Context(), spec); err == nil || !strings.Contains(err.Error(), "/no/such/command") {
			t.Errorf("Start = %v, want an error that names the command", err)
		}
	})
}

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

func sh(script string) runner.Command { return runner.Command{Argv: []string{"sh", "-c", script}} }

func (s *suite) files(t *testing.T) {
	m := s.one(t)
	f, ok := m.(runner.Files)
	if !ok {
		t.Log("this backend has no runner.Files")
		return
	}
	ctx := t.Context()
	every := make([]byte, 0, 256*4096)
	for range 4096 {
		for b := range 256 {
			every = append(every, byte(b))
		}
	}
	for name, content := range map[string][]byte{"/tmp/note": []byte("元氣\n"), "/new/deep/folder/every": every, "/tmp/empty": {}} {
		if err := f.WriteFile(ctx, name, content, 0o640); err != nil {
			t.Errorf("WriteFile %s: %v", name, err)
		}
		if got, err := f.ReadFile(ctx, name); err != nil || !bytes.Equal(got, content) {
			t.Errorf("ReadFile %s = %d bytes, %v; want the %d that were written", name, len(got), err, len(content))
		}
		if got := run(t, m, "stat -c %a "+name); got != "640" {
			t.Errorf("%s has mode %s, want 640", name, got)
		}
	}
	if err := f.WriteFile(ctx, "/tmp/note", []byte("short"), 0o755); err != nil {
		t.Error(err)
	}
	if got := run(t, m, "cat /tmp/note; stat -c ' %a' /tmp/note /tmp"); got != "short 755\n 1777" {
		t.Errorf("written again: %q, want the new text and mode, and /tmp as it was", got)
	}
	run(t, m, "ln -s /tmp/note /tmp/link; ln -s nowhere /tmp/broken; echo made >/tmp/made")
	if got, err := f.ReadFile(ctx, "/tmp/link"); err != nil || string(got) != "short" {
		t.Errorf("ReadFile of a link = %q, %v", got, err)
	}
	if got, err := f.ReadFile(ctx, "/tmp/made"); err != nil || string(got) != "made\n" {
		t.Errorf("ReadFile of what the machine wrote = %q, %v", got, err)
	}
	for _, name := range []string{"/tmp", "/tmp/none", "/tmp/broken", "/none/none", "relative"} {
		if got, err := f.ReadFile(ctx, name); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("ReadFile %s = %q, %v; want an error that names it", name, got, err)
		}
	}
	for _, name := range []string{"/tmp", "/tmp/note/below", "relative"} {
		if err := f.WriteFile(ctx, name, []byte("x"), 0o644); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("WriteFile %s = %v, want an error that names it", name, err)
		}
	}
}

func (s *suite) network(t *testing.T) {
	l := s.open(t)
	a, b := s.start(t, l, 0), s.start(t, l, 1)
	ipA, ipB := s.spec(l, 0).IP, s.spec(l, 1).IP
	if !l.Subnet().Contains(ipB) {
		t.Fatalf("%s is not in %s", ipB, l.Subnet())
	}
	run(t, a, fmt.Sprintf("ping -c 1 -w 10 %s", ipB))
	run(t, b, fmt.Sprintf("ping -c 1 -w 10 %s", ipA))

	// A server on b, with the client's address as b sees it.
	run(t, b, "nc -l -p 7000 -e sh -c 'echo hello from b' >/dev/null 2>&1 &")
	until(t, "b's server answers", func() bool {
		r, err := a.Exec(t.Context(), sh(fmt.Sprintf("nc %s 7000 </dev/null", ipB)))
		return err == nil && string(r.Stdout) == "hello from b\n"
	})

	other := s.open(t)
	stranger := s.start(t, other, 0)
	if r, err := a.Exec(t.Context(), sh(fmt.Sprintf("ping -c 1 -W 1 %s", s.spec(other, 0).IP))); err != nil || r.Status == 0 {
		t.Errorf("a machine of another lab answers: %s, %v", r.Stdout, err)
	}
	run(t, stranger, "ping -c 1 -w 10 "+s.spec(other, 0).IP.String())
}

func (s *suite) death(t *testing.T) {
	t.Run("state", func(t *testing.T) {
		l := s.open(t)
		spec := s.spec(l, 0)
		spec.Command = []string{"sh", "-c", "echo 'first words'; echo 'last words' >&2; while :; do sleep 1000; done"}
		m, err := l.Start(t.Context(), spec)
		if err != nil {
			t.Fatal(err)
		}
		s.kill(t, m)
		state, err := m.State(t.Context())
		if err != nil || state.Status != 137 || state.Reason == "" || len(state.IDs) == 0 {
			t.Errorf("State = %+v, %v; want status 137 and a reason", state, err)
		}
		if !strings.Contains(state.Log, "first words") || !strings.Contains(state.Log, "last words") {
			t.Errorf("Log = %q, want what the machine printed", state.Log)
		}
		_, execErr := m.Exec(t.Context(), sh("echo"))
		_, openErr := m.Open(t.Context(), window(sh("echo")))
		for what, err := range map[string]error{"Exec": execErr, "Open": openErr} {
			if err == nil || !strings.Contains(err.Error(), spec.Name) || !strings.Contains(err.Error(), "137") || !strings.Contains(err.Error(), "last words") {
				t.Errorf("%s on a dead machine = %v; want the node, its status and its last words", what, err)
			}
		}
	})
	t.Run("in mid-exec", func(t *testing.T) {
		m := s.one(t)
		failed := make(chan error, 1)
		go func() {
			_, err := m.Exec(t.Context(), sh("touch /tmp/begun; sleep 1000; echo"))
			failed <- err
		}()
		s.begun(t, m)
		s.kill(t, m)
		if err := within(t, "Exec on a dead machine", func() error { return <-failed }); err == nil || !strings.Contains(err.Error(), "node a") {
			t.Errorf("Exec = %v, want an error that names the node", err)
		}
	})
	t.Run("in mid-terminal", func(t *testing.T) {
		m := s.one(t)
		w := open(t, m, sh("touch /tmp/begun; sleep 1000; echo"))
		s.begun(t, m)
		s.kill(t, m)
		w.end(t)
		_, err := within2(t, "Status on a dead machine", func() (int, error) { return w.tty.Status(t.Context()) })
		if err == nil || !strings.Contains(err.Error(), "node a") {
			t.Errorf("Status = %v, want an error that names the node", err)
		}
	})
	t.Run("by its own command", func(t *testing.T) {
		l := s.open(t)
		spec := s.spec(l, 0)
		spec.Command = []string{"sh", "-c", "echo bye; exit 7"}
		m, err := l.Start(t.Context(), spec)
		if err != nil {
			t.Fatal(err)
		}
		s.dead(t, m)
		if state, err := m.State(t.Context()); err != nil || state.Status != 7 || state.Log != "bye" || state.Reason == "" {
			t.Errorf("State = %+v, %v; want status 7, its words and a reason", state, err)
		}
	})
}

// kill ends a machine from outside and waits until it is dead.
func (s *suite) kill(t *testing.T, m runner.Machine) {
	t.Helper()
	state, err := m.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.hooks.Kill(t, state.IDs)
	s.dead(t, m)
}

func (s *suite) dead(t *testing.T, m runner.Machine) {
	t.Helper()
	until(t, "the machine is dead", func() bool {
		state, err := m.State(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return !state.Running
	})
}

// begun waits until a command that touches /tmp/begun does so.
func (s *suite) begun(t *testing.T, m runner.Machine) {
	t.Helper()
	until(t, "the command has begun", func() bool {
		r, err := m.Exec(t.Context(), runner.Command{Argv: []string{"test", "-e", "/tmp/begun"}})
		if err != nil {
			t.Fatal(err)
		}
		return r.Status == 0
	})
}

func (s *suite) cancel(t *testing.T) {
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	t.Run("open", func(t *testing.T) {
		id := strings.ToLower(rand.Text()[:10])
		if _, err := s.backend.Open(gone, runner.LabSpec{ID: id, Scenario: "runnertest", Subnets: wanted()}); !errors.Is(err, context.Canceled) {
			t.Errorf("Open = %v, want context.Canceled", err)
		}
		if left := s.hooks.Left(t, id); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
	})
	t.Run("start", func(t *testing.T) {
		l, id := s.openID(t)
		if _, err := l.Start(gone, s.spec(l, 0)); !errors.Is(err, context.Canceled) {
			t.Errorf("Start = %v, want context.Canceled", err)
		}
		before := s.hooks.Left(t, id)
		// At moments that fall before, into and after the making of the
		// machine, which takes some hundred milliseconds.
		for n := range 8 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(n)*40*time.Millisecond)
			if _, err := l.Start(ctx, s.spec(l, n)); err != nil && !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("Start = %v, want context.DeadlineExceeded", err)
			} else if err == nil {
				cancel()
				break
			} else if after := s.hooks.Left(t, id); len(after) > len(before) {
				t.Errorf("left by a cancelled Start: %v", after)
			}
			cancel()
		}
	})
	m := s.one(t)
	t.Run("exec", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		failed := make(chan error, 1)
		go func() {
			_, err := m.Exec(ctx, sh("touch /tmp/begun; sleep 4321; echo"))
			failed <- err
		}()
		s.begun(t, m)
		cancel()
		if err := within(t, "a cancelled Exec", func() error { return <-failed }); !errors.Is(err, context.Canceled) {
			t.Errorf("Exec = %v, want context.Canceled", err)
		}
		s.ended(t, m, "sleep 4321")
	})
	t.Run("terminal", func(t *testing.T) {
		if tty, err := m.Open(gone, window(sh("echo"))); !errors.Is(err, context.Canceled) {
			t.Errorf("Open = %v, %v, want context.Canceled", tty, err)
		}
		w := open(t, m, sh("echo begun; sleep 5432; echo"))
		w.await(t, "begun")
		if _, err := w.tty.Status(gone); !errors.Is(err, context.Canceled) {
			t.Errorf("Status = %v, want context.Canceled", err)
		}
		if err := w.tty.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		s.ended(t, m, "sleep 5432")
	})
}

// ended waits until no process of the machine has the words in its command
// line.
func (s *suite) ended(t *testing.T, m runner.Machine, words string) {
	t.Helper()
	until(t, words+" has ended", func() bool { return !strings.Contains(run(t, m, "ps -o args"), words) })
}

func (s *suite) close(t *testing.T) {
	t.Run("twice", func(t *testing.T) {
		l, id := s.openID(t)
		m := s.start(t, l, 0)
		w := open(t, m, sh("cat"))
		for range 2 {
			if err := l.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			if left := s.hooks.Left(t, id); len(left) > 0 {
				t.Fatalf("left after Close: %v", left)
			}
		}
		w.end(t)
		if _, err := l.Start(t.Context(), s.spec(l, 1)); err == nil {
			t.Error("Start on a closed lab made a machine")
		}
		if state, err := m.State(t.Context()); err != nil || state.Running || state.Reason == "" {
			t.Errorf("State after Close = %+v, %v; want an end with its reason", state, err)
		}
	})
	t.Run("with boots in flight", func(t *testing.T) {
		l, id := s.openID(t)
		var boots sync.WaitGroup
		booting := make(chan struct{}, 4)
		for n := range 4 {
			boots.Go(func() {
				booting <- struct{}{}
				_, _ = l.Start(t.Context(), s.spec(l, n)) // either is right
			})
		}
		for range 4 {
			<-booting
		}
		until(t, "a boot has made something, or all are done", func() bool { return len(s.hooks.Left(t, id)) > 1 })
		if err := l.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		boots.Wait()
		if left := s.hooks.Left(t, id); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
	})
}

func (s *suite) subnets(t *testing.T) {
	labs := make([]runner.Lab, 4)
	var opening sync.WaitGroup
	for n := range labs {
		opening.Go(func() {
			id := strings.ToLower(rand.Text()[:10])
			l, err := s.backend.Open(t.Context(), runner.LabSpec{ID: id, Scenario: "runnertest", Subnets: wanted()})
			if err != nil {
				t.Errorf("Open: %v", err)
				return
			}
			labs[n] = l
			t.Cleanup(func() {
				if err := l.Close(context.Background()); err != nil {
					t.Errorf("Close: %v", err)
				}
			})
		})
	}
	opening.Wait()
	if t.Failed() {
		return
	}
	for i, a := range labs {
		for _, b := range labs[:i] {
			if a.Subnet().Overlaps(b.Subnet()) {
				t.Errorf("two labs have %s and %s", a.Subnet(), b.Subnet())
			}
		}
		m := s.start(t, a, 0)
		if got, want := run(t, m, "hostname -i"), s.spec(a, 0).IP.String(); got != want {
			t.Errorf("address %s, want %s", got, want)
		}
	}
}

// window is a command for a terminal of the usual size.
func window(cmd runner.Command) runner.Command {
	cmd.Rows, cmd.Cols = 30, 100
	cmd.Env = map[string]string{"TERM": "xterm-256color"}
	return cmd
}

// screen is a terminal and all that was read from it.
type screen struct {
	tty runner.TTY

	mu   sync.Mutex
	text strings.Builder
	done chan struct{} // closed at the end of what is to be read
	err  error         // why, valid once done
}

// open opens a terminal, and closes it at the test's end.
func open(t *testing.T, m runner.Machine, cmd runner.Command) *screen {
	t.Helper()
	tty, err := m.Open(t.Context(), window(cmd))
	if err != nil {
		t.Fatalf("Open %q: %v", cmd.Argv, err)
	}
	w := &screen{tty: tty, done: make(chan struct{})}
	t.Cleanup(func() {
		if err := tty.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	go func() {
		defer close(w.done)
		buf := make([]byte, 4096)
		for {
			n, err := tty.Read(buf)
			w.mu.Lock()
			w.text.Write(buf[:n])
			w.mu.Unlock()
			if err != nil {
				w.err = err
				return
			}
		}
	}()
	return w
}

func (w *screen) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// await waits until the terminal has shown a text.
func (w *screen) await(t *testing.T, text string) {
	t.Helper()
	for deadline := time.Now().Add(patience); !strings.Contains(w.String(), text); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited for %q; the terminal shows %q", text, w)
		}
	}
}

// end waits until nothing more is to be read, and returns all that was.
func (w *screen) end(t *testing.T) string {
	t.Helper()
	within(t, "the terminal's end", func() struct{} { return <-w.done })
	if w.err != io.EOF {
		t.Errorf("Read = %v, want io.EOF", w.err)
	}
	return w.String()
}

func (w *screen) typed(t *testing.T, text string) {
	t.Helper()
	if _, err := io.WriteString(w.tty, text); err != nil {
		t.Fatalf("Write %q: %v", text, err)
	}
}

func within2[A, B any](t *testing.T, what string, f func() (A, B)) (A, B) {
	t.Helper()
	var a A
	var b B
	within(t, what, func() struct{} { a, b = f(); return struct{}{} })
	return a, b
}

func (s *suite) terminal(t *testing.T) {
	m := s.one(t)
	for _, test := range []struct {
		name   string
		cmd    runner.Command
		shows  string
		status int
	}{
		{name: "size before the first instruction", cmd: runner.Command{Argv: []string{"stty", "size"}}, shows: "30 100\r\n"},
		{name: "streams together", cmd: sh("echo out; echo err >&2; exit 3"), shows: "out\r\nerr\r\n", status: 3},
		{name: "argv as it is", cmd: runner.Command{Argv: []string{"printf", "%s|", "a b", "$HOME", "*", "-e", "元氣"}}, shows: "a b|$HOME|*|-e|元氣|"},
		{name: "environment", cmd: sh(`echo "$TERM"`), shows: "xterm-256color\r\n"},
		{name: "folder", cmd: runner.Command{Argv: []string{"pwd"}, Workdir: "/tmp"}, shows: "/tmp\r\n"},
		{name: "user", cmd: runner.Command{Argv: []string{"id", "-u"}, User: "1000"}, shows: "1000\r\n"},
		{name: "a terminal on all three", cmd: sh("test -t 0 && test -t 1 && test -t 2 && echo three"), shows: "three\r\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := open(t, m, test.cmd)
			if got := w.end(t); got != test.shows {
				t.Errorf("the terminal shows %q, want %q", got, test.shows)
			}
			if status, err := w.tty.Status(t.Context()); err != nil || status != test.status {
				t.Errorf("Status = %d, %v; want %d", status, err, test.status)
			}
		})
	}
	t.Run("typing", func(t *testing.T) {
		w := open(t, m, sh(`echo ready; read -r line; echo "got <$line>"; exit 5`))
		w.await(t, "ready\r\n")
		w.typed(t, "元氣x\x7f\r")
		if got, want := w.end(t), "got <元氣>\r\n"; !strings.HasPrefix(got, "ready\r\n元氣x") || !strings.HasSuffix(got, want) {
			t.Errorf("the terminal shows %q, want an echo and then %q", got, want)
		}
		if status, err := w.tty.Status(t.Context()); err != nil || status != 5 {
			t.Errorf("Status = %d, %v; want 5", status, err)
		}
	})
	t.Run("Ctrl-D and Ctrl-C", func(t *testing.T) {
		w := open(t, m, sh("trap 'echo interrupted' INT; cat; echo; echo ready; sleep 1000; exit 6"))
		w.typed(t, "\x04")
		w.await(t, "ready\r\n")
		w.typed(t, "\x03")
		if got := w.end(t); !strings.Contains(got, "interrupted\r\n") {
			t.Errorf("the terminal shows %q, want it interrupted", got)
		}
		if status, err := w.tty.Status(t.Context()); err != nil || status != 6 {
			t.Errorf("Status = %d, %v; want 6", status, err)
		}
	})
	t.Run("a program that is not there", func(t *testing.T) {
		w := open(t, m, runner.Command{Argv: []string{"no-such-program", "arg"}})
		if got := w.end(t); !strings.Contains(got, "no-such-program") || !strings.Contains(got, "not found") {
			t.Errorf("the terminal shows %q, want what is not found", got)
		}
		if status, err := w.tty.Status(t.Context()); err != nil || status != 127 {
			t.Errorf("Status = %d, %v; want 127", status, err)
		}
	})
	t.Run("ten megabytes", func(t *testing.T) {
		const size = 10 << 20
		w := open(t, m, sh(fmt.Sprintf("head -c %d /dev/zero; echo end", size)))
		if got := w.end(t); len(got) != size+len("end\r\n") {
			t.Errorf("%d bytes, want %d", len(got), size+len("end\r\n"))
		}
	})
	t.Run("side by side", func(t *testing.T) {
		one, other := open(t, m, sh("read x; echo one $x")), open(t, m, sh("read x; echo other $x"))
		other.typed(t, "2\r")
		one.typed(t, "1\r")
		if a, b := one.end(t), other.end(t); !strings.Contains(a, "one 1") || !strings.Contains(b, "other 2") {
			t.Errorf("the terminals show %q and %q", a, b)
		}
	})
	t.Run("what cannot be begun", func(t *testing.T) {
		for name, cmd := range map[string]runner.Command{
			"no command": {},
			"nobody":     {Argv: []string{"id"}, User: "nobody-here"},
			"nowhere":    {Argv: []string{"pwd"}, Workdir: "/no/such/folder"},
		} {
			tty, err := m.Open(t.Context(), window(cmd))
			if err == nil {
				_, err = tty.Read(make([]byte, 100))
				tty.Close()
			}
			if err == nil || err == io.EOF {
				t.Errorf("%s: %v, want an error from Open or from the first Read", name, err)
			}
		}
	})
}
