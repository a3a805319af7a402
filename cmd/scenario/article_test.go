package main

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// The table of the article names each golden of the lesson, and no other.
func TestArticle(t *testing.T) {
	table, err := os.ReadFile("../../docs/article.md")
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, m := range regexp.MustCompile(`\[([^]]+)\]\((\.\./scenarios/[^)]+\.golden)\)`).FindAllStringSubmatch(string(table), -1) {
		path := filepath.Join("../../docs", m[2])
		if filepath.Base(path) != m[1]+".golden" {
			t.Errorf("%s leads to %s", m[1], m[2])
		}
		if _, err := os.Stat(path); err != nil {
			t.Error(err)
		}
		named[path] = true
	}
	goldens, err := filepath.Glob("../../scenarios/toukon/golden/*")
	if err != nil || len(goldens) == 0 {
		t.Fatalf("%d goldens, %v", len(goldens), err)
	}
	for _, path := range goldens {
		if !named[path] {
			t.Errorf("docs/article.md does not name %s", path)
		}
	}
}
