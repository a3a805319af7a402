package starlib_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.starlark.net/starlark"

	"scenario/runner"
	"scenario/runner/docker"
	"scenario/runner/docker/dockertest"
	"scenario/starlib"
)

// run plays a script on Docker.
func run(t *testing.T, path string, params map[string]string) (*runner.Recording, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	return starlib.Play(ctx, path, runner.Config{Backend: new(docker.Backend)},
		starlib.Options{Params: params, Print: func(pos, msg string) { t.Log(pos, msg) }})
}

func fatal(t *testing.T, err error) {
	t.Helper()
	var step *runner.StepError
	var where *starlib.Error
	if errors.As(err, &where) {
		t.Logf("%s\n%s", strings.Join(where.Also, "\n"), where.Source)
	}
	if errors.As(err, &step) {
		for _, w := range step.Windows {
			t.Logf("%s shows:\n%s", w.Terminal, w.Display)
		}
	}
	t.Fatal(err)
}

// The programs of the std files, and the shells, on the real software: what
// could be taken for a prompt and is none, and the other way round.
func TestPrograms(t *testing.T) {
	dockertest.Leftovers(t)
	for _, test := range []struct{ script, suite string }{
		{"iex", "bookworm"}, // Elixir 1.14, OTP 25
		{"iex", "trixie"},   // Elixir 1.18, OTP 27
		{"erl", "bookworm"},
		{"erl", "trixie"},
		{"enters", "bookworm"},
		{"enters", "trixie"},
		{"shells", ""},
		{"addresses", ""},
		{"python", ""},
		{"marked", ""},
		{"psql", ""},
		{"faults", ""},
	} {
		t.Run(strings.TrimSuffix(test.script+"-"+test.suite, "-"), func(t *testing.T) {
			params := map[string]string{}
			if test.suite != "" {
				params["suite"] = test.suite
			}
			if _, err := run(t, filepath.Join("testdata/real", test.script+".star"), params); err != nil {
				fatal(t, err)
			}
		})
	}
}

// The stubs are Python whose types all exist, and have every name.
func TestStubsInPython(t *testing.T) {
	dockertest.Leftovers(t)
	dir := t.TempDir()
	names := append(starlark.Universe.Keys(), starlib.Names()...)
	for name, text := range map[string]string{
		"stubs.pyi": starlib.Stubs(),
		"names":     strings.Join(names, "\n"),
		"stubs.star": `
n = node("n", debian("bookworm", ["python3"]), files = {"/stubs.pyi": file("stubs.pyi"), "/names": file("names")})
r = n.exec(["python3", "-"], status = None, stdin = """
import ast, builtins, typing

stubs = {"__name__": "stubs"}
# An annotation may be of a class that comes later.
exec("from __future__ import annotations\\n" + open("/stubs.pyi").read(), stubs)

def members(value):
    "What it has beside Python's own, with all types resolved."
    types = typing.get_type_hints(value, stubs)
    for v in vars(value).values():
        if callable(v):
            typing.get_type_hints(v, stubs)
    return set(vars(value)) | set(types), types

for name, value in stubs.items():
    if getattr(value, "__module__", "") == "stubs":
        members(value)
types = typing.get_type_hints(type("stubs", (), {"__annotations__": stubs["__annotations__"]}), stubs)
for name in open("/names").read().split():
    if name == "Functions":
        continue # a heading
    top, _, rest = name.partition(".")
    if rest:
        assert rest in members(types.get(top) or stubs[top])[0], name
    else:
        assert top in stubs or top in types or hasattr(builtins, top), name
print("all is there")
""")
check(r.output.strip() == "all is there", r.output + r.stderr)
`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := run(t, filepath.Join(dir, "stubs.star"), nil); err != nil {
		fatal(t, err)
	}
}

// A program that is not there is said at the step's line, and at once.
func TestEntersNothing(t *testing.T) {
	dockertest.Leftovers(t)
	path := filepath.Join(t.TempDir(), "nothing.star")
	const text = `load("std/elixir.star", "elixir")
n = node("n")
n.sh("iex --name n@172.18.0.2", enters = elixir.iex, timeout = 300)
`
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := run(t, path, nil)
	const want = "nothing.star:3:1: n.sh: iex did not come: the prompt of sh is back, with exit status 127"
	var step *runner.StepError
	if err == nil || err.Error() != want || !errors.As(err, &step) {
		t.Fatalf("it says %v, and should say %s", err, want)
	}
	if shows := step.Windows[0].Display; !strings.Contains(shows, "iex: not found") {
		t.Errorf("the window shows %q", shows)
	}
}

// What is mounted is the author's own file, unless it has addresses that mean
// nothing in the lab.
func TestMounts(t *testing.T) {
	dockertest.Leftovers(t)
	for _, test := range []struct{ summary, file, want string }{
		{"a text", "172.16.0.1 is another network\n", ""},
		{"an address of the reader", "ok\npeer = 172.17.0.6:4369\n", "mounts.star:2:5: node n: mounts: line 2 of data/config has an address of the network 172.17.0.0/16"},
		{"a binary", "\x00 172.17.0.6", ""},
	} {
		t.Run(test.summary, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range map[string]string{
				"data/config": test.file,
				"out/.keep":   "",
				"mounts.star": `network("172.17.0.0/16")  # the engine's own bridge has it
n = node("n", mounts = {"/data": "data", "/out": "out"}, writable = ["/out"])
n.sh("cp /data/config /out/copy && chmod 666 /out/copy")
n.sh("echo x >> /data/config", status = 2)
`,
			} {
				path := filepath.Join(dir, name)
				if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
					t.Fatal(err)
				}
			}
			_, err := run(t, filepath.Join(dir, "mounts.star"), nil)
			switch {
			case test.want != "" && (err == nil || !strings.HasPrefix(err.Error(), test.want)):
				t.Errorf("it says %v, and should say %s", err, test.want)
			case test.want == "" && err != nil:
				fatal(t, err)
			case test.want == "":
				if got, err := os.ReadFile(filepath.Join(dir, "out/copy")); err != nil || string(got) != test.file {
					t.Errorf("the copy is %q, %v", got, err)
				}
			}
		})
	}
}

// A fault of our own in the middle of a run is not swallowed, and closes the lab
// all the same.
func TestPanic(t *testing.T) {
	const name = "panics"
	dockertest.Leftovers(t, docker.LabelScenario+"="+name)
	path := filepath.Join(t.TempDir(), name+".star")
	script := "a = node(\"a\", image(param(\"image\")))\na.sh(\"true\")\na.sh(\"true\", name = \"fault\")\n"
	if err := os.WriteFile(path, []byte(script), 0o644); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if p := recover(); p != "a fault" {
			t.Errorf("the panic is %v", p)
		}
		if left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".scenario", name, "run-*")); err != nil || len(left) > 1 {
			t.Errorf("left: %v, %v", left, err)
		}
		dockertest.Report(t, "a panic in our code", 1, "nothing")
	}()
	observe := func(e runner.Event) {
		if e.Kind == runner.StepBegun && e.Step.Label == "fault" {
			panic("a fault")
		}
	}
	_, err := starlib.Play(t.Context(), path, runner.Config{Backend: new(docker.Backend), Observe: observe},
		starlib.Options{Params: map[string]string{"image": dockertest.Busybox(t)}})
	t.Errorf("Play returned %v", err)
}
