package source

import (
	"cmp"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/bazelbuild/buildtools/build"
	"github.com/bazelbuild/buildtools/warn"
	"go.starlark.net/syntax"

	"scenario/starlib"
)

// A Finding is something in a script that is surely wrong, or of no use.
type Finding struct {
	Line, Col int    // in characters, from 1
	Message   string // what it is, and what to do
}

// Lint finds what is wrong with the script at path. An error in its syntax is a
// *starlib.Error.
func Lint(path string) ([]Finding, error) {
	src, f, err := starlib.Parse(path)
	if err != nil {
		return nil, err
	}
	l := &linter{path: path, file: f}
	for _, e := range starlib.Resolve(f) {
		l.add(e.Pos, "%s", e.Msg)
	}
	l.read()
	l.loads()
	if err := l.general(src); err != nil {
		return nil, err
	}
	l.nodes()
	if !enters(f) {
		l.closed(f.Stmts, map[window]syntax.Position{})
	}
	l.patterns()
	slices.SortFunc(l.found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col), strings.Compare(a.Message, b.Message))
	})
	return slices.Compact(l.found), nil
}

// linter looks at one script.
type linter struct {
	path  string
	file  *syntax.File
	names names
	found []Finding
}

func (l *linter) add(pos syntax.Position, format string, args ...any) {
	l.found = append(l.found, Finding{int(pos.Line), max(int(pos.Col), 1), fmt.Sprintf(format, args...)})
}

func start(n syntax.Node) syntax.Position {
	from, _ := n.Span()
	return from
}

// loads says which modules are not there.
func (l *linter) loads() {
	for _, stmt := range l.file.Stmts {
		if load, ok := stmt.(*syntax.LoadStmt); ok {
			if err := starlib.CheckLoad(l.path, load.ModuleName()); err != nil {
				l.add(start(load.Module), "%v", err)
			}
		}
	}
}

// general are those of buildifier's warnings that are no matter of Bazel or of
// taste, and are true of every script.
func (l *linter) general(src []byte) error {
	f, err := build.ParseDefault(filepath.Base(l.path), src)
	if err != nil {
		return unknown(err, src)
	}
	at := map[[2]int]syntax.Stmt{} // where a statement begins
	syntax.Walk(l.file, func(n syntax.Node) bool {
		if s, ok := n.(syntax.Stmt); ok {
			pos := start(s)
			at[[2]int{int(pos.Line), int(pos.Col)}] = s
		}
		return true
	})
	for _, w := range warn.FileWarnings(f, []string{"load", "no-effect", "unreachable", "unused-variable"}, nil, warn.ModeWarn, nil) {
		line, col := w.Start.Line, w.Start.LineRune
		stmt := at[[2]int{line, col}]
		pos := syntax.MakePosition(nil, int32(line), int32(col))
		switch name := firstName(w.Message); w.Category {
		case "load":
			if strings.Contains(w.Message, "is unused") {
				l.add(pos, "%s is loaded and never used: leave it out", name)
			} else {
				l.add(pos, "%s is loaded a second time: leave one of them out", name)
			}
		case "unreachable":
			l.add(pos, "this is never reached: what stands before it leaves the function or the loop")
		case "unused-variable":
			// A parameter may be there for those who call, a loop's variable
			// for the loop, and a part of a tuple for the others.
			switch s := stmt.(type) {
			case *syntax.AssignStmt:
				if id, ok := s.LHS.(*syntax.Ident); ok && id.Name == name {
					l.add(pos, "%s is never used: leave it out", name)
				}
			case *syntax.DefStmt:
				if s.Name.Name == name {
					l.add(pos, "the function %s is never used: leave it out", name)
				}
			}
		case "no-effect":
			s, ok := stmt.(*syntax.ExprStmt)
			if !ok || calls(s) {
				break
			}
			switch s.X.(type) {
			case *syntax.Literal:
				l.add(pos, "a value alone does nothing: a comment begins with #")
			case *syntax.Ident, *syntax.DotExpr:
				l.add(pos, "a name alone does nothing: a function or a terminal is called with parentheses")
			default:
				l.add(pos, "nothing is done with this value: check(…) holds the run to it, print(…) shows it")
			}
		}
	}
	return nil
}

var inQuotes = regexp.MustCompile(`"([^"]*)"`)

// firstName is the name that a warning speaks of.
func firstName(message string) string {
	if m := inQuotes.FindStringSubmatch(message); m != nil {
		return m[1]
	}
	return ""
}

// calls reports whether something is called in a part of a script.
func calls(n syntax.Node) bool {
	found := false
	syntax.Walk(n, func(n syntax.Node) bool {
		_, ok := n.(*syntax.CallExpr)
		found = found || ok
		return !found
	})
	return found
}
