package golden

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"scenario/runner"
)

// TestPart compares single steps as IEx, erl and a shell print them.
func TestPart(t *testing.T) {
	ordered := func(p Part) Part { return p }
	unordered := func(p Part) Part { p.Unordered = true; return p }
	with := func(kinds ...runner.Kind) func(Part) Part {
		return func(p Part) Part { p.Kinds = kinds; return p }
	}
	for _, c := range []struct {
		summary     string
		how         func(Part) Part
		typed       []string
		golden, run string
		state       State
		broken      string // of the first broken identity: kind, there and here
		diff        string // lines that it must have
		accept      string // where it is neither the golden nor the run
	}{{
		summary: "the same text",
		golden:  "iex(hoge@hoge.local)1> 1 + 1\n2",
		run:     "iex(hoge@hoge.local)1> 1 + 1\n2",
		typed:   []string{"1 + 1"},
	}, {
		summary: "a banner on a machine with more cores",
		golden:  "Erlang/OTP 25 [erts-13.1.5] [source] [64-bit] [smp:2:2] [ds:2:2:10] [async-threads:1] [jit:ns]\n\nInteractive Elixir (1.14.0) - press Ctrl+C to exit (type h() ENTER for help)",
		run:     "Erlang/OTP 25 [erts-13.1.5] [source] [64-bit] [smp:16:16] [ds:16:16:10] [async-threads:1] [jit:ns]\n\nInteractive Elixir (1.14.0) - press Ctrl+C to exit (type h() ENTER for help)",
	}, {
		summary: "a banner of another version",
		golden:  "Erlang/OTP 25 [erts-13.1.5] [source] [64-bit] [smp:2:2] [ds:2:2:10]",
		run:     "Erlang/OTP 25 [erts-13.1.6] [source] [64-bit] [smp:4:4] [ds:4:4:10]",
		state:   Drifted,
		diff:    "-Erlang/OTP 25 [erts-13.1.5] [source] [64-bit] [smp:2:2] [ds:2:2:10]\n+Erlang/OTP 25 [erts-13.1.6] [source] [64-bit] [smp:2:2] [ds:2:2:10]",
		accept:  "Erlang/OTP 25 [erts-13.1.6] [source] [64-bit] [smp:2:2] [ds:2:2:10]",
	}, {
		summary: "another pid",
		typed:   []string{"self()"},
		golden:  "iex(1)> self()\n#PID<0.110.0>",
		run:     "iex(1)> self()\n#PID<0.98.0>",
	}, {
		summary: "a pid of another node is not a local one",
		typed:   []string{"Node.spawn(:fuga@fuga.local, fn -> :ok end)"},
		golden:  "iex(1)> Node.spawn(:fuga@fuga.local, fn -> :ok end)\n#PID<0.110.0>",
		run:     "iex(1)> Node.spawn(:fuga@fuga.local, fn -> :ok end)\n#PID<12443.110.0>",
		state:   Drifted,
		diff:    "-#PID<0.110.0>\n+#PID<12443.110.0>",
	}, {
		summary: "one process is still one",
		golden:  "{#PID<0.110.0>, #PID<0.110.0>, #PID<0.111.0>}",
		run:     "{#PID<0.210.0>, #PID<0.210.0>, #PID<0.9.0>}",
	}, {
		summary: "one process became two",
		golden:  "#PID<0.110.0>\nfoo\n#PID<0.110.0>",
		run:     "#PID<0.210.0>\nfoo\n#PID<0.211.0>",
		state:   Drifted,
		broken:  "pid 1:110.0=210.0 3:110.0=211.0",
		diff:    " #PID<0.110.0>\n foo\n-#PID<0.110.0>\n+#PID<0.211.0>",
		accept:  "#PID<0.110.0>\nfoo\n#PID<0.211.0>",
	}, {
		summary: "two processes became one",
		golden:  "#PID<0.110.0>\n#PID<0.111.0>",
		run:     "#PID<0.210.0>\n#PID<0.210.0>",
		state:   Drifted,
		broken:  "pid 1:110.0=210.0 2:111.0=210.0",
		accept:  "#PID<0.110.0>\n#PID<0.110.0>",
	}, {
		summary: "two processes changed places",
		golden:  "#PID<0.110.0>\n#PID<0.111.0>\n#PID<0.110.0> exited",
		run:     "#PID<0.210.0>\n#PID<0.211.0>\n#PID<0.211.0> exited",
		state:   Drifted,
		broken:  "pid 1:110.0=210.0 3:110.0=211.0",
		accept:  "#PID<0.110.0>\n#PID<0.111.0>\n#PID<0.111.0> exited",
	}, {
		summary: "all processes of a node moved with it",
		golden:  "#PID<12443.110.0> #PID<12443.111.0> #PID<9.110.0>",
		run:     "#PID<8000.10.0> #PID<8000.11.0> #PID<8001.10.0>",
	}, {
		summary: "a process moved to another node",
		golden:  "#PID<12443.110.0> #PID<12443.111.0>",
		run:     "#PID<12443.110.0> #PID<12444.111.0>",
		state:   Drifted,
		broken:  "remote pid.peer 1:12443=12443 1:12443=12444",
	}, {
		summary: "a new process of a known node is called by the node's name",
		golden:  "#PID<12443.110.0>\nok",
		run:     "#PID<8000.10.0>\n#PID<8000.11.0> died",
		state:   Drifted,
		accept:  "#PID<12443.110.0>\n#PID<12443.11.0> died",
	}, {
		summary: "a new process whose name is taken gets the next",
		golden:  "#PID<0.110.0>\nok",
		run:     "#PID<0.210.0>\n#PID<0.110.0> died",
		state:   Drifted,
		accept:  "#PID<0.110.0>\n#PID<0.111.0> died",
	}, {
		summary: "a new process keeps its name beside another's new name",
		golden:  "#PID<0.110.0>\nok",
		run:     "#PID<0.210.0>\n#PID<0.110.0>, #PID<0.111.0> died",
		state:   Drifted,
		accept:  "#PID<0.110.0>\n#PID<0.112.0>, #PID<0.111.0> died",
	}, {
		summary: "functions of the shell",
		typed:   []string{"fn -> 1 end"},
		golden:  "iex(1)> fn -> 1 end\n#Function<43.3316493/0 in :erl_eval.expr/6>",
		run:     "iex(1)> fn -> 1 end\n#Function<45.65746770/0 in :erl_eval.expr/6>",
	}, {
		summary: "a function of another arity",
		golden:  "#Function<43.3316493/0 in :erl_eval.expr/6>",
		run:     "#Function<43.3316493/1 in :erl_eval.expr/6>",
		state:   Drifted,
	}, {
		summary: "erl: references, ports and funs",
		typed:   []string{"{make_ref(), hd(erlang:ports()), fun() -> ok end, self()}."},
		golden:  "(hoge@hoge.local)1> {make_ref(), hd(erlang:ports()), fun() -> ok end, self()}.\n{#Ref<0.1378036023.1343225858.131420>,#Port<0.0>,#Fun<erl_eval.43.3316493>,<0.86.0>}",
		run:     "(hoge@hoge.local)1> {make_ref(), hd(erlang:ports()), fun() -> ok end, self()}.\n{#Ref<0.378036023.343225858.13142>,#Port<0.1>,#Fun<erl_eval.45.65746770>,<0.9.0>}",
	}, {
		summary: "numbers are literal",
		golden:  "{:timeout, 5000}",
		run:     "{:timeout, 6000}",
		state:   Drifted,
		diff:    "-{:timeout, 5000}\n+{:timeout, 6000}",
	}, {
		summary: "unless a script declares them",
		how:     with(duration, clock),
		golden:  "12:00:03.120 took 5000 ms",
		run:     "09:10:33.001 took 12.5 ms",
	}, {
		summary: "a token without identity may be anything",
		how:     with(clock),
		golden:  "12:00:03.120 12:00:03.120",
		run:     "12:00:03.120 12:00:03.121",
	}, {
		summary: "a token of another kind",
		how:     with(clock, number),
		golden:  "at 12:00:03.120",
		run:     "at 12",
		state:   Drifted,
	}, {
		summary: "a new token is one that its kind allows",
		how:     with(kind("even", `\b\d*[02468]\b`, true)),
		golden:  "12\nok",
		run:     "20\n12 died",
		state:   Drifted,
		accept:  "12\n14 died",
	}, {
		summary: "it keeps the golden's text when the line around it drifts",
		how:     with(clock),
		golden:  "12:00:03.120 [info] hello",
		run:     "13:10:03.120 [info] hallo",
		state:   Drifted,
		accept:  "12:00:03.120 [info] hallo",
	}, {
		summary: "so does a token that is seen nowhere else",
		golden:  "process #PID<0.110.0> exited",
		run:     "process #PID<0.114.0> stopped",
		state:   Drifted,
		diff:    "-process #PID<0.110.0> exited\n+process #PID<0.110.0> stopped",
		accept:  "process #PID<0.110.0> stopped",
	}, {
		summary: "what was typed is literal in the echo",
		how:     with(number),
		typed:   []string{"Process.sleep(5000)"},
		golden:  "iex(1)> Process.sleep(5000)\n17",
		run:     "iex(1)> Process.sleep(6000)\n17",
		state:   Drifted,
	}, {
		summary: "and where it is printed again",
		how:     with(number),
		typed:   []string{"echo 5000 5000"},
		golden:  "$ echo 5000 5000\nechoed: echo 5000 6000",
		run:     "$ echo 5000 5000\nechoed: echo 5000 5000",
		state:   Drifted,
	}, {
		summary: "a prompt counts",
		typed:   []string{"1", "2"},
		golden:  "iex(3)> 1\niex(4)> 2",
		run:     "iex(3)> 1\niex(5)> 2",
		state:   Drifted,
	}, {
		summary: "IEx breaks a list when a reference is a digit longer",
		typed:   []string{"refs"},
		golden: `
iex(1)> refs
[#Reference<0.378036023.343225858.13142>, #Reference<0.378036023.343225858.131>]
:ok`,
		run: `
iex(1)> refs
[
  #Reference<0.378036023.343225858.13142>,
  #Reference<0.378036023.343225858.1312>
]
:ok`,
	}, {
		summary: "a map is broken everywhere, not only beside the pid",
		golden:  `%{name: "hoge", pid: #PID<0.110.0>, state: {:ok, [1, 2]}, count: 5}`,
		run: `
%{
  name: "hoge",
  pid: #PID<0.1100.0>,
  state: {:ok, [1, 2]},
  count: 5
}`,
	}, {
		summary: "erl breaks behind a comma, where there was no blank",
		golden:  "[<0.85.0>,<0.86.0>,\n <0.87.0>]\nok",
		run:     "[<0.85.0>,\n <0.860.0>,<0.87.0>]\nok",
	}, {
		summary: "and indents by what stands before",
		golden:  "{<0.85.0>,[alpha,\n           beta,\n           gamma]}",
		run:     "{<0.850.0>,[alpha,\n            beta,\n            gamma]}",
	}, {
		summary: "columns are padded",
		golden:  "<0.85.0>   shell     12\nshort",
		run:     "<0.1085.0> shell     12\nshort",
	}, {
		summary: "but only those beside the token",
		golden:  "<0.85.0>   shell     12",
		run:     "<0.1085.0> shell   12",
		state:   Drifted,
		accept:  "<0.85.0> shell   12",
	}, {
		summary: "the same break without a longer token is drift",
		golden:  "[#PID<0.110.0>, #PID<0.111.0>]",
		run:     "[\n  #PID<0.110.0>,\n  #PID<0.111.0>\n]",
		state:   Drifted,
	}, {
		summary: "a longer token excuses nothing in other lines",
		golden:  "#PID<0.110.0>\none two\nthree",
		run:     "#PID<0.1100.0>\none  two\nthree",
		state:   Drifted,
		accept:  "#PID<0.110.0>\none  two\nthree",
	}, {
		summary: "nor their breaks",
		golden:  "#PID<0.110.0>\none two\nthree",
		run:     "#PID<0.1100.0>\none\ntwo\nthree",
		state:   Drifted,
		accept:  "#PID<0.110.0>\none\ntwo\nthree",
	}, {
		summary: "nor an empty line",
		golden:  "#PID<0.110.0>\none",
		run:     "#PID<0.1100.0>\n\none",
		state:   Drifted,
		accept:  "#PID<0.110.0>\n\none",
	}, {
		summary: "nor an empty line in place of a blank",
		golden:  "#PID<0.110.0> one",
		run:     "#PID<0.1100.0>\n\none",
		state:   Drifted,
		accept:  "#PID<0.110.0>\n\none",
	}, {
		summary: "nor a blank that is gone",
		golden:  "pid #PID<0.110.0>",
		run:     "pid#PID<0.1100.0>",
		state:   Drifted,
		accept:  "pid#PID<0.110.0>",
	}, {
		summary: "nor a word that is broken",
		golden:  "#PID<0.110.0> foobar",
		run:     "#PID<0.1100.0> foo\nbar",
		state:   Drifted,
		accept:  "#PID<0.110.0> foo\nbar",
	}, {
		summary: "what is wrapped in another way is no change beside a drifted line",
		golden:  "one\n[#PID<0.110.0>, #PID<0.111.0>]\nthree",
		run:     "uno\n[\n  #PID<0.1100.0>,\n  #PID<0.111.0>\n]\nthree",
		state:   Drifted,
		diff:    "@@ -1,3 +1,3 @@\n-one\n+uno\n [#PID<0.110.0>, #PID<0.111.0>]\n three",
		accept:  "uno\n[#PID<0.110.0>, #PID<0.111.0>]\nthree",
	}, {
		summary: "trailing blanks are text",
		golden:  "one ",
		run:     "one",
		state:   Drifted,
	}, {
		summary: "Japanese",
		typed:   []string{"Toukon.aisatsu()"},
		golden:  "iex(2)> Toukon.aisatsu()\n\"元氣ですかーーーーッ！\"",
		run:     "iex(2)> Toukon.aisatsu()\n\"元気ですかーーーーッ！\"",
		state:   Drifted,
	}, {
		summary: "unordered lines",
		how:     unordered,
		typed:   []string{"Node.spawn(fuga, f)"},
		golden:  "iex(2)> Node.spawn(fuga, f)\n元氣ですかーーーーッ！\n#PID<12443.138.0>",
		run:     "iex(2)> Node.spawn(fuga, f)\n#PID<9001.98.0>\n元氣ですかーーーーッ！",
	}, {
		summary: "ordered lines",
		how:     ordered,
		golden:  "元氣ですかーーーーッ！\n#PID<12443.138.0>",
		run:     "#PID<9001.98.0>\n元氣ですかーーーーッ！",
		state:   Drifted,
		accept:  "#PID<12443.138.0>\n元氣ですかーーーーッ！",
	}, {
		summary: "the header of an unordered part is in order",
		how:     unordered,
		typed:   []string{"a", "b"},
		golden:  "iex(1)> a\niex(2)> b\n1\n2",
		run:     "iex(2)> b\niex(1)> a\n2\n1",
		state:   Drifted,
		accept:  "iex(2)> b\niex(1)> a\n1\n2",
	}, {
		summary: "unordered lines are counted",
		how:     unordered,
		golden:  "one\ntwo\ntwo",
		run:     "two\none\none",
		state:   Drifted,
		diff:    " one\n two\n-two\n+one",
		accept:  "one\ntwo\none",
	}, {
		summary: "unordered lines are told apart by their tokens",
		how:     unordered,
		golden:  "a #PID<0.1.0>\na #PID<0.2.0>\nb #PID<0.2.0>\nc #PID<0.1.0>",
		run:     "c #PID<0.7.0>\na #PID<0.8.0>\na #PID<0.7.0>\nb #PID<0.8.0>",
	}, {
		summary: "even when only their company differs",
		how:     unordered,
		golden:  "link #PID<0.1.0> #PID<0.2.0>\nlink #PID<0.2.0> #PID<0.3.0>\nlink #PID<0.3.0> #PID<0.4.0>",
		run:     "link #PID<0.8.0> #PID<0.9.0>\nlink #PID<0.7.0> #PID<0.8.0>\nlink #PID<0.6.0> #PID<0.7.0>",
	}, {
		summary: "and along a chain of it",
		how:     unordered,
		golden:  "#PID<0.1.0> #PID<0.2.0>\n#PID<0.2.0> #PID<0.3.0>\n#PID<0.3.0> #PID<0.4.0>\n#PID<0.4.0> #PID<0.5.0>\n#PID<0.5.0> #PID<0.6.0>\n#PID<0.6.0> #PID<0.7.0>",
		run:     "#PID<0.3.0> #PID<0.4.0>\n#PID<0.4.0> #PID<0.5.0>\n#PID<0.2.0> #PID<0.3.0>\n#PID<0.6.0> #PID<0.7.0>\n#PID<0.5.0> #PID<0.6.0>\n#PID<0.1.0> #PID<0.2.0>",
	}, {
		summary: "what many lines hold in one is line by line in unordered ones",
		how: func(p Part) Part {
			p.Kinds = []runner.Kind{kind("block", `(?s)begin.*?end`, false)}
			p.Unordered = true
			return p
		},
		golden: "begin 1\nend 1\nbegin 2 end",
		run:    "end 1\nbegin 3 end\nbegin 1",
	}, {
		summary: "a token of several lines",
		how:     with(kind("block", `(?s)begin.*?end`, false)),
		golden:  "a begin\n1\n2 end b\nc",
		run:     "a begin\n1 end b\nc",
	}, {
		summary: "a token of several lines, and a line that drifts",
		how:     with(kind("block", `(?s)begin.*?end`, false)),
		golden:  "a begin\n1\n2 end b\nc",
		run:     "a begin\n1 end b\nd",
		state:   Drifted,
		diff:    " 2 end b\n-c\n+d",
		accept:  "a begin\n1\n2 end b\nd",
	}, {
		summary: "unordered lines break identities too",
		how:     unordered,
		golden:  "a #PID<0.1.0>\nb #PID<0.1.0>",
		run:     "b #PID<0.7.0>\na #PID<0.8.0>",
		state:   Drifted,
		broken:  "pid 2:1.0=7.0 1:1.0=8.0",
	}, {
		summary: "an unordered value may be wrapped in another way",
		how:     unordered,
		golden:  "[#PID<0.110.0>, #PID<0.111.0>]",
		run:     "[\n  #PID<0.1100.0>,\n  #PID<0.111.0>\n]",
	}, {
		summary: "a container's id in the prompt",
		how: func(p Part) Part {
			p.Known = []string{"9f86d081884c", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}
			return p
		},
		typed:  []string{"hostname"},
		golden: "root@e3b0c44298fc:/# hostname\ne3b0c44298fc\ncafe00000000",
		run:    "root@9f86d081884c:/# hostname\n9f86d081884c\ncafe00000000",
	}, {
		summary: "an id is one id everywhere",
		how:     func(p Part) Part { p.Known = []string{"9f86d081884c", "0123456789ab"}; return p },
		golden:  "e3b0c44298fc e3b0c44298fc",
		run:     "9f86d081884c 0123456789ab",
		state:   Drifted,
		broken:  "id 1:e3b0c44298fc=9f86d081884c 1:e3b0c44298fc=0123456789ab",
	}, {
		summary: "what only looks like an id is literal",
		how:     func(p Part) Part { p.Known = []string{"9f86d081884c"}; return p },
		golden:  "commit cafe00000000",
		run:     "commit cafe00000001",
		state:   Drifted,
	}, {
		summary: "an empty output",
		typed:   []string{"true"},
		golden:  "$ true",
		run:     "$ true",
	}, {
		summary: "an output that vanished",
		typed:   []string{"date"},
		golden:  "$ date\nMon",
		run:     "$ date",
		state:   Drifted,
		diff:    " $ date\n-Mon",
	}} {
		t.Run(c.summary, func(t *testing.T) {
			p := step(c.run, c.typed...)
			if c.how != nil {
				p = c.how(p)
			}
			v := alone(t, p, c.golden)
			if v.State != c.state {
				t.Errorf("%s, want %s", v.State, c.state)
			}
			if broken := describe(v.Broken); broken != c.broken {
				t.Errorf("broken: %q, want %q", broken, c.broken)
			}
			if !strings.Contains(v.Diff, c.diff) {
				t.Errorf("diff:\n%swant in it:\n%s", v.Diff, c.diff)
			}
			accept := c.accept
			switch {
			case accept == "" && c.state == Same:
				accept = trim(c.golden)
			case accept == "" && c.broken == "":
				accept = trim(c.run)
			}
			if accept != "" && v.Accept != accept+"\n" {
				t.Errorf("accept:\n%swant:\n%s", v.Accept, accept)
			}
		})
	}
}

