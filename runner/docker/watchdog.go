package docker

import (
	"context"
	"errors"
	"os"
	"time"

	"scenario/runner"
	"scenario/runner/watchdog"
)

// watchdogName is the name under which this program is the watchdog of a lab.
const watchdogName = "scenario-docker-watchdog"

func init() { watchdog.Serve(watchdogName, func(args []string) { mourn(args[0], args[1]) }) }

// How long a watchdog works, and how long it looks on after it has found
// nothing more: an engine finishes what its client has asked for and gone.
const (
	mourningTime  = 2 * time.Minute
	mourningPeace = 2 * time.Second
)

// Guard starts a watchdog, which removes the lab and the folder should this
// process die. Of a lab without an id, only the folder.
func (b *Backend) Guard(lab, folder string) (release func(), err error) {
	return watchdog.Start(watchdogName, lab, folder)
}

// mourn removes what a process has left that died.
func mourn(id, folder string) {
	_ = os.RemoveAll(folder) // nobody is there to be told
	if id == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), mourningTime)
	defer cancel()
	for ctx.Err() == nil {
		e, err := new(Backend).connect(ctx)
		if err == nil {
			err = e.removeLab(ctx, id, mourningPeace)
		}
		if err == nil {
			return
		}
		pause(ctx, closePoll) // an engine that is being restarted
	}
}

// removeLab removes what there is of a lab, and returns when there has been
// nothing for a time. An engine that does not answer is waited for.
func (e *engine) removeLab(ctx context.Context, id string, peace time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, closeTimeout)
	defer cancel()
	l := newLab(e, runner.LabSpec{ID: id})
	for quiet := time.Now(); ; pause(ctx, closePoll) {
		left, err := e.labs(ctx, id)
		if len(left) > 0 {
			err = l.remove(ctx)
		}
		switch {
		case ctx.Err() != nil:
			return errors.Join(context.Cause(ctx), err)
		case err != nil, len(left) > 0:
			quiet = time.Now()
		case time.Since(quiet) >= peace:
			return nil
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
