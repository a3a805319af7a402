package article

import (
	"regexp"
	"slices"
	"strings"
)

// A dialect is a program's prompts as authors write them: without a counter, with
// a node's name or without. Weave, which reads what a program has shown, is
// stricter.
type dialect struct {
	name string // the program's: "sh", "iex"
	// prompt matches a line's beginning. Its group, if it has one, is the window
	// as the prompt tells it.
	prompt *regexp.Regexp
	more   *regexp.Regexp // asks for the rest; nil for none
	shell  bool           // only in blocks in which a shell may be
	open   func(typed string) bool
}

// dialects are in order of precedence.
var dialects = []dialect{
	{"iex", regexp.MustCompile(`^iex(?:\(([^()\s]*@[^()\s]*)\))?(?:\(\d*\)|\d+)?>(?: |$)`), regexp.MustCompile(`^\.\.\.(?:\([^()]*\))?\(?\d*\)?>(?: |$)`), false, openElixir},
	{"erl", regexp.MustCompile(`^(?:\(([^()\s]+@[^()\s]+)\))?\d+>(?: |$)`), regexp.MustCompile(`^ *\.\.(?: |$)`), false, openErlang},
	{"python3", regexp.MustCompile(`^>>>(?: |$)`), regexp.MustCompile(`^\.\.\.(?: |$)`), false, openBrackets},
	{"irb", regexp.MustCompile(`^irb\([^()]*\)(?::\d+)*[>*](?: |$)`), nil, false, openBrackets},
	{"redis-cli", regexp.MustCompile(`^(?:redis )?([\w.\[\]-]+:\d+)(?:\[\d+\])?(?:\(TX\))?>(?: |$)|^redis>(?: |$)`), nil, false, nil},
	{"mysql", regexp.MustCompile(`^(?:mysql|MariaDB \[[^\]]*\])>(?: |$)`), regexp.MustCompile(`^ +['"-]?>(?: |$)`), false, openSQL},
	{"sqlite3", regexp.MustCompile(`^sqlite>(?: |$)`), regexp.MustCompile(`^ +\.\.\.>(?: |$)`), false, openSQL},
	{"cqlsh", regexp.MustCompile(`^cqlsh(?::\w+)?>(?: |$)`), regexp.MustCompile(`^ +\.\.\.(?: |$)`), false, openSQL},
	{"ghci", regexp.MustCompile(`^(?:ghci|Prelude)>(?: |$)`), nil, false, nil},
	{"julia", regexp.MustCompile(`^julia>(?: |$)`), nil, false, openBrackets},
	{"scala", regexp.MustCompile(`^scala>(?: |$)`), nil, false, openBrackets},
	{"mongosh", regexp.MustCompile(`^(?:mongo|test)>(?: |$)`), nil, false, openBrackets},
	{"psql", regexp.MustCompile(`^[A-Za-z_][\w.-]*[=@^!][*!?]?[#>](?: |$)`), regexp.MustCompile(`^\w[\w.-]*[-*'"$(][*!?]?[#>](?: |$)`), false, openSQL},
	{"sh", regexp.MustCompile(`^\[?([a-z_][\w.-]*@[\w.-]+)(?:[: ][^\]$#%>]*)?\]?[$#%](?: |$)`), regexp.MustCompile(`^>(?: |$)`), false, openShell},
	{"sh", regexp.MustCompile(`^\$(?: |$)`), regexp.MustCompile(`^>(?: |$)`), false, openShell},
	{"sh", regexp.MustCompile(`^([a-z](?:[\w.-]*\w)?)(?::[~/][^\s$#%>]*)? ?[$#%>](?: |$)`), regexp.MustCompile(`^>(?: |$)`), true, openShell},
	{"sh", regexp.MustCompile(`^[%❯➜](?: |$)`), regexp.MustCompile(`^>(?: |$)`), true, openShell},
}

// root and bare are prompts that look like something else; they are only taken
// for prompts where a block is known to have them.
var (
	root = dialect{"sh", regexp.MustCompile(`^#(?: |$)`), regexp.MustCompile(`^>(?: |$)`), true, openShell}
	bare = dialect{"sh", regexp.MustCompile(`^>(?: |$)`), nil, true, openShell}
)

// A prompted is a line that begins with a prompt.
type prompted struct {
	*dialect
	prompt string
	place  string
	rest   string
}

// prompts says how to find prompts in a block.
func (b *Block) prompts(lines []Line) func(line string) (prompted, bool) {
	shell := b.shell() || slices.Contains([]string{"", "text", "txt", "plaintext", "output", "log"}, b.Language)
	var extra []*dialect
	some := func(d *dialect) bool {
		return slices.ContainsFunc(lines, func(l Line) bool { return d.prompt.MatchString(l.Text) })
	}
	certain := slices.ContainsFunc(dialects, func(d dialect) bool { return (!d.shell || shell) && some(&d) })
	if shell && slices.Contains([]string{"console", "shellsession", "shell-session", "terminal", "session"}, b.Language) && !certain {
		extra = append(extra, &root, &bare)
	} else if b.shell() && !certain && len(lines) > 0 && bare.prompt.MatchString(lines[0].Text) {
		extra = append(extra, &bare)
	}
	return func(line string) (prompted, bool) {
		for i := range dialects {
			d := &dialects[i]
			if d.shell && (!shell || tag.MatchString(line)) {
				continue
			}
			if p, ok := d.match(line); ok {
				return p, true
			}
		}
		for _, d := range extra {
			if p, ok := d.match(line); ok {
				return p, true
			}
		}
		return prompted{}, false
	}
}

// tag is what a shell's prompt with a host's name could be confused with.
var tag = regexp.MustCompile(`^\w+> ?$|^[a-z]+ [#>] `)

func (d *dialect) match(line string) (prompted, bool) {
	m := d.prompt.FindStringSubmatchIndex(line)
	if m == nil || m[1] == 0 {
		return prompted{}, false
	}
	p := prompted{dialect: d, prompt: line[:m[1]], rest: line[m[1]:]}
	if len(m) > 2 && m[2] >= 0 {
		p.place = line[m[2]:m[3]]
	}
	return p, true
}

var (
	doOrFn = regexp.MustCompile(`\b(?:do|fn)\b`)
	ends   = regexp.MustCompile(`\bend\b`)
	strs   = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'`)
	doKey  = regexp.MustCompile(`\bdo:`)
)

func openElixir(typed string) bool {
	if strings.Count(typed, `"""`)%2 == 1 {
		return true
	}
	s := doKey.ReplaceAllString(strs.ReplaceAllString(typed, ""), "")
	return len(doOrFn.FindAllString(s, -1)) > len(ends.FindAllString(s, -1)) || openBrackets(typed)
}

func openErlang(typed string) bool {
	lines := strings.Split(strings.TrimRight(typed, "\n"), "\n")
	return !fullStop.MatchString(lines[len(lines)-1])
}

func openBrackets(typed string) bool {
	return brackets(strs.ReplaceAllString(typed, "")) > 0 || strings.HasSuffix(strings.TrimSpace(typed), `\`)
}

func openSQL(typed string) bool {
	s := strings.TrimSpace(strs.ReplaceAllString(typed, ""))
	return s != "" && !strings.HasPrefix(s, `\`) && !strings.Contains(s, ";")
}

func openShell(typed string) bool { return unfinished(typed) }
