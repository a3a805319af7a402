package report_test

import (
	"strings"
	"testing"

	"scenario/golden/report"
)

func TestGitHub(t *testing.T) {
	frozen := lesson()
	frozen.Frozen = true
	same(t, written(t, report.GitHub, frozen, broke(), bare()), `
::error file=scenarios/toukon/toukon.star,line=18,col=1,title=drifted%3A cluster@hoge.iex::cluster@hoge.iex%0A@@ -3,2 +3,2 @@%0A iex(2)> aisatsu()%0A-元氣ですか%0A+元氣ですかーーッ！
::error file=scenarios/toukon/toukon.star,line=31,col=1,title=drifted%3A spawn@piyo.iex::spawn@piyo.iex%0A@@ -2,1 +2,1 @@%0A-[#PID<0.5.0>, #PID<0.5.0>]%0A+[#PID<0.5.0>, #PID<0.8.0>]%0Athe pid 0.5.0, first seen in spawn@piyo.iex:2, is two now: 0.7.0 there, and 0.8.0 in spawn@piyo.iex:2
::error file=scenarios/toukon/toukon.star,line=32,col=1,title=missing%3A date@piyo::scenarios/toukon/golden/date@piyo.golden is missing
::error file=scenarios/toukon/toukon.star,line=1,title=unused%3A old@hoge.sh::scenarios/toukon/golden/old@hoge.sh.golden is unused: no step leaves it
::warning file=scenarios/toukon/toukon.star,line=5,col=1,title=warning%3A toukon::this kind of token matched nothing: (?P<time>\d+ ms|s)
::warning file=scenarios/toukon/toukon.star,line=1,title=warning%3A toukon::std/elixir.star:30:9: slow
::error file=toukon.star,line=18,col=1,title=failed%3A broke::hoge.iex: no prompt within 30s%0Ait shows: 元氣
::error file=bare.star,line=1,title=environment%3A bare::Docker cannot be reached
`)
}

// command reads a line as GitHub's runner does.
func command(t *testing.T, l string) (name string, properties map[string]string, message string) {
	t.Helper()
	head, message, ok := strings.Cut(strings.TrimPrefix(l, "::"), "::")
	if !strings.HasPrefix(l, "::") || !ok {
		t.Fatalf("%q is no command", l)
	}
	unescape := strings.NewReplacer("%0D", "\r", "%0A", "\n", "%3A", ":", "%2C", ",", "%25", "%").Replace
	name, list, _ := strings.Cut(head, " ")
	properties = map[string]string{}
	for _, p := range strings.Split(list, ",") {
		k, v, _ := strings.Cut(p, "=")
		properties[k] = unescape(v)
	}
	return name, properties, strings.NewReplacer("%0D", "\r", "%0A", "\n", "%25", "%").Replace(message)
}

// Each command is one line that says what it should: none is forged.
func TestGitHubForged(t *testing.T) {
	lines := strings.Split(strings.TrimSuffix(written(t, report.GitHub, hostile()), "\n"), "\n")
	if len(lines) != 4 {
		t.Fatalf("%d lines: %q", len(lines), lines)
	}
	inLine := strings.ReplaceAll(harmless, "\n", " ")
	for i, want := range []struct{ name, title, message string }{
		{"error", "failed: " + inLine, harmless},
		{"error", "drifted: l@n.sh", "l@n.sh\n" + harmless},
		{"error", "unused: " + inLine, "is unused"},
		{"warning", "warning: " + inLine, harmless},
	} {
		name, properties, message := command(t, lines[i])
		if name != want.name || properties["title"] != want.title || !strings.Contains(message, want.message) {
			t.Errorf("%s %q %q, want %q", name, properties, message, want)
		}
		if _, ok := properties["file"]; !ok || properties["line"] != "1" {
			t.Errorf("no place: %q", properties)
		}
	}
}

// An annotation stands where its file is, or at the script's first line.
func TestGitHubPlaces(t *testing.T) {
	for _, c := range []struct{ script, pos, want string }{
		{"x.star", "x.star:2:3", "file=x.star,line=2,col=3,title=warning%3A ::m"},
		{"a/x.star", "x.star:2", "file=a/x.star,line=2,title=warning%3A ::m"},
		{"a/x.star", "lib/y.star:2:3", "file=a/lib/y.star,line=2,col=3,title=warning%3A ::m"},
		{"a/b/x.star", "../y.star:2:3", "file=a/y.star,line=2,col=3,title=warning%3A ::m"},
		{"/a/x,y.star", "x,y.star:2:3", "file=/a/x%2Cy.star,line=2,col=3,title=warning%3A ::m"},
		{"a/x.star", "", "file=a/x.star,line=1,title=warning%3A ::m"},
		{"a/x.star", "std/y.star:2:3", "file=a/x.star,line=1,title=warning%3A ::std/y.star:2:3: m"},
		{"std/x.star", "x.star:2:3", "file=std/x.star,line=2,col=3,title=warning%3A ::m"},
		{"", "", "title=warning%3A ::m"},
	} {
		s := report.Scenario{Script: c.script, Warnings: []report.Note{{Pos: c.pos, Message: "m"}}}
		same(t, written(t, report.GitHub, s), "::warning "+c.want+"\n")
	}
}

func TestGitHubLong(t *testing.T) {
	s := bare()
	s.Failure.Message = strings.Repeat("氣", 1_000_000)
	_, _, message := command(t, strings.TrimSuffix(written(t, report.GitHub, s), "\n"))
	if len(message) > 64<<10 || !strings.HasSuffix(message, "\n… cut: 2968002 bytes more") {
		t.Errorf("%d bytes, …%s", len(message), message[len(message)-100:])
	}
	if strings.ContainsRune(message, '\ufffd') {
		t.Error("cut inside of a character")
	}
}
