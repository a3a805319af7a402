//go:build linux

package local

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// A request asks a helper for one thing, which is the field that is set.
type request struct {
	ID      int      // names what is asked, for its replies and for Kill
	Setup   *setup   `json:",omitempty"` // of a lab, first
	Machine *cable   `json:",omitempty"` // of a lab: a machine's first process, with its socket
	Boot    *boot    `json:",omitempty"` // of a machine, first
	Run     *program `json:",omitempty"` // of a machine, with what is not on a terminal of its streams
	End     bool     `json:",omitempty"` // of a machine: its main program, politely
	Freeze  bool     `json:",omitempty"` // of a machine: all that runs in it
	Thaw    bool     `json:",omitempty"` // of a machine: what was frozen
	Make    *making  `json:",omitempty"` // of a maker: an image, with what hears its words
	Remove  []string `json:",omitempty"` // of a maker: folders
	Help    *help    `json:",omitempty"` // of a lab: a helper in a machine's network, with its socket
	Read    string   `json:",omitempty"` // of a machine: a file to read; the reply has it open
	Write   *file    `json:",omitempty"` // of a machine: a file to write; the reply has it open
	Kill    bool     `json:",omitempty"` // ends what ID began; has no reply
}

// A reply says how a request fared. What runs has a second one, at its end.
type reply struct {
	ID      int
	Err     string `json:",omitempty"`
	Lacking bool   `json:",omitempty"` // whether Err is for something that this host lacks
	Hint    string `json:",omitempty"`
	Ended   bool   `json:",omitempty"`
	Status  int    `json:",omitempty"`

	fd int // what came along, -1 if nothing did
}

// setup is the lab's.
type setup struct {
	Root string // a folder of the host, "" for the host's own root
	Home string // a folder of the host that is hidden; "" for none
	// Foreign says that most of the host's files belong to ids that the lab
	// does not have.
	Foreign bool
	Gateway string // the address of the bridge, with the length of the subnet's prefix
}

// cable is a machine's place in the network.
type cable struct {
	Name, Hostname string
	IP, MAC        string
	Tag            string // of the machine's first process
	Foreign        bool   // as in its setup
	Files          int    // which of the lab's file systems it has; 0 for a new one, which gets the request's ID
}

// help asks for a helper for the machine whose first process a request began.
type help struct {
	Machine int
	Name    string
	Tag     string
}

// boot is what a machine's first process does before anything runs.
type boot struct {
	setup
	Name, Hostname string
	Address        string // with the length of the subnet's prefix
	Mounts         []bind
	Files          int  // its file system
	Again          bool // whether that has what an earlier process of the machine has left
}

type bind struct {
	Path, Source string
	Writable     bool
}

// program is one to run in a machine.
type program struct {
	Argv       []string
	Env        map[string]string
	User       string
	Workdir    string
	Terminal   bool
	Rows, Cols int
	Input      bool // whether the first stream that comes along is the input
	Main       bool // whether the machine ends with it
}

type file struct {
	Path string
	Mode uint32
}

// wire carries messages, a length and JSON each, and the open files that come
// along.
type wire struct {
	socket *net.UnixConn
	mu     sync.Mutex // one sender at a time
}

// newWire takes over a file descriptor of a socket.
func newWire(fd int) (*wire, error) {
	f := os.NewFile(uintptr(fd), "socket")
	defer f.Close()
	c, err := net.FileConn(f)
	if err != nil {
		return nil, err
	}
	return &wire{socket: c.(*net.UnixConn)}, nil
}

func (w *wire) send(message any, fds ...int) error {
	body, err := json.Marshal(message)
	if err != nil {
		return err
	}
	var oob []byte
	if len(fds) > 0 {
		oob = unix.UnixRights(fds...)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	// The files belong to the first byte, and four bytes go as one.
	if _, _, err := w.socket.WriteMsgUnix(binary.BigEndian.AppendUint32(nil, uint32(len(body))), oob, nil); err != nil {
		return err
	}
	_, err = w.socket.Write(body)
	return err
}

func (w *wire) receive(message any) (fds []int, err error) {
	var length [4]byte
	oob := make([]byte, unix.CmsgSpace(4*4))
	n, oobn, _, _, err := w.socket.ReadMsgUnix(length[:], oob)
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, io.EOF
	}
	if _, err := io.ReadFull(w.socket, length[n:]); err != nil {
		return nil, err
	}
	if control, err := unix.ParseSocketControlMessage(oob[:oobn]); err == nil {
		for _, c := range control {
			some, _ := unix.ParseUnixRights(&c) // no other kind is sent
			fds = append(fds, some...)
		}
	}
	body := make([]byte, binary.BigEndian.Uint32(length[:]))
	if _, err := io.ReadFull(w.socket, body); err != nil {
		return fds, err
	}
	return fds, json.Unmarshal(body, message)
}

// errGone is the error of a call whose helper has ended.
var errGone = errors.New("its process has ended")

// peer is a helper as the runner sees it.
type peer struct {
	wire *wire
	gone chan struct{} // closed when the helper has ended

	mu    sync.Mutex
	last  int
	calls map[int]*call
}

// call is a request that may still have replies.
type call struct {
	peer    *peer
	id      int
	replies chan reply // room for both
}

func newPeer(fd int) (*peer, error) {
	w, err := newWire(fd)
	if err != nil {
		return nil, err
	}
	p := &peer{wire: w, gone: make(chan struct{}), calls: map[int]*call{}}
	go p.listen()
	return p, nil
}

func (p *peer) listen() {
	defer close(p.gone)
	for {
		var r reply
		fds, err := p.wire.receive(&r)
		if err != nil {
			closeAll(fds)
			return
		}
		r.fd = -1
		if len(fds) > 0 {
			r.fd = fds[0]
		}
		p.mu.Lock()
		if c := p.calls[r.ID]; c != nil {
			c.replies <- r
		} else {
			closeAll(fds)
		}
		p.mu.Unlock()
	}
}

// call sends a request. The files that go along are closed.
func (p *peer) call(r request, fds ...int) (*call, error) {
	defer closeAll(fds)
	p.mu.Lock()
	p.last++
	r.ID = p.last
	c := &call{p, r.ID, make(chan reply, 2)}
	p.calls[r.ID] = c
	p.mu.Unlock()
	if err := p.wire.send(r, fds...); err != nil {
		c.drop()
		if errors.Is(err, unix.EPIPE) || errors.Is(err, unix.ECONNRESET) || errors.Is(err, net.ErrClosed) {
			err = errGone
		}
		return nil, err
	}
	return c, nil
}

// drop gives up what may still come.
func (c *call) drop() {
	c.peer.mu.Lock()
	defer c.peer.mu.Unlock()
	delete(c.peer.calls, c.id)
	for {
		select {
		case r := <-c.replies:
			if r.fd >= 0 {
				unix.Close(r.fd)
			}
		default:
			return
		}
	}
}

// kill ends what the call began.
func (c *call) kill() {
	_ = c.peer.wire.send(request{ID: c.id, Kill: true}) // a helper that is gone has killed it
}

func closeAll(fds []int) {
	for _, fd := range fds {
		unix.Close(fd)
	}
}

// pair makes two ends of a socket.
func pair() (near, far int, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	return fds[0], fds[1], err
}
