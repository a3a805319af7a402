package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/client"

	"scenario/runner"
	"scenario/runner/docker"
	"scenario/runner/terminal"
)

// compareSteps types the same command into two shells of one machine by turns:
// into one as scenario does, emulator, recording and all, and into the other
// over its bare stream. Then it types it into the first one many times more.
func compareSteps(ctx context.Context, engine *client.Client, image, dir string) (step, bare, many samples, err error) {
	name := fmt.Sprintf("bench-%d", os.Getpid())
	run, err := runner.New(ctx, runner.Config{Backend: new(docker.Backend), Scenario: name, Dir: dir})
	if err != nil {
		return nil, nil, nil, err
	}
	defer func() { err = errors.Join(err, run.Close(err)) }()
	node, err := run.Node(runner.NodeSpec{Name: "shell", Image: runner.Image{Ref: image}, Command: idle})
	if err != nil {
		return nil, nil, nil, err
	}
	term, err := node.Terminal("sh", runner.Program{Program: terminal.Shell("sh", []string{"/bin/sh"}, "$ ")}, 0, "")
	if err != nil {
		return nil, nil, nil, err
	}
	spec := runner.StepSpec{Lines: []string{"true"}}
	if _, err := term.Step(spec); err != nil {
		return nil, nil, nil, err
	}
	list, err := engine.ContainerList(ctx, container.ListOptions{Filters: filters.NewArgs(
		filters.Arg("label", docker.LabelScenario+"="+name), filters.Arg("label", docker.LabelNode))})
	if err != nil {
		return nil, nil, nil, err
	}
	if len(list) != 1 {
		return nil, nil, nil, fmt.Errorf("there are %d containers of %s, not 1", len(list), name)
	}
	var w window
	if err := w.open(ctx, engine, list[0].ID, []string{"/bin/sh"}); err != nil {
		return nil, nil, nil, err
	}
	defer w.stream.Close()
	for range shellSteps {
		began := time.Now()
		if _, err := term.Step(spec); err != nil {
			return nil, nil, nil, err
		}
		step = append(step, time.Since(began))

		began = time.Now()
		if err := w.play(ctx, stroke{Window: "shell", Lines: spec.Lines}); err != nil {
			return nil, nil, nil, err
		}
		bare = append(bare, time.Since(began))
	}
	for range manySteps {
		began := time.Now()
		if _, err := term.Step(spec); err != nil {
			return nil, nil, nil, err
		}
		many = append(many, time.Since(began))
	}
	return step, bare, many, nil
}
