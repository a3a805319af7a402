//go:build linux

package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"
	"golang.org/x/sys/unix"

	"scenario/runner"
	"scenario/runner/debian"
	"scenario/runner/fetch"
)

// base is the folder whose files a machine has, "" for the lab's own. Of a
// recipe it is this host's root, if that is what the recipe asks for, and else
// an image, which is made if need be.
func (b *Backend) base(ctx context.Context, spec runner.MachineSpec, log hclog.Logger) (string, error) {
	switch {
	case b.Root != "":
		return "", nil
	case spec.Image.Ref != "":
		return "", &runner.EnvironmentError{What: "image: the local backend has the programs of this machine and of Debian, so it cannot get " + spec.Image.Ref + "; use --backend docker"}
	case spec.Image.Suite == "":
		return "", nil
	}
	r, err := debian.New(spec.Image)
	if err != nil {
		return "", fmt.Errorf("image: %w", err)
	}
	why, hint, err := unfit(ctx, r)
	if err != nil {
		return "", fmt.Errorf("image: %w", err)
	}
	if why == "" {
		return "", nil
	}
	mmdebstrap, err := exec.LookPath("mmdebstrap")
	if err != nil {
		return "", &runner.EnvironmentError{What: "image: " + why + ", and has no mmdebstrap to make " + r.String(), Hint: hint}
	}
	dir, err := cache(r)
	if err != nil {
		return "", fmt.Errorf("image: %w", err)
	}
	image := filepath.Join(dir, imageName)
	return image, b.images.Do(ctx, image, spec.Progress, func(ctx context.Context, news *fetch.News) error {
		began := time.Now()
		made, err := makeImage(ctx, dir, mmdebstrap, r, news)
		switch env := (*runner.EnvironmentError)(nil); {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.As(err, &env):
			return err
		case err != nil:
			return &runner.EnvironmentError{
				What:  "image: cannot make " + r.String(),
				Tried: []string{why, "mmdebstrap: " + err.Error()},
				Err:   err,
			}
		case made:
			log.Info("image made by mmdebstrap", "folder", image, "took", time.Since(began))
		}
		return nil
	})
}

// unfit says why this host's programs are not those of a recipe, and the
// command that mends it; "" if they are.
func unfit(ctx context.Context, r debian.Recipe) (why, hint string, err error) {
	release := osRelease()
	if release["VERSION_CODENAME"] != r.Suite {
		name := release["PRETTY_NAME"]
		if name == "" {
			name = "no Linux that is known"
		}
		return fmt.Sprintf("this machine is %s and not Debian %s", name, r.Suite), "sudo apt-get install mmdebstrap", nil
	}
	missing, err := missingPackages(ctx, r.Packages)
	if err != nil || len(missing) == 0 {
		return "", "", err
	}
	return "this machine lacks " + strings.Join(missing, ", "), "sudo apt-get install " + strings.Join(missing, " "), nil
}

// osRelease is what the host calls itself.
func osRelease() map[string]string {
	text, _ := os.ReadFile("/etc/os-release") // a host without one is unknown
	release := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			release[name] = strings.Trim(value, `"'`)
		}
	}
	return release
}

// missingPackages are those that dpkg does not have: "elixir", "libc6:i386",
// "elixir=1.18.3.dfsg-1".
func missingPackages(ctx context.Context, packages []string) ([]string, error) {
	if len(packages) == 0 {
		return nil, nil
	}
	out, err := exec.CommandContext(ctx, "dpkg-query", "-W", "-f", "${db:Status-Status}\t${Package}\t${Architecture}\t${Version}\t${Provides}\n").Output()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("ask dpkg-query what is installed: %w", err)
	}
	there := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(f) != 5 || f[0] != "installed" {
			continue
		}
		for _, name := range []string{f[1], f[1] + ":" + f[2]} {
			there[name], there[name+"="+f[3]] = true, true
		}
		for _, virtual := range strings.Split(f[4], ",") {
			if name := strings.Fields(virtual); len(name) > 0 { // "awk", "libfoo (= 1.2)"
				there[name[0]] = true
			}
		}
	}
	var missing []string
	for _, p := range packages {
		if !there[p] {
			missing = append(missing, p)
		}
	}
	return missing, nil
}

