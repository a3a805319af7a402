package runner

import (
	"regexp"
	"slices"
	"unicode/utf8"
)

// mask stands where a secret stood.
const mask = "***"

// secret is one line of text that is to be found in what a terminal shows.
type secret struct {
	text  string
	runes []rune // the same, blanks with a tab among them being one tab
}

var tabbed = regexp.MustCompile(`[ \t]*\t[ \t]*`)

func newSecret(text string) secret {
	return secret{text, []rune(tabbed.ReplaceAllString(text, "\t"))}
}

// maxHeld is how many units a secret may be apart in a stream: a window's worth
// of control sequences.
const maxHeld = 64 << 10

// A masker takes secrets out of a stream of bytes that a terminal gets, or out
// of text. It holds back what may be the beginning of a secret.
//
// A secret is found also where something that does not show stands between its
// characters: control sequences, what a line editor sends at the right margin,
// the ends of a window's rows. That is kept, and the mask is written in the
// place of the first character. A secret whose characters are written out of
// their order is not found, and part of one that is drawn again stays.
type masker struct {
	secrets []secret
	typed   bool // the stream is what was typed: Enter ends whatever is under way

	state maskState
	inter bool   // an intermediate byte came in the escape sequence
	utf8  []byte // a character that has begun

	held    []byte
	units   []unit // that held consists of
	first   int    // number of units[0], counted from the beginning
	threads []thread
}

// maskState is where in a control sequence the stream is, as in package
// terminal's parser.
type maskState byte

const (
	maskGround maskState = iota
	maskEscape
	maskCSI
	maskOSC
	maskString // DCS, SOS, PM or APC
)

// unit is what is looked at as one: a character that shows, or a byte.
type unit struct {
	kind  unitKind
	size  uint8
	c     rune
	out   bool // it is part of a secret, and left out
	begin bool // the mask stands here
}

type unitKind byte

const (
	shown   unitKind = iota
	control          // moves the cursor, or is part of a sequence
	payload          // of a string sequence: a window's title
)

// thread is a secret that may be under way.
type thread struct {
	secret  int
	start   int  // number of its first unit
	at      int  // how many of its characters were seen; of its bytes, in a payload
	payload bool // a secret in a string sequence has nothing between its bytes
	margin  margin
}

// margin is how much was seen of what a line editor writes at the right
// margin, where it is sure of the terminal's wrap only after one more
// character: a blank, and behind it CR, BS or ESC [ K.
type margin byte

const (
	noMargin margin = iota
	marginBlank
	marginEscape
	marginBracket
)

// write takes more of the stream, and returns what can be let go.
func (m *masker) write(data []byte) []byte {
	if len(m.secrets) == 0 {
		return data
	}
	out := make([]byte, 0, len(data)+len(mask))
	for _, b := range data {
		m.put(b)
		if len(m.threads) == 0 {
			out = m.release(out, len(m.units))
		} else if len(m.units) >= 2*maxHeld {
			out = m.releaseOld(out)
		}
	}
	return m.releaseOld(out)
}

// releaseOld releases what no secret that may be under way begins before. One
// that has not come to its end after so much is none.
func (m *masker) releaseOld(out []byte) []byte {
	end := m.first + len(m.units)
	m.threads = slices.DeleteFunc(m.threads, func(t thread) bool { return end-t.start > maxHeld })
	begin := end
	for _, t := range m.threads {
		begin = min(begin, t.start)
	}
	return m.release(out, begin-m.first)
}

// cut returns what was held back from a stream that is cut off. What may be the
// beginning of a secret is masked like the whole, if it has as many characters
// as the least of secrets.
func (m *masker) cut() []byte {
	for _, t := range m.threads {
		if t.at >= minSecret {
			m.mark(t)
		}
	}
	return m.rest()
}

// rest returns what was held back: a text is at its end, or another masker goes
// on with it.
func (m *masker) rest() []byte {
	m.threads = nil
	out := m.release(nil, len(m.units))
	out = append(out, m.utf8...)
	m.utf8 = nil
	return out
}

// release appends the first n units to out, as they are to be seen.
func (m *masker) release(out []byte, n int) []byte {
	size := 0
	for _, u := range m.units[:n] {
		switch {
		case u.begin:
			out = append(out, mask...)
		case !u.out:
			out = append(out, m.held[size:size+int(u.size)]...)
		}
		size += int(u.size)
	}
	m.held = slices.Delete(m.held, 0, size)
	m.units = slices.Delete(m.units, 0, n)
	m.first += n
	return out
}

// put takes a byte apart, as package terminal's parser does it.
func (m *masker) put(b byte) {
	const bel, can, sub, esc, del = 0x07, 0x18, 0x1a, 0x1b, 0x7f
	if len(m.utf8) > 0 || m.state == maskGround && b >= utf8.RuneSelf {
		m.putUTF8(b)
		return
	}
	kind := control
	switch {
	case b == esc:
		m.state, m.inter = maskEscape, false
	case b == can, b == sub, m.state == maskOSC && b == bel:
		m.state = maskGround
	case m.state == maskOSC, m.state == maskString:
		kind = payload
	case b == '\t':
		kind = shown
	case b < ' ', b >= del:
	case m.state == maskGround:
		kind = shown
	case m.state == maskCSI:
		if b >= '@' {
			m.state = maskGround
		}
	case b < '0':
		m.inter = true
	case m.inter:
		m.state = maskGround
	case b == '[':
		m.state = maskCSI
	case b == ']':
		m.state = maskOSC
	case b == 'P', b == 'X', b == '^', b == '_':
		m.state = maskString
	default:
		m.state = maskGround
	}
	m.add(kind, rune(b), b)
}

