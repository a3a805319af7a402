// Package golden holds what a run showed against what was accepted before:
// it compares up to renaming, shows what drifted, and accepts without loss.
//
// A golden is real text, because readers read it: it says #PID<0.110.0>, not
// <PID>. The next run says #PID<0.112.0>, and is as right. So both texts are
// cut into literal parts and volatile tokens, and they are equal when their
// literals are equal, tokens of the same kinds stand in the same places, and
// one renaming turns the tokens of the one into those of the other: a process
// that is seen twice in the golden is one process in the run, and two are two.
// That is demanded within a scope, which is one program's life in one
// terminal, across all texts that it shows something in; between two scopes
// an equal name is chance.
//
// What the script typed is literal, and so is everything that no kind claims:
// 5000 where the golden says 6000 is drift. Layout is literal too, with one
// exception. A program that breaks long values into lines breaks them
// elsewhere when a token in them is a character longer; so next to a token of
// another length, and in what is wrapped together with it, blanks and line
// breaks compare as one blank.
//
// Accepting writes through the inverse renaming. Lines that are equal keep the
// golden's own bytes, and in lines that are not, a token that both have is
// called as the golden calls it; so an accepted change touches the lines that
// drifted, and accepting twice changes nothing.
//
// Line endings are no text: \r\n reads as \n, and a golden whose last line
// lost its newline is the same golden.
//
// # Non-goals
//
// There are no placeholders, globs or patterns in a golden, and nothing beside
// it: all that is known of a token comes from the run that is compared. The
// package neither prints nor colours, and it never writes what the caller does
// not ask it to.
package golden
