package terminal

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// What comes by itself is given out up to the line that is enough; the rest is
// for the next who asks. Where it is never enough, all is given out at the end.
func TestArrive(t *testing.T) {
	for name, p := range shells(t) {
		t.Run(name, func(t *testing.T) {
			s := start(t, p)
			gate := filepath.Join(mustSend(t, s, "mkfifo gate; pwd").Output, "gate")
			mustSend(t, s, "((read x < gate; echo a; echo b; echo c) &)")
			if shown, err := s.Arrive(deadline(t), func(lines []string) bool { return len(lines) == 0 }); err != nil || shown.Output != "" {
				t.Fatalf("nothing is %q, %v", shown.Output, err)
			}
			go os.WriteFile(gate, []byte("go\n"), 0)
			shown, err := s.Arrive(deadline(t), func(lines []string) bool { return slices.Contains(lines, "b") })
			if err != nil || shown.Output != "a\nb" {
				t.Errorf("%q, %v", shown.Output, err)
			}
			if _, err := s.Arrive(deadline(t), func(lines []string) bool { return len(lines) == 1 && lines[0] == "c" }); err != nil {
				t.Errorf("the rest: %v", err)
			}
			mustSend(t, s, "((read x < gate; echo d) &)")
			go os.WriteFile(gate, []byte("go\n"), 0)
			ctx, cancel := context.WithCancel(deadline(t))
			shown, err = s.Arrive(ctx, func(lines []string) bool {
				if len(lines) > 0 {
					cancel()
				}
				return false
			})
			if !errors.Is(err, context.Canceled) || shown.Output != "d" {
				t.Errorf("at the end of the time: %q, %v", shown.Output, err)
			}
		})
	}
}

// What is typed and has not come back in time is waited for later.
func TestWaitAfterTheTime(t *testing.T) {
	s := start(t, shells(t)["dash"])
	gate := filepath.Join(mustSend(t, s, "mkfifo gate; pwd").Output, "gate")
	ctx, cancel := context.WithCancel(deadline(t))
	cancel()
	if _, err := s.Send(ctx, Input{Lines: []string{"read x < gate; echo $x"}}); err == nil {
		t.Fatal("it did not block")
	}
	go os.WriteFile(gate, []byte("came\n"), 0)
	shown, err := s.Wait(deadline(t), nil)
	if err != nil || shown.Output != "came" || shown.Status == nil || *shown.Status != 0 {
		t.Errorf("%+v, %v", shown, err)
	}
}
