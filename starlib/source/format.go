package source

import (
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/bazelbuild/buildtools/build"
	"go.starlark.net/syntax"

	"scenario/starlib"
)

// Format returns the text of the script at path, and the same text as all
// scripts are formatted. An error in the text is a *starlib.Error.
func Format(path string) (before, after []byte, err error) {
	before, parsed, err := starlib.Parse(path)
	if err != nil {
		return nil, nil, err
	}
	name := filepath.Base(path)
	f, err := build.ParseDefault(name, before)
	if err != nil {
		return nil, nil, unknown(err, before)
	}
	build.Edit(f, func(x build.Expr, _ []build.Expr) build.Expr {
		if s, ok := x.(*build.StringExpr); ok {
			return quoted(s)
		}
		return nil
	})
	// What buildifier rewrites beside that may change what a script means.
	after = build.FormatWithoutRewriting(f)

	again, err := (&syntax.FileOptions{}).Parse(name, after, 0)
	if err != nil || !slices.Equal(shape(parsed), shape(again)) {
		return nil, nil, fmt.Errorf("%s cannot be formatted without changing what it says (a fault in scenario itself)", path)
	}
	return before, after, nil
}

// quoted makes double quotes of single ones, as buildifier does, but keeps the
// text between them: buildifier would write 元氣 as octal numbers.
func quoted(s *build.StringExpr) build.Expr {
	token := s.Token
	if strings.HasPrefix(token, "r") {
		return nil // that it leaves alone
	}
	if strings.HasPrefix(token, "'") && !strings.Contains(s.Value, `"`) {
		token = double(token)
	}
	value, triple, err := build.Unquote(token)
	if err == nil && value == s.Value && triple == s.TripleQuote && build.IsCorrectEscaping(token) {
		s.Token = token
		return nil
	}
	return &build.LiteralExpr{Comments: s.Comments, Start: s.Start, Token: token}
}

// double makes a string in single quotes, in which no double one is, one in
// double quotes.
func double(token string) string {
	n := 1
	if strings.HasPrefix(token, "'''") && len(token) >= 6 {
		n = 3
	}
	var b strings.Builder
	body := token[n : len(token)-n]
	for i := 0; i < len(body); i++ {
		if body[i] == '\\' && i+1 < len(body) {
			if i++; body[i] != '\'' {
				b.WriteByte('\\')
			}
		}
		b.WriteByte(body[i])
	}
	quotes := strings.Repeat(`"`, n)
	return quotes + b.String() + quotes
}

// unknown is what buildifier's parser, which knows a little less than
// Starlark's, does not understand.
func unknown(err error, src []byte) error {
	var at build.ParseError
	if !errors.As(err, &at) {
		return err
	}
	col := at.Pos.LineRune
	if _, token, ok := strings.Cut(at.Message, " near "); ok {
		col -= utf8.RuneCountInString(token) // it is past it
	}
	e := &starlib.Error{
		Pos:     fmt.Sprintf("%s:%d:%d", at.Filename, at.Pos.Line, max(col, 1)),
		Message: "it cannot be formatted: " + at.Message,
	}
	if lines := strings.Split(string(src), "\n"); at.Pos.Line >= 1 && at.Pos.Line <= len(lines) {
		e.Source = strings.TrimRight(lines[at.Pos.Line-1], "\r")
		e.Col = min(max(col-1, 0), len([]rune(e.Source)))
	}
	return e
}

// shape is what a script says, without its layout.
func shape(f *syntax.File) []string {
	var nodes []string
	syntax.Walk(f, func(n syntax.Node) bool {
		var is any
		switch n := n.(type) {
		case nil:
			nodes = append(nodes, "end")
			return true
		case *syntax.ParenExpr:
			is = ""
		case *syntax.Ident:
			is = n.Name
		case *syntax.Literal:
			is = n.Value
		case *syntax.BinaryExpr:
			is = n.Op
		case *syntax.UnaryExpr:
			is = n.Op
		case *syntax.AssignStmt:
			is = n.Op
		case *syntax.BranchStmt:
			is = n.Token
		case *syntax.Comprehension:
			is = n.Curly
		case *syntax.IfStmt:
			is = len(n.True)
		case *syntax.DefStmt:
			is = len(n.Params)
		case *syntax.SliceExpr:
			is = []bool{n.Lo != nil, n.Hi != nil, n.Step != nil}
		}
		nodes = append(nodes, fmt.Sprint(reflect.TypeOf(n), is))
		return true
	})
	return nodes
}
