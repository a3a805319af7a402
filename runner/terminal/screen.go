package terminal

// Pos is a cell: Row counts from the first row the terminal ever showed, and stays the
// same when the screen scrolls; Col counts from 0.
type Pos struct{ Row, Col int }

// Screen is the emulator: it is fed what a program prints and knows what a reader sees.
// It keeps text only, no colours. It behaves as tmux does, except where it says so.
type Screen struct {
	// OSC is called with the data of each operating system command, such as "133;D;0".
	OSC func(data string)
	// Reply is called with the answer to a question that the program has asked.
	// Both may be nil, and are called at their place in the byte stream.
	Reply func(answer []byte)

	parser parser

	cols, rows int
	back       scrollback // of the main screen
	main       []row      // the main screen, also while it is not on display
	visible    []row      // the rows on display: those of main, or the alternate screen
	alternate  bool

	place       // the cursor
	saved       savedCursor
	entered     *place // the cursor when the alternate screen was last entered, if ever
	top, bottom int    // the scroll region, both inclusive
	tabs        []bool // the columns with a tab stop
	originMode  bool
	homed       bool // CUP has put the cursor at the top left: ED 0 clears the screen
	insertMode  bool
	noWrap      bool
	charsets    [2]byte // what G0 and G1 are designated to: '0' is line drawing
	shifted     bool    // G1 is in use
	last        rune    // the last character, which REP repeats; 0 if it cannot

	clusters clusters
	feeds    int
	forgot   int // the rows before are not kept
	cut      int
	mark     Pos
}

// place is a position on the visible screen. When the last column has just been written
// col is the number of columns: the next character goes to the next row.
type place struct{ line, col int }

// NewScreen returns a blank screen. Sizes below 1 count as 1.
func NewScreen(cols, rows int) *Screen {
	s := &Screen{cols: max(cols, 1), rows: max(rows, 1)}
	s.main = make([]row, s.rows)
	s.showMain()
	s.reset()
	return s
}

// Cursor returns where the next character goes. After the last column has been written
// Col is the number of columns, so that Text up to the cursor holds that column.
func (s *Screen) Cursor() Pos { return Pos{s.base() + s.line, s.col} }

// base returns the Pos.Row of the first visible row. Rows of the alternate screen are
// counted as if they lay over those of the main screen.
func (s *Screen) base() int { return s.back.end }

// Feeds returns how many line feeds (LF, VT, FF, IND, NEL) have been carried out on the
// main screen since the start, also those that scrolled. It never goes back, so unlike a
// row it tells whether output has moved on even after a clear or a cursor-home.
func (s *Screen) Feeds() int { return s.feeds }

// Mark keeps p, for Marked. A new mark replaces the one before.
func (s *Screen) Mark(p Pos) { s.mark = p }

// Marked returns the position given to Mark; or the top left of the screen if a clear of
// the screen or of the scrollback (ED 2, ED 3, cursor-home and ED 0, RIS) has erased its
// row, as nothing older can be seen then. Shells that draw the line again which is being
// typed erase from there too, but they go back to it by CUU and BS.
func (s *Screen) Marked() Pos { return s.mark }

// Forget says that rows before row are not needed any more. They are let go when they
// have scrolled out.
func (s *Screen) Forget(row int) {
	s.forgot, s.cut = min(row, s.Cursor().Row), 0
	s.trim()
}

// Cut returns how many bytes of the text from p on were lost since the last Forget,
// because more than Scrollback had scrolled out; 0 if none of that text was.
func (s *Screen) Cut(p Pos) int {
	if p.Row >= s.back.first {
		return 0
	}
	return s.cut
}

// trim keeps the scrollback within its limit.
func (s *Screen) trim() {
	s.back.forget(s.forgot)
	if s.cut == 0 && s.back.size <= Scrollback {
		return
	}
	for s.back.size > Remainder {
		s.cut += s.back.drop()
	}
}
