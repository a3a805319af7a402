package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"scenario/golden"
)

// target is one scenario to run.
type target struct {
	path string // of the script, as the user would write it
	dir  string
	name string

	variant variant
	params  map[string]string // what --param gave
}

// targets finds the scenarios that the arguments name: scripts, and folders. A
// folder NAME with a NAME.star in it is a scenario; other folders are searched
// for such folders.
func targets(args []string) ([]target, error) {
	var found []target
	for _, arg := range args {
		info, err := os.Stat(arg)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("there is no %s", arg)
		}
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			if filepath.Ext(arg) != ".star" {
				return nil, fmt.Errorf("%s is no scenario: a scenario's name ends in .star", arg)
			}
			found = append(found, newTarget(arg))
			continue
		}
		in, err := search(arg)
		if err != nil {
			return nil, err
		}
		if len(in) == 0 {
			return nil, fmt.Errorf("there is no scenario in %s: one is a folder NAME with a NAME.star in it", arg)
		}
		found = append(found, in...)
	}
	return found, nil
}

// scripts are the files that the arguments name: scripts, and all that lie in
// folders.
func scripts(args []string) ([]string, error) {
	var found []string
	for _, arg := range args {
		paths, err := files(arg, func(path string) bool { return filepath.Ext(path) == ".star" })
		if err == nil && len(paths) == 0 {
			err = fmt.Errorf("there is no script in %s: the name of one ends in .star", arg)
			if info, serr := os.Stat(arg); serr == nil && !info.IsDir() {
				err = fmt.Errorf("%s is no script: the name of one ends in .star", arg)
			}
		}
		if err != nil {
			return nil, err
		}
		for _, path := range paths {
			if !slices.Contains(found, path) {
				found = append(found, path)
			}
		}
	}
	return found, nil
}

// files are those that are meant, of an argument: itself, or what lies in it. A
// folder whose name begins with a dot is looked into only if it is the argument.
func files(arg string, meant func(path string) bool) (found []string, err error) {
	err = filepath.WalkDir(arg, func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("there is no %s", path)
		case err != nil:
			return err
		case d.IsDir() && path != arg && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case !d.IsDir() && meant(path):
			found = append(found, filepath.Clean(path))
		}
		return nil
	})
	return found, err
}

func someScript(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("which script? give its .star file, or a folder\nsee: %s --help", cmd.CommandPath())
	}
	return nil
}

func newTarget(path string) target {
	return target{path: path, dir: filepath.Dir(path), name: strings.TrimSuffix(filepath.Base(path), ".star")}
}

// alone says whether the folder's goldens are this scenario's only.
func (t target) alone() bool { return golden.Alone(t.path) }

func search(root string) ([]target, error) {
	var found []target
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !d.IsDir() {
			return nil
		}
		if path != root && strings.HasPrefix(d.Name(), ".") {
			return fs.SkipDir
		}
		if script, ok := ownScript(path); ok {
			found = append(found, newTarget(script))
			return fs.SkipDir
		}
		return nil
	})
	slices.SortFunc(found, func(a, b target) int { return strings.Compare(a.path, b.path) })
	return found, err
}

// ownScript is the script of a folder's name in it, if there is one.
func ownScript(dir string) (script string, ok bool) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", false
	}
	script = filepath.Join(dir, filepath.Base(abs)+".star")
	_, err = os.Stat(script)
	return script, err == nil
}
