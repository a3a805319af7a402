// Package runner plays a scenario: it opens a lab, boots its nodes side by
// side, types into their terminals what a reader would type, and records what
// a reader would see.
//
// A lab is the isolated network and the nodes of one run. A node is a machine
// in it; a terminal is one window on a node, a real PTY with a program in it
// that keeps its state; a step is one thing typed into one terminal and what
// came back. Every run leaves a recording, and all that is made afterwards
// (goldens, plans, pictures, reports) is made from the recording.
//
// The runner knows no language, no Docker and no golden: scripts call it from
// above, and a backend gives it machines from below through the small
// interfaces of backend.go.
package runner
