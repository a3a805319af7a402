package docker

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/client"
	"github.com/hashicorp/go-hclog"
	"golang.org/x/sync/errgroup"

	"scenario/runner"
)

const (
	// undoTimeout bounds what is done on behalf of a caller who has gone: a
	// request that the engine would finish anyway, or the undoing of one.
	undoTimeout = 30 * time.Second
	// closeTimeout bounds Close for a caller who set no deadline.
	closeTimeout = 60 * time.Second
	// sweepTimeout bounds what a run does for those before it. An engine that has
	// lost count of a network's endpoints never removes it.
	sweepTimeout = 10 * time.Second
	// bootsAtOnce is how many containers the engine is asked to start at a time.
	// More are not up earlier, each takes longer, up to any timeout, and an engine
	// of old counts the endpoints of a network wrong when many come at once: it
	// never removes the network then.
	bootsAtOnce = 4
	// closePoll is how often Close looks again while the engine is busy with
	// what it is asked to remove.
	closePoll = 20 * time.Millisecond
	// engineStart is how long Close looks on for what comes back with an
	// engine that is started again: networks do, a second or two after it
	// answers its first request.
	engineStart = 5 * time.Second
)

var errClosed = errors.New("the lab is closed")

// lab is the network and the containers of one run.
type lab struct {
	engine   *engine
	id       string
	scenario string
	internet bool
	subnet   netip.Prefix
	reopened bool // there may be containers already
	log      hclog.Logger

	alone    bool          // it has no anchor
	anchored chan struct{} // closed when the anchor runs, or cannot
	anchor   *aHelper
	adrift   error // why the anchor does not run

	cut atomic.Bool // the engine was away while the lab was being removed

	closing context.Context // ends when Close begins
	close   context.CancelFunc
	mu      sync.Mutex     // orders boots.Add before boots.Wait
	boots   sync.WaitGroup // boots that may still make a container
	turns   chan struct{}  // bootsAtOnce of them
}

var (
	_ runner.Lab    = (*lab)(nil)
	_ runner.Keeper = (*lab)(nil)
)

// Open makes the network of a lab, in the first of its subnets that is free.
func (b *Backend) Open(ctx context.Context, spec runner.LabSpec) (runner.Lab, error) {
	e, err := b.connect(ctx)
	if err != nil {
		return nil, err
	}
	l := newLab(e, spec)
	sweeping, stop := context.WithTimeout(ctx, sweepTimeout)
	defer stop()
	if err := e.sweep(sweeping, l.log); err != nil {
		l.log.Warn("not swept", "error", err)
	}

	// The engine finishes what it began: a request that is given up may leave
	// a network that nobody closes.
	detached, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTimeout)
	defer cancel()
	if err = l.dropAnchor(detached); err == nil {
		err = l.makeNetwork(detached, spec)
	}
	if err == nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return nil, also(err, l.Close(detached))
	}
	l.log.Debug("network made", "name", l.network(), "subnet", l.subnet, "engine", e.DaemonHost(), "api", e.ClientVersion())
	return l, nil
}

func newLab(e *engine, spec runner.LabSpec) *lab {
	l := &lab{engine: e, turns: make(chan struct{}, bootsAtOnce), id: spec.ID, scenario: spec.Scenario, internet: spec.Internet, log: spec.Log}
	if l.log == nil {
		l.log = hclog.NewNullLogger()
	}
	l.closing, l.close = context.WithCancel(context.Background())
	return l
}

// also is an error and, if it came to that, the failure to clean up after it.
func also(err, undoing error) error {
	if undoing == nil {
		return err
	}
	return errors.Join(err, undoing)
}

func (l *lab) Subnet() netip.Prefix { return l.subnet }

func (l *lab) network() string { return "scenario-" + l.id }

func (l *lab) container(node string) string { return l.network() + "-" + node }

func (l *lab) labels() map[string]string {
	return map[string]string{LabelLab: l.id, LabelScenario: l.scenario}
}

func (l *lab) mine() filters.Args {
	return filters.NewArgs(filters.Arg("label", LabelLab+"="+l.id))
}

// begin admits a boot. Its context ends with the caller's and when the lab is
// closed; the caller calls done when nothing more will be made.
func (l *lab) begin(ctx context.Context) (boot context.Context, done func(), err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closing.Err() != nil {
		return nil, nil, errClosed
	}
	l.boots.Add(1)
	boot, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(l.closing, func() { cancel(errClosed) })
	return boot, func() { stop(); cancel(nil); l.boots.Done() }, nil
}

