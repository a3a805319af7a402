package docker

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/docker/docker/api/types/build"
	"github.com/docker/docker/api/types/image"
	"github.com/hashicorp/go-hclog"

	"scenario/runner"
)

const (
	// recipeVersion is part of a recipe's hash. It goes up whenever what is
	// made from the same suite and packages becomes something else.
	recipeVersion = 1
	// lastWords is how many lines a failed build shows.
	lastWords = 8
	// bootstrapGrace is what mmdebstrap has to remove its work when it is told
	// to stop.
	bootstrapGrace = 20 * time.Second
)

// idle keeps a machine up that has nothing of its own to run.
const idle = `CMD ["tail","-f","/dev/null"]`

// Both go into a shell's command line, so they are no more than names.
var (
	suiteName   = regexp.MustCompile(`^[a-z][a-z0-9.-]*$`)
	packageName = regexp.MustCompile(`^[a-z0-9][a-z0-9+.-]+(:[a-z0-9]+)?(=[A-Za-z0-9][A-Za-z0-9.+:~-]*)?$`)
)

// recipe is a Debian image to make: a suite's base system and packages.
type recipe struct {
	suite    string
	packages []string // sorted, each once
}

func newRecipe(img runner.Image) (recipe, error) {
	if !suiteName.MatchString(img.Suite) {
		return recipe{}, fmt.Errorf("%q is not the name of a Debian suite", img.Suite)
	}
	for _, p := range img.Packages {
		if !packageName.MatchString(p) {
			return recipe{}, fmt.Errorf("%q is not the name of a Debian package", p)
		}
	}
	return recipe{img.Suite, slices.Compact(slices.Sorted(slices.Values(img.Packages)))}, nil
}

func (r recipe) hash() string {
	h := sha256.New()
	fmt.Fprintf(h, "%d\n%s\n%s\n", recipeVersion, r.suite, strings.Join(r.packages, "\n"))
	return fmt.Sprintf("%x", h.Sum(nil)[:6])
}

func (r recipe) tag() string  { return "scenario/debian:" + r.suite + "-" + r.hash() }
func (r recipe) base() string { return "debian:" + r.suite + "-slim" }

// String is the recipe as people call it.
func (r recipe) String() string {
	if len(r.packages) == 0 {
		return "Debian " + r.suite
	}
	return "Debian " + r.suite + " with " + strings.Join(r.packages, ", ")
}

