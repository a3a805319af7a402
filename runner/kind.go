package runner

import "regexp"

// A Kind is a sort of token whose text may differ from run to run without the
// recorded text being wrong: a process id, a reference, a port number.
//
// The whole match of Pattern is one token. Where Pattern has named groups,
// each is a token of its own, called by its name, and what stands outside of
// the groups is literal; groups may nest. So
//
//	#PID<(?P<remote>(?P<peer>[1-9]\d*)\.\d+\.\d+)>
//
// is a remote pid whose node number must be the same node number everywhere,
// and whose angle brackets never change. A match that begins inside of another
// token is none. ^ and $ are the ends of a line.
type Kind struct {
	Name    string         `json:"name"`
	Pattern *regexp.Regexp `json:"pattern"`
	// Identity demands one consistent renaming within the life of one program
	// in one terminal: a token seen twice there must be one token there again,
	// and two different tokens must stay different.
	Identity bool   `json:"identity,omitempty"`
	Pos      string `json:"pos,omitempty"` // where the script declared it, "toukon.star:3:1"; "" for a program's own kinds
}

// Tolerance is how a step's text may differ from run to run without being
// wrong. The zero value is none.
type Tolerance struct {
	Kinds     []Kind `json:"kinds,omitempty"`
	Unordered bool   `json:"unordered,omitempty"` // the lines of the output come in any order
	// Between narrows Unordered to parts of the output; nil is all of it.
	Between *Between `json:"between,omitempty"`
	// Optional are searched in lines of the output: one that matches may be
	// there or not.
	Optional []*regexp.Regexp `json:"optional,omitempty"`
}

// Between are the lines after each one that matches From and before the next
// that matches To. A part that does not end is none.
type Between struct {
	From *regexp.Regexp `json:"from"`
	To   *regexp.Regexp `json:"to"`
}
