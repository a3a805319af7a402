package starlib

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"sync"

	"go.starlark.net/starlark"

	"scenario/runner"
)

var kindBuiltin = declare("kind",
	"Names a kind of token whose text may differ from run to run without the text being wrong. A name alone is a ready-made kind; a name and a pattern are one of your own. The whole match of the pattern is one token; where it has named groups, each group is one, and what stands outside of them is compared.",
	"a Kind", `kind("pid", r"#PID<0\.(?P<pid>\d+\.\d+)>", identity = True)`,
	func(c *call, a struct {
		Name     string  `star:"name" doc:"What reports call it, or a ready-made kind."`
		Pattern  *string `star:"pattern" default:"None" doc:"A regular expression (RE2), in which ^ and $ are the ends of a line. Without one it is the ready-made kind of that name."`
		Identity *bool   `star:"identity,keyword" default:"None" doc:"Whether a token that is seen twice must be one token there again, and two different ones two. If it is not given, it is False for a pattern, and for a ready-made kind what is said there."`
	}) (starlark.Value, error) {
		k, err := newKind(a.Name, a.Pattern, a.Identity, c.pos)
		if err != nil {
			return nil, fmt.Errorf("kind: %w", err)
		}
		return &kindValue{kind: k}, nil
	})

var volatileBuiltin = declare("volatile",
	"Declares that tokens may differ from run to run, in every step of the scenario. Nothing else may: a number, a date or a duration that is not declared is compared.",
	"the Kind", `
volatile(kind = "duration")
volatile(r"load average: (?P<load>[\d., ]+)", kind = "load")`,
	func(c *call, a struct {
		Pattern  *string `star:"pattern" default:"None" doc:"A regular expression (RE2), as for kind."`
		Kind     string  `star:"kind,keyword" default:"\"\"" doc:"A ready-made kind; with a pattern, what reports call the token (\"token\" if it is not given)."`
		Identity *bool   `star:"identity,keyword" default:"None" doc:"As for kind."`
	}) (starlark.Value, error) {
		switch {
		case a.Pattern == nil && a.Kind == "":
			return nil, errors.New(`volatile: what may differ is missing: a ready-made kind, as in volatile(kind = "duration"), or a pattern`)
		case (a.Kind == "" || a.Pattern != nil && a.Kind == *a.Pattern) && slices.Contains(readyNames(), *a.Pattern):
			return nil, fmt.Errorf("volatile: %q stands for a pattern here; the ready-made kind is volatile(kind = %q)", *a.Pattern, *a.Pattern)
		case a.Kind == "":
			a.Kind = "token"
		}
		k, err := newKind(a.Kind, a.Pattern, a.Identity, c.pos)
		if err != nil {
			return nil, fmt.Errorf("volatile: %w", err)
		}
		c.run.Volatile(k)
		return &kindValue{kind: k}, nil
	})

// newKind makes a kind of a pattern, or the ready-made one of that name.
func newKind(name string, pattern *string, identity *bool, pos string) (k runner.Kind, err error) {
	k = runner.Kind{Name: name}
	if pattern == nil {
		k, err = readyKind(name)
	} else {
		k.Pattern, err = compile(*pattern)
	}
	if identity != nil {
		k.Identity = *identity
	}
	k.Pos = pos
	return k, err
}

// compile refuses a pattern that would match everywhere.
func compile(pattern string) (*regexp.Regexp, error) {
	re, err := parsePattern(pattern)
	if err == nil && re.MatchString("") {
		return nil, fmt.Errorf("the pattern %q matches the empty text, so it would match everywhere", pattern)
	}
	return re, err
}

func parsePattern(pattern string) (*regexp.Regexp, error) {
	re, err := regexp.Compile(pattern)
	var wrong *syntax.Error
	if errors.As(err, &wrong) {
		err = fmt.Errorf("%q is no regular expression: %s", pattern, wrong.Code)
	}
	return re, err
}

// kindList is a list of Kinds and of names of ready-made ones.
type kindList []kindRef

type kindRef struct {
	name string
	made *kindValue // nil for a name
}

// kinds are those of the list. Ready-made ones are declared at pos.
func (l kindList) kinds(pos string) ([]runner.Kind, error) {
	var ks []runner.Kind
	for _, ref := range l {
		if ref.made != nil {
			ks = append(ks, ref.made.kind)
			continue
		}
		k, err := newKind(ref.name, nil, nil, pos)
		if err != nil {
			return nil, fmt.Errorf("volatile: %w", err)
		}
		ks = append(ks, k)
	}
	return ks, nil
}

// A ready kind is one that is made already. Its examples are for the reader of
// the manual, and are tested.
type ready struct {
	name, doc string
	like      []string // each ends in a token, and has no other
	unlike    []string // have no token
	identity  bool
	pattern   string
}

