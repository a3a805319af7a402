package runner_test

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"scenario/runner"
	"scenario/runner/terminal"
	"scenario/runner/terminal/ptytest"
)

// fake is a backend that can be told when its parts fail. What it starts runs
// on this host.
type fake struct {
	mu     sync.Mutex
	start  func(ctx context.Context, spec runner.MachineSpec) (runner.Machine, error)
	subnet int // which of those that a run asks for it gives
	closed int
	kept   []string // windows
}

func (f *fake) Open(_ context.Context, spec runner.LabSpec) (runner.Lab, error) {
	return &fakeLab{fake: f, subnet: spec.Subnets[f.subnet]}, nil
}

type fakeLab struct {
	*fake
	subnet netip.Prefix
}

func (l *fakeLab) Subnet() netip.Prefix { return l.subnet }

func (l *fakeLab) Start(ctx context.Context, spec runner.MachineSpec) (runner.Machine, error) {
	if l.start != nil {
		return l.start(ctx, spec)
	}
	return &host{}, nil
}

func (l *fakeLab) Close(context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed++
	return nil
}

func (l *fakeLab) Keep(_ context.Context, windows []runner.KeptWindow) error {
	for _, w := range windows {
		l.kept = append(l.kept, w.Node+" "+w.Name)
	}
	return nil
}

// host is a machine that is this host.
type host struct{ state runner.State }

func (h *host) Exec(ctx context.Context, cmd runner.Command) (runner.ExecResult, error) {
	c := exec.CommandContext(ctx, cmd.Argv[0], cmd.Argv[1:]...)
	out, err := c.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return runner.ExecResult{}, err
	}
	res := runner.ExecResult{Stdout: out, Status: c.ProcessState.ExitCode()}
	if exit != nil {
		res.Stderr = exit.Stderr
	}
	return res, nil
}

func (h *host) Open(_ context.Context, cmd runner.Command) (runner.TTY, error) {
	c := exec.Command(cmd.Argv[0], cmd.Argv[1:]...)
	c.Env = os.Environ()
	for k, v := range cmd.Env {
		c.Env = append(c.Env, k+"="+v)
	}
	f, err := ptytest.Start(c, cmd.Cols, cmd.Rows)
	return &hostTTY{f, c}, err
}

func (h *host) State(context.Context) (runner.State, error) {
	st := h.state
	st.Running = st.Status == 0
	return st, nil
}

type hostTTY struct {
	*os.File
	cmd *exec.Cmd
}

func (t *hostTTY) Close() error {
	t.cmd.Process.Kill()
	return t.File.Close()
}

func (t *hostTTY) Status(context.Context) (int, error) {
	t.cmd.Wait()
	return t.cmd.ProcessState.ExitCode(), nil
}

