package source

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"scenario/runner"
	"scenario/runner/terminal"
	"scenario/starlib"
)

// typed is a turn in a shell.
func typed(lines ...string) terminal.Turn {
	status := 0
	return terminal.Turn{In: terminal.Shell("sh", []string{"sh"}, "$ "), Lines: lines, Status: &status}
}

func ended(t terminal.Turn, status int) terminal.Turn {
	t.Status = &status
	return t
}

func TestRecorded(t *testing.T) {
	programs := map[string]*terminal.Program{}
	for _, p := range starlib.Programs() {
		programs[p.Command] = &p.Program.Program
	}
	python, iex := programs["python3"], programs["iex"]
	if python == nil || iex == nil {
		t.Fatalf("there is no python3 or no iex among %v", programs)
	}
	bash := terminal.Shell("bash", []string{"bash"}, "$ ")
	for _, test := range []struct {
		summary string
		image   *runner.Image
		shell   []string
		turns   []terminal.Turn
		has     []string // in this order
		not     string
	}{
		{summary: "the plainest", turns: []terminal.Turn{typed("true")},
			has: []string{"\"\"\"test: what a reader", "\nweb = node(\"web\")\n", "\nweb.sh(\"true\")\n", "scenario doc chapter"}, not: "load("},
		{summary: "an image", image: &runner.Image{Ref: "alpine:3.20"}, turns: []terminal.Turn{typed("true")},
			has: []string{`web = node("web", image = image("alpine:3.20"))`}},
		{summary: "a suite", image: &runner.Image{Suite: "trixie"}, turns: []terminal.Turn{typed("true")},
			has: []string{`web = node("web", image = debian("trixie"))`}},
		{summary: "packages", image: &runner.Image{Suite: "bookworm", Packages: []string{"nginx", "curl"}}, turns: []terminal.Turn{typed("true")},
			has: []string{`web = node("web", image = debian("bookworm", ["nginx", "curl"]))`}},
		{summary: "a shell", shell: []string{"bash", "--norc"}, turns: []terminal.Turn{typed("true")},
			has: []string{`bash = web.terminal(program("bash", ["bash", "--norc"], shell = True))`, "\nbash(\"true\")\n"}},
		{summary: "a shell whose name is none", shell: []string{"/opt/web-1"}, turns: []terminal.Turn{typed("true")},
			has: []string{"_opt_web_1 = web.terminal(", "\n_opt_web_1(\"true\")\n"}},
		{summary: "statuses are explained once", turns: []terminal.Turn{ended(typed("false"), 1), ended(typed("(exit 42)"), 42)},
			has: []string{"An exit status other than 0", "web.sh(\"false\", status = 1)\nweb.sh(\"(exit 42)\", status = 42)\n"}},
		{summary: "quotes", turns: []terminal.Turn{typed(`echo "a"`), typed(`echo 'a'`), typed(`echo "it's"`), typed(`echo \a`), typed(`echo \`), typed(`echo 元氣 "\d"`), typed(`''' "a"`)},
			has: []string{"web.sh('echo \"a\"')\n", `web.sh("echo 'a'")`, `web.sh('''echo "it's"''')`, `web.sh(r"echo \a")`, `web.sh("echo \\")`, `web.sh(r'echo 元氣 "\d"')`, `web.sh("''' \"a\"")`}},
		{summary: "lines", turns: []terminal.Turn{typed("for i in 1; do", "", `  echo '\n'`, "done", "")},
			has: []string{"web.sh(r'''\nfor i in 1; do\n\n  echo '\\n'\ndone\n''')\n"}},
		{summary: "what takes long", turns: []terminal.Turn{{In: bash, Lines: []string{"make"}, Took: 21 * time.Second}},
			has: []string{`web.sh("make", timeout = 70)`}},
		{summary: "a program, and one that needs something", turns: []terminal.Turn{
			{In: bash, Lines: []string{"iex"}, Enters: iex},
			{In: *iex, Lines: []string{"1 + 1"}},
			ended(terminal.Turn{In: *iex, Lines: []string{"System.halt()"}, Leaves: true}, 0),
			{In: bash, Lines: []string{"python3 -q"}, Enters: python},
			ended(terminal.Turn{In: *python, Lines: []string{"exit(3)"}, Leaves: true}, 3),
		}, has: []string{
			"load(\"std/elixir.star\", \"elixir\")\nload(\"std/python.star\", \"python\")\n",
			"`scenario doc python`", `node("web", env = python.env, files = python.files)`,
			`web.sh("iex", enters = elixir.iex)`, `web.sh("1 + 1")`, "web.sh.quit()\n",
			`web.sh("python3 -q", enters = python.python3)`, `web.sh("exit(3)", leaves = True, status = 3)`,
		}},
		{summary: "a shell in a shell", turns: []terminal.Turn{
			{In: bash, Lines: []string{"bash -l"}, Enters: &bash},
			ended(terminal.Turn{In: bash, Leaves: true, Keys: []byte("\x04")}, 2),
			{In: bash, Lines: []string{"iex"}, Enters: iex},
			{In: *iex, Leaves: true, Keys: []byte("\x03\x03")},
			{In: bash, Lines: []string{"iex"}, Enters: iex},
			{In: *iex, Leaves: true},
		}, has: []string{
			`web.sh("bash -l", enters = program("bash", ["bash"], shell = True))`,
			"web.sh.key(\"ctrl-d\")\nweb.sh.wait(leaves = True, status = 2)\n",
			"left by keys", "System.halt()", "web.sh.quit()\n", "web.sh.wait(leaves = True)\n",
		}},
		{summary: "what no step can say", turns: []terminal.Turn{
			{In: bash, Lines: []string{"vi notes"}, Keys: []byte(":q\r")},
			{In: bash, Lines: []string{"sleep 9"}, Keys: []byte("\x03")},
			{In: bash, Lines: []string{"^[[A\x01x"}, Doubt: true},
			{In: bash, Lines: []string{"exec ls"}, Last: true},
		}, has: []string{
			"# Left out:\n#     vi notes\n# Keys were pressed while it ran", "scenario doc Terminal.key",
			"#     sleep 9\n# It was ended with Ctrl-C", "#     ^[[A·x\n# The window does not show", "#     exec ls\n# The recording ended",
		}, not: "web.sh("},
	} {
		t.Run(test.summary, func(t *testing.T) {
			r := Recorded{Name: "test", Image: test.image, Shell: test.shell, Turns: test.turns}
			path := filepath.Join(t.TempDir(), "test.star")
			script, leftOut := r.Script()
			if want := strings.Count(script, "# Left out:"); leftOut != want {
				t.Errorf("%d are said to be left out of a script with %d such comments", leftOut, want)
			}
			if err := os.WriteFile(path, []byte(script), 0o644); err != nil {
				t.Fatal(err)
			}
			_, text, err := Format(path)
			if err != nil {
				t.Fatalf("%v:\n%s", err, script)
			}
			rest := script
			for _, has := range test.has {
				_, after, ok := strings.Cut(rest, has)
				if !ok {
					t.Fatalf("there is no\n%s\nin its place in\n%s", has, text)
				}
				rest = after
			}
			if test.not != "" && strings.Contains(script, test.not) {
				t.Errorf("there is a %s in\n%s", test.not, text)
			}
		})
	}
}
