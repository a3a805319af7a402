package runnertest

import (
	"context"
	"strings"
	"testing"

	"scenario/runner"
)

func (s *suite) death(t *testing.T) {
	t.Run("state", func(t *testing.T) {
		l := s.open(t)
		spec := s.spec(l, 0)
		spec.Command = []string{"sh", "-c", "echo 'first words'; echo 'last words' >&2; touch /tmp/begun; while :; do sleep 1000; done"}
		m, err := l.Start(t.Context(), spec)
		if err != nil {
			t.Fatal(err)
		}
		s.begun(t, m)
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
		if err := receive(t, "Exec on a dead machine", failed); err == nil || !strings.Contains(err.Error(), "node a") {
			t.Errorf("Exec = %v, want an error that names the node", err)
		}
	})
	t.Run("in mid-terminal", func(t *testing.T) {
		m := s.one(t)
		w := open(t, m, sh("touch /tmp/begun; sleep 1000; echo"))
		s.begun(t, m)
		s.kill(t, m)
		w.end(t)
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		defer cancel()
		if _, err := w.tty.Status(ctx); err == nil || !strings.Contains(err.Error(), "node a") {
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
