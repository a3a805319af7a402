package article

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Reading is how a script wants a block read; the zero value is as the text
// alone has it.
type Reading struct {
	Program string                   // whose input it is
	Replace func(text string) string // what stands for each line; nil for itself
	File    string                   // it is a file of this name
	Output  bool                     // all of it is output
}

// Understand is a block, read anew.
func (a *Article) Understand(b *Block, as Reading) *Block {
	again := *b
	again.Turns, again.File, again.Fragment, again.Why = nil, "", false, ""
	if as.Replace != nil {
		again.Lines = slices.Clone(b.Lines)
		for i := range again.Lines {
			l := &again.Lines[i]
			text := as.Replace(l.Text)
			l.Replaced, l.Text = text != l.Text, text
		}
	}
	a.understand(&again, as)
	return &again
}

// said is what is typed in a block.
type said struct {
	block   int
	place   string
	text    string
	arrives bool
}

// learn takes note of the words that begin commands in the article.
func (a *Article) learn() {
	for _, b := range a.Blocks {
		find := b.prompts(b.Lines)
		for i, l := range b.Lines {
			p, ok := find(l.Text)
			switch {
			case ok && p.name == "sh":
				a.commands[firstWord(p.rest)] = true
			case i == 0 && len(b.Lines) == 1 && b.shell():
				a.commands[firstWord(l.Text)] = true
			}
		}
	}
	delete(a.commands, "")
}

// languages are those of programs into which code can be typed.
var languages = map[string]string{
	"elixir": "iex", "iex": "iex", "ex": "iex", "exs": "iex", "erlang": "erl", "erl": "erl",
	"python": "python3", "py": "python3", "python3": "python3", "pycon": "python3", "pycon3": "python3",
	"sql": "psql", "pgsql": "psql", "postgresql": "psql", "postgres": "psql", "psql": "psql", "plpgsql": "psql",
	"redis": "redis-cli", "ruby": "irb", "rb": "irb", "irb": "irb", "mysql": "mysql", "cql": "cqlsh",
	"julia": "julia", "haskell": "ghci", "scala": "scala",
}

var shellLanguages = []string{"sh", "bash", "zsh", "shell", "console", "terminal", "shellsession", "shell-session", "session", "ksh", "dash", "ash", "fish", "cmd", "command", "commandline"}

// shell says whether the block's language is a shell's.
func (b *Block) shell() bool { return slices.Contains(shellLanguages, b.Language) }

var (
	outputCaption = regexp.MustCompile(`(?i)^(?:error|errors|output|result|results|log|response|エラー|出力|結果|実行結果|出力結果|ログ)$`)
	noPlace       = regexp.MustCompile(`(?i)^(?:cmd|command|terminal|console|shell|bash|zsh|sh|コマンド|ターミナル|コンソール|シェル|端末|実行|入力|` + "`?" + `iex` + "`?" + `|repl|code|example|例)$`)
	errorText     = regexp.MustCompile(`^\s*(?:\*\* \(\w|\*\* exception|Traceback \(most|=[A-Z ]+REPORT|\[(?:error|info|warning|debug)\] |\d\d:\d\d:\d\d\.\d+ \[|ERROR: |\(error\) )`)
)

// understand says what kind of block it is, and divides it into turns.
func (a *Article) understand(b *Block, as Reading) {
	find := b.prompts(b.Lines)
	prompted := slices.ContainsFunc(b.Lines, func(l Line) bool { _, ok := find(l.Text); return ok })
	kind := func(k Kind, format string, args ...any) { b.Kind, b.Why = k, fmt.Sprintf(format, args...) }
	switch name, why := b.fileName(prompted); {
	case as.Output:
		kind(Output, "bind(…)")
	case as.File != "":
		kind(File, "bind(…)")
		b.file(as.File)
	case len(b.Lines) == 0:
		kind(Other, "it is empty")
	case b.output:
		kind(Output, "a comment of Livebook's says that it is output")
	case name != "" && as.Program == "":
		kind(File, "%s", why)
		b.file(name)
	case prompted:
		kind(Session, "it has prompts")
		b.Turns = a.session(b, find)
	case outputCaption.MatchString(b.Caption) && as.Program == "":
		kind(Output, "its title says so")
	case errorText.MatchString(b.Lines[0].Text):
		kind(Output, "it begins as a program's message")
	case as.Program == "sh" || as.Program == "" && b.shell():
		kind(Session, "its language is a shell's")
		b.Turns = a.bare(b)
	case as.Program == "" && (b.Language == "" || b.Language == "text" || b.Language == "txt") && a.looksTyped(b):
		kind(Session, "it begins with a command that is known here")
		b.Turns = a.bare(b)
	case as.Program != "":
		kind(Code, "bind(…)")
		b.Turns = a.code(b, as.Program)
	case languages[b.Language] != "":
		kind(Code, "it has no prompt: it is typed only where its title or a script says")
		b.Turns = a.code(b, languages[b.Language])
	case b.Language == "" || slices.Contains([]string{"text", "txt", "plaintext", "output", "log"}, b.Language):
		kind(Output, "it has no prompt, and no command that is known here")
	default:
		kind(Other, "%s is no language of a window", b.Language)
	}
	if b.Kind == Output {
		b.Turns = nil
	}
}

// fileName is the name under which a block is a file, and by what that is known.
func (b *Block) fileName(prompted bool) (name, why string) {
	switch {
	case prompted:
		return "", ""
	case isPath(b.Caption):
		return b.Caption, "its title is the name of a file"
	case b.shell() && !strings.HasPrefix(strings.TrimSpace(first(b.Lines)), "#!"):
		return "", ""
	}
	if name := b.named(); name != "" {
		return name, "its first line is the name of a file"
	}
	if b.Language == "erlang" || b.Language == "erl" {
		for _, l := range b.Lines {
			if t := strings.TrimSpace(l.Text); t == "" || strings.HasPrefix(t, "%") {
				continue
			}
			if m := module.FindStringSubmatch(l.Text); m != nil {
				return m[1] + ".erl", "it is an Erlang module, whose file has its name"
			}
			break
		}
	}
	if name := b.announced(); name != "" && b.Language != "" && b.Language != "text" && !errorText.MatchString(first(b.Lines)) {
		return name, "the sentence above says so"
	}
	return "", ""
}

func (b *Block) file(name string) {
	b.File = name
	b.Fragment = slices.ContainsFunc(b.Lines, func(l Line) bool { return Elision(l.Text) }) && languages[b.Language] != "python3"
	for _, l := range b.Lines {
		if strings.TrimSpace(l.Text) == "" || comment.MatchString(l.Text) {
			continue
		}
		// What begins inside of something is a part of it, and so is a function of a
		// language whose functions stand in modules.
		b.Fragment = b.Fragment || l.Text[0] == ' ' || l.Text[0] == '\t' ||
			languages[b.Language] == "iex" && inModule.MatchString(l.Text)
		break
	}
}

var inModule = regexp.MustCompile(`^(?:def|defp|defmacro|defstruct|@\w+)\b`)

func first(lines []Line) string {
	if len(lines) == 0 {
		return ""
	}
	return lines[0].Text
}
