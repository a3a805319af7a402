package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/docker/docker/api/types/events"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/client"

	"scenario/runner"
	"scenario/runner/docker"
)

// scenarioDir is the lesson: the heart of scenarios/toukon. That one grows; a
// measure stays.
const scenarioDir = "tools/bench/toukon"

// eventDelay is how late the engine may tell what it has done.
const eventDelay = 5 * time.Second

//go:embed toukon.sh
var script []byte

// contest is the lesson, ready to be played in three ways.
type contest struct {
	engine       *client.Client
	binary, star string // of scenario, and a copy of the script
	self, script string // this program, and a copy of the shell script
	image        string // that scenario took
}

// rounds are what the three ways took, round by round.
type rounds struct {
	scenario, floor, script samples
	peak                    int64 // of scenario, in bytes
}

// newContest copies the scenario, so that no recording and no golden is left
// in the repository, and plays it once: that gets the image and tells its name.
func newContest(ctx context.Context, engine *client.Client, binary, dir string) (*contest, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	copied := filepath.Join(dir, filepath.Base(scenarioDir), "")
	if err := os.CopyFS(copied, os.DirFS(scenarioDir)); err != nil {
		return nil, err
	}
	c := &contest{
		engine: engine, binary: binary, self: self,
		star:   filepath.Join(copied, filepath.Base(scenarioDir)+".star"),
		script: filepath.Join(dir, "toukon.sh"),
	}
	if err := os.WriteFile(c.script, script, 0o755); err != nil {
		return nil, err
	}
	listening, stop := context.WithCancel(ctx)
	defer stop()
	made, _ := engine.Events(listening, events.ListOptions{Filters: filters.NewArgs(
		filters.Arg("type", string(events.ContainerEventType)),
		filters.Arg("event", string(events.ActionCreate)),
		filters.Arg("label", docker.LabelScenario+"="+filepath.Base(scenarioDir)),
		filters.Arg("label", docker.LabelNode), // and not the lab's anchor
	)})
	tell("playing %s once, for its image and what it types", scenarioDir)
	if _, err := c.playScenario(ctx); err != nil {
		return nil, err
	}
	select {
	case m := <-made:
		c.image = m.Actor.Attributes["image"]
		return c, nil
	case <-time.After(eventDelay):
		return nil, errors.New("the engine tells of no container that the scenario made")
	}
}

// play plays n rounds, after one whose times are not kept.
func (c *contest) play(ctx context.Context, n int) (rounds, error) {
	var r rounds
	for i := range n + 1 {
		a, err := c.playScenario(ctx)
		if err != nil {
			return r, err
		}
		b, err := c.playFloor(ctx)
		if err != nil {
			return r, err
		}
		s, err := c.playScript(ctx)
		if err != nil {
			return r, err
		}
		if i == 0 {
			tell("warmed up; %d rounds follow", n)
			continue
		}
		r.scenario = append(r.scenario, a.wall)
		r.floor = append(r.floor, b.wall)
		r.script = append(r.script, s.wall)
		r.peak = max(r.peak, a.peak)
		tell("round %d: scenario %s, floor %s, script %s", i, seconds(a.wall), seconds(b.wall), seconds(s.wall))
	}
	return r, nil
}

func (c *contest) playScenario(ctx context.Context) (cost, error) {
	return spawn(ctx, nil, c.binary, "run", c.star)
}

func (c *contest) playFloor(ctx context.Context) (cost, error) {
	rec, err := runner.ReadRecording(filepath.Dir(c.star), filepath.Base(scenarioDir), "")
	if err != nil {
		return cost{}, err
	}
	subnet, err := freeSubnet(ctx, c.engine)
	if err != nil {
		return cost{}, err
	}
	l, err := newLesson(rec, c.image, subnet)
	if err != nil {
		return cost{}, err
	}
	data, err := json.Marshal(l)
	if err != nil {
		return cost{}, err
	}
	return spawn(ctx, bytes.NewReader(data), c.self, floorCommand)
}

func (c *contest) playScript(ctx context.Context) (cost, error) {
	subnet, err := freeSubnet(ctx, c.engine)
	if err != nil {
		return cost{}, err
	}
	return spawn(ctx, nil, "sh", c.script, c.image, subnet)
}

// freeSubnet asks the engine for a range that is free, by making a network and
// removing it. Neither the floor nor the script spend time on it: their authors
// would write down one that is free on their machine.
func freeSubnet(ctx context.Context, engine *client.Client) (string, error) {
	ctx = context.WithoutCancel(ctx) // what was made is removed
	made, err := engine.NetworkCreate(ctx, fmt.Sprintf("scenario-bench-%d", os.Getpid()), network.CreateOptions{Internal: true})
	if err != nil {
		return "", err
	}
	n, err := engine.NetworkInspect(ctx, made.ID, network.InspectOptions{})
	if err = errors.Join(err, engine.NetworkRemove(ctx, made.ID)); err != nil {
		return "", err
	}
	if len(n.IPAM.Config) == 0 {
		return "", errors.New("the engine gives networks no address range")
	}
	return n.IPAM.Config[0].Subnet, nil
}
