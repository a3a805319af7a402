// Package helper is what scenario does inside of a machine's network, beside
// the machine's own programs, so that an image needs no tools for it: cut the
// machine off from others, lose and delay its packets, and look at its ports.
//
// A helper is this same program, in a container of its own that shares the
// machine's network namespace, or in that namespace itself. It is asked by
// lines of JSON on its standard input, answers on its standard output, and ends
// with its input; so one that is asked nothing tells by its end that whoever
// started it is gone.
//
// Packets are dropped where they come in, by nftables: those who sent them see
// silence, as on a broken line, and no error. Delays are netem's, where packets
// go out.
//
// Non-goals: to throttle, reorder or change packets.
package helper

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"sync"
	"time"
)

// Name is the name, argv[0], under which this program is a helper.
const Name = "/scenario-helper"

// Links is how the machine's network is.
type Links struct {
	Cut    []netip.Addr  // from whom nothing comes in
	Loss   float64       // the share of packets that come in and are lost, 0 to 1
	Delay  time.Duration // of packets that go out
	Jitter time.Duration // by how much the delay varies
}

// Request asks for one of these.
type Request struct {
	Links *Links  `json:",omitempty"` // make the network so
	Ports bool    `json:",omitempty"` // which TCP ports are listened on
	HTTP  *string `json:",omitempty"` // the answer to GET, for a URL
}

// Reply answers a request.
type Reply struct {
	Error   string `json:",omitempty"` // what could not be done, and why
	NoNetem bool   `json:",omitempty"` // the error is that the kernel cannot delay
	Ports   []int  `json:",omitempty"` // in order
	Status  int    `json:",omitempty"` // of HTTP
	Body    string `json:",omitempty"` // its beginning
}

// bodyLimit is how much of an HTTP answer is read, in bytes.
const bodyLimit = 4096

func init() {
	if os.Args[0] == Name {
		serve(os.Stdin, os.Stdout)
		os.Exit(0)
	}
}

func serve(in io.Reader, out io.Writer) {
	requests, replies := json.NewDecoder(in), json.NewEncoder(out)
	for {
		var q Request
		if err := requests.Decode(&q); err != nil {
			return
		}
		if err := replies.Encode(answer(q)); err != nil {
			return
		}
	}
}

func answer(q Request) Reply {
	var r Reply
	var err error
	switch {
	case q.Links != nil:
		err = q.Links.set()
		r.NoNetem = errors.Is(err, errNoNetem)
	case q.Ports:
		r.Ports, err = listening()
	case q.HTTP != nil:
		r.Status, r.Body, err = get(*q.HTTP)
	}
	if err != nil {
		r.Error = err.Error()
	}
	return r
}

// Client asks a helper. It may be used by several goroutines.
type Client struct {
	mu     sync.Mutex
	stream io.ReadWriteCloser
	lines  *bufio.Reader
	broken error // a request was given up in the middle
}

// NewClient asks the helper whose input and output stream is.
func NewClient(stream io.ReadWriteCloser) *Client {
	return &Client{stream: stream, lines: bufio.NewReader(stream)}
}

// Close ends the helper.
func (c *Client) Close() error { return c.stream.Close() }

// ErrNoNetem says that the kernel under the machine cannot delay packets.
var ErrNoNetem = errors.New("the kernel under the node has no netem, which delays packets; where it is a module, modprobe sch_netem loads it")

// ErrBroken says that the helper, or the way to it, is gone.
var ErrBroken = errors.New("the helper does not answer")

// Ask asks the helper. What it cannot do is an error.
func (c *Client) Ask(ctx context.Context, q Request) (Reply, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken != nil {
		return Reply{}, c.broken
	}
	stop := context.AfterFunc(ctx, func() { c.stream.Close() })
	defer stop()
	var r Reply
	err := json.NewEncoder(c.stream).Encode(q)
	if err == nil {
		var line []byte
		if line, err = c.lines.ReadBytes('\n'); err == nil {
			err = json.Unmarshal(line, &r)
		}
	}
	switch {
	case ctx.Err() != nil:
		c.broken = fmt.Errorf("%w: a question was given up", ErrBroken)
		return r, errors.Join(c.broken, context.Cause(ctx))
	case err != nil:
		c.broken = fmt.Errorf("%w: %w", ErrBroken, err)
		return r, c.broken
	case r.NoNetem:
		return r, ErrNoNetem
	case r.Error != "":
		return r, errors.New(r.Error)
	}
	return r, nil
}
