package terminal

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

// Limits of what is kept of the rows that have scrolled out, in bytes of text.
// A golden of 10 MB is one that people have.
const (
	Scrollback = 16 << 20
	// Remainder is what is kept once more than that had to be: such a text is of
	// no use but to see how it ended.
	Remainder = 1 << 20
)

// scrollback holds the rows that have scrolled out at the top of the main screen,
// the newest last. They are kept as text, a byte for a column of most, in blocks
// that are given up one by one.
type scrollback struct {
	blocks []*block
	first  int // the Pos.Row of the oldest row
	end    int // and of the row after the newest
	size   int // of all rows (see rowSize)
	found  int // the block that was looked into last: the next look is for one near
}

// block is some rows, one after the other.
type block struct {
	first int
	text  []byte // a tail is tailByte, and a cluster what UTF-8 would make of its number
	ends  []int32
	size  int
}

const (
	blockSize = 64 << 10
	tailByte  = 0xff     // which UTF-8 never has
	goesOn    = -1 << 31 // of a row's end: the text goes on in the next row
)

func (b *scrollback) push(r *row) {
	var to *block
	if n := len(b.blocks); n > 0 {
		to = b.blocks[n-1]
	}
	if to == nil || len(to.text)+len(to.ends) >= blockSize {
		to = &block{first: b.end}
		b.blocks = append(b.blocks, to)
	}
	to.text = packCells(to.text, r.cells)
	end := int32(len(to.text))
	if r.wrapped {
		end |= goesOn
	}
	to.ends = append(to.ends, end)
	b.end++
	n := to.rowSize(len(to.ends) - 1)
	to.size += n
	b.size += n
}

// pop takes the newest row back.
func (b *scrollback) pop() row {
	r := b.row(b.end - 1)
	last := b.blocks[len(b.blocks)-1]
	n := last.rowSize(len(last.ends) - 1)
	last.size -= n
	b.size -= n
	start, _ := last.span(len(last.ends) - 1)
	last.text, last.ends = last.text[:start], last.ends[:len(last.ends)-1]
	b.end--
	if len(last.ends) == 0 {
		b.blocks = b.blocks[:len(b.blocks)-1]
	}
	return r
}

// drop gives up the oldest row, and returns its size.
func (b *scrollback) drop() int {
	oldest := b.blocks[0]
	n := oldest.rowSize(b.first - oldest.first)
	oldest.size -= n
	b.size -= n
	b.first++
	if b.first == oldest.first+len(oldest.ends) {
		b.blocks = slices.Delete(b.blocks, 0, 1)
	}
	return n
}

// forget gives up the rows before row.
func (b *scrollback) forget(row int) {
	for b.first < min(row, b.end) {
		b.drop()
	}
}

// find is the block that holds a row, and which of its rows that is.
func (b *scrollback) find(row int) (*block, int) {
	for n := b.found; n < min(b.found+2, len(b.blocks)); n++ {
		if k := b.blocks[n]; k.first <= row && row < k.first+len(k.ends) {
			b.found = n
			return k, row - k.first
		}
	}
	n, found := slices.BinarySearchFunc(b.blocks, row, func(k *block, row int) int { return k.first - row })
	if !found {
		n--
	}
	b.found = n
	return b.blocks[n], row - b.blocks[n].first
}

func (b *scrollback) row(n int) row {
	k, i := b.find(n)
	start, end := k.span(i)
	return row{cells: unpackCells(k.text[start:end]), wrapped: k.ends[i]&goesOn != 0}
}

func (b *scrollback) wrapped(n int) bool {
	k, i := b.find(n)
	return k.ends[i]&goesOn != 0
}

// unwrap is done when the row below the newest is not its continuation any more.
func (b *scrollback) unwrap() {
	if b.first == b.end {
		return
	}
	k, i := b.find(b.end - 1)
	before := k.rowSize(i)
	k.ends[i] &^= goesOn
	grown := k.rowSize(i) - before
	k.size += grown
	b.size += grown
}

// since is about the size of the rows from row on.
func (b *scrollback) since(row int) int {
	n := 0
	for _, k := range b.blocks {
		if k.first+len(k.ends) > row {
			n += k.size
		}
	}
	return n
}

// span is where a row lies in the block's text.
func (k *block) span(i int) (start, end int) {
	if i > 0 {
		start = int(k.ends[i-1] &^ goesOn)
	}
	return start, int(k.ends[i] &^ goesOn)
}

// rowSize is how many bytes a row is as text, with the line break at its end. A
// cluster counts for less.
func (k *block) rowSize(i int) int {
	start, end := k.span(i)
	text := k.text[start:end]
	n := 0
	if k.ends[i]&goesOn == 0 {
		text = bytes.TrimRight(text, " \x00")
		n = 1
	}
	return n + len(text) - bytes.Count(text, []byte{tailByte})
}

func packCells(b []byte, cells []cell) []byte {
	for _, c := range cells {
		switch {
		case c == tail:
			b = append(b, tailByte)
		case c < firstCluster:
			b = utf8.AppendRune(b, rune(c))
		default:
			b = append(b, 0xf0|byte(c>>18), 0x80|byte(c>>12)&0x3f, 0x80|byte(c>>6)&0x3f, 0x80|byte(c)&0x3f)
		}
	}
	return b
}

// unpack takes the first cell off a packed text.
func unpack(b []byte) (c cell, n int) {
	switch {
	case b[0] < utf8.RuneSelf:
		return cell(b[0]), 1
	case b[0] == tailByte:
		return tail, 1
	case b[0] < 0xf0:
		r, n := utf8.DecodeRune(b)
		return cell(r), n
	}
	return cell(b[0]&7)<<18 | cell(b[1]&0x3f)<<12 | cell(b[2]&0x3f)<<6 | cell(b[3]&0x3f), 4
}

func unpackCells(b []byte) []cell {
	cells := make([]cell, 0, len(b))
	for len(b) > 0 {
		c, n := unpack(b)
		cells = append(cells, c)
		b = b[n:]
	}
	return cells
}

// appendPacked appends the text of a packed row.
func (k *clusters) appendPacked(to, b []byte) []byte {
	for len(b) > 0 {
		plain := 0
		for plain < len(b) && b[plain] != byte(blank) && b[plain] < 0xf0 {
			plain++
		}
		to, b = append(to, b[:plain]...), b[plain:]
		if len(b) > 0 {
			c, n := unpack(b)
			to, b = k.append(to, c), b[n:]
		}
	}
	return to
}
