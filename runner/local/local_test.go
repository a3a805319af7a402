//go:build linux

package local_test

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"scenario/runner"
	"scenario/runner/docker/dockertest"
	"scenario/runner/local"
	"scenario/runner/runnertest"
)

const (
	// abandonVariable has this program open a lab of that id, and wait for its
	// own end.
	abandonVariable = "LOCAL_TEST_ABANDON"
	// forbidVariable has this program forbid itself further namespaces, and
	// print what Available says then.
	forbidVariable = "LOCAL_TEST_FORBID"
	// makeVariable has this program start a machine of Debian potato.
	makeVariable = "LOCAL_TEST_MAKE"
	// guardVariable has this program guard that folder, and wait for its end.
	guardVariable = "LOCAL_TEST_GUARD"
	// nobody is a user without rights, and without a range of ids.
	nobody = 65534
	// patience bounds each wait for a condition.
	patience = 30 * time.Second
)

func TestMain(m *testing.M) {
	if id := os.Getenv(abandonVariable); id != "" {
		abandon(id)
	}
	if os.Getenv(forbidVariable) != "" {
		forbid()
	}
	if os.Getenv(makeVariable) != "" {
		makePotato()
	}
	if folder := os.Getenv(guardVariable); folder != "" {
		guard(folder)
	}
	os.Exit(m.Run())
}

func TestConformance(t *testing.T) {
	runnertest.Test(t, &local.Backend{Root: busybox(t)}, runner.Image{Ref: "busybox"}, runnertest.Hooks{
		Kill: func(t testing.TB, ids []string) {
			for _, pid := range tagged(t, ids[0]) {
				if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
					t.Fatal(err)
				}
			}
		},
		Left:       left,
		RootOnly:   rootOnly(t),
		SameSubnet: true,
	})
}

// A user without rights passes the same tests.
func TestUnprivileged(t *testing.T) {
	if os.Geteuid() != 0 {
		return // all tests have shown it
	}
	home := homeOfNobody(t)
	cmd := exec.Command("/proc/self/exe", "-test.v", "-test.run", "^Test")
	cmd.Dir = home
	cmd.Env = []string{"TMPDIR=" + home, "HOME=" + home, "PATH=" + os.Getenv("PATH")}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	passes(t, cmd)
}

