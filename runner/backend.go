package runner

import (
	"context"
	"io"
	"net/netip"
	"time"

	"github.com/hashicorp/go-hclog"
)

// A Backend gives labs. It is the only thing that a run asks of Docker, of
// this host or of whatever else can hold nodes.
type Backend interface {
	// Open makes the isolated network of one run. The caller closes the lab,
	// also after an error of anything that the lab gave.
	Open(ctx context.Context, spec LabSpec) (Lab, error)
}

// A Reopener is a backend that gives a lab again which has outlived its run.
type Reopener interface {
	// Reopen gives the lab of spec.ID. All that ran in its machines has ended.
	// Its Start starts a machine again that is there and was made as it is
	// wanted now, with the files that it has by then; others it makes anew.
	// That there is no such lab is an EnvironmentError.
	Reopen(ctx context.Context, spec LabSpec) (Lab, error)
}

// LabSpec says what network a run asks for.
type LabSpec struct {
	ID       string // unique among all labs, [a-z0-9]+; part of every name and label the lab makes
	Scenario string // the scenario's name, for labels and for people
	// Subnets are tried in order until one is free: the network as the reader
	// sees it first, then substitutes (see Substitutes).
	Subnets  []netip.Prefix
	Internet bool // whether nodes may reach the outside
	Log      hclog.Logger
}

// A Lab is the isolated network and the nodes of one run.
type Lab interface {
	// Subnet is the one that was free.
	Subnet() netip.Prefix
	// Start makes a machine and starts it. It may be called by several
	// goroutines at once. A boot that was begun is either finished or undone
	// by Close, however ctx ends.
	Start(ctx context.Context, spec MachineSpec) (Machine, error)
	// Close removes all that the lab made, and returns when it is gone.
	Close(ctx context.Context) error
}

// MachineSpec describes one machine of a lab. Addresses are the lab's own, not
// the reader's.
type MachineSpec struct {
	Name     string // unique in the lab
	Hostname string
	IP       netip.Addr
	MAC      string // "02:42:ac:11:00:04"
	Image    Image
	Env      map[string]string
	Files    map[string][]byte // absolute path to content, there before the machine starts
	Mounts   []Mount           // a backend that cannot is an EnvironmentError
	User     string            // "" is the image's
	Workdir  string            // "" is the image's
	Command  []string          // nil is the image's own
	Memory   int64             // bytes; 0 is the backend's own limit, if it has one
	CPUs     float64           // cores; the same
	Tasks    int64             // processes and threads; the same
	// Progress is told, at most some times a second, what a person would like
	// to know while they wait: "pulling alpine:3.20 12.1/40.3 MB".
	Progress func(string)
}

// Image says what a machine is made of: a reference to pull, or a recipe to
// build when Suite is set.
type Image struct {
	Ref      string   // "hexpm/elixir:1.14.2-erlang-25.1.2-alpine-3.16.2"
	Suite    string   // a Debian suite: "bookworm"
	Packages []string // Debian packages that the recipe adds
}

// A Machine is one started machine of a lab.
type Machine interface {
	// Exec runs a command without a terminal. A command that ran and failed
	// is a result, not an error.
	Exec(ctx context.Context, cmd Command) (ExecResult, error)
	// Open starts a command on a terminal of cmd.Cols by cmd.Rows cells. The
	// size holds before the command's first instruction.
	Open(ctx context.Context, cmd Command) (TTY, error)
	// State says how the machine is now. It works on a machine that ended.
	State(ctx context.Context) (State, error)
}

// Command is what to run on a machine.
type Command struct {
	Argv       []string
	Env        map[string]string // beside the machine's own
	User       string
	Workdir    string
	Stdin      []byte // for Exec
	Rows, Cols int    // for Open
}

// ExecResult is what a command without a terminal left.
type ExecResult struct {
	Stdout, Stderr []byte
	Cut            int // how many bytes of them were cut (see Kept)
	Status         int
}

