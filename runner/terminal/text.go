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
	var b []byte
	begin := 0 // of the logical line, in b
	end := min(to.Row, s.base()+s.rows-1)
	for n := max(from.Row, s.first); n <= end; n++ {
		r := s.row(n)
		cells := r.cells
		if n == to.Row {
			cells = cells[:min(max(to.Col, 0), len(cells))]
		}
		if n == from.Row {
			cells = cells[min(max(from.Col, 0), len(cells)):]
		}
		b = s.appendCells(b, cells)
		if r.wrapped && n < end {
			continue
		}
		b = append(b[:begin], bytes.TrimRight(b[begin:], " ")...)
		if n < end {
			b = append(b, '\n')
			begin = len(b)
		}
	}
	return string(b)
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
func (s *Screen) row(n int) *row {
	if line := n - s.base(); line >= 0 {
		return &s.visible[line]
	}
	return &s.history[n-s.first]
}

// lineFrom is the text from p to the end of its logical line, and that line's last row.
func (s *Screen) lineFrom(p Pos) (string, int) {
	last := min(max(p.Row, s.first), s.base()+s.rows-1)
	for last < s.base()+s.rows-1 && s.row(last).wrapped {
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
