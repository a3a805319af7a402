package check

import (
	"strings"
	"testing"

	"scenario/golden/article"
)

func TestBarred(t *testing.T) {
	for line, want := range map[string]string{
		"docker run --rm -it image /bin/sh": "needs the reader's own machine: there is no docker",
		"sudo apt-get -y install redis":     "needs network: apt-get install",
		"FOO=1 mix deps.get":                "needs network: mix deps.get",
		"mix test":                          "",
		"git clone https://example.com/x":   "needs network: git clone",
		"git init":                          "",
		"curl https://example.com/a":        "needs network: https://example.com/a",
		"curl http://localhost:8080/a":      "",
		"curl http://172.18.0.2/":           "",
		"curl -s http://web:8080/a":         "",
		"/usr/bin/pip install x":            "needs network: pip install",
		"iex --sname alex@localhost":        "",
		"echo docker":                       "",
	} {
		got := Barred(&article.Turn{Program: "sh", Typed: []string{line}})
		if want == "" && got != "" || !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
	if got := Barred(&article.Turn{Program: "iex", Typed: []string{"docker run"}}); got != "" {
		t.Errorf("in IEx: %q", got)
	}
}

func TestWord(t *testing.T) {
	for _, c := range []struct {
		text, name string
		want       bool
	}{
		{"hogeノードのIEx", "hoge", true}, {"on rabbit1", "rabbit1", true}, {"on rabbit10", "rabbit1", false},
		{"foo-bar", "foo", false}, {"rabbit10 and rabbit1", "rabbit1", true}, {"x", "", false}, {"ノードa", "a", true},
	} {
		if got := word(c.text, c.name); got != c.want {
			t.Errorf("%s in %q: %v", c.name, c.text, got)
		}
	}
}
