//go:build linux

package local

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

const (
	// copiedFile is how large a file of the host may be that is copied where it
	// cannot be laid under an overlay, or could not be changed there.
	copiedFile = 1 << 20
	// skeletonFolders bounds what a skeleton costs, some 20 microseconds a
	// folder. Those near the root come first: on a Debian host for developers,
	// with 17,000 folders, it reaches six deep.
	skeletonFolders = 8000
)

// hidden are the folders of the host that a machine has as its own, or empty:
// no programs are there, but people's files and what runs on this host.
var hidden = []string{
	"/proc", "/sys", "/dev", "/run", "/tmp", "/root", "/home", "/mnt", "/media", "/boot", "/lost+found",
	"/var/lib/docker", "/var/lib/containerd", "/var/lib/containers",
}

// hiddenFolders are those that are there. A folder that was given has none.
func hiddenFolders(s setup) map[string]bool {
	there := map[string]bool{}
	if s.Root != "" {
		return there
	}
	for _, dir := range append([]string{path.Clean(s.Home)}, hidden...) {
		if path.IsAbs(dir) && dir != "/" && exists(hostDir+dir) {
			there[dir] = true
		}
	}
	return there
}

// skeleton makes folders as those of base, as the lab's own. Over the host's
// folders, which belong to ids that the lab does not have, nothing could be
// written. What is in /etc is copied, so that it can be changed in place.
func skeleton(base, to string, hidden map[string]bool) error {
	queue := []string{"/"}
	for made := 0; made < len(queue) && made < skeletonFolders; made++ {
		dir := queue[made]
		target := to + dir
		info, err := os.Lstat(base + dir)
		if err != nil {
			continue // it has just gone
		}
		if dir != "/" {
			if err := os.Mkdir(target, 0o755); err != nil {
				return err
			}
		}
		entries, err := os.ReadDir(base + dir)
		if err != nil {
			// What cannot be read is empty.
			if err := unix.Setxattr(target, "user.overlay.opaque", []byte("y"), 0); err != nil {
				return fmt.Errorf("hide %s: %w", dir, err)
			}
		}
		for _, e := range entries {
			name := path.Join(dir, e.Name())
			switch {
			case hidden[name]:
			case e.IsDir():
				queue = append(queue, name)
			case e.Type().IsRegular() && strings.HasPrefix(name, "/etc/"):
				if err := copyFile(base+name, to+name, true); err != nil {
					return err
				}
			}
		}
		if err := liken(target, info, true); err != nil {
			return err
		}
	}
	return nil
}

// liken gives a file or folder the mode of one of the host's, and its owner
// where the lab has that one. A folder of a foreign owner becomes the lab's.
func liken(name string, info fs.FileInfo, foreign bool) error {
	mode := info.Mode() & (fs.ModePerm | fs.ModeSticky | fs.ModeSetgid | fs.ModeSetuid)
	if foreign {
		mode = info.Mode() & (fs.ModePerm | fs.ModeSticky)
		if info.IsDir() {
			mode |= 0o700
		}
	} else {
		owner := info.Sys().(*syscall.Stat_t)
		if err := os.Chown(name, int(owner.Uid), int(owner.Gid)); err != nil {
			return err
		}
	}
	return os.Chmod(name, mode)
}

// copyFile copies a file of the host, unless it is large or cannot be read.
func copyFile(from, to string, foreign bool) error {
	info, err := os.Lstat(from)
	if err != nil || info.Size() > copiedFile {
		return nil
	}
	content, err := os.ReadFile(from)
	if err != nil {
		return nil
	}
	if err := os.WriteFile(to, content, 0o600); err != nil {
		return err
	}
	return liken(to, info, foreign)
}

// view makes a machine's root of the host's files.
type view struct {
	base     string // of the host's files
	foreign  bool
	hidden   map[string]bool
	mounted  []string // folders and files of the host that others are mounted on
	files    string   // the machine's own file system
	overlays int
}

// What is in a machine's own file system.
func (v *view) root() string { return v.files + "/root" }

// layer has the folders of one overlay: what is written, and the kernel's work.
func (v *view) layer(n int) string { return v.files + "/layer" + strconv.Itoa(n) }

// layerPath is a file of a layer that says which folder it is over.
const layerPath = "/path"

