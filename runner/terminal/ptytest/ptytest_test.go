package ptytest_test

import (
	"bufio"
	"io"
	"os/exec"
	"testing"

	"scenario/runner/terminal/ptytest"
)

// A Close ends a Read that waits, and what was left on the terminal, though it
// does not mind being told.
func TestClose(t *testing.T) {
	cmd := exec.Command("sh", "-c", "trap '' HUP; sh -c 'echo $$; cat' & exec cat")
	tty, err := ptytest.Start(cmd, 80, 24)
	if err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(tty)
	if _, err := r.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() {
		_, err := io.Copy(io.Discard, r)
		ended <- err
	}()
	cmd.Process.Kill()
	if err := tty.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended; err == nil {
		t.Error("the Read has come to an end of its own")
	}
	cmd.Wait()
}
