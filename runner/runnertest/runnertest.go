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
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/netip"
	"strings"
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
	// RootOnly says that machines have no users but root here. Another one is
	// then an EnvironmentError.
	RootOnly bool
	// SameSubnet says that each lab has the first subnet that it asks for, also
	// when another lab has it, for none can be seen from anywhere else.
	SameSubnet bool
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
		{"mounts", s.mounts},
		{"network", s.network},
		{"death", s.death},
		{"cancel", s.cancel},
		{"close", s.close},
		{"subnets", s.subnets},
		{"lifecycle", s.lifecycle},
		{"links", s.links},
		{"look", s.look},
		{"limit", s.limit},
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

// refused reports whether there are no such users here, which the error must
// then say.
func (s *suite) refused(t *testing.T, user string, err error) bool {
	t.Helper()
	if user == "" || !s.hooks.RootOnly {
		return false
	}
	if env := (*runner.EnvironmentError)(nil); !errors.As(err, &env) || !strings.Contains(err.Error(), user) {
		t.Errorf("%v (%T), want an EnvironmentError that names the user %s", err, err, user)
	}
	return true
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

// receive is what comes, or a failure that says what did not.
func receive[T any](t *testing.T, what string, from <-chan T) T {
	t.Helper()
	select {
	case got := <-from:
		return got
	case <-time.After(patience):
		t.Fatalf("waited %s for %s", patience, what)
		panic("unreachable")
	}
}

func sh(script string) runner.Command { return runner.Command{Argv: []string{"sh", "-c", script}} }
