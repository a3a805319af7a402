package docker_test

import (
	"testing"
	"time"

	"scenario/runner"
	"scenario/runner/docker"
	"scenario/runner/docker/dockertest"
)

// An engine tells of a lab that is there, and removes it.
func TestFacts(t *testing.T) {
	b := new(docker.Backend)
	img := runner.Image{Ref: dockertest.Busybox(t)}
	l, id := open(t, b)
	start(t, l, machine(l, img))
	find := func() (found []docker.LabFacts) {
		f, err := b.Facts(t.Context())
		if err != nil || f.Host == "" || f.Version == "" || f.API == "" {
			t.Fatalf("%+v, %v", f, err)
		}
		for _, l := range f.Labs {
			if l.ID == id {
				found = append(found, l)
			}
		}
		return found
	}
	found := find()
	if len(found) != 1 || found[0].Scenario != "dockertest" || len(found[0].Nodes) != 1 || found[0].State != docker.LabRuns || time.Since(found[0].Since) > time.Hour {
		t.Fatalf("%+v", found)
	}
	if err := b.Remove(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if left := find(); len(left) > 0 {
		t.Errorf("after Remove there is %+v", left)
	}
}

// What is in the engine, and what could be pulled.
func TestFactsOfImages(t *testing.T) {
	b := new(docker.Backend)
	nowhere := runner.Image{Ref: "127.0.0.1:1/none:1"}
	for img, want := range map[string]bool{dockertest.Busybox(t): true, nowhere.Ref: false} {
		if has, err := b.Has(t.Context(), runner.Image{Ref: img}); has != want || err != nil {
			t.Errorf("%s: %v, %v", img, has, err)
		}
	}
	if err := b.Reaches(t.Context(), nowhere); err == nil {
		t.Error("an image is said to be where no registry is")
	}
}
