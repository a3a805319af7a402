package runnertest

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"time"

	"scenario/runner"
)

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
		if err := receive(t, "a cancelled Exec", failed); !errors.Is(err, context.Canceled) {
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
