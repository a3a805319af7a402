package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/docker/docker/client"
)

const (
	shellSteps = 300 // of each kind; one takes less than a millisecond
	manySteps  = 10_000
	starts     = 21 // of a program that ends at once
)

// figures are all that was measured.
type figures struct {
	engine, api, goVersion string
	cores                  int

	lesson           rounds
	step, bareStep   samples // in a shell: by scenario, and by the shell itself
	many             samples // steps in a shell, in their order
	crowd            rounds  // many nodes: by scenario and by the floor
	version, nothing samples // a start of scenario, and of a program that does nothing
}

func measure(ctx context.Context, n int) (*figures, error) {
	engine, err := client.NewClientWithOpts(client.FromEnv, client.WithAPIVersionNegotiation())
	if err != nil {
		return nil, err
	}
	defer engine.Close()
	server, err := engine.ServerVersion(ctx)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "scenario-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)

	binary := filepath.Join(dir, "scenario")
	tell("building scenario")
	if _, err := spawn(ctx, nil, "go", "build", "-o", binary, "./cmd/scenario"); err != nil {
		return nil, err
	}
	c, err := newContest(ctx, engine, binary, dir)
	if err != nil {
		return nil, err
	}
	f := &figures{engine: server.Version, api: engine.ClientVersion(), goVersion: runtime.Version(), cores: runtime.NumCPU()}
	if f.lesson, err = c.play(ctx, n); err != nil {
		return nil, err
	}
	tell("%d steps in a shell", shellSteps)
	if f.step, f.bareStep, f.many, err = compareSteps(ctx, engine, c.image, dir); err != nil {
		return nil, err
	}
	tell("%d nodes, %d times in each of two ways", crowdSize, crowdRounds)
	if f.crowd, err = compareCrowds(ctx, engine, c.self, c.image); err != nil {
		return nil, err
	}
	tell("%d starts of the program", starts)
	if f.version, err = startTime(ctx, binary, "version"); err != nil {
		return nil, err
	}
	f.nothing, err = startTime(ctx, "true")
	return f, err
}

// startTime measures a program that ends at once.
func startTime(ctx context.Context, argv ...string) (samples, error) {
	path, err := exec.LookPath(argv[0])
	if err != nil {
		return nil, err
	}
	var s samples
	for range starts {
		cost, err := spawn(ctx, nil, path, argv[1:]...)
		if err != nil {
			return nil, err
		}
		s = append(s, cost.wall)
	}
	return s, nil
}

// tell says what goes on to the person who waits for the table.
func tell(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
}
