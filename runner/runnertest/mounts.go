package runnertest

import (
	"os"
	"path/filepath"
	"testing"

	"scenario/runner"
)

// mounts are this host's own files, which a machine changes only where it may.
func (s *suite) mounts(t *testing.T) {
	dir := t.TempDir()
	file := func(name, content string) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	one := file("one 1.txt", "元氣\n")
	file("fixed/below/a", "a")
	file("free/b", "b")
	l := s.open(t)
	spec := s.spec(l, 0)
	spec.Mounts = []runner.Mount{
		{Path: "/one.txt", Source: one, Name: "one 1.txt"},
		{Path: "/new/fixed", Source: filepath.Join(dir, "fixed"), Name: "fixed"},
		{Path: "/free", Source: filepath.Join(dir, "free"), Name: "free", Writable: true},
	}
	m, err := l.Start(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	if got := run(t, m, "cat /one.txt /new/fixed/below/a /free/b"); got != "元氣\nab" {
		t.Errorf("the machine sees %q", got)
	}
	for _, change := range []string{"echo x >/one.txt", "echo x >/new/fixed/c", "rm /new/fixed/below/a"} {
		r, err := m.Exec(t.Context(), sh(change))
		if err != nil || r.Status == 0 {
			t.Errorf("%s: status %d, %v; want a refusal", change, r.Status, err)
		}
	}
	run(t, m, "echo written >/free/c; rm /free/b; chmod 666 /free/c")
	if got, err := os.ReadFile(filepath.Join(dir, "free/c")); err != nil || string(got) != "written\n" {
		t.Errorf("what the machine wrote is %q, %v", got, err)
	}
	// What changes here is seen there.
	file("fixed/later", "later")
	if got := run(t, m, "cat /new/fixed/later; ls /free"); got != "laterc" {
		t.Errorf("later the machine sees %q", got)
	}
	run(t, m, "rm /free/c") // whoever runs the tests may not
}
