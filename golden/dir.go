package golden

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ext ends the name of every golden file; goldie looks for the same.
const ext = ".golden"

// Dir is the folder of a scenario's goldens.
type Dir string

// Alone says whether the goldens beside a script are that script's only: it is
// its folder's own, or there is no other beside it. Otherwise a golden that no
// step of it leaves may be another's.
func Alone(script string) bool {
	if abs, err := filepath.Abs(script); err == nil && filepath.Base(filepath.Dir(abs))+".star" == filepath.Base(abs) {
		return true
	}
	scripts, err := filepath.Glob(filepath.Join(filepath.Dir(script), "*.star"))
	return err == nil && len(scripts) == 1
}

// Read returns the content of every golden by its name. A folder that does not
// exist holds none.
func (d Dir) Read() (map[string]string, error) {
	entries, err := os.ReadDir(string(d))
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]string{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read goldens: %w", err)
	}
	have := make(map[string]string)
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), ext)
		if !ok || name == "" || e.IsDir() {
			continue
		}
		content, err := os.ReadFile(d.file(name))
		if err != nil {
			return nil, fmt.Errorf("read golden %s: %w", name, err)
		}
		have[name] = string(content)
	}
	return have, nil
}

// Write makes or replaces a golden, and the folder if need be. Whoever reads
// meanwhile, and whatever ends this process, the file is whole: the old one or
// the new one.
func (d Dir) Write(name, text string) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("write golden %s: %w", name, err)
		}
	}()
	if name == "" || strings.ContainsAny(name, "/\x00") || strings.ContainsRune(name, filepath.Separator) {
		return fmt.Errorf("%q is no file name", name)
	}
	if err := os.MkdirAll(string(d), 0o777); err != nil {
		return err
	}
	return WriteFile(d.file(name), []byte(text))
}

// Sweep removes what writers that were killed have left in the folder. Nobody
// may be writing there meanwhile.
func (d Dir) Sweep() error {
	left, err := filepath.Glob(filepath.Join(string(d), tempPattern))
	for _, path := range left {
		err = errors.Join(err, os.Remove(path))
	}
	return err
}

// tempPattern is the name of a file that is not whole yet. It does not end in
// ext, so Read never takes it for a golden, and does not hold the name, which
// may be as long as names can be.
const tempPattern = ".golden-*.tmp"

// WriteFile makes or replaces a file, which is whole at every moment. One that
// is replaced keeps its permissions, and links to it.
func WriteFile(path string, content []byte) (err error) {
	if linked, err := filepath.EvalSymlinks(path); err == nil {
		path = linked
	}
	temp, err := os.CreateTemp(filepath.Dir(path), tempPattern)
	if err != nil {
		var of *fs.PathError
		if errors.As(err, &of) {
			of.Path = path // of a temporary file nobody knows
		}
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(temp.Name())
		}
	}()
	_, err = temp.Write(content)
	if err == nil {
		err = temp.Chmod(mode(path))
	}
	if cerr := temp.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
}

// mode is that of the file to be replaced, or what git gives to a file.
func mode(path string) fs.FileMode {
	if info, err := os.Stat(path); err == nil {
		return info.Mode().Perm()
	}
	return 0o644
}

// Writable says whether goldens can be written, before a run is made for
// nothing. It leaves the folder, or its absence, as it was.
func (d Dir) Writable() error {
	dir := string(d)
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		dir = filepath.Dir(dir)
	}
	f, err := os.CreateTemp(dir, tempPattern)
	if err != nil {
		return fmt.Errorf("write goldens: %w", err)
	}
	err = errors.Join(f.Close(), os.Remove(f.Name()))
	if errors.Is(err, fs.ErrNotExist) { // somebody has swept
		err = nil
	}
	return err
}

func (d Dir) file(name string) string {
	return filepath.Join(string(d), name+ext)
}
