package starlib

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"path"
	"slices"
	"time"

	"go.starlark.net/starlark"

	"scenario/runner"
)

var nodeBuiltin = declare("node",
	"Declares a machine of the lab. It returns at once; the machine boots in the background, beside the others, and the first step on it waits. A boot that fails ends the run at the next step on any node.",
	"a Node", `web = node("web", image = debian("bookworm", ["nginx"]), ip = "172.18.0.10")`,
	func(c *call, a struct {
		Name     string            `star:"name" doc:"Its name, which is part of the names of golden files."`
		Image    *imageValue       `star:"image" default:"None" doc:"What it is made of: image(…) or debian(…). If it is not given, debian(\"bookworm\")."`
		IP       string            `star:"ip,keyword" default:"\"\"" doc:"Its address as the reader sees it; the first that is free if it is not given."`
		Hostname string            `star:"hostname,keyword" default:"\"\"" doc:"What it calls itself; its name if it is not given."`
		Env      map[string]string `star:"env,keyword" default:"{}" doc:"Environment variables, beside TERM, LANG and TZ, which are pinned."`
		Files    map[string]string `star:"files,keyword" default:"{}" doc:"Text files that are there before it starts: absolute path to content."`
		Mounts   map[string]string `star:"mounts,keyword" default:"{}" doc:"Files and folders of the scenario's folder that it sees, as with docker run -v: absolute path on the node to the path from the scenario's folder; an absolute one only within what --allow-mount DIR allows. It cannot change them, unless writable says so. They are not translated: an address of the reader's network in one is an error where the lab has to have another network. An engine on another machine cannot mount them; files is for that."`
		Writable []string          `star:"writable,keyword" default:"[]" doc:"Those paths of mounts that it may write to. What it writes stays after the run, and belongs to the user who wrote it, which is root where neither the image nor user says another."`
		User     string            `star:"user,keyword" default:"\"\"" doc:"Who runs things on it; the image's if it is not given."`
		Workdir  string            `star:"workdir,keyword" default:"\"\"" doc:"The folder in which things start; the image's if it is not given."`
		Command  []string          `star:"command,keyword" default:"None" doc:"Its first process; the image's own if it is not given."`
		Memory   string            `star:"memory,keyword" default:"\"\"" doc:"How much memory it may use: \"512m\", \"2g\"; 1 GB if it is not given."`
		CPUs     float64           `star:"cpus,keyword" default:"0" doc:"How many cores it may use; 2 if it is not given."`
		Tasks    int               `star:"tasks,keyword" default:"0" doc:"How many processes and threads it may have; 1000 if it is not given."`
		Volatile kindList          `star:"volatile,keyword" default:"[]" doc:"Kinds of tokens, or names of ready-made kinds, that may differ from run to run in what its terminals and execs show."`
	}) (starlark.Value, error) {
		spec := runner.NodeSpec{
			Name: a.Name, Hostname: a.Hostname, Env: a.Env, User: a.User, Workdir: a.Workdir,
			Command: a.Command, CPUs: a.CPUs, Tasks: int64(a.Tasks), Pos: c.pos, Image: runner.Image{Suite: "bookworm"},
		}
		if a.Image != nil {
			spec.Image = a.Image.image
		}
		var err error
		if spec.Memory, err = memory("node", a.Memory); err != nil {
			return nil, err
		}
		if spec.Kinds, err = a.Volatile.kinds(c.pos); err != nil {
			return nil, fmt.Errorf("node: %w", err)
		}
		if a.CPUs < 0 {
			return nil, fmt.Errorf("node: cpus must not be negative, and is %v", a.CPUs)
		}
		if a.Tasks < 0 {
			return nil, fmt.Errorf("node: tasks must not be negative, and is %d", a.Tasks)
		}
		if a.IP != "" {
			if spec.IP, err = netip.ParseAddr(a.IP); err != nil {
				return nil, fmt.Errorf("node: %q is no address", a.IP)
			}
		}
		spec.Files = map[string][]byte{}
		for path, content := range a.Files {
			if path == "" || path[0] != '/' {
				return nil, fmt.Errorf("node: files: the path %q is not absolute", path)
			}
			spec.Files[path] = []byte(content)
		}
		if spec.Mounts, err = c.mounts(a.Mounts, a.Writable); err != nil {
			return nil, fmt.Errorf("node: %w", err)
		}
		n, err := c.run.Node(spec)
		if err != nil {
			return nil, err
		}
		return &nodeValue{node: n}, nil
	})

// mounts finds what is to be mounted in the scenario's folder.
func (s *script) mounts(mounts map[string]string, writable []string) ([]runner.Mount, error) {
	var list []runner.Mount
	for _, at := range slices.Sorted(maps.Keys(mounts)) {
		source, err := s.mountable(mounts[at])
		if err != nil {
			return nil, fmt.Errorf("mounts: %w", err)
		}
		if info, err := os.Stat(source); err != nil || !info.IsDir() && !info.Mode().IsRegular() {
			return nil, fmt.Errorf("mounts: %s is neither a file nor a folder", mounts[at])
		}
		list = append(list, runner.Mount{Path: at, Source: source, Name: path.Clean(mounts[at]), Writable: slices.Contains(writable, at)})
	}
	for _, at := range writable {
		if _, ok := mounts[at]; !ok {
			return nil, fmt.Errorf("writable: nothing is mounted at %s%s", at, Nearest(at, slices.Sorted(maps.Keys(mounts))))
		}
	}
	return list, nil
}

