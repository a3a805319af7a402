package golden

import (
	"fmt"
	"strings"
)

// context is how many lines that did not drift are shown around one that did.
const context = 3

// diff shows the lines that drifted in hunks.
func diff(edits []edit) string {
	var b strings.Builder
	show := make([]bool, len(edits))
	for i, e := range edits {
		if e.mark != ' ' {
			for k := max(0, i-context); k <= min(len(edits)-1, i+context); k++ {
				show[k] = true
			}
		}
	}
	from, to := 1, 1 // line numbers before and after
	for i := 0; i < len(edits); {
		if !show[i] {
			from, to, i = from+1, to+1, i+1
			continue
		}
		var hunk strings.Builder
		oldLines, newLines := 0, 0
		for ; i < len(edits) && show[i]; i++ {
			e := edits[i]
			fmt.Fprintf(&hunk, "%c%s\n", e.mark, e.line)
			if e.mark != '+' {
				oldLines++
			}
			if e.mark != '-' {
				newLines++
			}
		}
		fmt.Fprintf(&b, "@@ -%d,%d +%d,%d @@\n%s", from, oldLines, to, newLines, hunk.String())
		from, to = from+oldLines, to+newLines
	}
	return b.String()
}
