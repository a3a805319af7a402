package runnertest

import (
	"sync"
	"testing"
)

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
