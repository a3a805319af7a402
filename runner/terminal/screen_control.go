package terminal

// control carries out a C0 control character.
func (s *Screen) control(b byte) {
	s.homed = false
	switch b {
	case '\b':
		s.backspace()
	case '\t':
		s.tab(1)
	case '\n', '\v', '\f':
		s.feed()
	case '\r':
		s.col = 0
	case 0x0e: // SO
		s.shifted = true
	case 0x0f: // SI
		s.shifted = false
	}
}

// escape carries out ESC intermediate final, where intermediate may be 0.
func (s *Screen) escape(intermediate, final byte) {
	switch intermediate {
	case 0:
	case '(':
		s.charsets[0] = final
		return
	case ')':
		s.charsets[1] = final
		return
	default:
		return
	}
	switch final {
	case '7': // DECSC
		s.save()
	case '8': // DECRC
		s.restore()
	case 'D': // IND
		s.feed()
	case 'E': // NEL
		s.col = 0
		s.feed()
	case 'H': // HTS
		s.tabs[min(s.col, s.cols-1)] = true
	case 'M': // RI
		s.reverseIndex()
	case 'c': // RIS
		s.reset()
	}
}

// csi carries out the control sequence that ends in final.
func (s *Screen) csi(final byte) {
	switch kind := [2]byte{s.parser.prefix, s.parser.intermediate}; kind {
	case [2]byte{}:
		s.plainCSI(final)
	case [2]byte{'?'}:
		if final == 'h' || final == 'l' { // DECSET, DECRST
			for _, mode := range s.parser.params {
				s.setPrivateMode(mode, final == 'h')
			}
		}
	case [2]byte{'>'}:
		if final == 'c' { // DA2
			s.reply("\x1b[>0;0;0c")
		}
	case [2]byte{0, '!'}:
		if final == 'p' { // DECSTR
			s.resetModes()
		}
	case [2]byte{0, '$'}:
		if final == 'p' { // DECRQM: no mode is known
			s.reply("\x1b[%d;0$y", s.parser.params[0])
		}
	case [2]byte{'?', '$'}:
		if final == 'p' {
			s.reply("\x1b[?%d;0$y", s.parser.params[0])
		}
	}
}

// plainCSI carries out a control sequence without a prefix and intermediate.
func (s *Screen) plainCSI(final byte) {
	which := s.parser.params[0]
	n := max(which, 1)
	switch final {
	case '@': // ICH
		s.insertCells(n)
	case 'A': // CUU
		s.up(n)
	case 'B', 'e': // CUD, VPR
		s.down(n)
	case 'C', 'a': // CUF, HPR
		s.move(s.line, s.col+n)
	case 'D': // CUB
		s.move(s.line, s.col-n)
	case 'E': // CNL
		s.down(n)
		s.col = 0
	case 'F': // CPL
		s.up(n)
		s.col = 0
	case 'G', '`': // CHA, HPA
		s.move(s.line, n-1)
	case 'H', 'f': // CUP, HVP
		s.moveTo(n-1, max(s.parser.param(1), 1)-1)
		s.homed = s.place == place{}
	case 'I': // CHT
		s.tab(n)
	case 'J': // ED
		s.eraseDisplay(which)
	case 'K': // EL
		s.eraseLine(which)
	case 'L': // IL
		s.moveLines(-n)
	case 'M': // DL
		s.moveLines(n)
	case 'P': // DCH
		s.deleteCells(n)
	case 'S': // SU
		s.scroll(n)
	case 'T': // SD, or with five parameters a mode of the mouse
		if len(s.parser.params) == 1 {
			s.scroll(-n)
		}
	case 'X': // ECH
		s.eraseCells(n)
	case 'Z': // CBT
		s.backTab(n)
	case 'b': // REP
		s.repeat(n)
	case 'c': // DA: a VT100
		s.reply("\x1b[?1;2c")
	case 'd': // VPA
		s.moveTo(n-1, s.col)
	case 'g': // TBC
		s.clearTabs(which)
	case 'h', 'l': // SM, RM
		for _, mode := range s.parser.params {
			s.setMode(mode, final == 'h')
		}
	case 'n': // DSR
		s.report(which)
	case 'r': // DECSTBM
		bottom := s.parser.param(1)
		if bottom == 0 {
			bottom = s.rows
		}
		s.setRegion(n-1, bottom-1)
	case 's': // SCOSC
		s.save()
	case 'u': // SCORC
		s.restore()
	}
}