// A user without rights who has a range of ids has machines with users.
func TestRange(t *testing.T) {
	if os.Geteuid() != 0 {
		return // only root can give a range
	}
	if _, err := exec.LookPath("newuidmap"); err != nil {
		t.Fatal("the tests need newuidmap: apt-get install uidmap")
	}
	home := homeOfNobody(t)
	ranges := filepath.Join(home, "ranges")
	if err := os.WriteFile(ranges, fmt.Appendf(nil, "%d:200000:65536\n", nobody), 0o644); err != nil {
		t.Fatal(err)
	}
	// The range is there for the test alone, in a namespace of its own.
	script := `mount --bind "$1" /etc/subuid && mount --bind "$1" /etc/subgid &&
		exec setpriv --reuid "$2" --regid "$2" --clear-groups "$3" -test.v -test.run "^(TestConformance|TestMmdebstrap)$"`
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(home, "test") // this one may be in a folder of root's
	if err := os.Link(self, program); err != nil {
		content, err := os.ReadFile(self)
		if err == nil {
			err = os.WriteFile(program, content, 0o755)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("sh", "-c", script, "sh", ranges, strconv.Itoa(nobody), program)
	cmd.Dir = home
	cmd.Env = []string{"TMPDIR=" + home, "HOME=" + home, "PATH=" + os.Getenv("PATH")}
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	passes(t, cmd)
}

// homeOfNobody is a folder for a user without rights. Those of t are below one
// of root's.
func homeOfNobody(t *testing.T) string {
	t.Helper()
	home, err := os.MkdirTemp("", "local-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(home) })
	if err := os.Chown(home, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	return home
}

// passes runs tests of this package in another process.
func passes(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	out, err := cmd.CombinedOutput()
	if err != nil || bytes.Contains(out, []byte("--- SKIP")) || !bytes.Contains(out, []byte("--- PASS: TestConformance")) {
		t.Errorf("%v\n%s", err, out)
	}
}

// When the runner is killed, nothing is left of its lab.
func TestAbandoned(t *testing.T) {
	t.Parallel()
	id := newID()
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), abandonVariable+"="+id)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	there := left(t, id)
	if err != nil || line != "ready\n" || len(there) < 4 {
		t.Errorf("%q, %v, and there is %v; want a lab's process, a machine's, and their programs", line, err, there)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	until(t, "nothing is left", func() bool { return len(left(t, id)) == 0 })
}

// abandon opens a lab with a machine that runs a main program and another, both
// of which have the lab's tag, and waits to be killed.
func abandon(id string) {
	l, err := new(local.Backend).Open(context.Background(), runner.LabSpec{ID: id, Scenario: "test", Subnets: wanted})
	if err == nil {
		spec := machine(l, 0)
		spec.Env = map[string]string{"SCENARIO_LOCAL": id + "-program"}
		spec.Command = []string{"sleep", "1000"}
		var m runner.Machine
		if m, err = l.Start(context.Background(), spec); err == nil {
			_, err = m.Open(context.Background(), runner.Command{Argv: []string{"sh", "-c", "trap '' HUP; while :; do sleep 1000; done"}})
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("ready")
	select {}
}

// When a process is killed, the folder that it guards goes.
func TestGuard(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "run")
	if err := os.MkdirAll(folder+"/deep", 0o755); err != nil {
		t.Fatal(err)
	}
	release, err := new(local.Backend).Guard("", folder)
	if err != nil {
		t.Fatal(err)
	}
	release()
	if _, err := os.Stat(folder); err != nil {
		t.Errorf("a folder that was let go of: %v", err)
	}
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), guardVariable+"="+folder)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Errorf("%q, %v", line, err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	until(t, "the folder is gone", func() bool { _, err := os.Stat(folder); return errors.Is(err, fs.ErrNotExist) })
}

func guard(folder string) {
	release, err := new(local.Backend).Guard("", folder)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer release() // never comes, and holds the watchdog's pipe
	fmt.Println("ready")
	select {}
}

// The network is the reader's, also when this host is in one like it.
func TestReaderNetwork(t *testing.T) {
	t.Parallel()
	reader := netip.MustParsePrefix("172.17.0.0/16")
	l := open(t, new(local.Backend), runner.Substitutes(reader))
	if l.Subnet() != reader {
		t.Errorf("subnet %s, want %s", l.Subnet(), reader)
	}
	m := start(t, l, machine(l, 0))
	if got, want := sh(t, m, "hostname -i; cat /sys/class/net/eth0/address"), "172.17.0.2\n02:42:ac:11:00:02\n"; got != want {
		t.Errorf("the machine has %q, want %q", got, want)
	}
}

// Machines know each other by name and host name, whichever came first.
func TestNames(t *testing.T) {
	t.Parallel()
	l := open(t, new(local.Backend), wanted)
	var machines []runner.Machine
	for n := range 3 {
		machines = append(machines, start(t, l, machine(l, n)))
	}
	for n, m := range machines {
		for other := range machines {
			want := machine(l, other).IP.String() + " "
			for _, name := range []string{machine(l, other).Name, machine(l, other).Hostname} {
				if got := sh(t, m, "getent hosts "+name); !strings.HasPrefix(got, want) {
					t.Errorf("machine %d: %s is %q, want %s", n, name, got, want)
				}
			}
		}
		if got, want := sh(t, m, "hostname"), machine(l, n).Hostname+"\n"; got != want {
			t.Errorf("machine %d: hostname %q, want %q", n, got, want)
		}
		if r := run(t, m, "getent hosts elsewhere.example"); r.Status == 0 {
			t.Errorf("machine %d: a name that nobody has is %q", n, r.Stdout)
		}
	}
}

// A machine writes as it likes, and this host stays as it is.
func TestHostUnchanged(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("/var/tmp", "local-test-") // seen by machines, unlike /tmp
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	kept := filepath.Join(dir, "kept")
	if err := os.WriteFile(kept, []byte("kept"), 0o666); err != nil {
		t.Fatal(err)
	}
	watched := []string{kept, dir, "/etc", "/etc/hosts", "/etc/hostname", "/etc/passwd", "/usr", "/usr/bin", "/usr/bin/env", "/usr/lib", "/var/lib"}
	before := stamps(t, watched)

	l := open(t, new(local.Backend), wanted)
	m := start(t, l, machine(l, 0))
	script := `set -e
		cat ` + kept + `
		echo changed >` + kept + `; echo new >` + dir + `/new; rm ` + kept + `
		echo line >>/etc/passwd; echo line >>/etc/hosts; echo name >/etc/hostname
		mkdir -p /etc/new/deep /usr/new/deep /usr/lib/new/deep /var/lib/new/deep /new /root/new /run/new /tmp/new
		cp /usr/bin/env /usr/bin/env2; rm /usr/bin/env; cp /usr/bin/env2 /usr/bin/env
		chmod 777 /usr/bin/env; mv /usr/bin/env /usr/bin/env3`
	if r := run(t, m, script); r.Status != 0 || string(r.Stdout) != "kept" {
		t.Errorf("%q, %q, status %d; want the machine to see the host's file and to change what it likes", r.Stdout, r.Stderr, r.Status)
	}
	for _, change := range []string{"chmod 600 /dev/null", "echo 0 >/proc/sys/kernel/panic", "echo h >/proc/sysrq-trigger", "echo mem >/sys/power/state", "mount -t tmpfs t /mnt", "mount -o remount,rw /sys", "umount /proc/sys", "mknod /dev/disk b 254 0 && cat /dev/disk"} {
		if r := run(t, m, change); r.Status == 0 {
			t.Errorf("the machine can: %s", change)
		}
	}
	if home, err := os.UserHomeDir(); err == nil {
		if got := run(t, m, "ls -A "+home); len(got.Stdout) > 0 && home != "/root" {
			t.Errorf("the machine sees the home of this host's user: %s", got.Stdout)
		}
	}
	other := start(t, l, machine(l, 1))
	if got := sh(t, other, "cat "+kept+"; ls "+dir+" /new 2>&1; wc -l </etc/hostname"); !strings.HasPrefix(got, "kept") || strings.Contains(got, "new\n") {
		t.Errorf("another machine sees %q", got)
	}
	if after := stamps(t, watched); !slices.Equal(before, after) {
		t.Errorf("this host has changed:\n%v\n%v", before, after)
	}
}

// The host's files belong to who owns them on the host, where the lab has such
// an owner, and to root where it has not.
func TestOwners(t *testing.T) {
	t.Parallel()
	l := open(t, new(local.Backend), wanted)
	m := start(t, l, machine(l, 0))
	const script = `for f in /var /var/* /var/lib/* /usr /usr/* /etc/*; do
		test -h $f || test ! -d $f || stat -c "%n %u %g %a" $f; done; stat -c "%n %u %g %a" /etc/passwd`
	if os.Geteuid() == 0 {
		want, err := exec.Command("sh", "-c", script).Output()
		if got := sh(t, m, script); err != nil || got != string(want) {
			t.Errorf("the machine has\n%s\nand this host, %v,\n%s", got, err, want)
		}
		return
	}
	for line := range strings.Lines(sh(t, m, script)) {
		if !strings.Contains(line, " 0 0 ") {
			t.Errorf("not root's: %s", line)
		}
	}
}

// stamps are what would differ in a file that was changed.
func stamps(t *testing.T, names []string) (all []string) {
	t.Helper()
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprint(name, info.Mode(), info.Size(), info.ModTime(), info.Sys().(*syscall.Stat_t).Ctim))
	}
	return all
}

// What this host lacks is said before a machine is made.
func TestLacking(t *testing.T) {
	query, err := exec.LookPath("dpkg-query")
	if err != nil {
		t.Fatal(err)
	}
	without := t.TempDir() // a PATH without mmdebstrap
	if err := os.Symlink(query, filepath.Join(without, "dpkg-query")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", without)
	release, err := os.ReadFile("/etc/os-release")
	if err != nil {
		t.Fatal(err)
	}
	codename := regexp.MustCompile(`(?m)^VERSION_CODENAME=(.*)$`).FindSubmatch(release)
	if codename == nil {
		t.Fatal("the tests need a Debian host")
	}
	suite := string(codename[1])
	l := open(t, new(local.Backend), wanted)
	for _, test := range []struct {
		name   string
		change func(*runner.MachineSpec)
		says   string // "" is no error
		hint   string
	}{
		{"nothing", func(*runner.MachineSpec) {}, "", ""},
		{"packages", func(s *runner.MachineSpec) {
			s.Image = runner.Image{Suite: suite, Packages: []string{"libc6", "dpkg"}}
		}, "", ""},
		{"missing packages", func(s *runner.MachineSpec) {
			s.Image = runner.Image{Suite: suite, Packages: []string{"no-such-b", "dpkg", "no-such-a", "dpkg=0.1", "no-such-a"}}
		}, "node a: image: this machine lacks dpkg=0.1, no-such-a, no-such-b, and has no mmdebstrap to make Debian " + suite + " with dpkg", "sudo apt-get install dpkg=0.1 no-such-a no-such-b"},
		{"another suite", func(s *runner.MachineSpec) { s.Image = runner.Image{Suite: "potato"} }, "not Debian potato, and has no mmdebstrap", "sudo apt-get install mmdebstrap"},
		{"an image", func(s *runner.MachineSpec) { s.Image = runner.Image{Ref: "alpine:3.20"} }, "node a: image: the local backend has the programs of this machine and of Debian, so it cannot get alpine:3.20", ""},
		{"memory", func(s *runner.MachineSpec) { s.Memory = 1 << 20 }, "node a: memory: ", ""},
		{"cpus", func(s *runner.MachineSpec) { s.CPUs = 0.5 }, "node a: cpus: ", ""},
	} {
		spec := machine(l, 0)
		test.change(&spec)
		_, err := l.Start(t.Context(), spec)
		if test.says == "" {
			if err != nil {
				t.Errorf("%s: %v", test.name, err)
			}
			continue
		}
		var env *runner.EnvironmentError
		if !errors.As(err, &env) || !strings.Contains(err.Error(), test.says) || env.Hint != test.hint {
			t.Errorf("%s: %v (%T); want an EnvironmentError with %q and hint %q", test.name, err, err, test.says, test.hint)
		}
	}
	_, err = new(local.Backend).Open(t.Context(), runner.LabSpec{ID: newID(), Subnets: wanted, Internet: true})
	if env := (*runner.EnvironmentError)(nil); !errors.As(err, &env) {
		t.Errorf("a lab with the internet: %v, want an EnvironmentError", err)
	}
}

func TestAvailable(t *testing.T) {
	t.Parallel()
	if err := local.Available(t.Context()); err != nil {
		t.Error(err)
	}
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), forbidVariable+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	out, err := cmd.CombinedOutput()
	for _, want := range []string{"this machine gives no lab in namespaces: make a user namespace: ", "hint: sudo sysctl -w user.max_user_namespaces="} {
		if err != nil || !strings.Contains(string(out), want) {
			t.Errorf("where namespaces are forbidden: %v, %s; want %q", err, out, want)
		}
	}
}

// forbid makes the limit of this user namespace, of which the process is root,
// one of no namespaces.
func forbid() {
	err := os.WriteFile("/proc/sys/user/max_user_namespaces", []byte("0"), 0)
	if err == nil {
		err = local.Available(context.Background())
	}
	fmt.Println(err)
	if env := (*runner.EnvironmentError)(nil); errors.As(err, &env) {
		fmt.Println("hint:", env.Hint)
	}
	os.Exit(0)
}

// A machine that has ended can be started again under its name, which the
// others have once.
func TestAgain(t *testing.T) {
	t.Parallel()
	l := open(t, new(local.Backend), wanted)
	other := start(t, l, machine(l, 1))
	for range 2 {
		spec := machine(l, 0)
		spec.Command = []string{"sh", "-c", "read line"}
		m := start(t, l, spec)
		if got := sh(t, other, "getent hosts a-host | wc -l"); got != "1\n" {
			t.Errorf("another machine has the name %s times", got)
		}
		if got := sh(t, m, "getent hosts b-host | wc -l; grep -c a-host /etc/hosts"); got != "1\n1\n" {
			t.Errorf("the machine has the other's name and its own %q times", got)
		}
		state, err := m.State(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, pid := range tagged(t, state.IDs[0]) {
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
		}
		until(t, "the machine has ended", func() bool {
			state, err := m.State(t.Context())
			return err == nil && !state.Running
		})
		if r := run(t, other, "getent hosts a-host"); r.Status == 0 {
			t.Errorf("a machine that has ended has the name %s", r.Stdout)
		}
	}
}

// A machine that is started again has its files, wherever they are.
func TestRestart(t *testing.T) {
	t.Parallel()
	shared := t.TempDir()
	l := open(t, new(local.Backend), wanted)
	spec := machine(l, 0)
	spec.Files = map[string][]byte{"/srv/given": []byte("given")}
	spec.Mounts = []runner.Mount{{Path: "/data", Source: shared, Name: "data", Writable: true}}
	m := start(t, l, spec)
	sh(t, m, `set -e
		for dir in / /etc /usr/bin /var/lib /srv /root /tmp /home /new/deep /data; do mkdir -p $dir; echo "$dir" >"$dir/kept"; done
		echo run >/run/kept; echo shm >/dev/shm/lost
		rm /usr/bin/env /etc/passwd; echo changed >/srv/given; ip link set lo down 2>/dev/null || true`)
	for range 2 {
		if err := m.(runner.Lifecycle).Kill(t.Context()); err != nil {
			t.Fatal(err)
		}
		if r, err := m.Exec(t.Context(), runner.Command{Argv: []string{"true"}}); err == nil || !strings.Contains(err.Error(), "node a has ended: killed (SIGKILL)") {
			t.Errorf("a machine that was killed: %+v, %v", r, err)
		}
		if err := m.(runner.Lifecycle).Start(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	const want = "/\n/etc\n/usr/bin\n/var/lib\n/srv\n/root\n/tmp\n/home\n/new/deep\n/data\nrun\nchanged\na-host\n172.29.0.2\n02:42:ac:1d:00:02\n"
	if got := sh(t, m, `for dir in / /etc /usr/bin /var/lib /srv /root /tmp /home /new/deep /data; do cat "$dir/kept"; done
		cat /run/kept /srv/given; hostname; hostname -i; cat /sys/class/net/eth0/address; ls /usr/bin/env /etc/passwd /dev/shm/lost 2>/dev/null || true`); got != want {
		t.Errorf("the machine has\n%s\nwant\n%s", got, want)
	}
}

// A shell does not see that its programs were frozen, and what was stopped
// before stays so.
func TestFrozen(t *testing.T) {
	t.Parallel()
	l := open(t, new(local.Backend), wanted)
	m := start(t, l, machine(l, 0))
	life := m.(runner.Lifecycle)
	tty, err := m.Open(t.Context(), runner.Command{Argv: []string{"bash", "--norc", "-i"}, Rows: 30, Cols: 100, Env: map[string]string{"PS1": "ready$ "}})
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close()
	shown := make(chan string)
	go func() {
		text, _ := io.ReadAll(tty) // ended by Close
		shown <- string(text)
	}()
	const script = "sh -c 'sh -c \"touch /begun; cat /gate; exit 5\"; exit 6'; echo status $?; touch /over; exit\n"
	sh(t, m, "mkfifo /gate; sleep 1000 >/dev/null 2>&1 & echo $! >/stopped; kill -STOP $!")
	state := func() string { return sh(t, m, "cut -d' ' -f3 /proc/$(cat /stopped)/stat") }
	until(t, "it is stopped", func() bool { return state() == "T\n" })
	if _, err := io.WriteString(tty, script); err != nil {
		t.Fatal(err)
	}
	until(t, "the program has begun", func() bool { return run(t, m, "test -e /begun").Status == 0 })
	for range 20 {
		if err := life.Pause(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := m.Exec(t.Context(), runner.Command{Argv: []string{"true"}}); err == nil {
			t.Error("a machine that is paused runs a command")
		}
		if err := life.Resume(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if got := state(); got != "T\n" {
		t.Errorf("what was stopped before is %q", got)
	}
	sh(t, m, "echo >/gate")
	until(t, "the shell goes on", func() bool { return run(t, m, "test -e /over").Status == 0 })
	if status, err := tty.Status(t.Context()); err != nil || status != 0 {
		t.Errorf("the shell: status %d, %v", status, err)
	}
	if text := <-shown; !strings.Contains(text, "status 6") || strings.Contains(text, "Stopped") {
		t.Errorf("the shell shows %q", text)
	}
	if err := life.Pause(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := life.Stop(t.Context(), patience); err != nil {
		t.Error(err)
	}
}

// A server of another machine is known by its name to who asks from outside.
func TestNamesOfServers(t *testing.T) {
	t.Parallel()
	l := open(t, &local.Backend{Root: busybox(t)}, wanted)
	start(t, l, machine(l, 0))
	m := start(t, l, machine(l, 1))
	sh(t, m, "mkdir /www; echo hello >/www/index.html; httpd -p 8080 -h /www")
	for _, name := range []string{"b-host", "localhost"} {
		if status, body, err := m.(runner.Networked).Get(t.Context(), "http://"+name+":8080/"); err != nil || status != 200 || body != "hello\n" {
			t.Errorf("%s: %d, %q, %v", name, status, body, err)
		}
	}
}

// A program has three open files, whatever the runner has.
func TestOpenFiles(t *testing.T) {
	var fds [2]int
	if err := syscall.Pipe(fds[:]); err != nil { // as if inherited: not closed in what is started
		t.Fatal(err)
	}
	defer syscall.Close(fds[0])
	defer syscall.Close(fds[1])
	l := open(t, new(local.Backend), wanted)
	m := start(t, l, machine(l, 0))
	const script = "for n in 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do test ! -e /proc/self/fd/$n || readlink /proc/self/fd/$n; done"
	if got := sh(t, m, "exec 2>&1; "+script); strings.Contains(got, ":[") {
		t.Errorf("a program has %s", got)
	}
}

// What a program leaves behind does not hold its terminal or its streams open,
// and what it printed is all there.
func TestLeftBehind(t *testing.T) {
	t.Parallel()
	l := open(t, new(local.Backend), wanted)
	m := start(t, l, machine(l, 0))
	const script = "trap '' HUP; sleep 1000 & seq 20000; exit 3"
	r := run(t, m, script)
	if lines := bytes.Count(r.Stdout, []byte("\n")); lines != 20000 || r.Status != 3 {
		t.Errorf("exec: %d lines, status %d", lines, r.Status)
	}
	tty, err := m.Open(t.Context(), runner.Command{Argv: []string{"sh", "-c", script}, Rows: 30, Cols: 100})
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close()
	shown, err := io.ReadAll(tty)
	if lines := bytes.Count(shown, []byte("\r\n")); err != nil || lines != 20000 {
		t.Errorf("terminal: %d lines, %v", lines, err)
	}
	if status, err := tty.Status(t.Context()); err != nil || status != 3 {
		t.Errorf("terminal: status %d, %v", status, err)
	}
}

// wanted is the subnet of labs that do not care.
var wanted = []netip.Prefix{netip.MustParsePrefix("172.29.0.0/24")}

// newID is a lab's id that no other test has.
func newID() string { return strings.ToLower(rand.Text()[:10]) }

// open opens a lab whose leftovers fail the test.
func open(t *testing.T, b *local.Backend, subnets []netip.Prefix) runner.Lab {
	t.Helper()
	id := newID()
	l, err := b.Open(t.Context(), runner.LabSpec{ID: id, Scenario: "test", Subnets: subnets})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(context.Background()); err != nil {
			t.Error(err)
		}
		if there := left(t, id); len(there) > 0 {
			t.Errorf("left: %v", there)
		}
	})
	return l
}

// machine is the nth of a lab, with this host's programs.
func machine(l runner.Lab, n int) runner.MachineSpec {
	ip := l.Subnet().Addr().As4()
	ip[3] += byte(n) + 2
	name := string(rune('a' + n))
	return runner.MachineSpec{
		Name:     name,
		Hostname: name + "-host",
		IP:       netip.AddrFrom4(ip),
		MAC:      fmt.Sprintf("02:42:%02x:%02x:%02x:%02x", ip[0], ip[1], ip[2], ip[3]),
	}
}

func start(t *testing.T, l runner.Lab, spec runner.MachineSpec) runner.Machine {
	t.Helper()
	m, err := l.Start(t.Context(), spec)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func run(t *testing.T, m runner.Machine, script string) runner.ExecResult {
	t.Helper()
	r, err := m.Exec(t.Context(), runner.Command{Argv: []string{"sh", "-c", script}})
	if err != nil {
		t.Fatalf("%s: %v", script, err)
	}
	return r
}

// sh is what a script prints that succeeds.
func sh(t *testing.T, m runner.Machine, script string) string {
	t.Helper()
	r := run(t, m, script)
	if r.Status != 0 {
		t.Errorf("%s: status %d, %s", script, r.Status, r.Stderr)
	}
	return string(r.Stdout)
}

// until polls a condition.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited %s until %s", patience, what)
		}
	}
}

// rootOnly reports whether this user has no ids to give to a lab.
func rootOnly(t *testing.T) bool {
	t.Helper()
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	if me.Uid == "0" {
		return false
	}
	ranges, _ := os.ReadFile("/etc/subuid") // or there are none
	_, err = exec.LookPath("newuidmap")
	return err != nil || !regexp.MustCompile(`(?m)^(`+me.Uid+`|`+regexp.QuoteMeta(me.Username)+`):`).Match(ranges)
}

// left are the processes of a lab.
func left(t testing.TB, lab string) (found []string) {
	t.Helper()
	for _, pid := range append(tagged(t, lab), tagged(t, lab+"-")...) {
		found = append(found, "process "+strconv.Itoa(pid))
	}
	return found
}

// tagged are the helpers of a machine, of a lab, or, by "LAB-", of a lab's
// machines.
func tagged(t testing.TB, tag string) (pids []int) {
	t.Helper()
	environs, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range environs {
		env, _ := os.ReadFile(name) // it has ended, or is another user's
		for _, variable := range strings.Split(string(env), "\x00") {
			value, ok := strings.CutPrefix(variable, "SCENARIO_LOCAL=")
			if ok && (value == tag || strings.HasSuffix(tag, "-") && strings.HasPrefix(value, tag)) {
				pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(name)))
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

// busybox unpacks a root file system with little in it.
func busybox(t testing.TB) string {
	t.Helper()
	root := t.TempDir()
	archive := tar.NewReader(bytes.NewReader(dockertest.BusyboxRoot(t)))
	for {
		h, err := archive.Next()
		if err == io.EOF {
			return root
		}
		name := filepath.Join(root, h.Name)
		switch {
		case err != nil:
		case h.Typeflag == tar.TypeDir:
			if err = os.MkdirAll(name, 0o755); err == nil {
				err = os.Chmod(name, h.FileInfo().Mode())
			}
		case h.Typeflag == tar.TypeSymlink:
			err = os.Symlink(h.Linkname, name)
		case h.Typeflag == tar.TypeLink:
			err = os.Link(filepath.Join(root, h.Linkname), name)
		default:
			var content []byte
			if content, err = io.ReadAll(archive); err == nil {
				err = os.WriteFile(name, content, os.FileMode(h.Mode))
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