// put lays what is at a path of the host at that path of the machine, under an
// overlay. The kernel has no overlay over a folder in which others are mounted,
// and hidden ones are not to be seen through one; such a folder is made anew,
// with what is in it.
func (v *view) put(dir string) error {
	from, to := path.Join(v.base, dir), path.Join(v.root(), dir)
	info, err := os.Lstat(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	if err := liken(to, info, v.foreign); err != nil {
		return err
	}
	if v.hidden[dir] {
		return nil
	}
	if !v.parted(from, dir) {
		err := v.overlay(dir, info)
		if err != nil && v.isMounted(from) {
			return nil // a file system of a kind that no overlay takes
		}
		return err
	}
	entries, err := os.ReadDir(from)
	if err != nil && !errors.Is(err, fs.ErrPermission) {
		return err
	}
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		var err error
		switch {
		case e.IsDir():
			err = v.put(name)
		case e.Type().IsRegular():
			err = copyFile(path.Join(v.base, name), path.Join(v.root(), name), v.foreign)
		case e.Type()&fs.ModeSymlink != 0:
			var target string
			if target, err = os.Readlink(path.Join(v.base, name)); err == nil {
				err = os.Symlink(target, path.Join(v.root(), name))
			}
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// parted reports whether something is mounted or hidden below a folder.
func (v *view) parted(from, dir string) bool {
	for _, m := range v.mounted {
		if strings.HasPrefix(m, strings.TrimSuffix(from, "/")+"/") {
			return true
		}
	}
	for h := range v.hidden {
		if strings.HasPrefix(h, strings.TrimSuffix(dir, "/")+"/") {
			return true
		}
	}
	return false
}

func (v *view) isMounted(from string) bool {
	for _, m := range v.mounted {
		if m == from {
			return true
		}
	}
	return false
}

// overlay makes the layer of an overlay over a folder, and mounts it.
func (v *view) overlay(dir string, info fs.FileInfo) error {
	layer := v.layer(v.overlays)
	for _, sub := range []string{layer, layer + "/upper", layer + "/work"} {
		if err := os.MkdirAll(sub, 0o755); err != nil {
			return err
		}
	}
	if err := liken(layer+"/upper", info, v.foreign); err != nil {
		return err
	}
	if err := v.lay(dir, layer); err != nil {
		return err
	}
	v.overlays++
	return os.WriteFile(layer+layerPath, []byte(dir), 0o600)
}

// lay mounts the overlay over a folder that has a layer.
func (v *view) lay(dir, layer string) error {
	lower := escape(path.Join(v.base, dir))
	if v.foreign {
		if own := path.Join(skeletonDir, dir); exists(own) {
			lower = escape(own) + ":" + lower
		}
	}
	options := "lowerdir=" + lower + ",upperdir=" + layer + "/upper,workdir=" + layer + "/work,userxattr"
	if err := unix.Mount("overlay", path.Join(v.root(), dir), "overlay", 0, options); err != nil {
		return refused("mount an overlay over "+dir, err)
	}
	return nil
}

// again mounts all overlays that were made before.
func (v *view) again() error {
	for n := 0; exists(v.layer(n) + layerPath); n++ {
		dir, err := os.ReadFile(v.layer(n) + layerPath)
		if err == nil {
			err = v.lay(string(dir), v.layer(n))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// escape makes a path one word among the options of a mount.
func escape(path string) string {
	return strings.NewReplacer(`\`, `\\`, `:`, `\:`, `,`, `\,`).Replace(path)
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// mountPoints are the paths that something is mounted on, in a mountinfo.
func mountPoints(name string) ([]string, error) {
	table, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var points []string
	octal := strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`)
	for line := range strings.Lines(string(table)) {
		if f := strings.Fields(line); len(f) > 4 {
			points = append(points, octal.Replace(f[4]))
		}
	}
	return points, nil
}

// makeRoot makes a machine's file system, or finds what there is of it, and
// enters it. The lab's root is still there, in oldRoot.
func (b boot) makeRoot() error {
	v := view{base: path.Join(hostDir, b.Root), foreign: b.Foreign, hidden: hiddenFolders(b.setup), files: filesDir(b.Files)}
	var err error
	if v.mounted, err = mountPoints(hostDir + "/proc/self/mountinfo"); err != nil {
		return err
	}
	if err := os.MkdirAll(v.root(), 0o755); err != nil {
		return err
	}
	// What is entered must be a mount of its own.
	if err := unix.Mount(v.root(), v.root(), "", unix.MS_BIND, ""); err != nil {
		return err
	}
	if b.Again {
		err = v.again()
	} else {
		err = v.put("/")
	}
	if err != nil {
		return err
	}
	if err := os.MkdirAll(v.root()+oldRoot, 0o700); err != nil {
		return err
	}
	if err := unix.PivotRoot(v.root(), v.root()+oldRoot); err != nil {
		return refused("change the root", err)
	}
	return unix.Chdir("/")
}
