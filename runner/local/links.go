//go:build linux

package local

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"

	"scenario/runner"
	"scenario/runner/helper"
)

var _ runner.Networked = (*machine)(nil)

// aide is the helper in a machine's network, once somebody has needed it.
type aide struct {
	sync.Mutex
	client *helper.Client
}

// SetLinks makes the machine's network so.
func (m *machine) SetLinks(ctx context.Context, l runner.Links) error {
	links := helper.Links(l)
	_, err := m.ask(ctx, helper.Request{Links: &links})
	return err
}

// Ports are the TCP ports that are listened on, on any address.
func (m *machine) Ports(ctx context.Context) ([]int, error) {
	r, err := m.ask(ctx, helper.Request{Ports: true})
	return r.Ports, err
}

// Get asks a server, from the machine's network.
func (m *machine) Get(ctx context.Context, url string) (status int, body string, err error) {
	r, err := m.ask(ctx, helper.Request{HTTP: &url})
	return r.Status, r.Body, err
}

func (m *machine) ask(ctx context.Context, q helper.Request) (helper.Reply, error) {
	l := m.life()
	l.aide.Lock()
	defer l.aide.Unlock()
	if l.aide.client == nil {
		if err := l.employ(ctx); err != nil {
			return helper.Reply{}, fmt.Errorf("start a helper for node %s: %w", m.spec.Name, l.why(ctx, err))
		}
	}
	r, err := l.aide.client.Ask(ctx, q)
	if errors.Is(err, helper.ErrBroken) {
		l.aide.client.Close()
		l.aide.client = nil
		select {
		case <-l.ended: // which is why
			err = ended(m.spec.Name, l.state)
		default:
		}
	}
	return r, err
}

// employ starts a helper in the machine's network namespace. It ends with its
// stream, and with the machine.
func (l *life) employ(ctx context.Context) error {
	select {
	case <-l.ended:
		return errGone
	default:
	}
	near, far, err := pair()
	if err != nil {
		return err
	}
	f := os.NewFile(uintptr(near), "helper")
	defer f.Close()
	stream, err := net.FileConn(f)
	if err != nil {
		closeAll([]int{far})
		return err
	}
	if _, err := l.lab.peer.ask(ctx, request{Help: &help{Machine: l.call.id, Name: l.spec.Name, Tag: l.tag()}}, far); err != nil {
		stream.Close()
		return err
	}
	l.aide.client = helper.NewClient(stream)
	return nil
}

func (a *aide) dismiss() {
	a.Lock()
	defer a.Unlock()
	if a.client != nil {
		a.client.Close()
		a.client = nil
	}
}
