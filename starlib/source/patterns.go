package source

import (
	"regexp"
	"unicode"

	"go.starlark.net/syntax"
)

// ordinary are lines as programs show them.
var ordinary = []string{
	"hello", "Hello, World!", "total 12", "drwxr-xr-x 2 root root 4096 /var/log",
	"key = [1, 2]; done", "172.17.0.4 is up", "ERROR: no such file",
}

// patterns finds those behind which every text is the same.
func (l *linter) patterns() {
	syntax.Walk(l.file, func(n syntax.Node) bool {
		call, ok := n.(*syntax.CallExpr)
		if !ok {
			return true
		}
		switch {
		case builtin(call.Fn, "volatile"):
			l.pattern(argument(call, "pattern", 0), hides)
		case builtin(call.Fn, "kind"):
			l.pattern(argument(call, "pattern", 1), hides)
		}
		optional := argument(call, "optional", -1)
		if list, ok := optional.(*syntax.ListExpr); ok {
			for _, x := range list.List {
				l.pattern(x, drops)
			}
		} else {
			l.pattern(optional, drops)
		}
		return true
	})
}

func (l *linter) pattern(x syntax.Expr, all func(re *regexp.Regexp, line string) bool) {
	pattern, ok := text(x)
	if !ok {
		return
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return // a run says it
	}
	for _, line := range ordinary {
		if !all(re, line) {
			return
		}
	}
	l.add(start(x), "the pattern %s hides all of a text, so that nothing is compared: match only what is another in each run", x.(*syntax.Literal).Raw)
}

// hides reports whether every letter and digit of a line is in some token.
func hides(re *regexp.Regexp, line string) bool {
	covered := make([]bool, len(line))
	named := false
	for _, name := range re.SubexpNames() {
		named = named || name != ""
	}
	for _, m := range re.FindAllStringSubmatchIndex(line, -1) {
		for i, name := range re.SubexpNames() {
			if named == (name != "") && (named || i == 0) && m[2*i] >= 0 {
				for at := m[2*i]; at < m[2*i+1]; at++ {
					covered[at] = true
				}
			}
		}
	}
	for at, c := range line {
		if (unicode.IsLetter(c) || unicode.IsDigit(c)) && !covered[at] {
			return false
		}
	}
	return true
}

// drops reports whether a line may be there or not.
func drops(re *regexp.Regexp, line string) bool { return re.MatchString(line) }
