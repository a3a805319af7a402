package terminal

import "slices"

// Resize gives the screen another size, as tmux does: lines for which there is no room
// are cut below the cursor and then go to the scrollback, from which they come back when
// the screen grows; a change of width lays the text of the main screen out again, so that
// Pos.Row of the text after a soft wrap changes. Sizes below 1 count as 1.
func (s *Screen) Resize(cols, rows int) {
	cols, rows = max(cols, 1), max(rows, 1)
	if cols == s.cols && rows == s.rows {
		return
	}
	cursor := &s.place
	if s.alternate {
		s.resizeAlternate(cols, rows)
		cursor = s.entered
	}
	s.resizeHeight(cursor, rows)
	if cols != s.cols {
		s.reflow(cursor, cols)
		s.cols = cols
		s.resetTabs()
	}
	s.top, s.bottom = 0, rows-1
	if !s.alternate {
		s.showMain()
	}
}

// resizeAlternate keeps what fits of the alternate screen; its program draws it anew.
func (s *Screen) resizeAlternate(cols, rows int) {
	visible := make([]row, rows)
	copy(visible, s.visible)
	for i := range visible {
		visible[i].erase(cols, max(cols, s.cols))
		visible[i].wrapped = false
	}
	s.visible = visible
	s.line, s.col = min(s.line, rows-1), min(s.col, cols-1)
}

// resizeHeight gives the main screen another height.
func (s *Screen) resizeHeight(cursor *place, rows int) {
	if grow := rows - s.rows; grow > 0 {
		back := min(grow, s.back.end-s.back.first)
		cursor.line += back
		for range back {
			s.main = slices.Insert(s.main, 0, s.back.pop())
		}
		s.main = append(s.main, make([]row, grow-back)...)
	} else {
		cut := min(-grow, s.rows-1-cursor.line)
		cursor.line -= -grow - cut
		s.main = s.pushAll(s.main[:s.rows-cut], rows)
	}
	s.rows = rows
}

// reflow lays the main screen and its scrollback out in cols columns.
func (s *Screen) reflow(cursor *place, cols int) {
	first := s.back.first
	var all []row
	for n := first; n < s.back.end; n++ {
		all = append(all, s.back.row(n))
	}
	at := place{len(all) + cursor.line, cursor.col}
	mark := place{s.mark.Row - first, s.mark.Col}
	all = layOut(append(all, s.main...), cols, &at, &mark)
	if lack := s.rows - len(all); lack > 0 {
		all = append(all, make([]row, lack)...)
	}
	at.line -= len(all) - s.rows
	if at.line < 0 {
		at = place{}
	}
	*cursor = at
	s.mark = Pos{first + mark.line, mark.col}
	s.back, s.forgot = scrollback{first: first, end: first}, first
	s.main = s.pushAll(all, s.rows)
	s.trim()
}

// pushAll lets rows scroll out but the last n, which it returns.
func (s *Screen) pushAll(rows []row, n int) []row {
	out := len(rows) - n
	for i := range rows[:out] {
		s.back.push(&rows[i])
	}
	return slices.Clone(rows[out:])
}

// layOut breaks the logical lines of rows anew, and moves the places with their text.
func layOut(rows []row, cols int, places ...*place) []row {
	var out []row
	moved := make([]place, len(places))
	for i, p := range places {
		moved[i] = *p
	}
	for begin, end := 0, 0; begin < len(rows); begin = end {
		var text []cell
		starts := []int{}
		for more := true; more && end < len(rows); end++ {
			starts = append(starts, len(text))
			text = append(text, rows[end].cells...)
			more = rows[end].wrapped
		}
		for len(text) > 0 && text[len(text)-1] == blank {
			text = text[:len(text)-1]
		}
		first := len(out)
		pieces := breakLine(text, cols)
		for n, piece := range pieces {
			out = append(out, row{cells: slices.Clone(piece), wrapped: n < len(pieces)-1})
		}
		for i, p := range places {
			if begin <= p.line && p.line < end {
				moved[i] = locate(pieces, starts[p.line-begin]+p.col)
				moved[i].line += first
				moved[i].col = min(moved[i].col, cols)
			}
		}
	}
	for i, p := range places {
		*p = moved[i]
	}
	return out
}

// breakLine cuts a logical line into rows of cols columns; there is always one.
func breakLine(text []cell, cols int) [][]cell {
	var pieces [][]cell
	for len(text) > cols {
		n := cols
		if text[n] == tail {
			n--
		}
		if n == 0 { // no wide character fits
			text[0], text[1] = blank, blank
			n = 1
		}
		pieces = append(pieces, text[:n])
		text = text[n:]
	}
	return append(pieces, text)
}

// locate returns where the offset-th column of the line has come to lie.
func locate(pieces [][]cell, offset int) place {
	line := 0
	for line < len(pieces)-1 && offset >= len(pieces[line]) {
		offset -= len(pieces[line])
		line++
	}
	return place{line, offset}
}
