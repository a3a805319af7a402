package runner_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"scenario/runner"
	"scenario/runner/terminal"
)

// The variables make of the test binary a process that plays RUNNER_ROUNDS
// runs on the folder RUNNER_PLAY.
const (
	playVariable   = "RUNNER_PLAY"
	roundsVariable = "RUNNER_ROUNDS"
)

func init() {
	if os.Getenv(playVariable) != "" {
		runtime.LockOSThread() // the main thread: strace counts calls by thread
	}
}

func TestMain(m *testing.M) {
	dir := os.Getenv(playVariable)
	if dir == "" {
		os.Exit(m.Run())
	}
	var rounds int
	fmt.Sscan(os.Getenv(roundsVariable), &rounds)
	if err := plays(dir, "process", rounds); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func playing(dir string, rounds int) []string {
	return []string{playVariable + "=" + dir, fmt.Sprintf("%s=%d", roundsVariable, rounds)}
}

func plays(dir, said string, rounds int) error {
	for range rounds {
		if err := play(dir, said); err != nil {
			return err
		}
	}
	return nil
}

// play plays a scenario of two steps, in which a terminal and a command say
// said. It starts no process.
func play(dir, said string) (err error) {
	f := &fake{start: func(context.Context, runner.MachineSpec) (runner.Machine, error) { return echo{}, nil }}
	r, err := runner.New(context.Background(), runner.Config{Backend: f, Dir: dir, Scenario: "test"})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close(err)) }()
	n, err := r.Node(runner.NodeSpec{Name: "a"})
	if err != nil {
		return err
	}
	t, err := n.Terminal("echo", runner.Program{Program: terminal.Program{Prompt: regexp.MustCompile(`> $`)}}, 0, "")
	if err != nil {
		return err
	}
	if _, err := t.Step(runner.StepSpec{Lines: []string{said}}); err != nil {
		return err
	}
	_, err = n.Exec(runner.ExecSpec{Argv: []string{said}})
	return err
}

// echo is a machine whose programs say what they are told.
type echo struct{}

func (echo) Exec(_ context.Context, cmd runner.Command) (runner.ExecResult, error) {
	return runner.ExecResult{Stdout: []byte(cmd.Argv[0])}, nil
}

func (echo) Open(context.Context, runner.Command) (runner.TTY, error) {
	near, far := net.Pipe()
	go func() {
		defer far.Close()
		in := bufio.NewReader(far)
		fmt.Fprint(far, "> ")
		for {
			line, err := in.ReadString('\r')
			if err != nil {
				return
			}
			fmt.Fprintf(far, "%s\n%[1]s\n> ", line)
		}
	}()
	return echoTTY{near}, nil
}

func (echo) State(context.Context) (runner.State, error) { return runner.State{Running: true}, nil }

type echoTTY struct{ net.Conn }

func (echoTTY) Status(context.Context) (int, error) { return 0, nil }

// whole says what is wrong with the last recording, and what was said in it.
func whole(dir string) (said string, err error) {
	rec, err := runner.ReadRecording(dir, "test", "")
	if err != nil {
		return "", err
	}
	if len(rec.Steps) != 2 || len(rec.Terminals) != 1 || rec.Network == "" {
		return "", fmt.Errorf("it has a part only: %+v", rec)
	}
	said = rec.Steps[1].Output
	if rec.Steps[0].Output != said {
		return said, fmt.Errorf("it is of two runs: %q and %q", rec.Steps[0].Output, said)
	}
	stream, err := os.ReadFile(filepath.Join(dir, ".scenario/test/last", rec.Terminals[0].Stream))
	if err != nil {
		return said, err
	}
	var shown []byte
	for _, c := range decode(stream) {
		if c.Kind == "o" {
			shown = append(shown, c.Data...)
		}
	}
	if want := "> " + said + "\r\n" + said + "\r\n> "; string(shown) != want {
		return said, fmt.Errorf("its stream shows %q, not %q", shown, want)
	}
	return said, nil
}

// event is a line of a stream.
type event struct {
	Time float64 `json:"t"`
	Kind string  `json:"k"`
	Data []byte  `json:"d"`
}

// decode takes a stream apart, up to where it is none.
func decode(stream []byte) (events []event) {
	for d := json.NewDecoder(bytes.NewReader(stream)); ; {
		var e event
		if d.Decode(&e) != nil {
			return events
		}
		events = append(events, e)
	}
}

