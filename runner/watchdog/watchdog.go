// Package watchdog does what is to be done when this process has died, however
// it died: also of a kill -9, after which nothing of ours runs any more.
//
// A watchdog is a child in a session of its own, where no Ctrl-C and no closed
// terminal reaches it. It holds the end of a pipe whose other end this process
// has, and which the kernel closes when this process is gone. The child is this
// same program, started again under another name: Serve looks for it.
//
// Non-goals: to outlive the machine, or a kill of both.
package watchdog

import (
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
)

// released is what tells a watchdog that there is nothing to watch any more.
const released = '.'

// Start starts a watchdog that calls what Serve was given under the name, with
// args, if this process ends before release is called, or forgets it. When release
// returns, the watchdog is gone.
func Start(name string, args ...string) (release func(), err error) {
	self, err := executable()
	if err != nil {
		return nil, err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	cmd := exec.Command(self)
	cmd.Args = append([]string{name}, args...)
	cmd.Stdin = r
	cmd.Dir = "/" // no folder is kept from being removed
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		w.Close()
		return nil, err
	}
	return func() {
		// One that somebody has killed breaks the pipe.
		_, _ = w.Write([]byte{released})
		w.Close()
		_ = cmd.Wait()
	}, nil
}

// executable is this program, also when its file was replaced meanwhile.
func executable() (string, error) {
	if runtime.GOOS == "linux" {
		return "/proc/self/exe", nil
	}
	return os.Executable()
}

// Serve is called by an init function. In a watchdog of the name it does not
// return: it waits for the end of the process that it watches, and calls act
// unless it was released.
func Serve(name string, act func(args []string)) {
	if os.Args[0] != name {
		return
	}
	// Who ends all of a user's processes politely means the one we watch.
	signal.Ignore(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	if end, err := io.ReadAll(os.Stdin); err != nil || len(end) == 0 {
		act(os.Args[1:])
	}
	os.Exit(0)
}
