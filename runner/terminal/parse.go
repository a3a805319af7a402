package terminal

import "unicode/utf8"

// parser takes the byte stream apart, by the state machine of the VT500 series
// (https://vt100.net/emu/dec_ansi_parser) with UTF-8 in the place of 8-bit controls.
// Its state is all there is between two bytes, so a stream may be cut anywhere.
type parser struct {
	state state
	utf8  []byte // a character that has begun

	// The control sequence under way: ESC [ prefix params intermediate final.
	prefix       byte
	intermediate byte
	params       []int // 0 where one is left out

	data []byte // of the OSC under way
}

type state byte

const (
	ground state = iota
	escape
	csi
	csiIgnored
	osc
	oscEscape
	ignored // a DCS, SOS, PM or APC string
)

const (
	maxParam  = 1 << 15 // no screen is larger
	maxParams = 32
	maxData   = 1 << 16 // bytes of an OSC; the rest is left out
)

const (
	bel = 0x07
	can = 0x18
	sub = 0x1a
	esc = 0x1b
	del = 0x7f
)

// Write carries out p. It never blocks and never fails.
func (s *Screen) Write(p []byte) (int, error) {
	for i := 0; i < len(p); {
		if n := s.writeText(p[i:]); n > 0 {
			i += n
			continue
		}
		s.writeByte(p[i])
		i++
	}
	return len(p), nil
}

// writeText prints the whole characters at the start of p, if text may stand here, and
// returns how many bytes it took. It is writeByte made fast for what is most of any stream.
func (s *Screen) writeText(p []byte) int {
	if s.parser.state != ground || len(s.parser.utf8) > 0 {
		return 0
	}
	n := 0
	for n < len(p) && p[n] >= ' ' && p[n] < del {
		n++
	}
	if n > 0 {
		s.printASCII(p[:n])
	}
	for n < len(p) && p[n] >= utf8.RuneSelf {
		r, size := utf8.DecodeRune(p[n:])
		if size == 1 {
			break
		}
		s.print(r)
		n += size
	}
	return n
}

func (s *Screen) writeByte(b byte) {
	p := &s.parser
	if len(p.utf8) > 0 || p.state == ground && b >= utf8.RuneSelf {
		s.writeUTF8(b)
		return
	}
	switch {
	case b == esc && p.state == osc:
		p.state = oscEscape
	case b == esc:
		p.state, p.intermediate = escape, 0
	case b == can || b == sub:
		p.state = ground
	case p.state == osc:
		s.writeOSC(b)
	case p.state == oscEscape:
		p.state, p.intermediate = escape, 0
		if b == '\\' {
			s.endOSC()
			return
		}
		s.writeByte(b)
	case p.state == ignored:
	case b < ' ':
		s.control(b)
	case b >= del:
	case p.state == ground:
		s.print(rune(b))
	case p.state == escape:
		s.writeEscape(b)
	default:
		s.writeCSI(b)
	}
}

// writeUTF8 adds b to the character under way. Bytes that are not UTF-8 show as nothing;
// a b that breaks a character off is then looked at by itself.
func (s *Screen) writeUTF8(b byte) {
	p := &s.parser
	var whole [utf8.UTFMax]byte
	text := append(append(whole[:0], p.utf8...), b)
	if !utf8.FullRune(text) {
		p.utf8 = append(p.utf8, b)
		return
	}
	begun := len(p.utf8) > 0
	p.utf8 = p.utf8[:0]
	if r, size := utf8.DecodeRune(text); size > 1 {
		s.print(r)
	} else if begun {
		s.writeByte(b)
	}
}

func (s *Screen) writeEscape(b byte) {
	p := &s.parser
	switch {
	case b < '0':
		p.intermediate = b
	case p.intermediate != 0:
		p.state = ground
		s.escape(p.intermediate, b)
	case b == '[':
		p.state, p.prefix = csi, 0
		p.params = append(p.params[:0], 0)
	case b == ']':
		p.state, p.data = osc, p.data[:0]
	case b == 'P' || b == 'X' || b == '^' || b == '_':
		p.state = ignored
	default:
		p.state = ground
		s.escape(0, b)
	}
}

func (s *Screen) writeCSI(b byte) {
	p := &s.parser
	switch {
	case b >= '@':
		if p.state == csi {
			s.csi(b)
		}
		p.state = ground
	case b < '0':
		p.intermediate = b
	case p.intermediate != 0:
		p.state = csiIgnored
	case b <= '9':
		last := &p.params[len(p.params)-1]
		*last = min(*last*10+int(b-'0'), maxParam)
	case b <= ';': // a colon parts the details of a colour, which we do not record
		if len(p.params) < maxParams {
			p.params = append(p.params, 0)
		}
	case p.prefix == 0 && len(p.params) == 1 && p.params[0] == 0:
		p.prefix = b
	default:
		p.state = csiIgnored
	}
}

func (s *Screen) writeOSC(b byte) {
	p := &s.parser
	switch {
	case b == bel:
		s.endOSC()
	case b >= ' ' && len(p.data) < maxData:
		p.data = append(p.data, b)
	}
}

func (s *Screen) endOSC() {
	s.parser.state = ground
	if s.OSC != nil {
		s.OSC(string(s.parser.data))
	}
}

// param returns the i-th parameter of the control sequence, 0 if it is left out.
func (p *parser) param(i int) int {
	if i < len(p.params) {
		return p.params[i]
	}
	return 0
}
