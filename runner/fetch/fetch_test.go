package fetch

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestGroup(t *testing.T) {
	t.Run("one for all", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var f Group
			var began atomic.Int32
			release := make(chan struct{})
			boom := errors.New("boom")
			work := func(context.Context, *News) error { began.Add(1); <-release; return boom }
			var waiters sync.WaitGroup
			for range 3 {
				waiters.Go(func() {
					if err := f.Do(t.Context(), "image", nil, work); err != boom {
						t.Errorf("Do = %v, want %v", err, boom)
					}
				})
			}
			impatient, cancel := context.WithCancel(t.Context())
			waiters.Go(func() {
				if err := f.Do(impatient, "image", nil, work); err != context.Canceled {
					t.Errorf("Do = %v, want %v", err, context.Canceled)
				}
			})
			synctest.Wait()
			cancel()
			synctest.Wait()
			close(release)
			waiters.Wait()
			if n := began.Load(); n != 1 {
				t.Errorf("the image was fetched %d times", n)
			}
			if err := f.Do(t.Context(), "image", nil, work); err != boom || began.Load() != 2 {
				t.Errorf("Do = %v after %d fetches; want a new one", err, began.Load())
			}
		})
	})
	t.Run("none for nobody", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var f Group
			cleaned := false
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			err := f.Do(ctx, "image", nil, func(ctx context.Context, _ *News) error {
				<-ctx.Done()
				time.Sleep(time.Second)
				cleaned = true
				return ctx.Err()
			})
			if err != context.DeadlineExceeded || !cleaned {
				t.Errorf("Do = %v, cleaned up %t; want it to wait for the end of the work", err, cleaned)
			}
		})
	})
}

// Each listener hears the first news at once, later ones some times a second,
// and the time that a silent work takes.
func TestNews(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n News
		done := make(chan struct{})
		go n.Spread(done)
		var early, late []string
		cancel := n.Subscribe(func(s string) { early = append(early, s) })
		for i := range 100 {
			n.Say("%d MB", i)
			time.Sleep(10 * time.Millisecond)
		}
		cancel()
		if len(early) < 4 || len(early) > 10 || early[0] != "0 MB" {
			t.Errorf("heard %q within a second", early)
		}
		cancel = n.Subscribe(func(s string) { late = append(late, s) })
		n.SayTimed(time.Now(), "building")
		time.Sleep(2*time.Second + 2*NewsPause)
		cancel()
		n.Say("unheard")
		time.Sleep(time.Second)
		close(done)
		if len(late) != 4 || !slices.Equal(late[1:], []string{"building (0 s)", "building (1 s)", "building (2 s)"}) {
			t.Errorf("heard %q, want the line as it stood, and then each second", late)
		}
	})
}
