package starlib

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"
)

// field is an attribute that is no method.
type field struct {
	name string
	typ  string // in the reader's words, as a Param's
	doc  string
}

// section is a part of the manual: functions, or what a value has.
type section struct {
	title, intro string
	builtins     []*Builtin
	fields       []field
}

func sections() []section {
	return []section{
		{"Functions", "Every script has these. Beside them there are Starlark's own functions, `struct` and `json`.", core, nil},
		{"Node", "What `node` returns.", nodeMethods, nodeFields},
		{"Terminal", "What `Node.sh` is, and what `Node.terminal` returns: one window on a node.", append([]*Builtin{typeBuiltin}, terminalMethods...), terminalFields},
		{"Result", "What a step returns. Its truth is that it has no exit status other than 0.", nil, resultFields},
	}
}

// Overview is the language in a screenful: each name and what it does.
func Overview() string {
	var b strings.Builder
	for _, s := range sections() {
		fmt.Fprintf(&b, "%s\n", s.title)
		for _, f := range s.fields {
			fmt.Fprintf(&b, "  %-16s %s\n", s.title+"."+f.name, firstSentence(f.doc))
		}
		for _, d := range s.builtins {
			fmt.Fprintf(&b, "  %-16s %s\n", d.Name, firstSentence(d.Summary))
		}
		b.WriteByte('\n')
	}
	for _, l := range libraries() {
		fmt.Fprintf(&b, "load(%q, %q)\n", l.file, l.name)
		for _, f := range l.functions {
			fmt.Fprintf(&b, "  %-16s %s\n", f.name, firstSentence(f.fn.Doc()))
		}
		b.WriteByte('\n')
	}
	b.WriteString("More: scenario doc NAME\n")
	return b.String()
}

func firstSentence(s string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	if i := strings.Index(first, ". "); i >= 0 {
		first = first[:i+1]
	}
	return first
}

// entry is one name that can be explained.
type entry struct {
	name string
	text func() string // Markdown
}

func entries() []entry {
	var es []entry
	for _, s := range sections() {
		if s.title != typeBuiltin.Name {
			es = append(es, entry{s.title, s.markdown})
		}
		for _, f := range s.fields {
			name := s.title + "." + f.name
			es = append(es, entry{name, func() string { return name + "\n\n" + f.doc + "\n" }})
		}
		for _, d := range s.builtins {
			es = append(es, entry{d.Name, d.markdown})
		}
	}
	for _, l := range libraries() {
		es = append(es, entry{l.name, l.markdown})
		for _, f := range l.functions {
			es = append(es, entry{f.name, f.markdown})
		}
	}
	return es
}

// Names are those that Explain knows.
func Names() []string {
	var names []string
	for _, e := range entries() {
		names = append(names, e.name)
	}
	return names
}

// Explain is what the manual says of one name, or of all that end in it:
// "wait" is Terminal.wait.
func Explain(name string) (string, error) {
	var names, texts []string
	for _, e := range entries() {
		names = append(names, e.name)
		if e.name == name {
			return plain(e.text()), nil
		}
		if strings.HasSuffix(e.name, "."+name) {
			texts = append(texts, plain(e.text()))
		}
	}
	if len(texts) == 0 {
		return "", fmt.Errorf("nothing is called %q%s", name, Nearest(name, names))
	}
	return strings.Join(texts, "\n"), nil
}

// plain takes from the manual's Markdown what a terminal does not need.
func plain(markdown string) string {
	var lines []string
	for _, l := range strings.Split(markdown, "\n") {
		if !strings.HasPrefix(l, "```") {
			lines = append(lines, strings.ReplaceAll(strings.TrimLeft(l, "# "), "`", ""))
		}
	}
	return strings.TrimSpace(strings.Join(lines, "\n")) + "\n"
}

