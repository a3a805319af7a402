package starlib

import (
	"fmt"
	"regexp"

	"scenario/runner"
	"scenario/runner/terminal"
)

// shell is the program of node.sh: the image's own /bin/sh.
var shell = runner.Program{Program: terminal.Shell("sh", []string{"/bin/sh"}, "$ "), Kinds: shellKinds}

// Shell is the program of Node.sh.
func Shell() runner.Program { return shell }

// shellKinds are in the output of commands that every Linux has. The indexes
// of a lab's interfaces count up on the engine's host.
var shellKinds = []runner.Kind{{
	Name:    "interface index",
	Pattern: regexp.MustCompile(`(?P<own>\d+): eth\d+(?:@if(?P<peer>\d+)|\s+inet6? )`),
}}

func newProgram(name string, argv []string, prompt, continuation string, isShell, marked bool) (runner.Program, error) {
	if marked && (isShell || prompt != "" || continuation != "") {
		return runner.Program{}, fmt.Errorf("program %q: marked stands alone: by its marks a prompt is known without a pattern, and a shell has them by itself", name)
	}
	if isShell {
		if prompt == "" {
			prompt = "$ "
		}
		return runner.Program{Program: terminal.Shell(name, argv, prompt)}, nil
	}
	p := runner.Program{Program: terminal.Program{Name: name, Argv: argv, Env: map[string]string{}}}
	if marked {
		p.Marked = true
		return p, nil
	}
	if prompt == "" {
		return p, fmt.Errorf("program %q: prompt is missing: by what else should it be known that the program is done?", name)
	}
	var err error
	if p.Prompt, err = ending(prompt); err != nil {
		return p, fmt.Errorf("program %q: prompt: %w", name, err)
	}
	if continuation != "" {
		if p.Continuation, err = ending(continuation); err != nil {
			return p, fmt.Errorf("program %q: continuation: %w", name, err)
		}
	}
	return p, nil
}

// ending compiles a pattern that must match at the end of a line.
func ending(pattern string) (*regexp.Regexp, error) {
	if _, err := parsePattern(pattern); err != nil {
		return nil, err // with the pattern as the author wrote it
	}
	re, err := regexp.Compile("(?:" + pattern + ")$")
	if err == nil && re.MatchString("") {
		return nil, fmt.Errorf("the pattern %q matches the empty line", pattern)
	}
	return re, err
}
