package runner

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// A Recording is all that a run showed. It lies in .scenario/NAME/last beside
// the script NAME.star, or, of a variant, in .scenario/NAME/VARIANT/last: recording.json, and for each terminal a stream of its
// raw bytes. Times are seconds since the run began.
type Recording struct {
	Scenario  string           `json:"scenario"`
	Variant   string           `json:"variant,omitempty"` // which of several ways to play it
	Network   string           `json:"network"`           // the reader's
	Started   time.Time        `json:"started"`
	Seconds   float64          `json:"seconds"`
	Failed    string           `json:"failed,omitempty"` // the error that ended the run
	Nodes     []NodeRecord     `json:"nodes"`
	Terminals []TerminalRecord `json:"terminals"`
	Chapters  []Chapter        `json:"chapters"`
	Volatile  []Kind           `json:"volatile,omitempty"` // kinds that hold in the whole scenario
	Steps     []*Step          `json:"steps"`
}

// write writes the recording as JSON, step by step: as a whole it would be in
// memory several times.
func (rec *Recording) write(to io.Writer) error {
	w := bufio.NewWriter(to) // which keeps an error until Flush
	head := *rec
	head.Steps = nil
	data, err := json.MarshalIndent(&head, "", "\t")
	if err != nil {
		return err
	}
	before, end, _ := bytes.Cut(data, []byte(`"steps": null`))
	w.Write(before)
	w.WriteString(`"steps": [`)
	for i, s := range rec.Steps {
		if i > 0 {
			w.WriteByte(',')
		}
		data, err := json.MarshalIndent(s, "\t\t", "\t")
		if err != nil {
			return err
		}
		w.WriteString("\n\t\t")
		w.Write(data)
	}
	w.WriteString("\n\t]")
	w.Write(end)
	w.WriteByte('\n')
	return w.Flush()
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
	Name   string `json:"name"` // "hoge.iex"
	Argv   string `json:"argv"`
	Stream string `json:"stream"` // file name of its bytes: lines {"t":seconds,"k":"o"|"i","d":base64}
	// StreamCut is how many bytes came after those of the stream, which had come
	// to its limit.
	StreamCut int     `json:"stream_cut,omitempty"`
	Banner    string  `json:"banner,omitempty"`
	Kinds     []Kind  `json:"kinds,omitempty"`
	Ready     float64 `json:"ready,omitempty"`
	// Entered are the programs that steps have entered, in order.
	Entered []EnteredRecord `json:"entered,omitempty"`
}

// EnteredRecord is a program that a step has entered.
type EnteredRecord struct {
	Name  string `json:"name"`
	Under int    `json:"under"` // the program that it was entered from, as in Step.Program
	Kinds []Kind `json:"kinds,omitempty"`
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
	OpWait   Op = "wait"   // waited for text or the prompt, or for something on a node
	OpScreen Op = "screen" // the window as it stood
	OpExec   Op = "exec"   // a command beside the terminals
	OpRead   Op = "read"   // a file of the node
	OpWrite  Op = "write"  // the same
	OpFault  Op = "fault"  // something was done to a node, or to the network between nodes
)

// A Step is one thing done to a node and what came of it. All text holds the
// reader's addresses.
type Step struct {
	Op       Op       `json:"op"`
	Node     string   `json:"node"`               // "" for the network
	Terminal string   `json:"terminal,omitempty"` // "hoge.iex"; "" for what is beside the terminals
	Label    string   `json:"label,omitempty"`    // "" leaves no golden
	Chapter  string   `json:"chapter,omitempty"`
	Pos      string   `json:"pos"`
	Typed    []string `json:"typed,omitempty"` // lines; an exec's argv; a path; what was waited for

	Program int    `json:"program,omitempty"` // what was driven: 0 the terminal's own program, n the nth that was entered
	Enters  string `json:"enters,omitempty"`  // the program that was entered by it, which then is Program
	Leaves  bool   `json:"leaves,omitempty"`  // Program was left by it

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
// "" when it leaves none. That of a step that showed nothing is empty.
func (s *Step) Golden() string {
	switch {
	case s.Label == "" || s.Op == OpKeys:
		return ""
	case s.Terminal == "":
		return s.Label + "@" + s.Node
	}
	return s.Label + "@" + s.Terminal
}

const (
	recordingDir  = ".scenario"
	recordingFile = "recording.json"
	lastRun       = "last"
	runPrefix     = "run-"
)

// LastRun is the folder of the last recording of the scenario in dir, played
// plainly ("") or as a variant.
func LastRun(dir, scenario, variant string) string {
	return filepath.Join(dir, recordingDir, scenario, variant, lastRun)
}

// LastVariants are the variants of the scenario in dir of which there is a
// recording.
func LastVariants(dir, scenario string) []string {
	found, _ := filepath.Glob(LastRun(dir, scenario, "*"))
	for i, last := range found {
		found[i] = filepath.Base(filepath.Dir(last))
	}
	return found
}

// ReadRecording reads the last recording of the scenario in dir, played plainly
// ("") or as a variant. There being none is an fs.ErrNotExist.
func ReadRecording(dir, scenario, variant string) (*Recording, error) {
	last := LastRun(dir, scenario, variant)
	for {
		run, _ := os.Readlink(last)
		data, err := os.ReadFile(filepath.Join(last, recordingFile))
		if errors.Is(err, fs.ErrNotExist) {
			if now, _ := os.Readlink(last); now != run {
				continue // another run took its place between link and file
			}
		}
		if err != nil {
			return nil, err
		}
		rec := new(Recording)
		if err := json.Unmarshal(data, rec); err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Join(last, recordingFile), err)
		}
		return rec, nil
	}
}