// getRecipe makes an image from a recipe unless it was made before: on the
// suite's base image if that can be had, and from packages alone if not.
func (e *engine) getRecipe(ctx context.Context, r recipe, news *news, log hclog.Logger) error {
	fail := func(err error, hint string, tried ...string) error {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return &runner.EnvironmentError{What: "cannot make an image of " + r.String(), Tried: tried, Hint: hint, Err: err}
	}
	if present, err := e.has(ctx, r.tag()); present {
		return nil
	} else if err != nil {
		return fail(err, "", "the engine's own images: "+said(err))
	}
	began := time.Now()
	baseErr := e.getRef(ctx, r.base(), news)
	if baseErr == nil {
		id, err := e.build(ctx, r, news)
		if err == nil {
			err = e.keep(ctx, id, r)
		}
		if err != nil {
			return fail(err, "", "build on "+r.base()+": "+said(err))
		}
		log.Info("image built", "tag", r.tag(), "base", r.base(), "took", time.Since(began))
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
	log.Info("image made by mmdebstrap", "tag", r.tag(), "took", time.Since(began))
	return nil
}

// keep names a finished image by its recipe, so that an unfinished one never
// has the name. Where another run was faster, its image stays.
func (e *engine) keep(ctx context.Context, id string, r recipe) error {
	switch made, err := e.ImageInspect(ctx, r.tag()); {
	case err == nil && made.ID == id: // by the engine's build cache
		return nil
	case err == nil:
		return e.drop(ctx, id)
	default:
		return e.ImageTag(ctx, id, r.tag())
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
func (e *engine) build(ctx context.Context, r recipe, news *news) (id string, err error) {
	began := time.Now()
	news.sayTimed(began, "building %s", r)
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	dockerfile := r.dockerfile()
	_ = w.WriteHeader(&tar.Header{Name: "Dockerfile", Mode: 0o644, Size: int64(len(dockerfile))})
	_, _ = io.WriteString(w, dockerfile)
	_ = w.Close()
	built, err := e.ImageBuild(ctx, &archive, build.ImageBuildOptions{
		Version:     build.BuilderV1,
		Labels:      map[string]string{LabelRecipe: r.hash()},
		Remove:      true,
		ForceRemove: true,
	})
	if err != nil {
		return "", err
	}
	defer built.Body.Close()
	var words tail
	err = follow(built.Body, func(m message) {
		if m.Aux.ID != "" {
			id = m.Aux.ID
		}
		for line := range strings.Lines(m.Stream) {
			if line = words.add(line); line != "" {
				news.sayTimed(began, "building, %s; %s", line, r)
			}
		}
	})
	if err != nil {
		return "", fmt.Errorf("%w%s", err, words.String())
	}
	return id, nil
}

func (r recipe) dockerfile() string {
	install := "true"
	if len(r.packages) > 0 {
		install = "DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends " + strings.Join(r.packages, " ")
	}
	return "FROM " + r.base() + "\n" +
		"RUN apt-get update && " + install + " && rm -rf /var/lib/apt/lists/*\n" +
		idle + "\n"
}

// bootstrap makes the image from packages on this host, and streams it into
// the engine as it comes.
func (e *engine) bootstrap(ctx context.Context, mmdebstrap string, r recipe, news *news) (id string, err error) {
	began := time.Now()
	news.sayTimed(began, "building %s", r)
	args := []string{"--variant=essential", "--format=tar"}
	for _, unread := range []string{"doc", "man", "info", "locale", "lintian"} {
		args = append(args, "--dpkgopt=path-exclude=/usr/share/"+unread+"/*")
	}
	if len(r.packages) > 0 {
		args = append(args, "--include="+strings.Join(r.packages, ","))
	}
	cmd := exec.CommandContext(ctx, mmdebstrap, append(args, r.suite, "-")...)
	// It removes its work when it is told to stop, but first it waits for its
	// children, so they are told too. In a process group of its own, it hears
	// of a Ctrl-C in the terminal from here and at the same time as we do.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = bootstrapGrace
	var words tail
	cmd.Stderr = &lines{each: func(line string) {
		if step, ok := strings.CutPrefix(line, "I: "); ok {
			news.sayTimed(began, "building, %s; %s", strings.TrimRight(step, "."), r)
		} else {
			words.add(line)
		}
	}}

	// The archive ends when mmdebstrap has succeeded, and breaks off when not.
	archive, stdout := io.Pipe()
	cmd.Stdout = stdout
	var running sync.WaitGroup
	var runErr error
	running.Go(func() {
		if runErr = cmd.Run(); runErr != nil {
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

// load imports an archive as an image without a name.
func (e *engine) load(ctx context.Context, archive io.Reader, r recipe) (id string, err error) {
	body, err := e.ImageImport(ctx, image.ImportSource{Source: archive, SourceName: "-"}, "", image.ImportOptions{
		Message: r.String(),
		Changes: []string{idle, "LABEL " + LabelRecipe + "=" + r.hash()},
	})
	if err != nil {
		return "", err
	}
	defer body.Close()
	err = follow(body, func(m message) { id = m.Status })
	return id, err
}

// tail keeps the last lines that a program wrote.
type tail struct {
	mu    sync.Mutex
	lines []string
}

// add returns the line as people read it.
func (t *tail) add(line string) string {
	line = strings.TrimSpace(line)
	if line == "" {
		return ""
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lines = append(t.lines, line)
	t.lines = t.lines[max(0, len(t.lines)-lastWords):]
	return line
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var s strings.Builder
	for _, line := range t.lines {
		s.WriteString("\n    " + line)
	}
	return s.String()
}

// lines is a writer that hands on whole lines, ended by LF or CR.
type lines struct {
	rest []byte
	each func(string)
}

func (l *lines) Write(p []byte) (int, error) {
	l.rest = append(l.rest, p...)
	for {
		i := bytes.IndexAny(l.rest, "\r\n")
		if i < 0 {
			return len(p), nil
		}
		l.each(string(l.rest[:i]))
		l.rest = l.rest[i+1:]
	}
}
