// Package check plays a published article as it is, and says of each block of
// code in it whether it is true.
//
// An article is Markdown that somebody wrote for people. A binding script makes
// the machines, and says what the text itself does not. Then the blocks are
// played in order, each turn in the window that it is for: windows are opened as
// a reader opens them, programs are entered and left as a reader does. What the
// text shows is held against what was seen, up to renaming, elision, and what a
// reader does not mind.
//
// Every block ends with one verdict, and each verdict was observed: where it
// could not be, the block was not run, and the verdict says why. By what the
// windows of a block were chosen is said with it, and a script can say otherwise.
//
// The package reads no file and prints nothing; it changes an article only in
// the bytes that it gives back.
package check
