package article

import (
	"path"
	"regexp"
	"slices"
	"strings"
)

// bare divides a block for a shell that has no prompts: into commands, and what
// they show.
func (a *Article) bare(b *Block) []Turn {
	s := &division{a: a, b: b, d: &dialects[len(dialects)-3]}
	if b.Caption != "" && !noPlace.MatchString(b.Caption) && !isPath(b.Caption) {
		s.place, s.by = b.Caption, "caption"
	}
	for _, l := range b.Lines {
		m := comment.FindStringSubmatch(l.Text)
		switch {
		case s.cur != nil && len(s.cur.Output) == 0 && s.goesOn(l):
		case valueMark.MatchString(l.Text) && s.cur != nil && m != nil && m[0] != "":
			value := valueMark.FindStringSubmatchIndex(l.Text)
			l.Text, l.From = l.Text[value[4]:], l.To-(len(l.Text)-value[4])
			s.output(l)
		case m != nil && strings.HasPrefix(strings.TrimSpace(l.Text), "#") && (s.cur == nil || len(s.cur.Output) == 0 || placeIn(m[1]) != ""):
			if place := placeIn(m[1]); place != "" {
				s.place, s.by = place, "comment"
			}
		case strings.TrimSpace(l.Text) == "":
			if s.cur != nil && len(s.cur.Output) > 0 {
				s.output(l)
			}
		case s.cur == nil:
			s.bare(l, "the first line of a block for a shell is a command")
		case a.command(l.Text):
			s.bare(l, firstWord(l.Text)+" is a command that is known here")
		default:
			s.output(l)
		}
	}
	return s.finish()
}

func (s *division) bare(l Line, why string) {
	line := strings.TrimSpace(l.Text)
	m := valueMark.FindStringSubmatchIndex(l.Text)
	if m != nil {
		line = strings.TrimSpace(l.Text[:m[3]])
	}
	t := s.begin(Turn{Line: l.Number, Program: "sh", Place: s.place, PlaceBy: s.by, Typed: []string{line}, Why: why})
	s.typed(t, 0, line)
	if m != nil {
		l.Text, l.From = l.Text[m[4]:], l.To-(len(l.Text)-m[4])
		s.output(l)
	}
}

var (
	assigned = regexp.MustCompile(`^[A-Za-z_]\w*=\S*$`)
	prose    = regexp.MustCompile(`^[A-Z][a-z]+ [a-z]|[.:]$|^\w+:( |$)|^\s*[|+]|\.\.\.$`)
)

func firstWord(line string) string {
	for _, w := range strings.Fields(line) {
		if w == "sudo" || w == "time" || w == "exec" || assigned.MatchString(w) {
			continue
		}
		return path.Base(strings.TrimLeft(w, "({"))
	}
	return ""
}

// command says whether a line without a prompt is surely a command.
func (a *Article) command(line string) bool {
	trimmed := strings.TrimSpace(line)
	word := firstWord(trimmed)
	switch {
	case trimmed == "" || line != trimmed && strings.HasPrefix(line, "   "):
		return false
	case setsVariable.MatchString(trimmed):
		return true
	case strings.HasPrefix(trimmed, "./") || strings.HasPrefix(trimmed, "~/") || absolute.MatchString(trimmed):
		return true
	case !a.commands[word] && !slices.Contains(lexicon, word):
		return false
	}
	return !prose.MatchString(trimmed) || strings.ContainsAny(trimmed, "|&") && !strings.HasPrefix(trimmed, "|")
}

var setsVariable = regexp.MustCompile(`^(?:export\s+)?[A-Za-z_]\w*=\S`)

var absolute = regexp.MustCompile(`^/(?:usr|bin|opt|etc|sbin|home|root)(?:/[\w.-]+)+(?: |$)`)

// looksTyped says whether a block of which the language is not known is
// commands.
func (a *Article) looksTyped(b *Block) bool {
	for _, l := range b.Lines {
		if strings.TrimSpace(l.Text) != "" && comment.FindString(l.Text) == "" {
			return a.command(l.Text)
		}
	}
	return false
}

// lexicon are commands that a reader knows for such wherever they begin a line.
var lexicon = strings.Fields(`
	alias apk apt apt-get awk base64 basename bash brew bundle cargo cat cd chmod chown clear cmake cockroach
	composer consul cp cqlsh createdb createuser crontab curl cut date dd df diff dig dirname dnf docker
	docker-compose dotnet dropdb du echo elixir elixirc env epmd erl erlc etcd etcdctl etcdutl exit export gcc
	gem git go gradle grep groupadd gunzip gzip helm heroku hostname hostnamectl htop iex ifconfig influx initdb
	ip iptables irb java javac journalctl jq k6 kafka-console-consumer.sh kafka-console-producer.sh
	kafka-topics.sh kill killall kubectl less ln locale ls lsof make minikube mix mkdir mkfifo mongod mongosh
	mount mv mysql mysqladmin nats nats-server nc netstat nginx nodetool nomad npm npx nslookup openssl passwd
	patroni patronictl perl pg_basebackup pg_ctl pg_dump pg_isready pg_restore pgbench pgrep php pip pip3 pkill
	pnpm podman poetry printf ps psql pwd python python3 rabbitmq-diagnostics rabbitmq-plugins rabbitmq-server
	rabbitmqctl rake rebar3 redis-benchmark redis-cli redis-sentinel redis-server rm rmdir rsync ruby rustc
	rustup scp sed seq sleep sort source sqlite3 ss ssh ssh-keygen strace su sudo supervisorctl systemctl tail
	tar tcpdump tee telnet terraform tmux touch tr traceroute tree uname uniq unzip useradd vagrant vault vim
	virtualenv wc wget which whoami xargs yarn yum zip zkCli.sh zkServer.sh`)
