package golden

import (
	"slices"
	"strings"
)

// Shares are texts as their goldens have them, and which bytes of the goldens
// are of volatile tokens. The goldens must hold. Optional lines are left out.
func Shares(texts []Text, have map[string]string) (same []Text, volatile map[string][]bool) {
	volatile = make(map[string][]bool)
	for _, f := range compare(texts, have) {
		text := Text{Name: f.text.Name}
		bytes := make([]bool, len(f.golden.text))
		for _, p := range f.parts {
			part := *p.part
			part.Text = strings.TrimSuffix(p.g.text, "\n")
			text.Parts = append(text.Parts, part)
			for _, t := range p.g.tokens {
				for i := t.start; i < t.end; i++ {
					line, found := slices.BinarySearch(p.g.lines, i)
					if !found {
						line--
					}
					bytes[f.golden.at[p.at+p.g.index(line)]+i-p.g.lines[line]] = true
				}
			}
		}
		same = append(same, text)
		volatile[text.Name] = bytes
	}
	return same, volatile
}
