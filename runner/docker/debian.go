package docker

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/docker/docker/api/types/build"
	"github.com/docker/docker/api/types/image"
	"github.com/hashicorp/go-hclog"

	"scenario/runner"
	"scenario/runner/debian"
	"scenario/runner/fetch"
	"scenario/runner/watchdog"
)

// bootstrapGrace is what mmdebstrap has to remove its work when it is told
// to stop.
const bootstrapGrace = 20 * time.Second

// idle keeps a machine up that has nothing of its own to run.
const idle = `CMD ["tail","-f","/dev/null"]`

// tag is the name of a recipe's image, and base the image that it is built on.
func tag(r debian.Recipe) string  { return "scenario/debian:" + r.Suite + "-" + r.Hash() }
func base(r debian.Recipe) string { return "debian:" + r.Suite + "-slim" }

// getRecipe makes an image from a recipe unless it was made before: on the
// suite's base image if that can be had, and from packages alone if not.
func (e *engine) getRecipe(ctx context.Context, r debian.Recipe, news *fetch.News, log hclog.Logger) error {
	fail := func(err error, hint string, tried ...string) error {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return &runner.EnvironmentError{What: "cannot make an image of " + r.String(), Tried: tried, Hint: hint, Err: err}
	}
	if present, err := e.has(ctx, tag(r)); present {
		return nil
	} else if err != nil {
		return fail(err, "", "the engine's own images: "+said(err))
	}
	began := time.Now()
	baseErr := e.getRef(ctx, base(r), news)
	if baseErr == nil {
		id, err := e.build(ctx, r, news)
		if err == nil {
			err = e.keep(ctx, id, r)
		}
		if err != nil {
			return fail(err, "", "build on "+base(r)+": "+said(err))
		}
		log.Info("image built", "tag", tag(r), "base", base(r), "took", time.Since(began))
		return nil
	}
	var tried []string
	if env := (*runner.EnvironmentError)(nil); errors.As(baseErr, &env) {
		tried = env.Tried[len(env.Tried)-1:]
	}
	mmdebstrap, err := exec.LookPath("mmdebstrap")
	if err != nil {
		return fail(err, "apt-get install mmdebstrap", append(tried, "mmdebstrap: it is not installed")...)
	}
	id, err := e.bootstrap(ctx, mmdebstrap, r, news)
	if err == nil {
		err = e.keep(ctx, id, r)
	}
	if err != nil {
		return fail(err, "", append(tried, "mmdebstrap: "+said(err))...)
	}
	log.Info("image made by mmdebstrap", "tag", tag(r), "took", time.Since(began))
	return nil
}

// keep names a finished image by its recipe, so that an unfinished one never
// has the name. Where another run was faster, its image stays.
func (e *engine) keep(ctx context.Context, id string, r debian.Recipe) error {
	switch made, err := e.ImageInspect(ctx, tag(r)); {
	case err == nil && made.ID == id: // by the engine's build cache
		return nil
	case err == nil:
		return e.drop(ctx, id)
	default:
		return e.ImageTag(ctx, id, tag(r))
	}
}

// drop removes an image that nobody will use, also when ctx has ended.
func (e *engine) drop(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoTimeout)
	defer cancel()
	_, err := e.ImageRemove(ctx, id, image.RemoveOptions{PruneChildren: true})
	return err
}

// build has the engine install the packages on the suite's base image.
func (e *engine) build(ctx context.Context, r debian.Recipe, news *fetch.News) (id string, err error) {
	began := time.Now()
	news.SayTimed(began, "building %s", r)
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	file := dockerfile(r)
	_ = w.WriteHeader(&tar.Header{Name: "Dockerfile", Mode: 0o644, Size: int64(len(file))})
	_, _ = io.WriteString(w, file)
	_ = w.Close()
	built, err := e.ImageBuild(ctx, &archive, build.ImageBuildOptions{
		Version:     build.BuilderV1,
		Labels:      map[string]string{LabelRecipe: r.Hash()},
		Remove:      true,
		ForceRemove: true,
	})
	if err != nil {
		return "", err
	}
	defer built.Body.Close()
	var words debian.Words
	err = follow(built.Body, func(m message) {
		if m.Aux.ID != "" {
			id = m.Aux.ID
		}
		for line := range strings.Lines(m.Stream) {
			if line = words.Add(line); line != "" {
				news.SayTimed(began, "building, %s; %s", line, r)
			}
		}
	})
	if err != nil {
		return "", fmt.Errorf("%w%s", err, words.String())
	}
	return id, nil
}

