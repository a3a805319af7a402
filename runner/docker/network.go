package docker

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/docker/docker/api/types/network"

	"scenario/runner"
)

// makeNetwork makes the lab's network in the first of the subnets that is
// free. The engine's own check comes last and decides: another run may take a
// subnet between our look and our request, and the engine may know of ranges
// that this process does not see.
func (l *lab) makeNetwork(ctx context.Context, spec runner.LabSpec) error {
	taken, err := l.engine.obstacles(ctx)
	if err != nil {
		return fmt.Errorf("look for a free subnet: %w", err)
	}
	var refused refusals
	for _, subnet := range spec.Subnets {
		subnet = subnet.Masked()
		if o := overlapping(taken, subnet); o != nil {
			refused.add(subnet, "overlaps "+o.name)
			continue
		}
		_, err := l.engine.NetworkCreate(ctx, l.network(), network.CreateOptions{
			Driver:   "bridge",
			Internal: !spec.Internet,
			Options:  options(spec),
			Labels:   l.networkLabels(),
			IPAM: &network.IPAM{Config: []network.IPAMConfig{{
				Subnet:  subnet.String(),
				Gateway: subnet.Addr().Next().String(),
			}}},
		})
		switch {
		case err == nil:
			l.subnet = subnet
			return nil
		case strings.Contains(err.Error(), "overlap"):
			refused.add(subnet, "refused by the engine: "+said(err))
		default:
			return fmt.Errorf("make the network %s: %w", l.network(), spoken{err})
		}
	}
	return &runner.EnvironmentError{
		What:  "no address range is free for the lab's network",
		Tried: refused.lines(),
		Hint:  l.engine.makeRoom(ctx),
	}
}

// makeRoom is the command that frees address ranges: of labs that were left, or
// else of networks that nobody uses.
func (e *engine) makeRoom(ctx context.Context) string {
	labs, _ := e.labs(ctx, "")
	if slices.ContainsFunc(labs, func(l LabFacts) bool { return l.State != LabRuns && l.Subnet != "" }) {
		return "scenario down --all"
	}
	return "docker network prune"
}

// options keep the engine's host out of a closed network: its bridge would have
// the gateway's address, and whatever listens on the host would be reached.
func options(spec runner.LabSpec) map[string]string {
	if spec.Internet {
		return nil
	}
	return map[string]string{"com.docker.network.bridge.inhibit_ipv4": "true"}
}

func (l *lab) networkLabels() map[string]string {
	if l.alone {
		return l.roleLabels(roleAlone)
	}
	return l.labels()
}

// An obstacle is an address range that a lab keeps away from.
type obstacle struct {
	prefix netip.Prefix
	name   string // "the network bridge (172.17.0.0/16)"
}

func overlapping(obstacles []obstacle, subnet netip.Prefix) *obstacle {
	for i, o := range obstacles {
		if o.prefix.Overlaps(subnet) {
			return &obstacles[i]
		}
	}
	return nil
}

// obstacles are the engine's networks and, where the engine is on this host,
// the host's routes: the engine accepts a subnet that shadows a route, and so
// cuts the host off from its VPN. Networks come first, since most have a route
// too and their names say more.
func (e *engine) obstacles(ctx context.Context) ([]obstacle, error) {
	networks, err := e.NetworkList(ctx, network.ListOptions{})
	if err != nil {
		return nil, err
	}
	var all []obstacle
	for _, n := range networks {
		for _, config := range n.IPAM.Config {
			if p, err := netip.ParsePrefix(config.Subnet); err == nil {
				all = append(all, obstacle{p, fmt.Sprintf("the network %s (%s)", n.Name, p)})
			}
		}
	}
	if e.local() {
		all = append(all, hostRoutes()...)
	}
	return all, nil
}

// refusals gathers why subnets were refused, a line a reason: there may be
// hundreds of subnets behind one route.
type refusals struct {
	reasons []string
	subnets map[string][]netip.Prefix
}

func (r *refusals) add(subnet netip.Prefix, reason string) {
	if r.subnets == nil {
		r.subnets = map[string][]netip.Prefix{}
	}
	if r.subnets[reason] == nil {
		r.reasons = append(r.reasons, reason)
	}
	r.subnets[reason] = append(r.subnets[reason], subnet)
}

func (r *refusals) lines() []string {
	var lines []string
	for _, reason := range r.reasons {
		subnets := r.subnets[reason]
		line := subnets[0].String()
		if n := len(subnets) - 1; n > 0 {
			line += fmt.Sprintf(" and %d more", n)
		}
		lines = append(lines, line+": "+reason)
	}
	return lines
}
