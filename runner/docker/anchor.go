package docker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"

	"scenario/runner"
	"scenario/runner/watchdog"
)

// The anchor of a lab is a container that runs for as long as the lab's runner
// does, wherever that is: it ends with its input, which is the runner's
// connection to the engine. It is the first thing that a lab makes, so what has
// a lab's label and no anchor that runs belongs to nobody, and is swept. A lab
// that is kept has a mark instead: a container that is never started.

// What a container is in its lab, as LabelRole.
const (
	roleAnchor = "anchor"
	roleMark   = "kept"
	roleHelper = "helper"
	// roleAlone is a network's: the lab has no anchor, for this program cannot
	// run where its engine is, and nobody but its runner may take it for dead.
	roleAlone = "alone"
)

// anchorStart is how long an anchor that was made may take to be started.
const anchorStart = time.Minute

func (l *lab) anchorName() string { return l.network() }

func (l *lab) markName() string { return l.network() + ".kept" }

func (l *lab) roleLabels(role string) map[string]string {
	labels := l.labels()
	labels[LabelRole] = role
	return labels
}

// drop makes the anchor, and starts it in the background: nothing of the lab
// may be there before the one, and none of its machines is handed out before
// the other.
func (l *lab) dropAnchor(ctx context.Context) error {
	spec := helperSpec{name: l.anchorName(), labels: l.roleLabels(roleAnchor), network: network.NetworkNone}
	id, err := l.engine.createHelper(ctx, spec)
	if cerrdefs.IsConflict(err) && l.reopened {
		// The anchor of the run that has kept the lab, or of another that is
		// under way in it.
		if id, err = l.weighAnchor(ctx, spec); err != nil {
			return err
		}
	}
	l.anchored = make(chan struct{})
	if errors.Is(err, errNoHelper) {
		l.alone = true
		close(l.anchored)
		l.log.Warn("the lab has no anchor: if this program is killed with its watchdog, remove the lab by hand", "lab", l.id, "error", err)
		return nil
	}
	if err != nil {
		return fmt.Errorf("make the anchor of lab %s: %w", l.id, spoken{err})
	}
	l.boots.Go(func() {
		defer close(l.anchored)
		ctx, cancel := context.WithTimeout(context.Background(), undoTimeout)
		defer cancel()
		if l.anchor, err = l.engine.startHelper(ctx, id); err != nil {
			l.adrift = fmt.Errorf("start the anchor of lab %s: %w", l.id, spoken{err})
		}
	})
	return nil
}

// weighAnchor makes another anchor in the place of one that has ended.
func (l *lab) weighAnchor(ctx context.Context, spec helperSpec) (id string, err error) {
	c, err := l.engine.ContainerInspect(ctx, l.anchorName())
	if err == nil && c.State.Running {
		return "", &runner.EnvironmentError{What: fmt.Sprintf("lab %s is in use by another run", l.id)}
	}
	if err == nil {
		err = l.engine.ContainerRemove(ctx, c.ID, container.RemoveOptions{Force: true})
	}
	if err != nil && !cerrdefs.IsNotFound(err) {
		return "", err
	}
	return l.engine.createHelper(ctx, spec)
}

// holds waits until the anchor does.
func (l *lab) holds(ctx context.Context) error {
	select {
	case <-l.anchored:
		return l.adrift
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Keep marks the lab as one that outlives its runner. The mark says what runs
// in its windows.
func (l *lab) Keep(ctx context.Context, windows []runner.KeptWindow) error {
	if l.alone {
		return nil // nobody takes it for abandoned
	}
	said, err := json.Marshal(windows)
	if err != nil {
		return err
	}
	spec := helperSpec{name: l.markName(), labels: l.roleLabels(roleMark), network: network.NetworkNone}
	spec.labels[LabelWindows] = string(said)
	_, err = l.engine.createHelper(ctx, spec)
	if cerrdefs.IsConflict(err) { // of the run before, in the same lab
		if err = l.engine.ContainerRemove(ctx, l.markName(), container.RemoveOptions{Force: true}); err == nil {
			_, err = l.engine.createHelper(ctx, spec)
		}
	}
	if err != nil {
		return fmt.Errorf("mark lab %s as one to keep: %w", l.id, spoken{err})
	}
	// The mark holds; an anchor would say that a run is under way.
	err = l.engine.ContainerRemove(ctx, l.anchorName(), container.RemoveOptions{Force: true})
	if err != nil && !cerrdefs.IsNotFound(err) {
		return fmt.Errorf("remove the anchor of lab %s: %w", l.id, spoken{err})
	}
	return nil
}

// watchdogName is the name under which this program is the watchdog of a lab.
const watchdogName = "scenario-docker-watchdog"

func init() { watchdog.Serve(watchdogName, func(args []string) { mourn(args[0], args[1]) }) }

// How long a watchdog works, and how long it looks on after it has found
// nothing more: an engine finishes what its client has asked for and gone.
const (
	mourningTime  = 2 * time.Minute
	mourningPeace = 2 * time.Second
)

// Guard starts a watchdog, which removes the lab and the folder should this
// process die. Of a lab without an id, only the folder.
func (b *Backend) Guard(lab, folder string) (release func(), err error) {
	return watchdog.Start(watchdogName, lab, folder)
}

// mourn removes what a process has left that died.
func mourn(id, folder string) {
	_ = os.RemoveAll(folder) // nobody is there to be told
	if id == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), mourningTime)
	defer cancel()
	for ctx.Err() == nil {
		e, err := new(Backend).connect(ctx)
		if err == nil {
			err = e.removeLab(ctx, id, mourningPeace)
		}
		if err == nil {
			return
		}
		pause(ctx, closePoll) // an engine that is being restarted
	}
}

// removeLab removes what there is of a lab, and returns when there has been
// nothing for a time. An engine that does not answer is waited for.
func (e *engine) removeLab(ctx context.Context, id string, peace time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, closeTimeout)
	defer cancel()
	l := newLab(e, runner.LabSpec{ID: id})
	for quiet := time.Now(); ; pause(ctx, closePoll) {
		left, err := e.labs(ctx, id)
		if len(left) > 0 {
			err = l.remove(ctx)
		}
		switch {
		case ctx.Err() != nil:
			return errors.Join(context.Cause(ctx), err)
		case err != nil, len(left) > 0:
			quiet = time.Now()
		case time.Since(quiet) >= peace:
			return nil
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
