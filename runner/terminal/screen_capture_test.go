package terminal

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A capture is a recorded terminal session.
type capture struct {
	name   string
	events []event
}

// An event is a part of a capture: output of the program ('o'), what was typed ('i'), a
// new size ('r'), or a moment to look at the screen ('m').
type event struct {
	kind byte
	data []byte
}

// captures reads testdata. Each has a mark at its end.
func captures(t testing.TB) []capture {
	t.Helper()
	files, err := filepath.Glob("testdata/*-*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatalf("no captures in testdata: %v", err)
	}
	var all []capture
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		c := capture{name: strings.TrimSuffix(filepath.Base(file), ".jsonl")}
		for line := range strings.Lines(string(data)) {
			var e struct {
				K string
				D []byte
			}
			if err := json.Unmarshal([]byte(line), &e); err != nil || len(e.K) != 1 {
				t.Fatalf("%s: %q: %v", file, line, err)
			}
			c.events = append(c.events, event{e.K[0], e.D})
		}
		c.events = append(c.events, event{'m', []byte("of the end")})
		all = append(all, c)
	}
	return all
}

// size returns the size that an 'r' event tells.
func (e event) size(t testing.TB) (cols, rows int) {
	t.Helper()
	if _, err := fmt.Sscanf(string(e.data), "%dx%d", &cols, &rows); err != nil {
		t.Fatalf("size %q: %v", e.data, err)
	}
	return cols, rows
}
