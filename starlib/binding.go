package starlib

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"go.starlark.net/starlark"

	"scenario/runner"
)

// A Binding is what a script says of an article that is checked: on which
// machines it is played, and what is done with which of its blocks. The script
// fills it while it runs.
type Binding struct {
	Path    string                 // of the article, if the script says it
	On      *runner.Node           // where windows open when the article says nothing; nil: the first node
	Windows map[string]Destination // what the article calls windows
	Kinds   []runner.Kind          // may differ between the article and the run, in all blocks
	Rules   []*Rule                // in the order of the script
	Known   []runner.Program       // that the script has declared
}

// A Destination is where blocks are played: in a window; on a node, in windows
// that are opened there; or in the window that the article calls by a name.
type Destination struct {
	Window *Window
	Node   *runner.Node
	Name   string
}

// A Window is a terminal of the script.
type Window struct {
	Node *runner.Node
	// Open gives it. It is opened when it is first asked for.
	Open func() (*runner.Terminal, error)
}

// A Rule says what is done with some blocks of an article. Zero values say
// nothing.
type Rule struct {
	Pos string
	// Which blocks: those for which all that is given holds.
	Number                                   Numbers
	Caption, Language, Heading, Text, Prompt string

	To            []Destination
	Skip, Fails   string            // reasons
	Substitute    map[string]string // texts, and what is typed in their place
	Before, After []Action
	File          string
	Edit          func(old, text string) (string, error)
	Run           string
	Part          bool
	Expect        []string
	Timeout       time.Duration
	Blocks        bool
	Enters        *runner.Program
	Tolerance     runner.Tolerance
}

// An Action is something that a script has done before or after a block: a line
// to type into the block's window, or a function.
type Action struct {
	Line string
	Call func() error // nil for a line
}

// Numbers are numbers of blocks, from 1.
type Numbers []struct{ First, Last int }

// Has says whether a block of that number is meant.
func (n Numbers) Has(number int) bool {
	for _, i := range n {
		if i.First <= number && number <= i.Last {
			return true
		}
	}
	return false
}

// errNoArticle is met by a script that is not played by scenario check.
var errNoArticle = errors.New("this script is for an article: scenario check plays it")

var articleBuiltin = declare("article",
	"Says how an article is played, for a script that `scenario check` plays. It is called once, or not at all.",
	"", `
pc = node("pc", debian("bookworm", ["elixir"]))
article(on = pc)`,
	func(c *call, a struct {
		Path     string            `star:"path" default:"\"\"" doc:"Of the article, from the folder in which the command is given; for a script that lies elsewhere than beside it, as in article(param(\"article\"))."`
		On       *nodeValue        `star:"on,keyword" default:"None" doc:"The machine on which windows open when neither the article nor bind(…) says where; the first node if it is not given."`
		Windows  map[string]target `star:"windows,keyword" default:"{}" doc:"What the article calls its windows, as in T1, shell 2 or node A: the Terminal that it means, or the Node."`
		Volatile kindList          `star:"volatile,keyword" default:"[\"address\", \"time\", \"date\", \"duration\", \"id\"]" doc:"Kinds of tokens that may be others than in the article, in all blocks, beside the kinds of the programs."`
	}) (starlark.Value, error) {
		b := c.opts.Binding
		if b == nil {
			return nil, errNoArticle
		}
		if b.Windows != nil {
			return nil, errors.New("article: it has been called before")
		}
		kinds, err := a.Volatile.kinds(c.pos)
		if err != nil {
			return nil, fmt.Errorf("article: %w", err)
		}
		if b.Path != "" && a.Path != "" {
			return nil, fmt.Errorf("article: the command names an article itself, %s: leave out %q, or give the command the script alone", b.Path, a.Path)
		}
		if a.Path != "" {
			b.Path = a.Path
		}
		b.Kinds, b.Windows = kinds, map[string]Destination{}
		if a.On != nil {
			b.On = a.On.node
		}
		for name, t := range a.Windows {
			d, err := t.destination(c)
			if err != nil {
				return nil, fmt.Errorf("article: windows: %w", err)
			}
			if d.Name != "" {
				return nil, fmt.Errorf("article: windows: %q must be a Terminal or a Node, not a string", name)
			}
			b.Windows[name] = d
		}
		return nil, nil
	})