// Manual is the reference manual in Markdown: docs/reference/language.md.
func Manual() string {
	var b strings.Builder
	b.WriteString(`# The language

<!-- Written by "scenario doc --markdown", from the builtins themselves. -->

A scenario is a [Starlark](https://github.com/google/starlark-go/blob/master/doc/spec.md) script:
Python without classes, exceptions and surprises. A step runs when its line runs, and returns a plain value.
Arguments that are marked "by name" are given as ` + "`name = value`" + `; the others by position or by name.

`)
	for _, s := range sections() {
		b.WriteString(s.markdown())
	}
	b.WriteString("## Libraries\n\nThese are scripts in the binary; a script loads what it needs.\n\n")
	for _, l := range libraries() {
		b.WriteString(l.markdown())
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

func (s section) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n%s\n\n", s.title, s.intro)
	for _, f := range s.fields {
		fmt.Fprintf(&b, "- `%s` (%s): %s\n", f.name, f.typ, f.doc)
	}
	if len(s.fields) > 0 {
		b.WriteByte('\n')
	}
	for _, d := range s.builtins {
		b.WriteString(d.markdown())
	}
	return b.String()
}

func (d *Builtin) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s\n\n```python\n%s\n```\n\n%s\n\n", d.Name, d.signature(), d.Summary)
	for _, p := range d.Params {
		fmt.Fprintf(&b, "- `%s` (%s): %s\n", p.Name, p.how(), p.Doc)
	}
	if len(d.Params) > 0 {
		b.WriteByte('\n')
	}
	if d == kindBuiltin || d == volatileBuiltin {
		b.WriteString(readyList())
	}
	if d.Result != "" {
		fmt.Fprintf(&b, "Returns %s.\n\n", d.Result)
	}
	if d.Example != "" {
		fmt.Fprintf(&b, "```python\n%s\n```\n\n", d.Example)
	}
	return b.String()
}

// how a parameter is given.
func (p Param) how() string {
	how := p.Type
	switch {
	case p.Rest:
		how += ", any number"
	case p.Keyword:
		how += ", by name"
	}
	if p.Default != "" {
		how += ", default " + p.Default
	}
	return how
}

func (d *Builtin) signature() string {
	var ps []string
	for _, p := range d.Params {
		switch {
		case p.Rest:
			ps = append(ps, "*"+p.Name)
		case p.Default != "":
			ps = append(ps, p.Name+" = "+p.Default)
		default:
			ps = append(ps, p.Name)
		}
	}
	name := d.Name
	if name == "Terminal" {
		name = "terminal"
	}
	return fmt.Sprintf("%s(%s)", name, strings.Join(ps, ", "))
}

// library is a std file, by its one struct.
type library struct {
	file, name, doc string
	value           *starlarkstruct.Struct
	values          []field
	functions       []function
}

type function struct {
	name string
	fn   *starlark.Function
}

// libraries loads the std files. They do nothing when they are loaded.
func libraries() []library {
	s := &script{ctx: context.Background(), modules: map[string]*module{}}
	var libs []library
	for _, file := range stdModules() {
		src, err := s.source(file)
		if err != nil {
			panic(err) // it is in the binary
		}
		parsed, err := dialect.Parse(file, src, 0)
		if err != nil {
			panic(err)
		}
		globals, err := s.execFile(file)
		if err != nil {
			panic(err)
		}
		name := strings.TrimSuffix(strings.TrimPrefix(file, stdPrefix), ".star")
		value, ok := globals[name].(*starlarkstruct.Struct)
		if !ok {
			panic(file + " has no struct " + name)
		}
		lib := library{file: file, name: name, doc: docstring(parsed), value: value}
		for _, attr := range value.AttrNames() {
			v, _ := value.Attr(attr)
			if fn, ok := v.(*starlark.Function); ok {
				lib.functions = append(lib.functions, function{name + "." + attr, fn})
			} else {
				lib.values = append(lib.values, field{name: attr, typ: v.Type()}) // the file's doc has it
			}
		}
		libs = append(libs, lib)
	}
	return libs
}

func (l library) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s\n\n```python\nload(%q, %q)\n```\n\n%s\n\n", l.name, l.file, l.name, l.doc)
	for _, f := range l.functions {
		b.WriteString(f.markdown())
	}
	return b.String()
}

// listed is a line of a function's docstring that explains a parameter, or
// fields of what is returned.
var listed = regexp.MustCompile(`^      (\*{0,2}\w+(?:, \w+)*): (.+)$`)

// markdown shows a Starlark function's docstring, whose parts (Args, Returns)
// are indented as in Python.
func (f function) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "#### %s\n\n```python\n%s(%s)\n```\n\n", f.name, f.name, f.params())
	for _, l := range strings.Split(f.fn.Doc(), "\n") {
		item := listed.FindStringSubmatch(l)
		switch text := strings.TrimSpace(l); {
		case text == "Args:":
		case text == "Returns:":
			b.WriteString("Returns ")
		case item != nil:
			fmt.Fprintf(&b, "- `%s`: %s\n", item[1], item[2])
		default:
			b.WriteString(text + "\n")
		}
	}
	return strings.TrimRight(b.String(), "\n") + "\n\n"
}

func (f function) params() string {
	var ps []string
	n := f.fn.NumParams()
	for i := range n {
		name, _ := f.fn.Param(i)
		switch {
		case f.fn.HasKwargs() && i == n-1:
			name = "**" + name
		case f.fn.ParamDefault(i) != nil:
			name += " = " + f.fn.ParamDefault(i).String()
		}
		ps = append(ps, name)
	}
	return strings.Join(ps, ", ")
}
