package golden

import (
	"slices"
	"strings"
)

// ids are the ids of a run's lab. In the run's texts they are known. A golden
// has those of another lab, of which nothing is known but that they have the
// same shapes; so what has the shape of one that the run shows there is one,
// unless the run has the very same word and it is none of its ids.
type ids struct {
	class   *class
	known   map[string]bool
	literal map[string]bool // words of the run that look like an id and are none
	shapes  []string        // longest first
}

const (
	hexDigit = '\x00' // in a shape: one hexadecimal digit
	digits   = '\x01' // in a shape: one or more decimal digits
)

func newIDs(texts []Text) *ids {
	ids := &ids{
		class: &class{name: "id", label: "id", kind: -1, identity: true, global: true},
		known: make(map[string]bool), literal: make(map[string]bool),
	}
	for _, t := range texts {
		for _, p := range t.Parts {
			for _, id := range p.Known {
				if id != "" && !ids.known[id] {
					ids.known[id] = true
					if s := shape(id); !slices.Contains(ids.shapes, s) {
						ids.shapes = append(ids.shapes, s)
					}
				}
			}
		}
	}
	slices.SortStableFunc(ids.shapes, func(a, b string) int { return len(b) - len(a) })
	for _, t := range texts {
		for _, p := range t.Parts {
			ids.each(p.Text, func(start, end int) bool {
				if word := p.Text[start:end]; !ids.known[word] {
					ids.literal[word] = true
				}
				return false
			})
		}
	}
	return ids
}

// shape tells what another lab's id would look like: a hexadecimal number of
// the same length, or the same text with other decimal numbers in it.
func shape(id string) string {
	var b strings.Builder
	if isHexID(id) {
		for i := range len(id) {
			if isHex(id[i]) {
				b.WriteByte(hexDigit)
			} else {
				b.WriteByte(id[i])
			}
		}
		return b.String()
	}
	for i := range len(id) {
		switch {
		case !isDigit(id[i]):
			b.WriteByte(id[i])
		case i == 0 || !isDigit(id[i-1]):
			b.WriteByte(digits)
		}
	}
	return b.String()
}

// isHexID tells container ids, MAC addresses and UUIDs from names with a
// number in them.
func isHexID(id string) bool {
	n := 0
	for i := range len(id) {
		switch {
		case isHex(id[i]):
			n++
		case id[i] != ':' && id[i] != '-':
			return false
		}
	}
	return n >= 8
}

// find returns where ids stand, as whole words. Of several at one place the
// longest is taken.
func (ids *ids) find(text string, isID func(string) bool) [][]int {
	var found [][]int
	ids.each(text, func(start, end int) bool {
		ok := isID(text[start:end])
		if ok {
			found = append(found, []int{start, end})
		}
		return ok
	})
	return found
}

// isKnown tells the ids in the run's text.
func (ids *ids) isKnown(word string) bool { return ids.known[word] }

// likely tells the ids in the golden of some text of the run: what is shaped
// like one that the text shows.
func (ids *ids) likely(run string) func(word string) bool {
	shown := make(map[string]bool)
	ids.each(run, func(start, end int) bool {
		if word := run[start:end]; ids.known[word] {
			shown[shape(word)] = true
			return true
		}
		return false
	})
	return func(word string) bool { return shown[shape(word)] && !ids.literal[word] }
}

// each calls f with every word that has the shape of an id, and goes on behind
// it if f says so.
func (ids *ids) each(text string, f func(start, end int) bool) {
	if len(ids.shapes) == 0 {
		return
	}
	for i := 0; i < len(text); i++ {
		if i > 0 && isAlnum(text[i-1]) && isAlnum(text[i]) {
			continue
		}
		for _, s := range ids.shapes {
			end := matchShape(s, text, i)
			if end < 0 || end < len(text) && isAlnum(text[end-1]) && isAlnum(text[end]) {
				continue
			}
			if f(i, end) {
				i = end - 1
				break
			}
		}
	}
}

// matchShape returns where the match of a shape that begins at i ends, or -1.
func matchShape(shape, text string, i int) int {
	for k := range len(shape) {
		if i == len(text) {
			return -1
		}
		switch c := shape[k]; c {
		case hexDigit:
			if !isHex(text[i]) {
				return -1
			}
		case digits:
			if !isDigit(text[i]) {
				return -1
			}
			for i+1 < len(text) && isDigit(text[i+1]) {
				i++
			}
		default:
			if text[i] != c {
				return -1
			}
		}
		i++
	}
	return i
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isHex(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func isAlnum(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
