package terminal

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"scenario/runner/terminal/ptytest"
)

// person is somebody at a terminal on this host, and a Transcript that listens.
type person struct {
	t   *testing.T
	tty *os.File
	dir string
	*Transcript

	mu    sync.Mutex
	shown strings.Builder
	done  chan struct{}
}

// sit starts a shell in a folder of its own.
func sit(t *testing.T, p Program, dir string, known func(string) *Program) *person {
	t.Helper()
	cmd := exec.Command(p.Argv[0], p.Argv[1:]...)
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "LANG=C.UTF-8", "HISTFILE=/dev/null")
	for k, v := range p.Env {
		cmd.Env = append(cmd.Env, k+"="+v)
	}
	cmd.Dir = dir
	f, err := ptytest.Start(cmd, 60, 24)
	if err != nil {
		t.Fatal(err)
	}
	who := &person{t: t, tty: f, dir: dir, Transcript: NewTranscript(p, 60, 24, known, nil), done: make(chan struct{})}
	go func() {
		defer close(who.done)
		buf := make([]byte, 4096)
		for {
			n, err := f.Read(buf)
			who.mu.Lock()
			who.Shown(buf[:n])
			who.shown.Write(buf[:n])
			who.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		cmd.Process.Kill()
		f.Close()
		<-who.done
		cmd.Wait()
	})
	who.sees("\x1b]133;B")
	return who
}

// types presses keys, as a person would who sees their echo and not what it brings.
func (p *person) types(keys string) {
	p.t.Helper()
	p.Typed([]byte(keys))
	if _, err := io.WriteString(p.tty, keys); err != nil {
		p.t.Fatal(err)
	}
}

// sees waits for text that has come since the last time it was called.
func (p *person) sees(text string) {
	p.t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
		p.mu.Lock()
		shown := p.shown.String()
		if i := strings.Index(shown, text); i >= 0 {
			p.shown.Reset()
			p.shown.WriteString(shown[i+len(text):])
			p.mu.Unlock()
			return
		}
		p.mu.Unlock()
		if time.Now().After(end) {
			p.t.Fatalf("%q did not come; there is %q", text, shown)
		}
	}
}

// gate lets what reads from the pipe g go on.
func (p *person) gate() {
	if err := os.WriteFile(filepath.Join(p.dir, "g"), []byte("go\n"), 0); err != nil {
		p.t.Error(err)
	}
}

const aPrompt = "\x1b]133;B\a"

// does types each of the texts, and waits for the prompt that answers it.
func (p *person) does(texts ...string) {
	p.t.Helper()
	for _, text := range texts {
		p.types(text)
		p.sees(aPrompt)
	}
}

// ends leaves the shell, and returns the turns as text.
func (p *person) ends() []string {
	p.t.Helper()
	p.types("exit\r")
	<-p.done
	return tell(p.End())
}

func tell(turns []Turn) []string {
	var told []string
	for _, u := range turns {
		s := strings.Join(u.Lines, " ⏎ ")
		if u.Status != nil && *u.Status != 0 {
			s += fmt.Sprintf(" =%d", *u.Status)
		}
		if u.Enters != nil {
			s += " enters " + u.Enters.Name
		}
		if u.Leaves {
			s += " leaves " + u.In.Name
		}
		if len(u.Keys) > 0 {
			s += fmt.Sprintf(" keys %q", u.Keys)
		}
		if u.Doubt {
			s += " doubt"
		}
		if u.Last {
			s += " last"
		}
		told = append(told, s)
	}
	return told
}

