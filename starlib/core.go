package starlib

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"time"

	"github.com/docker/go-units"
	starjson "go.starlark.net/lib/json"
	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"

	"scenario/runner"
)

// core are the builtins that a script finds by their names, in the order in
// which the manual has them.
var core []*Builtin

// Some of them explain errors, for which they must know which there are.
func init() {
	core = []*Builtin{
		networkBuiltin, nodeBuiltin, imageBuiltin, debianBuiltin,
		programBuiltin, kindBuiltin, volatileBuiltin, secretBuiltin,
		chapterBuiltin, checkBuiltin, eventuallyBuiltin, paramBuiltin, envBuiltin, fileBuiltin,
		partitionBuiltin, healBuiltin,
		articleBuiltin, bindBuiltin,
	}
}

func predeclared() starlark.StringDict {
	d := starlark.StringDict{
		"struct": starlark.NewBuiltin("struct", starlarkstruct.Make),
		"json":   starjson.Module,
	}
	for _, b := range core {
		d[b.Name] = b.value(nil)
	}
	return d
}

var networkBuiltin = declare("network",
	"Sets the network as the reader sees it. The lab takes another where this one is taken, and shows the reader's addresses all the same. It comes before the first node.",
	"", `network("172.17.0.0/16")`,
	func(c *call, a struct {
		Subnet   string `star:"subnet" doc:"An IPv4 network, from /16 to /29, in one of the private ranges. The first node gets the address that ends in 2."`
		Internet bool   `star:"internet,keyword" default:"False" doc:"Whether nodes may reach the outside."`
	}) (starlark.Value, error) {
		p, err := netip.ParsePrefix(a.Subnet)
		if err != nil {
			return nil, fmt.Errorf("network: %q is no network in CIDR notation such as 172.17.0.0/16", a.Subnet)
		}
		return nil, c.run.Network(p, a.Internet)
	})

var imageBuiltin = declare("image",
	"Names an image of a registry. It is pulled when the first node needs it and the engine does not have it.",
	"an Image", `image("hexpm/elixir:1.14.2-erlang-25.1.2-alpine-3.16.2")`,
	func(c *call, a struct {
		Ref string `star:"ref" doc:"The image's name and tag, as for docker pull."`
	}) (starlark.Value, error) {
		if a.Ref == "" {
			return nil, errors.New("image: the name is empty")
		}
		return &imageValue{image: runner.Image{Ref: a.Ref}}, nil
	})

var debianBuiltin = declare("debian",
	"Describes an image of Debian with packages. It is built once, from the suite's base image or, where no registry can be reached, by mmdebstrap on this machine; later runs use it again.",
	"an Image", `debian("bookworm", packages = ["elixir"])`,
	func(c *call, a struct {
		Suite    string   `star:"suite" doc:"The release's code name."`
		Packages []string `star:"packages" default:"[]" doc:"Debian packages to add."`
	}) (starlark.Value, error) {
		for _, name := range append([]string{a.Suite}, a.Packages...) {
			if !debianName.MatchString(name) {
				return nil, fmt.Errorf("debian: %q is no name of a suite or package: only small letters, digits, +, - and . are in those", name)
			}
		}
		return &imageValue{image: runner.Image{Suite: a.Suite, Packages: a.Packages}}, nil
	})

// debianName is Debian Policy's form of package names, which suites keep too.
var debianName = regexp.MustCompile(`^[a-z0-9][a-z0-9+.-]+$`)

