package starlib_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

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