func TestTranscript(t *testing.T) {
	long := "echo " + strings.Repeat("0123456789", 12)
	wide := "echo " + strings.Repeat("元氣ですか", 10)
	only := func(shells string, want ...string) map[string][]string {
		m := map[string][]string{}
		for _, s := range strings.Fields(shells) {
			m[s] = want
		}
		return m
	}
	all := func(want ...string) map[string][]string { return only("dash bash ash", want...) }
	for _, test := range []struct {
		summary string
		do      func(p *person)
		want    map[string][]string
	}{
		{"commands", func(p *person) { p.does("echo hello\r", "cd /tmp\r", "pwd\r") }, all("echo hello", "cd /tmp", "pwd")},
		{"a status", func(p *person) { p.does("(exit 3)\r", "true\r") }, all("(exit 3) =3", "true")},
		{"backspace", func(p *person) { p.does("echo héllx\x7f\x7f\x7f\x7fello\r") }, all("echo hello")},
		{"empty lines", func(p *person) { p.does("\r", "  \r", "echo a\r", "\r") }, all("echo a")},
		{"nothing", func(p *person) {}, all()},
		{"several lines", func(p *person) { p.does("for i in 1 2; do\r", "  echo $i\r", "done\r", "echo b\r") },
			all("for i in 1 2; do ⏎   echo $i ⏎ done", "echo b")},
		{"a text of several lines", func(p *person) { p.does("echo 'a\r", "\r", "b'\r") }, all("echo 'a ⏎  ⏎ b'")},
		{"a line that wraps", func(p *person) { p.does(long+"\r", wide+"\r", "echo b\r") }, all(long, wide, "echo b")},
		{"no newline at the end", func(p *person) { p.does("printf foo\r", "echo bar\r") }, all("printf foo", "echo bar")},
		{"ctrl-c at the prompt", func(p *person) {
			for _, before := range []string{"true\r", "for i in 1; do\r"} {
				p.does(before)
				p.types("echo n")
				p.sees("echo n")
				p.does("\x03", "echo a\r")
			}
		}, all("true", "echo a", "echo a")},
		{"ctrl-c in a command", func(p *person) {
			p.types("sh -c 'echo go; exec sleep 1000'\r")
			p.sees("go\r\n")
			p.does("\x03", "echo a\r")
		}, all(`sh -c 'echo go; exec sleep 1000' =130 keys "\x03"`, "echo a")},
		{"a command that reads", func(p *person) {
			p.types("echo go; read x; echo got $x\r")
			p.sees("go\r\n")
			p.types("foo\r")
			p.sees("got foo")
			p.sees(aPrompt)
			p.does("echo a\r")
		}, all(`echo go; read x; echo got $x keys "foo\r"`, "echo a")},
		{"a command that reads to the end", func(p *person) {
			p.types("echo go; cat > f\r")
			p.sees("go\r\n")
			p.types("echo no\r")
			p.sees("\r\n")
			p.does("\x04", "cat f\r")
		}, all(`echo go; cat > f keys "echo no\r\x04"`, "cat f")},
		{"typed ahead", func(p *person) {
			p.types("mkfifo g; echo go; read x < g\r")
			p.sees("go\r\n")
			p.types("echo a b\rcd .\rcd /\recho c\r")
			p.sees("c\r\n")
			p.gate()
			p.sees(aPrompt)
			p.sees(aPrompt)
			p.sees(aPrompt)
			p.sees(aPrompt)
			p.sees(aPrompt)
			p.does("echo d\r")
		}, all("mkfifo g; echo go; read x < g", "echo a b", "cd .", "cd /", "echo c", "echo d")},
		{"an end that is typed ahead", func(p *person) {
			p.types("mkfifo g; echo go; read x < g\r")
			p.sees("go\r\n")
			p.types("exit\r")
			p.sees("exit")
			p.gate()
			<-p.done
		}, all("mkfifo g; echo go; read x < g")},
		{"the screen is cleared", func(p *person) { p.does("printf '\\033[H\\033[2J'; echo x\r", "echo b\r", "clear\r", "echo c\r") },
			all(`printf '\033[H\033[2J'; echo x`, "echo b", "clear", "echo c")},
		{"output beside the prompt", func(p *person) {
			p.does("mkfifo g\r", "(read x < g; echo; echo noise) &\r")
			p.types("echo hel")
			p.sees("echo hel")
			p.gate()
			p.sees("noise\r\n")
			p.does("lo\r", "echo b\r")
		}, all("mkfifo g", "(read x < g; echo; echo noise) &", "echo hello", "echo b")},
		{"history", func(p *person) {
			p.does("echo one\r", "echo two\r", "\x1b[A\x1b[A\r", "\x1b[A\x01\x1b[C\x1b[C\x1b[C\x1b[C\x1b[C\x1b[3~\x1b[3~\x1b[3~x\x05y\r")
		},
			only("bash ash", "echo one", "echo two", "echo one", "echo xy")},
		{"arrows that nobody understands", func(p *person) { p.does("\x1b[Aecho one\r") }, only("dash", "^[[Aecho one =127 doubt")},
		{"completion", func(p *person) {
			p.does("touch first.txt fill.txt\r")
			p.types("cat fi")
			p.sees("cat fi")
			p.types("\t\t")
			p.sees("first.txt")
			p.sees("cat fi")
			p.types("rs\t")
			p.sees("rst.txt ")
			p.does("\r", "echo b\r")
		}, only("bash ash", "touch first.txt fill.txt", "cat first.txt", "echo b")},
		{"a clear of the screen by a key", func(p *person) {
			p.types("echo a")
			p.sees("echo a")
			p.types("\x0c")
			p.sees("echo a")
			p.does("b\r", "echo c\r")
		}, only("bash ash", "echo ab", "echo c")},
		{"a paste of lines", func(p *person) { p.does("\x1b[200~echo a\necho b\x1b[201~\r", "echo c\r") }, only("bash", "echo a ⏎ echo b", "echo c")},
		{"what the terminal itself says", func(p *person) { p.types("echo a"); p.Typed([]byte("\x1b[24;1R")); p.does("b\r") }, all("echo ab")},
		{"a line that ends the shell", func(p *person) { p.does("echo a\r"); p.types("exec true\r"); <-p.done }, all("echo a", "exec true last")},
	} {
		for name, shell := range shells(t) {
			want, ok := test.want[name]
			if !ok {
				continue
			}
			t.Run(test.summary+"/"+name, func(t *testing.T) {
				p := sit(t, shell, t.TempDir(), nil)
				test.do(p)
				var got []string
				select {
				case <-p.done:
					got = tell(p.End())
				default:
					got = p.ends()
				}
				if strings.Join(got, "\n") != strings.Join(want, "\n") {
					t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
			})
		}
	}
}

// Programs that are entered and left, in each other.
func TestTranscriptNested(t *testing.T) {
	const script = `#!/bin/sh
n=1
while printf 'repl(%d)> ' $n; read -r what arg; do
	n=$((n+1))
	case $what in
	bye) exit $arg ;;
	more) printf '... '; read -r rest; echo "$arg $rest" ;;
	ask) printf 'name? '; read -r name; echo "hi $name" ;;
	same) n=$((n-1)) ;;
	sh) SHELL ;;
	*) echo "$what $arg" ;;
	esac
done
echo
`
	repl := Program{Name: "repl", Prompt: regexp.MustCompile(`repl\((?P<n>\d+)\)> $`), Continuation: regexp.MustCompile(`^\.\.\. $`)}
	marked := Program{Name: "marked", Marked: true}
	known := func(name string) *Program { return map[string]*Program{"repl": &repl, "marked": &marked}[name] }
	for name, shell := range shells(t) {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for file, text := range map[string]string{
				"repl":   strings.ReplaceAll(script, "SHELL", inner(shell)),
				"marked": "#!/bin/sh\nwhile printf '\\033]133;A\\007> \\033]133;B\\007'; read -r line; do eval \"$line\"; done\n",
			} {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			p := sit(t, shell, dir, known)
			say := func(text, answer string) {
				t.Helper()
				p.types(text)
				p.sees(answer)
			}
			say("true && ./repl -x\r", "repl(1)> ")
			say("hellx\x7fo\r", "repl(2)> ")
			say("more a\r", "... ")
			say("b\r", "repl(3)> ")
			say("ask\r", "name? ")
			say("me\r", "repl(4)> ")
			say("same\r", "repl(4)> ")
			say("sh\r", aPrompt)
			say("(exit 3)\r", aPrompt)
			say("./marked\r", aPrompt)
			say("echo in marked\r", aPrompt)
			say("\x04", aPrompt)
			say("exit 2\r", "repl(5)> ")
			say("again\r", "repl(6)> ")
			say("bye 4\r", aPrompt)
			say("./repl\r", "repl(1)> ")
			say("\x04", aPrompt)
			say("./nothing/repl\r", aPrompt)
			say(inner(shell)+"\r", aPrompt)
			say("\x04", aPrompt)
			word := command(inner(shell))
			want := []string{
				"true && ./repl -x enters repl", "hello", "more a ⏎ b", `ask keys "me\r"`, "same", "sh enters sh", "(exit 3) =3",
				"./marked enters marked", "echo in marked", ` leaves marked keys "\x04"`, "exit 2 leaves sh", "again", "bye 4 =4 leaves repl",
				"./repl enters repl", ` leaves repl keys "\x04"`, "./nothing/repl =127", inner(shell) + " enters " + word, " leaves " + word + ` keys "\x04"`,
			}
			got := p.ends()
			for i := range got { // what they leave with is the shells' own matter
				if strings.HasPrefix(got[i], " =") {
					got[i] = got[i][strings.Index(got[i], " leaves"):]
				}
			}
			if strings.Join(got, "\n") != strings.Join(want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}
