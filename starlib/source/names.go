package source

import (
	"strings"

	"go.starlark.net/resolve"
	"go.starlark.net/syntax"
)

// names are what a script binds, each by where it is bound first.
type names struct {
	values map[*syntax.Ident][]syntax.Expr // all that is assigned to it; nil stands for what is not known
	uses   map[*syntax.Ident]int
	loaded map[*syntax.Ident]string // the module that it is from
}

// read takes in what each name of the script is.
func (l *linter) read() {
	l.names = names{map[*syntax.Ident][]syntax.Expr{}, map[*syntax.Ident]int{}, map[*syntax.Ident]string{}}
	bound := map[*syntax.Ident]bool{}
	bind := func(x syntax.Expr, value syntax.Expr) {
		syntax.Walk(x, func(n syntax.Node) bool {
			switch n := n.(type) {
			case *syntax.Ident:
				bound[n] = true
				if b := binding(n); b != nil {
					if n != x {
						value = nil // a part of it
					}
					l.names.values[b.First] = append(l.names.values[b.First], value)
				}
			case *syntax.DotExpr, *syntax.IndexExpr, *syntax.SliceExpr:
				return false
			}
			return true
		})
	}
	params := func(ps []syntax.Expr) {
		for _, p := range ps {
			switch p := p.(type) {
			case *syntax.BinaryExpr: // name = default
				bind(p.X, nil)
			case *syntax.UnaryExpr:
				if p.X != nil {
					bind(p.X, nil)
				}
			default:
				bind(p, nil)
			}
		}
	}
	syntax.Walk(l.file, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.AssignStmt:
			if n.Op == syntax.EQ {
				bind(n.LHS, n.RHS)
			} else if id, ok := n.LHS.(*syntax.Ident); ok {
				if b := binding(id); b != nil {
					l.names.values[b.First] = append(l.names.values[b.First], nil)
				}
			}
		case *syntax.ForStmt:
			bind(n.Vars, nil)
		case *syntax.ForClause:
			bind(n.Vars, nil)
		case *syntax.DefStmt:
			bind(n.Name, nil)
			params(n.Params)
		case *syntax.LambdaExpr:
			params(n.Params)
		case *syntax.LoadStmt:
			for _, to := range n.To {
				bound[to] = true
				if b := binding(to); b != nil {
					l.names.loaded[b.First] = n.ModuleName()
				}
			}
		}
		return true
	})
	syntax.Walk(l.file, func(n syntax.Node) bool {
		if id, ok := n.(*syntax.Ident); ok && !bound[id] {
			if b := binding(id); b != nil {
				l.names.uses[b.First]++
			}
		}
		return true
	})
}

// binding is what a name of the script's own is bound to; nil for a builtin, an
// attribute, and a name that nothing has.
func binding(id *syntax.Ident) *resolve.Binding {
	if b, ok := id.Binding.(*resolve.Binding); ok && b.First != nil {
		return b
	}
	return nil
}

// builtin reports whether an expression is the builtin of that name.
func builtin(x syntax.Expr, name string) bool {
	id, ok := x.(*syntax.Ident)
	if !ok || id.Name != name {
		return false
	}
	b, ok := id.Binding.(*resolve.Binding)
	return ok && b.Scope == resolve.Predeclared
}

// isNode reports whether a value is a machine: what node(…) returns, or the
// node(…) of a library in the binary.
func (l *linter) isNode(x syntax.Expr) bool {
	call, ok := x.(*syntax.CallExpr)
	return ok && (builtin(call.Fn, "node") || l.libraryNode(call))
}

func (l *linter) libraryNode(call *syntax.CallExpr) bool {
	dot, ok := call.Fn.(*syntax.DotExpr)
	if !ok || dot.Name.Name != "node" {
		return false
	}
	id, ok := dot.X.(*syntax.Ident)
	if !ok {
		return false
	}
	b := binding(id)
	return b != nil && len(l.names.values[b.First]) == 0 && strings.HasPrefix(l.names.loaded[b.First], "std/")
}

// holds reports whether a name is nothing but what is asked for, whenever it is
// used.
func (l *linter) holds(x syntax.Expr, is func(syntax.Expr) bool) bool {
	id, ok := x.(*syntax.Ident)
	if !ok {
		return false
	}
	b := binding(id)
	if b == nil || l.names.loaded[b.First] != "" || len(l.names.values[b.First]) == 0 {
		return false
	}
	for _, v := range l.names.values[b.First] {
		if v == nil || !is(v) {
			return false
		}
	}
	return true
}

// isTerminal reports whether an expression is surely a window on a machine: one
// that node.terminal(…) has opened, or an attribute of a node that is one.
func (l *linter) isTerminal(x syntax.Expr) bool {
	if l.holds(x, func(v syntax.Expr) bool {
		call, ok := v.(*syntax.CallExpr)
		if !ok {
			return false
		}
		dot, ok := call.Fn.(*syntax.DotExpr)
		return ok && dot.Name.Name == "terminal" && l.holds(dot.X, l.isNode)
	}) {
		return true
	}
	dot, ok := x.(*syntax.DotExpr)
	if !ok {
		return false
	}
	if dot.Name.Name == "sh" {
		return l.holds(dot.X, l.isNode)
	}
	// What can be quit, of the nodes of a library, is a terminal.
	return l.holds(dot.X, func(v syntax.Expr) bool {
		call, ok := v.(*syntax.CallExpr)
		return ok && l.libraryNode(call)
	})
}

// text is what a literal says.
func text(x syntax.Expr) (string, bool) {
	lit, ok := x.(*syntax.Literal)
	if !ok {
		return "", false
	}
	s, ok := lit.Value.(string)
	return s, ok
}

// argument is what a call gives for a parameter, by name or at a position.
func argument(call *syntax.CallExpr, name string, position int) syntax.Expr {
	for i, arg := range call.Args {
		if kv, ok := arg.(*syntax.BinaryExpr); ok && kv.Op == syntax.EQ {
			if id, ok := kv.X.(*syntax.Ident); ok && id.Name == name {
				return kv.Y
			}
			continue
		}
		if i == position {
			return arg
		}
	}
	return nil
}
