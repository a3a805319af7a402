package starlib

import (
	"fmt"
	"reflect"
	"strings"

	"go.starlark.net/starlark"
)

// A Builtin is a function or method of the language.
type Builtin struct {
	Name    string // "node"; of a method "Node.exec"
	Summary string // what it does: one sentence, then what else a reader must know
	Params  []Param
	Result  string // what it returns; "" for None
	Example string
	run     func(c *call, recv starlark.Value, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error)
}

// Param is a parameter of a builtin.
type Param struct {
	Name    string
	Type    string // in the reader's words: "string", "seconds"
	Default string // as it would be written in a script; "" when it must be given
	Keyword bool   // only by name
	Rest    bool   // all that is given by position from here on
	Doc     string

	field    []int // its index in the struct, as for FieldByIndex
	preset   starlark.Value
	optional bool // None can be given for it
}

// call is one call of a builtin.
type call struct {
	*script
	thread *starlark.Thread
	pos    string // of the line in the author's own files that led here
}

// none is for builtins without parameters.
type none struct{}

// declare makes a builtin of a function. A is a struct; each of its fields is a
// parameter, in order, with the tags
//
//	star:"name"         its name; "name,keyword" if it is given only by name,
//	                    "name,rest" if it takes all arguments from there on
//	default:"None"      its default, in Starlark; it must be given without one
//	doc:"…"             what it is for
//
// The fields of an embedded struct are parameters, too.
func declare[A any](name, summary, result, example string, f func(c *call, a A) (starlark.Value, error)) *Builtin {
	return method(name, summary, result, example, func(c *call, _ starlark.Value, a A) (starlark.Value, error) {
		return f(c, a)
	})
}

// method makes a builtin that has a receiver.
func method[R starlark.Value, A any](name, summary, result, example string, f func(c *call, recv R, a A) (starlark.Value, error)) *Builtin {
	b := &Builtin{Name: name, Summary: summary, Result: result, Example: strings.TrimSpace(example)}
	b.Params = params(name, reflect.TypeFor[A]())
	b.run = func(c *call, recv starlark.Value, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		var a A
		if err := b.bind(reflect.ValueOf(&a).Elem(), args, kwargs); err != nil {
			return nil, err
		}
		r, _ := recv.(R)
		v, err := f(c, r, a)
		if v == nil {
			v = starlark.None
		}
		return v, err
	}
	return b
}

func params(builtin string, t reflect.Type) []Param {
	var ps []Param
	for _, f := range reflect.VisibleFields(t) {
		if f.Anonymous {
			continue // its fields follow
		}
		name, flag, _ := strings.Cut(f.Tag.Get("star"), ",")
		p := Param{Name: name, Keyword: flag == "keyword", Rest: flag == "rest", Doc: f.Tag.Get("doc"), Type: typeName(f.Type), field: f.Index}
		if p.Rest {
			p.Type = typeName(f.Type.Elem())
		}
		if lit, ok := f.Tag.Lookup("default"); ok {
			v, err := starlark.EvalOptions(dialect, new(starlark.Thread), builtin, lit, nil)
			if err != nil {
				panic(fmt.Sprintf("%s: default of %s: %v", builtin, name, err))
			}
			p.Default, p.preset = lit, v
			p.optional = v == starlark.None || f.Type.Kind() == reflect.Pointer
		}
		ps = append(ps, p)
	}
	return ps
}

// last is the name without what has it.
func (b *Builtin) last() string { return b.Name[strings.LastIndexByte(b.Name, '.')+1:] }

// value makes the builtin a Starlark value, bound to its receiver if it has one.
func (b *Builtin) value(recv starlark.Value) starlark.Value {
	return starlark.NewBuiltin(b.last(), func(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		return b.run(newCall(thread), recv, args, kwargs)
	})
}

// bind sets the fields of a from the arguments of a call.
func (b *Builtin) bind(a reflect.Value, args starlark.Tuple, kwargs []starlark.Tuple) error {
	given := make([]starlark.Value, len(b.Params))
	positional := 0
	for _, p := range b.Params {
		if p.Rest {
			given[positional] = args[min(positional, len(args)):]
			args = args[:min(positional, len(args))]
		}
		if !p.Keyword {
			positional++
		}
	}
	if len(args) > positional {
		return fmt.Errorf("%s takes at most %s by position, and there are %d; the others go by name", b.Name, count(positional, "argument"), len(args))
	}
	copy(given, args)
	for _, kv := range kwargs {
		name := string(kv[0].(starlark.String))
		i := b.param(name)
		if i < 0 || b.Params[i].Rest {
			return fmt.Errorf("%s has no argument %q%s", b.Name, name, Nearest(name, b.names()))
		}
		if given[i] != nil {
			return fmt.Errorf("%s: argument %s is given twice", b.Name, name)
		}
		given[i] = kv[1]
	}
	for i, p := range b.Params {
		v := given[i]
		if v == nil {
			if v = p.preset; v == nil {
				return fmt.Errorf("%s: argument %s (%s) is missing", b.Name, p.Name, p.Type)
			}
		}
		if v == starlark.None && p.optional {
			continue
		}
		if err := assign(a.FieldByIndex(p.field), v); err != nil {
			err = fmt.Errorf("%s: %s must be %s, not %w", b.Name, p.Name, article(p.Type), err)
			if ref, ok := starlark.AsString(v); ok && p.Type == "Image" {
				err = fmt.Errorf("%w; did you mean image(%q)?", err, ref)
			}
			return err
		}
	}
	return nil
}

func (b *Builtin) param(name string) int {
	for i, p := range b.Params {
		if p.Name == name {
			return i
		}
	}
	return -1
}

func (b *Builtin) names() []string {
	var names []string
	for _, p := range b.Params {
		names = append(names, p.Name)
	}
	return names
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func article(noun string) string {
	if strings.ContainsRune("aeiouAEIOU", rune(noun[0])) {
		return "an " + noun
	}
	if strings.HasSuffix(strings.Fields(noun)[0], "s") && !strings.HasPrefix(noun, "str") {
		return noun // "seconds"
	}
	return "a " + noun
}
