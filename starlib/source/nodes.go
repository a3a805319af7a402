package source

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"go.starlark.net/syntax"

	"scenario/starlib"
)

// nodes finds machines that nothing is done with, and those that have the name
// of another.
func (l *linter) nodes() {
	exported := -1 // not known yet
	syntax.Walk(l.file, func(n syntax.Node) bool {
		assign, ok := n.(*syntax.AssignStmt)
		if !ok || assign.Op != syntax.EQ || !l.isNode(assign.RHS) {
			return true
		}
		id, ok := assign.LHS.(*syntax.Ident)
		if !ok {
			return true
		}
		b := binding(id)
		call := assign.RHS.(*syntax.CallExpr)
		name, ok := text(argument(call, "name", 0))
		if b == nil || !ok || l.names.uses[b.First] > 0 || l.reached(call, name) {
			return true
		}
		if exported < 0 {
			exported = 0
			if loadedByOthers(l.path) {
				exported = 1
			}
		}
		if exported == 0 {
			l.add(start(id), "the node %q is never used: leave it out; if only other machines reach it, leave out \"%s = \"", name, id.Name)
		}
		return true
	})

	first := map[string]syntax.Position{}
	for _, stmt := range l.file.Stmts {
		var x syntax.Expr
		switch s := stmt.(type) {
		case *syntax.AssignStmt:
			x = s.RHS
		case *syntax.ExprStmt:
			x = s.X
		}
		if !l.isNode(x) {
			continue
		}
		call := x.(*syntax.CallExpr)
		arg := argument(call, "name", 0)
		name, ok := text(arg)
		if !ok {
			continue
		}
		if at, taken := first[name]; taken {
			l.add(start(arg), "there is a node %q already, at line %d: give another name", name, at.Line)
		} else {
			first[name] = start(arg)
		}
	}
}

var (
	anAddress = regexp.MustCompile(`\d+\.\d+\.\d+\.\d+`)
	wordLike  = regexp.MustCompile(`[\pL\pN_]+(?:[-.][\pL\pN_]+)*`)
)

// reached reports whether other machines may speak with a node: what is typed
// into them may have its name or address, or the script does not tell.
func (l *linter) reached(call *syntax.CallExpr, name string) bool {
	called := map[string]bool{name: true}
	for _, arg := range call.Args {
		switch arg := arg.(type) {
		case *syntax.UnaryExpr: // *args, **kwargs
			return true
		case *syntax.BinaryExpr:
			if id, ok := arg.X.(*syntax.Ident); ok && (id.Name == "ip" || id.Name == "hostname") {
				s, ok := text(arg.Y)
				if !ok {
					return true
				}
				called[s] = true
			}
		}
	}
	found := false
	syntax.Walk(l.file, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.LoadStmt:
			found = found || !strings.HasPrefix(n.ModuleName(), "std/") // what is in it?
			return false
		case *syntax.CallExpr:
			if n == call {
				return false
			}
			found = found || builtin(n.Fn, "file") || builtin(n.Fn, "param")
		case *syntax.Literal:
			s, ok := n.Value.(string)
			if !ok {
				break
			}
			if anAddress.MatchString(s) && !l.own(n) {
				found = true
			}
			for c := range called {
				found = found || strings.Contains(s, c) && !l.own(n)
			}
			for _, w := range wordLike.FindAllString(s, -1) {
				found = found || called[w] && !l.own(n)
			}
		}
		return !found
	})
	return found
}

// own reports whether a text only says what a machine or a network is.
func (l *linter) own(lit *syntax.Literal) bool {
	own := false
	syntax.Walk(l.file, func(n syntax.Node) bool {
		call, ok := n.(*syntax.CallExpr)
		if !ok || !builtin(call.Fn, "network") && !builtin(call.Fn, "chapter") && !l.isNode(call) {
			return !own
		}
		for i, arg := range call.Args {
			if kv, ok := arg.(*syntax.BinaryExpr); ok && kv.Op == syntax.EQ {
				if id, ok := kv.X.(*syntax.Ident); ok && (id.Name == "ip" || id.Name == "name") {
					own = own || kv.Y == syntax.Expr(lit)
				}
			} else if i == 0 || builtin(call.Fn, "chapter") {
				own = own || arg == syntax.Expr(lit)
			}
		}
		return !own
	})
	return own
}

// loadedByOthers reports whether another script loads this one, and may use
// what it declares. A script is loaded by those beside it and above it.
func loadedByOthers(path string) bool {
	path, err := filepath.Abs(path)
	if err != nil {
		return true
	}
	for dir := filepath.Dir(path); ; dir = filepath.Dir(dir) {
		beside, err := filepath.Glob(filepath.Join(dir, "*.star"))
		if err != nil {
			return true
		}
		for _, other := range beside {
			if loads(other, path) {
				return true
			}
		}
		if _, err := os.Stat(filepath.Join(dir, ".git")); err == nil || dir == filepath.Dir(dir) {
			return false
		}
	}
}

func loads(script, path string) bool {
	_, f, err := starlib.Parse(script)
	if err != nil {
		return true // who knows
	}
	for _, stmt := range f.Stmts {
		if load, ok := stmt.(*syntax.LoadStmt); ok && filepath.Join(filepath.Dir(script), load.ModuleName()) == path {
			return true
		}
	}
	return false
}
