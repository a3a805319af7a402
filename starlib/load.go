package starlib

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

//go:embed std/*.star
var std embed.FS

// stdPrefix begins the names of the modules that are in the binary.
const stdPrefix = "std/"

// module is a loaded file, or one that is being loaded.
type module struct {
	globals starlark.StringDict
	err     error
	done    bool
}

// load is what load(…) calls. Modules are named by their path from the
// scenario's folder, with slashes; "std/" ones are in the binary.
func (s *script) load(thread *starlark.Thread, name string) (starlark.StringDict, error) {
	name, err := modulePath(thread.CallFrame(0).Pos.Filename(), name)
	if err != nil {
		return nil, err
	}
	if m := s.modules[name]; m != nil {
		if !m.done {
			return nil, fmt.Errorf("load cycle: %s loads itself, by way of others or directly", name)
		}
		return m.globals, m.err
	}
	m := new(module)
	s.modules[name] = m
	m.globals, m.err = s.execFile(name)
	m.done = true
	return m.globals, m.err
}

// modulePath makes a module's name, as it stands in the file from, one from the
// scenario's folder.
func modulePath(from, name string) (string, error) {
	if strings.HasPrefix(name, stdPrefix) {
		return path.Clean(name), nil
	}
	clean := path.Join(path.Dir(from), name)
	if path.IsAbs(name) || !filepath.IsLocal(filepath.FromSlash(clean)) {
		return "", fmt.Errorf("%s is outside of the scenario's folder, and a scenario reads no file there", name)
	}
	return clean, nil
}

// source reads a module, or another text file of the scenario.
func (s *script) source(name string) ([]byte, error) {
	if strings.HasPrefix(name, stdPrefix) {
		src, err := std.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("there is no %s; there are %s", name, strings.Join(stdModules(), ", "))
		}
		return src, nil
	}
	root, err := os.OpenRoot(s.dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	src, err := root.ReadFile(filepath.FromSlash(name))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no file %s in the scenario's folder", name)
	case err != nil:
		return nil, fmt.Errorf("cannot read %s: %w", name, err)
	}
	return src, nil
}

// local is where something of the scenario's folder is on this machine, with
// symbolic links followed.
func (s *script) local(name string) (string, error) {
	root, err := os.OpenRoot(s.dir)
	if err != nil {
		return "", err
	}
	defer root.Close()
	switch _, err := root.Stat(filepath.FromSlash(name)); {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("there is no %s in the scenario's folder", name)
	case err != nil:
		return "", fmt.Errorf("cannot mount %s: %w", name, err)
	}
	found, err := filepath.EvalSymlinks(filepath.Join(s.dir, filepath.FromSlash(name)))
	if err != nil {
		return "", err
	}
	return filepath.Abs(found)
}

// mountable is where something is on this machine that a node wants to mount:
// in the scenario's folder, or in one that --allow-mount names.
func (s *script) mountable(name string) (string, error) {
	if !path.IsAbs(name) {
		clean, err := modulePath("", name)
		if err != nil {
			return "", err
		}
		return s.local(clean)
	}
	found, err := filepath.EvalSymlinks(filepath.FromSlash(name))
	allowed := err == nil && slices.ContainsFunc(s.opts.Mounts, func(dir string) bool {
		below, err := filepath.Rel(dir, found)
		return err == nil && filepath.IsLocal(below)
	})
	if !allowed {
		return "", fmt.Errorf("%s is outside of the scenario's folder; --allow-mount DIR allows what lies in DIR, if you trust the script with it", name)
	}
	return found, nil
}

// stdModules are the names of the modules in the binary.
func stdModules() []string {
	names, err := fs.Glob(std, stdPrefix+"*.star")
	if err != nil {
		panic(err) // the pattern is a constant
	}
	return names
}

// checkParams says which --param no file of the scenario asks for, before
// anything is started.
func (s *script) checkParams(main string) error {
	if len(s.opts.Params) == 0 {
		return nil
	}
	have := s.params(main)
	for given := range s.opts.Params {
		if err := CheckParam(given, have); err != nil {
			return fmt.Errorf("--param %s: %w", given, err)
		}
	}
	return nil
}

// CheckParam says that a scenario has no parameter of that name, but others.
func CheckParam(given string, have []Parameter) error {
	var names []string
	for _, p := range have {
		names = append(names, p.Name)
	}
	switch {
	case slices.Contains(names, given):
		return nil
	case len(names) == 0:
		return errors.New("this scenario has no parameters")
	}
	return fmt.Errorf("this scenario has no such parameter%s; it has %s", Nearest(given, names), strings.Join(names, ", "))
}

// A Parameter is what param(…) asks for.
type Parameter struct {
	Name, Doc string
	// Default is its default as --param would give it; "" where it has none,
	// or one that is computed.
	Default string
}

// Params are the parameters of the scenario at path, and of what it loads, as
// far as these can be read.
func Params(path string) []Parameter {
	s := &script{dir: filepath.Dir(path)}
	return s.params(filepath.Base(path))
}

func (s *script) params(main string) []Parameter {
	var params []Parameter
	seen := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		if seen[name] {
			return
		}
		seen[name] = true
		src, err := s.source(name)
		if err != nil {
			return // load says it, with its place
		}
		file, err := dialect.Parse(name, src, 0)
		if err != nil {
			return
		}
		syntax.Walk(file, func(n syntax.Node) bool {
			switch n := n.(type) {
			case *syntax.LoadStmt:
				if next, err := modulePath(name, n.ModuleName()); err == nil {
					visit(next)
				}
			case *syntax.CallExpr:
				if id, ok := n.Fn.(*syntax.Ident); ok && id.Name == "param" {
					if name, ok := literal(n, "name", 0); ok {
						doc, _ := literal(n, "doc", -1)
						params = append(params, Parameter{name, doc, given(argument(n, "default", 1))})
					}
				}
			}
			return true
		})
	}
	visit(main)
	return params
}

// argument is what a call gives for a parameter, by name or at a position, or
// nil.
func argument(call *syntax.CallExpr, param string, position int) syntax.Expr {
	for i, arg := range call.Args {
		if kv, ok := arg.(*syntax.BinaryExpr); ok && kv.Op == syntax.EQ {
			if id, ok := kv.X.(*syntax.Ident); ok && id.Name == param {
				return kv.Y
			}
		} else if i == position {
			return arg
		}
	}
	return nil
}

// literal is the string that a call gives for a parameter, by name or at a
// position.
func literal(call *syntax.CallExpr, param string, position int) (string, bool) {
	lit, ok := argument(call, param, position).(*syntax.Literal)
	if !ok {
		return "", false
	}
	text, ok := lit.Value.(string)
	return text, ok
}

// given is what --param would say for a literal, or "".
func given(e syntax.Expr) string {
	switch e := e.(type) {
	case *syntax.Literal:
		if text, ok := e.Value.(string); ok {
			return text
		}
		return e.Raw
	case *syntax.Ident:
		switch e.Name {
		case "True", "False":
			return strings.ToLower(e.Name)
		}
	case *syntax.CallExpr:
		if id, ok := e.Fn.(*syntax.Ident); ok && id.Name == "image" {
			ref, _ := literal(e, "ref", 0)
			return ref
		}
	}
	return ""
}

// docstring is the string that a file begins with.
func docstring(f *syntax.File) string {
	if len(f.Stmts) == 0 {
		return ""
	}
	if e, ok := f.Stmts[0].(*syntax.ExprStmt); ok {
		if lit, ok := e.X.(*syntax.Literal); ok {
			s, _ := lit.Value.(string)
			return s
		}
	}
	return ""
}
