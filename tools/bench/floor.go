package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/client"
	"golang.org/x/sync/errgroup"
)

// floorCommand is the argument by which this program starts itself as the floor.
const floorCommand = "floor"

// lessonTimeout bounds a lesson, which takes some seconds, and a minute with a
// hundred machines.
const lessonTimeout = 5 * time.Minute

// idle keeps a machine up.
var idle = []string{"tail", "-f", "/dev/null"}

// environment is what a reader's programs would have.
var environment = []string{"TERM=xterm-256color", "LANG=C.UTF-8", "TZ=UTC", "PS1=$ "}

// stage is the network and the containers of one play of the floor.
type stage struct {
	engine  *client.Client
	name    string
	lesson  lesson
	windows map[string]*window
}

// readLesson is what a process of this program is told to play.
func readLesson(in io.Reader) (l lesson, err error) {
	err = json.NewDecoder(in).Decode(&l)
	return l, err
}

// floor plays a lesson. It makes no note of what it sees, and leaves nothing.
func floor(ctx context.Context, l lesson) (err error) {
	engine, err := client.NewClientWithOpts(client.FromEnv, client.WithAPIVersionNegotiation())
	if err != nil {
		return err
	}
	s := &stage{engine: engine, name: fmt.Sprintf("scenario-floor-%d", os.Getpid()), lesson: l, windows: map[string]*window{}}
	defer func() { err = errors.Join(err, s.clear()) }()
	ctx, cancel := context.WithTimeout(ctx, lessonTimeout)
	defer cancel()
	if err := s.build(ctx); err != nil {
		return err
	}
	for _, k := range s.lesson.Strokes {
		if err := s.windows[k.Window].play(ctx, k); err != nil {
			return err
		}
	}
	return nil
}

// build makes the machines side by side, and opens the windows of each when it
// is up. What the engine was asked for is waited for, also when ctx ends, so
// that it can be removed.
func (s *stage) build(ctx context.Context) error {
	asked := context.WithoutCancel(ctx)
	_, err := s.engine.NetworkCreate(asked, s.name, network.CreateOptions{
		Internal: true,
		IPAM:     &network.IPAM{Config: []network.IPAMConfig{{Subnet: s.lesson.Subnet}}},
	})
	if err != nil {
		return err
	}
	for _, o := range s.lesson.Windows {
		s.windows[o.Name] = new(window)
	}
	var machines errgroup.Group
	for _, m := range s.lesson.Machines {
		machines.Go(func() error {
			if err := s.start(asked, m); err != nil {
				return err
			}
			var windows errgroup.Group
			for _, o := range s.lesson.Windows {
				if o.Machine == m.Name {
					windows.Go(func() error { return s.windows[o.Name].open(ctx, s.engine, s.container(m.Name), o.Argv) })
				}
			}
			return windows.Wait()
		})
	}
	return machines.Wait()
}

func (s *stage) container(machine string) string { return s.name + "-" + machine }

func (s *stage) start(ctx context.Context, m machine) error {
	made, err := s.engine.ContainerCreate(ctx,
		&container.Config{Image: s.lesson.Image, Hostname: m.Name, Env: environment, Cmd: idle},
		&container.HostConfig{NetworkMode: container.NetworkMode(s.name)},
		&network.NetworkingConfig{EndpointsConfig: map[string]*network.EndpointSettings{
			s.name: {IPAMConfig: &network.EndpointIPAMConfig{IPv4Address: m.IP}},
		}}, nil, s.container(m.Name))
	if err != nil {
		return err
	}
	return s.engine.ContainerStart(ctx, made.ID, container.StartOptions{})
}

// clear removes all, in whatever state it is.
func (s *stage) clear() error {
	ctx, cancel := context.WithTimeout(context.Background(), lessonTimeout)
	defer cancel()
	var machines errgroup.Group
	for _, m := range s.lesson.Machines {
		machines.Go(func() error {
			return missing(s.engine.ContainerRemove(ctx, s.container(m.Name), container.RemoveOptions{Force: true, RemoveVolumes: true}))
		})
	}
	return errors.Join(machines.Wait(), missing(s.engine.NetworkRemove(ctx, s.name)))
}

// missing takes it as no error that something to remove is not there.
func missing(err error) error {
	if cerrdefs.IsNotFound(err) {
		return nil
	}
	return err
}
