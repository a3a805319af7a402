package runner

import (
	"net/netip"
	"strings"
	"testing"
)

// Long texts of shapes that what looks at them could stumble
// over: time that grows faster than they do would outlast any test's patience.
func TestLongTexts(t *testing.T) {
	const size = 3 << 20
	tr := translation{reader: netip.MustParsePrefix("172.17.0.0/16"), lab: netip.MustParsePrefix("10.101.0.0/16")}
	secrets := secretsOf("aaaaaaaab", "1.1.1.1.2")
	for name, unit := range map[string]string{
		"a line": "x", "the beginning of a secret": "a", "blanks": " ", "line breaks": "\n", "digits": "1", "dots": "1.", "numbers": "10\n",
		"addresses": "10.101.0.4 ", "a long address": "10.", "broken": "10.\n", "tuples": "{10, ", "tuple": "{10,101,0,4}",
		"escapes": "\x1b[m", "an escape": "\x1b]0;aaaa",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.Repeat(unit, size/len(unit))
			if got := tr.toReader(text); len(got) < size/2 {
				t.Errorf("%d bytes became %d", len(text), len(got))
			}
			m := masker{secrets: secrets}
			n := 0
			for piece := []byte("a" + text); len(piece) > 0; {
				k := min(len(piece), 4<<10)
				n += len(m.write(piece[:k]))
				piece = piece[k:]
				if len(m.units) > 2*maxHeld {
					t.Fatalf("%d units are held back", len(m.units))
				}
			}
			if n += len(m.rest()); n != len(text)+1 {
				t.Errorf("%d bytes came through of %d", n, len(text)+1)
			}
		})
	}
}