func dockerfile(r debian.Recipe) string {
	install := "true"
	if len(r.Packages) > 0 {
		install = "DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends " + strings.Join(r.Packages, " ")
	}
	return "FROM " + base(r) + "\n" +
		"RUN apt-get update && " + install + " && rm -rf /var/lib/apt/lists/*\n" +
		idle + "\n"
}

// bootstrap makes the image from packages on this host, and streams it into
// the engine as it comes.
func (e *engine) bootstrap(ctx context.Context, mmdebstrap string, r debian.Recipe, news *fetch.News) (id string, err error) {
	began := time.Now()
	cmd := exec.CommandContext(ctx, mmdebstrap, r.Bootstrap("tar", "-")...)
	// It removes its work when it is told to stop, but first it waits for its
	// children, so they are told too. In a process group of its own, it hears
	// of a Ctrl-C in the terminal from here and at the same time as we do.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = bootstrapGrace
	var words debian.Words
	cmd.Stderr = r.Steps(news, began, &words)

	// The archive ends when mmdebstrap has succeeded, and breaks off when not.
	archive, stdout := io.Pipe()
	cmd.Stdout = stdout
	var running sync.WaitGroup
	var runErr error
	running.Go(func() {
		if runErr = runWatched(cmd); runErr != nil {
			runErr = fmt.Errorf("%w%s", runErr, words.String())
		}
		stdout.CloseWithError(runErr)
	})
	id, err = e.load(ctx, archive, r)
	archive.CloseWithError(err)
	running.Wait()
	switch {
	case runErr != nil && err != nil:
		return "", runErr // the import failed because the archive broke off
	case runErr != nil:
		return "", also(runErr, e.drop(ctx, id))
	}
	return id, err
}

// runWatched runs a command that leads a process group, which is told to stop
// should this process die.
func runWatched(cmd *exec.Cmd) error {
	if err := cmd.Start(); err != nil {
		return err
	}
	release, err := watchdog.Start(groupWatchdog, strconv.Itoa(cmd.Process.Pid))
	if err != nil {
		_ = cmd.Cancel()
		return errors.Join(fmt.Errorf("start the watchdog: %w", err), cmd.Wait())
	}
	defer release()
	return cmd.Wait()
}

// groupWatchdog is the name under which this program is the watchdog of a
// process group.
const groupWatchdog = "scenario-group-watchdog"

func init() {
	watchdog.Serve(groupWatchdog, func(args []string) {
		group, err := strconv.Atoi(args[0])
		if err != nil {
			return
		}
		_ = syscall.Kill(-group, syscall.SIGTERM) // it may have ended
		for deadline := time.Now().Add(bootstrapGrace); time.Now().Before(deadline); time.Sleep(closePoll) {
			if syscall.Kill(-group, 0) != nil {
				return
			}
		}
		_ = syscall.Kill(-group, syscall.SIGKILL)
	})
}

// load imports an archive as an image without a name.
func (e *engine) load(ctx context.Context, archive io.Reader, r debian.Recipe) (id string, err error) {
	body, err := e.ImageImport(ctx, image.ImportSource{Source: archive, SourceName: "-"}, "", image.ImportOptions{
		Message: r.String(),
		Changes: []string{idle, "LABEL " + LabelRecipe + "=" + r.Hash()},
	})
	if err != nil {
		return "", err
	}
	defer body.Close()
	err = follow(body, func(m message) { id = m.Status })
	return id, err
}
