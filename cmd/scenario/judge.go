package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"scenario/golden"
	"scenario/runner"
	"scenario/starlib"
)

// A trial is a recording that is held against the goldens beside its script.
type trial struct {
	target
	rec      *runner.Recording
	verdicts []golden.Verdict
	until    string // the label that the run was to go no further than, or ""
}

func (t target) goldens() golden.Dir { return golden.Dir(filepath.Join(t.dir, "golden")) }

func (t target) file(name string) string { return filepath.Join(t.dir, "golden", name+".golden") }

// hold compares a recording with the goldens as they are now. Goldens that no
// step leaves are only spoken of where the folder's goldens are this
// scenario's.
func hold(t target, rec *runner.Recording) (*trial, error) {
	have, err := t.goldens().Read()
	if err != nil {
		return nil, unusable(err)
	}
	verdicts := golden.Compare(golden.Texts(rec), have)
	if !t.alone() {
		verdicts = slices.DeleteFunc(verdicts, func(v golden.Verdict) bool { return v.State == golden.Unused })
	}
	return &trial{target: t, rec: rec, verdicts: verdicts}, nil
}

// holdLocked is hold, and f with what it found, while nobody else accepts
// goldens of the folder: two runs that each accept a part would leave goldens
// in which one token has two names.
func holdLocked(t target, rec *runner.Recording, f func(*trial) error) error {
	unlock, err := runner.LockDir(t.dir)
	if err != nil {
		return unusable(err)
	}
	defer unlock()
	tr, err := hold(t, rec)
	if err != nil {
		return err
	}
	return f(tr)
}

// accept makes the golden of a verdict what the run showed, and says what it
// did: "new", "updated" or "removed". It is for holdLocked's f.
func (t *trial) accept(v golden.Verdict) (did string, err error) {
	err = t.goldens().Sweep()
	switch {
	case err != nil:
	case v.State == golden.Unused:
		did, err = "removed", os.Remove(t.file(v.Name))
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
	case v.State == golden.New:
		did, err = "new", t.goldens().Write(v.Name, v.Accept)
	default:
		did, err = "updated", t.goldens().Write(v.Name, v.Accept)
	}
	if err != nil {
		err = &runner.EnvironmentError{What: "the golden cannot be written", Err: err}
	}
	return did, err
}

func unusable(err error) error {
	return &runner.EnvironmentError{What: "the goldens cannot be used", Err: err}
}

// labelled reports whether a golden LABEL@TERMINAL is meant by a label, or by
// the golden's own name.
func labelled(name, label string) bool {
	return name == label || strings.HasPrefix(name, label+"@")
}

// noLabel says that nothing is called so, and what was meant.
func noLabel(label, where string, names []string) error {
	var labels []string
	for _, n := range names {
		l, _, _ := strings.Cut(n, "@")
		if !slices.Contains(labels, l) {
			labels = append(labels, l)
		}
	}
	if label == "" {
		return errors.New("the label is empty")
	}
	if len(labels) == 0 {
		return fmt.Errorf("there is no label %s: %s has none", label, where)
	}
	return fmt.Errorf("there is no label %s in %s%s; it has %s", label, where,
		starlib.Nearest(label, slices.Concat(labels, names)), strings.Join(labels, ", "))
}

// texts are the names of what a run has left.
func texts(rec *runner.Recording) []string {
	var list []string
	for _, text := range golden.Texts(rec) {
		list = append(list, text.Name)
	}
	return list
}

func names(verdicts []golden.Verdict) []string {
	var list []string
	for _, v := range verdicts {
		list = append(list, v.Name)
	}
	return list
}
