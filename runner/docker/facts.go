package docker

import (
	"context"
	"errors"
	"os"
	"time"

	"scenario/runner"
	"scenario/runner/debian"
)

// factsTimeout is what an engine has to say how it is, or to ask a registry.
const factsTimeout = 10 * time.Second

// Facts are what an engine tells of itself.
type Facts struct {
	Host    string // where it is reached: "unix:///var/run/docker.sock"
	Version string
	API     string // the version of the API that is spoken with it
	Root    string // the folder of its data; "" where it may not be on this host
	Labs    []LabFacts
}

// Facts asks the engine, and changes nothing. An engine that cannot be used is
// an *runner.EnvironmentError.
func (b *Backend) Facts(ctx context.Context) (*Facts, error) {
	e, err := b.connect(ctx)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, factsTimeout)
	defer cancel()
	f, err := e.facts(ctx)
	if err != nil {
		return nil, &runner.EnvironmentError{What: "the Docker Engine at " + e.DaemonHost() + " does not say how it is", Err: err}
	}
	return f, nil
}

func (e *engine) facts(ctx context.Context) (*Facts, error) {
	info, err := e.Info(ctx)
	if err != nil {
		return nil, err
	}
	f := &Facts{Host: e.DaemonHost(), Version: info.ServerVersion, API: e.ClientVersion()}
	if host, err := os.Hostname(); err == nil && e.local() && host == info.Name {
		f.Root = info.DockerRootDir
	}
	f.Labs, err = e.labs(ctx, "")
	return f, err
}

// Has reports whether an image is in the engine already.
func (b *Backend) Has(ctx context.Context, img runner.Image) (bool, error) {
	e, err := b.connect(ctx)
	if err != nil {
		return false, err
	}
	ctx, cancel := context.WithTimeout(ctx, factsTimeout)
	defer cancel()
	ref := img.Ref
	if img.Suite != "" {
		r, err := debian.New(img)
		if err != nil {
			return false, err
		}
		ref = tag(r)
	}
	return e.has(ctx, ref)
}

// Reaches says why an image, or for one of Debian its suite's base image, could
// not be pulled, and nil if it could. Nothing is pulled.
func (b *Backend) Reaches(ctx context.Context, img runner.Image) error {
	e, err := b.connect(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, factsTimeout)
	defer cancel()
	ref := img.Ref
	if img.Suite != "" {
		ref = base(debian.Recipe{Suite: img.Suite})
	}
	if _, err := e.DistributionInspect(ctx, ref, ""); err != nil {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return errors.New("its registry does not answer")
		}
		return errors.New(said(err))
	}
	return nil
}
