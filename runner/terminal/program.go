package terminal

import (
	"regexp"
	"strconv"
)

// A Program says how to drive what runs in a terminal.
type Program struct {
	Name string
	Argv []string
	Env  map[string]string
	// Prompt must match at the end of the line left of the cursor. Its group "n", if it has one, is the prompt's counter.
	Prompt *regexp.Regexp
	// Continuation is the prompt by which the program asks for the rest of an
	// unfinished statement; nil if it has none.
	Continuation *regexp.Regexp
	// Repeats says that the program asks for the rest of a statement with its
	// primary prompt again: the counter has not moved and nothing was printed
	// (the Erlang shell before OTP 26).
	Repeats bool
	// Marked says that the prompts carry the marks of OSC 133, which no output
	// can be taken for: A before a prompt, or A;k=s before one that asks for the
	// rest of a statement, and B behind it. No pattern is used then.
	Marked bool
	// Shell says that the program is a POSIX shell, whose prompts are marked and
	// tell more (see Shell).
	Shell bool
	// Quit is the line that leaves the program.
	Quit string
}

// Shell returns a POSIX shell as a program: its prompts carry the invisible
// marks of OSC 133, which no output can be taken for, and which tell the exit
// status of the last command, and whose prompt it is: the shell's process id.
// argv is the shell and its arguments; ps1 is the prompt as a reader sees it.
//
// The prompt is given by the environment, so a shell that is started inside of
// it keeps it; bash, whose startup files would set another, sets it anew before
// each prompt. Shells with a line editor of their own must be told that the
// marks take no room, by \[ and \]; dash would print those.
func Shell(name string, argv []string, ps1 string) Program {
	const launch = `e=$(printf '\033') b=$(printf '\007')
d="$e]133;D;\$?;\$\$$b$e]133;A$b" c="$e]133;B$b" more="$e]133;A;k=s$b"
ps1=$SCENARIO_PS1
SCENARIO_PS1="\[$d\]$ps1\[$c\]"
PROMPT_COMMAND='PS1=$SCENARIO_PS1'
case $(readlink -f "$(command -v "$1")") in
*/bash | */busybox*) PS1=$SCENARIO_PS1 PS2="\[$more\]> \[$c\]" ;;
*) PS1="$d$ps1$c" PS2="$more> $c" ;;
esac
export SCENARIO_PS1 PROMPT_COMMAND PS1 PS2
exec "$@"`
	return Program{
		Name:   name,
		Argv:   append([]string{"sh", "-c", launch, "sh"}, argv...),
		Env:    map[string]string{"SCENARIO_PS1": ps1},
		Marked: true,
		Shell:  true,
		Quit:   "exit",
	}
}

// prompt is one found on the screen.
type prompt struct {
	text         string // as it stands: "iex(hoge@172.17.0.4)3> "
	before       string // what stands left of it on its line: output without a newline at its end
	counter      int    // -1 when the program counts nothing
	continuation bool
}

// find looks for a prompt at the end of left, the line left of the cursor.
func (p *Program) find(left string) (prompt, bool) {
	if pr, ok := match(p.Prompt, left); ok {
		return pr, true
	}
	pr, ok := match(p.Continuation, left)
	pr.continuation = true
	return pr, ok
}

func match(re *regexp.Regexp, left string) (prompt, bool) {
	if re == nil || left == "" {
		return prompt{}, false
	}
	m := re.FindStringSubmatchIndex(left)
	if m == nil || m[1] != len(left) || m[0] == m[1] {
		return prompt{}, false
	}
	pr := prompt{text: left[m[0]:], before: left[:m[0]], counter: -1}
	if g := re.SubexpIndex("n"); g >= 0 && m[2*g] >= 0 {
		if n, err := strconv.Atoi(left[m[2*g]:m[2*g+1]]); err == nil {
			pr.counter = n
		}
	}
	return pr, true
}
