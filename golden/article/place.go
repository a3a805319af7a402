package article

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

var (
	windows   = regexp.MustCompile(`(?i)\b(?:shell|terminal|window|session|tab|client|console|node|pane|process|transaction)\s*#?\s*(?:\d{1,2}|[A-D])\b|\b(?:first|second|third|other)\s+(?:shell|terminal|window|session|tab|client|console|node|pane)\b|\b[TS]\d\b|(?:ターミナル|端末|ウィンドウ|シェル|セッション|ノード)\s*[#:]?\s*\w{1,2}`)
	onHost    = regexp.MustCompile(`(?i)^(?:run\s+)?(?:on|in|at|from)\s+(?:the\s+)?(?:(?:node|host|machine|server|container|vm|pc)\s+)?["'` + "`" + `]?([\w.-]*\w(?:@[\w.-]+)?)["'` + "`" + `]?\s*[:.]?$`)
	comment   = regexp.MustCompile(`^\s*(?:#+|--+|//+|%+|;+)\s*(.*?)\s*$`)
	atTheEnd  = regexp.MustCompile(`\s+(?:#+|--+|//+|%+)\s*((?i:on [\w.@-]+)|(?i:(?:shell|terminal|window|session|tab|client|node) ?#?(?:\d|[A-D]))|[TS]\d)\s*:?\s*$`)
	dockerish = regexp.MustCompile(`^(?:sudo\s+)?(?:(?:docker|podman)(?:[ -]compose)?\s+exec|kubectl\s+exec)\s+((?:-{1,2}[\w-]+(?:=\S+)?\s+)*)(\S+)\s+(?:--\s+)?(.+)$`)
	withValue = regexp.MustCompile(`-{1,2}(?:e|env|u|user|w|workdir|n|namespace|c|container)\s+\S+\s+`)
)

// placeIn is the window or machine that a comment names: "shell 2" of "# shell 2",
// "rabbit1" of "# on rabbit1"; "" if it names none.
func placeIn(said string) string {
	if m := onHost.FindStringSubmatch(said); m != nil {
		if !slices.Contains([]string{"it", "this", "that", "one", "both", "all", "linux", "macos", "mac", "windows", "debian", "ubuntu", "production"}, strings.ToLower(m[1])) {
			return m[1]
		}
	}
	if m := windows.FindString(said); m != "" && len(said) < len(m)+24 {
		return m
	}
	return ""
}

// within takes a line apart that runs a command in a container: the container,
// and the command, which is "" if that is only a shell.
func within(line string) (container, command string, ok bool) {
	m := dockerish.FindStringSubmatch(withValue.ReplaceAllString(line, ""))
	if m == nil {
		return "", "", false
	}
	command = strings.TrimSpace(m[3])
	if slices.Contains([]string{"sh", "bash", "ash", "zsh"}, path.Base(command)) {
		command = ""
	}
	return m[2], command, true
}

var (
	beamName  = regexp.MustCompile(`\s--?s?name\s+['"]?([\w.@-]+)`)
	portFlag  = regexp.MustCompile(`\s(?:-p|--port)[ =]?(\d+)`)
	hostFlag  = regexp.MustCompile(`\s(?:-h|--host)[ =]?([\w.-]+)`)
	endsAlone = regexp.MustCompile(`\s(?:-c|-e|--eval|--command|-f|--version|--help|-V|-noshell|--no-halt|-detached|-l)\b`)
)

// repls are commands that start a program in which one stays.
var repls = map[string]string{
	"iex": "iex", "erl": "erl", "python": "python3", "python3": "python3", "psql": "psql", "redis-cli": "redis-cli",
	"irb": "irb", "mysql": "mysql", "sqlite3": "sqlite3", "cqlsh": "cqlsh", "mongosh": "mongosh", "mongo": "mongosh",
	"ghci": "ghci", "julia": "julia", "scala": "scala", "node": "node", "sh": "sh", "bash": "sh",
}

// Starts says which program a line that is typed into a shell starts and stays
// in, and under which name: that of a BEAM node, or the address that a client
// connects to. Both are "" if it comes back.
func Starts(line string) (program, name string) {
	for _, sep := range []string{"; ", "&& "} { // of several commands, the last counts
		if i := strings.LastIndex(line, sep); i >= 0 && !strings.ContainsAny(line[i:], `"'`) {
			line = line[i+len(sep):]
		}
	}
	words := strings.Fields(line)
	for len(words) > 0 && (words[0] == "sudo" || words[0] == "exec" || strings.Contains(words[0], "=") && !strings.HasPrefix(words[0], "-")) {
		words = words[1:]
		if len(words) > 1 && words[0] == "-u" {
			words = words[2:]
		}
	}
	if len(words) == 0 {
		return "", ""
	}
	program = repls[path.Base(words[0])]
	if program == "" || endsAlone.MatchString(" "+strings.Join(words[1:], " ")) || strings.ContainsAny(line, "|<>&;") {
		return "", ""
	}
	args := " " + strings.Join(words[1:], " ")
	operand := slices.ContainsFunc(words[1:], func(w string) bool { return !strings.HasPrefix(w, "-") })
	switch program {
	case "iex", "erl":
		if m := beamName.FindStringSubmatch(args); m != nil {
			name = m[1]
		}
	case "redis-cli":
		host, port := "127.0.0.1", "6379"
		if m := hostFlag.FindStringSubmatch(args); m != nil {
			host = m[1]
		}
		if m := portFlag.FindStringSubmatch(args); m != nil {
			port = m[1]
		}
		if rest := strings.TrimSpace(hostFlag.ReplaceAllString(portFlag.ReplaceAllString(args, ""), "")); rest != "" && !strings.HasPrefix(rest, "-") {
			return "", "" // a command, which it runs and comes back
		}
		name = host + ":" + port
	case "python3", "node", "sh", "irb", "julia", "scala":
		if operand {
			return "", "" // a file, which it runs
		}
	}
	return program, name
}

// forEver are commands that do not come back by themselves.
var forEver = regexp.MustCompile(`^(?:\w+=\S+\s+)*(?:sudo\s+)?(?:redis-server|etcd|rabbitmq-server|mix phx\.server|mix run --no-halt|python3? -m http\.server|tail -f|watch|nc -l|ncat -l|top|htop|zkServer\.sh start-foreground)\b`)