// readyKinds are in the order in which the manual has them.
//
// Where two kinds match at one place, the order of the author's list must
// count. So a pattern begins at its token where it can, and looks back with \b
// or \B, which take no character; a path has to take the one before it, and a
// port its colon. None takes a character behind its token: it may be the first
// of the next, as the colon between address and port is.
var readyKinds = []ready{
	{"address", "An IPv4 or IPv6 address.",
		[]string{"172.17.0.4", "fe80::42:acff:fe11:4", "::1"},
		[]string{"256.1.1.1", "25.1.2", "std::vector"}, true,
		`\b` + ipv4 + `\b|\B::(?:1|ffff:` + ipv4 + `)\b` +
			`|(?i:\b(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}\b` +
			// With :: in it, it must begin as an address does: global, unique local, link-local, multicast.
			`|\b(?:[23][0-9a-f]{3}|f[cd][0-9a-f]{2}|fe[89ab][0-9a-f]|ff[0-9a-f]{2})(?::[0-9a-f]{1,4}){0,6}::(?:[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){0,5}\b)?)`},
	{"port", "The 4 or 5 digits of a port, after a host and a colon or after the word port.",
		[]string{"172.17.0.4:41234", "[::1]:4000", "port 8080", "peer_port=35000"},
		[]string{"web:80", "web:99999", "12:30:45", "report 12345"}, true,
		`(?:(?:^|\b|[\s"'(*\]]|::):|(?:\b|_)(?i:port)["']?(?: ?=>? ?|[:,] ?| ))` +
			`(?P<port>[1-9]\d{3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5])\b`},
	{"time", "A time of day with seconds, or with a zone, AM or PM.",
		[]string{"08:15:02", "2026-11-24T08:15:02.123456Z", "08:15:02 +0900", "8:15 PM", "8時15分2秒"},
		[]string{"08:15", "25:00:00", "08:15:61", "16:9"}, false,
		`(?:\b|[T_])(?P<time>` + hour + `:[0-5]\d(?:` + second + `(?:` + zone + `)?|` + zone + `)\b` +
			`|` + hour + `時[0-5]?\d分(?:[0-5]?\d秒)?)`},
	{"date", "A date that has its year or the month's name, with the time of day that ls, date and logs write behind such a name.",
		[]string{"2026-11-24", "2026/11/24", "2026年11月24日", "Nov 24 2026", "24 Nov 2026", "Tue Nov 24", "Nov 24 08:15", "Tue Nov 24 08:15:02 UTC 2026"},
		[]string{"2026-13-01", "2026/11/32", "11/24", "Novel 24", "Nov 32"}, false,
		`\b(?:` + year + `-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])` + // a T may follow
			`|` + year + `/(?:0?[1-9]|1[0-2])/` + day + `\b|` + day + `/` + day + `/` + year + `\b` +
			`|(?:` + year + `年 ?)?(?:0?[1-9]|1[0-2])月 ?` + day + `日(?: ?[月火水木金土日]曜日|[(（][月火水木金土日][)）])?` +
			`|(?:` + weekday + `,? )?` + day + `[ /-]` + month + `[ /-]` + year + `\b` +
			`|(?:` + weekday + `,? )?` + month + ` {1,2}` + day + `\b` +
			`(?:,? {1,2}` + year + `\b| ` + hour + `:[0-5]\d(?:` + second + `)?\b(?:(?:` + zone + `)? ` + year + `\b)?)?)`},
	{"duration", "A number with a unit of time, from ns to days; or several, as in 1m30.5s.",
		[]string{"3 ms", "250µs", "1m30.5s", "2 minutes and 3 seconds", "3秒", "1分20秒"},
		[]string{"3 items", "5 m", "3msx", "x3ms", "24日"}, false,
		`(?:\B-)?\b(?:(?:` +
			descending(`,? (?:and )?|`, `(?: ?days?|d)`, `(?: ?hours?| ?hrs?|h)`, `(?: ?minutes?| ?mins?|m)`, ` ?(?:seconds?|secs?|s)`, ` ?(?:[mnuµμ]s|(?:milli|micro|nano)seconds?)`) +
			`)\b|` +
			descending(` ?`, ` ?日間`, ` ?時間`, ` ?分間?`, ` ?秒間?`, ` ?(?:ミリ|マイクロ|ナノ)秒`) + `)`},
	{"number", "A number, with its sign, commas, decimals and exponent.",
		[]string{"42", "-5", "1,234,567", "3.14", "6.02e23"},
		[]string{"x86_64", "utf8", "3ms", "2nd"}, false,
		`(?:\B[-+])?\b` + decimal + `(?:[eE][-+]?\d+)?\b`},
	{"id", "A UUID, or a hexadecimal number of 7 digits or more, such as a commit's or a container's.",
		[]string{"3f2504e0-4f89-41d3-9a0c-0305e82c3301", "fb771bf", "0x7ffd1c2a", "sha256:9f86d081884c7d65"},
		[]string{"decade", "fb771b", "fb771bfx"}, true,
		`\b(?:[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|(?:0x)?(?:[0-9a-f]{7,}|[0-9A-F]{7,}))\b`},
	{"path", "A path that begins with /, ~/, ./ or ../.",
		[]string{"/var/log/syslog", "~/.bashrc", "../lib/a.ex", "PATH=/usr/bin", "/srv/元氣"},
		[]string{"and/or", "1/2", "172.17.0.0/16", "https://example.com/a", "</div>", "a / b"}, true,
		`(?m:^|[\s"'\x60(\[{=,;:|])(?P<path>(?:~|\.\.?)?(?:/(?:[` + inPath + `.]*[` + inPath + `]|\.\.))+/?)`},
	{"version", "A version: three numbers or more, two after a v, or a Debian package's. An IPv4 address looks like one: in a list, address goes first.",
		[]string{"1.14.0", "v1.2.3-rc1", "25.1.2", "v1.2", "3.12.0rc1", "1.14.0.dfsg-2+deb12u1", "2.36-9+deb12u3"},
		[]string{"1.14", "OTP 25", "x1.2.3", "1.5-2.5"}, false,
		`\b(?:\d:)?(?:(?:v\d+(?:\.\d+)+|\d+(?:\.\d+){2,})(?:(?:a|b|rc|p)\d+|[a-z]|\.(?:dev\d+|post\d+|dfsg))?(?:[-+~]\w+(?:\.\d\w*)*)*` +
			`|\d+\.\d+-\d+(?:[.~]\w+)*\+\w+)\b`},
}

