package main

import (
	"errors"
	"slices"
	"strings"
)

// updates are the goldens that `--update` accepts: none, all, or those of some
// labels. It is a flag whose value need not be given.
type updates struct {
	all    bool
	labels []string
	found  []string // labels that some scenario had
}

func (u *updates) String() string { return strings.Join(u.labels, ",") }

// Type is what the help takes for a flag that needs no value.
func (u *updates) Type() string { return "bool" }

func (u *updates) Set(value string) error {
	switch value {
	case "":
		return errors.New("the label is empty")
	case "true":
		u.all = true
	default:
		u.labels = append(u.labels, value)
	}
	return nil
}

func (u *updates) any() bool { return u.all || len(u.labels) > 0 }

// want reports whether a golden is to be accepted.
func (u *updates) want(name string) bool {
	return u.all || slices.ContainsFunc(u.labels, func(l string) bool { return labelled(name, l) })
}

// see takes note of the goldens that a run has.
func (u *updates) see(names []string) {
	for _, l := range u.labels {
		if !slices.Contains(u.found, l) && slices.ContainsFunc(names, func(n string) bool { return labelled(n, l) }) {
			u.found = append(u.found, l)
		}
	}
}

// missing is the first label that no run had, or "".
func (u *updates) missing() string {
	for _, l := range u.labels {
		if !slices.Contains(u.found, l) {
			return l
		}
	}
	return ""
}
