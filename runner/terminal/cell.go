package terminal

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A cell is what one column of a row holds: nothing, a character, the right half of
// the wide character before it, or the number of a cluster. Four bytes, as a hundred
// thousand rows are kept.
type cell rune

const (
	blank cell = 0 // nothing written, or erased; a space that was written is ' '
	tail  cell = -1

	firstCluster cell = unicode.MaxRune + 1
)

// clusters holds the texts that are more than one code point: a base with its combining
// characters, variation selector or joined parts. A cell names one by number, so that
// moving cells about moves them whole.
type clusters struct {
	texts   []string
	numbers map[string]cell
}

// Limits against a program that prints noise: what goes beyond them is left out.
const (
	maxCluster  = 64      // bytes of one cluster; the longest emoji sequences have 35
	maxClusters = 1 << 16 // different ones
)

// join returns the cell for c followed by r.
func (k *clusters) join(c cell, r rune) cell {
	text := string(utf8.AppendRune(k.append(nil, c), r))
	if n, ok := k.numbers[text]; ok {
		return n
	}
	if len(text) > maxCluster || len(k.texts) == maxClusters {
		return c
	}
	if k.numbers == nil {
		k.numbers = map[string]cell{}
	}
	n := firstCluster + cell(len(k.texts))
	k.texts = append(k.texts, text)
	k.numbers[text] = n
	return n
}

// continues says whether r is one picture with the cluster c: a symbol after a joiner. A
// letter after a joiner stands for itself.
func (k *clusters) continues(c cell, r rune) bool {
	const joiner = "\u200d" // ZERO WIDTH JOINER
	return c >= firstCluster && unicode.Is(unicode.So, r) && strings.HasSuffix(k.texts[c-firstCluster], joiner)
}

// append appends the text of c, a blank being a space and a tail nothing.
func (k *clusters) append(b []byte, c cell) []byte {
	switch {
	case c == tail:
		return b
	case c == blank:
		return append(b, ' ')
	case c >= firstCluster:
		return append(b, k.texts[c-firstCluster]...)
	default:
		return utf8.AppendRune(b, rune(c))
	}
}

// A row is one row of cells. A wide character is its cell and a tail, always both.
type row struct {
	cells []cell // as far as something is written; the columns after are blank

	// wrapped says that the text goes on in the next row: a character that did not fit
	// was carried over. It holds until the row's last column is written or erased again,
	// and as long all columns exist but the last, which a wide character may leave free.
	wrapped bool
}

// reach makes the first n columns exist as cells.
func (r *row) reach(n int) {
	if have := len(r.cells); n > have {
		r.cells = slices.Grow(r.cells, n-have)[:n]
		clear(r.cells[have:])
	}
}

// part erases the wide character that lies across the left edge of col, if there is one:
// half of one cannot stand.
func (r *row) part(col int) {
	if col < len(r.cells) && r.cells[col] == tail {
		r.cells[col-1], r.cells[col] = blank, blank
	}
}

// set writes c, which is width columns wide.
func (r *row) set(col int, c cell, width int) {
	r.part(col)
	r.part(col + width)
	r.reach(col + width)
	r.cells[col] = c
	if width == 2 {
		r.cells[col+1] = tail
	}
}

// erase blanks the columns from up to to.
func (r *row) erase(from, to int) {
	r.part(from)
	r.part(to)
	if to >= len(r.cells) {
		r.cells = r.cells[:min(from, len(r.cells))]
		return
	}
	clear(r.cells[from:to])
}

// insert moves what stands from col on to the right by n; what passes cols is lost.
func (r *row) insert(col, n, cols int) {
	r.part(col)
	if col >= len(r.cells) {
		return
	}
	n = min(n, cols-col)
	r.cells = slices.Insert(r.cells, col, make([]cell, n)...)
	r.part(cols)
	r.cells = r.cells[:min(cols, len(r.cells))]
}

// remove takes the n columns from col on out of the row.
func (r *row) remove(col, n int) {
	r.part(col)
	r.part(col + n)
	if col < len(r.cells) {
		r.cells = slices.Delete(r.cells, col, min(col+n, len(r.cells)))
	}
}
