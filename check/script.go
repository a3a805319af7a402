package check

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"scenario/golden/article"
	"scenario/starlib"
)

// Script is a binding script for an article to begin with, as far as its text
// says which machines it plays on and what cannot be run.
func Script(name string, a *article.Article) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\"\"\"Plays %s: scenario check %s\"\"\"\n\n", path.Base(name), path.Base(name))
	hosts, programs := machines(a)
	made := "node(%q, " + image(programs) + ")"
	for _, server := range [][2]string{{"psql", "postgres"}, {"redis-cli", "redis"}} {
		if program, library := server[0], server[1]; slices.Contains(programs, program) && !slices.Contains(programs, "redis-server") {
			fmt.Fprintf(&b, "load(\"std/%[1]s.star\", \"%[1]s\")\n\n", library)
			made = library + ".node(%q, " + image(programs) + ")"
			break
		}
	}
	for i, host := range hosts {
		fmt.Fprintf(&b, "%s = "+made+"\n", variable(host, i), host)
	}
	fmt.Fprintf(&b, "article(on = %s)\n", variable(hosts[0], 0))
	var rest []string
	for _, block := range a.Blocks {
		switch {
		case block.Never != "" || block.Kind == article.Other || block.Kind == article.File && !block.Fragment:
			continue
		case block.Kind == article.Code:
			rest = append(rest, bound(block, "to = …", "where is it typed? to = \"NAME OF A WINDOW\", or file = \"…\", or skip = \"a fragment\""))
		case block.Kind == article.File:
			rest = append(rest, bound(block, "edit = …", "a fragment of "+block.File+": edit = lambda old, new: … gives the whole, or skip = \"a fragment\""))
		case block.Kind == article.Output:
			rest = append(rest, bound(block, "run = …", "output: run = \"the line that shows it\", unless the block before it does"))
		}
	}
	if rest != nil {
		b.WriteString("\n# What the text does not say. Take the marks away from the lines that you need.\n")
		b.WriteString(strings.Join(rest, ""))
	}
	return b.String()
}

func bound(b *article.Block, what, hint string) string {
	first := ""
	for _, l := range b.Lines {
		if first = strings.TrimSpace(l.Text); first != "" {
			break
		}
	}
	return fmt.Sprintf("\n# line %d, %s\n# bind(number = %d, %s)  # %s\n", b.Line, first, b.Number, what, hint)
}

// machines are the hosts that an article plays on, and the programs that it
// uses there.
func machines(a *article.Article) (hosts, programs []string) {
	add := func(list *[]string, s string) {
		if s != "" && !slices.Contains(*list, s) {
			*list = append(*list, s)
		}
	}
	for _, b := range a.Blocks {
		for _, t := range b.Turns {
			add(&programs, t.Program)
			add(&programs, t.Starts)
			if t.Program == "sh" && len(t.Typed) > 0 {
				add(&programs, strings.Fields(t.Typed[0] + " ")[0])
			}
			for _, name := range []string{t.Place, t.Named} {
				if _, host, ok := strings.Cut(name, "@"); ok && host != "localhost" && host != "127.0.0.1" && hostName(host) {
					add(&hosts, host)
				}
			}
			if t.PlaceBy == "docker exec" || t.PlaceBy == "prompt" && t.Program == "sh" && !strings.Contains(t.Place, "@") {
				if hostName(t.Place) {
					add(&hosts, t.Place)
				}
			}
		}
	}
	if hosts == nil {
		hosts = []string{"pc"}
	}
	return hosts, programs
}

func hostName(s string) bool {
	for i, c := range s {
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || i > 0 && c == '-') {
			return false
		}
	}
	return s != ""
}

// variable is what a script calls a machine.
func variable(host string, i int) string {
	name := strings.ReplaceAll(host, "-", "_")
	if name[0] >= '0' && name[0] <= '9' || starlib.Taken(name) {
		return fmt.Sprintf("pc%d", i+1)
	}
	return name
}

// packages are Debian's, of the commands that an article uses.
var packages = map[string]string{
	"iex": "elixir", "mix": "elixir", "elixir": "elixir", "erl": "elixir", "erlc": "elixir",
	"python3": "python3", "python": "python3", "irb": "irb", "ruby": "ruby", "node": "nodejs", "sqlite3": "sqlite3",
	"redis-cli": "redis", "redis-server": "redis", "psql": "postgresql", "etcd": "etcd-server", "etcdctl": "etcd-client",
	"rabbitmqctl": "rabbitmq-server", "curl": "curl", "git": "git", "jq": "jq", "nc": "netcat-openbsd", "dig": "dnsutils",
	"ifconfig": "net-tools", "ip": "iproute2", "ping": "iputils-ping",
}

func image(programs []string) string {
	var names []string
	for _, p := range programs {
		if name, ok := packages[p]; ok && !slices.Contains(names, fmt.Sprintf("%q", name)) {
			names = append(names, fmt.Sprintf("%q", name))
		}
	}
	if names == nil {
		return `debian("bookworm")`
	}
	return fmt.Sprintf(`debian("bookworm", [%s])`, strings.Join(names, ", "))
}
