package starlib

import (
	"errors"
	"slices"
	"strings"
	"time"

	"go.starlark.net/starlark"

	"scenario/runner"
)

// side is a Node or a list of them: those that a partition leaves together.
type side []*nodeValue

func nodesOf(values []*nodeValue) []*runner.Node {
	var nodes []*runner.Node
	for _, v := range values {
		nodes = append(nodes, v.node)
	}
	return nodes
}

var partitionBuiltin = declare("partition",
	"Cuts nodes off from one another, as a broken line does: packets get lost in silence, and nobody is told. Each argument is a side; nodes of one side still reach each other, and those that are on no side reach all. A second partition comes on top of the first.",
	"", `
partition(hoge, [fuga, piyo])
heal()`,
	func(c *call, a struct {
		Sides []side `star:"sides,rest" doc:"The sides, two or more."`
	}) (starlark.Value, error) {
		if err := c.faults(); err != nil {
			return nil, err
		}
		var sides [][]*runner.Node
		for _, s := range a.Sides {
			sides = append(sides, nodesOf(s))
		}
		return nil, c.run.Partition(sides, c.pos)
	})

var healBuiltin = declare("heal",
	"Ends all partitions, losses and delays. The end of a run does it by itself.",
	"", `heal()`,
	func(c *call, _ none) (starlark.Value, error) {
		if err := c.faults(); err != nil {
			return nil, err
		}
		return nil, c.run.Heal(c.pos)
	})

// faults says that a fault is nothing to be tried again and again.
func (c *call) faults() error {
	if c.polling > 0 {
		return errors.New("a fault is done once, and eventually(…) may call its function often: do it before")
	}
	return nil
}

// fault is a method that does something to a node and takes no arguments.
func fault(name, summary, example string, do func(n *runner.Node, pos string) error) *Builtin {
	return method("Node."+name, summary, "", example, func(c *call, n *nodeValue, _ none) (starlark.Value, error) {
		if err := c.faults(); err != nil {
			return nil, err
		}
		return nil, do(n.node, c.pos)
	})
}

// graceful is a fault that gives the node's first process time to end.
func graceful(name, summary, example string, do func(n *runner.Node, grace time.Duration, pos string) error) *Builtin {
	return method("Node."+name, summary, "", example, func(c *call, n *nodeValue, a struct {
		Grace time.Duration `star:"grace,keyword" default:"2" doc:"How long its first process has to end by itself once it was told to, in whole seconds, before all is killed. One that does not listen, such as tail, is killed."`
	}) (starlark.Value, error) {
		if err := c.faults(); err != nil {
			return nil, err
		}
		if a.Grace > time.Minute {
			return nil, errors.New(name + ": grace is a minute at most")
		}
		return nil, do(n.node, a.Grace, c.pos)
	})
}

// faultMethods are what a script can do to a node, in the manual's order.
var faultMethods = []*Builtin{
	method("Node.delay",
		"Delays the packets that leave the node. It needs a kernel with netem under the containers; where there is none, it is an error that says so.",
		"", `
hoge.delay(0.2)
hoge.delay(0.2, jitter = 0.05)`,
		func(c *call, n *nodeValue, a struct {
			Delay  time.Duration `star:"delay" doc:"By how much."`
			Jitter float64       `star:"jitter,keyword" default:"0" doc:"By how many seconds the delay varies, up and down."`
		}) (starlark.Value, error) {
			if err := c.faults(); err != nil {
				return nil, err
			}
			jitter := time.Duration(a.Jitter * float64(time.Second))
			if jitter < 0 || jitter > a.Delay {
				return nil, errors.New("delay: jitter must be from 0 to the delay")
			}
			return nil, n.node.Delay(a.Delay, jitter, c.pos)
		}),
	fault("kill",
		"Ends the node at once: no process of it has time for a last word, and the kernel closes its connections. Its windows go with it; what they showed until then is kept.",
		`fuga.kill()`, (*runner.Node).Kill),
	method("Node.loss",
		"Loses a share of the packets that reach the node, at random.",
		"", `hoge.loss(30)`,
		func(c *call, n *nodeValue, a struct {
			Percent float64 `star:"percent" doc:"Of 100 packets, how many; 0 ends it."`
		}) (starlark.Value, error) {
			if err := c.faults(); err != nil {
				return nil, err
			}
			return nil, n.node.Loss(a.Percent/100, c.pos)
		}),
	fault("pause",
		"Freezes all that runs on the node: it answers nobody, and does not know. Others cannot tell it from one that is cut off.",
		`
fuga.pause()
fuga.resume()`, (*runner.Node).Pause),
	graceful("restart",
		"Ends the node as Node.stop does, and starts it again as Node.start does.",
		`db.restart()`, (*runner.Node).Restart),
	fault("resume",
		"Lets a paused node go on.",
		`fuga.resume()`, (*runner.Node).Resume),
	fault("start",
		"Starts a node again that was ended, with the files that it had and its address. Its windows are opened again, with their programs as they were started first.",
		`fuga.start()`, (*runner.Node).Start),
	graceful("stop",
		"Ends the node as a shutdown does: its first process is told to end, and then all is killed. Its windows go with it; what they showed until then is kept.",
		`fuga.stop()`, (*runner.Node).Stop),
	method("Node.wait",
		"Waits for something on the node: a line in its log, an open port, an answer of a web server, or the success of a command. It looks at once, after 20 ms, and then less and less often, up to twice a second; the image needs no tools for it. Nothing is compared.",
		"a Result, whose output is what was seen", `
web.wait(port = 80)
web.wait(http = "http://localhost:8080/health")
db.wait(log = "ready to accept connections")
db.wait(command = ["pg_isready"])`,
		func(c *call, n *nodeValue, a struct {
			Log     string        `star:"log,keyword" default:"\"\"" doc:"Text in a line of what the node's own command has printed since its start."`
			Port    int           `star:"port,keyword" default:"0" doc:"A TCP port of the node on which somebody listens, on any of its addresses. Nothing connects to it."`
			HTTP    string        `star:"http,keyword" default:"\"\"" doc:"A URL, as it is on the node, that answers."`
			Status  int           `star:"status,keyword" default:"200" doc:"The status that it answers with."`
			Command []string      `star:"command,keyword" default:"[]" doc:"A command and its arguments, which ends with status 0."`
			Timeout time.Duration `star:"timeout,keyword" default:"30" doc:"How long it may take."`
		}) (starlark.Value, error) {
			var given []string
			for name, is := range map[string]bool{"log": a.Log != "", "port": a.Port != 0, "http": a.HTTP != "", "command": len(a.Command) > 0} {
				if is {
					given = append(given, name)
				}
			}
			if len(given) > 1 {
				slices.Sort(given)
				return nil, errors.New("wait: it waits for one thing, and is given " + strings.Join(given, " and "))
			}
			return c.step(n.node.Wait(runner.WaitSpec{
				Log: a.Log, Port: a.Port, HTTP: a.HTTP, Status: a.Status, Command: a.Command, Timeout: a.Timeout, Pos: c.pos,
			}))
		}),
}
