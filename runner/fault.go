package runner

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Faults are what a lesson does to its machines and to the network between
// them. All of them end with the run, also of those that a kept lab had.

// Links is how a machine's network is.
type Links struct {
	Cut    []netip.Addr  // the machines from which nothing comes in
	Loss   float64       // the share of packets that come in and are lost, 0 to 1
	Delay  time.Duration // of packets that go out
	Jitter time.Duration // by how much the delay varies, up and down
}

func (l Links) whole() bool { return len(l.Cut) == 0 && l.Loss == 0 && l.Delay == 0 && l.Jitter == 0 }

// theNetwork is who suffers what several nodes do.
const theNetwork = "network"

// faultTimeout bounds one of them, the grace of a stop included.
const faultTimeout = 2 * time.Minute

// fault does something to nodes as a step. One with several nodes is the
// network's.
func (r *Run) fault(what, pos string, nodes []*Node, do func(context.Context) error) error {
	step := &Step{Op: OpFault, Typed: []string{what}, Pos: pos}
	who := theNetwork
	if len(nodes) == 1 {
		step.Node = nodes[0].spec.Name
		who = step.Node
	}
	_, err := r.play(step, who, faultTimeout, func(ctx context.Context) error {
		for _, n := range nodes {
			if err := n.booted(ctx); err != nil {
				return err
			}
		}
		return do(ctx)
	})
	return err
}

// Stop ends the node as a shutdown does: its first process has the grace to end
// by itself, and then all is killed. Its windows go with it.
func (n *Node) Stop(grace time.Duration, pos string) error {
	return n.fall("stop", pos, func(ctx context.Context, m Lifecycle) error { return m.Stop(ctx, grace) })
}

// Kill ends the node at once: no process of it has time for a last word.
func (n *Node) Kill(pos string) error {
	return n.fall("kill", pos, func(ctx context.Context, m Lifecycle) error { return m.Kill(ctx) })
}

// Start starts a node again that was ended, with its files and its address. Its
// windows are opened again, and their programs started as they were at first.
func (n *Node) Start(pos string) error {
	return n.run.fault("start", pos, []*Node{n}, func(ctx context.Context) error {
		if n.down == "" {
			return errors.New("it runs; start() is for one that was ended by stop() or kill()")
		}
		return n.rise(ctx)
	})
}

// Restart is Stop and Start in one.
func (n *Node) Restart(grace time.Duration, pos string) error {
	return n.fall("restart", pos, func(ctx context.Context, m Lifecycle) error {
		if err := m.Stop(ctx, grace); err != nil {
			return err
		}
		return n.rise(ctx)
	})
}

// Pause freezes all that runs on the node: it answers nobody, and does not know.
func (n *Node) Pause(pos string) error {
	return n.change("pause", pos, func(ctx context.Context, m Lifecycle) error {
		if n.paused != "" {
			return fmt.Errorf("it is paused since %s", n.paused)
		}
		if err := m.Pause(ctx); err != nil {
			return err
		}
		n.paused = pos
		return nil
	})
}

// Resume lets a paused node go on.
func (n *Node) Resume(pos string) error {
	return n.change("resume", pos, func(ctx context.Context, m Lifecycle) error {
		if n.paused == "" {
			return errors.New("it is not paused")
		}
		if err := m.Resume(ctx); err != nil {
			return err
		}
		n.paused = ""
		return nil
	})
}

// change does something to a node that runs.
func (n *Node) change(what, pos string, do func(context.Context, Lifecycle) error) error {
	return n.run.fault(what, pos, []*Node{n}, func(ctx context.Context) error {
		if err := n.fallen(); err != nil {
			return err
		}
		m, ok := n.machine.(Lifecycle)
		if !ok {
			return errors.New("this backend cannot end or pause a node")
		}
		return do(ctx, m)
	})
}

// fall ends the node, and its windows with it. What they showed until then is
// kept; what dying programs say is not, for it is another in each run.
func (n *Node) fall(what, pos string, do func(context.Context, Lifecycle) error) error {
	return n.change(what, pos, func(ctx context.Context, m Lifecycle) error {
		windows := n.windows()
		for _, t := range windows {
			if err := t.wait(ctx); err != nil {
				return err
			}
		}
		for _, t := range windows {
			t.settle()
		}
		n.down = pos
		n.paused = ""
		err := do(ctx, m)
		for _, t := range windows {
			t.close()
			t.fallen = true
		}
		if err == nil && n.down == "" { // it was started again
			n.reopen()
		}
		return err
	})
}

// rise starts the node again, as it was.
func (n *Node) rise(ctx context.Context) error {
	m, ok := n.machine.(Lifecycle)
	if !ok {
		return errors.New("this backend cannot start a node again")
	}
	if err := m.Start(ctx); err != nil {
		return err
	}
	n.down = ""
	if l := n.links(); !l.whole() {
		if err := n.set(ctx, l); err != nil {
			return err
		}
	}
	n.reopen()
	return nil
}

