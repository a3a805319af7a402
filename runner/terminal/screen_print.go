package terminal

import (
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"
)

// lineDrawing is the DEC special graphics set, from '_' on.
var lineDrawing = []rune(" ◆▒␉␌␍␊°±␤␋┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·")

// print writes one character at the cursor.
func (s *Screen) print(r rune) {
	if r >= 0x80 && r < 0xa0 {
		return // C1 controls are not used in UTF-8
	}
	if r >= '_' && r <= '~' && s.charset() == '0' {
		r = lineDrawing[r-'_']
	}
	width := 1
	if r >= utf8.RuneSelf {
		width = widthOf(r)
		if c := s.before(); width == 0 || c != nil && s.clusters.continues(*c, r) {
			s.last = 0
			if c != nil {
				*c = s.clusters.join(*c, r)
			}
			return
		}
	}
	s.last = r
	s.put(cell(r), width)
}

// widthOf returns how many columns r takes. By itself, without the characters around it,
// which displaywidth.Rune does not quite answer for those that form a unit.
func widthOf(r rune) int {
	switch {
	case 0x1160 <= r && r <= 0x11ff || 0xd7b0 <= r && r <= 0xd7ff:
		return 0 // vowel or final of a Hangul syllable, after its initial
	case 0x1f1e6 <= r && r <= 0x1f1ff:
		return 1 // half of a flag
	}
	return displaywidth.Rune(r)
}

// before returns the cell of the character left of the cursor, or nil at the start of a
// row: a combining character has nothing to stand on there, and is lost.
func (s *Screen) before() *cell {
	col, cells := s.col-1, s.current().cells
	if col < 0 || col >= len(cells) {
		return nil
	}
	if cells[col] == tail {
		col--
	}
	return &cells[col]
}

func (s *Screen) charset() byte {
	if s.shifted {
		return s.charsets[1]
	}
	return s.charsets[0]
}

// printASCII is print for many printable ASCII characters at once.
func (s *Screen) printASCII(p []byte) {
	if s.insertMode || s.noWrap || s.charset() == '0' {
		for _, b := range p {
			s.print(rune(b))
		}
		return
	}
	for len(p) > 0 {
		if s.col == s.cols {
			s.wrap()
		}
		n := min(len(p), s.cols-s.col)
		r := s.current()
		r.part(s.col)
		r.part(s.col + n)
		r.reach(s.col + n)
		for i, b := range p[:n] {
			r.cells[s.col+i] = cell(b)
		}
		s.col += n
		if s.col == s.cols {
			r.wrapped = false
		}
		s.last = rune(p[n-1])
		p = p[n:]
	}
}

// put writes c and moves the cursor behind it, to the next row first if it does not fit.
func (s *Screen) put(c cell, width int) {
	if s.col+width > s.cols && !s.noWrap {
		s.wrap()
	}
	if s.col+width > s.cols {
		return
	}
	r := s.current()
	if s.insertMode {
		r.insert(s.col, width, s.cols)
	}
	r.set(s.col, c, width)
	s.col += width
	if s.col == s.cols {
		r.wrapped = false
		if s.noWrap {
			s.col--
		}
	}
}

// wrap goes on at the start of the next row, as the same logical line. The last column is
// still free if a wide character does not fit: nothing may be left there, or it would stand
// in the middle of the text.
func (s *Screen) wrap() {
	r := s.current()
	r.erase(s.col, s.cols)
	r.reach(s.col)
	r.wrapped = true
	s.index()
	s.col = 0
}

// repeat is REP: it prints the last character n times more, on this row only.
func (s *Screen) repeat(n int) {
	for r := s.last; r != 0 && n > 0 && s.col < s.cols; n-- {
		s.print(r)
	}
}
