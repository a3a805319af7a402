package main

import (
	"fmt"
	"regexp"
	"strings"

	"scenario/runner"
)

// lesson is what the floor is told: which machines to make, and what to type.
type lesson struct {
	Image    string
	Subnet   string
	Machines []machine
	Windows  []opening
	Strokes  []stroke
}

type machine struct{ Name, IP string }

// opening is a terminal to open.
type opening struct {
	Name, Machine string
	Argv          []string
}

// stroke is a statement to type, and what must come of it. Without a statement
// it is a wait for what comes by itself.
type stroke struct {
	Window string
	Lines  []string
	Answer []string
	// Races says that the answer may come before or after the prompt. Another
	// answer than that of the others means that the cluster is not there yet:
	// they are typed again, until it is.
	Races bool
}

// newLesson makes a lesson of a recording: its keystrokes, and what they
// brought. What the scenario did beside its terminals is not part of it.
func newLesson(rec *runner.Recording, image, subnet string) (*lesson, error) {
	here := strings.NewReplacer(hosts(rec.Network), hosts(subnet)).Replace
	l := &lesson{Image: image, Subnet: subnet}
	for _, n := range rec.Nodes {
		l.Machines = append(l.Machines, machine{n.Name, here(n.IP)})
	}
	nodes := map[string]string{}
	for _, s := range rec.Steps {
		nodes[s.Terminal] = s.Node
		k := stroke{Window: s.Terminal, Races: s.Unordered}
		switch s.Op {
		case runner.OpType:
			for _, line := range s.Typed {
				k.Lines = append(k.Lines, here(line))
			}
			for line := range strings.Lines(s.Output) {
				k.Answer = append(k.Answer, shape(line))
			}
		case runner.OpWait: // of the prompt, when it is for no text
			k.Races = true
			for _, text := range s.Typed {
				k.Answer = append(k.Answer, shape(text))
			}
		case runner.OpExec, runner.OpRead:
			continue
		default:
			return nil, fmt.Errorf("%s: the floor knows no %s", s.Pos, s.Op)
		}
		l.Strokes = append(l.Strokes, k)
	}
	for _, t := range rec.Terminals {
		argv := strings.Fields(here(t.Argv))
		if argv[0] == "sh" {
			argv = argv[:1] // without what makes its prompt known to scenario
		}
		l.Windows = append(l.Windows, opening{Name: t.Name, Machine: nodes[t.Name], Argv: argv})
	}
	return l, nil
}

// hosts is what addresses of a network begin with: "172.17.0." for 172.17.0.0/16.
func hosts(subnet string) string {
	return subnet[:strings.LastIndex(subnet, ".")+1]
}

var number = regexp.MustCompile(`[0-9]+`)

// shape is a line without what differs from run to run: pids and addresses.
func shape(line string) string {
	return number.ReplaceAllString(strings.TrimSpace(line), "0")
}