var programBuiltin = declare("program",
	"Says how to drive a program in a terminal: how it is started, by which prompt it says that it is done, and how it is left.",
	"a Program", `program("python3", ["python3", "-q"], prompt = r">>> $", continuation = r"\.\.\. $", quit = "exit()")`,
	func(c *call, a struct {
		Name         string            `star:"name" doc:"What terminals of it are called."`
		Argv         []string          `star:"argv" doc:"The command and its arguments."`
		Prompt       string            `star:"prompt,keyword" default:"\"\"" doc:"A regular expression (RE2) for the line left of the cursor when the program is done. A group (?P<n>…) is the prompt's counter. For a shell: the prompt itself, \"$ \" if it is not given."`
		Continuation string            `star:"continuation,keyword" default:"\"\"" doc:"The same for the prompt that asks for the rest of a statement."`
		Repeats      bool              `star:"repeats,keyword" default:"False" doc:"The program asks for the rest with its first prompt again, the counter unchanged and nothing printed."`
		Shell        bool              `star:"shell,keyword" default:"False" doc:"It is a POSIX shell: its prompt is marked invisibly, and tells exit statuses."`
		Marked       bool              `star:"marked,keyword" default:"False" doc:"It was told by its settings to mark its prompts invisibly, so that no output can be taken for one: OSC 133;A before a prompt, 133;A;k=s before one that asks for the rest of a statement, 133;B behind it. std/python.star does it."`
		Quit         string            `star:"quit,keyword" default:"\"\"" doc:"The line that leaves the program."`
		Env          map[string]string `star:"env,keyword" default:"{}" doc:"Environment variables."`
		User         string            `star:"user,keyword" default:"\"\"" doc:"The user who runs it; the node's if it is not given."`
		Workdir      string            `star:"workdir,keyword" default:"\"\"" doc:"The folder it starts in; the node's if it is not given."`
		Volatile     kindList          `star:"volatile,keyword" default:"[]" doc:"Kinds of tokens, or names of ready-made kinds, that may differ from run to run in its output."`
		Cols         int               `star:"cols,keyword" default:"100" doc:"Width of its window, in cells."`
		Rows         int               `star:"rows,keyword" default:"30" doc:"Height of its window, in cells."`
	}) (starlark.Value, error) {
		if len(a.Argv) == 0 {
			return nil, errors.New("program: argv is empty")
		}
		if a.Cols < 20 || a.Cols > 500 || a.Rows < 5 || a.Rows > 200 {
			return nil, fmt.Errorf("program: a window of %d by %d cells: it can be 20 to 500 wide and 5 to 200 high", a.Cols, a.Rows)
		}
		p, err := newProgram(a.Name, a.Argv, a.Prompt, a.Continuation, a.Shell, a.Marked)
		if err != nil {
			return nil, err
		}
		for k, v := range a.Env {
			p.Env[k] = v
		}
		if a.Quit != "" {
			p.Quit = a.Quit
		}
		if p.Kinds, err = a.Volatile.kinds(c.pos); err != nil {
			return nil, fmt.Errorf("program: %w", err)
		}
		p.Repeats, p.User, p.Workdir, p.Cols, p.Rows = a.Repeats, a.User, a.Workdir, a.Cols, a.Rows
		if b := c.opts.Binding; b != nil {
			b.Known = append(b.Known, p)
		}
		return &programValue{program: p}, nil
	})

var secretBuiltin = declare("secret",
	"Keeps a value out of all that a run leaves: in goldens, logs, reports and the recording `***` stands for it. Declare it before it is first used: what a person was shown until then has been seen. What programs make of it (base64, a hash) is not recognised.",
	"the string, which the script itself keeps", `
password = secret(param("password", "correct horse"))
db = node("db", env = {"PGPASSWORD": password})`,
	func(c *call, a struct {
		Value string `star:"value" doc:"At least 4 characters."`
	}) (starlark.Value, error) {
		return starlark.String(a.Value), c.run.Secret(a.Value)
	})

var chapterBuiltin = declare("chapter",
	"Begins a titled part of the scenario. Steps without a name of their own leave their text under its id.",
	"", `chapter("cluster", "分散Erlangシステムを構築する")`,
	func(c *call, a struct {
		ID    string `star:"id" doc:"Part of the names of golden files: letters, digits, - _ and ."`
		Title string `star:"title" default:"\"\"" doc:"For people; the id if it is not given."`
	}) (starlark.Value, error) {
		if a.Title == "" {
			a.Title = a.ID
		}
		if err := c.begins(a.ID); err != nil {
			return nil, err
		}
		return nil, c.run.Chapter(a.ID, a.Title, c.pos)
	})

var checkBuiltin = declare("check",
	"Ends the run as failed, unless the condition holds.",
	"", `check("172.17.0.4" in r.output, "the node has another address")`,
	func(c *call, a struct {
		Condition starlark.Value `star:"condition" doc:"What must be true."`
		Message   string         `star:"message" default:"\"the check does not hold\"" doc:"What to say if it is not."`
	}) (starlark.Value, error) {
		if !a.Condition.Truth() {
			return nil, &CheckError{a.Message}
		}
		return nil, nil
	})

