package starlib

import (
	"fmt"
	"regexp"

	"scenario/runner"
)

// tolerance has the parameters that say how a step's text may differ.
type tolerance struct {
	Volatile  kindList `star:"volatile,keyword" default:"[]" doc:"Kinds of tokens, or names of ready-made kinds, that may differ from run to run. Where two match at one place, the first of the list counts; all of them come before the program's, the node's and the scenario's."`
	Unordered ordering `star:"unordered,keyword" default:"False" doc:"True if the lines of the output come in any order. A pair of patterns (RE2) narrows that to the lines after each that matches the first and before the next that matches the second."`
	Optional  texts    `star:"optional,keyword" default:"[]" doc:"Patterns (RE2) that are searched in lines of the output: a line that one matches may be there or not. It is compared with nothing, and accepting does not write it to the golden."`
}

// ordering is what unordered can be: a bool or two patterns.
type ordering struct {
	free    bool
	between []string // two, or nil for all of the output
}

// declared is what a call at pos tolerates.
func (t tolerance) declared(pos string) (runner.Tolerance, error) {
	r := runner.Tolerance{Unordered: t.Unordered.free}
	var err error
	if r.Kinds, err = t.Volatile.kinds(pos); err != nil {
		return r, err
	}
	if between := t.Unordered.between; between != nil {
		r.Between = new(runner.Between)
		for i, re := range []**regexp.Regexp{&r.Between.From, &r.Between.To} {
			if *re, err = compileLine(between[i]); err != nil {
				return r, fmt.Errorf("unordered: %w", err)
			}
		}
	}
	for _, pattern := range t.Optional {
		re, err := compileLine(pattern)
		if err != nil {
			return r, fmt.Errorf("optional: %w", err)
		}
		r.Optional = append(r.Optional, re)
	}
	return r, nil
}

// compileLine refuses a pattern that every line matches.
func compileLine(pattern string) (*regexp.Regexp, error) {
	re, err := parsePattern(pattern)
	if err == nil && re.MatchString("") && re.MatchString("\x00") {
		return nil, fmt.Errorf("the pattern %q matches every line", pattern)
	}
	return re, err
}