func describe(broken []Identity) string {
	if len(broken) == 0 {
		return ""
	}
	b := broken[0]
	return fmt.Sprintf("%s %d:%s=%s %d:%s=%s", b.Kind,
		b.First.Line, b.First.Golden, b.First.Run, b.Here.Line, b.Here.Golden, b.Here.Run)
}

// TestScope holds several texts of a run against their goldens.
func TestScope(t *testing.T) {
	text := func(name, scope string, outputs ...string) Text {
		text := Text{Name: name}
		for _, o := range outputs {
			text.Parts = append(text.Parts, Part{Text: o, Scope: scope, Wraps: true, Tolerance: runner.Tolerance{Kinds: beam}, Pos: name + ":" + o})
		}
		return text
	}
	for _, c := range []struct {
		summary string
		texts   []Text
		have    map[string]string
		states  []State
		accept  map[string]string // of those that are not as in have
	}{{
		summary: "a pid is one in all texts of its scope",
		texts:   []Text{text("a", "1", "#PID<0.1.0>"), text("b", "1", "#PID<0.1.0>")},
		have:    map[string]string{"a": "#PID<0.5.0>\n", "b": "#PID<0.6.0>\n"},
		states:  []State{Same, Drifted},
		accept:  map[string]string{"b": "#PID<0.5.0>\n"},
	}, {
		summary: "and in another scope it is another",
		texts:   []Text{text("a", "1", "#PID<0.1.0>"), text("b", "2", "#PID<0.1.0>")},
		have:    map[string]string{"a": "#PID<0.5.0>\n", "b": "#PID<0.6.0>\n"},
		states:  []State{Same, Same},
	}, {
		summary: "unordered lines are told apart by what another text has bound",
		texts: []Text{
			text("a", "1", "#PID<0.7.0> first"),
			{Name: "b", Parts: []Part{{
				Text:  "m #PID<0.3.0>\nm #PID<0.4.0>\nl #PID<0.8.0> #PID<0.4.0>\nl #PID<0.7.0> #PID<0.3.0>",
				Scope: "1", Tolerance: runner.Tolerance{Kinds: beam, Unordered: true},
			}}},
		},
		have: map[string]string{
			"a": "#PID<0.1.0> first\n",
			"b": "l #PID<0.1.0> #PID<0.30.0>\nl #PID<0.2.0> #PID<0.40.0>\nm #PID<0.40.0>\nm #PID<0.30.0>\n",
		},
		states: []State{Same, Same},
	}, {
		summary: "and by another unordered text behind",
		texts: []Text{
			{Name: "a", Parts: []Part{{Text: "#PID<0.7.0>\n#PID<0.8.0>", Scope: "1", Tolerance: runner.Tolerance{Kinds: beam, Unordered: true}}}},
			{Name: "b", Parts: []Part{{Text: "#PID<0.7.0> is up", Scope: "1", Tolerance: runner.Tolerance{Kinds: beam, Unordered: true}}}},
		},
		have:   map[string]string{"a": "#PID<0.2.0>\n#PID<0.1.0>\n", "b": "#PID<0.1.0> is up\n"},
		states: []State{Same, Same},
	}, {
		summary: "a new text takes over the names of those before it and after it",
		texts:   []Text{text("a", "1", "#PID<0.1.0>"), text("b", "1", "#PID<0.2.0> #PID<0.1.0> #PID<0.3.0>"), text("c", "1", "#PID<0.2.0>")},
		have:    map[string]string{"a": "#PID<0.5.0>\n", "c": "#PID<0.6.0>\n"},
		states:  []State{Same, New, Same},
		accept:  map[string]string{"b": "#PID<0.6.0> #PID<0.5.0> #PID<0.3.0>\n"},
	}, {
		summary: "a new text gives way to names that are taken",
		texts:   []Text{text("a", "1", "#PID<0.6.0>"), text("b", "1", "#PID<0.1.0>")},
		have:    map[string]string{"b": "#PID<0.6.0>\n"},
		states:  []State{New, Same},
		accept:  map[string]string{"a": "#PID<0.6.1>\n"},
	}, {
		summary: "all new: as recorded",
		texts:   []Text{text("a", "1", "#PID<0.6.0>", "x"), text("b", "2", "#PID<0.6.0>", "")},
		states:  []State{New, New},
		accept:  map[string]string{"a": "#PID<0.6.0>\nx\n", "b": "#PID<0.6.0>\n"},
	}, {
		summary: "a golden that no text has",
		texts:   []Text{text("b", "1", "x")},
		have:    map[string]string{"c": "x\n", "b": "x\n", "a": "x\n"},
		states:  []State{Same, Unused, Unused},
	}, {
		summary: "an empty golden",
		texts:   []Text{text("a", "1", "x")},
		have:    map[string]string{"a": ""},
		states:  []State{Drifted},
		accept:  map[string]string{"a": "x\n"},
	}, {
		summary: "no parts",
		texts:   []Text{{Name: "a"}, {Name: "b"}, {Name: "c"}},
		have:    map[string]string{"a": "x\n", "b": ""},
		states:  []State{Drifted, Same, New},
		accept:  map[string]string{"a": "", "c": ""},
	}, {
		summary: "git made \\r\\n of the line endings",
		texts:   []Text{text("a", "1", "#PID<0.1.0>\nx", "y")},
		have:    map[string]string{"a": "#PID<0.5.0>\r\nx\r\ny\r\n"},
		states:  []State{Same},
	}, {
		summary: "and they stay",
		texts:   []Text{text("a", "1", "#PID<0.1.0>\nX", "y")},
		have:    map[string]string{"a": "#PID<0.5.0>\r\nx\r\ny\r\n"},
		states:  []State{Drifted},
		accept:  map[string]string{"a": "#PID<0.5.0>\r\nX\r\ny\r\n"},
	}, {
		summary: "an editor took the last newline",
		texts:   []Text{text("a", "1", "x", "y")},
		have:    map[string]string{"a": "x\ny"},
		states:  []State{Same},
	}, {
		summary: "and a line follows",
		texts:   []Text{text("a", "1", "x", "y", "z")},
		have:    map[string]string{"a": "x\ny"},
		states:  []State{Drifted},
		accept:  map[string]string{"a": "x\ny\nz\n"},
	}, {
		summary: "an empty line at the end is text",
		texts:   []Text{text("a", "1", "x")},
		have:    map[string]string{"a": "x\n\n"},
		states:  []State{Drifted},
		accept:  map[string]string{"a": "x\n"},
	}} {
		t.Run(c.summary, func(t *testing.T) {
			verdicts := compareAll(t, c.texts, c.have)
			var states []State
			for _, v := range verdicts {
				states = append(states, v.State)
				if v.State == Unused {
					continue
				}
				want, ok := c.accept[v.Name]
				if !ok {
					want = c.have[v.Name]
				}
				if v.Accept != want {
					t.Errorf("accept %s: %q, want %q", v.Name, v.Accept, want)
				}
			}
			if !slices.Equal(states, c.states) {
				t.Errorf("%v, want %v", states, c.states)
			}
		})
	}
}

