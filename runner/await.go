package runner

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// WaitSpec is something on a node to wait for; one of the conditions is set.
type WaitSpec struct {
	Log     string   // text in a line of what the node's own command has printed
	Port    int      // a TCP port that somebody listens on
	HTTP    string   // a URL, as it is on the node, that answers with Status
	Status  int      // 0 is 200
	Command []string // a command that ends with status 0
	Timeout time.Duration
	Pos     string
}

// The pauses between two looks at what is waited for.
const (
	pollFirst = 20 * time.Millisecond
	pollMax   = 500 * time.Millisecond
)

// Wait waits until something on the node is so. In time-outs it says what it
// saw last.
func (n *Node) Wait(spec WaitSpec) (*Step, error) {
	what, look, err := n.condition(spec)
	if err != nil {
		return nil, err
	}
	step := &Step{Op: OpWait, Node: n.spec.Name, Pos: spec.Pos, Typed: []string{what}}
	return n.run.play(step, n.spec.Name, spec.Timeout, func(ctx context.Context) error {
		var last string
		for pause := pollFirst; ; pause = min(2*pause, pollMax) {
			holds, seen, err := look(ctx)
			if err == nil && holds {
				step.Output = n.trans.toReader(seen)
				return nil
			}
			if err != nil && ctx.Err() == nil {
				return n.dead(err)
			}
			if err == nil {
				last = seen
			}
			select {
			case <-ctx.Done():
			case <-time.After(pause):
			}
			var late errTimeout
			if errors.As(context.Cause(ctx), &late) {
				return &UnmetError{What: what, Within: late.d, Last: n.trans.toReader(last)}
			}
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
		}
	})
}

// UnmetError says that something that was waited for did not come.
type UnmetError struct {
	What   string
	Within time.Duration
	Last   string // what was seen last
}

func (e *UnmetError) Error() string {
	s := fmt.Sprintf("waited %s for %s", e.Within, e.What)
	if e.Last == "" {
		return s + ", and saw nothing"
	}
	return s + "; the last look saw: " + e.Last
}

// look says whether a condition holds, and what it saw.
type look func(context.Context) (holds bool, seen string, err error)

func (n *Node) condition(spec WaitSpec) (what string, l look, err error) {
	switch {
	case spec.Log != "":
		return fmt.Sprintf("%q in its log", spec.Log), func(ctx context.Context) (bool, string, error) { return n.lookLog(ctx, spec.Log) }, nil
	case spec.Port != 0:
		if spec.Port < 1 || spec.Port > 65535 {
			return "", nil, fmt.Errorf("wait: port %d: ports are from 1 to 65535", spec.Port)
		}
		return fmt.Sprintf("port %d", spec.Port), func(ctx context.Context) (bool, string, error) { return n.lookPort(ctx, spec.Port) }, nil
	case spec.HTTP != "":
		if !strings.HasPrefix(spec.HTTP, "http://") {
			return "", nil, fmt.Errorf("wait: http must be a URL such as http://localhost:8080/, not %q", spec.HTTP)
		}
		if spec.Status == 0 {
			spec.Status = 200
		}
		return fmt.Sprintf("%s to answer %d", spec.HTTP, spec.Status), func(ctx context.Context) (bool, string, error) { return n.lookHTTP(ctx, spec.HTTP, spec.Status) }, nil
	case len(spec.Command) > 0:
		return "success of " + strings.Join(spec.Command, " "), func(ctx context.Context) (bool, string, error) { return n.lookCommand(ctx, spec.Command) }, nil
	}
	return "", nil, errors.New("wait: nothing is said to wait for; give log, port, http or command")
}

func (n *Node) lookLog(ctx context.Context, want string) (bool, string, error) {
	m, ok := n.machine.(Logged)
	if !ok {
		return false, "", errors.New("this backend keeps no log of a node")
	}
	text, err := m.Log(ctx)
	if err != nil {
		return false, "", err
	}
	want = n.trans.toLab(want)
	for line := range strings.Lines(text) {
		if strings.Contains(line, want) {
			return true, strings.TrimSpace(line), nil
		}
	}
	return false, lastLine(text), nil
}

func (n *Node) lookPort(ctx context.Context, want int) (bool, string, error) {
	m, ok := n.machine.(Networked)
	if !ok {
		return false, "", errors.New("this backend cannot look at a node's ports")
	}
	ports, err := m.Ports(ctx)
	if err != nil {
		return false, "", err
	}
	var open []string
	for _, p := range ports {
		open = append(open, strconv.Itoa(p))
	}
	seen := "no port is open"
	if len(open) > 0 {
		seen = "open: " + strings.Join(open, ", ")
	}
	return slices.Contains(ports, want), seen, nil
}

func (n *Node) lookHTTP(ctx context.Context, url string, want int) (bool, string, error) {
	m, ok := n.machine.(Networked)
	if !ok {
		return false, "", errors.New("this backend cannot ask a node's servers")
	}
	status, body, err := m.Get(ctx, n.trans.toLab(url))
	if err != nil && ctx.Err() == nil {
		return false, err.Error(), nil // nobody answers yet
	}
	if err != nil {
		return false, "", err
	}
	seen := fmt.Sprintf("status %d", status)
	if line := lastLine(body); line != "" {
		seen += ": " + line
	}
	return status == want, seen, nil
}

func (n *Node) lookCommand(ctx context.Context, argv []string) (bool, string, error) {
	res, err := n.machine.Exec(ctx, n.trans.command(Command{Argv: argv}))
	if err != nil {
		return false, "", err
	}
	seen := fmt.Sprintf("status %d", res.Status)
	if line := lastLine(strings.ToValidUTF8(string(res.Stdout)+string(res.Stderr), "\uFFFD")); line != "" {
		seen += ": " + line
	}
	return res.Status == 0, seen, nil
}

// lastLine is the last line of a text that is not blank.
func lastLine(text string) string {
	text = strings.TrimSpace(text)
	return strings.TrimSpace(text[strings.LastIndexByte(text, '\n')+1:])
}
