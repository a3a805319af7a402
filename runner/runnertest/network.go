package runnertest

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"sync"
	"testing"

	"scenario/runner"
)

func (s *suite) network(t *testing.T) {
	l := s.open(t)
	a, b := s.start(t, l, 0), s.start(t, l, 1)
	ipA, ipB := s.spec(l, 0).IP, s.spec(l, 1).IP
	if !l.Subnet().Contains(ipB) {
		t.Fatalf("%s is not in %s", ipB, l.Subnet())
	}
	run(t, a, fmt.Sprintf("ping -c 1 -w 10 %s", ipB))
	run(t, b, fmt.Sprintf("ping -c 1 -w 10 %s", ipA))

	// A server on b, with the client's address as b sees it.
	run(t, b, "nc -l -p 7000 -e sh -c 'echo hello from b' >/dev/null 2>&1 &")
	until(t, "b's server answers", func() bool {
		r, err := a.Exec(t.Context(), sh(fmt.Sprintf("nc %s 7000 </dev/null", ipB)))
		return err == nil && string(r.Stdout) == "hello from b\n"
	})

	other := s.open(t)
	stranger := s.start(t, other, 2) // no machine here has its address, whatever the subnets
	if r, err := a.Exec(t.Context(), sh(fmt.Sprintf("ping -c 1 -W 1 %s", s.spec(other, 2).IP))); err != nil || r.Status == 0 {
		t.Errorf("a machine of another lab answers: %s, %v", r.Stdout, err)
	}
	run(t, stranger, "ping -c 1 -w 10 "+s.spec(other, 2).IP.String())
}

func (s *suite) subnets(t *testing.T) {
	labs := make([]runner.Lab, 4)
	var opening sync.WaitGroup
	for n := range labs {
		opening.Go(func() {
			id := strings.ToLower(rand.Text()[:10])
			l, err := s.backend.Open(t.Context(), runner.LabSpec{ID: id, Scenario: "runnertest", Subnets: wanted()})
			if err != nil {
				t.Errorf("Open: %v", err)
				return
			}
			labs[n] = l
			t.Cleanup(func() {
				if err := l.Close(context.Background()); err != nil {
					t.Errorf("Close: %v", err)
				}
			})
		})
	}
	opening.Wait()
	if t.Failed() {
		return
	}
	for i, a := range labs {
		if s.hooks.SameSubnet && a.Subnet() != wanted()[0] {
			t.Errorf("a lab has %s, want %s", a.Subnet(), wanted()[0])
		}
		for _, b := range labs[:i] {
			if !s.hooks.SameSubnet && a.Subnet().Overlaps(b.Subnet()) {
				t.Errorf("two labs have %s and %s", a.Subnet(), b.Subnet())
			}
		}
		m := s.start(t, a, 0)
		if got, want := run(t, m, "hostname -i"), s.spec(a, 0).IP.String(); got != want {
			t.Errorf("address %s, want %s", got, want)
		}
	}
}