var bindBuiltin = declare("bind",
	"Says what is done with some blocks of an article, for a script that `scenario check` plays. Meant are the blocks for which all holds that is given of number, caption, language, heading, text and prompt. Where several calls mean a block, the later one counts in what it says. The blocks are played when the script has come to its end, in the order of the article.",
	"", `
bind(caption = "hogeノードのIEx", to = hoge.sh)
bind(text = "docker run", skip = "the nodes are the script's")
bind(text = "mix new", after = "cd chat")
bind(number = "7-9", to = ["alex", "kate"])`,
	func(c *call, a struct {
		Number   blockNumbers `star:"number" default:"[]" doc:"Numbers of blocks, as scenario map counts them: 7, \"7-9\", or a list of these."`
		Caption  string       `star:"caption,keyword" default:"\"\"" doc:"A text in the block's title, such as the one behind the colon of elixir:hogeノードのIEx."`
		Language string       `star:"language,keyword" default:"\"\"" doc:"The fence's language, as in elixir."`
		Heading  string       `star:"heading,keyword" default:"\"\"" doc:"A text in a heading that the block stands under."`
		Text     string       `star:"text,keyword" default:"\"\"" doc:"A text in the block."`
		Prompt   string       `star:"prompt,keyword" default:"\"\"" doc:"A text in one of its prompts, such as hoge@."`

		To      targets           `star:"to,keyword" default:"[]" doc:"Where it is typed: a Terminal; a Node, in a window on it; the name by which the article calls a window, such as alex; or a list of those, into each of which it is typed."`
		Skip    string            `star:"skip,keyword" default:"\"\"" doc:"Why it is not run."`
		Fails   string            `star:"fails,keyword" default:"\"\"" doc:"Why it is known to drift or to fail: that is no failure of the check then, and its absence is one."`
		Sub     map[string]string `star:"sub,keyword" default:"{}" doc:"Texts of the block and what is typed in their place."`
		Before  hook              `star:"before,keyword" default:"[]" doc:"What is done before the block: a line to type into its window, a function without parameters, or a list of those. If it fails, the block does."`
		After   hook              `star:"after,keyword" default:"[]" doc:"The same after it."`
		File    string            `star:"file,keyword" default:"\"\"" doc:"The block is a file, which is written under this name: absolute, or from the folder in which the window's shell is."`
		Edit    starlark.Callable `star:"edit,keyword" default:"None" doc:"The block is a change to its file: a function of the text that the file has and the block's text, which returns the new text."`
		Run     string            `star:"run,keyword" default:"\"\"" doc:"The block is what this line shows, or a part of it: it is typed, and the block is compared with what comes."`
		Part    bool              `star:"part,keyword" default:"False" doc:"The block shows only a part of what comes: lines that stand together in it."`
		Expect  texts             `star:"expect,keyword" default:"[]" doc:"Texts that must come, beside what the block shows: what the prose promises."`
		Timeout time.Duration     `star:"timeout,keyword" default:"30" doc:"How long a statement may take."`
		Blocks  bool              `star:"blocks,keyword" default:"False" doc:"Its last statement waits for another window: the check goes on, and takes its output when the window is used next, or at the end."`
		Enters  *programValue     `star:"enters,keyword" default:"None" doc:"The program that its last line starts, where that is not known from the command."`
		tolerance
	}) (starlark.Value, error) {
		b := c.opts.Binding
		if b == nil {
			return nil, errNoArticle
		}
		r := &Rule{
			Pos: c.pos, Number: Numbers(a.Number), Caption: a.Caption, Language: a.Language, Heading: a.Heading, Text: a.Text, Prompt: a.Prompt,
			Skip: a.Skip, Fails: a.Fails, File: a.File, Run: a.Run, Part: a.Part, Expect: a.Expect, Blocks: a.Blocks, Enters: a.Enters.entered(),
			Before: a.Before.of(c), After: a.After.of(c),
		}
		if a.Timeout != runner.DefaultTimeout {
			r.Timeout = a.Timeout
		}
		if len(r.Number) == 0 && r.Caption+r.Language+r.Heading+r.Text+r.Prompt == "" {
			return nil, errors.New("bind: which blocks? give number, caption, language, heading, text or prompt; scenario map shows what the article has")
		}
		for _, t := range a.To {
			d, err := t.destination(c)
			if err != nil {
				return nil, fmt.Errorf("bind: to: %w", err)
			}
			r.To = append(r.To, d)
		}
		if _, ok := a.Sub[""]; ok {
			return nil, errors.New("bind: sub: the text that is replaced is empty")
		}
		r.Substitute = a.Sub
		if edit := a.Edit; edit != nil {
			r.Edit = func(old, text string) (string, error) {
				v, err := starlark.Call(c.thread, edit, starlark.Tuple{starlark.String(old), starlark.String(text)}, nil)
				if err != nil {
					return "", c.explain(err)
				}
				s, ok := starlark.AsString(v)
				if !ok {
					return "", fmt.Errorf("%s: the function of edit must return a string, and returned %s", c.pos, v.Type())
				}
				return s, nil
			}
		}
		var err error
		if r.Tolerance, err = a.declared(c.pos); err != nil {
			return nil, fmt.Errorf("bind: %w", err)
		}
		b.Rules = append(b.Rules, r)
		return nil, nil
	})

