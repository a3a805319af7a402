package starlib_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"scenario/runner"
	"scenario/starlib"
)

// asleep is a backend whose labs never open: for scripts that are wrong before
// any machine matters.
type asleep struct{}

func (asleep) Open(ctx context.Context, _ runner.LabSpec) (runner.Lab, error) {
	<-ctx.Done()
	return nil, context.Cause(ctx)
}

// play runs a script that needs no machine.
func play(t *testing.T, ctx context.Context, path string, params map[string]string) error {
	t.Helper()
	_, err := starlib.Play(ctx, path, runner.Config{Backend: asleep{}}, starlib.Options{Params: params})
	return err
}

// script writes a script into a folder with a lib beside it.
func script(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "lib"), os.DirFS("testdata/lib")); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "test.star")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

var mark = regexp.MustCompile("\\s*### ([\"`].*[\"`])$")

func TestErrors(t *testing.T) {
	src, err := os.ReadFile("testdata/errors.star")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range strings.Split(string(src), "---\n") {
		lines := strings.Split(part, "\n")
		line, want := 0, ""
		for i, l := range lines {
			if m := mark.FindStringSubmatch(l); m != nil {
				if want, err = strconv.Unquote(m[1]); err != nil {
					t.Fatalf("%s: %v", l, err)
				}
				lines[i], line = mark.ReplaceAllString(l, ""), i+1
			}
		}
		text := strings.Join(lines, "\n")
		name, _, _ := strings.Cut(strings.TrimSpace(regexp.MustCompile(`(?m)^#.*\n+`).ReplaceAllString(text, "")), "\n")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			err := play(t, ctx, script(t, text), nil)
			if want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			var e *starlib.Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v (%T), want an Error that says %q", err, err, want)
			}
			if !strings.Contains(e.Message, want) {
				t.Errorf("it says %q, and should say %q", e.Message, want)
			}
			if strings.HasPrefix(e.Pos, "lib/") { // the mark is at the load
				return
			}
			if !strings.HasPrefix(e.Pos, "test.star:"+strconv.Itoa(line)+":") && !strings.Contains(want, "end of file") {
				t.Errorf("it is at %s, and should be in line %d", e.Pos, line)
			}
			if e.Source == "" && !strings.Contains(want, "end of file") {
				t.Errorf("no source line")
			}
		})
	}
}

func TestCaret(t *testing.T) {
	err := play(t, t.Context(), script(t, "x = 1\ny = [\"元氣\", node(\"web\", ipp = 1)]\n"), nil)
	var e *starlib.Error
	if !errors.As(err, &e) {
		t.Fatal(err)
	}
	if e.Pos != "test.star:2:12" || e.Col != 11 || e.Source != `y = ["元氣", node("web", ipp = 1)]` {
		t.Errorf("%q, column %d, %q", e.Pos, e.Col, e.Source)
	}
}

// What a line gives to secret(…) is not shown, also when it was refused or is
// written in another way than it is.
func TestSecretInSource(t *testing.T) {
	for _, text := range []string{
		"t = secret(\"hunter22\", kinds = 3)\n",
		"t = secret('hunter22\\x1b')\n",
		"t = secret(\"hunter22\n",
		"t = secret('hunter\"22\\\\hunter22'); check(False)\n",
	} {
		err := play(t, t.Context(), script(t, text), nil)
		var e *starlib.Error
		if !errors.As(err, &e) || e.Source != "t = secret(***)" ||
			strings.Contains(fmt.Sprintf("%+v", *e), "hunter22") {
			t.Errorf("%s: %+v", text, e)
		}
	}
}

func TestParams(t *testing.T) {
	const text = `
n = param("n", 3, doc = "a number")
b = param("b", False)
s = param("s", "x")
none = param(name = "none")
i = param("image", image("a"))
check((n, b, s, none, str(i)) == %s, str((n, b, s, none, str(i))))
`
	for _, test := range []struct {
		summary, want, err string
		params             map[string]string
	}{
		{"defaults", `(3, False, "x", None, "a")`, "", nil},
		{"all given", `(-4, True, "é", "", "b:1")`, "", map[string]string{"n": "-4", "b": "true", "s": "é", "none": "", "image": "b:1"}},
		{"no number", "0", "must be a whole number", map[string]string{"n": "three"}},
		{"no bool", "0", "must be true or false", map[string]string{"b": "maybe"}},
		{"unknown", "0", "no such parameter (did you mean image?); it has n, b, s, none, image", map[string]string{"imge": "x"}},
	} {
		t.Run(test.summary, func(t *testing.T) {
			err := play(t, t.Context(), script(t, strings.Replace(text, "%s", test.want, 1)), test.params)
			if test.err == "" && err != nil || test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)) {
				t.Errorf("got %v, want %q", err, test.err)
			}
		})
	}
}

