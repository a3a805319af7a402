package runner

import (
	"bytes"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func secretsOf(texts ...string) (secrets []secret) {
	for _, t := range texts {
		secrets = append(secrets, newSecret(t))
	}
	return secrets
}

// inPieces writes a stream in pieces.
func inPieces(secrets []secret, pieces ...string) string {
	m := masker{secrets: secrets}
	var out []byte
	for _, p := range pieces {
		out = append(out, m.write([]byte(p))...)
	}
	return string(append(out, m.rest()...))
}

// Every stream is written whole, byte by byte, and in three pieces that end
// anywhere.
func TestMasker(t *testing.T) {
	for _, c := range []struct{ name, secret, in, want string }{
		{"plain", "hunter22", "login hunter22\r\nok", "login ***\r\nok"},
		{"none", "hunter22", "login hunter\x1b[1m\r\n$ \xffあ", "login hunter\x1b[1m\r\n$ \xffあ"},
		{"twice", "hunter22", "hunter22hunter22", "******"},
		{"a beginning before it", "hunter22", "huhunhunter22", "huhun***"},
		{"itself twice, overlapping", "abab", "xababab.", "x***."},
		{"one in another", "hunt\nhunter22", "hunter2 hunter22", "***er2 ***"},
		{"one over the end of another", "abcd\ncdef", "abcdef", "***"},
		{"one in another, both", "bcde\nabcdef", "abcdef", "***"},
		{"wide", "元氣ですか", "a元氣ですかb元氣", "a***b元氣"},
		{"escapes between", "hunter22", "hun\x1b[31mter\x1b]0;title\a2\x1b(B2.", "***\x1b[31m\x1b]0;title\a\x1b(B."},
		{"characters of an escape are none", "a31m", "a\x1b[31m", "a\x1b[31m"},
		{"line editor at the margin", "hunter22", "$ hunt \rer22\r\n", "$ ***\r\n"},
		{"another at the margin", "hunter22", "$ hunt \ber22\r\n", "$ ***\r\n"},
		{"at the margin, before a wide character", "元氣ですか", "元氣 \x1b[Kで \x1b[0Kすか", "***\x1b[K\x1b[0K"},
		{"a blank and a colour", "hunter22", "hunt \x1b[31mer22", "hunt \x1b[31mer22"},
		{"a blank and no margin", "hunter22", "hunt er22", "hunt er22"},
		{"a blank in it", "my secret", "my secret mysecret my \rsecret", "*** mysecret ***"},
		{"a blank in it, at the margin", "my secret", "my  \rsecret", "***"},
		{"a blank in it, cut", "my  secret", "my\n secret my\nsecret my \nsecret", "***\n ***\n ***\n"},
		{"rows", "hunter22", "hun\nter\r\n22\n", "***\n\r\n\n"},
		{"backspaces", "hunter22", "h\bhunter22", "h\b***"},
		{"a tab", "key\tvalue", "key\tvalue key   value keyvalue", "*** *** keyvalue"},
		{"what is no UTF-8 does not show", "hunter22", "hun\xffter\xe3\x8122", "***\xff\xe3\x81"},
		{"half a character", "hunter22", "\xe3\x81", "\xe3\x81"},
		{"a title", "hunter22", "\x1b]0;hunter22\ax\x1b]0;hunter\a", "\x1b]0;***\ax\x1b]0;hunter\a"},
		{"a wide title", "元氣ですか", "\x1b]0;元氣ですか\x1b\\元氣ですか", "\x1b]0;***\x1b\\***"},
		{"a string", "hunter22", "\x1bPhunter22\x1b\\hun\x1bPter\x1b\\ter22", "\x1bP***\x1b\\***\x1bPter\x1b\\"},
		{"an end", "hunter22", "hunter2", "hunter2"},
	} {
		secrets := secretsOf(strings.Split(c.secret, "\n")...)
		if got := maskAll(secrets, c.in); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
			continue
		}
		if got := inPieces(secrets, strings.Split(c.in, "")...); got != c.want && !strings.Contains(c.in, "\xff") {
			t.Errorf("%s, by characters: got %q, want %q", c.name, got, c.want)
		}
		for i := range len(c.in) + 1 {
			for j := i; j <= len(c.in); j++ {
				if got := inPieces(secrets, c.in[:i], c.in[i:j], c.in[j:]); got != c.want {
					t.Errorf("%s, %q, %q, %q: got %q, want %q", c.name, c.in[:i], c.in[i:j], c.in[j:], got, c.want)
				}
			}
		}
	}
}

