package starlib

import (
	"fmt"
	"strings"
	"time"

	"go.starlark.net/starlark"

	"scenario/runner"
	"scenario/runner/terminal"
)

// terminalValue is a Terminal. It is a function as well: to call it is to type.
type terminalValue struct {
	opaque
	node     *nodeValue
	terminal *runner.Terminal
	open     func(pos string) (*runner.Terminal, error) // for one that opens when it is first used
}

func (v *terminalValue) String() string        { return fmt.Sprintf("terminal(%q)", v.Name()) }
func (v *terminalValue) Type() string          { return "Terminal" }
func (v *terminalValue) Hash() (uint32, error) { return starlark.String(v.Name()).Hash() }

func (v *terminalValue) Name() string {
	if v.terminal == nil {
		return v.node.node.Name() + ".sh"
	}
	return v.terminal.Name()
}

// terminalFields are the attributes of a Terminal that are no methods.
var terminalFields = []field{
	{"name", "string", "Its full name: the node's, a dot, and its own."},
	{"node", "Node", "The machine that it is a window on."},
}

func (v *terminalValue) Attr(name string) (starlark.Value, error) {
	switch name {
	case "name":
		return starlark.String(v.Name()), nil
	case "node":
		return v.node, nil
	}
	return attributes(terminalMethods, v, name)
}

func (v *terminalValue) AttrNames() []string {
	return attributeNames(terminalFields, terminalMethods)
}

// CallInternal types: a Terminal is a function.
func (v *terminalValue) CallInternal(thread *starlark.Thread, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	return typeBuiltin.run(newCall(thread), v, args, kwargs)
}

// get is the terminal, ready to be used.
func (v *terminalValue) get(c *call) (*runner.Terminal, error) {
	if c.polling > 0 {
		return nil, errNoStep
	}
	if v.terminal == nil {
		t, err := v.open(c.pos)
		if err != nil {
			return nil, err
		}
		v.terminal = t
	}
	return v.terminal, nil
}

// next is the terminal, ready for the next step, which may have a name.
func (v *terminalValue) next(c *call, name string) (*runner.Terminal, error) {
	if err := c.next(name); err != nil {
		return nil, err
	}
	return v.get(c)
}

var typeBuiltin = method("Terminal",
	"A Terminal is a function: to call it is to type a statement, which may have several lines, and to wait until the program is done with it. What it showed is compared with a golden.",
	"a Result", `
hoge.sh("hostname -i")
hoge.iex('Node.spawn(:"fuga@172.17.0.6", fn -> IO.puts("hi") end)', expect = "hi", unordered = True)
hoge.sh("iex --name hoge@172.17.0.4", enters = elixir.iex)
hoge.sh("Node.list()")
hoge.sh("System.halt()", leaves = True)`,
	func(c *call, v *terminalValue, a struct {
		Text    string        `star:"text" doc:"What to type. Empty lines before and after it, and indentation that all of its lines share, are left out. A statement that is not finished then gets one empty line more, as Python wants it after a block."`
		Expect  texts         `star:"expect,keyword" default:"[]" doc:"Texts that must be in the output before the step is done, beside the prompt."`
		Timeout time.Duration `star:"timeout,keyword" default:"30" doc:"How long it may take."`
		Wait    bool          `star:"wait,keyword" default:"True" doc:"False for a statement that blocks: it is typed, and Terminal.wait gets its output."`
		Status  *int          `star:"status,keyword" default:"0" doc:"In a shell, the exit status it must have; None takes any. Of several statements it is the last one's, and the others must have 0."`
		Enters  *programValue `star:"enters,keyword" default:"None" doc:"The program that the last line starts. The step is done at its first prompt, and what is typed next is typed into it, until it is left. Of the Program, its prompts, kinds and quit count; it has the window and the environment of the program that it is entered from."`
		Leaves  bool          `star:"leaves,keyword" default:"False" doc:"The last line ends the program that was entered last: the step is done when the prompt below is back. Its status is the program's, if it was entered from a shell. Without it, a program that ends is an error."`
		Name    string        `star:"name,keyword" default:"\"\"" doc:"Its label; the chapter's id if it is not given."`
		tolerance
	}) (starlark.Value, error) {
		differ, err := a.declared(c.pos)
		if err != nil {
			return nil, err
		}
		t, err := v.next(c, a.Name)
		if err != nil {
			return nil, err
		}
		return c.step(t.Step(runner.StepSpec{
			Lines: dedent(a.Text), Expect: a.Expect, Timeout: a.Timeout, NoWait: !a.Wait, Status: a.Status,
			Enters: a.Enters.entered(), Leaves: a.Leaves, Name: a.Name, Tolerance: differ, Pos: c.pos,
		}))
	})

