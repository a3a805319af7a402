package starlib

import "scenario/runner"

// tolerance is the parameters that say how a step's text may differ.
type tolerance struct {
	Volatile  kindList `star:"volatile,keyword" default:"[]" doc:"Kinds of tokens, or names of ready-made kinds, that may differ from run to run. Where two match at one place, the first of the list counts; all of them come before the program's, the node's and the scenario's."`
	Unordered bool     `star:"unordered,keyword" default:"False" doc:"The lines of the output come in any order."`
}

func (t tolerance) of(pos string) (runner.Tolerance, error) {
	kinds, err := t.Volatile.kinds(pos)
	return runner.Tolerance{Kinds: kinds, Unordered: t.Unordered}, err
}