// target is a Terminal, a Node, or a struct of a library that has one.
type target struct{ value starlark.Value }

// targets is one of them or a list.
type targets []target

// destination says where blocks go that go there.
func (t target) destination(c *call) (Destination, error) {
	switch v := t.value.(type) {
	case starlark.String:
		return Destination{Name: string(v)}, nil
	case *nodeValue:
		return Destination{Node: v.node}, nil
	case *terminalValue:
		pos := c.pos
		return Destination{Window: &Window{Node: v.node.node, Open: func() (*runner.Terminal, error) {
			if v.terminal == nil {
				opened, err := v.open(pos)
				if err != nil {
					return nil, err
				}
				v.terminal = opened
			}
			return v.terminal, nil
		}}}, nil
	case starlark.HasAttrs:
		for _, name := range []string{"window", "host"} {
			if inner, err := v.Attr(name); err == nil && inner != nil {
				return target{inner}.destination(c)
			}
		}
	}
	return Destination{}, fmt.Errorf("%s is no Terminal, Node or name of a window", t.value.Type())
}

// blockNumbers is 7, "7-9", or a list of those.
type blockNumbers Numbers

func (n *blockNumbers) add(v starlark.Value) error {
	first, last := 0, 0
	if i, err := starlark.AsInt32(v); err == nil {
		first, last = i, i
	} else if s, ok := starlark.AsString(v); ok {
		from, to, dash := strings.Cut(s, "-")
		first, _ = strconv.Atoi(from)
		if last = first; dash {
			last, _ = strconv.Atoi(to)
		}
	} else {
		return errors.New(v.Type())
	}
	if first < 1 || last < first {
		return fmt.Errorf("%s: blocks count from 1, as in 7 or \"7-9\"", v)
	}
	*n = append(*n, struct{ First, Last int }{first, last})
	return nil
}

// hook is lines to type and functions.
type hook []starlark.Value

func (h hook) of(c *call) (actions []Action) {
	for _, v := range h {
		if line, ok := starlark.AsString(v); ok {
			actions = append(actions, Action{Line: line})
			continue
		}
		actions = append(actions, Action{Call: func() error {
			_, err := starlark.Call(c.thread, v, nil, nil)
			return c.explain(err)
		}})
	}
	return actions
}

// assignBinding converts a value for a parameter of article(…) or bind(…), if
// dst is one.
func assignBinding(dst reflect.Value, v starlark.Value) (done bool, err error) {
	switch dst.Type() {
	case typeTarget:
		dst.Set(reflect.ValueOf(target{v}))
		return true, nil
	case typeTargets:
		list := targets{{v}}
		if seq, ok := v.(starlark.Sequence); ok {
			list = nil
			for e := range starlark.Elements(seq) {
				list = append(list, target{e})
			}
		}
		dst.Set(reflect.ValueOf(list))
		return true, nil
	case typeNumbers:
		var n blockNumbers
		seq, ok := v.(starlark.Sequence)
		if !ok {
			seq = starlark.Tuple{v}
		}
		for e := range starlark.Elements(seq) {
			if err := n.add(e); err != nil {
				return true, err
			}
		}
		dst.Set(reflect.ValueOf(n))
		return true, nil
	case typeHook:
		var h hook
		seq, ok := v.(starlark.Sequence)
		if !ok {
			seq = starlark.Tuple{v}
		}
		for e := range starlark.Elements(seq) {
			_, text := starlark.AsString(e)
			_, function := e.(starlark.Callable)
			if _, terminal := e.(*terminalValue); terminal || !text && !function {
				return true, errors.New(e.Type())
			}
			h = append(h, e)
		}
		dst.Set(reflect.ValueOf(h))
		return true, nil
	}
	return false, nil
}