// reopen opens the windows that went with the node.
func (n *Node) reopen() {
	for _, t := range n.windows() {
		if t.fallen {
			t.again()
		}
	}
}

// windows are the node's terminals whose own program has not ended.
func (n *Node) windows() []*Terminal {
	var ts []*Terminal
	for _, t := range n.run.terminals {
		if t.node == n && t.gone == "" {
			ts = append(ts, t)
		}
	}
	return ts
}

// fallen says whether the node was ended and not started again.
func (n *Node) fallen() error {
	if n.down == "" {
		return nil
	}
	return fmt.Errorf("%s was ended at %s; start() starts it again", n.spec.Name, n.down)
}

// Partition cuts the sides off from one another: no packet of a node of one
// reaches a node of another. Nodes of no side, and those of the same, are as
// they were.
func (r *Run) Partition(sides [][]*Node, pos string) error {
	if len(sides) < 2 {
		return errors.New("partition: it takes two sides or more")
	}
	var all []*Node
	var names []string
	for _, side := range sides {
		if len(side) == 0 {
			return errors.New("partition: a side has no node")
		}
		var in []string
		for _, n := range side {
			if slices.Contains(all, n) {
				return fmt.Errorf("partition: %s is there twice", n.spec.Name)
			}
			all, in = append(all, n), append(in, n.spec.Name)
		}
		names = append(names, strings.Join(in, " "))
	}
	return r.fault("partition "+strings.Join(names, " | "), pos, all, func(ctx context.Context) error {
		for i, side := range sides {
			for _, n := range side {
				for k, other := range sides {
					if k != i {
						n.cut = append(n.cut, other...)
					}
				}
			}
		}
		return r.setLinks(ctx, all)
	})
}

// Heal ends all partitions, losses and delays.
func (r *Run) Heal(pos string) error {
	return r.fault("heal", pos, r.nodes, r.heal)
}

// heal makes the network whole.
func (r *Run) heal(ctx context.Context) error {
	var hurt []*Node
	for _, n := range r.nodes {
		if !n.links().whole() {
			hurt = append(hurt, n)
		}
		n.cut, n.loss, n.delay, n.jitter = nil, 0, 0, 0
	}
	return r.setLinks(ctx, hurt)
}

// recover ends all faults of nodes that run: of a lab that is kept.
func (r *Run) recover(ctx context.Context) error {
	err := r.heal(ctx)
	for _, n := range r.nodes {
		if m, ok := n.machine.(Lifecycle); ok && n.paused != "" {
			err = errors.Join(err, m.Resume(ctx))
		}
	}
	return err
}

// Loss loses a share of the packets that reach the node, 0 to 1.
func (n *Node) Loss(share float64, pos string) error {
	if share < 0 || share > 1 {
		return fmt.Errorf("loss: %v percent: it must be from 0 to 100", share*100)
	}
	return n.run.fault(fmt.Sprintf("loss %g%%", share*100), pos, []*Node{n}, func(ctx context.Context) error {
		n.loss = share
		return n.run.setLinks(ctx, []*Node{n})
	})
}

// Delay delays the packets that leave the node, give or take the jitter.
func (n *Node) Delay(delay, jitter time.Duration, pos string) error {
	what := "delay " + delay.String()
	if jitter > 0 {
		what += " ± " + jitter.String()
	}
	return n.run.fault(what, pos, []*Node{n}, func(ctx context.Context) error {
		n.delay, n.jitter = delay, jitter
		return n.run.setLinks(ctx, []*Node{n})
	})
}

// links is how the node's network is to be.
func (n *Node) links() Links {
	l := Links{Loss: n.loss, Delay: n.delay, Jitter: n.jitter}
	for _, other := range n.cut {
		if a := move(other.spec.IP, n.trans.reader, n.trans.lab); !slices.Contains(l.Cut, a) {
			l.Cut = append(l.Cut, a)
		}
	}
	return l
}

// setLinks makes the network of nodes as it is to be. Those that were ended get
// it when they are started again.
func (r *Run) setLinks(ctx context.Context, nodes []*Node) error {
	errs := make(chan error, len(nodes))
	for _, n := range nodes {
		go func() {
			if n.down != "" {
				errs <- nil
				return
			}
			err := n.set(ctx, n.links())
			if err != nil && len(nodes) > 1 {
				err = fmt.Errorf("%s: %w", n.spec.Name, err)
			}
			errs <- err
		}()
	}
	var err error
	for range nodes {
		err = errors.Join(err, <-errs)
	}
	return err
}

func (n *Node) set(ctx context.Context, l Links) error {
	m, ok := n.machine.(Networked)
	if !ok {
		return errors.New("this backend cannot change a node's network")
	}
	return m.SetLinks(ctx, l)
}