// Parts of patterns.
const (
	octet   = `(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)`
	ipv4    = `(?:` + octet + `\.){3}` + octet
	hour    = `(?:[01]?\d|2[0-3])`
	second  = `:(?:[0-5]\d|60)(?:[.,]\d{1,9})?`
	zone    = `Z| ?[+-]\d\d:?\d\d| ?[AaPp][Mm]| (?:UTC|GMT|JST|KST|IST|BST|CES?T|EES?T|[ECMP][SD]T)`
	year    = `(?:19|20)\d\d`
	day     = `(?:0?[1-9]|[12]\d|3[01])`
	month   = `(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:t(?:ember)?)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)`
	weekday = `(?:Mon(?:day)?|Tue(?:sday)?|Wed(?:nesday)?|Thu(?:rsday)?|Fri(?:day)?|Sat(?:urday)?|Sun(?:day)?)`
	decimal = `(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?`
	inPath  = `\pL\pN_@%+~#-`
)

// descending matches decimals with units, from the largest on: one or more of
// them, each at most once.
func descending(between string, units ...string) string {
	var firsts []string
	for i := range units {
		p := decimal + units[i]
		for _, u := range units[i+1:] {
			p += `(?:(?:` + between + `)` + decimal + u + `)?`
		}
		firsts = append(firsts, p)
	}
	return strings.Join(firsts, "|")
}

func readyNames() []string {
	var names []string
	for _, k := range readyKinds {
		names = append(names, k.name)
	}
	return names
}

// compiled are the ready-made kinds by name, for scripts that use any: the
// patterns take some milliseconds.
var compiled = sync.OnceValue(func() map[string]runner.Kind {
	kinds := map[string]runner.Kind{}
	for _, k := range readyKinds {
		kinds[k.name] = runner.Kind{Name: k.name, Pattern: regexp.MustCompile(k.pattern), Identity: k.identity}
	}
	return kinds
})

func readyKind(name string) (runner.Kind, error) {
	k, ok := compiled()[name]
	if !ok {
		return k, fmt.Errorf("there is no ready-made kind %q%s; there are %s; one of your own is made by kind(name, pattern)",
			name, Nearest(name, readyNames()), strings.Join(readyNames(), ", "))
	}
	return k, nil
}

// readyList is the ready-made kinds in Markdown.
func readyList() string {
	quote := func(texts []string) string { return "`" + strings.Join(texts, "`, `") + "`" }
	var b strings.Builder
	b.WriteString("Ready-made kinds:\n\n")
	for _, k := range readyKinds {
		fmt.Fprintf(&b, "- `%s`: %s There is one in %s, and none in %s.", k.name, k.doc, quote(k.like), quote(k.unlike))
		if k.identity {
			b.WriteString(" Identity is True if it is not given.")
		}
		b.WriteByte('\n')
	}
	return b.String() + "\n"
}

// Tries are what to declare of a text that is another in each run: ready-made
// kinds, those first that match less. Several runs show the same date, mostly,
// and it will be another all the same: where there is one, it is declared with
// the time.
func Tries() [][]runner.Kind {
	var tries [][]runner.Kind
	for _, names := range [][]string{
		{"address"}, {"port"}, {"date"}, {"date", "time"}, {"time"}, {"duration"}, {"id"}, {"path"}, {"version"}, {"number"},
	} {
		var kinds []runner.Kind
		for _, name := range names {
			k, err := readyKind(name)
			if err != nil {
				panic(err) // it is in the table
			}
			kinds = append(kinds, k)
		}
		tries = append(tries, kinds)
	}
	return tries
}
