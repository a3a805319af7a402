package source

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"scenario/runner"
	"scenario/runner/terminal"
	"scenario/starlib"
)

// Recorded is a scenario that a person has typed into a shell: one node, one
// window.
type Recorded struct {
	Name  string
	Image *runner.Image // nil for what a node is made of by itself
	// Shell is the program of the window; nil for the node's own /bin/sh.
	Shell []string
	Turns []terminal.Turn
}

// Machine is a script that makes the node, and on it all that the programs of
// the std files need, so that whatever is started there can be followed.
func (r Recorded) Machine() string {
	var libs []starlib.StdProgram
	for _, p := range starlib.Programs() {
		libs = needed(libs, p)
	}
	w := &writer{r: r}
	w.head(libs)
	return w.String()
}

// Script is the scenario with a step for each turn. What no step can say is
// left out, and a comment in its place says so; leftOut counts such turns.
func (r Recorded) Script() (text string, leftOut int) {
	w := &writer{r: r, explained: map[string]bool{}}
	w.line(`"""%s: what a reader of this lesson types, and what they see."""`, r.Name)
	w.line("")
	var libs []starlib.StdProgram
	var files []string
	for _, t := range r.Turns {
		if p := std(t.Enters); p != nil && !t.Last {
			libs = needed(libs, *p)
			if load := fmt.Sprintf("load(%q, %q)", p.File, p.Library); !slices.Contains(files, load) {
				files = append(files, load)
			}
		}
	}
	slices.Sort(files)
	for _, load := range files {
		w.line("%s", load)
	}
	if len(files) > 0 {
		w.line("")
	}
	w.comment("A machine. It is a container with Debian, unless it says another image.")
	if len(libs) > 0 {
		w.comment("What env and files are for, `scenario doc %s` says.", libs[0].Library)
	}
	w.node(libs)
	w.window = "web.sh"
	if len(r.Shell) > 0 {
		w.line("")
		w.comment("A window on it, in which a shell stays open.")
		w.window = variable(r.Shell[0])
		w.line("%s = web.terminal(program(%s, %s, shell = True))", w.window, quote(r.Shell[0]), list(r.Shell))
	}
	w.teach("step", "A step is what a reader types. Each is where the one before has gone, and what it shows is compared with golden/.")
	for _, t := range r.Turns {
		w.turn(t)
	}
	w.line("")
	w.comment("What is another in each run, such as a date, says so: `scenario doc volatile`. A part with a golden of its own begins with a chapter: `scenario doc chapter`.")
	return w.String(), w.missing
}

// std finds the std program that a turn enters; nil for a shell.
func std(p *terminal.Program) *starlib.StdProgram {
	if p == nil || p.Shell {
		return nil
	}
	for _, s := range starlib.Programs() {
		if s.Program.Name == p.Name {
			return &s
		}
	}
	return nil
}

// needed adds p's library, if it needs something of its machine.
func needed(libs []starlib.StdProgram, p starlib.StdProgram) []starlib.StdProgram {
	if len(p.Needs) > 0 && !slices.ContainsFunc(libs, func(q starlib.StdProgram) bool { return p.Library == q.Library }) {
		libs = append(libs, p)
	}
	return libs
}

// writer writes a script line by line.
type writer struct {
	strings.Builder
	r         Recorded
	window    string
	explained map[string]bool // what a comment has explained already
	taught    []string        // what the next one explains
	missing   int             // turns that were left out
}

func (w *writer) line(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }

// comment writes a comment of lines that are not too long.
func (w *writer) comment(format string, args ...any) {
	line := "#"
	for _, word := range strings.Fields(fmt.Sprintf(format, args...)) {
		if len(line)+1+len(word) > 80 && line != "#" {
			w.line("%s", line)
			line = "#"
		}
		line += " " + word
	}
	w.line("%s", line)
}

// teach explains something where it is first met.
func (w *writer) teach(what, comment string) {
	if !w.explained[what] {
		w.explained[what] = true
		w.taught = append(w.taught, comment)
	}
}

// step writes a step below what is to be explained of it.
func (w *writer) step(call string, args ...string) {
	if len(w.taught) > 0 {
		w.line("")
		w.comment("%s", strings.Join(w.taught, " "))
		w.taught = nil
	}
	w.line("%s%s(%s)", w.window, call, strings.Join(args, ", "))
}

func (w *writer) head(libs []starlib.StdProgram) {
	for _, l := range libs {
		w.line("load(%q, %q)", l.File, l.Library)
	}
	w.node(libs)
}

func (w *writer) node(libs []starlib.StdProgram) {
	args := []string{`"web"`}
	switch i := w.r.Image; {
	case i == nil:
	case i.Suite == "":
		args = append(args, fmt.Sprintf("image = image(%s)", quote(i.Ref)))
	case len(i.Packages) == 0:
		args = append(args, fmt.Sprintf("image = debian(%s)", quote(i.Suite)))
	default:
		args = append(args, fmt.Sprintf("image = debian(%s, %s)", quote(i.Suite), list(i.Packages)))
	}
	for _, arg := range []string{"env", "files"} {
		var from []string
		for _, l := range libs {
			if slices.Contains(l.Needs, arg) {
				from = append(from, l.Library+"."+arg)
			}
		}
		if len(from) > 0 {
			args = append(args, arg+" = "+strings.Join(from, " | "))
		}
	}
	w.line("web = node(%s)", strings.Join(args, ", "))
}

const handbook = "It can be written by hand: `scenario doc Terminal` says how, and `scenario doc Terminal.key`."

