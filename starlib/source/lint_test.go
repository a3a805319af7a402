package source_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"scenario/starlib"
	"scenario/starlib/source"
)

var wanted = regexp.MustCompile("\\s*### ([\"`].*[\"`])$")

// Each part of testdata/lint.star is a script; what is to be found stands on
// its line, and nothing else is to be found.
func TestLint(t *testing.T) {
	src, err := os.ReadFile("testdata/lint.star")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range strings.Split(string(src), "---\n") {
		summary, _, _ := strings.Cut(strings.TrimPrefix(part, "# "), "\n")
		var want []string
		lines := strings.Split(part, "\n")
		for i, l := range lines {
			if m := wanted.FindStringSubmatch(l); m != nil {
				message, err := strconv.Unquote(m[1])
				if err != nil {
					t.Fatalf("%s: %v", l, err)
				}
				want = append(want, message)
				lines[i] = wanted.ReplaceAllString(l, "")
			}
		}
		t.Run(summary, func(t *testing.T) {
			path := write(t, strings.Join(lines, "\n"))
			if err := os.CopyFS(filepath.Join(filepath.Dir(path), "lib"), os.DirFS("testdata/lib")); err != nil {
				t.Fatal(err)
			}
			found, err := source.Lint(path)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range found {
				got = append(got, fmt.Sprintf("%d:%d: %s", f.Line, f.Col, f.Message))
			}
			if !slices.Equal(got, want) {
				t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
			}
		})
	}
}

func TestLintSyntax(t *testing.T) {
	_, err := source.Lint(write(t, "x = 1 +* 2\n"))
	var where *starlib.Error
	if !errors.As(err, &where) || where.Pos != "x.star:1:8" {
		t.Error(err)
	}
}

// A node that only a script uses that loads this one.
func TestLintLibrary(t *testing.T) {
	for _, c := range []struct {
		loads string
		want  int
	}{{`load("lib/nodes.star", "db")`, 0}, {`load("lib/other.star", "db")`, 1}} {
		main := write(t, c.loads+"\n")
		lib := filepath.Join(filepath.Dir(main), "lib", "nodes.star")
		if err := os.Mkdir(filepath.Dir(lib), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(lib, []byte("db = node(\"db\")\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		if found, err := source.Lint(lib); err != nil || len(found) != c.want {
			t.Errorf("%s: %v, %v", c.loads, found, err)
		}
	}
}

func TestOwnScriptsAreClean(t *testing.T) {
	for _, path := range all(t) {
		found, err := source.Lint(path)
		if err != nil {
			t.Error(err)
		}
		for _, f := range found {
			t.Errorf("%s:%d:%d: %s", path, f.Line, f.Col, f.Message)
		}
	}
}
