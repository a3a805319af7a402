package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/docker/docker/client"

	"scenario/runner"
	"scenario/runner/docker"
	"scenario/runner/terminal"
)

// crowdCommand is the argument by which this program plays the crowd as
// scenario does: a lab of many nodes, a step in a shell on each, and its removal.
const crowdCommand = "crowd"

// crowdSize is how many nodes there are, and crowdRounds how often the crowd is
// played in each way: a round takes a minute.
const (
	crowdSize   = 100
	crowdRounds = 3
)

// newCrowd is what both ways are told.
func newCrowd(image, subnet string) *lesson {
	l := &lesson{Image: image, Subnet: subnet}
	for i := range crowdSize {
		name := fmt.Sprintf("n%d", i)
		l.Machines = append(l.Machines, machine{name, fmt.Sprint(hosts(subnet), i+2)})
		l.Windows = append(l.Windows, opening{Name: name, Machine: name, Argv: []string{"/bin/sh"}})
		l.Strokes = append(l.Strokes, stroke{Window: name, Lines: []string{"echo hello"}, Answer: []string{"hello"}})
	}
	return l
}

// compareCrowds plays the crowd by turns, after a round that is not kept.
func compareCrowds(ctx context.Context, engine *client.Client, self, image string) (r rounds, err error) {
	for i := range crowdRounds + 1 {
		subnet, err := freeSubnet(ctx, engine)
		if err != nil {
			return r, err
		}
		data, err := json.Marshal(newCrowd(image, subnet))
		if err != nil {
			return r, err
		}
		a, err := spawn(ctx, bytes.NewReader(data), self, crowdCommand)
		if err != nil {
			return r, err
		}
		b, err := spawn(ctx, bytes.NewReader(data), self, floorCommand)
		if err != nil {
			return r, err
		}
		if i == 0 {
			continue
		}
		r.scenario = append(r.scenario, a.wall)
		r.floor = append(r.floor, b.wall)
		r.peak = max(r.peak, a.peak)
		tell("%d nodes, round %d: scenario %s, floor %s, %s", crowdSize, i, seconds(a.wall), seconds(b.wall), megabytes(a.peak))
	}
	return r, nil
}

// crowd plays a lesson as scenario does: the nodes boot side by side, each opens
// its windows when it is up, and the steps come one after the other.
func crowd(ctx context.Context, l lesson) (err error) {
	dir, err := os.MkdirTemp("", "scenario-crowd-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	run, err := runner.New(ctx, runner.Config{Backend: new(docker.Backend), Scenario: fmt.Sprintf("crowd-%d", os.Getpid()), Dir: dir})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, run.Close(err)) }()
	nodes := map[string]*runner.Node{}
	for _, m := range l.Machines {
		if nodes[m.Name], err = run.Node(runner.NodeSpec{Name: m.Name, Image: runner.Image{Ref: l.Image}, Command: idle}); err != nil {
			return err
		}
	}
	windows := map[string]*runner.Terminal{}
	for _, o := range l.Windows {
		program := runner.Program{Program: terminal.Shell("sh", o.Argv, "$ ")}
		if windows[o.Name], err = nodes[o.Machine].Terminal("sh", program, lessonTimeout, ""); err != nil {
			return err
		}
	}
	for _, k := range l.Strokes {
		step, err := windows[k.Window].Step(runner.StepSpec{Lines: k.Lines})
		if err != nil {
			return err
		}
		if !k.answered(step.Output) {
			return fmt.Errorf("%s: %q was answered by %q", k.Window, k.Lines, step.Output)
		}
	}
	return nil
}