// A TTY is the near end of a terminal. Read returns io.EOF when the program
// at the far end has ended.
type TTY interface {
	io.ReadWriteCloser
	// Status waits for the program's end and returns its exit status.
	Status(ctx context.Context) (int, error)
}

// A Resizer is a TTY whose window can get another size while a program runs in it.
type Resizer interface {
	Resize(ctx context.Context, cols, rows int) error
}

// An Identified TTY tells what the program at its far end is called by its
// backend.
type Identified interface{ ID() string }

// State is how a machine is.
type State struct {
	Running bool
	Status  int      // exit status, when not Running
	Reason  string   // why it ended, where the backend knows: "killed: out of memory"
	Log     string   // the last lines of the machine's own output, when not Running
	IDs     []string // what names this machine in this lab only: a container's id, long and short
}

// Files is what a machine can do whose files can be had without a command in
// it, so that an image needs no tools.
type Files interface {
	ReadFile(ctx context.Context, path string) ([]byte, error)
	WriteFile(ctx context.Context, path string, content []byte, mode int64) error
}

// A Lifecycle is a machine that can be ended and started again with its files,
// or frozen for a while.
type Lifecycle interface {
	// Stop ends the machine's command politely, or after the grace by force.
	Stop(ctx context.Context, grace time.Duration) error
	Kill(ctx context.Context) error
	Start(ctx context.Context) error
	Pause(ctx context.Context) error
	Resume(ctx context.Context) error
}

// Networked is a machine whose network can be looked at and changed from
// outside, so that an image needs no tools.
type Networked interface {
	// SetLinks makes the network so, from whatever it was. A new start of the
	// machine makes it whole.
	SetLinks(ctx context.Context, links Links) error
	// Ports are the TCP ports that somebody on the machine listens on, in order.
	Ports(ctx context.Context) ([]int, error)
	// Get asks a server for a URL, from the machine's own network, and returns
	// the beginning of what it says.
	Get(ctx context.Context, url string) (status int, body string, err error)
}

// Logged is a machine whose command's output is kept.
type Logged interface {
	// Log is the end of it, since the machine's last start.
	Log(ctx context.Context) (string, error)
}

// A Keeper is a lab that can outlive its run.
type Keeper interface {
	// Keep makes it one that nobody takes for abandoned, and remembers which
	// windows it had.
	Keep(ctx context.Context, windows []KeptWindow) error
}

// KeptWindow is a window that a run leaves in a lab that is kept.
type KeptWindow struct {
	Node    string
	Name    string  // on the node: "iex"
	Command Command // what was started in it
	ID      string  // of what runs in it, as its TTY has it; "" if nothing does
}

// A Guardian is a backend that cleans up after a process that dies.
type Guardian interface {
	// Guard sees to it that the lab of that id, if it is not "", and the folder
	// are removed within seconds, should this process die before release is
	// called.
	Guard(lab, folder string) (release func(), err error)
}

// Limits is a backend that cannot give every machine the memory and the
// processors that it asks for.
type Limits interface {
	// CheckLimits says what it cannot give, before anything is started. It is an
	// EnvironmentError.
	CheckLimits(spec MachineSpec) error
}

// EnvironmentError says that something outside of the script is missing: no
// Docker, no image, no network. Its exit code is 4.
type EnvironmentError struct {
	What  string   // "cannot get the image alpine:3.20"
	Tried []string // what was tried, and what it said, in order
	Hint  string   // a command that mends it, or ""
	Err   error
}

func (e *EnvironmentError) Error() string {
	s := e.What
	for _, t := range e.Tried {
		s += "\n  tried: " + t
	}
	if e.Err != nil && len(e.Tried) == 0 {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *EnvironmentError) Unwrap() error { return e.Err }

// closeTimeout bounds the removal of a lab. Twenty nodes took 1.6 s; an engine
// under load takes longer, and one that does not answer is not waited for
// longer than a person would.
const closeTimeout = 60 * time.Second
