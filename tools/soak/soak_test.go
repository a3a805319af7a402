package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"scenario/golden"
	"scenario/runner"
	"scenario/runner/docker"
	"scenario/runner/docker/dockertest"
)

func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == loadCommand {
		main()
		return
	}
	os.Exit(m.Run())
}

// fakeLab is a backend and its lab.
type fakeLab struct{ started []runner.MachineSpec }

func (f *fakeLab) Open(context.Context, runner.LabSpec) (runner.Lab, error) { return f, nil }
func (f *fakeLab) Subnet() netip.Prefix                                     { return netip.Prefix{} }
func (f *fakeLab) Close(context.Context) error                              { return nil }
func (f *fakeLab) Start(_ context.Context, spec runner.MachineSpec) (runner.Machine, error) {
	f.started = append(f.started, spec)
	return nil, nil
}

func TestLimited(t *testing.T) {
	for _, test := range []struct{ limit, asked, want float64 }{
		{0, 0, 0}, {0, 2, 2}, {1, 0, 1}, {1, 2, 1}, {1, 0.5, 0.5},
	} {
		var fake fakeLab
		var opened string
		b := limited{Backend: &fake, cpus: test.limit, opened: func(lab string) { opened = lab }}
		lab, err := b.Open(t.Context(), runner.LabSpec{ID: "a1"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := lab.Start(t.Context(), runner.MachineSpec{CPUs: test.asked}); err != nil {
			t.Fatal(err)
		}
		if got := fake.started[0].CPUs; got != test.want || opened != "a1" {
			t.Errorf("limit %v, asked for %v: started with %v in lab %q; want %v in a1", test.limit, test.asked, got, opened, test.want)
		}
	}
}

func TestTable(t *testing.T) {
	count := &tally{scenario: "tiny", condition: "busy"}
	for i := range 4 {
		count.add(time.Duration(i)*time.Second, i == 2)
	}
	want := []row{count.row("c0ffee")}
	got := markdown(want, "an engine")
	if want := "4 runs, 1 alarm; an engine:\n\n" + tableHead + "| tiny | busy | 4 | 1 | 1.50 s | c0ffee |\n"; got != want {
		t.Errorf("the table is\n%s", got)
	}
	if rows, on, err := parseTable(got); err != nil || on != "an engine" || !slices.Equal(rows, want) {
		t.Errorf("read again it is %v, %q, %v", rows, on, err)
	}
}

// A page is put together by several invocations. What is not of the same
// machine, or of no scenario of today, does not stay.
func TestPut(t *testing.T) {
	s := tinySoak(t, "true", "")
	s.known["other"] = true
	file := filepath.Join(t.TempDir(), "page.md")
	const begin, end = "<!-- soak: made by go run ./tools/soak -o page.md -->\n", "<!-- /soak -->\n"
	write := func(on string) {
		t.Helper()
		old := markdown([]row{
			{"gone", "quiet", 1, 0, "1.00 s", "a"}, {"other", "busy", 2, 0, "1.00 s", "a"}, {"tiny", "quiet", 3, 0, "1.00 s", "a"},
		}, on)
		if err := os.WriteFile(file, []byte("before\n"+begin+"\n"+old+"\n"+end+"after\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tiny := []row{{"tiny", "quiet", 4, 0, "2.00 s", "b"}, {"tiny", "busy", 5, 1, "2.00 s", "b"}}
	for _, test := range []struct {
		on   string
		want []row
	}{
		{s.on, []row{{"other", "busy", 2, 0, "1.00 s", "a"}, tiny[0], tiny[1]}},
		{"another machine", tiny},
	} {
		write(test.on)
		for _, i := range []int{1, 0} {
			if err := s.put(file, tiny[i]); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(file)
		if want := "before\n" + begin + "\n" + markdown(test.want, s.on) + "\n" + end + "after\n"; err != nil || string(got) != want {
			t.Errorf("on %s: the page is\n%s%v", test.on, got, err)
		}
	}
}

// A right golden is no alarm in any condition; one that was changed is, and so
// is an error.
func TestAlarms(t *testing.T) {
	dockertest.Leftovers(t, docker.LabelScenario+"=tiny")
	for _, test := range []struct {
		name, command, golden string
		in                    []condition
		runs, alarms          int
		said                  string // in what is kept of an alarm
	}{
		{"right", "echo hello", "$ echo hello\nhello\n", conditions, 2 * len(conditions), 0, ""},
		{"drifted", "echo hello", "$ echo hello\nhullo\n", conditions[:1], 2, 2, "\n-hullo\n+hello\n"},
		{"error", "echo seen; exit 3", "", conditions[2:3], 2, 2, "\nseen\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := tinySoak(t, test.command, test.golden)
			complete := 0
			rows, err := s.play(t.Context(), test.in, 2, func(row) error { complete++; return nil })
			if err != nil || complete != len(rows) {
				t.Fatal(err, complete)
			}
			if runs, alarms := total(rows); runs != test.runs || alarms != test.alarms {
				t.Errorf("%d runs and %d alarms, want %d and %d", runs, alarms, test.runs, test.alarms)
			}
			kept, err := filepath.Glob(filepath.Join(s.failures, "tiny-*", "alarm.txt"))
			if err != nil || len(kept) != test.alarms {
				t.Errorf("kept: %v, %v", kept, err)
			}
			for _, file := range kept {
				if said, err := os.ReadFile(file); err != nil || !strings.Contains(string(said), test.said) {
					t.Errorf("%s: %s%v", file, said, err)
				}
				if _, err := os.Stat(filepath.Join(filepath.Dir(file), "recording.json")); err != nil {
					t.Error(err)
				}
			}
			if err := s.left(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestComplaint(t *testing.T) {
	rec := &runner.Recording{Steps: []*runner.Step{
		{Op: runner.OpType, Terminal: "web.sh", Label: "tiny", Pos: "tiny.star:2:7", Text: "$ true"},
	}}
	for _, test := range []struct {
		name    string
		goldens map[string]string
		want    string
	}{
		{"right", map[string]string{"tiny@web.sh": "$ true\n"}, ""},
		{"new", nil, "  new: tiny@web.sh tiny.star:2:7\n"},
		{"unused", map[string]string{"tiny@web.sh": "$ true\n", "other@web.sh": ""}, "  unused: other@web.sh \n"},
	} {
		if got := complaint(rec, nil, test.goldens); got != test.want {
			t.Errorf("%s: said is %q, want %q", test.name, got, test.want)
		}
	}
}

// A run that is interrupted is not counted, and leaves nothing.
func TestInterrupted(t *testing.T) {
	s := tinySoak(t, "sleep 1000", "")
	ctx, cancel := context.WithCancel(t.Context())
	s.backend = limited{Backend: s.backend, opened: func(string) { cancel() }}
	rows, err := s.play(ctx, conditions, 2, func(r row) error {
		t.Errorf("it is complete: %v", r)
		return nil
	})
	if !errors.Is(err, context.Canceled) || len(rows) > 0 {
		t.Errorf("counted: %v, %v", rows, err)
	}
	if err := s.left(); err != nil {
		t.Error(err)
	}
}

func TestLeft(t *testing.T) {
	s := tinySoak(t, "true", "")
	lab, err := limited{Backend: s.backend, opened: s.opened}.Open(t.Context(), runner.LabSpec{
		ID: fmt.Sprintf("soak%d", os.Getpid()), Scenario: "tiny", Subnets: runner.Substitutes(runner.DefaultNetwork),
	})
	if err != nil {
		t.Fatal(err)
	}
	err = s.left()
	if cerr := lab.Close(context.Background()); cerr != nil {
		t.Fatal(cerr)
	}
	if err == nil {
		t.Error("nothing is said of a network that is left")
	}
	if err := s.left(); err != nil {
		t.Error(err)
	}
}

func TestChoose(t *testing.T) {
	if got, err := chooseConditions([]string{"busy"}); err != nil || len(got) != 1 || !got[0].busy {
		t.Errorf("busy is %v, %v", got, err)
	}
	if _, err := chooseConditions([]string{"bussy"}); err == nil {
		t.Error("no error for a condition that there is not")
	}
}

// tinySoak has one scenario, which types a command, and its golden.
func tinySoak(t *testing.T, command, text string) *soak {
	t.Helper()
	dir := t.TempDir()
	script := fmt.Sprintf("web = node(\"web\", image = image(%q))\nweb.sh(%q)\n", dockertest.Busybox(t), command)
	if err := os.Mkdir(filepath.Join(dir, "tiny"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "tiny", "tiny.star"), []byte(script), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := golden.Dir(filepath.Join(dir, "tiny", "golden")).Write("tiny@web.sh", text); err != nil {
		t.Fatal(err)
	}
	s, err := newSoak(t.Context(), dir, filepath.Join(t.TempDir(), "failures"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.close)
	return s
}
