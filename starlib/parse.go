package starlib

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"go.starlark.net/resolve"
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// Parse reads the script at path, and runs nothing. An error in its text is an
// *Error.
func Parse(path string) ([]byte, *syntax.File, error) {
	src, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, fmt.Errorf("there is no %s", path)
	}
	if err != nil {
		return nil, nil, err
	}
	f, err := dialect.Parse(filepath.Base(path), src, 0)
	if err != nil {
		s := &script{ctx: context.Background(), dir: filepath.Dir(path)}
		return nil, nil, s.explained(err)
	}
	return src, f, nil
}

// Resolve binds each name of a parsed script to what it means, and returns what
// is wrong with them.
func Resolve(f *syntax.File) []resolve.Error {
	known := predeclared()
	err := resolve.File(f, known.Has, starlark.Universe.Has)
	var wrong resolve.ErrorList
	errors.As(err, &wrong)
	for i := range wrong {
		wrong[i].Msg += meant(wrong[i].Msg)
	}
	return wrong
}

// CheckLoad says whether there is no module of that name, as it stands in the
// script at path.
func CheckLoad(path, name string) error {
	if strings.HasPrefix(name, stdPrefix) {
		_, err := (&script{}).source(name)
		return err
	}
	if filepath.IsAbs(name) {
		_, err := modulePath("", name)
		return err
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(path), filepath.FromSlash(name))); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no file %s beside this script", name)
	}
	return nil
}
