package main

import (
	"errors"
	"fmt"
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
	// own are the goldens that this way to play the scenario has apart, and
	// like those of them whose text is the shared one again.
	own, like map[string]bool
	until     string // the label that the run was to go no further than, or ""
}

func (t target) goldens() golden.Store {
	dir := golden.Dir(filepath.Join(t.dir, "golden"))
	if t.variant.name == "" || t.variant.shared {
		return dir.Store()
	}
	return dir.Variant(t.variant.name)
}

func (t target) file(name string) string { return t.goldens().File(name) }

// hold compares a recording with the goldens as they are now. Goldens that no
// step leaves are only spoken of where they are nobody else's: another
// script's, or those of other ways to play this one.
func hold(t target, rec *runner.Recording) (*trial, error) {
	store := t.goldens()
	have, err := store.Read()
	var own, shared map[string]string
	if err == nil {
		own, err = store.Own()
	}
	if err == nil && len(own) > 0 {
		shared, err = store.Shared()
	}
	if err != nil {
		return nil, unusable(err)
	}
	tr := &trial{target: t, rec: rec, own: map[string]bool{}, like: map[string]bool{}}
	for name := range own {
		tr.own[name] = true
	}
	tr.verdicts = slices.DeleteFunc(golden.Compare(golden.Texts(rec), have), func(v golden.Verdict) bool {
		return v.State == golden.Unused && (!t.alone() || store.Apart() && !tr.own[v.Name])
	})
	if len(own) > 0 {
		for _, v := range golden.Compare(golden.Texts(rec), shared) {
			tr.like[v.Name] = v.State == golden.Same && tr.own[v.Name]
		}
	}
	return tr, nil
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
// did: "new", "updated" or "removed", or "shared" of one that was kept apart
// and need not be any more. It is for holdLocked's f.
func (t *trial) accept(v golden.Verdict) (did string, err error) {
	store := t.goldens()
	err = store.Sweep()
	switch {
	case err != nil:
	case v.State == golden.Unused:
		did, err = "removed", store.Remove(v.Name)
	case t.like[v.Name]:
		did, err = "shared", store.Remove(v.Name)
	case v.State == golden.New, store.Apart() && !t.own[v.Name]:
		did, err = "new", store.Write(v.Name, v.Accept)
	default:
		did, err = "updated", store.Write(v.Name, v.Accept)
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

// has says whether a run has left a text of the label.
func has(rec *runner.Recording, label string) bool {
	return slices.ContainsFunc(texts(rec), func(name string) bool { return labelled(name, label) })
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