var eventuallyBuiltin = declare("eventually",
	"Calls a function until what it returns is true: at once, after 20 ms, and then less and less often, up to twice a second. In it exec, write and read can be used, and no step in a terminal.",
	"the value that the function returned", `eventually(lambda: web.exec(["nc", "-z", "localhost", "80"], status = None).status == 0)`,
	func(c *call, a struct {
		Condition starlark.Callable `star:"condition" doc:"A function without parameters."`
		Timeout   time.Duration     `star:"timeout,keyword" default:"30" doc:"How long to try."`
		Message   string            `star:"message,keyword" default:"\"\"" doc:"What to say when the time is over."`
	}) (starlark.Value, error) {
		c.polling++
		defer func() { c.polling-- }()
		deadline := time.Now().Add(a.Timeout)
		for pause := 20 * time.Millisecond; ; pause = min(2*pause, 500*time.Millisecond) {
			v, err := starlark.Call(c.thread, a.Condition, nil, nil)
			if err != nil || v.Truth() {
				return v, err
			}
			if time.Now().After(deadline) {
				if a.Message == "" {
					a.Message = "eventually: it did not come true"
				}
				return nil, &CheckError{fmt.Sprintf("%s within %s; the last try gave %s", a.Message, a.Timeout, v)}
			}
			if err := c.run.Pause(pause); err != nil {
				return nil, err
			}
		}
	})

var paramBuiltin = declare("param",
	"A value that `scenario run --param NAME=VALUE` can set, and `--matrix NAME=VALUE,VALUE` to several, one run each.",
	"the value, of the default's type", `elixir_image = param("image", debian("bookworm", ["elixir"]))`,
	func(c *call, a struct {
		Name    string         `star:"name" doc:"As it is given by --param; a literal, so that a wrong name is found before anything starts."`
		Default starlark.Value `star:"default" default:"None" doc:"A string, int, bool or Image: what is given is made one of these. With None, a string."`
		Doc     string         `star:"doc,keyword" default:"\"\"" doc:"What it is for."`
	}) (starlark.Value, error) {
		given, ok := c.opts.Params[a.Name]
		if !ok {
			if a.Default == nil {
				return starlark.None, nil
			}
			return a.Default, nil
		}
		switch a.Default.(type) {
		case nil, starlark.NoneType, starlark.String:
			return starlark.String(given), nil
		case *imageValue:
			return &imageValue{image: runner.Image{Ref: given}}, nil
		case starlark.Int:
			var n int64
			if err := json.Unmarshal([]byte(given), &n); err != nil {
				return nil, fmt.Errorf("--param %s=%s: it must be a whole number", a.Name, given)
			}
			return starlark.MakeInt64(n), nil
		case starlark.Bool:
			switch given {
			case "true", "True", "1":
				return starlark.True, nil
			case "false", "False", "0":
				return starlark.False, nil
			}
			return nil, fmt.Errorf("--param %s=%s: it must be true or false", a.Name, given)
		}
		return nil, fmt.Errorf("param: default must be a string, int, bool, Image or None, not %s", a.Default.Type())
	})

var envBuiltin = declare("env",
	"A variable of the environment in which scenario was called. Only those that --env names are passed to a script.",
	"a string", `token = secret(env("API_TOKEN"))`,
	func(c *call, a struct {
		Name    string         `star:"name" doc:"The variable's name."`
		Default starlark.Value `star:"default" default:"None" doc:"What it is where the variable was not passed. With None, that is an error."`
	}) (starlark.Value, error) {
		if v, ok := c.opts.Env[a.Name]; ok {
			return starlark.String(v), nil
		}
		if a.Default == nil || a.Default == starlark.None {
			return nil, fmt.Errorf("env: %s was not passed to the script; scenario run --env %s passes it", a.Name, a.Name)
		}
		return a.Default, nil
	})

var fileBuiltin = declare("file",
	"Reads a text file of the scenario's folder.",
	"a string, its text", `node("web", files = {"/etc/motd": file("motd.txt")})`,
	func(c *call, a struct {
		Path string `star:"path" doc:"From the scenario's folder, with slashes."`
	}) (starlark.Value, error) {
		name, err := modulePath("", a.Path)
		if err != nil {
			return nil, err
		}
		src, err := c.source(name)
		return starlark.String(src), err
	})

// memory parses a size as docker does: "512m". It returns bytes; 0 is no limit.
func memory(builtin, size string) (int64, error) {
	if size == "" {
		return 0, nil
	}
	n, err := units.RAMInBytes(size)
	if err != nil || n <= 0 {
		return 0, fmt.Errorf("%s: memory must be a size such as \"512m\", not %q", builtin, size)
	}
	return n, nil
}
