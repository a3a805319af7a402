package starlib

import (
	"fmt"
	"path"
	"reflect"

	"scenario/runner"
)

// A StdProgram is a program that a std file knows how to drive.
type StdProgram struct {
	File, Library, Name string // load(File, Library); Library.Name is the Program
	Command             string // by which it is started: "iex"
	// Needs are the arguments of node that the library gives for a machine with
	// such programs, under their own names: Library.env is for env.
	Needs   []string
	Env     map[string]string // env and files of the library, if it has them
	Files   map[string]string
	Program runner.Program
}

// Programs are those of all std files.
func Programs() []StdProgram {
	var found []StdProgram
	for _, l := range libraries() {
		var needs []string
		given := map[string]map[string]string{}
		for _, arg := range []string{"env", "files"} {
			if v, _ := l.value.Attr(arg); v != nil {
				needs = append(needs, arg)
				texts := map[string]string{}
				if err := assign(reflect.ValueOf(&texts).Elem(), v); err != nil {
					panic(fmt.Sprintf("%s: %s is %v", l.file, arg, err))
				}
				given[arg] = texts
			}
		}
		for _, name := range l.value.AttrNames() {
			v, _ := l.value.Attr(name)
			if p, ok := v.(*programValue); ok && len(p.program.Argv) > 0 {
				found = append(found, StdProgram{
					File: l.file, Library: l.name, Name: name, Command: path.Base(p.program.Argv[0]), Needs: needs,
					Env: given["env"], Files: given["files"], Program: p.program,
				})
			}
		}
	}
	return found
}

// Taken says whether a script cannot call something of its own by a name without
// harm: it is a word of the language, or a builtin's.
func Taken(name string) bool {
	_, err := dialect.Parse("", name+" = 1", 0)
	return err != nil || predeclared().Has(name)
}
