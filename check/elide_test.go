package check

import (
	"regexp"
	"strings"
	"testing"
)

func TestElide(t *testing.T) {
	pid := []*regexp.Regexp{regexp.MustCompile(`#PID<[\d.]+>`)}
	for _, c := range []struct{ name, expect, seen, want string }{
		{"none", "a|b", "a|x|b", "a|x|b"},
		{"lines", "a|...|d", "a|b|c|d", "a|...|d"},
		{"no lines", "a|...|b", "a|b", "a|...|b"},
		{"at the end", "a|...", "a|b|c", "a|..."},
		{"at both ends", "...|b|...", "a|b|c", "...|b|..."},
		{"all", "...", "a|b", "..."},
		{"in a line", "Erlang/OTP 25 [...] [jit]", "Erlang/OTP 25 [erts-13.1.5] [jit]", "Erlang/OTP 25 [...] [jit]"},
		{"in a line, at its end", "started at ...", "started at 12:30", "started at ..."},
		{"a token beside it", "#PID<0.1.0> is ...", "#PID<0.117.0> is alive", "#PID<0.117.0> is ..."},
		{"a token in a line that is found", "...|#PID<0.1.0>|...", "x|#PID<0.99.0>|y", "...|#PID<0.99.0>|..."},
		{"beside drift", "a|...|d|e", "a|b|c|d|E", "a|...|d|E"},
		{"beside a line that is gone", "a|gone|...|d", "a|b|d", "a|...|d"},
		{"dots that the program prints", "Compiling...|done", "Compiling...|done", "Compiling...|done"},
		{"a line that changed", "...|(exit) call(a)|EXIT|...", "1|x|(exit) call(a, b)|EXIT|y", "...|(exit) call(a, b)|EXIT|..."},
		{"nothing came", "a|...", "", "..."},
	} {
		lines := func(s string) []string {
			if s == "" {
				return nil
			}
			return strings.Split(s, "|")
		}
		if got := strings.Join(elide(lines(c.expect), lines(c.seen), pid), "|"); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
