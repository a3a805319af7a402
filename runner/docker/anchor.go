package docker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"

	"scenario/runner"
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

// dropAnchor makes the anchor, and starts it in the background: nothing of the lab
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
		anchor, err := l.engine.startHelper(ctx, id)
		if err != nil {
			l.adrift = fmt.Errorf("start the anchor of lab %s: %w", l.id, spoken{err})
			return
		}
		l.anchor = anchor
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
