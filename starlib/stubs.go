package starlib

import (
	"fmt"
	"slices"
	"strings"
)

// Stubs are the language as a Python stub file, for editors that know Python:
// docs/reference/__builtins__.pyi.
func Stubs() string {
	var b strings.Builder
	b.WriteString(`"""The language of scenarios, for editors.

Written by "scenario doc --stubs", from the builtins themselves. What a load
gives is here without one, since Python knows no load.
"""

from typing import Any, Callable, NoReturn, Sequence

def load(module: str, /, *names: str, **renamed: str) -> None:
    """Takes names from another file, a std one or one beside the script."""

def fail(*args: Any, sep: str = " ") -> NoReturn:
    """Ends the script with an error."""

def struct(**fields: Any) -> Any:
    """Makes a value with these fields."""

class _json:
    def encode(self, x: Any) -> str: ...
    def decode(self, x: str, default: Any = ...) -> Any: ...
    def indent(self, str: str, *, prefix: str = "", indent: str = "\t") -> str: ...

json: _json

`)
	for _, s := range sections() {
		s.stub(&b)
	}
	for _, name := range []string{"Image", "Kind", "Program"} {
		writeStub(&b, "", "class "+name, "What "+strings.Join(givers(name), " and ")+" give"+plural(len(givers(name)))+".")
		b.WriteByte('\n')
	}
	for _, l := range libraries() {
		l.stub(&b)
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// givers are the functions that return a value of a type.
func givers(name string) []string {
	var names []string
	for _, d := range core {
		if d.Result != "" && pythonType(d.Result) == name {
			names = append(names, d.Name)
		}
	}
	return names
}

// plural is the end of a verb.
func plural(n int) string {
	if n == 1 {
		return "s"
	}
	return ""
}

// pythonTypes are what a checker is told of a type in the reader's words.
var pythonTypes = map[string]string{
	"string":                                "str",
	"int":                                   "int",
	"number":                                "float",
	"seconds":                               "float",
	"bool":                                  "bool",
	"value":                                 "Any",
	"function":                              "Callable[[], Any]",
	"list of strings":                       "list[str] | tuple[str, ...]",
	"dict of strings":                       "dict[str, str]",
	"dict":                                  "dict[str, str]", // of a library: arguments of node
	"int or None":                           "int | None",
	typeName(typeTexts):                     "str | Sequence[str]",
	typeName(typeOrdering):                  "bool | tuple[str, str] | list[str]",
	typeName(typeKindList):                  "Kind | str | Sequence[Kind | str]",
	typeName(typeTargets):                   "Terminal | Node | str | Sequence[Terminal | Node | str]",
	typeName(typeNumbers):                   "int | str | Sequence[int | str]",
	typeName(typeHook):                      "str | Sequence[str] | Callable[[], Any] | None",
	"dict of " + typeName(typeTarget) + "s": "dict[str, Any]",
	"Image":                                 "Image",
	"Kind":                                  "Kind",
	"Node":                                  "Node",
	typeName(typeSide):                      "Node | Sequence[Node]",
	"Program":                               "Program",
	"Result":                                "Result",
	"Terminal":                              "Terminal",
}

// pythonType is the Python type of a type in the reader's words, which may
// have an article, and more to say behind it.
func pythonType(words string) string {
	t, ok := pythonTypes[words]
	if ok {
		return t
	}
	for _, article := range []string{"a ", "an ", "the "} {
		words = strings.TrimPrefix(words, article)
	}
	if i := strings.IndexAny(words, ",.;"); i >= 0 {
		words = words[:i]
	}
	words, _, _ = strings.Cut(words, " that ")
	if t, ok = pythonTypes[words]; !ok {
		panic("no Python type for " + words)
	}
	return t
}

// writeStub writes the head of a class or function, and its docstring.
func writeStub(b *strings.Builder, indent, head, doc string) {
	fmt.Fprintf(b, "%s%s:\n", indent, head)
	writeDoc(b, indent+"    ", doc)
}

func writeDoc(b *strings.Builder, indent, doc string) {
	doc = strings.ReplaceAll(doc, `\`, `\\`)
	doc = strings.ReplaceAll(doc, `"""`, `\"\"\"`)
	lines := strings.Split(strings.TrimSpace(doc), "\n")
	if len(lines) == 1 && !strings.HasSuffix(doc, `"`) {
		fmt.Fprintf(b, "%s\"\"\"%s\"\"\"\n", indent, lines[0])
		return
	}
	fmt.Fprintf(b, "%s\"\"\"%s\n", indent, lines[0])
	for _, l := range append(lines[1:], `"""`) {
		if l = strings.TrimRight(l, " "); l != "" {
			l = indent + l
		}
		b.WriteString(l + "\n")
	}
}

func (s section) stub(b *strings.Builder) {
	indent := ""
	if s.title != "Functions" {
		indent = "    "
		writeStub(b, "", "class "+s.title, s.intro)
		b.WriteByte('\n')
	}
	for _, f := range s.fields {
		f.stub(b, indent)
	}
	for _, d := range s.builtins {
		d.stub(b, indent)
	}
}

func (f field) stub(b *strings.Builder, indent string) {
	fmt.Fprintf(b, "%s%s: %s\n", indent, f.name, pythonType(f.typ))
	if f.doc != "" {
		writeDoc(b, indent, f.doc)
	}
	b.WriteByte('\n')
}

func (d *Builtin) stub(b *strings.Builder, indent string) {
	var ps []string
	name := d.last()
	if indent != "" {
		ps = append(ps, "self")
	}
	if d == typeBuiltin {
		name = "__call__"
	}
	doc := d.Summary + "\n"
	byName := false
	for i, p := range d.Params {
		if p.Keyword && !byName {
			byName = true
			ps = append(ps, "*")
		}
		t := pythonType(p.Type)
		if p.optional && t != "Any" {
			t += " | None"
		}
		t = p.Name + ": " + t
		if p.Rest {
			t, byName = "*"+t, true
		}
		if p.Default != "" {
			t += " = " + p.Default
		}
		ps = append(ps, t)
		if i == 0 {
			doc += "\nArgs:\n"
		}
		doc += fmt.Sprintf("  %s (%s): %s\n", p.Name, p.how(), p.Doc)
	}
	result := "None"
	if d == kindBuiltin || d == volatileBuiltin {
		doc += "\n" + strings.TrimRight(readyList(), "\n") + "\n"
	}
	if d.Result != "" {
		result = pythonType(d.Result)
		doc += "\nReturns:\n  " + d.Result + ".\n"
	}
	if d.Example != "" {
		doc += "\nExample:\n  " + strings.ReplaceAll(d.Example, "\n", "\n  ") + "\n"
	}
	writeStub(b, indent, fmt.Sprintf("def %s(%s) -> %s", name, strings.Join(ps, ", "), result), doc)
	b.WriteByte('\n')
}

// stub writes the class of a library's struct, and the struct; before them the
// classes of the structs that its functions return.
func (l library) stub(b *strings.Builder) {
	for _, f := range l.functions {
		if words, fields := f.result(); words == "a struct:" {
			writeStub(b, "", "class "+f.class(), "What "+f.name+" returns.")
			b.WriteByte('\n')
			for _, field := range fields {
				field.member(b)
			}
		}
	}
	writeStub(b, "", "class _"+l.name, fmt.Sprintf("load(%q, %q)\n\n%s", l.file, l.name, l.doc))
	b.WriteByte('\n')
	for _, f := range l.values {
		f.stub(b, "    ")
	}
	for _, f := range l.functions {
		_, name, _ := strings.Cut(f.name, ".")
		params := "self"
		if p := f.params(); p != "" {
			params += ", " + p
		}
		writeStub(b, "    ", fmt.Sprintf("def %s(%s) -> %s", name, params, f.class()), f.doc())
		b.WriteByte('\n')
	}
	fmt.Fprintf(b, "%s: _%s\n\n", l.name, l.name)
}

// class is the Python type of what a library's function returns.
func (f function) class() string {
	lib, name, _ := strings.Cut(f.name, ".")
	words, _ := f.result()
	if words == "" {
		return "None"
	}
	if as, ok := strings.CutPrefix(words, "a struct as "); ok {
		name, _, _ = strings.Cut(as, " gives it")
	} else if words != "a struct:" {
		return pythonType(words)
	}
	return "_" + lib + "_" + name
}

// result is what a library's function returns, as its docstring says it: a type
// in the reader's words, and the fields of a struct.
func (f function) result() (words string, fields []field) {
	_, part, _ := strings.Cut(f.fn.Doc(), "\n    Returns:\n")
	for i, l := range strings.Split(part, "\n") {
		if i == 0 {
			words = strings.TrimSpace(l)
		} else if item := listed.FindStringSubmatch(l); item != nil {
			for _, name := range strings.Split(item[1], ", ") {
				fields = append(fields, field{name, strings.TrimSuffix(item[2], "."), item[2]})
			}
		}
	}
	return words, fields
}

// doc is a function's docstring without the indentation of its body.
func (f function) doc() string {
	return strings.ReplaceAll(f.fn.Doc(), "\n    ", "\n")
}

// member writes a field of a library's struct, which may be a method: "the
// Node's" is what a Node has under that name.
func (f field) member(b *strings.Builder) {
	owner, ok := strings.CutSuffix(strings.TrimPrefix(f.typ, "the "), "'s")
	if !ok {
		f.stub(b, "    ")
		return
	}
	for _, s := range sections() {
		if s.title != owner {
			continue
		}
		for _, of := range s.fields {
			if of.name == f.name {
				of.stub(b, "    ")
				return
			}
		}
		if i := slices.IndexFunc(s.builtins, func(d *Builtin) bool { return d.Name == owner+"."+f.name }); i >= 0 {
			s.builtins[i].stub(b, "    ")
			return
		}
	}
	panic(owner + " has no " + f.name)
}
