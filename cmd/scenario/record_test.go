package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/filters"
	"golang.org/x/term"

	"scenario/runner/docker"
	"scenario/runner/docker/dockertest"
)

// typist is a person in front of a `scenario record` on a terminal.
type typist struct {
	t      *testing.T
	cmd    *exec.Cmd
	tty    *os.File
	slave  *os.File
	name   string
	dir    string // where the command was typed
	before *term.State

	mu    sync.Mutex
	shown string
	seen  int
	done  chan struct{}
}

// ends is what stands behind each prompt of a shell.
const ends = "\x1b]133;B\a"

// record types a `scenario record`, and waits for the shell.
func record(t *testing.T, name string) *typist {
	t.Helper()
	dockertest.Leftovers(t, docker.LabelScenario+"="+name)
	p := &typist{t: t, name: name, dir: t.TempDir(), done: make(chan struct{})}
	p.cmd = exec.Command("scenario", "record", "--image", dockertest.Busybox(t), name)
	p.cmd.Dir = p.dir
	p.cmd.Env = append(os.Environ(), "CI=true", "NO_COLOR=1", "TERM=xterm-256color", "TMPDIR="+t.TempDir())
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := pty.Setsize(master, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		t.Fatal(err)
	}
	if p.before, err = term.GetState(int(slave.Fd())); err != nil {
		t.Fatal(err)
	}
	p.tty, p.slave = master, slave
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = slave, slave, slave
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.done)
		buf := make([]byte, 4096)
		for {
			n, err := master.Read(buf)
			p.mu.Lock()
			p.shown += string(buf[:n])
			p.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		p.cmd.Process.Signal(syscall.SIGTERM)
		p.cmd.Wait()
		slave.Close()
		master.Close()
		<-p.done
	})
	p.sees("exit or Ctrl-D ends it")
	p.sees(ends)
	return p
}

func (p *typist) types(keys string) {
	p.t.Helper()
	if _, err := p.tty.WriteString(keys); err != nil {
		p.t.Fatal(err)
	}
}

// comes says whether a text comes, after those that have been seen.
func (p *typist) comes(text string, within time.Duration) bool {
	for end := time.Now().Add(within); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		p.mu.Lock()
		i := strings.Index(p.shown[p.seen:], text)
		if i >= 0 {
			p.seen += i + len(text)
		}
		p.mu.Unlock()
		if i >= 0 {
			return true
		}
	}
	return false
}

func (p *typist) sees(text string) {
	p.t.Helper()
	if !p.comes(text, time.Minute) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.t.Fatalf("%q did not come; there is\n%s", text, p.shown)
	}
}

// does types lines, and waits for the prompt behind each.
func (p *typist) does(lines ...string) {
	p.t.Helper()
	for _, l := range lines {
		p.types(l)
		p.sees(ends)
	}
}

// did types a line, and returns what came up to the prompt behind it.
func (p *typist) did(line string) string {
	p.t.Helper()
	from := p.seen
	p.does(line)
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.shown[from:p.seen]
}

// leaves waits for the command's end, and holds its exit status and what it has
// left on the terminal and in Docker against what is right.
func (p *typist) leaves(code int) (said string) {
	p.t.Helper()
	err := p.cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		p.t.Fatal(err)
	}
	after, err := term.GetState(int(p.slave.Fd()))
	if err != nil {
		p.t.Fatal(err)
	}
	p.slave.Close()
	<-p.done
	p.mu.Lock()
	defer p.mu.Unlock()
	if got := p.cmd.ProcessState.ExitCode(); got != code {
		p.t.Errorf("exit status %d, want %d; the terminal shows\n%s", got, code, p.shown)
	}
	if !reflect.DeepEqual(after, p.before) {
		p.t.Errorf("the terminal is not as it was:\n%+v, and was\n%+v", after, p.before)
	}
	return p.shown
}

func (p *typist) file(path ...string) string {
	p.t.Helper()
	text, err := os.ReadFile(filepath.Join(append([]string{p.dir, p.name}, path...)...))
	if err != nil {
		p.t.Error(err)
	}
	return string(text)
}

