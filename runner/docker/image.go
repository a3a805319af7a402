package docker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/image"
	"github.com/hashicorp/go-hclog"

	"scenario/runner"
	"scenario/runner/debian"
	"scenario/runner/fetch"
)

// image returns the name of an image that is in the engine, and gets it there
// if need be.
func (e *engine) image(ctx context.Context, img runner.Image, hear func(string), log hclog.Logger) (string, error) {
	if img.Suite == "" {
		return img.Ref, e.images.Do(ctx, img.Ref, hear, func(ctx context.Context, news *fetch.News) error {
			return e.getRef(ctx, img.Ref, news)
		})
	}
	r, err := debian.New(img)
	if err != nil {
		return "", err
	}
	return tag(r), e.images.Do(ctx, tag(r), hear, func(ctx context.Context, news *fetch.News) error {
		return e.getRecipe(ctx, r, news, log)
	})
}

// has reports whether an image is in the engine.
func (e *engine) has(ctx context.Context, ref string) (bool, error) {
	_, err := e.ImageInspect(ctx, ref)
	if cerrdefs.IsNotFound(err) {
		return false, nil
	}
	return err == nil, err
}

func (e *engine) getRef(ctx context.Context, ref string, news *fetch.News) error {
	present, err := e.has(ctx, ref)
	if present {
		return nil
	}
	tried := []string{"the engine's own images: it is not there"}
	if err != nil {
		tried = []string{"the engine's own images: " + said(err)}
	} else if err = e.pull(ctx, ref, news); err == nil {
		return nil
	} else {
		tried = append(tried, "pull "+ref+": "+said(err))
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return &runner.EnvironmentError{What: "cannot get the image " + ref, Tried: tried, Err: err}
}

// pull gets an image from its registry.
func (e *engine) pull(ctx context.Context, ref string, news *fetch.News) error {
	news.Say("pulling %s", ref)
	body, err := e.ImagePull(ctx, ref, image.PullOptions{})
	if err != nil {
		return err
	}
	defer body.Close()
	layers := layers{}
	return follow(body, func(m message) {
		if done, total := layers.add(m); total > 0 {
			news.Say("pulling %s %.1f/%.1f MB", ref, megabytes(done), megabytes(total))
		}
	})
}

// layers adds up what a pull says of each layer.
type layers map[string]struct{ done, total int64 }

func (l layers) add(m message) (done, total int64) {
	layer := l[m.ID]
	switch m.Status {
	case "Downloading":
		layer.done, layer.total = m.Progress.Current, m.Progress.Total
	case "Verifying Checksum", "Download complete", "Pull complete":
		layer.done = layer.total
	}
	if m.ID != "" {
		l[m.ID] = layer
	}
	for _, layer := range l {
		done += layer.done
		total += layer.total
	}
	return done, total
}

func megabytes(n int64) float64 { return float64(n) / 1e6 }

// message is one of those that the engine streams while it pulls, builds or
// imports.
type message struct {
	ID       string `json:"id"`
	Status   string `json:"status"`
	Stream   string `json:"stream"`
	Error    string `json:"error"`
	Progress struct {
		Current int64 `json:"current"`
		Total   int64 `json:"total"`
	} `json:"progressDetail"`
	Aux struct {
		ID string `json:"ID"`
	} `json:"aux"`
}

// follow reads messages to their end, or to the one that is an error.
func follow(body io.Reader, each func(message)) error {
	for decoder := json.NewDecoder(body); ; {
		var m message
		switch err := decoder.Decode(&m); {
		case err == io.EOF:
			return nil
		case err != nil:
			return fmt.Errorf("the engine's answer broke off: %w", err)
		case m.Error != "":
			return errors.New(m.Error)
		}
		each(m)
	}
}

// said is what the engine said, without the client's preface.
func said(err error) string {
	return strings.TrimPrefix(strings.TrimSpace(err.Error()), "Error response from daemon: ")
}

// spoken is an error of the engine that reads as said.
type spoken struct{ error }

func (e spoken) Error() string { return said(e.error) }
func (e spoken) Unwrap() error { return e.error }