// What a script says of its parameters is known without a run.
func TestParamsRead(t *testing.T) {
	got := starlib.Params(script(t, `
a = param("a", "x", doc = "an a")
b = param(name = "b", default = False)
c = [param("c", 3), param("d"), param("e", image("img:1")), param("f", str(1))]
`))
	want := []starlib.Parameter{{"a", "an a", "x"}, {"b", "", "false"}, {"c", "", "3"}, {"d", "", ""}, {"e", "", "img:1"}, {"f", "", ""}}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// An interrupt ends a script at once, whatever it does.
func TestInterrupt(t *testing.T) {
	for _, text := range []string{
		"for i in range(1 << 40):\n    pass",
		"eventually(lambda: False, timeout = 1000)",
		"node('web').sh('x')",
		"[x for x in range(1 << 40)]",
	} {
		t.Run(text, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			stopped := errors.New("stopped by the test")
			// Whether it is in the middle of things already does not matter:
			// it must end, and say why.
			done := make(chan error)
			go func() { done <- play(t, ctx, script(t, text), nil) }()
			cancel(stopped)
			select {
			case err := <-done:
				if !errors.Is(err, stopped) {
					t.Errorf("got %v", err)
				}
			case <-time.After(20 * time.Second):
				t.Fatal("it goes on")
			}
		})
	}
}

// The manual in docs is what the builtins say.
func TestManual(t *testing.T) {
	const path = "../docs/reference/language.md"
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, []byte(starlib.Manual())) {
		t.Errorf("%s is stale; this mends it:\n\tmake manual", path)
	}
}

// The stubs in docs are what the builtins say.
func TestStubs(t *testing.T) {
	const path = "../docs/reference/__builtins__.pyi"
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, []byte(starlib.Stubs())) {
		t.Errorf("%s is stale; this mends it:\n\tmake manual", path)
	}
}

// What a std file's docstring says is in a struct is in it.
func TestStubFields(t *testing.T) {
	classes := regexp.MustCompile(`(?s)\nclass _(\w+)_(\w+):\n(.*?)\n\S`).FindAllStringSubmatch(starlib.Stubs(), -1)
	if len(classes) == 0 {
		t.Fatal("there is no class of a struct")
	}
	for _, class := range classes {
		lib, name := class[1], class[2]
		err := play(t, t.Context(), script(t, fmt.Sprintf("load(\"std/%[1]s.star\", \"%[1]s\")\nfail(dir(%[1]s.%[2]s(\"n\")))\n", lib, name)), nil)
		var e *starlib.Error
		if !errors.As(err, &e) {
			t.Fatal(err)
		}
		fields := regexp.MustCompile(`(?m)^    (?:def )?(\w+)[:(]`).FindAllStringSubmatch(class[3], -1)
		if len(fields) == 0 {
			t.Errorf("%s.%s: nothing is known of what it returns", lib, name)
		}
		for _, f := range fields {
			if !strings.Contains(e.Message, strconv.Quote(f[1])) {
				t.Errorf("%s.%s has no %s: %s", lib, name, f[1], e.Message)
			}
		}
	}
}

func TestExplain(t *testing.T) {
	for _, name := range []string{"node", "Node", "Node.exec", "Node.sh", "Terminal", "Terminal.wait", "Result.status", "elixir", "elixir.connect", "erlang.node"} {
		if text, err := starlib.Explain(name); err != nil || !strings.Contains(text, name) && !strings.Contains(text, strings.ToLower(name)) {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
	_, err := starlib.Explain("nodee")
	if err == nil || !strings.Contains(err.Error(), "did you mean node?") {
		t.Errorf("got %v", err)
	}
}
