package runner

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// Mount is a file or folder of this host that a machine sees, too: not a copy.
type Mount struct {
	Path     string // on the machine, absolute
	Source   string // on this host, absolute
	Name     string // what the script calls it: "data"
	Writable bool   // whether the machine may change it
}

// checkMounts holds a node's mounts against one another and its files.
func (spec *NodeSpec) checkMounts() error {
	var paths []string
	for i := range spec.Mounts {
		m := &spec.Mounts[i]
		if !path.IsAbs(m.Path) || path.Clean(m.Path) == "/" {
			return fmt.Errorf("node %q: mounts: the path %q must be absolute, and not / itself", spec.Name, m.Path)
		}
		m.Path = path.Clean(m.Path)
		if slices.Contains(paths, m.Path) {
			return fmt.Errorf("node %q: mounts: %s is there twice", spec.Name, m.Path)
		}
		paths = append(paths, m.Path)
		for file := range spec.Files {
			if file = path.Clean(file); file == m.Path || strings.HasPrefix(file, m.Path+"/") {
				return fmt.Errorf("node %q: files: %s would be written into %s, which is mounted at %s", spec.Name, file, m.Name, m.Path)
			}
		}
	}
	return nil
}

// apart sees that nothing is mounted which lies in what a machine can write to:
// it could put a link in its place, to anywhere on this host, while the other
// is being started.
func apart(a, b *NodeSpec) error {
	within := func(in, of *NodeSpec) error {
		for _, m := range in.Mounts {
			for _, w := range of.Mounts {
				below, err := filepath.Rel(w.Source, m.Source)
				if w.Writable && err == nil && below != "." && filepath.IsLocal(below) {
					return fmt.Errorf("node %q: mounts: %s lies in %s, which node %s may write to; mount %s itself", in.Name, m.Name, w.Name, of.Name, w.Name)
				}
			}
		}
		return nil
	}
	if err := within(a, b); err != nil {
		return err
	}
	return within(b, a)
}

// mountedText is how large a mounted file is that is looked through.
const mountedText = 1 << 20

// checkMounted looks for the reader's addresses in text files that the machine
// will see as they are: in a lab with other addresses nobody answers there.
func (t translation) checkMounted(mounts []Mount) error {
	if t.reader == t.lab {
		return nil
	}
	for _, m := range mounts {
		err := filepath.WalkDir(m.Source, func(file string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && d.Name() == recordingDir:
				return fs.SkipDir
			case !d.Type().IsRegular():
				return nil
			}
			if info, err := d.Info(); err != nil || info.Size() > mountedText {
				return err
			}
			text, err := os.ReadFile(file)
			if err != nil || bytes.IndexByte(text, 0) >= 0 || !utf8.Valid(text) {
				return err
			}
			line := 0
			for l := range strings.Lines(string(text)) {
				line++
				if translate(l, t.reader, t.lab) == l {
					continue
				}
				name := m.Name
				if below, err := filepath.Rel(m.Source, file); err == nil && below != "." {
					name = path.Join(m.Name, filepath.ToSlash(below))
				}
				return fmt.Errorf("mounts: line %d of %s has an address of the network %s, which is taken on this machine: the lab has another in its place, and what is mounted is not translated; what is given by files = … or write(…) is", line, name, t.reader)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
