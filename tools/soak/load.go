package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
)

// loadCommand is the argument by which this program starts itself as other
// work. A process of its own takes the cores from the runner, as other
// programs would, and not the threads of the runner's own process.
const loadCommand = "load"

const (
	loopsPerCore = 2
	written      = 4 << 20 // bytes that are written to disk at a time
)

// load keeps all cores and the disk of dir busy until in ends, which it does
// with the process that holds its other end.
func load(in io.Reader, dir string) error {
	loops := loopsPerCore * runtime.NumCPU()
	runtime.GOMAXPROCS(loops + 1)
	for range loops {
		go func() {
			for {
			}
		}()
	}
	failed := make(chan error, 2)
	go func() { failed <- write(filepath.Join(dir, "written")) }()
	go func() {
		_, err := io.Copy(io.Discard, in)
		failed <- err
	}()
	return <-failed
}

// write writes a file to disk again and again.
func write(path string) error {
	data := make([]byte, written)
	for {
		f, err := os.Create(path)
		if err != nil {
			return err
		}
		_, err = f.Write(data)
		if err == nil {
			err = f.Sync()
		}
		if cerr := f.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			return err
		}
	}
}

// startLoad begins other work. It returns a function that ends it, and whose
// error says that it had ended by itself.
func startLoad(dir string) (stop func() error, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, loadCommand, dir)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // a Ctrl-C in the terminal is ours
	alive, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	return func() error {
		select {
		case err := <-ended:
			return fmt.Errorf("the other work ended before its time: %v", err)
		default:
		}
		alive.Close()
		return <-ended
	}, nil
}
