//go:build linux

package local

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"

	"scenario/runner"
)

// check says what a machine asks for that this host does not have.
func (b *Backend) check(ctx context.Context, spec runner.MachineSpec) error {
	cannot := func(what string, args ...any) error {
		return &runner.EnvironmentError{What: "node " + spec.Name + ": " + fmt.Sprintf(what, args...)}
	}
	const noGroup = "%s: this machine gives no cgroup to this user, so the local backend cannot limit %[1]s; drop %[1]s = … or use --backend docker"
	switch {
	case spec.Memory != 0:
		return cannot(noGroup, "memory")
	case spec.CPUs != 0:
		return cannot(noGroup, "cpus")
	case b.Root != "":
		return nil
	case spec.Image.Ref != "":
		return cannot("image: the local backend has the programs of this machine, so it cannot get %s; use --backend docker", spec.Image.Ref)
	case spec.Image.Suite == "":
		return nil
	}
	release := osRelease()
	if release["VERSION_CODENAME"] != spec.Image.Suite {
		name := release["PRETTY_NAME"]
		if name == "" {
			name = "no Linux that is known"
		}
		return cannot("image: the local backend has the programs of this machine, which is %s and not Debian %s; use --backend docker", name, spec.Image.Suite)
	}
	missing, err := missingPackages(ctx, spec.Image.Packages)
	if err != nil {
		return fmt.Errorf("node %s: image: %w", spec.Name, err)
	}
	if len(missing) > 0 {
		list := strings.Join(missing, " ")
		return &runner.EnvironmentError{
			What: fmt.Sprintf("node %s: image: this machine lacks %s", spec.Name, strings.Join(missing, ", ")),
			Hint: "sudo apt-get install " + list,
		}
	}
	return nil
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
	for _, p := range slices.Compact(slices.Sorted(slices.Values(packages))) {
		if !there[p] {
			missing = append(missing, p)
		}
	}
	return missing, nil
}