// alone says what else lies beside the last recording.
func alone(dir string) error {
	last, err := os.Readlink(filepath.Join(dir, ".scenario/test/last"))
	if err != nil {
		return err
	}
	var found []string
	err = filepath.WalkDir(filepath.Join(dir, ".scenario"), func(path string, d fs.DirEntry, err error) error {
		found = append(found, strings.TrimPrefix(path, dir+"/"))
		return err
	})
	want := []string{".scenario", ".scenario/.gitignore", ".scenario/test", ".scenario/test/last", ".scenario/test/" + last,
		".scenario/test/" + last + "/a.echo.jsonl", ".scenario/test/" + last + "/recording.json"}
	if err == nil && !slices.Equal(found, want) {
		err = fmt.Errorf("there is %q, want %q", found, want)
	}
	return err
}

// Many runs at once on one folder, in this process and in others: each keeps
// its recording, a reader always finds a whole one, and one is left.
func TestRecordingsAtOnce(t *testing.T) {
	dir := t.TempDir()
	if err := play(dir, "first"); err != nil {
		t.Fatal(err)
	}
	var runs sync.WaitGroup
	for i := range 3 {
		runs.Go(func() {
			if err := plays(dir, fmt.Sprint("goroutine ", i), 20); err != nil {
				t.Error(err)
			}
		})
		runs.Go(func() {
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), playing(dir, 20)...)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	over := make(chan struct{})
	go func() { runs.Wait(); close(over) }()
	for reading := true; reading; {
		select {
		case <-over:
			reading = false
		default:
		}
		if rec, err := runner.ReadRecording(dir, "test", ""); err != nil || len(rec.Steps) != 2 {
			t.Fatalf("%+v, %v", rec, err)
		}
	}
	if _, err := whole(dir); err != nil {
		t.Error(err)
	}
	if err := alone(dir); err != nil {
		t.Error(err)
	}
}

// A run is killed at each of the calls with which it changes its files. The
// last recording is then whole, its own or that before, and the next run
// leaves nothing but its own.
//
// strace kills before the call is carried out. It counts a thread's calls of
// one name, so the run stays on one thread, and each name is counted through.
// The terminal's stream is also written by a thread that the Go runtime
// chooses; therefore all is done again until each call was met.
func TestRecordingKilled(t *testing.T) {
	const calls = "mkdirat,openat,flock,write,renameat,renameat2,symlinkat,unlinkat,linkat,ftruncate"
	dir := t.TempDir()
	ignore := filepath.Join(dir, ".scenario/.gitignore")
	log := filepath.Join(t.TempDir(), "strace")
	begin := func() {
		t.Helper()
		if err := play(dir, "before"); err != nil {
			t.Fatal(err)
		}
		if err := alone(dir); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(ignore); err != nil {
			t.Fatal(err)
		}
	}
	trace := func(options ...string) (ended bool, met []call) {
		t.Helper()
		cmd := exec.Command("strace", slices.Concat([]string{"-f", "-qq", "-y", "-o", log}, options, []string{os.Args[0]})...)
		cmd.Env = append(os.Environ(), playing(dir, 1)...)
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState == nil || err != nil && len(out) > 0 {
			t.Fatalf("%v: %s", err, out)
		}
		text, rerr := os.ReadFile(log)
		if rerr != nil {
			t.Fatal(rerr)
		}
		return err == nil, callsOn(string(text))
	}

	begin()
	ended, all := trace("-e", "trace="+calls)
	if !ended || len(all) == 0 {
		t.Fatalf("the run ended: %v; its calls: %q", ended, all)
	}
	var names []string
	for _, c := range all {
		if !slices.Contains(names, c.name) {
			names = append(names, c.name)
		}
	}
	kill := func(name string, n int) (ended bool, at call) {
		begin()
		ended, met := trace("-e", "trace="+name, "-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", name, n))
		if !ended && len(met) > 0 {
			at = met[len(met)-1]
		}
		said, err := whole(dir)
		if err != nil || said != "before" && said != "process" || ended && said != "process" {
			t.Errorf("killed at %s %d, %s: the last recording says %q: %v", name, n, at.on, said, err)
		}
		if text, err := os.ReadFile(ignore); err == nil && string(text) != "*\n" || ended && err != nil {
			t.Errorf("killed at %s %d, %s: .gitignore is %q, %v", name, n, at.on, text, err)
		}
		return ended, at
	}
	missed := slices.Clone(all)
	for pass := 0; len(missed) > 0 && pass < 20; pass++ {
		for _, name := range names {
			for n, ended := 1, false; !ended; n++ {
				var at call
				ended, at = kill(name, n)
				missed = slices.DeleteFunc(missed, func(c call) bool { return c == at })
			}
		}
	}
	if len(missed) > 0 {
		t.Errorf("not killed at %q of %q", missed, all)
	}
}

