package terminal

import "slices"

// current returns the row that the cursor is on.
func (s *Screen) current() *row { return &s.visible[s.line] }

// move puts the cursor at line and col, or as near as the screen allows.
func (s *Screen) move(line, col int) {
	s.line = min(max(line, 0), s.rows-1)
	s.col = min(max(col, 0), s.cols-1)
}

// moveTo is move as programs address it: in origin mode lines count from the top of the
// scroll region, and cannot leave it.
func (s *Screen) moveTo(line, col int) {
	if s.originMode {
		line = min(line+s.top, s.bottom)
	}
	s.move(line, col)
}

// up moves the cursor n lines up, but not out of the scroll region if it is inside.
func (s *Screen) up(n int) {
	limit := 0
	if s.line >= s.top {
		limit = s.top
	}
	s.move(max(s.line-n, limit), s.col)
}

// down moves the cursor n lines down, but not out of the scroll region if it is inside.
func (s *Screen) down(n int) {
	limit := s.rows - 1
	if s.line <= s.bottom {
		limit = s.bottom
	}
	s.move(min(s.line+n, limit), s.col)
}

// backspace moves the cursor one column left; from the start of a row that was wrapped
// into, to the end of the one before, as a terminal driver erases a long line.
func (s *Screen) backspace() {
	switch {
	case s.col > 0:
		s.col--
	case s.line > 0 && s.visible[s.line-1].wrapped:
		s.line--
		s.col = s.cols - 1
	}
}

// feed is a line feed that a program asked for.
func (s *Screen) feed() {
	if !s.alternate {
		s.feeds++
	}
	s.index()
}

// index moves the cursor to the next line, and scrolls at the bottom of the region.
func (s *Screen) index() {
	switch {
	case s.line == s.bottom:
		s.scroll(1)
	case s.line < s.rows-1:
		s.line++
	}
}

// reverseIndex moves the cursor to the line before, and scrolls at the top of the region.
func (s *Screen) reverseIndex() {
	switch {
	case s.line == s.top:
		s.scroll(-1)
	case s.line > 0:
		s.line--
	}
}

// setRegion is DECSTBM. A region of less than two lines is not one.
func (s *Screen) setRegion(top, bottom int) {
	top, bottom = max(top, 0), min(bottom, s.rows-1)
	if top >= bottom {
		return
	}
	s.top, s.bottom = top, bottom
	s.moveTo(0, 0)
}

// savedCursor is what DECSC keeps.
type savedCursor struct {
	place
	originMode bool
	charsets   [2]byte
	shifted    bool
}

func (s *Screen) save() {
	s.saved = savedCursor{s.place, s.originMode, s.charsets, s.shifted}
}

func (s *Screen) restore() {
	s.originMode, s.charsets, s.shifted = s.saved.originMode, s.saved.charsets, s.saved.shifted
	s.move(s.saved.line, s.saved.col)
}

// resetTabs sets a tab stop every eight columns.
func (s *Screen) resetTabs() {
	s.tabs = make([]bool, s.cols)
	for i := 8; i < s.cols; i += 8 {
		s.tabs[i] = true
	}
}

// tab moves the cursor to the n-th next tab stop, or to the last column.
func (s *Screen) tab(n int) {
	for ; n > 0 && s.col < s.cols-1; n-- {
		next := slices.Index(s.tabs[s.col+1:], true)
		if next < 0 {
			s.col = s.cols - 1
			return
		}
		s.col += 1 + next
	}
}

// backTab moves the cursor to the n-th tab stop before it, or to the first column.
func (s *Screen) backTab(n int) {
	s.col = min(s.col, s.cols-1)
	for ; n > 0 && s.col > 0; n-- {
		s.col--
		for s.col > 0 && !s.tabs[s.col] {
			s.col--
		}
	}
}

// clearTabs is TBC: the tab stop at the cursor, or all.
func (s *Screen) clearTabs(which int) {
	switch which {
	case 0:
		s.tabs[min(s.col, s.cols-1)] = false
	case 3:
		clear(s.tabs)
	}
}