func newRun(t *testing.T, cfg runner.Config) *runner.Run {
	t.Helper()
	if cfg.Dir == "" {
		cfg.Dir = t.TempDir()
	}
	cfg.Scenario = "test"
	r, err := runner.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func node(t *testing.T, r *runner.Run, name string) *runner.Node {
	t.Helper()
	n, err := r.Node(runner.NodeSpec{Name: name, Pos: name + ".star:1:1"})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func shell(t *testing.T, n *runner.Node) *runner.Terminal {
	t.Helper()
	sh, err := n.Terminal("sh", runner.Program{Program: terminal.Shell("sh", []string{"dash"}, "$ ")}, 0, "x.star:2:1")
	if err != nil {
		t.Fatal(err)
	}
	return sh
}

func step(t *testing.T, sh *runner.Terminal, lines ...string) *runner.Step {
	t.Helper()
	s, err := sh.Step(runner.StepSpec{Lines: lines, Pos: "x.star:3:1"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A node that fails to boot ends the step that is running on another.
func TestBootFailsInMidStep(t *testing.T) {
	broken := errors.New("no such luck")
	begun := make(chan struct{})
	f := &fake{start: func(ctx context.Context, spec runner.MachineSpec) (runner.Machine, error) {
		if spec.Name == "bad" {
			<-begun
			return nil, broken
		}
		return &host{}, nil
	}}
	var once sync.Once
	r := newRun(t, runner.Config{Backend: f, Observe: func(e runner.Event) {
		if e.Kind == runner.StepBegun && strings.HasPrefix(e.Step.Typed[0], "sleep") {
			once.Do(func() { close(begun) })
		}
	}})
	sh := shell(t, node(t, r, "good"))
	node(t, r, "bad")
	step(t, sh, "true")
	_, err := sh.Step(runner.StepSpec{Lines: []string{"sleep 1000"}, Timeout: time.Hour})
	var boot *runner.BootError
	if !errors.As(err, &boot) || boot.What != "node bad" || boot.Pos != "bad.star:1:1" || !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if err := r.Close(err); err != nil {
		t.Error(err)
	}
	if f.closed != 1 {
		t.Errorf("the lab was closed %d times", f.closed)
	}
}

// Close waits for boots that are under way, and closes the lab after them.
func TestCloseDuringBoot(t *testing.T) {
	f := new(fake)
	booting := make(chan struct{})
	ended := false
	f.start = func(ctx context.Context, _ runner.MachineSpec) (runner.Machine, error) {
		close(booting)
		<-ctx.Done()
		f.mu.Lock()
		defer f.mu.Unlock()
		ended = f.closed == 0
		return nil, ctx.Err()
	}
	r := newRun(t, runner.Config{Backend: f})
	node(t, r, "slow")
	<-booting
	if err := r.Close(nil); err != nil {
		t.Error(err)
	}
	if !ended || f.closed != 1 {
		t.Errorf("the lab was closed %d times, after the boot: %v", f.closed, ended)
	}
}

// A fault of ours in a boot ends the run like any error.
func TestPanicInBoot(t *testing.T) {
	f := &fake{start: func(context.Context, runner.MachineSpec) (runner.Machine, error) { panic("oops") }}
	r := newRun(t, runner.Config{Backend: f})
	node(t, r, "a")
	err := r.Settle()
	var boot *runner.BootError
	if !errors.As(err, &boot) || !strings.Contains(err.Error(), "oops") {
		t.Errorf("got %v", err)
	}
	if err := r.Close(err); err != nil || f.closed != 1 {
		t.Errorf("%v; the lab was closed %d times", err, f.closed)
	}
}

// Nobody may die unnoticed: neither a node without steps nor a program after
// its last one.
func TestSettle(t *testing.T) {
	f := &fake{start: func(context.Context, runner.MachineSpec) (runner.Machine, error) {
		return &host{state: runner.State{Status: 3, Log: "no config"}}, nil
	}}
	r := newRun(t, runner.Config{Backend: f})
	node(t, r, "dead")
	if err := r.Settle(); err == nil || !strings.Contains(err.Error(), "no config") {
		t.Errorf("a dead node: %v", err)
	}
	r.Close(nil)

	r = newRun(t, runner.Config{Backend: new(fake)})
	sh := shell(t, node(t, r, "a"))
	if _, err := sh.Step(runner.StepSpec{Lines: []string{"exit 5"}, NoWait: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := sh.Wait(runner.StepSpec{}); err == nil {
		t.Error("a wait for a program that ends")
	}
	if err := r.Settle(); err == nil || !strings.Contains(err.Error(), "exit status 5") {
		t.Errorf("a dead program: %v", err)
	}
	r.Close(nil)

	r = newRun(t, runner.Config{Backend: new(fake)})
	sh = shell(t, node(t, r, "a"))
	if _, err := sh.Quit(runner.StepSpec{Pos: "x.star:9:1"}); err != nil {
		t.Fatal(err)
	}
	if err := r.Settle(); err != nil {
		t.Errorf("a program that was quit: %v", err)
	}
	if _, err := sh.Step(runner.StepSpec{Lines: []string{"true"}}); err == nil || !strings.Contains(err.Error(), "was quit at x.star:9:1") {
		t.Errorf("a step after that: %v", err)
	}
	r.Close(nil)
}

// A kept lab stays, and it is said how to go on.
func TestKeep(t *testing.T) {
	f := new(fake)
	var said []string
	r := newRun(t, runner.Config{Backend: f, Keep: true, Observe: func(e runner.Event) {
		if e.Kind == runner.LabKept || e.Kind == runner.LabClosing {
			said = append(said, e.Text)
		}
	}})
	shell(t, node(t, r, "a"))
	if err := r.Settle(); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(nil); err != nil {
		t.Fatal(err)
	}
	if f.closed != 0 || !slices.Equal(said, []string{"a"}) || !slices.Equal(f.kept, []string{"a sh"}) {
		t.Errorf("closed %d times; said %q; kept with the windows %q", f.closed, said, f.kept)
	}
}

// What is recorded is what there was, and can be played again without a backend.
func TestRecordingAndReplay(t *testing.T) {
	dir := t.TempDir()
	r := newRun(t, runner.Config{Backend: new(fake), Dir: dir})
	if err := r.Chapter("one", "The first", "x.star:1:1"); err != nil {
		t.Fatal(err)
	}
	a := node(t, r, "a")
	sh := shell(t, a)
	step(t, sh, "echo hello")
	gate := filepath.Join(t.TempDir(), "gate")
	step(t, sh, "mkfifo "+gate)
	step(t, sh, "((read x < "+gate+"; echo la''ter) &)")
	if err := os.WriteFile(gate, []byte("\n"), 0); err != nil {
		t.Fatal(err)
	}
	if _, err := sh.Screen(runner.StepSpec{Expect: []string{"later"}}); err != nil {
		t.Fatal(err)
	}
	step(t, sh, "echo next")
	if _, err := a.Exec(runner.ExecSpec{Argv: []string{"echo", "exec"}, Name: "named"}); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(nil); err != nil {
		t.Fatal(err)
	}

	rec, err := runner.ReadRecording(dir, "test", "")
	if err != nil {
		t.Fatal(err)
	}
	if len(rec.Nodes) != 1 || len(rec.Terminals) != 1 || len(rec.Chapters) != 1 || len(rec.Steps) != 6 {
		t.Fatalf("%+v", rec)
	}
	s := rec.Steps[0]
	if s.Text != "$ echo hello\nhello" || s.Output != "hello" || *s.Status != 0 || s.Golden() != "one@a.sh" || s.Chapter != "one" {
		t.Errorf("%+v", s)
	}
	if got := rec.Steps[3].After; got != "later" {
		t.Errorf("after the step: %q", got)
	}
	if got := rec.Steps[5].Golden(); got != "named@a" {
		t.Errorf("an exec's golden is %q", got)
	}
	if stream, err := os.ReadFile(filepath.Join(dir, ".scenario/test/last", rec.Terminals[0].Stream)); err != nil || !strings.Contains(string(stream), `"k":"i"`) {
		t.Errorf("the stream: %q, %v", stream, err)
	}

	again := newRun(t, runner.Config{Replay: rec, Dir: dir})
	a = node(t, again, "a")
	sh = shell(t, a)
	if got := step(t, sh, "echo hello").Output; got != "hello" {
		t.Errorf("replayed: %q", got)
	}
	_, err = sh.Step(runner.StepSpec{Lines: []string{"echo other"}})
	var missing *runner.NotRecordedError
	if !errors.As(err, &missing) {
		t.Errorf("what is not recorded: %v", err)
	}
	if err := again.Close(err); err != nil {
		t.Error(err)
	}

	// A run that came to nothing does not take the last one's place.
	r = newRun(t, runner.Config{Backend: new(fake), Dir: dir})
	if err := r.Close(errors.New("a syntax error")); err != nil {
		t.Fatal(err)
	}
	if rec, err := runner.ReadRecording(dir, "test", ""); err != nil || len(rec.Steps) != 6 {
		t.Errorf("the last recording: %+v, %v", rec, err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".scenario/test/run-*")); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}
