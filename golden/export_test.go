package golden

// Shares are texts as their goldens have them, and which bytes of the goldens
// are of volatile tokens. The goldens must hold, and have no optional lines.
func Shares(texts []Text, have map[string]string) (same []Text, volatile map[string][]bool) {
	volatile = make(map[string][]bool)
	for _, f := range compare(texts, have) {
		text := Text{Name: f.text.Name}
		bytes := make([]bool, len(f.golden.text))
		for _, p := range f.parts {
			part := *p.part
			part.Text = p.g.text[:len(p.g.text)-1]
			text.Parts = append(text.Parts, part)
			for _, t := range p.g.tokens {
				for i := t.start; i < t.end; i++ {
					bytes[f.golden.at[p.at]+i] = true
				}
			}
		}
		same = append(same, text)
		volatile[text.Name] = bytes
	}
	return same, volatile
}
