package main

import "strings"

// diff shows what is in one text, '-', and what in the other, '+'.
func (u *ui) diff(diff, minus, plus string) {
	u.line("  --- " + minus)
	u.line("  +++ " + plus)
	lines := strings.Split(strings.TrimRight(diff, "\n"), "\n")
	for i := range lines {
		lines[i] = clean(lines[i])
	}
	changed := 0 // how many lines of the block that begins here have a counterpart
	for i, l := range lines {
		switch l[:min(1, len(l))] {
		case "-":
			if i == 0 || lines[i-1][:1] != "-" {
				changed = counterparts(lines[i:])
			}
			if changed > 0 && i+changed < len(lines) {
				l = u.emphasize(styleRed, l, lines[i+changed])
			} else {
				l = u.style(styleRed, l)
			}
		case "+":
			if changed > 0 && i >= changed && strings.HasPrefix(lines[i-changed], "-") {
				l = u.emphasize(styleGreen, l, lines[i-changed])
			} else {
				l = u.style(styleGreen, l)
			}
		default:
			changed = 0
			if strings.HasPrefix(l, "@@") {
				l = u.style(styleDim, l)
			}
		}
		u.line("  " + l)
	}
}

// counterparts is how many '-' lines begin a diff, if as many '+' lines and no
// more follow: then each has changed into one; else 0.
func counterparts(lines []string) int {
	minus := 0
	for minus < len(lines) && strings.HasPrefix(lines[minus], "-") {
		minus++
	}
	plus := minus
	for plus < len(lines) && strings.HasPrefix(lines[plus], "+") {
		plus++
	}
	if plus != 2*minus {
		return 0
	}
	return minus
}

// emphasize styles a line of a diff, and in it what its counterpart does not
// have, unless that is nearly all.
func (u *ui) emphasize(sgr, line, other string) string {
	a, b := []rune(line[1:]), []rune(other[1:])
	head, tail := 0, 0
	for head < min(len(a), len(b)) && a[head] == b[head] {
		head++
	}
	for tail < min(len(a), len(b))-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	if 3*(head+tail) < len(a) {
		return u.style(sgr, line)
	}
	end := len(a) - tail
	return u.style(sgr, line[:1]+string(a[:head])) + u.style(sgr+";"+styleReverse, string(a[head:end])) + u.style(sgr, string(a[end:]))
}
