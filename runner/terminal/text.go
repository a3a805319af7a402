package terminal

import (
	"bytes"
	"strings"
)

// Left returns the text of the logical line left of the cursor, with its blanks, as
// prompts end in one. Rows that have scrolled out are not looked at.
func (s *Screen) Left() string {
	line := s.leftLine()
	if line == s.line && s.col == 0 {
		return ""
	}
	var b []byte
	for ; line < s.line; line++ {
		b = s.appendCells(b, s.visible[line].cells)
	}
	cells := s.visible[line].cells
	b = s.appendCells(b, cells[:min(s.col, len(cells))])
	for n := len(cells); n < s.col; n++ {
		b = append(b, ' ')
	}
	return string(b)
}

// LeftStart returns where the line of Left begins.
func (s *Screen) LeftStart() Pos { return Pos{Row: s.base() + s.leftLine()} }

func (s *Screen) leftLine() int {
	line := s.line
	for line > 0 && s.visible[line-1].wrapped {
		line--
	}
	return line
}

// Text returns what a reader would copy from from up to, not including, to: one line for
// each logical line, soft-wrapped rows joined, without the blanks at its end. Rows that
// are no longer kept are left out.
func (s *Screen) Text(from, to Pos) string {
	start, end := max(from.Row, s.back.first), min(to.Row, s.base()+s.rows-1)
	b := make([]byte, 0, s.back.since(start))
	begin := 0 // of the logical line, in b
	for n := start; n <= end; n++ {
		b = s.appendRow(b, n, from, to)
		if n < end && s.wrapped(n) {
			continue
		}
		if n != to.Row || to.Col > 0 || !s.Continues(n) {
			b = append(b[:begin], bytes.TrimRight(b[begin:], " ")...)
		}
		if n < end {
			b = append(b, '\n')
			begin = len(b)
		}
	}
	return string(b)
}

// appendRow appends the text of what lies of a row between from and to.
func (s *Screen) appendRow(b []byte, n int, from, to Pos) []byte {
	if n < s.base() && n != from.Row && n != to.Row {
		k, i := s.back.find(n)
		start, end := k.span(i)
		return s.clusters.appendPacked(b, k.text[start:end])
	}
	cells := s.row(n).cells
	if n == to.Row {
		cells = cells[:min(max(to.Col, 0), len(cells))]
	}
	if n == from.Row {
		cells = cells[min(max(from.Col, 0), len(cells)):]
	}
	return s.appendCells(b, cells)
}

// Continues says whether a row goes on with the line of the one before it.
func (s *Screen) Continues(row int) bool { return row > s.back.first && s.wrapped(row-1) }

// Back returns where the line begins that is n lines before the one that begins at row;
// or the oldest that is kept.
func (s *Screen) Back(row, n int) Pos {
	for ; n > 0 && row > s.back.first; n-- {
		row--
		for s.Continues(row) {
			row--
		}
	}
	return Pos{Row: row}
}

// Display returns the visible rows without the blanks at their ends and without the empty
// rows at the bottom.
func (s *Screen) Display() string {
	lines := make([]string, s.rows)
	for i := range s.visible {
		lines[i] = strings.TrimRight(string(s.appendCells(nil, s.visible[i].cells)), " ")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

// row returns the row whose Pos.Row is n, as it would be seen now.
func (s *Screen) row(n int) row {
	if line := n - s.base(); line >= 0 {
		return s.visible[line]
	}
	return s.back.row(n)
}

func (s *Screen) wrapped(n int) bool {
	if line := n - s.base(); line >= 0 {
		return s.visible[line].wrapped
	}
	return s.back.wrapped(n)
}

// lineFrom is the text from p to the end of its logical line, and that line's last row.
func (s *Screen) lineFrom(p Pos) (string, int) {
	last := min(max(p.Row, s.back.first), s.base()+s.rows-1)
	for last < s.base()+s.rows-1 && s.wrapped(last) {
		last++
	}
	return s.Text(p, Pos{Row: last, Col: s.cols}), last
}

func (s *Screen) appendCells(b []byte, cells []cell) []byte {
	for _, c := range cells {
		b = s.clusters.append(b, c)
	}
	return b
}