// What a recipe's folder in the cache has: an image that is whole, and folders
// of those that are being made, or were.
const (
	imageName  = "image"
	partPrefix = "part-"
)

// cache is the folder of a recipe's image.
func cache(r debian.Recipe) (string, error) {
	all, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(all, "scenario", "images", r.Suite+"-"+r.Hash())
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(dir)
}

// lockPause is between two looks at a recipe's folder that another run has
// locked.
const lockPause = 200 * time.Millisecond

// lockCache waits until no other run makes the image of a folder. The lock is
// the open file's.
func lockCache(ctx context.Context, dir string, wait func()) (*os.File, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		switch err {
		case nil:
			return f, nil
		case unix.EWOULDBLOCK:
			wait()
		case unix.EINTR:
			continue
		case unix.ENOLCK, unix.ENOTSUP, unix.ENOSYS, unix.EBADF:
			return f, nil // a file system without locks is used without
		default:
			f.Close()
			return nil, &fs.PathError{Op: "lock", Path: dir, Err: err}
		}
		select {
		case <-time.After(lockPause):
		case <-ctx.Done():
			f.Close()
			return nil, context.Cause(ctx)
		}
	}
}

// makeImage makes the image of a recipe, unless it is there, and reports
// whether it did.
func makeImage(ctx context.Context, dir, mmdebstrap string, r debian.Recipe, news *fetch.News) (made bool, err error) {
	image := filepath.Join(dir, imageName)
	if _, err := os.Lstat(image); err == nil {
		return false, nil
	}
	began := time.Now()
	lock, err := lockCache(ctx, dir, func() { news.SayTimed(began, "waiting for another run that builds %s", r) })
	if err != nil {
		return false, err
	}
	defer func() {
		_ = unix.Flock(int(lock.Fd()), unix.LOCK_UN) // see runner.LockDir
		lock.Close()
	}()
	if _, err := os.Lstat(image); err == nil {
		return false, nil
	}
	stale, err := filepath.Glob(filepath.Join(dir, partPrefix+"*"))
	if err != nil {
		return false, err
	}
	if err := removeParts(ctx, stale); err != nil {
		return false, err
	}
	part, err := os.MkdirTemp(dir, partPrefix)
	if err != nil {
		return false, err
	}
	err = bootstrap(ctx, part, image, mmdebstrap, r, news)
	if err != nil {
		return false, errors.Join(err, removeParts(context.WithoutCancel(ctx), []string{part}))
	}
	return true, nil
}

// removeParts removes folders of images that are not whole. Their files may belong
// to ids that only a namespace has.
func removeParts(ctx context.Context, folders []string) error {
	if len(folders) == 0 {
		return nil
	}
	f, _, err := launch(makerName, 0)
	if err != nil {
		return err
	}
	defer f.end()
	_, err = f.peer.ask(ctx, request{Remove: folders})
	return f.explain(err)
}

// bootstrap has a maker make an image.
func bootstrap(ctx context.Context, part, image, mmdebstrap string, r debian.Recipe, news *fetch.News) error {
	f, _, err := launch(makerName, 0)
	if err != nil {
		return err
	}
	defer f.end()
	heard, far, err := nearEnd(fromProgram)
	if err != nil {
		return err
	}
	defer heard.Close()
	// What a network namespace of its own would have cannot be mounted.
	argv := slices.Insert(r.Bootstrap("directory", part+partRoot), 0, mmdebstrap, "--mode=root", "--skip=chroot/mount/sys")
	env := append(os.Environ(), "PATH="+os.Getenv("PATH")+":/usr/sbin:/sbin")
	c, err := f.peer.call(request{Make: &making{Argv: argv, Part: part, Target: image, Env: env}}, far)
	if err != nil {
		return f.explain(err)
	}
	defer c.drop()
	if _, err := c.await(ctx); err != nil {
		return f.explain(err)
	}
	var words debian.Words
	said := make(chan struct{})
	go func() {
		defer close(said)
		_, _ = io.Copy(r.Steps(news, time.Now(), &words), heard)
	}()
	end, err := c.await(ctx)
	if err != nil {
		return f.explain(err)
	}
	if end.Status != 0 {
		<-said
		return fmt.Errorf("it ends with status %d%s", end.Status, words.String())
	}
	return nil
}
