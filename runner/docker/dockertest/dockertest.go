// Package dockertest gives tests what they need of a Docker Engine without
// the internet: a small image, a registry of their own, and a look at what a
// test left behind.
//
// What is missing on the machine fails the test with the command that installs
// it; nothing is skipped. Images stay in the engine for the next run.
package dockertest

import (
	"context"
	"errors"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/client"

	"scenario/runner/docker"
)

const (
	// pause is between two looks at something that is waited for.
	pause = 20 * time.Millisecond
	// patience is how long a registry may take to answer, or a lab that another
	// test has open to be gone.
	patience = 2 * time.Minute
)

// Client connects to the engine that the tests use.
func Client(t testing.TB) *client.Client {
	t.Helper()
	c, err := client.NewClientWithOpts(client.FromEnv, client.WithAPIVersionNegotiation())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	// Not the test's context, which has ended when this is for a cleanup.
	if _, err := c.Ping(context.Background()); err != nil {
		t.Fatalf("the tests need a Docker Engine (tools/setup test installs and starts one): %v", err)
	}
	return c
}

// program finds a program that the tests need, or says how to install it.
func program(t testing.TB, name, debianPackage string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("the tests need %s: apt-get install %s", name, debianPackage)
	}
	return path
}

// Leftovers fails the test if a container or network of a lab is there at its
// end that was not there when Leftovers was called. Labels such as
// "scenario.name=hello" narrow it to the labs of this test; without any, those
// that other tests have open at that moment are waited for.
func Leftovers(t testing.TB, labels ...string) {
	t.Helper()
	c := Client(t)
	before := objects(t, c, labels)
	t.Cleanup(func() {
		left := objects(t, c, labels)
		maps.DeleteFunc(left, func(id, _ string) bool { return before[id] != "" })
		for deadline := time.Now().Add(patience); len(left) > 0; {
			if time.Now().After(deadline) {
				t.Errorf("left in Docker: %v", slices.Sorted(maps.Values(left)))
				return
			}
			time.Sleep(pause)
			now := objects(t, c, labels)
			maps.DeleteFunc(left, func(id, _ string) bool { return now[id] == "" })
		}
	})
}

// Left names the containers and networks with all of the labels; of any lab
// when there are none.
func Left(t testing.TB, labels ...string) []string {
	t.Helper()
	return slices.Sorted(maps.Values(objects(t, Client(t), labels)))
}

// objects are the containers and networks with all of the labels, by id.
func objects(t testing.TB, c *client.Client, labels []string) map[string]string {
	t.Helper()
	if len(labels) == 0 {
		labels = []string{docker.LabelLab}
	}
	filter := filters.NewArgs()
	for _, l := range labels {
		filter.Add("label", l)
	}
	ctx := context.Background() // a cleanup outlives the test's
	containers, err1 := c.ContainerList(ctx, container.ListOptions{All: true, Filters: filter})
	networks, err2 := c.NetworkList(ctx, network.ListOptions{Filters: filter})
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, o := range containers {
		found[o.ID] = "container " + strings.Join(o.Names, " ")
	}
	for _, o := range networks {
		found[o.ID] = "network " + o.Name
	}
	return found
}