// turn writes a step, or why there is none.
func (w *writer) turn(t terminal.Turn) {
	unsure := len(t.Keys) > 0 || t.Doubt
	switch {
	case t.Last:
		w.leftOut(t.Lines, "The recording ended before its prompt was back.")
		return
	case unsure && t.Enters == nil && !t.Leaves:
		w.leftOut(t.Lines, why(t)+" "+handbook)
		return
	case t.Leaves && len(t.Lines) == 0:
		w.left(t)
		return
	case unsure:
		w.taught = append(w.taught, "This may be another than what was typed. "+why(t))
	}
	if t.Leaves && len(t.Lines) == 1 && t.Lines[0] == t.In.Quit {
		w.teach("leaves", "The program is left: what is typed next is typed into the one below it.")
		w.step(".quit")
		return
	}
	lines := t.Lines
	for len(lines) > 1 && strings.TrimSpace(lines[len(lines)-1]) == "" {
		lines = lines[:len(lines)-1] // a step types it where it is needed
	}
	args := []string{quote(lines...)}
	if len(t.Lines) > 1 {
		w.teach("lines", "Several lines are typed one after the other, each at the prompt for it.")
	}
	if p := std(t.Enters); p != nil {
		w.teach("enters", "This starts a program. What is typed next is typed into it, until it is left.")
		args = append(args, fmt.Sprintf("enters = %s.%s", p.Library, p.Name))
	} else if t.Enters != nil {
		w.teach("enters", "This starts a program. What is typed next is typed into it, until it is left.")
		args = append(args, fmt.Sprintf("enters = program(%s, %s, shell = True)", quote(t.Enters.Name), list([]string{t.Enters.Name})))
	}
	if t.Leaves {
		w.teach("leaves", "The program is left: what is typed next is typed into the one below it.")
		args = append(args, "leaves = True")
	}
	if t.Status != nil && *t.Status != 0 {
		w.teach("status", "An exit status other than 0 is declared; any other is an error.")
		args = append(args, fmt.Sprintf("status = %d", *t.Status))
	}
	// A step that says nothing else has half a minute.
	if slow := 10 * time.Second; t.Took > slow {
		w.teach("timeout", "What takes long is given time, in seconds.")
		args = append(args, fmt.Sprintf("timeout = %d", 10*int(math.Ceil(t.Took.Seconds()*3/10))))
	}
	w.step("", args...)
}

// left writes that a program was left without a line.
func (w *writer) left(t terminal.Turn) {
	w.teach("leaves", "The program is left: what is typed next is typed into the one below it.")
	args := []string{"leaves = True"}
	if t.Status != nil && *t.Status != 0 {
		args = append(args, fmt.Sprintf("status = %d", *t.Status))
	}
	switch {
	case string(t.Keys) == "\x04":
		w.step(".key", `"ctrl-d"`)
		w.step(".wait", args...)
	case len(t.Keys) == 0:
		w.step(".wait", args...)
	default:
		w.taught = append(w.taught, fmt.Sprintf("It was left by keys; quit() types %s instead.", t.In.Quit))
		w.step(".quit")
	}
}

// leftOut shows what there is no step for.
func (w *writer) leftOut(lines []string, why string) {
	w.missing++
	w.line("")
	w.comment("Left out:")
	for _, l := range lines {
		w.line("#     %s", strings.Map(func(c rune) rune {
			if c < ' ' || c == 0x7f {
				return '·'
			}
			return c
		}, l))
	}
	w.comment("%s", why)
	w.line("")
}

// why is what keeps a turn from being a step.
func why(t terminal.Turn) string {
	switch keys := string(t.Keys); {
	case t.Doubt:
		return "The window does not show for certain what was typed there."
	case strings.HasSuffix(keys, "\x03"):
		return "It was ended with Ctrl-C."
	case strings.HasSuffix(keys, "\x1a"):
		return "It was stopped with Ctrl-Z."
	default:
		return "Keys were pressed while it ran, and it has read them."
	}
}

// variable is a name that a script can give to something that is called so.
func variable(name string) string {
	name = strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' {
			return c
		}
		return '_'
	}, name)
	if name == "web" || name[0] >= '0' && name[0] <= '9' {
		name = "_" + name
	}
	return name
}

func list(texts []string) string {
	var quoted []string
	for _, t := range texts {
		quoted = append(quoted, quote(t))
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// quote writes a string of the given lines as a person would.
func quote(lines ...string) string {
	text := strings.Join(lines, "\n")
	raw := ""
	if strings.Contains(text, `\`) {
		raw = "r"
	}
	controls := strings.ContainsFunc(text, func(c rune) bool { return c < ' ' && c != '\n' || c == 0x7f })
	switch {
	case controls, strings.HasSuffix(text, `\`) && len(lines) == 1:
	case len(lines) > 1 && !strings.Contains(text, "'''"):
		return raw + "'''\n" + text + "\n'''"
	case len(lines) > 1:
	case !strings.Contains(text, `"`):
		return raw + `"` + text + `"`
	case !strings.Contains(text, "'"):
		return raw + "'" + text + "'"
	case !strings.Contains(text, "'''") && text[0] != '\'' && text[len(text)-1] != '\'':
		return raw + "'''" + text + "'''"
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range text {
		switch {
		case c == '"' || c == '\\':
			b.WriteString(`\` + string(c))
		case c < ' ' || c == 0x7f:
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(c), "'"))
		default:
			b.WriteRune(c)
		}
	}
	return b.String() + `"`
}
