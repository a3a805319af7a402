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
	// The temporary name does not end in ext, so Read never takes it for a
	// golden, and does not hold the name, which may be as long as names can be.
	temp, err := os.CreateTemp(string(d), ".golden-*.tmp")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(temp.Name())
		}
	}()
	_, err = temp.WriteString(text)
	if err == nil {
		err = temp.Chmod(d.mode(name))
	}
	if cerr := temp.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	return os.Rename(temp.Name(), d.file(name))
}

// mode is that of the golden to be replaced, or what git gives to a file.
func (d Dir) mode(name string) fs.FileMode {
	if info, err := os.Stat(d.file(name)); err == nil {
		return info.Mode().Perm()
	}
	return 0o644
}

func (d Dir) file(name string) string {
	return filepath.Join(string(d), name+ext)
}
