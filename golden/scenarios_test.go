package golden_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"scenario/golden"
	"scenario/golden/article"
	"scenario/runner"
	"scenario/runner/docker"
	"scenario/runner/docker/dockertest"
	"scenario/starlib"
)

// TestScenarios: in every golden of the repository, each character of a text
// that is no volatile token is found when it is another, is gone, or has one
// more before it, unless that changes nothing but optional lines.
func TestScenarios(t *testing.T) {
	dockertest.Leftovers(t)
	scripts, err := filepath.Glob("../scenarios/*/*.star")
	scripts = slices.DeleteFunc(scripts, func(script string) bool { // of articles, whose texts are not here
		return strings.TrimSuffix(filepath.Base(script), ".star") != filepath.Base(filepath.Dir(script))
	})
	if err != nil || len(scripts) == 0 {
		t.Fatal("no scenarios", err)
	}
	for _, script := range scripts {
		t.Run(filepath.Base(script), func(t *testing.T) {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(filepath.Dir(script))); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
			defer cancel()
			rec, err := starlib.Play(ctx, filepath.Join(dir, filepath.Base(script)),
				runner.Config{Backend: new(docker.Backend)}, starlib.Options{})
			if err != nil {
				t.Fatal(err)
			}
			have, err := golden.Dir(filepath.Join(dir, "golden")).Read()
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range golden.Compare(golden.Texts(rec), have) {
				if v.State != golden.Same {
					t.Fatalf("%s is %s:\n%s", v.Name, v.State, v.Diff)
				}
			}
			for _, text := range golden.Texts(rec) {
				told(t, text, have[text.Name])
			}
			texts, volatile := golden.Shares(golden.Texts(rec), have)
			changes := 0
			for _, text := range texts {
				changes += everyCharacter(t, text, have[text.Name], volatile[text.Name])
			}
			t.Logf("%d changes in %d goldens, each found", changes, len(have))
		})
	}
}

// told: what was typed is told from a golden alone as the recording has it,
// unless nothing was.
func told(t *testing.T, text golden.Text, have string) {
	var typed []string
	for _, p := range text.Parts {
		for _, lines := range p.Typed {
			typed = append(typed, strings.Split(lines, "\n")...)
		}
	}
	if typed = bare(typed); len(typed) == 0 {
		return
	}
	woven, wrong := article.Weave([]byte("<!-- scenario: a#b input -->\n"), func(article.Marker) (string, error) { return have, nil })
	if wrong != nil {
		t.Errorf("%s: %v", text.Name, wrong)
		return
	}
	lines := strings.Split(strings.TrimSuffix(string(woven), "\n"), "\n")
	if got := bare(lines[2 : len(lines)-1]); !slices.Equal(got, typed) {
		t.Errorf("%s: typed was %q, and it is told as %q", text.Name, typed, got)
	}
}

// bare are lines without empty ones and without blanks at their ends.
func bare(lines []string) []string {
	var some []string
	for _, l := range lines {
		if l = strings.TrimRight(l, " "); l != "" {
			some = append(some, l)
		}
	}
	return some
}

// everyCharacter changes one golden in all places that are literal, and
// returns how many changes it made. It is compared alone: what is found then
// is found beside others.
func everyCharacter(t *testing.T, of golden.Text, text string, volatile []bool) (changes int) {
	t.Helper()
	name := of.Name
	demanded := func(text string) string {
		var b strings.Builder
		for line := range strings.Lines(text) {
			if !slices.ContainsFunc(of.Parts, func(p golden.Part) bool {
				return slices.ContainsFunc(p.Optional, func(re *regexp.Regexp) bool { return re.MatchString(strings.TrimSuffix(line, "\n")) })
			}) {
				b.WriteString(line)
			}
		}
		return b.String()
	}
	for at := 0; at < len(text)-1; {
		c, size := utf8.DecodeRuneInString(text[at:])
		before, after := text[:at], text[at+size:]
		if volatile[at] {
			at += size
			continue
		}
		other := "~"
		if c == '~' {
			other = "^"
		}
		changed := []string{before + other + after, before + after}
		if at > 0 && !volatile[at-1] {
			changed = append(changed, before+other+text[at:], before+" "+text[at:], before+"\n"+text[at:])
		}
		for _, other := range changed {
			if demanded(other) == demanded(text) {
				continue
			}
			changes++
			found := false
			for _, v := range golden.Compare([]golden.Text{of}, map[string]string{name: other}) {
				found = found || v.Name == name && v.State == golden.Drifted
			}
			if !found {
				t.Errorf("%s: a change at byte %d is not found:\n%s", name, at, other)
			}
		}
		at += size
	}
	return changes
}
