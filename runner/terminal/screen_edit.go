package terminal

// scroll moves the lines of the scroll region up by n, or down by -n. What leaves the
// main screen at its first line goes to the scrollback.
func (s *Screen) scroll(n int) {
	if n <= 0 || s.top > 0 || s.alternate {
		s.shift(s.top, n)
		return
	}
	for range min(n, s.bottom+1) {
		// Lines below the region stay where they are on the screen.
		gone := s.main[0]
		s.back.push(&gone)
		copy(s.main, s.main[1:s.bottom+1])
		s.main[s.bottom] = row{cells: gone.cells[:0]}
	}
	s.trim()
}

// shift moves the lines from line to the bottom of the scroll region up by n, or down by
// -n, and blanks those that come free.
func (s *Screen) shift(line, n int) {
	lines := s.visible[line : s.bottom+1]
	if n > 0 {
		n = min(n, len(lines))
		copy(lines, lines[n:])
		clear(lines[len(lines)-n:])
	} else {
		n = min(-n, len(lines))
		copy(lines[n:], lines)
		clear(lines[:n])
	}
}

// moveLines is DL, and IL where n is negative. Outside of the region it does nothing.
func (s *Screen) moveLines(n int) {
	if s.top <= s.line && s.line <= s.bottom {
		s.shift(s.line, n)
	}
}

// insertCells is ICH.
func (s *Screen) insertCells(n int) { s.current().insert(s.col, n, s.cols) }

// deleteCells is DCH. What comes in at the end of the row is blank.
func (s *Screen) deleteCells(n int) {
	s.current().remove(s.col, n)
	s.current().wrapped = false
}

// eraseCells is ECH.
func (s *Screen) eraseCells(n int) { s.erase(s.line, s.col, min(s.col+n, s.cols)) }

// eraseLine is EL.
func (s *Screen) eraseLine(which int) {
	switch which {
	case 0:
		s.erase(s.line, s.col, s.cols)
	case 1:
		s.erase(s.line, 0, min(s.col+1, s.cols))
	case 2:
		s.erase(s.line, 0, s.cols)
	}
}

// eraseDisplay is ED. Rows are erased where they stand, and do not go to the scrollback.
func (s *Screen) eraseDisplay(which int) {
	from, to := 0, s.rows
	switch which {
	case 0:
		s.eraseLine(0)
		from = s.line + 1
		if s.homed && s.place == (place{}) {
			s.unmark()
		}
	case 1:
		s.eraseLine(1)
		to = s.line
	case 2:
		s.unmark()
	case 3:
		s.eraseScrollback()
		return
	default:
		return
	}
	for line := from; line < to; line++ {
		s.erase(line, 0, s.cols)
	}
}

// eraseScrollback lets the rows go that have scrolled out of the main screen.
func (s *Screen) eraseScrollback() {
	if s.alternate {
		return
	}
	s.back.forget(s.back.end)
	if top := s.base(); s.mark.Row < top {
		s.mark = Pos{Row: top}
	}
}

// unmark is done when all of the screen is erased: nothing joins the text before to what
// is written next, and a mark on the screen is lost.
func (s *Screen) unmark() {
	if s.alternate {
		return
	}
	top := s.base()
	s.back.unwrap()
	if s.mark.Row >= top {
		s.mark = Pos{Row: top}
	}
}

func (s *Screen) erase(line, from, to int) {
	if from >= to {
		return
	}
	r := &s.visible[line]
	r.erase(from, to)
	if to == s.cols {
		r.wrapped = false
	}
}
