package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"scenario/runner"
)

// A condition is what a machine is like while scenarios are played on it.
type condition struct {
	name  string
	lanes int     // runs of one scenario side by side
	cpus  float64 // cores of each of the lab's machines; 0 is no limit
	busy  bool    // whether the host has other work
}

var conditions = []condition{
	{name: "quiet", lanes: 1},
	{name: "one-core", lanes: 1, cpus: 1},
	{name: "two-at-once", lanes: 2},
	{name: "busy", lanes: 1, busy: true},
}

func conditionNames() []string {
	var names []string
	for _, c := range conditions {
		names = append(names, c.name)
	}
	return names
}

func conditionIndex(name string) int {
	return slices.IndexFunc(conditions, func(c condition) bool { return c.name == name })
}

// chooseConditions returns those with the names, or all if there are none.
func chooseConditions(names []string) ([]condition, error) {
	if len(names) == 0 {
		return conditions, nil
	}
	var chosen []condition
	for _, name := range names {
		i := conditionIndex(name)
		if i < 0 {
			return nil, fmt.Errorf("there is no condition %q: there are %s", name, strings.Join(conditionNames(), ", "))
		}
		chosen = append(chosen, conditions[i])
	}
	return chosen, nil
}

// limited is a backend whose machines have no more than some cores, and that
// tells of each lab before it is made.
type limited struct {
	runner.Backend
	cpus   float64 // 0 is no limit
	opened func(lab string)
}

func (b limited) Open(ctx context.Context, spec runner.LabSpec) (runner.Lab, error) {
	b.opened(spec.ID)
	lab, err := b.Backend.Open(ctx, spec)
	if err != nil || b.cpus == 0 {
		return lab, err
	}
	return limitedLab{lab, b.cpus}, nil
}

type limitedLab struct {
	runner.Lab
	cpus float64
}

func (l limitedLab) Start(ctx context.Context, spec runner.MachineSpec) (runner.Machine, error) {
	if spec.CPUs == 0 || spec.CPUs > l.cpus {
		spec.CPUs = l.cpus
	}
	return l.Lab.Start(ctx, spec)
}
