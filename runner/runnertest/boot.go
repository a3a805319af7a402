package runnertest

import (
	"strings"
	"sync"
	"testing"

	"scenario/runner"
)

func (s *suite) boot(t *testing.T) {
	l := s.open(t)
	machines := make([]runner.Machine, 3)
	var boots sync.WaitGroup
	for n := range machines {
		boots.Go(func() {
			spec := s.spec(l, n)
			spec.Env = map[string]string{"GREETING": "元氣 " + spec.Name, "EMPTY": ""}
			spec.Files = map[string][]byte{"/etc/scenario/deep/note": []byte("for " + spec.Name), "/tmp/empty": nil}
			var err error
			if machines[n], err = l.Start(t.Context(), spec); err != nil {
				t.Errorf("Start %s: %v", spec.Name, err)
			}
		})
	}
	boots.Wait()
	if t.Failed() {
		return
	}
	for n, m := range machines {
		spec := s.spec(l, n)
		for script, want := range map[string]string{
			"hostname":                        spec.Hostname,
			"hostname -i":                     spec.IP.String(),
			"cat /sys/class/net/eth0/address": spec.MAC,
			`echo "$GREETING"`:                "元氣 " + spec.Name,
			`echo "${EMPTY-unset}"`:           "",
			"cat /etc/scenario/deep/note":     "for " + spec.Name,
			"wc -c </tmp/empty":               "0",
			// A folder that was there keeps what it was.
			"stat -c %a /tmp": "1777",
		} {
			if got := run(t, m, script); got != want {
				t.Errorf("%s: %s = %q, want %q", spec.Name, script, got, want)
			}
		}
		state, err := m.State(t.Context())
		if err != nil || !state.Running || len(state.IDs) == 0 {
			t.Errorf("%s: State = %+v, %v; want running, with ids", spec.Name, state, err)
		}
	}

	t.Run("command, user and folder", func(t *testing.T) {
		spec := s.spec(l, 3)
		spec.Command = []string{"sh", "-c", "id -u >/tmp/me; pwd >>/tmp/me; exec tail -f /dev/null"}
		spec.User, spec.Workdir = "1000", "/tmp"
		m, err := l.Start(t.Context(), spec)
		want := "1000\n/tmp\n"
		if s.refused(t, spec.User, err) {
			spec.User, want = "", "0\n/tmp\n"
			m, err = l.Start(t.Context(), spec)
		}
		if err != nil {
			t.Fatal(err)
		}
		until(t, "the machine's command has run", func() bool {
			r, err := m.Exec(t.Context(), runner.Command{Argv: []string{"cat", "/tmp/me"}})
			return err == nil && string(r.Stdout) == want
		})
	})
	t.Run("a command that is not there", func(t *testing.T) {
		spec := s.spec(l, 4)
		spec.Command = []string{"/no/such/command"}
		if _, err := l.Start(t.Context(), spec); err == nil || !strings.Contains(err.Error(), "/no/such/command") {
			t.Errorf("Start = %v, want an error that names the command", err)
		}
	})
}
