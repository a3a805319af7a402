package main

import (
	"slices"
	"testing"
	"time"

	"scenario/runner"
)

// The engine gives the floor another network than the reader's, and each run
// has pids of its own.
func TestLesson(t *testing.T) {
	rec := &runner.Recording{
		Network:   "172.17.0.0/16",
		Nodes:     []runner.NodeRecord{{Name: "piyo", IP: "172.17.0.7"}},
		Terminals: []runner.TerminalRecord{{Name: "piyo.iex", Argv: "iex --name piyo@172.17.0.7"}},
		Steps: []*runner.Step{
			{Op: runner.OpExec, Node: "piyo", Typed: []string{"erl_call"}},
			{Op: runner.OpType, Node: "piyo", Terminal: "piyo.iex", Typed: []string{`Node.spawn(:"fuga@172.17.0.6", f)`}, Output: "#PID<12443.149.0>\nhi", Tolerance: runner.Tolerance{Unordered: true}},
		},
	}
	l, err := newLesson(rec, "image", "10.2.3.0/24")
	if err != nil {
		t.Fatal(err)
	}
	if got := l.Machines[0].IP; got != "10.2.3.7" {
		t.Errorf("the machine has %s", got)
	}
	if o := l.Windows[0]; o.Machine != "piyo" || !slices.Equal(o.Argv, []string{"iex", "--name", "piyo@10.2.3.7"}) {
		t.Errorf("the window is %v", o)
	}
	if len(l.Strokes) != 1 || l.Strokes[0].Lines[0] != `Node.spawn(:"fuga@10.2.3.6", f)` {
		t.Fatalf("typed: %v", l.Strokes)
	}
	for text, want := range map[string]bool{
		"#PID<8.150.0>\r\niex(piyo@10.2.3.7)4> hi\r\n": true,
		"hi\r\n#PID<8.150.0>\r\n":                      true,
		"#PID<8.150.0>\r\niex(piyo@10.2.3.7)4> ":       false,
	} {
		if got := l.Strokes[0].answered(text); got != want {
			t.Errorf("answered(%q) = %v", text, got)
		}
	}
}

func TestCrowd(t *testing.T) {
	l := newCrowd("image", "10.2.0.0/16")
	if n := len(l.Machines); n != crowdSize || len(l.Windows) != n || len(l.Strokes) != n {
		t.Fatalf("%d machines", n)
	}
	if last := l.Machines[crowdSize-1]; last.IP != "10.2.0.101" || l.Windows[crowdSize-1].Machine != last.Name {
		t.Errorf("the last is %v", last)
	}
}

func TestPrompts(t *testing.T) {
	for raw, want := range map[string]bool{
		"\x1b[K1 + 1\r\n2\r\n\x1b[33miex(hoge@10.2.3.4)12> \x1b[0m": true,
		"def f do\r\n...(hoge@10.2.3.4)2> ":                         true,
		"hostname -i\r\n10.2.3.4\r\n$ ":                             true,
		"echo a$ b":                                                 false,
		"1 + 1\r\n2\r\niex(hoge@10.":                                false,
	} {
		w := window{raw: []byte(raw)}
		if got := prompts.MatchString(w.text()); got != want {
			t.Errorf("a prompt in %q: %v", raw, got)
		}
	}
}

func TestRatio(t *testing.T) {
	a, b := samples{2, 30, 8, 3}, samples{1, 10, 2, 1}
	if got := a.ratio(b); got != 3 {
		t.Errorf("the median of 2, 3, 4 and 3 is %v", got)
	}
	if got := a.median(); got != 5*time.Nanosecond {
		t.Errorf("the median of 2, 3, 8 and 30 is %v", got)
	}
}