// Close removes the containers and the network that bear the lab's label. It
// may be called again, and after an Open that failed.
func (l *lab) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, closeTimeout)
	defer cancel()
	l.mu.Lock()
	l.close()
	l.mu.Unlock()

	settled := make(chan struct{})
	go func() { l.boots.Wait(); close(settled) }()
	select {
	case <-settled:
	case <-ctx.Done(): // remove what there is
	}

	began := time.Now()
	shaken := l.shaken()
	if err := l.remove(ctx); err != nil {
		return err
	}
	if shaken || l.cut.Load() {
		// An engine that is on its way down takes a request and forgets it.
		if err := l.engine.removeLab(ctx, l.id, engineStart); err != nil {
			return err
		}
	}
	if l.anchor != nil {
		l.anchor.Close()
	}
	l.log.Debug("lab removed", "id", l.id, "took", time.Since(began))
	return nil
}

// shaken says whether the anchor has ended that nobody has ended: with the
// engine, as a rule.
func (l *lab) shaken() bool {
	if l.anchor == nil {
		return false
	}
	select {
	case <-l.anchor.ended:
		return true
	default:
		return false
	}
}

// remove removes the containers and the network.
func (l *lab) remove(ctx context.Context) error {
	nodes := func(role string) bool { return role != roleAnchor }
	if err := l.until(ctx, func(ctx context.Context) error { return l.removeContainers(ctx, nodes) }); err != nil {
		return fmt.Errorf("remove the containers of lab %s: %w", l.id, err)
	}
	if err := l.until(ctx, l.removeNetworks); err != nil {
		return fmt.Errorf("remove the network of lab %s: %w", l.id, err)
	}
	// The anchor comes last: without it, others take the rest for abandoned.
	all := func(string) bool { return true }
	if err := l.until(ctx, func(ctx context.Context) error { return l.removeContainers(ctx, all) }); err != nil {
		return fmt.Errorf("remove the anchor of lab %s: %w", l.id, err)
	}
	return nil
}

// until repeats a removal until nothing stands in its way. That is an error
// only once there is no time left for another try.
func (l *lab) until(ctx context.Context, remove func(context.Context) error) error {
	for {
		err := remove(ctx)
		if err == nil {
			return nil
		}
		if client.IsErrConnectionFailed(err) {
			l.cut.Store(true)
		}
		l.log.Debug("not removed yet", "lab", l.id, "error", err)
		select {
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), err)
		case <-time.After(closePoll):
		}
	}
}

// removeContainers removes those whose role is meant.
func (l *lab) removeContainers(ctx context.Context, meant func(role string) bool) error {
	list, err := l.engine.ContainerList(ctx, container.ListOptions{All: true, Filters: l.mine()})
	if err != nil {
		return err
	}
	var g errgroup.Group
	for _, c := range list {
		if !meant(c.Labels[LabelRole]) {
			continue
		}
		g.Go(func() error {
			err := l.engine.ContainerRemove(ctx, c.ID, container.RemoveOptions{Force: true, RemoveVolumes: true})
			if cerrdefs.IsNotFound(err) {
				return nil
			}
			return err
		})
	}
	return g.Wait()
}

func (l *lab) removeNetworks(ctx context.Context) error {
	list, err := l.engine.NetworkList(ctx, network.ListOptions{Filters: l.mine()})
	if err != nil {
		return err
	}
	for _, n := range list {
		if err := l.engine.NetworkRemove(ctx, n.ID); err != nil && !cerrdefs.IsNotFound(err) {
			l.disconnectAll(ctx, n.ID)
			return err
		}
	}
	return nil
}

// disconnectAll frees a network from endpoints that outlived their containers,
// and from containers that somebody else put there.
func (l *lab) disconnectAll(ctx context.Context, id string) {
	n, err := l.engine.NetworkInspect(ctx, id, network.InspectOptions{})
	if err != nil {
		return
	}
	for c := range n.Containers {
		if err := l.engine.NetworkDisconnect(ctx, id, c, true); err != nil {
			l.log.Debug("not disconnected", "container", c, "network", n.Name, "error", err)
		}
	}
}
