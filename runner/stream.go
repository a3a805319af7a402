package runner

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// stream is the file of a terminal's raw bytes. No secret is ever in it: what
// may be the beginning of one is kept back until the next bytes tell, and a
// secret that is declared late is taken out of what was written.
type stream struct {
	path  string
	since func() float64
	full  func() // told when the file has come to its limit

	mu    sync.Mutex
	file  *os.File // nil when closed
	size  int      // of it, in bytes
	cut   int      // bytes of the terminal that are not in it
	masks map[byte]*masker
	err   error // the first that it met; nothing is written after it
}

// streamLine is how the bytes lie in the file.
type streamLine struct {
	Time float64 `json:"t"`
	Kind string  `json:"k"` // "o" for output, "i" for input
	Data []byte  `json:"d"`
}

// streamLimit is how large a file may be, in bytes.
const streamLimit = 64 << 20

func newStream(path string, since func() float64, full func(), secrets []secret) (*stream, error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	return &stream{path: path, since: since, full: full, file: file, masks: newMasks(secrets)}, nil
}

func newMasks(secrets []secret) map[byte]*masker {
	return map[byte]*masker{'o': {secrets: secrets}, 'i': {secrets: secrets, typed: true}}
}

// write adds what the terminal got, 'o', or was sent, 'i', up to the limit.
func (s *stream) write(kind byte, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.file == nil, s.err != nil:
	case s.size > streamLimit:
		s.cut += len(data)
	default:
		s.err = s.add(kind, s.masks[kind].write(data))
		if s.size > streamLimit {
			s.full()
		}
	}
}

// add writes what has gone through the masks.
func (s *stream) add(kind byte, data []byte) error {
	n, err := writeLine(s.file, s.since(), kind, data)
	s.size += n
	return err
}

func writeLine(w io.Writer, t float64, kind byte, data []byte) (int, error) {
	if len(data) == 0 {
		return 0, nil
	}
	return fmt.Fprintf(w, "{\"t\":%.6f,\"k\":%q,\"d\":%q}\n", t, string(rune(kind)), base64.StdEncoding.EncodeToString(data))
}

// mask takes secrets out of what was written, and of all that is to come.
func (s *stream) mask(secrets []secret) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file != nil && s.err == nil {
		s.err = s.rewrite(newMasks(secrets))
	}
	return s.err
}

// rewrite replaces the file by one that has gone through masks.
func (s *stream) rewrite(masks map[byte]*masker) error {
	old, err := os.Open(s.path)
	if err != nil {
		return err
	}
	defer old.Close()
	file, err := os.Create(s.path + ".new")
	if err != nil {
		return err
	}
	if err := s.copy(file, old, masks); err != nil {
		return errors.Join(err, file.Close())
	}
	s.file.Close()
	s.file, s.masks = file, masks
	if info, err := file.Stat(); err == nil {
		s.size = int(info.Size())
	}
	return os.Rename(file.Name(), s.path)
}

func (s *stream) copy(to io.Writer, from io.Reader, masks map[byte]*masker) error {
	w := bufio.NewWriter(to)
	for lines := json.NewDecoder(from); ; {
		var l streamLine
		if err := lines.Decode(&l); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		kind := l.Kind[0]
		if _, err := writeLine(w, l.Time, kind, masks[kind].write(l.Data)); err != nil {
			return err
		}
	}
	for kind, m := range s.masks {
		if _, err := writeLine(w, s.since(), kind, masks[kind].write(m.rest())); err != nil {
			return err
		}
	}
	return w.Flush()
}

// close writes what was kept back, and says what went wrong so far.
func (s *stream) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for kind, m := range s.masks {
		if s.err == nil {
			s.err = s.add(kind, m.cut())
		}
	}
	err := errors.Join(s.err, s.file.Close())
	s.file = nil
	return err
}
