package docker

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/network"
	"github.com/hashicorp/go-hclog"

	"scenario/runner"
)

// LabState says to whom a lab belongs.
type LabState string

// The states of a lab.
const (
	LabRuns LabState = "running"   // its run is under way, here or on another host
	LabKept LabState = "kept"      // its run is over, and was to leave it
	LabDead LabState = "abandoned" // its run is no more: the next run sweeps it
	LabLone LabState = "unknown"   // nothing tells whether its run is under way
)

// LabFacts are what is there of a lab.
type LabFacts struct {
	ID, Scenario string
	State        LabState
	Nodes        []NodeFacts         // by name
	Windows      []runner.KeptWindow // of one that is kept
	Subnet       string
	Since        time.Time
	anchored     bool // it has an anchor that runs, or is about to
	containers   int  // of any role
}

// NodeFacts are what is there of a node.
type NodeFacts struct {
	Name, Container string
	State           string // as the engine calls it: "running", "exited", "paused"
}

// Labs are the labs of this engine, the oldest first. An engine that cannot be
// used is an *runner.EnvironmentError.
func (b *Backend) Labs(ctx context.Context) ([]LabFacts, error) {
	e, err := b.connect(ctx)
	if err != nil {
		return nil, err
	}
	labs, err := e.labs(ctx, "")
	if err != nil {
		return nil, &runner.EnvironmentError{What: "the Docker Engine at " + e.DaemonHost() + " does not say which labs it has", Err: err}
	}
	return labs, nil
}

// Remove removes all that there is of a lab, whoever it belongs to.
func (b *Backend) Remove(ctx context.Context, id string) error {
	e, err := b.connect(ctx)
	if err != nil {
		return err
	}
	labs, err := e.labs(ctx, id)
	for _, l := range labs {
		err = errors.Join(err, e.clear(ctx, l))
	}
	if err == nil {
		return nil
	}
	env := &runner.EnvironmentError{What: "lab " + id + " cannot be removed", Err: err}
	if strings.Contains(err.Error(), "has active endpoints") {
		env.What += ": the engine has lost count of what is on its network, and has it right again when it is started anew"
		env.Hint = "sudo systemctl restart docker && scenario down " + id
	}
	return env
}

// clear removes what there is of a lab. A network by itself goes at once, or not
// before the engine is started again, which may have lost count of its
// endpoints.
func (e *engine) clear(ctx context.Context, l LabFacts) error {
	if l.containers == 0 {
		return newLab(e, runner.LabSpec{ID: l.ID}).removeNetworks(ctx)
	}
	return e.removeLab(ctx, l.ID, 0)
}

// Enter gives a node of a lab that is there, whose run may be over.
func (b *Backend) Enter(ctx context.Context, lab string, node NodeFacts) (*Entered, error) {
	e, err := b.connect(ctx)
	if err != nil {
		return nil, err
	}
	c, err := e.ContainerInspect(ctx, node.Container)
	if err != nil {
		return nil, &runner.EnvironmentError{What: "node " + node.Name + " of lab " + lab + " cannot be entered", Err: spoken{err}}
	}
	return &Entered{&machine{lab: newLab(e, runner.LabSpec{ID: lab}), node: node.Name, name: node.Container, id: c.ID}}, nil
}

// Entered is a machine of a lab that somebody else has made.
type Entered struct{ *machine }

// End ends what runs in a window that a run has left.
func (m *Entered) End(w runner.KeptWindow) {
	if w.ID != "" {
		m.kill(w.ID)
	}
}

// labs are what is there of the lab with the id, or of all if it is "".
func (e *engine) labs(ctx context.Context, id string) ([]LabFacts, error) {
	label := LabelLab
	if id != "" {
		label += "=" + id
	}
	ours := filters.NewArgs(filters.Arg("label", label))
	labs := map[string]*LabFacts{}
	lab := func(labels map[string]string, since time.Time) *LabFacts {
		id := labels[LabelLab]
		l := labs[id]
		if l == nil {
			l = &LabFacts{ID: id, Scenario: labels[LabelScenario], State: LabDead, Since: since}
			labs[id] = l
		}
		if since.Before(l.Since) {
			l.Since = since
		}
		return l
	}
	// Networks first: a lab whose network is seen had its anchor before it, and
	// so has it when the containers are looked at.
	networks, err := e.NetworkList(ctx, network.ListOptions{Filters: ours})
	if err != nil {
		return nil, err
	}
	for _, n := range networks {
		l := lab(n.Labels, n.Created)
		if len(n.IPAM.Config) > 0 {
			l.Subnet = n.IPAM.Config[0].Subnet
		}
		if n.Labels[LabelRole] == roleAlone {
			l.State = LabLone
		}
	}
	containers, err := e.ContainerList(ctx, container.ListOptions{All: true, Filters: ours})
	if err != nil {
		return nil, err
	}
	for _, c := range containers {
		made := time.Unix(c.Created, 0)
		l := lab(c.Labels, made)
		l.containers++
		switch c.Labels[LabelRole] {
		case roleAnchor:
			starting := c.State == container.StateCreated && e.young(ctx, made)
			l.anchored = l.anchored || starting || c.State == container.StateRunning
		case roleMark:
			l.State = LabKept
			// One that cannot be read is of another version, and has no windows.
			_ = json.Unmarshal([]byte(c.Labels[LabelWindows]), &l.Windows)
		case roleHelper:
		default:
			name := ""
			if len(c.Names) > 0 {
				name = strings.TrimPrefix(c.Names[0], "/")
			}
			l.Nodes = append(l.Nodes, NodeFacts{Name: c.Labels[LabelNode], Container: name, State: string(c.State)})
		}
	}
	all := make([]LabFacts, 0, len(labs))
	for _, l := range labs {
		if l.anchored {
			l.State = LabRuns
		}
		slices.SortFunc(l.Nodes, func(a, b NodeFacts) int { return cmp.Compare(a.Name, b.Name) })
		all = append(all, *l)
	}
	slices.SortFunc(all, func(a, b LabFacts) int { return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.ID, b.ID)) })
	return all, nil
}

// young says whether an anchor may still be about to be started, by the
// engine's own clock.
func (e *engine) young(ctx context.Context, made time.Time) bool {
	now := time.Now()
	if info, err := e.Info(ctx); err == nil {
		if t, err := time.Parse(time.RFC3339Nano, info.SystemTime); err == nil {
			now = t
		}
	}
	return now.Sub(made) < anchorStart
}

// sweep removes the labs whose runners are no more. It touches no other.
func (e *engine) sweep(ctx context.Context, log hclog.Logger) error {
	labs, err := e.labs(ctx, "")
	if err != nil {
		return fmt.Errorf("look for abandoned labs: %w", spoken{err})
	}
	for _, l := range labs {
		if l.State != LabDead {
			continue
		}
		log.Info("removing a lab whose run is no more", "lab", l.ID, "scenario", l.Scenario)
		if failed := e.clear(ctx, l); failed != nil { // the others go all the same
			err = errors.Join(err, fmt.Errorf("remove the abandoned lab %s: %w", l.ID, failed))
		}
	}
	return err
}
