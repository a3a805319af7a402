package terminal

import (
	"io"
	"sync"
)

// outbox holds what is to be written to a TTY, so that the reader of the same
// TTY, which must answer queries, never waits for a program that does not read.
type outbox struct {
	mu     sync.Mutex
	cond   sync.Cond
	queue  [][]byte
	closed bool
}

// maxAnswers is how much may wait to be written when one more answer comes. A
// terminal, too, throws away what its program does not read.
const maxAnswers = 1000

func (o *outbox) put(b []byte) {
	o.mu.Lock()
	o.queue = append(o.queue, b)
	o.mu.Unlock()
	o.cond.Signal()
}

// answer is put for what nobody has typed.
func (o *outbox) answer(b []byte) {
	o.mu.Lock()
	full := len(o.queue) >= maxAnswers
	o.mu.Unlock()
	if !full {
		o.put(b)
	}
}

func (o *outbox) close() {
	o.mu.Lock()
	o.closed = true
	o.mu.Unlock()
	o.cond.Signal()
}

func (o *outbox) drain(w io.Writer) {
	for {
		o.mu.Lock()
		for len(o.queue) == 0 && !o.closed {
			o.cond.Wait()
		}
		if o.closed {
			o.mu.Unlock()
			return
		}
		b := o.queue[0]
		o.queue = o.queue[1:]
		o.mu.Unlock()
		if _, err := w.Write(b); err != nil {
			return // the reader meets the same end, and says so
		}
	}
}
