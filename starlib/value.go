package starlib

import (
	"fmt"
	"slices"
	"strings"

	"go.starlark.net/starlark"

	"scenario/runner"
)

// opaque is what a value of ours is to Starlark beside its attributes.
type opaque struct{}

func (opaque) Freeze()              {}
func (opaque) Truth() starlark.Bool { return true }

// attributes finds builtins of a type by their last name.
func attributes(methods []*Builtin, recv starlark.Value, name string) (starlark.Value, error) {
	for _, m := range methods {
		if strings.HasSuffix(m.Name, "."+name) {
			return m.value(recv), nil
		}
	}
	return nil, nil // Starlark says that there is none, and what was meant
}

func attributeNames(fields []field, methods []*Builtin) []string {
	var names []string
	for _, f := range fields {
		names = append(names, f.name)
	}
	for _, m := range methods {
		names = append(names, m.last())
	}
	slices.Sort(names)
	return names
}

// imageValue is what a node is made of.
type imageValue struct {
	opaque
	image runner.Image
}

func (v *imageValue) String() string        { return v.image.String() }
func (v *imageValue) Type() string          { return "Image" }
func (v *imageValue) Hash() (uint32, error) { return starlark.String(v.String()).Hash() }

// programValue is how to drive a program.
type programValue struct {
	opaque
	program runner.Program
}

func (v *programValue) String() string        { return fmt.Sprintf("program(%q)", v.program.Name) }
func (v *programValue) Type() string          { return "Program" }
func (v *programValue) Hash() (uint32, error) { return starlark.String(v.program.Name).Hash() }

// entered is the program that a step enters; nil for none.
func (v *programValue) entered() *runner.Program {
	if v == nil {
		return nil
	}
	return &v.program
}

// kindValue is a sort of volatile token.
type kindValue struct {
	opaque
	kind runner.Kind
}

func (v *kindValue) String() string        { return fmt.Sprintf("kind(%q, %q)", v.kind.Name, v.kind.Pattern) }
func (v *kindValue) Type() string          { return "Kind" }
func (v *kindValue) Hash() (uint32, error) { return starlark.String(v.String()).Hash() }

// resultValue is what came of a step.
type resultValue struct{ step *runner.Step }

func (v *resultValue) String() string        { return v.step.Output }
func (v *resultValue) Type() string          { return "Result" }
func (v *resultValue) Freeze()               {}
func (v *resultValue) Truth() starlark.Bool  { return v.step.Status == nil || *v.step.Status == 0 }
func (v *resultValue) Hash() (uint32, error) { return starlark.String(v.step.Output).Hash() }

// resultFields are the attributes of a Result, for the manual as well.
var resultFields = []field{
	{"output", "string", "What came back, without the prompt and what was typed. Of an exec: its standard output."},
	{"status", "int or None", "The exit status: of the last command in a shell, or of an exec. `None` where a program tells none."},
	{"stderr", "string", "The standard error of an exec."},
	{"text", "string", "What a reader would copy from the window: prompt, what was typed, what came back."},
}

func (v *resultValue) Attr(name string) (starlark.Value, error) {
	switch name {
	case "output":
		return starlark.String(v.step.Output), nil
	case "text":
		return starlark.String(v.step.Text), nil
	case "stderr":
		return starlark.String(v.step.Stderr), nil
	case "status":
		if v.step.Status == nil {
			return starlark.None, nil
		}
		return starlark.MakeInt(*v.step.Status), nil
	}
	return nil, nil
}

func (v *resultValue) AttrNames() []string {
	return attributeNames(resultFields, nil)
}
