package starlib

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"
)

// heapLimit is how much memory this process may use while scripts run, in
// bytes: some ten times what a lesson with a hundred nodes needs.
const heapLimit = 512 << 20

// heapPeriod is the time between two looks at it.
const heapPeriod = 20 * time.Millisecond

// HeapError is what ends a script, and all that run beside it in this process,
// when they use too much memory.
type HeapError struct{ Used uint64 } // bytes

func (e *HeapError) Error() string {
	return fmt.Sprintf("the script was stopped: scenario uses %d MB of memory, and may use %d: does it make a value that grows and grows?", e.Used>>20, heapLimit>>20)
}

// collect makes the garbage collector work harder near the limit, so that what
// passes it is no garbage.
var collect = sync.OnceFunc(func() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(heapLimit)
	}
})

// watchHeap cancels when too much memory is used. A script is stopped between
// two of its steps of computation; if a single one goes on to twice the limit,
// abort is called, which is to end the process.
func watchHeap(ctx context.Context, cancel context.CancelCauseFunc, abort func(error)) (stop func()) {
	collect()
	ctx, stop = context.WithCancel(context.WithoutCancel(ctx))
	go func() {
		tick := time.NewTicker(heapPeriod)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			used := heap()
			if used < heapLimit {
				continue
			}
			if used > 2*heapLimit && abort != nil {
				abort(&HeapError{used})
				return
			}
			runtime.GC()
			if used = heap(); used > heapLimit {
				cancel(&HeapError{used})
			}
		}
	}()
	return stop
}

// heap is the size of all objects, in bytes.
func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
