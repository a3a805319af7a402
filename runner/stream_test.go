package runner

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// A secret that is declared in the middle of one, of that or of another, is
// found all the same, and the times stay in order.
func TestStreamMaskedLate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.sh.jsonl")
	now := 0.0
	s, err := newStream(path, func() float64 { now++; return now }, nil, secretsOf("hunter22"))
	if err != nil {
		t.Fatal(err)
	}
	flows := func() (out, in string) {
		t.Helper()
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		last := 0.0
		for d := json.NewDecoder(f); ; {
			var l streamLine
			if err := d.Decode(&l); errors.Is(err, io.EOF) {
				return out, in
			} else if err != nil {
				t.Fatal(err)
			}
			if l.Time < last || len(l.Data) == 0 {
				t.Errorf("after %v: %+v", last, l)
			}
			last = l.Time
			if l.Kind == "o" {
				out += string(l.Data)
			} else {
				in += string(l.Data)
			}
		}
	}
	for _, c := range []struct {
		kind          byte
		data, secret  string
		wantOut, want string
	}{
		{kind: 'o', data: "swordfish and hunt", wantOut: "swordfish and "},
		{kind: 'i', data: "swor", wantOut: "swordfish and ", want: "swor"},
		{secret: "swordfish", wantOut: "*** and ", want: ""},
		{kind: 'o', data: "er22, tok", wantOut: "*** and ***, tok"},
		{kind: 'i', data: "dfish", wantOut: "*** and ***, tok", want: "***"},
		{secret: "token", wantOut: "*** and ***, ", want: "***"},
		{kind: 'o', data: "en to", wantOut: "*** and ***, *** ", want: "***"},
	} {
		if c.secret != "" {
			if err := s.mask(secretsOf("hunter22", "swordfish", c.secret)); err != nil {
				t.Fatal(err)
			}
		} else {
			s.write(c.kind, []byte(c.data))
		}
		if out, in := flows(); out != c.wantOut || in != c.want {
			t.Errorf("after %q%q: %q and %q, want %q and %q", c.data, c.secret, out, in, c.wantOut, c.want)
		}
	}
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	if out, _ := flows(); out != "*** and ***, *** to" {
		t.Errorf("in the end: %q", out)
	}
	if left, err := filepath.Glob(path + "?*"); err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
	s.write('o', []byte("late")) // as a program of a lab that is kept does
	if err := s.mask(nil); err != nil {
		t.Error(err)
	}
}
