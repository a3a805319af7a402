package page_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"scenario/tools/page"
)

// The pages of the tools have their marks, and change only between them.
func TestWeave(t *testing.T) {
	for tool, doc := range map[string]string{"bench": "performance.md", "soak": "soak.md", "reliability": "reliability.md"} {
		shipped, err := os.ReadFile(filepath.Join("../../docs", doc))
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), doc)
		if err := os.WriteFile(file, shipped, 0o644); err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{"old\n", "new\n"} {
			if err := page.Weave(file, tool, text); err != nil {
				t.Fatal(err)
			}
			if got, err := page.Read(file, tool); err != nil || got != text {
				t.Errorf("read %q, %v; want %q", got, err, text)
			}
		}
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		from := "<!-- " + tool + ": made by go run ./tools/" + tool + " -o docs/" + doc + " -->\n"
		to := "<!-- /" + tool + " -->\n"
		before, rest, _ := strings.Cut(string(shipped), from)
		_, after, _ := strings.Cut(rest, to)
		if want := before + from + "\nnew\n\n" + to + after; string(got) != want {
			t.Errorf("the page is\n%s\nwant\n%s", got, want)
		}
		if err := page.Weave(file, "other", "new\n"); err == nil || !strings.Contains(err.Error(), "the marks") {
			t.Errorf("a page without marks: %v", err)
		}
	}
	if err := page.Weave(filepath.Join(t.TempDir(), "none"), "soak", "new\n"); err == nil {
		t.Error("no error without a page")
	}
}
