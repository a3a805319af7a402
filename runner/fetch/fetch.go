// Package fetch is the getting of what takes long and several ask for at the
// same time: it is got once, and all hear how it goes.
package fetch

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// NewsPause is how often those who wait hear of it.
const NewsPause = 200 * time.Millisecond

// Group lets all who ask for one thing at the same time wait for one fetch.
// The zero value is ready for use.
type Group struct {
	mu       sync.Mutex
	underway map[string]*fetch
}

// fetch is the getting of one thing. It ends early when nobody waits any more.
type fetch struct {
	waiting int // guarded by Group.mu
	cancel  context.CancelFunc
	done    chan struct{}
	err     error // valid once done
	news    News
}

// Do has work done unless it is under way under the same name, and waits for
// its end. Work is not cut short by the ctx of one caller among several; the
// last to leave waits until it has cleaned up behind itself.
func (f *Group) Do(ctx context.Context, name string, hear func(string), work func(context.Context, *News) error) error {
	f.mu.Lock()
	w := f.underway[name]
	if w == nil {
		var working context.Context
		w = &fetch{done: make(chan struct{})}
		working, w.cancel = context.WithCancel(context.WithoutCancel(ctx))
		if f.underway == nil {
			f.underway = map[string]*fetch{}
		}
		f.underway[name] = w
		go func() {
			go w.news.Spread(w.done)
			w.err = work(working, &w.news)
			f.mu.Lock()
			f.forget(name, w)
			f.mu.Unlock()
			w.cancel()
			close(w.done)
		}()
	}
	w.waiting++
	f.mu.Unlock()
	defer w.news.Subscribe(hear)()

	select {
	case <-w.done:
		return w.err
	case <-ctx.Done():
	}
	f.mu.Lock()
	w.waiting--
	last := w.waiting == 0
	if last {
		f.forget(name, w)
	}
	f.mu.Unlock()
	if last {
		w.cancel()
		<-w.done
	}
	return context.Cause(ctx)
}

// forget makes the next caller begin anew. The caller holds f.mu.
func (f *Group) forget(name string, w *fetch) {
	if f.underway[name] == w {
		delete(f.underway, name)
	}
}

// News is how a fetch goes, in one line for people.
type News struct {
	mu    sync.Mutex
	text  string
	since time.Time // shown as time taken, unless zero
	told  string
	at    time.Time // when that was told
	hear  []*func(string)
}

// Say replaces the line.
func (n *News) Say(format string, args ...any) { n.set(time.Time{}, format, args...) }

// SayTimed replaces the line, and shows beside it for how long that has
// been going on, so that a silent program still gives a sign of life.
func (n *News) SayTimed(since time.Time, format string, args ...any) { n.set(since, format, args...) }

func (n *News) set(since time.Time, format string, args ...any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.text, n.since = fmt.Sprintf(format, args...), since
	if time.Since(n.at) >= NewsPause {
		n.tell()
	}
}

// Subscribe adds a listener, and returns how to remove it. None is called
// after its removal.
func (n *News) Subscribe(hear func(string)) (cancel func()) {
	if hear == nil {
		return func() {}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	listener := &hear
	n.hear = append(n.hear, listener)
	if n.told != "" {
		hear(n.told)
	}
	return func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.hear = slices.DeleteFunc(n.hear, func(h *func(string)) bool { return h == listener })
	}
}

// Spread tells the listeners of each change until done.
func (n *News) Spread(done <-chan struct{}) {
	tick := time.NewTicker(NewsPause)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
			n.mu.Lock()
			n.tell()
			n.mu.Unlock()
		}
	}
}

// tell tells the listeners what has changed. The caller holds n.mu.
func (n *News) tell() {
	text := n.text
	if text != "" && !n.since.IsZero() {
		text += fmt.Sprintf(" (%d s)", int(time.Since(n.since).Seconds()))
	}
	if text == n.told {
		return
	}
	n.told, n.at = text, time.Now()
	for _, hear := range n.hear {
		(*hear)(text)
	}
}
