package runnertest

import (
	"strings"
	"testing"

	"scenario/runner"
	"scenario/runner/terminal"
)

// limit is that of what a command prints only the end is kept if it is far too
// much, and that a file that is too large is not read.
func (s *suite) limit(t *testing.T) {
	m := s.one(t)
	res, err := m.Exec(t.Context(), sh("yes 0123456 | head -c 33554432; echo end; echo more >&2"))
	if err != nil {
		t.Fatal(err)
	}
	first, rest, _ := strings.Cut(string(res.Stdout), "\n")
	if first != terminal.CutLine(res.Cut) || res.Cut+len(rest) != 32<<20+len("end\n") || !strings.HasSuffix(rest, "\n0123456\nend\n") {
		t.Errorf("%d bytes are kept, %d cut; they begin with %q", len(res.Stdout), res.Cut, first)
	}
	if string(res.Stderr) != "more\n" || res.Status != 0 {
		t.Errorf("stderr is %q, and the status %d", res.Stderr, res.Status)
	}
	run(t, m, "head -c 20000000 /dev/zero > /tmp/large")
	if _, err := m.(runner.Files).ReadFile(t.Context(), "/tmp/large"); err == nil || !strings.Contains(err.Error(), "20000000 bytes") {
		t.Errorf("reading a file of 20 MB: %v", err)
	}
}
