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
// token is none.
type Kind struct {
	Name    string         `json:"name"`
	Pattern *regexp.Regexp `json:"pattern"`
	// Identity demands one consistent renaming within the life of one program
	// in one terminal: a token seen twice there must be one token there again,
	// and two different tokens must stay different.
	Identity bool   `json:"identity,omitempty"`
	Pos      string `json:"pos,omitempty"` // where the script declared it, "toukon.star:3:1"; "" for a program's own kinds
}
