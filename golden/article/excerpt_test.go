package article

import (
	"strings"
	"testing"
)

// In these texts, each line that was typed has a ¦ between prompt and statement.
func TestPrompts(t *testing.T) {
	for name, marked := range map[string]string{
		"shell": `$ ¦hostname -i
172.17.0.4
$ ¦cd /srv && echo '<h1>hello</h1>' > index.html
$ ¦pwd; wc -c index.html
/srv
$5 is no prompt
> 1 is none here, an answer came before
`,
		"shell, a quote": "$ ¦echo 'a\n> ¦$ b\n> ¦c'\na\n",
		"shell, a document": `$ ¦cat > x <<'END'
> ¦> it says
> ¦don't
> ¦END
$ ¦cat x
`,
		"shell, a loop": `$ ¦for i in 1 2; do
> ¦  if true; then
> ¦    echo $i \
> ¦      ok
> ¦  fi
> ¦done
1 ok
2 ok
`,
		"shell, lists": "$ ¦true &&\n> ¦true |\n> ¦cat\n$ ¦{ true\n> ¦}\n$ ¦(cd /\n> ¦pwd)\n/\n",
		"iex": `iex(hoge@172.17.0.4)4> ¦Node.spawn(
...(hoge@172.17.0.4)4> ¦  fn ->
...(hoge@172.17.0.4)4>¦
...(hoge@172.17.0.4)4> ¦  end
...(hoge@172.17.0.4)4> ¦)
#PID<0.1.0>
iex(1)> ¦1
1
iex> ¦2
...> ¦
2
`,
		"iex in a shell":             "iex(1)> ¦System.halt()\n$ ¦iex --name a@b\nErlang/OTP 25\n\niex(a@b)1> ¦1\n1\n",
		"only output, then a prompt": "12:00:00 [error]\nUPDATE 1\npostgres=# ¦table a;\n(0 rows)\n",
		"erlang, OTP 25": `(pong@172.18.0.3)2> ¦Echo = fun Loop() ->
(pong@172.18.0.3)2> ¦    stop -> ok
(pong@172.18.0.3)2>¦
(pong@172.18.0.3)2> ¦end. % so it ends
#Fun<erl_eval.20.3316493>
1> ¦a. b.
a
b
`,
		"erlang, OTP 27":  "1> ¦F = fun() ->\n   ¦    ok\n   ¦end.\n#Fun<x>\n2> ¦F().\nok\n3> ¦a,\n .. ¦b.\nb\n",
		"python":          ">>> ¦import socket\n>>> ¦def f(x):\n... ¦    return x\n...¦\n>>> ¦f(\n... ¦  1)\n1\n>>> ¦\"\"\"a\n... ¦b\"\"\"\n'a\\nb'\n>>> ¦@f\n... ¦def g(): 1\n... ¦\n... is printed\n",
		"psql":            "postgres=# ¦create table a (\npostgres(# ¦  b int\npostgres(# ¦);\nCREATE TABLE\npostgres=*# ¦commit\npostgres-*# ¦;\nCOMMIT\npostgres=!> ¦x\n a-b \n-----\n",
		"redis":           "127.0.0.1:6379> ¦set a 1\nOK\n127.0.0.1:6379[1](TX)> ¦exec\n1) 2\nredis:6379> ¦get a\n\"1\"\n",
		"nothing came":    "$ ¦true\n",
		"nothing is said": "$ ¦\n",
	} {
		t.Run(name, func(t *testing.T) {
			var typed, came, plain strings.Builder
			for line := range strings.Lines(marked) {
				prompt, statement, ok := strings.Cut(line, "¦")
				plain.WriteString(prompt + statement)
				if ok {
					typed.WriteString(statement)
				} else {
					came.WriteString(line)
				}
			}
			for part, want := range map[string]string{"input": typed.String(), "output": came.String()} {
				got, err := Marker{part: part}.excerpt(plain.String())
				want = strings.TrimRight(want, "\n")
				if want == "" {
					if err == nil && got != "" {
						t.Errorf("%s: got %q, want none", part, got)
					}
				} else if err != nil || got != want+"\n" {
					t.Errorf("%s: %v\n got %q\nwant %q", part, err, got, want+"\n")
				}
			}
		})
	}
}

// Where it is not certain, nothing is guessed.
func TestDoubts(t *testing.T) {
	for _, text := range []string{
		"$ cat quote.md\n> quoted\n",
		"$ quiz\nquiz> What is the answer?\n",
		"db> get a\n",
		">>> f()\n... and so on\n",
		"1> F = fun() ->\n2> ok.\n",
		"1> F = fun() ->\nok.\n",
	} {
		if got, err := (Marker{part: "output"}).excerpt(text); err == nil || !strings.Contains(err.Error(), "it is not certain") {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}

func TestExcerpt(t *testing.T) {
	const text = "$ a\n1\n\n$ b\n2\n3\n"
	for body, want := range map[string]string{
		"x#x":                                text,
		"x#x lines=2":                        "1\n",
		"x#x lines=3-5":                      "\n$ b\n2\n",
		"x#x lines=5-":                       "2\n3\n",
		"x#x steps=1":                        "$ a\n1\n",
		"x#x steps=2 output":                 "2\n3\n",
		"x#x steps=1-2 input":                "a\nb\n",
		"x#x lines=4-5 input":                "b\n",
		"x#x from=2":                         "2\n3\n",
		"x#x to='$ b'":                       "$ a\n1\n\n$ b\n",
		`x#x from="$ b" to=2`:                "$ b\n2\n",
		`x#x from='$ b' to="2"`:              "$ b\n2\n",
		"x#x matrix=a=1 matrix=b=2 lang=sh ": text,
	} {
		m, err := parseMarker(1, body)
		var got string
		if err == nil {
			got, err = m.excerpt(text)
		}
		if err != nil || got != want {
			t.Errorf("%s: got %q, %v; want %q", body, got, err, want)
		}
	}
}

func TestQuotes(t *testing.T) {
	m, err := parseMarker(1, `"a b"/c.star from="chapter(\"x\\" to='"\"'`)
	if err != nil || m.Ref != "a b/c.star" || m.from != `chapter("x\` || m.to != `"\"` {
		t.Errorf("%q %q %q, %v", m.Ref, m.from, m.to, err)
	}
}
