package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"syscall"

	"github.com/docker/go-units"
	"github.com/spf13/cobra"

	"scenario/runner"
	"scenario/runner/docker"
)

func doctorCommand(ui *ui) *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Say whether all that a run needs is here, and what mends it",
		Long: `Say what a run needs, what of it is here, and which command mends the rest.
Nothing is changed. ✓ is well, ! is worth knowing, ✗ stands in the way of a run.

Exit status: 0 a run is possible; 4 it is not.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			d := &doctor{ui: ui, backend: new(docker.Backend)}
			if err := d.look(cmd.Context()); err != nil {
				return err
			}
			if d.ill {
				return exitError(exitEnvironment)
			}
			return nil
		},
	}
}

// Of what is less than this, people want to know, or cannot run at all: an
// image with Elixir takes 150 MB, and as much again while it is made.
const (
	littleSpace = 2 << 30
	noSpace     = 256 << 20
)

// A doctor says how what a run needs is.
type doctor struct {
	ui      *ui
	backend *docker.Backend
	ill     bool // something stands in the way of a run
}

// A state is how one of the things is.
type state string

const (
	well state = "✓"
	note state = "!"
	ill  state = "✗"
)

func (d *doctor) say(s state, hint, format string, args ...any) {
	d.ill = d.ill || s == ill
	d.ui.state(s, fmt.Sprintf(format, args...), hint)
}

// look looks at one thing after the other. Its error is that it was interrupted.
func (d *doctor) look(ctx context.Context) error {
	err := d.engine(ctx)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		var env *runner.EnvironmentError
		if errors.As(err, &env) {
			d.say(ill, env.Hint, "%v", err)
		} else {
			d.say(ill, "", "%v", err)
		}
	}
	d.terminal()
	return nil
}

// engine is all that is asked of the Docker Engine.
func (d *doctor) engine(ctx context.Context) error {
	facts, err := asking(d.ui, "asking the Docker Engine", func() (*docker.Facts, error) { return d.backend.Facts(ctx) })
	if err != nil {
		return err
	}
	d.say(well, "", "Docker Engine %s, API %s, at %s", facts.Version, facts.API, facts.Host)
	d.space(facts.Root)
	if err := d.images(ctx); err != nil {
		return err
	}
	for _, l := range facts.Labs {
		about := fmt.Sprintf("a lab of %s is there, %s, with %s, made %s", l.Scenario, l.State, plural(len(l.Nodes), "node"), ago(l.Since))
		switch l.State {
		case docker.LabRuns:
			d.say(well, "", "%s", about)
		case docker.LabDead:
			d.say(note, d.ui.self+" down "+l.ID, "%s: the next run removes it", about)
		default:
			d.say(note, d.ui.self+" down "+l.ID, "%s: remove it when you are done with it", about)
		}
	}
	if len(facts.Labs) == 0 {
		d.say(well, "", "no lab is left over")
	}
	return nil
}

// images says whether a machine that says nothing else can be made.
func (d *doctor) images(ctx context.Context) error {
	debian := runner.Image{Suite: "bookworm"}
	built, err := asking(d.ui, "looking for images", func() (bool, error) { return d.backend.Has(ctx, debian) })
	if err != nil {
		return err
	}
	_, far := asking(d.ui, "asking the registry", func() (any, error) { return nil, d.backend.Reaches(ctx, debian) })
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	_, err = exec.LookPath("mmdebstrap")
	bootstraps := err == nil
	switch {
	case built:
		d.say(well, "", "debian(\"bookworm\"), which a node is made of unless it says another, is built")
	case far == nil || bootstraps:
		d.say(well, "", "debian(\"bookworm\") is not built yet; the first run does it, in half a minute or so")
	default:
		d.say(ill, "", "debian(\"bookworm\") is not built, and cannot be")
	}
	if far == nil {
		d.say(well, "", "images can be pulled: the registry answers")
	} else {
		d.say(note, "", "no image can be pulled: %s", clean(far.Error()))
	}
	const install = "apt-get install mmdebstrap"
	switch {
	case far == nil && !bootstraps:
		d.say(well, "", "mmdebstrap is not here, and not needed while images can be pulled")
	case far == nil:
		d.say(well, "", "mmdebstrap is here, and not needed while images can be pulled")
	case bootstraps:
		d.say(well, "", "mmdebstrap is here: it makes the images of debian(…) instead")
	case built:
		d.say(note, install, "mmdebstrap is not here, so no other image of debian(…) can be made")
	default:
		d.say(ill, install, "mmdebstrap is not here, which would make it")
	}
	return nil
}

// space says how much room the engine's data has, where that can be told.
func (d *doctor) space(root string) {
	var fs syscall.Statfs_t
	if root == "" || syscall.Statfs(root, &fs) != nil {
		return
	}
	free := float64(fs.Bavail) * float64(fs.Bsize)
	s, hint := well, ""
	if free < littleSpace {
		s, hint = note, "docker system df"
	}
	if free < noSpace {
		s = ill
	}
	d.say(s, hint, "%s are free in %s", units.HumanSize(free), root)
}

var utf8Locale = regexp.MustCompile(`(?i)utf-?8`)

// terminal says whether what we print can be read.
func (d *doctor) terminal() {
	locale := ""
	for _, name := range []string{"LANG", "LC_CTYPE", "LC_ALL"} {
		if v := os.Getenv(name); v != "" {
			locale = v
		}
	}
	switch width := columns(d.ui.out); {
	case !utf8Locale.MatchString(locale):
		if locale == "" {
			locale = "of no name"
		}
		d.say(note, "export LC_ALL=C.UTF-8", "the locale is %s: what is not ASCII may be garbled", clean(locale))
	case width > 0 && width < 80:
		d.say(note, "make the window 80 columns wide, or wider", "the terminal is %s, and %d columns wide", locale, width)
	case width > 0:
		d.say(well, "", "the terminal is %s, and %d columns wide", locale, width)
	default:
		d.say(well, "", "the locale is %s", locale)
	}
}

// asking does what may take a while, with a sign of life.
func asking[T any](ui *ui, what string, ask func() (T, error)) (T, error) {
	ui.busy(what)
	defer ui.end()
	return ask()
}
