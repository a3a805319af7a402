package runner

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
)

// Config says how a scenario is run.
type Config struct {
	Backend  Backend
	Scenario string // its name, and the label of steps before any chapter
	Dir      string // the script's folder, where the recording goes
	Variant  string // which of several ways to play it, in the form of a folder's name; "" for plainly
	Keep     bool   // leave the lab up
	Lab      string // the id of a lab that was kept, to play in and to keep; "" for a new one
	// Log is written what is done, line by line and without secrets; nil for
	// no log.
	Log     io.Writer
	Observe func(Event) // told what happens, from several goroutines; may be nil
	// Replay answers all steps from a recording. No backend is touched, and
	// no recording is written.
	Replay *Recording
}

// A Run is one scenario being played. Its methods and those of what it gives
// are for one goroutine, the script's; nodes boot and programs start in others.
type Run struct {
	cfg    Config
	id     string
	ctx    context.Context // ends when the run is interrupted or a boot has failed
	cancel context.CancelCauseFunc
	log    hclog.Logger
	boots  sync.WaitGroup
	rec    *recorder
	replay *replay
	guard  func() // lets go of what cleans up after us

	secrets secrets

	network  netip.Prefix
	internet bool
	lab      func() (Lab, error) // opens it once

	nodes     []*Node
	terminals []*Terminal
	chapter   string
}

// New begins a run, which ends when ctx does. The caller closes it.
func New(ctx context.Context, cfg Config) (*Run, error) {
	if cfg.Observe == nil {
		cfg.Observe = func(Event) {}
	}
	cfg.Keep = cfg.Keep || cfg.Lab != ""
	r := &Run{cfg: cfg, id: newID(), network: DefaultNetwork, guard: func() {}}
	if cfg.Replay != nil {
		r.replay = newReplay(cfg.Replay)
	} else if err := r.keepRecord(); err != nil {
		return nil, err
	}
	r.ctx, r.cancel = context.WithCancelCause(ctx)
	r.log = hclog.NewNullLogger()
	if cfg.Log != nil {
		r.log = hclog.New(&hclog.LoggerOptions{Name: "scenario", Level: hclog.Debug, Output: maskWriter{r}})
	}
	r.lab = sync.OnceValues(r.openLab)
	cfg.Observe(Event{Kind: RunBegun, Mask: r.Mask})
	return r, nil
}

// keepRecord begins the recording, once somebody is there to remove it if this
// process is killed.
func (r *Run) keepRecord() error {
	dir, err := recordingFolder(r.cfg, r.id)
	if err != nil {
		return err
	}
	if g, ok := r.cfg.Backend.(Guardian); ok {
		lab := r.id
		if r.cfg.Lab != "" {
			lab = "" // it was there before us
		}
		if r.guard, err = g.Guard(lab, dir); err != nil {
			return fmt.Errorf("start the watchdog: %w", err)
		}
	}
	if r.rec, err = newRecorder(r.cfg, dir); err != nil {
		r.guard()
	}
	return err
}

