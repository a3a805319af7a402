package main

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"scenario/runner/docker/dockertest"
)

// The script of the README is one that runs.
func TestReadme(t *testing.T) {
	dockertest.Leftovers(t)
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```python\n(.*?)```").FindSubmatch(readme)
	if block == nil {
		t.Fatal("there is no script in the README")
	}
	script := filepath.Join(t.TempDir(), "readme.star")
	if err := os.WriteFile(script, block[1], 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CI", "")
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	for range 2 { // the second time against the first's goldens
		if code := execute(t.Context(), newUI(log, log), []string{"run", script}); code != exitOK {
			said, _ := os.ReadFile(log.Name())
			t.Fatalf("exit status %d:\n%s", code, said)
		}
	}
}
