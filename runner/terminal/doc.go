// Package terminal is one window on a node: a PTY with a program in it, read
// through an emulator, and driven as a reader drives it.
//
// A Screen turns the bytes of a program into the cells that a reader sees. A
// Session types lines into the program and knows when each is done: not after
// a silence, but when the program's prompt is back. A Program says what that
// prompt looks like.
//
// The package renders nothing, knows no colours, and keeps only the rows that
// a step may still need.
package terminal