func newID() string {
	var b [4]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// Network sets the network as the reader sees it. It comes before the first node.
func (r *Run) Network(p netip.Prefix, internet bool) error {
	if len(r.nodes) > 0 {
		return fmt.Errorf("the network must be set before the first node, and %s is at %s", r.nodes[0].spec.Name, r.nodes[0].spec.Pos)
	}
	if err := CheckNetwork(p); err != nil {
		return err
	}
	r.network, r.internet = p, internet
	return nil
}

// Chapter begins a titled part of the scenario.
func (r *Run) Chapter(id, title, pos string) error {
	if err := r.checkName("chapter", id); err != nil {
		return err
	}
	r.chapter = id
	r.record(func(rec *Recording, now float64) {
		rec.Chapters = append(rec.Chapters, Chapter{ID: id, Title: title, Pos: pos, Start: now})
	})
	r.cfg.Observe(Event{Kind: ChapterBegun, Name: id, Text: title, Pos: pos})
	return nil
}

// Volatile declares a kind of token that may differ from run to run in any step.
func (r *Run) Volatile(k Kind) {
	r.record(func(rec *Recording, _ float64) { rec.Volatile = append(rec.Volatile, k) })
}

// Nodes are those that were declared, in that order.
func (r *Run) Nodes() []*Node { return r.nodes }

func (r *Run) record(f func(rec *Recording, now float64)) {
	if r.rec != nil {
		r.rec.change(func(rec *Recording) { f(rec, r.rec.since()) })
	}
}

// warn tells what fails nothing. It may be called by any goroutine.
func (r *Run) warn(name, pos, format string, args ...any) {
	r.cfg.Observe(Event{Kind: Warned, Name: name, Pos: pos, Text: fmt.Sprintf(format, args...)})
}

func (r *Run) openLab() (Lab, error) {
	spec := LabSpec{
		ID:       r.labID(),
		Scenario: r.cfg.Scenario,
		Subnets:  Substitutes(r.network),
		Internet: r.internet,
		Log:      r.log.Named("lab"),
	}
	open := r.cfg.Backend.Open
	if r.cfg.Lab != "" {
		again, ok := r.cfg.Backend.(Reopener)
		if !ok {
			return nil, &EnvironmentError{What: "the backend cannot give a lab again"}
		}
		open = again.Reopen
	}
	lab, err := open(r.ctx, spec)
	if err != nil {
		return nil, err
	}
	// A stream that cannot follow keeps its error until the end of the run;
	// there is a lab now, which is to be closed.
	r.secrets.inLab(translation{reader: r.network, lab: lab.Subnet()}.toLab, r.rec)
	if lab.Subnet() != r.network {
		r.log.Info("the reader's network is taken; the lab has another", "reader", r.network, "lab", lab.Subnet())
	}
	return lab, nil
}

func (r *Run) labID() string {
	if r.cfg.Lab != "" {
		return r.cfg.Lab
	}
	return r.id
}

// background does a boot beside the script. Its error, and a fault of ours in
// it, end the run as any other: the lab is closed.
func (r *Run) background(what, pos string, boot func() error) {
	r.boots.Go(func() {
		defer func() {
			if p := recover(); p != nil {
				r.fail(what, pos, fmt.Errorf("a fault in scenario itself: %v\n%s", p, debug.Stack()))
			}
		}()
		if err := boot(); err != nil {
			r.fail(what, pos, err)
		}
	})
}

// fail ends the run from a boot's goroutine: the script stops at its next step
// on any node, also when it is waiting in one.
func (r *Run) fail(what, pos string, err error) {
	if r.ctx.Err() == nil {
		r.cancel(&BootError{What: what, Pos: pos, Err: err})
	}
}

// Settle waits for the nodes and programs that no step has used, and sees that
// none has died while nobody looked.
func (r *Run) Settle() error { return r.hide(r.settle()) }

func (r *Run) settle() error {
	if r.replay != nil {
		return nil
	}
	done := make(chan struct{})
	go func() { r.boots.Wait(); close(done) }()
	select {
	case <-done:
	case <-r.ctx.Done():
	}
	if r.ctx.Err() != nil {
		return context.Cause(r.ctx)
	}
	for _, t := range r.terminals {
		if err := t.alive(); err != nil {
			return &BootError{What: "terminal " + t.name, Pos: t.pos, Err: err}
		}
	}
	for _, n := range r.nodes {
		if n.down != "" {
			continue // as the script wanted it
		}
		st, err := n.machine.State(r.ctx)
		if err != nil {
			return &BootError{What: "node " + n.spec.Name, Pos: n.spec.Pos, Err: err}
		}
		if !st.Running && st.Status != 0 {
			return &BootError{What: "node " + n.spec.Name, Pos: n.spec.Pos, Err: &StepError{What: n.spec.Name, Err: st.ended()}}
		}
	}
	return nil
}

// Close ends the run: terminals, machines, network; and writes the recording.
// failed is the error that ended the script, or nil.
func (r *Run) Close(failed error) error {
	if r.replay != nil {
		return nil
	}
	defer r.guard()
	r.cancel(errors.New("the run is over"))
	if !r.cfg.Keep {
		r.cfg.Observe(Event{Kind: LabClosing})
	}
	r.boots.Wait()
	for _, t := range r.terminals {
		if !t.fallen {
			t.settle()
		}
	}
	var err error
	if len(r.nodes) > 0 {
		if lab, lerr := r.lab(); lerr == nil && !r.cfg.Keep {
			ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
			err = lab.Close(ctx)
			cancel()
			for _, t := range r.terminals {
				t.close()
			}
		} else if lerr == nil {
			err = r.keep(lab)
		}
	}
	r.record(func(rec *Recording, _ float64) { rec.Network = r.network.String() })
	return r.hide(errors.Join(err, r.rec.finish(failed)))
}

// keep leaves the lab up, and says so.
func (r *Run) keep(lab Lab) error {
	k, ok := lab.(Keeper)
	if !ok {
		return errors.New("this backend cannot keep a lab")
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	if err := r.recover(ctx); err != nil {
		return err
	}
	var windows []KeptWindow
	for _, t := range r.terminals {
		windows = append(windows, t.kept())
	}
	if err := k.Keep(ctx, windows); err != nil {
		return err
	}
	var names []string
	for _, n := range r.nodes {
		names = append(names, n.spec.Name)
	}
	r.cfg.Observe(Event{Kind: LabKept, Name: r.labID(), Text: strings.Join(names, "\n")})
	return nil
}

// Recording is what was recorded so far; whole after Close.
func (r *Run) Recording() *Recording {
	if r.replay != nil {
		return r.cfg.Replay
	}
	return &r.rec.rec
}

// Snapshot is what is known while the run goes on: nodes, terminals and kinds,
// and no steps.
func (r *Run) Snapshot() *Recording {
	snapshot := new(Recording)
	r.record(func(rec *Recording, _ float64) {
		snapshot.Nodes, snapshot.Terminals = slices.Clone(rec.Nodes), slices.Clone(rec.Terminals)
		snapshot.Volatile = slices.Clone(rec.Volatile)
	})
	return snapshot
}

// Terminals are those that were opened, in that order.
func (r *Run) Terminals() []*Terminal { return r.terminals }

// DefaultBoot bounds a program's start, up to its first prompt. An IEx needs
// 0.5 s, and a minute on a hundredth of that machine.
const DefaultBoot = 60 * time.Second

// DefaultTimeout bounds a step that says nothing else.
const DefaultTimeout = 30 * time.Second

// checkName is CheckName for a name that everybody may read.
func (r *Run) checkName(what, name string) error {
	if shown := r.Mask(name); shown != name {
		return fmt.Errorf("%s %s: there is a secret in the name, and names are shown", what, shown)
	}
	return CheckName(what, name)
}

// CheckName holds a name that becomes part of a file's name to what every file
// system and every shell takes unquoted. what is named begins the error.
func CheckName(what, name string) error {
	if name == "" {
		return fmt.Errorf("%s: the name is empty", what)
	}
	for i, c := range name {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c > 0x7f:
		case i > 0 && (c == '-' || c == '_' || c == '.'):
		default:
			return fmt.Errorf("%s %q: a name has letters, digits, and after the first character also - _ and .; %q is none of these", what, name, c)
		}
	}
	return nil
}