// TestOrder says that the verdicts come as the texts do.
func TestOrder(t *testing.T) {
	names := []string{"z", "a", "m"}
	var texts []Text
	for _, n := range names {
		texts = append(texts, Text{Name: n, Parts: []Part{{Text: n}}})
	}
	for i, v := range Compare(texts, map[string]string{"y": "", "b": ""}) {
		if want := []string{"z", "a", "m", "b", "y"}[i]; v.Name != want {
			t.Errorf("verdict %d is %s, want %s", i, v.Name, want)
		}
	}
}

// TestTokens says what is found in a text: tokens in [], nested ones in [[]].
func TestTokens(t *testing.T) {
	for _, c := range []struct {
		kinds []runner.Kind
		known []string
		typed []string
		text  string
		want  string
	}{
		{beam, nil, nil, "#PID<0.1.0>", "#PID<0.[1.0]>"},
		{beam, nil, nil, "#PID<8.1.0>", "#PID<[[8].1.0]>"},
		{beam, nil, nil, "#PID<8.1>", "#PID<8.1>"},
		{[]runner.Kind{clock, number}, nil, nil, "12:00:00.123 12", "[12:00:00.123] [12]"},
		{[]runner.Kind{number, clock}, nil, nil, "12:00:00.123 12", "[12]:[00]:[00].[123] [12]"},
		{[]runner.Kind{number}, nil, []string{"f 12"}, "$ f 12\n12 f 12 f 123", "$ f 12\n[12] f 12 f [123]"},
		{[]runner.Kind{number}, nil, []string{"f 1", "2", ""}, "1$ f 1\n2> 2\n3>\n2 3", "[1]$ f 1\n2> 2\n[3]>\n2 [3]"},
		{[]runner.Kind{number}, []string{"12ab", "12"}, nil, "12ab 12 112 12abc", "[12ab] [12] [112] [12]abc"},
		{nil, []string{"if23", "23"}, nil, "23: eth0@if23: if24", "[23]: eth0@[if23]: if24"},
		{nil, []string{"0123456789ab"}, nil, "x0123456789ab 0123456789abc 0123456789ab元", "x0123456789ab 0123456789abc [0123456789ab]元"},
		{nil, []string{"", "02:42:ac:11:00:04"}, nil, "02:42:ac:11:00:04 02:42:ac:11:00:05", "[02:42:ac:11:00:04] 02:42:ac:11:00:05"},
		{[]runner.Kind{kind("k", `(?:(?P<a>x)|(?P<b>y))+`, true)}, nil, nil, "yx", "[y][x]"},
		{[]runner.Kind{kind("k", `(?P<a>(?P<b>x)?y)+`, true)}, nil, nil, "xyy", "xy[y]"},
		{[]runner.Kind{kind("k", `a(?P<a>\d*)`, true)}, nil, nil, "a a1", "a[] a[1]"},
		{[]runner.Kind{kind("k", `x*`, true)}, nil, nil, "xaxx", "[x]a[xx]"},
		{[]runner.Kind{{Name: "none"}}, nil, nil, "x", "x"},
		{[]runner.Kind{{Name: "end", Pattern: regexp.MustCompile(`\w+$`)}}, nil, nil, "x y", "x [y]"},
	} {
		p := &Part{Typed: c.typed}
		l := newLexer(c.kinds, newIDs([]Text{{Parts: []Part{{Text: c.text, Known: c.known}}}}))
		s, _ := l.cut(c.text+"\n", p, l.ids.isKnown)
		marks := make(map[int]string)
		for i, tok := range s.tokens {
			marks[tok.end] = "]" + marks[tok.end]
			if tok.start == tok.end {
				marks[tok.start] = "[]"
				continue
			}
			marks[tok.start] += "["
			if i > 0 && tok.class.depth > 0 && tok.class.depth <= s.tokens[i-1].class.depth && tok.start < s.tokens[i-1].end {
				t.Errorf("%q: tokens overlap: %v", c.text, s.tokens)
			}
		}
		var got strings.Builder
		for i := range len(s.text) {
			got.WriteString(marks[i])
			got.WriteByte(s.text[i])
		}
		if got := strings.TrimSuffix(got.String(), "\n"); got != c.want {
			t.Errorf("%q: %s, want %s", c.text, got, c.want)
		}
	}
}
