package starlib

import (
	"path"

	"scenario/runner"
)

// A StdProgram is a program that a std file knows how to drive.
type StdProgram struct {
	File, Library, Name string // load(File, Library); Library.Name is the Program
	Command             string // by which it is started: "iex"
	// Needs are the arguments of node that the library gives for a machine with
	// such programs, under their own names: Library.env is for env.
	Needs   []string
	Program runner.Program
}

// Programs are those of all std files.
func Programs() []StdProgram {
	var found []StdProgram
	for _, l := range libraries() {
		var needs []string
		for _, arg := range []string{"env", "files"} {
			if v, _ := l.value.Attr(arg); v != nil {
				needs = append(needs, arg)
			}
		}
		for _, name := range l.value.AttrNames() {
			v, _ := l.value.Attr(name)
			if p, ok := v.(*programValue); ok && len(p.program.Argv) > 0 {
				found = append(found, StdProgram{
					File: l.file, Library: l.name, Name: name, Command: path.Base(p.program.Argv[0]), Needs: needs, Program: p.program,
				})
			}
		}
	}
	return found
}
