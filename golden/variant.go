package golden

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
)

// A Store is where the goldens of one way to play a scenario lie. Ways that
// differ in parameters share the folder of the scenario's goldens, and what is
// another text in one of them lies apart, in a folder of that way below it. It
// stands in front of the shared text of its name.
type Store struct {
	shared, own Dir // own is "" for the way whose texts are the shared ones
}

// Store is the store of the way whose texts are the shared ones.
func (d Dir) Store() Store { return Store{shared: d} }

// Variant is the store of another way, which has a folder of that name.
func (d Dir) Variant(name string) Store {
	return Store{shared: d, own: Dir(filepath.Join(string(d), name))}
}

// Read returns the content of every golden by its name.
func (s Store) Read() (map[string]string, error) {
	have, err := s.shared.Read()
	if err != nil {
		return nil, err
	}
	own, err := s.Own()
	maps.Copy(have, own)
	return have, err
}

// Own returns the content of the goldens that this way has apart.
func (s Store) Own() (map[string]string, error) {
	if s.own == "" {
		return nil, nil
	}
	return s.own.Read()
}

// Shared returns the content of the goldens that all ways share.
func (s Store) Shared() (map[string]string, error) { return s.shared.Read() }

// Apart says whether this way keeps what is another text in it apart.
func (s Store) Apart() bool { return s.own != "" }

// File is where the golden of a name lies, or where one would be written that
// there is none of.
func (s Store) File(name string) string {
	if s.own == "" {
		return s.shared.file(name)
	}
	own := s.own.file(name)
	if _, err := os.Stat(own); err != nil {
		if _, err := os.Stat(s.shared.file(name)); err == nil {
			return s.shared.file(name)
		}
	}
	return own
}

// Write makes or replaces a golden, as Dir.Write does: the shared one, or this
// way's own.
func (s Store) Write(name, text string) error {
	if s.own == "" {
		return s.shared.Write(name, text)
	}
	return s.own.Write(name, text)
}

// Remove removes a golden: the shared one, or this way's own. That there is
// none is no error. A folder of an own one that was the last goes with it.
func (s Store) Remove(name string) error {
	dir := s.shared
	if s.own != "" {
		dir = s.own
	}
	if err := os.Remove(dir.file(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if s.own != "" {
		_ = os.Remove(string(s.own)) // unless there are others
	}
	return nil
}

// Sweep removes what writers that were killed have left. Nobody may be writing
// there meanwhile.
func (s Store) Sweep() error {
	err := s.shared.Sweep()
	if s.own != "" {
		err = errors.Join(err, s.own.Sweep())
	}
	return err
}

// Writable says whether goldens can be written, before a run is made for
// nothing.
func (s Store) Writable() error {
	if s.own == "" {
		return s.shared.Writable()
	}
	if _, err := os.Stat(string(s.own)); errors.Is(err, fs.ErrNotExist) {
		return s.shared.Writable()
	}
	return s.own.Writable()
}
