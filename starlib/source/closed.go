package source

import (
	"maps"

	"go.starlark.net/syntax"
)

// window is a terminal, as it is called in a script.
type window struct {
	first *syntax.Ident // where the first of its names is bound
	shown string
}

// enters reports whether a script enters programs: what is quit then may be one
// of them, and its window takes more steps.
func enters(f *syntax.File) (found bool) {
	syntax.Walk(f, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Ident:
			found = found || n.Name == "enter" || n.Name == "enters"
		case *syntax.DotExpr:
			found = found || n.Name.Name == "enter"
		}
		return !found
	})
	return found
}

// closed finds steps in terminals whose program was quit before. It follows
// statements that surely come one after the other; gone has the terminals that
// were quit, and where.
func (l *linter) closed(stmts []syntax.Stmt, gone map[window]syntax.Position) {
	for _, stmt := range stmts {
		switch s := stmt.(type) {
		case *syntax.DefStmt:
			l.closed(s.Body, map[window]syntax.Position{}) // who knows when it is called
			continue
		case *syntax.IfStmt:
			l.steps(s.Cond, gone)
			l.inside(s.True, gone)
			l.inside(s.False, gone)
			continue
		case *syntax.ForStmt:
			l.steps(s.X, gone)
			forget(s.Vars, gone)
			l.inside(s.Body, gone)
			continue
		}
		l.steps(stmt, gone)
		var x syntax.Expr
		switch s := stmt.(type) {
		case *syntax.AssignStmt:
			x = s.RHS
			forget(s.LHS, gone)
		case *syntax.ExprStmt:
			x = s.X
		}
		if call, ok := x.(*syntax.CallExpr); ok {
			if dot, ok := call.Fn.(*syntax.DotExpr); ok && dot.Name.Name == "quit" && l.isTerminal(dot.X) {
				if w := windowOf(dot.X); !gone[w].IsValid() {
					gone[w] = start(call)
				}
			}
		}
	}
}

// inside follows statements that are done perhaps, or more than once: what they
// quit is not surely gone after them.
func (l *linter) inside(stmts []syntax.Stmt, gone map[window]syntax.Position) {
	for _, stmt := range stmts {
		syntax.Walk(stmt, func(n syntax.Node) bool {
			switch n := n.(type) {
			case *syntax.AssignStmt:
				forget(n.LHS, gone)
			case *syntax.ForStmt:
				forget(n.Vars, gone)
			}
			return true
		})
	}
	l.closed(stmts, maps.Clone(gone))
}

// steps says which steps of a statement are in terminals that are gone.
func (l *linter) steps(n syntax.Node, gone map[window]syntax.Position) {
	if len(gone) == 0 {
		return
	}
	syntax.Walk(n, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.LambdaExpr:
			return false
		case *syntax.CallExpr:
			w := windowOf(n.Fn)
			if dot, ok := n.Fn.(*syntax.DotExpr); ok && !gone[w].IsValid() {
				w = windowOf(dot.X) // of wait, type …
			}
			if at := gone[w]; at.IsValid() {
				l.add(start(n), "%s was quit at line %d, and takes no more steps: open another window with terminal(…)", w.shown, at.Line)
			}
		}
		return true
	})
}

// forget is for names that are something else from now on.
func forget(lhs syntax.Expr, gone map[window]syntax.Position) {
	syntax.Walk(lhs, func(n syntax.Node) bool {
		if id, ok := n.(*syntax.Ident); ok {
			if b := binding(id); b != nil {
				maps.DeleteFunc(gone, func(w window, _ syntax.Position) bool { return w.first == b.First })
			}
		}
		return true
	})
}

// windowOf is what an expression of names alone, such as web.sh, speaks of, if
// the first is one of the script's own.
func windowOf(x syntax.Expr) window {
	switch x := x.(type) {
	case *syntax.Ident:
		if b := binding(x); b != nil {
			return window{b.First, x.Name}
		}
	case *syntax.DotExpr:
		if w := windowOf(x.X); w.first != nil {
			return window{w.first, w.shown + "." + x.Name.Name}
		}
	}
	return window{}
}
