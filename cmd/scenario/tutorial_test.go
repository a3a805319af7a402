package main

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aymanbagabas/go-udiff"

	"scenario/golden"
	"scenario/runner/docker/dockertest"
)

var update = flag.Bool("update", false, "write what the tutorial says that commands say")

// What the tutorial says that commands say, they say. It is in files of
// docs/tutorial/said, and the tutorial cites these.
func TestTutorial(t *testing.T) {
	dockertest.Leftovers(t)
	said, err := filepath.Abs("../../docs/tutorial/said")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, name := range []string{"hello", "differs"} {
		if err := os.CopyFS(filepath.Join(dir, name), os.DirFS("../../scenarios/"+name)); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	t.Setenv("CI", "")
	t.Setenv("TERM", "dumb")

	// What it says while an image is made is another story.
	quiet := newUI(os.Stdout, os.Stderr)
	if code := execute(t.Context(), quiet, []string{"run", "-q", "hello", "differs"}); code != exitOK {
		t.Fatal("exit status", code)
	}
	for _, name := range []string{"hello", "differs"} {
		if err := errors.Join(os.RemoveAll(filepath.Join(name, "golden")), os.RemoveAll(filepath.Join(name, ".scenario"))); err != nil {
			t.Fatal(err)
		}
	}

	says := func(name string, code int, args ...string) {
		t.Helper()
		log, err := os.Create(filepath.Join(t.TempDir(), "log"))
		if err != nil {
			t.Fatal(err)
		}
		defer log.Close()
		u := newUI(log, log)
		u.self = "scenario"
		if got := execute(t.Context(), u, args); got != code {
			t.Errorf("scenario %s: exit status %d, want %d", strings.Join(args, " "), got, code)
		}
		text, err := os.ReadFile(log.Name())
		if err != nil {
			t.Fatal(err)
		}
		expect(t, filepath.Join(said, name), "$ scenario "+strings.Join(args, " ")+"\n"+string(text))
	}
	edit := func(path, old, new string) {
		t.Helper()
		text, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(text, []byte(old)) {
			t.Fatalf("there is no %s in %s: %v", old, path, err)
		}
		if err := os.WriteFile(path, bytes.ReplaceAll(text, []byte(old), []byte(new)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	lesson, err := os.ReadFile(filepath.Join(said, "before.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("hello.md", lesson, 0o644); err != nil {
		t.Fatal(err)
	}

	says("run.txt", exitOK, "run", "hello")
	says("again.txt", exitOK, "run", "hello")
	says("weave.txt", exitOK, "weave", "hello.md")
	woven, err := os.ReadFile("hello.md")
	if err != nil {
		t.Fatal(err)
	}
	expect(t, filepath.Join(said, "after.txt"), string(woven))

	edit("hello/hello.star", "echo hello,", "echo good morning,")
	says("drift.txt", exitDrift, "run", "hello")
	says("list.txt", exitDrift, "review", "--list", "hello")
	says("accept.txt", exitOK, "review", "--accept", "hello", "hello")
	says("stale.txt", exitDrift, "weave", "--frozen", "hello.md")

	edit("hello/golden/hello@web.sh.golden", "good morning", "hello")
	says("github.txt", exitDrift, "run", "-q", "--frozen", "--report", "github", "hello")

	edit("differs/differs.star", `, volatile = ["id"]`, "")
	says("repeat.txt", exitDrift, "run", "-q", "--repeat", "3", "differs")
}

// chance is what is another in each run of a command.
var chance = regexp.MustCompile(`\s+\d+(\.\d+)? ?m?s\b|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|/tmp/tmp\.\w+`)

// expect compares a text with that of a file, but for times.
func expect(t *testing.T, path, text string) {
	t.Helper()
	have, err := os.ReadFile(path)
	if err == nil && chance.ReplaceAllString(string(have), "_") == chance.ReplaceAllString(text, "_") {
		return
	}
	if *update {
		if err := golden.WriteFile(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("%s is stale: %v; this mends it:\n\tgo test ./cmd/scenario -run TestTutorial -update\n%s",
		path, err, udiff.Unified("the file", "the command", string(have), text))
}
