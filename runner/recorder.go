package runner

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
)

// recorder writes a recording: the streams as they come, the rest at the end.
//
// Each run has a folder of its own, .scenario/NAME/run-ID, or
// .scenario/NAME/VARIANT/run-ID, and keeps it locked
// for as long as it lives. When its recording is whole, the link "last" is set
// to it, and the folders of runs that are over, or were killed, are removed.
// What is written under a name that others look at is written under another in
// the run's own folder, and renamed.
type recorder struct {
	start  time.Time
	root   string // .scenario/NAME, or .scenario/NAME/VARIANT
	dir    string // of this run
	ignore string // the file that keeps recordings out of version control
	unlock func() // dir

	mu      sync.Mutex
	rec     Recording
	streams []*stream
	secrets []secret
}

// recordingFolder is the absolute path of a run's own folder, which is not
// there yet.
func recordingFolder(cfg Config, id string) (string, error) {
	for _, name := range []string{cfg.Scenario, "-" + cfg.Variant} {
		if filepath.Base(name) != name || name == "." || name == ".." {
			return "", fmt.Errorf("cannot keep a recording: no folder can have the name of the scenario, %q", name)
		}
	}
	return filepath.Abs(filepath.Join(cfg.Dir, recordingDir, cfg.Scenario, cfg.Variant, runPrefix+id))
}

func newRecorder(cfg Config, dir string) (*recorder, error) {
	r := &recorder{
		start:  time.Now(),
		root:   filepath.Dir(dir),
		dir:    dir,
		ignore: filepath.Join(cfg.Dir, recordingDir, ".gitignore"),
		rec:    Recording{Scenario: cfg.Scenario, Variant: cfg.Variant},
	}
	r.rec.Started = r.start
	if err := r.begin(); err != nil {
		return nil, fmt.Errorf("cannot keep a recording: %w", err)
	}
	return r, nil
}

// begin makes the run's folder and locks it, in this order and under the lock
// of all runs: who holds that sees no folder of a live run unlocked.
func (r *recorder) begin() error {
	if err := os.MkdirAll(r.root, 0o755); err != nil {
		return err
	}
	unlock, err := LockDir(r.root)
	if err != nil {
		return err
	}
	defer unlock()
	if err := os.Mkdir(r.dir, 0o755); err != nil {
		return err
	}
	r.unlock, err = LockDir(r.dir)
	if err != nil {
		return errors.Join(err, os.Remove(r.dir))
	}
	if _, err := os.Stat(r.ignore); errors.Is(err, fs.ErrNotExist) {
		if err := r.put(r.ignore, func(w io.Writer) error { _, err := io.WriteString(w, "*\n"); return err }); err != nil {
			r.discard()
			return err
		}
	}
	return nil
}

// put writes a file that is there either whole or not at all.
func (r *recorder) put(path string, write func(io.Writer) error) error {
	tmp, err := os.OpenFile(filepath.Join(r.dir, "new"), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	if err := errors.Join(write(tmp), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}

// discard ends the run without a recording.
func (r *recorder) discard() error {
	defer r.unlock()
	return os.RemoveAll(r.dir)
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

// tap returns a function that writes a terminal's raw bytes. full is told when it
// writes no more of them.
func (r *recorder) tap(name string, full func()) (func(kind byte, data []byte), error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s, err := newStream(filepath.Join(r.dir, name), r.since, full, r.secrets)
	if err != nil {
		return nil, fmt.Errorf("cannot keep a recording: %w", err)
	}
	r.streams = append(r.streams, s)
	return s.write, nil
}

// mask keeps secrets out of the recording. When it returns, none is on disk.
func (r *recorder) mask(secrets []secret) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.secrets = secrets
	var err error
	for _, s := range r.streams {
		err = errors.Join(err, s.mask(secrets))
	}
	if err != nil {
		return fmt.Errorf("cannot take a secret out of the recording: %w", err)
	}
	return nil
}

// finish writes the recording and makes it the last one. A run that failed
// before its first step has shown anything leaves none: the one before is worth
// more.
func (r *recorder) finish(failed error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var err error
	for _, s := range r.streams {
		err = errors.Join(err, s.close())
		for i := range r.rec.Terminals {
			if t := &r.rec.Terminals[i]; t.Stream == filepath.Base(s.path) {
				t.StreamCut = s.cut
			}
		}
	}
	r.rec.Seconds = r.since()
	if failed != nil {
		r.rec.Failed = failed.Error()
	}
	if len(r.secrets) > 0 {
		r.rec = maskValue(reflect.ValueOf(r.rec), r.secrets).Interface().(Recording)
		for _, s := range r.rec.Steps {
			s.After = maskCut(r.secrets, s.After)
			if s.Op == OpScreen || s.Error != "" {
				s.Text, s.Output = maskCut(r.secrets, s.Text), maskCut(r.secrets, s.Output)
			}
		}
	}
	if failed != nil && !slices.ContainsFunc(r.rec.Steps, (*Step).shows) {
		return errors.Join(err, r.discard())
	}
	if err == nil {
		err = r.put(filepath.Join(r.dir, recordingFile), r.rec.write)
	}
	if err != nil {
		r.discard()
		return fmt.Errorf("cannot keep the recording: %w", err)
	}
	return r.publish()
}

// shows says whether there is something to see of a step.
func (s *Step) shows() bool { return s.Error == "" || s.Text != "" }

// publish makes the run's recording the last one and removes those of runs
// that are over.
func (r *recorder) publish() error {
	unlock, err := LockDir(r.root)
	if err != nil {
		r.discard()
		return fmt.Errorf("cannot keep the recording: %w", err)
	}
	defer unlock()
	before, err := r.link()
	if err != nil {
		r.discard()
		return fmt.Errorf("cannot keep the recording: %w", err)
	}
	r.unlock() // before the others' turn, who remove what no run lives in
	if err := r.sweep(before); err != nil {
		return fmt.Errorf("cannot remove an older recording: %w", err)
	}
	return nil
}

// link sets "last" to the run's folder, and returns to which it was set before.
func (r *recorder) link() (before string, err error) {
	last, link, own := filepath.Join(r.root, lastRun), filepath.Join(r.dir, lastRun), filepath.Base(r.dir)
	if before, err = os.Readlink(last); err != nil {
		before = own + "-before"
	}
	if err := os.Symlink(own, link); err != nil {
		return before, err
	}
	err = os.Rename(link, last)
	if errors.Is(err, fs.ErrExist) {
		// A folder, over which nothing can be renamed. Only a stop between
		// these two leaves no last recording.
		if err = os.Rename(last, filepath.Join(r.root, before)); err == nil {
			err = os.Rename(link, last)
		}
	}
	return before, err
}

// sweep removes the folders of runs that are over or were killed: nobody has
// them locked. Where there are no locks, only before is known to be over.
func (r *recorder) sweep(before string) error {
	entries, err := os.ReadDir(r.root)
	for _, e := range entries {
		if !e.IsDir() || !strings.HasPrefix(e.Name(), runPrefix) || e.Name() == filepath.Base(r.dir) {
			continue
		}
		dir := filepath.Join(r.root, e.Name())
		unlock, lerr := tryLockDir(dir)
		switch {
		case lerr == nil:
			err = errors.Join(err, os.RemoveAll(dir))
			unlock()
		case errors.Is(lerr, errNoLocks) && e.Name() == before:
			err = errors.Join(err, os.RemoveAll(dir))
		case !errors.Is(lerr, errNoLocks) && !errors.Is(lerr, errLocked) && !errors.Is(lerr, fs.ErrNotExist):
			err = errors.Join(err, lerr)
		}
	}
	return err
}
