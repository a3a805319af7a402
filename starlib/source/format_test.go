package source_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"scenario/starlib"
	"scenario/starlib/source"
)

// write puts a script where it can be read from.
func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.star")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFormat(t *testing.T) {
	for _, c := range []struct{ summary, text, want string }{
		{"blanks and quotes", "a=f('x',b = 1)\n", "a = f(\"x\", b = 1)\n"},
		{"no double quotes are escaped", `a = '"x"'` + "\n", `a = '"x"'` + "\n"},
		{"letters that are not ASCII stay", "a = '元氣'\nb = '''元\n氣'''\n", "a = \"元氣\"\nb = \"\"\"元\n氣\"\"\"\n"},
		{"escapes stay", `a = '\x1b[31m \u5143 it\'s \\\'' + "\x1b元"` + "\n", `a = "\x1b[31m \u5143 it's \\'" + "\x1b元"` + "\n"},
		{"raw strings stay", `a = r'\d+' + r"\'"` + "\n", `a = r"\d+" + r"\'"` + "\n"},
		{"loads, arguments and lists are in the author's order",
			"x = 1\nload(\"b.star\", \"z\", \"a\")\nload(\"a.star\", \"b\")\nf(b = 1, a = [\"z\", \"a\"])\n",
			"x = 1\n\nload(\"b.star\", \"z\", \"a\")\nload(\"a.star\", \"b\")\n\nf(b = 1, a = [\"z\", \"a\"])\n"},
		{"a docstring's own indentation", "def f():\n  \"\"\"One.\n\n  Two.\n  \"\"\"\n  pass\n", "def f():\n    \"\"\"One.\n\n  Two.\n  \"\"\"\n    pass\n"},
		{"line ends", "a = 1\r\n# end", "a = 1\n# end\n"},
		{"nothing", "", ""},
	} {
		path := write(t, c.text)
		_, got, err := source.Format(path)
		if err != nil || string(got) != c.want {
			t.Errorf("%s: %v\n%s", c.summary, err, got)
			continue
		}
		if _, again, err := source.Format(write(t, string(got))); err != nil || !bytes.Equal(again, got) {
			t.Errorf("%s: the second time: %v\n%s", c.summary, err, again)
		}
	}
}

func TestFormatErrors(t *testing.T) {
	for text, want := range map[string]string{
		"x = 1\ny = (\n":   "x.star:3:1: got end of file, want primary expression",
		"x = '元' + b'y'\n": "x.star:1:12: it cannot be formatted: ",
	} {
		_, _, err := source.Format(write(t, text))
		var where *starlib.Error
		if !errors.As(err, &where) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// all are the repository's own scripts; those that are wrong on purpose lie in
// starlib/testdata.
func all(t *testing.T) []string {
	t.Helper()
	var paths []string
	for _, root := range []string{"../../scenarios", "../std", "../testdata/real", "../../cmd/scenario/template"} {
		err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
			if filepath.Ext(path) == ".star" {
				paths = append(paths, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return paths
}

func TestOwnScriptsAreFormatted(t *testing.T) {
	for _, path := range all(t) {
		before, after, err := source.Format(path)
		if err != nil {
			t.Error(err)
		} else if !bytes.Equal(before, after) {
			t.Errorf("%s is not formatted: scenario fmt %s", path, path)
		}
	}
}