func TestRecord(t *testing.T) {
	p := record(t, "test-record")
	p.does("echo hellx\x7fo\r", "\r", "cd /tmp\r", "(exit 3)\r", "for i in 1 2; do\r", "  echo $i\r", "done\r", "ehco no\x03")
	p.types("echo go; cat > notes\r")
	p.sees("go\r\n")
	p.does("some text\r\x04", `echo "it's" \\.`+"\r")
	for range 2 { // one up and one more, which there is no text to tell apart by
		p.types("\x1b[A")
		p.sees(ends)
	}
	p.types("\x1b[B")
	p.sees(`it's`)
	p.does("\r", "sh\r", "echo in\r", "\x04")
	p.types("exit\r")
	said := p.leaves(exitOK)

	want := fmt.Sprintf(`"""test-record: what a reader of this lesson types, and what they see."""

# A machine. It is a container with Debian, unless it says another image.
web = node("web", image = image(%q))

# A step is what a reader types. Each is where the one before has gone, and what
# it shows is compared with golden/.
web.sh("echo hello")
web.sh("cd /tmp")

# An exit status other than 0 is declared; any other is an error.
web.sh("(exit 3)", status = 3)

# Several lines are typed one after the other, each at the prompt for it.
web.sh("""
for i in 1 2; do
  echo $i
done
""")

# Left out:
#     echo go; cat > notes
# Keys were pressed while it ran, and it has read them. It can be written by
# hand: `+"`scenario doc Terminal` says how, and `scenario doc Terminal.key`"+`.

web.sh(r'''echo "it's" \\.''')
web.sh(r'''echo "it's" \\.''')

# This starts a program. What is typed next is typed into it, until it is left.
web.sh("sh", enters = program("sh", ["sh"], shell = True))
web.sh("echo in")

# The program is left: what is typed next is typed into the one below it.
web.sh.key("ctrl-d")
web.sh.wait(leaves = True)

# What is another in each run, such as a date, says so: `+"`scenario doc volatile`"+`.
# A part with a golden of its own begins with a chapter: `+"`scenario doc chapter`"+`.
`, dockertest.Busybox(t))
	if got := p.file("test-record.star"); got != want {
		t.Errorf("the script is\n%s\nand should be\n%s", got, want)
	}
	const golden = `$ echo hello
hello
$ cd /tmp
$ (exit 3)
$ for i in 1 2; do
>   echo $i
> done
1
2
$ echo "it's" \\.
it's \.
`
	if got := p.file("golden", "test-record@web.sh.golden"); !strings.HasPrefix(got, golden) || !strings.Contains(got, "$ echo in\nin\n") {
		t.Errorf("the golden is\n%s\nand should begin with\n%s", got, golden)
	}
	for _, text := range []string{
		"  new  test-record/test-record.star\r\n",
		"warning: test-record/test-record.star leaves out 1 thing that you typed;\r\n         comments in it say which, and why\r\n",
		"  new  test-record/golden/test-record@web.sh.golden\r\n",
		"ok  test-record: ",
		"play it again: scenario run test-record\r\n",
	} {
		if !strings.Contains(said, text) {
			t.Errorf("it does not say %q:\n%s", text, said)
		}
	}

	again := exec.Command("scenario", "run", "--frozen", p.name)
	again.Dir = p.dir
	if out, err := again.CombinedOutput(); err != nil {
		t.Errorf("played again: %v\n%s", err, out)
	}
	formatted := exec.Command("scenario", "fmt", "--check", p.name)
	formatted.Dir = p.dir
	if out, err := formatted.CombinedOutput(); err != nil {
		t.Errorf("it is not formatted: %v\n%s", err, out)
	}
	twice := exec.Command("scenario", "record", p.name)
	twice.Dir = p.dir
	out, _ := twice.CombinedOutput()
	if twice.ProcessState.ExitCode() != exitUsage || !strings.Contains(string(out), "there is a test-record already, and nothing is overwritten") {
		t.Errorf("recorded again: %d\n%s", twice.ProcessState.ExitCode(), out)
	}
}

func TestRecordNothing(t *testing.T) {
	p := record(t, "test-record-nothing")
	p.does("\r")
	p.types("\x04")
	said := p.leaves(exitOK)
	if !strings.Contains(said, "nothing was typed, and nothing is written\r\n") {
		t.Errorf("it says\n%s", said)
	}
	if entries, _ := os.ReadDir(p.dir); len(entries) > 0 {
		t.Errorf("it has written %v", entries)
	}
}

// A play that fails leaves the script, and says why.
func TestRecordThatDoesNotPlay(t *testing.T) {
	p := record(t, "test-record-fails")
	p.types("echo go; cat > notes\r")
	p.sees("go\r\n")
	p.does("some text\r\x04", "cat notes\r")
	p.types("exit\r")
	said := p.leaves(exitStep)
	if !strings.Contains(said, "error: test-record-fails/test-record-fails.star:") || !strings.Contains(said, "exit status 1, not") {
		t.Errorf("it says\n%s", said)
	}
	if !strings.Contains(p.file("test-record-fails.star"), `web.sh("cat notes")`) {
		t.Error("the script is not there")
	}
}

// Whatever ends a recording, what was typed is written, and the terminal is as
// it was.
func TestRecordCutOff(t *testing.T) {
	for _, test := range []struct {
		name string
		cut  func(p *typist)
		code int
		says string
	}{
		{"term", func(p *typist) { p.cmd.Process.Signal(syscall.SIGTERM) }, exitInterrupted, "error: interrupted"},
		{"hup", func(p *typist) { p.cmd.Process.Signal(syscall.SIGHUP) }, exitInterrupted, "error: interrupted"},
		{"killed", func(p *typist) {
			api := dockertest.Client(p.t)
			list, err := api.ContainerList(p.t.Context(), container.ListOptions{Filters: filters.NewArgs(filters.Arg("label", docker.LabelScenario+"="+p.name))})
			if err != nil || len(list) == 0 {
				p.t.Fatal(list, err)
			}
			for _, c := range list {
				if strings.Contains(c.Names[0], "web") {
					err = api.ContainerKill(p.t.Context(), c.ID, "KILL")
				}
			}
			if err != nil {
				p.t.Fatal(err)
			}
		}, exitEnvironment, "error: the machine is gone"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := record(t, "test-record-"+test.name)
			p.does("echo hello\r")
			// The window's size follows, also that of the node's terminal.
			if err := pty.Setsize(p.tty, &pty.Winsize{Rows: 33, Cols: 90}); err != nil {
				t.Fatal(err)
			}
			for !strings.Contains(p.did("stty size\r"), "33 90") {
			}
			p.types("echo bye\r")
			p.sees("\nbye\r\n") // the shell may have drawn its prompt again for the new size
			p.sees(ends)
			test.cut(p)
			said := p.leaves(test.code)
			if !strings.Contains(said, test.says) {
				t.Errorf("it does not say %q:\n%s", test.says, said)
			}
			if !strings.Contains(p.file(p.name+".star"), "\nweb.sh(\"echo hello\")\nweb.sh(\"stty size\")\n") || !strings.Contains(p.file(p.name+".star"), "\nweb.sh(\"echo bye\")\n") {
				t.Errorf("the script is\n%s", p.file(p.name+".star"))
			}
		})
	}
}
