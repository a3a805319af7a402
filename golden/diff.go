package golden

import (
	"fmt"
	"strings"
)

// diff shows the lines that drifted in hunks, with some around that did not.
// The first line is line from of the golden, and line to of what it should
// become.
func diff(edits []edit, from, to, context int) string {
	var b strings.Builder
	size := 0
	show := make([]bool, len(edits))
	for i, e := range edits {
		if e.mark != ' ' {
			for k := max(0, i-context); k <= min(len(edits)-1, i+context); k++ {
				show[k] = true
			}
		}
	}
	for i, e := range edits {
		if show[i] {
			size += len(e.line) + 2
		}
	}
	b.Grow(size)
	for i := 0; i < len(edits); {
		if !show[i] {
			from, to, i = from+1, to+1, i+1
			continue
		}
		first, oldLines, newLines := i, 0, 0
		for ; i < len(edits) && show[i]; i++ {
			if edits[i].mark != '+' {
				oldLines++
			}
			if edits[i].mark != '-' {
				newLines++
			}
		}
		fmt.Fprintf(&b, "@@ -%d,%d +%d,%d @@\n", from, oldLines, to, newLines)
		for _, e := range edits[first:i] {
			b.WriteByte(e.mark)
			b.WriteString(e.line)
			b.WriteByte('\n')
		}
		from, to = from+oldLines, to+newLines
	}
	return b.String()
}
