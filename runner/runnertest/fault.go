package runnertest

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"scenario/runner"
)

// lifecycle is that a machine can be ended, started again and frozen, and what
// it keeps.
func (s *suite) lifecycle(t *testing.T) {
	l := s.open(t)
	spec := s.spec(l, 0)
	spec.Command = []string{"sh", "-c", "trap 'echo told >> /told; exit 7' TERM; echo booted; while :; do sleep 0.02; done"}
	m, err := l.Start(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	life := m.(runner.Lifecycle)
	running := func(want bool) {
		t.Helper()
		if st, err := m.State(t.Context()); err != nil || st.Running != want {
			t.Fatalf("State = %+v, %v; want running %t", st, err, want)
		}
	}
	until(t, "it has booted", func() bool { text, err := m.(runner.Logged).Log(t.Context()); return err == nil && text == "booted\n" })
	run(t, m, "echo kept > /kept")
	w := open(t, m, sh("echo begun; sleep 1000; echo"))
	w.await(t, "begun")
	for name, end := range map[string]func() error{
		"Stop": func() error { return life.Stop(t.Context(), 10*time.Second) },
		"Kill": func() error { return life.Kill(t.Context()) },
	} {
		if err := end(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		running(false)
		if err := life.Start(t.Context()); err != nil {
			t.Fatalf("Start after %s: %v", name, err)
		}
		running(true)
		until(t, "it has booted again", func() bool { text, err := m.(runner.Logged).Log(t.Context()); return err == nil && text == "booted\n" })
	}
	w.end(t)
	if got := run(t, m, "cat /kept /told; hostname -i; hostname"); got != fmt.Sprintf("kept\ntold\n%s\n%s", spec.IP, spec.Hostname) {
		t.Errorf("after it was started again it has %q", got)
	}

	run(t, m, "(while :; do date +%s%N > /tick; sleep 0.01; done) >/dev/null 2>&1 &")
	until(t, "it ticks", func() bool { r, err := m.Exec(t.Context(), sh("cat /tick")); return err == nil && len(r.Stdout) > 0 })
	if err := life.Pause(t.Context()); err != nil {
		t.Fatal(err)
	}
	running(true)
	if err := life.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := run(t, m, "cat /tick")
	until(t, "it ticks again", func() bool {
		r, err := m.Exec(t.Context(), sh("cat /tick"))
		return err == nil && string(r.Stdout) != before+"\n"
	})

	if err := life.Pause(t.Context()); err != nil { // which Close must not mind
		t.Fatal(err)
	}
}

// links is that machines are cut off from one another, and lose packets, and
// that nobody else is touched.
func (s *suite) links(t *testing.T) {
	l := s.open(t)
	ms := []runner.Machine{s.start(t, l, 0), s.start(t, l, 1), s.start(t, l, 2)}
	ips := []netip.Addr{s.spec(l, 0).IP, s.spec(l, 1).IP, s.spec(l, 2).IP}
	set := func(n int, links runner.Links) {
		t.Helper()
		if err := ms[n].(runner.Networked).SetLinks(t.Context(), links); err != nil {
			t.Fatal(err)
		}
	}
	// reaches is how many of twenty packets are answered.
	reaches := func(from, to int) (n int) {
		t.Helper()
		r, err := ms[from].Exec(t.Context(), sh(fmt.Sprintf("for i in 1 2 3 4; do ping -c 5 -A -W 1 -w 2 %s & done; wait", ips[to])))
		if err != nil {
			t.Fatal(err)
		}
		return strings.Count(string(r.Stdout), "ttl=")
	}
	if n := reaches(0, 1); n != 20 {
		t.Fatalf("a whole line brings %d of 20 packets", n)
	}
	set(0, runner.Links{Cut: ips[1:2]})
	set(1, runner.Links{Cut: ips[:1]})
	for _, pair := range [][2]int{{0, 1}, {1, 0}} {
		if n := reaches(pair[0], pair[1]); n != 0 {
			t.Errorf("a cut line brings %d of 20 packets", n)
		}
	}
	if a, b := reaches(0, 2), reaches(2, 1); a != 20 || b != 20 {
		t.Errorf("the third machine is reached by %d packets of 20, and reaches with %d", a, b)
	}
	if got := run(t, ms[0], "ping -c 1 -w 10 "+ips[0].String()+" >/dev/null && echo itself"); got != "itself" {
		t.Errorf("a machine that is cut off does not reach itself: %q", got)
	}
	set(0, runner.Links{})
	set(1, runner.Links{})
	if n := reaches(1, 0); n != 20 {
		t.Errorf("a healed line brings %d of 20 packets", n)
	}
	set(0, runner.Links{Loss: 0.5})
	lost := 0
	for range 5 {
		lost += 20 - reaches(1, 0)
	}
	if lost < 20 || lost > 80 { // 1 in 10⁹, where 50 are to be lost
		t.Errorf("of 100 packets %d are lost, where half should be", lost)
	}
	set(0, runner.Links{Loss: 1})
	if n := reaches(1, 0); n != 0 {
		t.Errorf("a line that loses all brings %d of 20 packets", n)
	}
	// A new start makes it whole.
	if err := ms[0].(runner.Lifecycle).Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := ms[0].(runner.Lifecycle).Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := reaches(1, 0); n != 20 {
		t.Errorf("after a new start the line brings %d of 20 packets", n)
	}
	set(0, runner.Links{Cut: ips[1:]})
	if n := reaches(1, 0); n != 0 {
		t.Errorf("a line that is cut after a new start brings %d of 20 packets", n)
	}
}

// look is what is seen of a machine's ports and servers.
func (s *suite) look(t *testing.T) {
	m := s.one(t)
	net := m.(runner.Networked)
	if ports, err := net.Ports(t.Context()); err != nil || len(ports) != 0 {
		t.Errorf("Ports = %v, %v; want none", ports, err)
	}
	if _, _, err := net.Get(t.Context(), "http://localhost:8080/"); err == nil {
		t.Error("a server answers that is not there")
	}
	run(t, m, "mkdir /www; echo hello > /www/index.html; httpd -p 127.0.0.1:8080 -h /www; nc -l -p 7000 >/dev/null 2>&1 &")
	until(t, "both ports are open", func() bool {
		ports, err := net.Ports(t.Context())
		return err == nil && slices.Equal(ports, []int{7000, 8080})
	})
	if status, body, err := net.Get(t.Context(), "http://localhost:8080/"); err != nil || status != 200 || body != "hello\n" {
		t.Errorf("Get = %d, %q, %v", status, body, err)
	}
	if status, _, err := net.Get(t.Context(), "http://127.0.0.1:8080/none"); err != nil || status != 404 {
		t.Errorf("Get = %d, %v; want 404", status, err)
	}
}