// What is let go at once is never more than what is known to be harmless.
func TestMaskerHoldsBack(t *testing.T) {
	m := masker{secrets: secretsOf("hunter22")}
	for _, c := range []struct{ in, out string }{
		{"login hun", "login "}, {"ter", ""}, {"\x1b[1m", ""}, {"hun", "hunter\x1b[1m"}, {"ter22", "***"}, {"$ ", "$ "}, {"h", ""},
	} {
		if got := m.write([]byte(c.in)); string(got) != c.out {
			t.Errorf("after %q: %q, want %q", c.in, got, c.out)
		}
	}
	if got := m.rest(); string(got) != "h" {
		t.Errorf("at the end: %q", got)
	}
	if got := maskCut(m.secrets, "login hunter2\n"); got != "login ***\n" {
		t.Errorf("cut off: %q", got)
	}
	if got := maskCut(m.secrets, "login hun"); got != "login hun" {
		t.Errorf("cut off before it tells anything: %q", got)
	}
	m = masker{secrets: m.secrets, typed: true}
	if got := m.write([]byte("bash\r")); string(got) != "bash\r" {
		t.Errorf("after Enter: %q", got)
	}
}

var (
	// invisible is what the streams of TestMaskerAnything have between
	// characters, and margins what a line editor has.
	invisible = []string{"\x1b[31m", "\x1b[K", "\x1b[12;3H", "\x1b]0;ab\a", "\x1b]2;b\x1b\\", "\x1b(B", "\x1b7", "\r", "\n", "\b", "\r\n", "\a", " \r", " \b", " \x1b[K", "\xff"}
	unseen    = regexp.MustCompile(`\x1b\][^\x07\x1b]*(\x07|\x1b\\)| ?\x1b\[K|\x1b\[[0-9;]*[A-Z]|\x1b\[[0-9;]*m|\x1b\(B|\x1b7| [\r\x08]|[\r\n\x07\x08]|\xff`)
)

func seen(stream []byte) []byte {
	return unseen.ReplaceAll(bytes.ReplaceAll(stream, []byte{0xff}, nil), nil)
}

// Random streams of few characters, so that secrets begin, break off and
// overlap all the time, in random pieces.
func TestMaskerAnything(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	letters := []string{"a", "b", "あ"}
	some := func(n int) string {
		var b strings.Builder
		for range n {
			b.WriteString(letters[r.IntN(len(letters))])
		}
		return b.String()
	}
	found := 0
	for range 20_000 {
		var texts []string
		for range 1 + r.IntN(3) {
			texts = append(texts, some(4+r.IntN(3)))
		}
		secrets := secretsOf(texts...)
		var in []byte
		for range r.IntN(40) {
			in = append(in, some(1)...)
			for r.IntN(3) == 0 {
				in = append(in, invisible[r.IntN(len(invisible))]...)
			}
		}
		var pieces []string
		for rest := string(in); rest != ""; {
			n := min(1+r.IntN(6), len(rest))
			pieces = append(pieces, rest[:n])
			rest = rest[n:]
		}
		out := []byte(inPieces(secrets, pieces...))
		holds := func(stream []byte) bool {
			return slices.ContainsFunc(texts, func(s string) bool { return bytes.Contains(seen(stream), []byte(s)) })
		}
		switch {
		case holds(out):
			t.Fatalf("%q of %q is in %q", texts, in, out)
		case !holds(in) && !bytes.Equal(in, out):
			t.Fatalf("%q is not in %q, which became %q", texts, in, out)
		case holds(in):
			found++
		}
		if whole := maskAll(secrets, string(in)); whole != string(out) {
			t.Fatalf("%q in pieces became %q, and whole %q", in, out, whole)
		}
	}
	if found < 1000 {
		t.Errorf("a secret was there in %d streams only", found)
	}
}
