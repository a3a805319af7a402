package article

import (
	"regexp"
	"strings"
)

var (
	elision = regexp.MustCompile(`^\s*(?:#|//|--|%+|;+)?\s*(?:\.{3,}|…+|\[\.{3}\]|\(\.{3}\)|<\.{3}>|⋮|:\s*$|<snip>|\[snip\]|-+ ?snip ?-+|\.{3} ?\w+ ?\.{3})\s*$`)
	partial = regexp.MustCompile(`…|<\.{3}>|\(\.{3}\)|\[\.{3}\]`)
)

// Elision says whether a line stands for others, which are left out.
func Elision(line string) bool { return elision.MatchString(line) && strings.TrimSpace(line) != ":" }

// elided says whether what is typed is not given in full.
func elided(program string, lines []string) bool {
	for _, l := range lines {
		if program == "python3" && strings.TrimSpace(l) == "..." {
			continue
		}
		if Elision(l) || partial.MatchString(l) {
			return true
		}
	}
	return false
}