// putUTF8 adds b to the character under way. What is no UTF-8 does not show.
func (m *masker) putUTF8(b byte) {
	text := append(m.utf8, b)
	if !utf8.FullRune(text) {
		m.utf8 = text
		return
	}
	m.utf8 = nil
	if c, size := utf8.DecodeRune(text); size > 1 {
		m.add(shown, c, text...)
		return
	}
	begun := text[:len(text)-1]
	for _, b := range begun {
		m.add(control, utf8.RuneError, b)
	}
	if len(begun) > 0 {
		m.put(b)
	} else {
		m.add(control, utf8.RuneError, b)
	}
}

// add follows the secrets that are under way, and those that begin, by a unit.
func (m *masker) add(kind unitKind, c rune, text ...byte) {
	m.held = append(m.held, text...)
	m.units = append(m.units, unit{kind: kind, size: uint8(len(text)), c: c})
	under := m.threads
	m.threads = nil
	for _, t := range under {
		m.advance(t, kind, c)
	}
	for i, s := range m.secrets {
		t := thread{secret: i, start: m.first + len(m.units) - 1}
		switch {
		case kind == shown && c == s.runes[0]:
			m.follow(t, 1)
		case kind == payload && byte(c) == s.text[0]:
			t.payload = true
			m.follow(t, 1)
		}
	}
}

// advance follows a thread by a unit, on each way that it may go.
func (m *masker) advance(t thread, kind unitKind, c rune) {
	s := &m.secrets[t.secret]
	if t.payload {
		if kind == payload && byte(c) == s.text[t.at] {
			m.follow(t, t.at+1)
		}
		return
	}
	if m.typed && (c == '\r' || c == '\n') {
		return
	}
	want, before := s.runes[t.at], s.runes[t.at-1]
	if t.margin != noMargin {
		if kind == control {
			m.advanceMargin(t, c)
		}
		return
	}
	if kind != shown {
		m.follow(t, t.at)
		// The blanks at the end of a row are not there in a text.
		for i := t.at; kind == control && c == '\n' && s.runes[i] == ' '; i++ {
			m.follow(t, i+1)
		}
		return
	}
	blank := c == ' ' || c == '\t'
	if c == want || want == '\t' && blank {
		m.follow(t, t.at+1)
	}
	if before == '\t' && blank {
		m.follow(t, t.at)
	}
	if c == ' ' {
		m.keep(t, marginBlank)
	}
}

func (m *masker) advanceMargin(t thread, c rune) {
	switch {
	case t.margin == marginBlank && c == 0x1b:
		m.keep(t, marginEscape)
	case t.margin == marginEscape && c == '[':
		m.keep(t, marginBracket)
	case t.margin == marginBracket && c >= '0' && c <= '9':
		m.keep(t, marginBracket)
	case t.margin == marginBlank && (c == '\r' || c == '\b'), t.margin == marginBracket && c == 'K':
		m.keep(t, noMargin)
	}
}

// follow goes on with a thread of which at characters were seen.
func (m *masker) follow(t thread, at int) {
	t.at = at
	size := len(m.secrets[t.secret].runes)
	if t.payload {
		size = len(m.secrets[t.secret].text)
	}
	if at == size {
		m.mark(t)
	} else {
		m.keep(t, noMargin)
	}
}

func (m *masker) keep(t thread, at margin) {
	t.margin = at
	if !slices.Contains(m.threads, t) {
		m.threads = append(m.threads, t)
	}
}

// mark leaves out the characters of a secret that ends here. One that
// overlaps with another is left out with it, under one mask.
func (m *masker) mark(t thread) {
	kind := shown
	if t.payload {
		kind = payload
	}
	units := m.units[t.start-m.first:]
	for i := range units {
		u := &units[i]
		margin := kind == shown && u.kind == control && (u.c == '\r' || u.c == '\b') &&
			units[i-1].kind == shown && units[i-1].c == ' '
		switch {
		case u.kind != kind && !margin:
		case i == 0:
			u.begin = u.begin || !u.out
			u.out = true
		default:
			u.begin, u.out = false, true
		}
	}
}

// maskAll is a text without the secrets.
func maskAll(secrets []secret, s string) string {
	if len(secrets) == 0 {
		return s
	}
	m := masker{secrets: secrets}
	return string(append(m.write([]byte(s)), m.rest()...))
}

// maskCut is what a window showed at some moment, without the secrets: one may
// be on its way.
func maskCut(secrets []secret, s string) string {
	if len(secrets) == 0 {
		return s
	}
	m := masker{secrets: secrets}
	return string(append(m.write([]byte(s)), m.cut()...))
}
