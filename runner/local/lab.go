//go:build linux

package local

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"golang.org/x/sys/unix"

	"scenario/runner"
)

// closeTimeout bounds Close for a caller who set no deadline, and the undoing
// of a boot. The kernel ends twenty machines in some milliseconds.
const closeTimeout = 30 * time.Second

var errClosed = errors.New("the lab is closed")

// lab is the runner's end of a lab's process.
type lab struct {
	backend *Backend
	setup   setup
	id      string
	subnet  netip.Prefix
	log     hclog.Logger
	*first

	closing context.Context // ends when Close begins
	close   context.CancelFunc
	mu      sync.Mutex     // orders boots.Add before boots.Wait
	boots   sync.WaitGroup // boots that may still make something
}

var _ runner.Lab = (*lab)(nil)

// Open starts the process of a lab. Its network is its own, so the first of the
// subnets is always free.
func (b *Backend) Open(ctx context.Context, spec runner.LabSpec) (runner.Lab, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if spec.Internet {
		return nil, &runner.EnvironmentError{What: "network: internet = True: the labs of the local backend are closed; use --backend docker"}
	}
	root, err := b.root()
	if err != nil {
		return nil, err
	}
	l := &lab{backend: b, id: spec.ID, subnet: spec.Subnets[0].Masked(), log: spec.Log}
	if l.log == nil {
		l.log = hclog.NewNullLogger()
	}
	l.closing, l.close = context.WithCancel(context.Background())
	l.setup.Root = root
	l.setup.Home, _ = os.UserHomeDir() // a user without one has nothing to hide
	l.setup.Gateway = netip.PrefixFrom(l.subnet.Addr().Next(), l.subnet.Bits()).String()
	l.first, l.setup.Foreign, err = launch(labName, unix.CLONE_NEWNET|unix.CLONE_NEWIPC, tagVariable+"="+l.id)
	if err != nil {
		return nil, err
	}
	if _, err := l.peer.ask(ctx, request{Setup: &l.setup}); err != nil {
		return nil, errors.Join(l.explain(err), l.Close(context.WithoutCancel(ctx)))
	}
	l.log.Debug("lab made", "id", l.id, "subnet", l.subnet)
	return l, nil
}

// root is the folder that machines see, as the lab's process finds it.
func (b *Backend) root() (string, error) {
	if b.Root == "" {
		return "", nil
	}
	root, err := filepath.Abs(b.Root)
	if err == nil {
		root, err = filepath.EvalSymlinks(root)
	}
	if err != nil {
		return "", fmt.Errorf("find the root of machines: %w", err)
	}
	return root, nil
}

func (l *lab) Subnet() netip.Prefix { return l.subnet }

// begin admits a boot. Its context ends with the caller's and when the lab is
// closed; the caller calls done when nothing more will be made.
func (l *lab) begin(ctx context.Context) (boot context.Context, done func(), err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closing.Err() != nil {
		return nil, nil, errClosed
	}
	l.boots.Add(1)
	boot, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(l.closing, func() { cancel(errClosed) })
	return boot, func() { stop(); cancel(nil); l.boots.Done() }, nil
}

// Close kills the lab's process and waits until the kernel has ended all that
// is below it, which is all that there is. It may be called again.
func (l *lab) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, closeTimeout)
	defer cancel()
	l.mu.Lock()
	l.close()
	l.mu.Unlock()
	l.kill()
	select {
	case <-l.ended:
	case <-ctx.Done():
		return fmt.Errorf("end the processes of lab %s: %w", l.id, context.Cause(ctx))
	}
	l.boots.Wait()
	l.log.Debug("lab ended", "id", l.id)
	return nil
}