// nodeValue is a Node.
type nodeValue struct {
	opaque
	node *runner.Node
	sh   *terminalValue
}

func (v *nodeValue) String() string        { return fmt.Sprintf("node(%q)", v.node.Name()) }
func (v *nodeValue) Type() string          { return "Node" }
func (v *nodeValue) Hash() (uint32, error) { return starlark.String(v.node.Name()).Hash() }

// nodeFields are the attributes of a Node that are no methods.
var nodeFields = []field{
	{"hostname", "string", "What it calls itself."},
	{"ip", "string", "Its address as the reader sees it."},
	{"name", "string", "Its name."},
	{"sh", "Terminal", "A window with the image's /bin/sh, opened when it is first used: `web.sh(\"hostname -i\")`."},
}

func (v *nodeValue) Attr(name string) (starlark.Value, error) {
	switch name {
	case "name":
		return starlark.String(v.node.Name()), nil
	case "ip":
		return starlark.String(v.node.IP().String()), nil
	case "hostname":
		return starlark.String(v.node.Hostname()), nil
	case "sh":
		if v.sh == nil {
			v.sh = &terminalValue{node: v, open: func(pos string) (*runner.Terminal, error) {
				return v.node.Terminal("sh", shell, 0, pos)
			}}
		}
		return v.sh, nil
	}
	return attributes(nodeMethods, v, name)
}

func (v *nodeValue) AttrNames() []string {
	return attributeNames(nodeFields, nodeMethods)
}

var nodeMethods = slices.Concat([]*Builtin{
	method("Node.exec",
		"Runs a command on the node, beside the terminals: no prompt, no window, and no golden unless it has a name. It is what eventually(…) and libraries look at a node with.",
		"a Result", `db.exec(["psql", "-U", "postgres"], stdin = "select 1;").output`,
		func(c *call, n *nodeValue, a struct {
			Argv    []string          `star:"argv" doc:"The command and its arguments; no shell is between."`
			Stdin   string            `star:"stdin,keyword" default:"\"\"" doc:"What it reads."`
			Env     map[string]string `star:"env,keyword" default:"{}" doc:"Environment variables."`
			User    string            `star:"user,keyword" default:"\"\"" doc:"Who runs it; the node's if it is not given."`
			Workdir string            `star:"workdir,keyword" default:"\"\"" doc:"The folder it runs in; the node's if it is not given."`
			Status  *int              `star:"status,keyword" default:"0" doc:"The exit status it must have; None takes any."`
			Timeout time.Duration     `star:"timeout,keyword" default:"30" doc:"How long it may take."`
			Name    string            `star:"name,keyword" default:"\"\"" doc:"A label: its output gets a golden. Without one, nothing is compared."`
			tolerance
		}) (starlark.Value, error) {
			if len(a.Argv) == 0 {
				return nil, errors.New("exec: argv is empty")
			}
			differ, err := a.declared(c.pos)
			if err != nil {
				return nil, err
			}
			if a.Name == "" && (differ.Kinds != nil || differ.Unordered || differ.Optional != nil) {
				return nil, errors.New("exec: volatile, unordered and optional are for comparing, and an exec without a name is compared with nothing; give it name = …")
			}
			if a.Name != "" {
				if err := c.next(a.Name); err != nil {
					return nil, err
				}
			}
			return c.step(n.node.Exec(runner.ExecSpec{
				Argv: a.Argv, Stdin: a.Stdin, Env: a.Env, User: a.User, Workdir: a.Workdir,
				Status: a.Status, Timeout: a.Timeout, Name: a.Name, Tolerance: differ, Pos: c.pos,
			}))
		}),
	method("Node.read",
		"Reads a file of the node.",
		"a string, its text", `web.read("/etc/nginx/nginx.conf")`,
		func(c *call, n *nodeValue, a struct {
			Path string `star:"path" doc:"Absolute."`
		}) (starlark.Value, error) {
			text, err := n.node.Read(a.Path, c.pos)
			return starlark.String(text), err
		}),
	method("Node.terminal",
		"Opens one more window on the node, with a program in it that keeps its state. It starts in the background.",
		"a Terminal", `t2 = web.terminal(program("bash", ["bash", "--norc"], shell = True))`,
		func(c *call, n *nodeValue, a struct {
			Program *programValue `star:"program" default:"None" doc:"What runs in it; the image's /bin/sh if it is not given."`
			Name    string        `star:"name,keyword" default:"\"\"" doc:"Its name on the node, which is part of the names of golden files; the program's if it is not given."`
			Timeout time.Duration `star:"timeout,keyword" default:"60" doc:"How long the program may take to its first prompt, once the node is up."`
		}) (starlark.Value, error) {
			p := shell
			if a.Program != nil {
				p = a.Program.program
			}
			if a.Name == "" {
				a.Name = p.Name
			}
			t, err := n.node.Terminal(a.Name, p, a.Timeout, c.pos)
			if err != nil {
				return nil, err
			}
			return &terminalValue{node: n, terminal: t}, nil
		}),
	method("Node.write",
		"Puts a text file on the node.",
		"", `web.write("/srv/index.html", "<h1>hello</h1>")`,
		func(c *call, n *nodeValue, a struct {
			Path    string `star:"path" doc:"Absolute; folders that are not there are made."`
			Content string `star:"content" doc:"The text."`
			Mode    int    `star:"mode,keyword" default:"0o644" doc:"Permissions."`
		}) (starlark.Value, error) {
			return nil, n.node.Write(a.Path, a.Content, int64(a.Mode), c.pos)
		}),
}, faultMethods)
