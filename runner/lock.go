package runner

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// LockDir waits until nobody else has locked the folder, in this process or in
// another, and locks it. It leaves no file behind, and the kernel ends the
// lock of a process that dies. A file system without locks is used without.
func LockDir(dir string) (unlock func(), err error) {
	unlock, err = flock(dir, syscall.LOCK_EX)
	if errors.Is(err, errNoLocks) {
		return func() {}, nil
	}
	return unlock, err
}

// tryLockDir is LockDir that does not wait: a folder that somebody has locked
// is an errLocked, one that cannot be locked an errNoLocks.
func tryLockDir(dir string) (unlock func(), err error) {
	return flock(dir, syscall.LOCK_EX|syscall.LOCK_NB)
}

var (
	errLocked  = errors.New("somebody has locked it")
	errNoLocks = errors.New("the file system has no locks")
)

func flock(dir string, how int) (unlock func(), err error) {
	f, err := os.OpenFile(dir, os.O_RDONLY|syscall.O_DIRECTORY, 0)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(f.Fd()), how)
		if err != syscall.EINTR {
			break
		}
	}
	switch err {
	case nil:
		return func() {
			// A child that has not come to its exec yet holds the file too,
			// and would keep the lock if it were only closed.
			syscall.Flock(int(f.Fd()), syscall.LOCK_UN)
			f.Close()
		}, nil
	case syscall.EWOULDBLOCK:
		err = errLocked
	case syscall.ENOLCK, syscall.ENOTSUP, syscall.ENOSYS,
		syscall.EBADF: // NFS, which locks only what is open for writing
		err = errNoLocks
	}
	f.Close()
	return nil, &fs.PathError{Op: "lock", Path: dir, Err: err}
}
