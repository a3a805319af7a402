package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/client"

	"scenario/golden"
	"scenario/runner"
	"scenario/runner/docker"
	"scenario/starlib"
)

const (
	// signOfLife is how often something is said of runs that go on.
	signOfLife = 10 * time.Second
	// runTimeout makes an alarm of a run that hangs. It leaves time for an
	// image to be built.
	runTimeout = 10 * time.Minute
	// lookTimeout bounds the look at what is left in Docker.
	lookTimeout = 30 * time.Second
)

// soak is a set of scenarios, ready to be played.
type soak struct {
	engine    *client.Client
	on        string // what the machine is
	commit    string // what is played
	backend   runner.Backend
	temp      string
	failures  string // folder of the recordings that are kept
	scenarios []scenario
	known     map[string]bool // names of all scenarios, also of those not chosen

	mu   sync.Mutex
	labs map[string]bool // ids of those that were opened
}

// scenario is a script that there are two copies of, and its goldens.
type scenario struct {
	name    string
	copies  [2]string // folders
	goldens map[string]string
}

// newSoak copies the scenarios in dir.
func newSoak(ctx context.Context, dir, failures string) (*soak, error) {
	engine, err := client.NewClientWithOpts(client.FromEnv, client.WithAPIVersionNegotiation())
	if err != nil {
		return nil, err
	}
	server, err := engine.ServerVersion(ctx)
	if err != nil {
		return nil, err
	}
	s := &soak{
		engine: engine, commit: head(ctx), backend: new(docker.Backend),
		failures: failures, known: map[string]bool{}, labs: map[string]bool{},
		on: fmt.Sprintf("Docker Engine %s (API %s), %s/%s, %d cores, %s", server.Version,
			engine.ClientVersion(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version()),
	}
	if s.temp, err = os.MkdirTemp("", "scenario-soak-"); err != nil {
		return nil, err
	}
	if err := s.copy(dir); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// head names the commit of the working folder, with a + if the code or a
// scenario differs from it. Outside of a repository it is unknown.
func head(ctx context.Context) string {
	name, err := exec.CommandContext(ctx, "git", "rev-parse", "--short", "HEAD").Output()
	if err != nil {
		return "unknown"
	}
	commit := strings.TrimSpace(string(name))
	if exec.CommandContext(ctx, "git", "diff", "--quiet", "HEAD", "--", ":!docs").Run() != nil {
		commit += "+"
	}
	return commit
}

func (s *soak) close() {
	os.RemoveAll(s.temp)
	s.engine.Close()
}

func (s *soak) copy(dir string) error {
	scripts, err := filepath.Glob(filepath.Join(dir, "*", "*.star"))
	if err != nil {
		return err
	}
	for _, script := range scripts {
		folder := filepath.Dir(script)
		sc := scenario{name: strings.TrimSuffix(filepath.Base(script), ".star")}
		if filepath.Base(folder) != sc.name {
			continue
		}
		if sc.goldens, err = golden.Dir(filepath.Join(folder, "golden")).Read(); err != nil {
			return err
		}
		for i := range sc.copies {
			sc.copies[i] = filepath.Join(s.temp, fmt.Sprint(i), sc.name)
			if err := os.CopyFS(sc.copies[i], os.DirFS(folder)); err != nil {
				return err
			}
		}
		s.scenarios = append(s.scenarios, sc)
		s.known[sc.name] = true
	}
	if len(s.scenarios) == 0 {
		return fmt.Errorf("there is no scenario in %s: one is a folder NAME with a NAME.star in it", dir)
	}
	return nil
}

// choose leaves the scenarios with the names, or all if there are none.
func (s *soak) choose(names []string) error {
	if len(names) == 0 {
		return nil
	}
	var chosen []scenario
	for _, name := range names {
		i := slices.IndexFunc(s.scenarios, func(sc scenario) bool { return sc.name == name })
		if i < 0 {
			return fmt.Errorf("there is no scenario %q", name)
		}
		chosen = append(chosen, s.scenarios[i])
	}
	s.scenarios = chosen
	return nil
}

// play plays all scenarios n times in each condition, until ctx ends, and
// tells row of each that was played to its end.
func (s *soak) play(ctx context.Context, in []condition, n int, done func(row) error) (rows []row, err error) {
	for _, sc := range s.scenarios {
		for _, c := range in {
			t := &tally{scenario: sc.name, condition: c.name}
			err := errors.Join(s.playIn(ctx, sc, c, n, t), ctx.Err())
			if len(t.took) > 0 {
				rows = append(rows, t.row(s.commit))
				tell("%s", t)
			}
			if err == nil {
				err = done(t.row(s.commit))
			}
			if err != nil {
				return rows, err
			}
		}
	}
	return rows, nil
}

// playIn plays a scenario n times in the lanes of a condition, which share the
// number.
func (s *soak) playIn(ctx context.Context, sc scenario, c condition, n int, t *tally) error {
	stop := func() error { return nil }
	if c.busy {
		var err error
		if stop, err = startLoad(s.temp); err != nil {
			return err
		}
	}
	done := make(chan struct{})
	defer close(done)
	go func() {
		for {
			select {
			case <-time.After(signOfLife):
				tell("… %s", t)
			case <-done:
				return
			}
		}
	}()
	backend := limited{Backend: s.backend, cpus: c.cpus, opened: s.opened}
	var lanes sync.WaitGroup
	for lane := range c.lanes {
		lanes.Go(func() {
			for i := lane; i < n && ctx.Err() == nil; i += c.lanes {
				// The second lane is by turns in a folder of its own and in
				// that of the first.
				dir := sc.copies[lane*((i/c.lanes+1)%2)]
				s.playOnce(ctx, backend, sc, dir, i+1, t)
			}
		})
	}
	lanes.Wait()
	return stop()
}

// playOnce plays a scenario in dir. A run that was interrupted is not counted.
func (s *soak) playOnce(ctx context.Context, backend runner.Backend, sc scenario, dir string, number int, t *tally) {
	bounded, cancel := context.WithTimeoutCause(ctx, runTimeout, fmt.Errorf("the run has not ended after %s", runTimeout))
	defer cancel()
	began := time.Now()
	rec, err := starlib.Play(bounded, filepath.Join(dir, sc.name+".star"), runner.Config{Backend: backend}, starlib.Options{})
	took := time.Since(began)
	if ctx.Err() != nil {
		return
	}
	said := complaint(rec, err, sc.goldens)
	if alarms := t.add(took, said != ""); said == "" || alarms > told {
		return
	}
	tell("alarm: %s, %s, run %d:\n%s", t.scenario, t.condition, number, said)
	kept, err := s.keep(fmt.Sprintf("%s-%s-%d-*", t.scenario, t.condition, number), dir, said, rec)
	if err != nil {
		tell("  its recording cannot be kept: %v", err)
		return
	}
	tell("  its recording is kept in %s", kept)
}

func (s *soak) opened(lab string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.labs[lab] = true
}

// left is an error that names the containers and networks of the labs that were
// opened here, if there are any. Whoever else uses the engine has others.
func (s *soak) left() error {
	ctx, cancel := context.WithTimeout(context.Background(), lookTimeout)
	defer cancel()
	labelled := filters.NewArgs(filters.Arg("label", docker.LabelLab))
	containers, err1 := s.engine.ContainerList(ctx, container.ListOptions{All: true, Filters: labelled})
	networks, err2 := s.engine.NetworkList(ctx, network.ListOptions{Filters: labelled})
	if err := errors.Join(err1, err2); err != nil {
		return fmt.Errorf("cannot see what is left in Docker: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var left []string
	for _, o := range containers {
		if s.labs[o.Labels[docker.LabelLab]] {
			left = append(left, "container "+strings.Join(o.Names, " "))
		}
	}
	for _, o := range networks {
		if s.labs[o.Labels[docker.LabelLab]] {
			left = append(left, "network "+o.Name)
		}
	}
	if len(left) > 0 {
		return fmt.Errorf("left in Docker: %s", strings.Join(left, ", "))
	}
	return nil
}
