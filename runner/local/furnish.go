//go:build linux

package local

import (
	"fmt"
	"os"
	"path"

	"golang.org/x/sys/unix"
)

// oldRoot is where a machine sees the lab's root until it is done.
const oldRoot = "/.scenario"

// own is what each machine has of its own kind.
var own = []struct {
	path, kind string
	flags      uintptr
	options    string
}{
	// The kernel gives these two only to who sees those of the host.
	{"/proc", "proc", unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC, ""},
	{"/sys", "sysfs", unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC | unix.MS_RDONLY, ""},
	{"/dev", "tmpfs", unix.MS_NOSUID, "mode=755"},
	{"/dev/pts", "devpts", unix.MS_NOSUID | unix.MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620"},
	{"/dev/shm", "tmpfs", unix.MS_NOSUID | unix.MS_NODEV, "mode=1777"},
}

// furnish mounts in a machine's root what is not of the host's files.
func (b boot) furnish() error {
	for _, o := range own {
		if err := os.MkdirAll(o.path, 0o755); err != nil {
			return err
		}
		if err := unix.Mount(o.kind, o.path, o.kind, o.flags, o.options); err != nil {
			return refused("mount "+o.path, err)
		}
	}
	// Writing to a device asks for no writable mount; changing its mode does.
	for _, name := range []string{"null", "zero", "full", "random", "urandom", "tty"} {
		if err := (bind{Path: "/dev/" + name, Source: "/dev/" + name}).mount(oldRoot + hostDir); err != nil {
			return err
		}
	}
	for name, target := range map[string]string{"ptmx": "pts/ptmx", "fd": "/proc/self/fd", "stdin": "/proc/self/fd/0", "stdout": "/proc/self/fd/1", "stderr": "/proc/self/fd/2"} {
		if err := os.Symlink(target, "/dev/"+name); err != nil {
			return err
		}
	}
	if err := os.MkdirAll("/etc", 0o755); err != nil {
		return err
	}
	for name, content := range map[string]string{"/etc/resolv.conf": resolvConf, "/etc/hostname": b.Hostname + "\n", "/etc/hosts": ""} {
		if b.Again && exists(name) {
			continue
		}
		_ = os.Remove(name)
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			return err
		}
	}
	if b.Root == "" && !b.Again {
		// A home of the host is hidden; a new one has these.
		for _, name := range []string{"bashrc", "profile"} {
			if err := copyFile("/usr/share/base-files/dot."+name, "/root/."+name, b.Foreign); err != nil {
				return err
			}
		}
	}
	if err := (bind{Path: "/etc/hosts", Source: "/" + b.Name, Writable: true}).mount(oldRoot + hostsDir); err != nil {
		return err
	}
	for _, m := range b.Mounts {
		if err := m.mount(oldRoot + hostDir); err != nil {
			return err
		}
	}
	return nil
}

// mount shows a file or folder that is below base.
func (m bind) mount(base string) error {
	source := base + m.Source
	info, err := os.Stat(source)
	if err != nil {
		return fmt.Errorf("mount %s: %w", m.Path, plain(err))
	}
	if info.IsDir() {
		err = os.MkdirAll(m.Path, 0o755)
	} else if err = os.MkdirAll(path.Dir(m.Path), 0o755); err == nil && !exists(m.Path) {
		err = os.WriteFile(m.Path, nil, 0o644)
	}
	if err != nil {
		return fmt.Errorf("mount %s: %w", m.Path, err)
	}
	if err := unix.Mount(source, m.Path, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
		return fmt.Errorf("mount %s: %w", m.Path, err)
	}
	if !m.Writable {
		return fixed(m.Path)
	}
	return nil
}

// fixed makes what is mounted at a path one that cannot be written.
func fixed(path string) error {
	if err := unix.MountSetattr(unix.AT_FDCWD, path, unix.AT_RECURSIVE, &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY}); err != nil {
		return refused("mount "+path+" read-only", err)
	}
	return nil
}

// seal takes away the lab's root and what of /proc is the kernel's of all: the
// root of a machine may be the root of the host.
func seal() error {
	if err := unix.Unmount(oldRoot, unix.MNT_DETACH); err != nil {
		return err
	}
	if err := os.Remove(oldRoot); err != nil {
		return err
	}
	for _, name := range []string{"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"} {
		if !exists(name) {
			continue
		}
		if err := unix.Mount(name, name, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
			return refused("mount "+name, err)
		}
		if err := fixed(name); err != nil {
			return err
		}
	}
	return nil
}
