// Package debian makes root file systems of Debian's packages, by mmdebstrap.
//
// Non-goals: to run it, which each backend does in its own way, and package
// archives other than those that mmdebstrap knows by itself.
package debian

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"scenario/runner"
	"scenario/runner/fetch"
)

const (
	// recipeVersion is part of a recipe's hash. It goes up whenever what is
	// made from the same suite and packages becomes something else.
	recipeVersion = 1
	// lastWords is how many lines a failed build shows.
	lastWords = 8
)

// Both go into a shell's command line, so they are no more than names.
var (
	suiteName   = regexp.MustCompile(`^[a-z][a-z0-9.-]*$`)
	packageName = regexp.MustCompile(`^[a-z0-9][a-z0-9+.-]+(:[a-z0-9]+)?(=[A-Za-z0-9][A-Za-z0-9.+:~-]*)?$`)
)

// Recipe is a Debian image to make: a suite's base system and packages.
type Recipe struct {
	Suite    string
	Packages []string // sorted, each once
}

// New is the recipe of an image that has a suite.
func New(img runner.Image) (Recipe, error) {
	if !suiteName.MatchString(img.Suite) {
		return Recipe{}, fmt.Errorf("%q is not the name of a Debian suite", img.Suite)
	}
	for _, p := range img.Packages {
		if !packageName.MatchString(p) {
			return Recipe{}, fmt.Errorf("%q is not the name of a Debian package", p)
		}
	}
	return Recipe{img.Suite, slices.Compact(slices.Sorted(slices.Values(img.Packages)))}, nil
}

// Hash names the recipe.
func (r Recipe) Hash() string {
	h := sha256.New()
	fmt.Fprintf(h, "%d\n%s\n%s\n", recipeVersion, r.Suite, strings.Join(r.Packages, "\n"))
	return fmt.Sprintf("%x", h.Sum(nil)[:6])
}

// String is the recipe as people call it.
func (r Recipe) String() string {
	if len(r.Packages) == 0 {
		return "Debian " + r.Suite
	}
	return "Debian " + r.Suite + " with " + strings.Join(r.Packages, ", ")
}

// Bootstrap is the arguments of mmdebstrap that make a target in a format.
func (r Recipe) Bootstrap(format, target string) []string {
	args := []string{"--variant=essential", "--format=" + format}
	for _, unread := range []string{"doc", "man", "info", "locale", "lintian"} {
		args = append(args, "--dpkgopt=path-exclude=/usr/share/"+unread+"/*")
	}
	if len(r.Packages) > 0 {
		args = append(args, "--include="+strings.Join(r.Packages, ","))
	}
	return append(args, r.Suite, target)
}

// Steps is for what mmdebstrap writes while it works: news has its steps, and
// words the rest.
func (r Recipe) Steps(news *fetch.News, began time.Time, words *Words) io.Writer {
	news.SayTimed(began, "building %s", r)
	return &lines{each: func(line string) {
		step, ok := strings.CutPrefix(line, "I: ")
		switch {
		case ok && (strings.HasSuffix(step, " as requested") || strings.Contains(step, "-hook ")): // our own options
		case ok:
			news.SayTimed(began, "building, %s; %s", strings.TrimRight(step, "."), r)
		default:
			words.Add(line)
		}
	}}
}

// Words keeps the last lines that a program wrote.
type Words struct {
	mu    sync.Mutex
	lines []string
}

// Add keeps a line, and returns it as people read it.
func (t *Words) Add(line string) string {
	line = strings.TrimSpace(line)
	if line == "" {
		return ""
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lines = append(t.lines, line)
	t.lines = t.lines[max(0, len(t.lines)-lastWords):]
	return line
}

func (t *Words) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var s strings.Builder
	for _, line := range t.lines {
		s.WriteString("\n    " + line)
	}
	return s.String()
}

// lines is a writer that hands on whole lines, ended by LF or CR.
type lines struct {
	rest []byte
	each func(string)
}

func (l *lines) Write(p []byte) (int, error) {
	l.rest = append(l.rest, p...)
	for {
		i := bytes.IndexAny(l.rest, "\r\n")
		if i < 0 {
			return len(p), nil
		}
		l.each(string(l.rest[:i]))
		l.rest = l.rest[i+1:]
	}
}
