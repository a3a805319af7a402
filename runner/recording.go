package runner

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// A Recording is all that a run showed. It lies in .scenario/last beside the
// script: recording.json, and for each terminal a stream of its raw bytes.
// Times are seconds since the run began.
type Recording struct {
	Scenario  string           `json:"scenario"`
	Network   string           `json:"network"` // the reader's
	Started   time.Time        `json:"started"`
	Seconds   float64          `json:"seconds"`
	Failed    string           `json:"failed,omitempty"` // the error that ended the run
	Nodes     []NodeRecord     `json:"nodes"`
	Terminals []TerminalRecord `json:"terminals"`
	Chapters  []Chapter        `json:"chapters"`
	Volatile  []Kind           `json:"volatile,omitempty"` // kinds that hold in the whole scenario
	Steps     []*Step          `json:"steps"`
}

// NodeRecord is a node as the script declared it.
type NodeRecord struct {
	Name  string   `json:"name"`
	IP    string   `json:"ip"` // the reader's
	Image string   `json:"image"`
	IDs   []string `json:"ids,omitempty"`
	Kinds []Kind   `json:"kinds,omitempty"` // hold in all that the node shows
	Pos   string   `json:"pos"`
	Ready float64  `json:"ready,omitempty"`
}

// TerminalRecord is a terminal, and what its program said before its first prompt.
type TerminalRecord struct {
	Name   string  `json:"name"` // "hoge.iex"
	Argv   string  `json:"argv"`
	Stream string  `json:"stream"` // file name of its bytes: lines {"t":seconds,"k":"o"|"i","d":base64}
	Banner string  `json:"banner,omitempty"`
	Kinds  []Kind  `json:"kinds,omitempty"`
	Ready  float64 `json:"ready,omitempty"`
}

// Chapter is a titled part of a scenario.
type Chapter struct {
	ID    string  `json:"id"`
	Title string  `json:"title"`
	Pos   string  `json:"pos"`
	Start float64 `json:"start"`
}

// Op is what a step did.
type Op string

// The operations a recording knows.
const (
	OpType   Op = "type"   // lines typed into a terminal
	OpKeys   Op = "keys"   // keys or raw text
	OpWait   Op = "wait"   // waited for text or the prompt
	OpScreen Op = "screen" // the window as it stood
	OpExec   Op = "exec"   // a command beside the terminals
	OpRead   Op = "read"   // a file of the node
	OpWrite  Op = "write"  // the same
)

// A Step is one thing done to a node and what came of it. All text holds the
// reader's addresses.
type Step struct {
	Op       Op       `json:"op"`
	Node     string   `json:"node"`
	Terminal string   `json:"terminal,omitempty"` // "hoge.iex"; "" for exec, read and write
	Label    string   `json:"label,omitempty"`    // "" leaves no golden
	Chapter  string   `json:"chapter,omitempty"`
	Pos      string   `json:"pos"`
	Typed    []string `json:"typed,omitempty"` // lines; an exec's argv; a path; what was waited for

	Text   string `json:"text,omitempty"`   // as a reader would copy it
	Output string `json:"output,omitempty"` // what came back
	Stderr string `json:"stderr,omitempty"` // of an exec
	After  string `json:"after,omitempty"`  // what came later, and nobody waited for
	Status *int   `json:"status,omitempty"`

	Tolerance
	Start float64 `json:"start"`
	End   float64 `json:"end"`
	Error string  `json:"error,omitempty"`
}

// Golden is the name of the golden that a step belongs to, LABEL@TERMINAL, or
// "" when it leaves none.
func (s *Step) Golden() string {
	switch {
	case s.Label == "" || s.Op == OpKeys || s.Text == "":
		return ""
	case s.Terminal == "":
		return s.Label + "@" + s.Node
	}
	return s.Label + "@" + s.Terminal
}

const (
	recordingDir  = ".scenario"
	recordingFile = "recording.json"
)

// ReadRecording reads the last recording of the scenario in dir. There being
// none is an fs.ErrNotExist.
func ReadRecording(dir string) (*Recording, error) {
	data, err := os.ReadFile(filepath.Join(dir, recordingDir, "last", recordingFile))
	if err != nil {
		return nil, err
	}
	rec := new(Recording)
	if err := json.Unmarshal(data, rec); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, recordingDir, "last", recordingFile), err)
	}
	return rec, nil
}

// recorder writes a recording: the streams as they come, the rest at the end,
// into a folder of its own that becomes "last" when it is whole.
type recorder struct {
	start time.Time
	root  string // .scenario
	dir   string

	mu      sync.Mutex
	rec     Recording
	streams map[string]*os.File
	err     error // the first that a stream met
}

func newRecorder(dir, scenario, id string) (*recorder, error) {
	root := filepath.Join(dir, recordingDir)
	r := &recorder{
		start:   time.Now(),
		root:    root,
		dir:     filepath.Join(root, "run-"+id),
		rec:     Recording{Scenario: scenario},
		streams: map[string]*os.File{},
	}
	r.rec.Started = r.start
	if err := os.MkdirAll(r.dir, 0o755); err != nil {
		return nil, fmt.Errorf("cannot keep a recording: %w", err)
	}
	ignore := filepath.Join(root, ".gitignore")
	if _, err := os.Stat(ignore); errors.Is(err, fs.ErrNotExist) {
		if err := os.WriteFile(ignore, []byte("*\n"), 0o644); err != nil {
			return nil, fmt.Errorf("cannot keep a recording: %w", err)
		}
	}
	return r, nil
}

// since is the time since the run began, in seconds, to the microsecond.
func (r *recorder) since() float64 {
	return time.Since(r.start).Round(time.Microsecond).Seconds()
}

// change calls f with the recording, which other goroutines write as well.
func (r *recorder) change(f func(*Recording)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f(&r.rec)
}

// tap returns a function that writes a terminal's raw bytes.
func (r *recorder) tap(name string) (func(kind byte, data []byte), error) {
	f, err := os.Create(filepath.Join(r.dir, name))
	if err != nil {
		return nil, fmt.Errorf("cannot keep a recording: %w", err)
	}
	r.mu.Lock()
	r.streams[name] = f
	r.mu.Unlock()
	return func(kind byte, data []byte) {
		_, err := fmt.Fprintf(f, "{\"t\":%.6f,\"k\":%q,\"d\":%q}\n", r.since(), string(rune(kind)), base64.StdEncoding.EncodeToString(data))
		if err != nil {
			r.mu.Lock()
			r.err = errors.Join(r.err, err)
			r.mu.Unlock()
		}
	}, nil
}

// finish writes the recording and makes it the last one.
func (r *recorder) finish(failed error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	err := r.err
	for _, f := range r.streams {
		err = errors.Join(err, f.Close())
	}
	r.rec.Seconds = r.since()
	if failed != nil {
		r.rec.Failed = failed.Error()
	}
	if failed != nil && len(r.rec.Steps) == 0 {
		return errors.Join(err, os.RemoveAll(r.dir)) // nothing to keep, and the last one is worth more
	}
	data, jerr := json.MarshalIndent(&r.rec, "", "\t")
	err = errors.Join(err, jerr)
	if err == nil {
		err = os.WriteFile(filepath.Join(r.dir, recordingFile), append(data, '\n'), 0o644)
	}
	if err == nil {
		last := filepath.Join(r.root, "last")
		err = errors.Join(os.RemoveAll(last), os.Rename(r.dir, last))
	}
	if err != nil {
		os.RemoveAll(r.dir)
		return fmt.Errorf("cannot keep the recording: %w", err)
	}
	return nil
}