// call is a system call on a file below .scenario.
type call struct{ name, on string }

var (
	traced = regexp.MustCompile(`^\d+ +(\w+)\(`)
	below  = regexp.MustCompile(`/\.scenario[^">]*`)
	ids    = regexp.MustCompile(`run-[0-9a-f]+`)
)

// callsOn are the calls of strace's log on files below .scenario, without the
// runs' own names.
func callsOn(log string) (calls []call) {
	for line := range strings.Lines(log) {
		args, _, _ := strings.Cut(line, ") = ")
		name, on := traced.FindStringSubmatch(args), below.FindAllString(args, -1)
		if name != nil && on != nil {
			calls = append(calls, call{name[1], ids.ReplaceAllString(strings.Join(on, " "), "run-ID")})
		}
	}
	return calls
}

// On a file system without locks a run still removes the one before it.
func TestRecordingWithoutLocks(t *testing.T) {
	for _, errno := range []string{"ENOLCK", "EOPNOTSUPP", "EBADF"} {
		dir := t.TempDir()
		cmd := exec.Command("strace", "-f", "-qq", "-o", os.DevNull, "-e", "trace=flock", "-e", "inject=flock:error="+errno, os.Args[0])
		cmd.Env = append(os.Environ(), playing(dir, 3)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", errno, err, out)
		}
		if err := alone(dir); err != nil {
			t.Errorf("%s: %v", errno, err)
		}
	}
}

// Of runs that end at once, one recording is left.
func TestRecordingsEndAtOnce(t *testing.T) {
	dir := t.TempDir()
	for range 100 {
		var runs sync.WaitGroup
		for range 4 {
			runs.Go(func() {
				if err := play(dir, "said"); err != nil {
					t.Error(err)
				}
			})
		}
		runs.Wait()
		if err := alone(dir); err != nil {
			t.Fatal(err)
		}
	}
}

// A folder "last" of another version gives way to a link.
func TestLastFolder(t *testing.T) {
	dir := t.TempDir()
	last := filepath.Join(dir, ".scenario/test/last")
	if err := os.MkdirAll(filepath.Join(last, "sub"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := play(dir, "new"); err != nil {
		t.Fatal(err)
	}
	if said, err := whole(dir); err != nil || said != "new" {
		t.Errorf("%q, %v", said, err)
	}
	if err := alone(dir); err != nil {
		t.Error(err)
	}
}

// Two scripts in one folder have a recording each.
func TestRecordingNames(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"one", "two"} {
		r, err := runner.New(t.Context(), runner.Config{Backend: new(fake), Dir: dir, Scenario: name})
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Close(nil); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"one", "two"} {
		if rec, err := runner.ReadRecording(dir, name, ""); err != nil || rec.Scenario != name {
			t.Errorf("%s: %+v, %v", name, rec, err)
		}
	}
	if _, err := runner.ReadRecording(dir, "three", ""); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("one that is not there: %v", err)
	}
	for _, name := range []string{"", ".", "..", "a/b"} {
		if _, err := runner.New(t.Context(), runner.Config{Dir: dir, Scenario: name}); err == nil {
			t.Errorf("a scenario called %q has a recording", name)
		}
	}
}

// Whoever has locked a folder is alone, and leaves nothing in it.
func TestLockDir(t *testing.T) {
	dir := t.TempDir()
	var n atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				unlock, err := runner.LockDir(dir)
				if err != nil {
					t.Error(err)
					return
				}
				was := n.Load()
				runtime.Gosched()
				n.Store(was + 1)
				unlock()
			}
		})
	}
	all.Wait()
	if n.Load() != 400 {
		t.Errorf("%d times alone, of 400", n.Load())
	}
	if _, err := runner.LockDir(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left in the folder: %v, %v", left, err)
	}
}