var terminalMethods = []*Builtin{
	method("Terminal.key",
		"Presses a key. What it brings is for Terminal.wait or Terminal.screen.",
		"", `t.key("ctrl-c")`,
		func(c *call, v *terminalValue, a struct {
			Key string `star:"key" doc:"\"enter\", \"tab\", \"up\", \"page-down\", \"ctrl-c\", \"alt-x\" and the like."`
		}) (starlark.Value, error) {
			seq, err := terminal.Key(a.Key)
			if err != nil {
				return nil, err
			}
			return keys(c, v, seq, a.Key)
		}),
	method("Terminal.quit",
		"Leaves the program as a reader does, and waits for its end: of one that was entered, for the prompt below it.",
		"a Result", `hoge.iex.quit()`,
		func(c *call, v *terminalValue, a struct {
			Name string `star:"name,keyword" default:"\"\"" doc:"Its label; the chapter's id if it is not given."`
		}) (starlark.Value, error) {
			t, err := v.next(c, a.Name)
			if err != nil {
				return nil, err
			}
			return c.step(t.Quit(runner.StepSpec{Name: a.Name, Pos: c.pos}))
		}),
	method("Terminal.ready",
		"Waits until the program has shown its first prompt. A step does that by itself; this is for libraries, when it is another node that must be up. Nothing is recorded.",
		"", `fuga.iex.ready()`,
		func(c *call, v *terminalValue, _ none) (starlark.Value, error) {
			t, err := v.get(c)
			if err != nil {
				return nil, err
			}
			return nil, t.Ready()
		}),
	method("Terminal.screen",
		"Takes the window as it stands, for programs that draw one. It is compared with a golden.",
		"a Result", `t.screen(expect = "Save changes?").output`,
		func(c *call, v *terminalValue, a struct {
			Expect  texts         `star:"expect,keyword" default:"[]" doc:"Texts that it must show first."`
			Timeout time.Duration `star:"timeout,keyword" default:"30" doc:"How long that may take."`
			Name    string        `star:"name,keyword" default:"\"\"" doc:"Its label; the chapter's id if it is not given."`
			tolerance
		}) (starlark.Value, error) {
			differ, err := a.declared(c.pos)
			if err != nil {
				return nil, err
			}
			t, err := v.next(c, a.Name)
			if err != nil {
				return nil, err
			}
			return c.step(t.Screen(runner.StepSpec{
				Expect: a.Expect, Timeout: a.Timeout, Name: a.Name, Tolerance: differ, Pos: c.pos,
			}))
		}),
	method("Terminal.type",
		"Types text as it is, without Enter. What it brings is for Terminal.wait or Terminal.screen.",
		"", `t.type("hunter2")`,
		func(c *call, v *terminalValue, a struct {
			Text string `star:"text" doc:"What to type."`
		}) (starlark.Value, error) {
			return keys(c, v, a.Text, a.Text)
		}),
	method("Terminal.wait",
		"Waits for text that comes by itself: a message from another node, a line of a log, output of a statement typed with wait = False. Without texts it waits for the prompt; with leaves = True, for the end of the program that was entered last.",
		"a Result", `
piyo.iex("receive do m -> m end", wait = False)
hoge.iex('send({:x, :"piyo@172.17.0.7"}, :hello)')
piyo.iex.wait(":hello")`,
		func(c *call, v *terminalValue, a struct {
			Expect  texts         `star:"expect" default:"[]" doc:"Texts that must come, on whole lines; for one on a line that does not end, such as a question, there is Terminal.screen. The Result has the lines that hold them; of a statement that is still running, its output up to the last of these."`
			Timeout time.Duration `star:"timeout,keyword" default:"30" doc:"How long it may take."`
			Status  *int          `star:"status,keyword" default:"0" doc:"In a shell, the exit status of what was waited for to its end; None takes any."`
			Leaves  bool          `star:"leaves,keyword" default:"False" doc:"The program that was entered last ends by itself or by keys, or has ended: the prompt below is waited for."`
			Name    string        `star:"name,keyword" default:"\"\"" doc:"Its label; the chapter's id if it is not given."`
			tolerance
		}) (starlark.Value, error) {
			differ, err := a.declared(c.pos)
			if err != nil {
				return nil, err
			}
			t, err := v.next(c, a.Name)
			if err != nil {
				return nil, err
			}
			return c.step(t.Wait(runner.StepSpec{
				Expect: a.Expect, Timeout: a.Timeout, Status: a.Status, Leaves: a.Leaves, Name: a.Name, Tolerance: differ, Pos: c.pos,
			}))
		}),
}

func keys(c *call, v *terminalValue, seq, shown string) (starlark.Value, error) {
	t, err := v.next(c, "")
	if err != nil {
		return nil, err
	}
	_, err = t.Keys(seq, runner.StepSpec{Pos: c.pos}, shown)
	return nil, err
}

// dedent gives the lines of a text as a script would indent it: empty lines at
// both ends and the indentation that all lines share are the script's.
func dedent(text string) []string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for len(lines) > 1 && strings.TrimSpace(lines[0]) == "" {
		lines = lines[1:]
	}
	for len(lines) > 1 && strings.TrimSpace(lines[len(lines)-1]) == "" {
		lines = lines[:len(lines)-1]
	}
	indent := -1
	for _, l := range lines {
		if t := strings.TrimLeft(l, " "); t != "" && (indent < 0 || len(l)-len(t) < indent) {
			indent = len(l) - len(t)
		}
	}
	for i, l := range lines {
		lines[i] = l[min(max(indent, 0), len(l)):]
	}
	return lines
}
