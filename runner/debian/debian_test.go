package debian

import (
	"slices"
	"testing"

	"scenario/runner"
)

func TestRecipe(t *testing.T) {
	a, errA := New(runner.Image{Suite: "trixie", Packages: []string{"elixir", "g++", "elixir"}})
	b, errB := New(runner.Image{Suite: "trixie", Packages: []string{"g++", "elixir"}})
	if errA != nil || errB != nil || a.Hash() != b.Hash() {
		t.Errorf("%s, %v and %s, %v; want one hash for one set of packages", a.Hash(), errA, b.Hash(), errB)
	}
	hashes := map[string]bool{}
	for _, img := range []runner.Image{
		{Suite: "trixie"},
		{Suite: "bookworm"},
		{Suite: "trixie", Packages: []string{"elixir"}},
		{Suite: "trixie", Packages: []string{"elixir", "g++"}},
		{Suite: "trixie", Packages: []string{"elixir=1.18.3.dfsg-1", "libc6:i386"}},
	} {
		r, err := New(img)
		if err != nil || hashes[r.Hash()] {
			t.Errorf("%+v: hash %s, %v; want one of its own", img, r.Hash(), err)
		}
		hashes[r.Hash()] = true
	}
}

func TestLines(t *testing.T) {
	var got []string
	w := &lines{each: func(s string) { got = append(got, s) }}
	for _, p := range []string{"I: one\nI: t", "wo\r", "three\r\nrest"} {
		if n, err := w.Write([]byte(p)); n != len(p) || err != nil {
			t.Errorf("Write = %d, %v", n, err)
		}
	}
	if want := []string{"I: one", "I: two", "three", ""}; !slices.Equal(got, want) {
		t.Errorf("lines %q, want %q", got, want)
	}
}
