package terminal

import "fmt"

// setMode is SM and RM.
func (s *Screen) setMode(mode int, on bool) {
	if mode == 4 { // IRM
		s.insertMode = on
	}
}

// setPrivateMode is DECSET and DECRST.
func (s *Screen) setPrivateMode(mode int, on bool) {
	switch mode {
	case 6: // DECOM
		s.originMode = on
		s.moveTo(0, 0)
	case 7: // DECAWM
		s.noWrap = !on
		s.col = min(s.col, s.cols-1)
	case 47, 1047:
		s.setAlternate(on)
	case 1048:
		if on {
			s.save()
		} else {
			s.restore()
		}
	case 1049:
		s.setAlternate(on)
		if !on && s.entered != nil {
			s.move(s.entered.line, s.entered.col)
		}
	}
}

// setAlternate shows the alternate screen, blank, or the main one again. The main screen,
// its scrollback, the mark and the feeds stay as they are meanwhile.
func (s *Screen) setAlternate(on bool) {
	if s.alternate == on {
		return
	}
	s.alternate = on
	if on {
		s.visible = make([]row, s.rows)
		s.entered = &place{s.line, s.col}
	} else {
		s.showMain()
	}
}

// showMain makes the main screen the visible rows.
func (s *Screen) showMain() { s.visible = s.main }

// reset is RIS: all is as at the start, but what was counted stays counted.
func (s *Screen) reset() {
	s.setAlternate(false)
	s.resetModes()
	s.resetTabs()
	s.place, s.entered = place{}, nil
	s.eraseDisplay(2)
	s.eraseDisplay(3)
}

// resetModes is DECSTR.
func (s *Screen) resetModes() {
	s.saved = savedCursor{}
	s.top, s.bottom = 0, s.rows-1
	s.originMode, s.insertMode, s.noWrap = false, false, false
	s.charsets, s.shifted = [2]byte{}, false
}

// report is DSR: whether all is well, or where the cursor is.
func (s *Screen) report(what int) {
	switch what {
	case 5:
		s.reply("\x1b[0n")
	case 6:
		line := s.line
		if s.originMode {
			line -= s.top
		}
		s.reply("\x1b[%d;%dR", line+1, min(s.col, s.cols-1)+1)
	}
}

func (s *Screen) reply(format string, args ...any) {
	if s.Reply != nil {
		s.Reply(fmt.Appendf(nil, format, args...))
	}
}
