//go:build linux

package local

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Stop ends the main program by SIGTERM, and the machine with it; after the
// grace by SIGKILL.
func (m *machine) Stop(ctx context.Context, grace time.Duration) error {
	l := m.life()
	_, err := l.peer.ask(ctx, request{End: true})
	if err == nil && l.frozen.Swap(false) {
		_, err = l.peer.ask(ctx, request{Thaw: true})
	}
	if err != nil && !errors.Is(err, errGone) {
		return fmt.Errorf("stop node %s: %w", m.spec.Name, err)
	}
	late := time.NewTimer(grace)
	defer late.Stop()
	select {
	case <-l.ended:
		return nil
	case <-late.C:
		return m.Kill(ctx)
	case <-ctx.Done():
		return fmt.Errorf("stop node %s: %w", m.spec.Name, context.Cause(ctx))
	}
}

// Kill ends all processes of the machine at once, and waits for their end.
func (m *machine) Kill(ctx context.Context) error {
	l := m.life()
	l.call.kill()
	select {
	case <-l.ended:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("kill node %s: %w", m.spec.Name, context.Cause(ctx))
	}
}

// Start starts the machine again, with the files that it had at its end.
func (m *machine) Start(ctx context.Context) error {
	ctx, done, err := m.lab.begin(ctx)
	if err != nil {
		return err
	}
	defer done()
	select {
	case <-m.life().ended:
		return m.start(ctx)
	default:
		return nil
	}
}

// Pause stops all processes of the machine.
func (m *machine) Pause(ctx context.Context) error {
	l := m.life()
	if _, err := l.peer.ask(ctx, request{Freeze: true}); err != nil {
		return fmt.Errorf("pause node %s: %w", m.spec.Name, l.why(ctx, err))
	}
	l.frozen.Store(true)
	return nil
}

// Resume lets them go on, but not those that were stopped before.
func (m *machine) Resume(ctx context.Context) error {
	l := m.life()
	if !l.frozen.Load() {
		return fmt.Errorf("resume node %s: it is not paused", m.spec.Name)
	}
	if _, err := l.peer.ask(ctx, request{Thaw: true}); err != nil {
		return fmt.Errorf("resume node %s: %w", m.spec.Name, l.why(ctx, err))
	}
	l.frozen.Store(false)
	return nil
}

// awake says that nothing is started on a machine that is paused.
func (l *life) awake() error {
	if l.frozen.Load() {
		return fmt.Errorf("node %s is paused", l.spec.Name)
	}
	return nil
}
