package terminal

import (
	"fmt"
	"testing"
	"unicode/utf8"
)

// stateOf is all that a caller can see of a screen.
func stateOf(s *Screen) string {
	return fmt.Sprintf("%s\nleft %q from %v, mark %v, feeds %d, dropped %d",
		view(s), s.Left(), s.LeftStart(), s.Marked(), s.Feeds(), s.Cut(Pos{Row: -1}))
}

// TestByteByByte plays each capture one byte at a time beside the whole.
func TestByteByByte(t *testing.T) {
	for _, c := range captures(t) {
		t.Run(c.name, func(t *testing.T) {
			whole, split := NewScreen(100, 30), NewScreen(100, 30)
			for _, e := range c.events {
				switch e.kind {
				case 'o':
					whole.Write(e.data)
					feed(split, string(e.data), 1)
				case 'r':
					whole.Resize(e.size(t))
					split.Resize(e.size(t))
				case 'm':
					if got, want := stateOf(split), stateOf(whole); got != want {
						t.Fatalf("at mark %s:\n%s\nas a whole\n%s", e.data, got, want)
					}
				}
			}
		})
	}
}

// TestInTwo plays each short capture in two parts, cut at every byte.
func TestInTwo(t *testing.T) {
	for _, c := range captures(t) {
		var all []byte
		for _, e := range c.events {
			if e.kind == 'o' {
				all = append(all, e.data...)
			}
		}
		if len(all) > 2000 {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			whole := NewScreen(100, 30)
			whole.Write(all)
			want := stateOf(whole)
			for cut := range all {
				s := NewScreen(100, 30)
				s.Write(all[:cut])
				s.Write(all[cut:])
				if got := stateOf(s); got != want {
					t.Fatalf("cut after %q:\n%s\nas a whole\n%s", all[:cut], got, want)
				}
			}
		})
	}
}

// FuzzScreen writes data whole and byte by byte, resizes, and writes it again.
func FuzzScreen(f *testing.F) {
	for _, c := range captures(f) {
		for _, e := range c.events {
			if e.kind == 'o' {
				f.Add(e.data, uint8(20), uint8(5), uint8(7), uint8(9))
			}
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, cols, rows, newCols, newRows uint8) {
		whole, split := NewScreen(int(cols), int(rows)), NewScreen(int(cols), int(rows))
		for range 2 {
			whole.Write(data)
			feed(split, string(data), 1)
			checkScreen(t, whole)
			if got, want := stateOf(split), stateOf(whole); got != want {
				t.Fatalf("byte by byte:\n%s\nas a whole\n%s", got, want)
			}
			whole.Mark(whole.Cursor())
			split.Mark(split.Cursor())
			whole.Resize(int(newCols), int(newRows))
			split.Resize(int(newCols), int(newRows))
			checkScreen(t, whole)
		}
	})
}

// checkScreen reports what can never be.
func checkScreen(t *testing.T, s *Screen) {
	t.Helper()
	if s.line < 0 || s.line >= s.rows || s.col < 0 || s.col > s.cols {
		t.Errorf("cursor %v outside of %dx%d", s.place, s.cols, s.rows)
	}
	if s.top < 0 || s.top > s.bottom || s.bottom >= s.rows {
		t.Errorf("region %d-%d outside of %d lines", s.top, s.bottom, s.rows)
	}
	if len(s.visible) != s.rows || len(s.tabs) != s.cols {
		t.Errorf("%d lines and %d tabs on %dx%d", len(s.visible), len(s.tabs), s.cols, s.rows)
	}
	for n := s.back.first; n < s.base()+s.rows; n++ {
		r := s.row(n)
		if len(r.cells) > s.cols {
			t.Errorf("row %d has %d cells of %d", n, len(r.cells), s.cols)
		}
		if r.wrapped && len(r.cells) < s.cols-1 {
			t.Errorf("row %d is wrapped after %d cells of %d", n, len(r.cells), s.cols)
		}
		for i, c := range r.cells {
			wide := i+1 < len(r.cells) && r.cells[i+1] == tail
			if c == tail {
				if i == 0 || wide {
					t.Errorf("row %d: a tail without a head at %d: %v", n, i, r.cells)
				}
				continue
			}
			base, _ := utf8.DecodeRune(s.clusters.append(nil, c))
			if width := widthOf(base); (width == 2) != wide {
				t.Errorf("row %d: %q at %d is %d wide: %v", n, base, i, width, r.cells)
			}
		}
	}
}
