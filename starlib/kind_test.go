package starlib

import (
	"strings"
	"testing"

	"scenario/golden"
	"scenario/runner"
)

// The examples of the manual are what it says.
func TestReadyKinds(t *testing.T) {
	for _, r := range readyKinds {
		k, err := readyKind(r.name)
		if err != nil {
			t.Fatal(err)
		}
		token := max(k.Pattern.SubexpIndex(r.name), 0)
		for _, around := range [][2]string{{"", ""}, {"it is ", ", then"}, {"(", ")"}, {"\n", ".\n"}, {"「", "」"}} {
			if r.name == "path" && around[0] == "「" {
				continue // it would not be one in 読み/書き
			}
			for _, like := range r.like {
				text := around[0] + like + around[1]
				found := k.Pattern.FindAllStringSubmatchIndex(text, -1)
				if len(found) != 1 || text[found[0][2*token+1]:] != around[1] {
					t.Errorf("%s: in %q there is %q", r.name, text, k.Pattern.FindAllString(text, -1))
				}
			}
			for _, unlike := range r.unlike {
				if text := around[0] + unlike + around[1]; k.Pattern.MatchString(text) {
					t.Errorf("%s: in %q there is %q", r.name, text, k.Pattern.FindString(text))
				}
			}
		}
	}
}

func TestReadyKindsAreExplained(t *testing.T) {
	for _, name := range []string{"kind", "volatile"} {
		text, err := Explain(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range readyKinds {
			if !strings.Contains(text, "- "+r.name+": "+r.doc) {
				t.Errorf("%s does not speak of %s:\n%s", name, r.name, text)
			}
		}
	}
}

func TestTriesHaveEachKind(t *testing.T) {
	tried := map[string]bool{}
	for _, kinds := range Tries() {
		tried[kinds[len(kinds)-1].Name] = true
	}
	if len(tried) != len(readyKinds) {
		t.Errorf("tried are only %v", tried)
	}
}

// Ready-made kinds beside each other, as comparing takes them.
func TestReadyKindsTogether(t *testing.T) {
	for _, test := range []struct {
		kinds, golden, run string
		same               bool
	}{
		{"address port", "from 172.17.0.4:41234 to 172.17.0.4", "from 10.0.0.17:9000 to 10.0.0.17", true},
		{"port address", "from 172.17.0.4:41234 to 172.17.0.4", "from 10.0.0.17:9000 to 10.0.0.17", true},
		{"address port", "from 172.17.0.4:41234 to 172.17.0.4", "from 10.0.0.17:9000 to 10.0.0.18", false},
		{"address port", "from 172.17.0.4:80", "from 172.17.0.4:81", false},
		{"port", "from 172.17.0.4:41234", "from 172.17.0.5:41234", false},
		{"address port", "http://[fe80::1]:4000/a", "http://[2001:db8::9:1]:52000/a", true},
		{"address", "172.17.0.0/16", "10.100.0.0/16", true},
		{"address version", "1.14.0 on 172.17.0.4", "1.15.11 on 172.17.0.12", true},
		{"date time", "2026-11-24T08:15:02Z up", "2027-01-02T23:59:59.5Z up", true},
		{"date time", "[24/Nov/2026:08:15:02 +0000] GET", "[03/May/2027:18:00:00 +0000] GET", true},
		{"date", "Tue Nov 24 08:15:02 UTC 2026", "Wed Jan  6 11:22:33 UTC 2027", true},
		{"date", "08:15:02 on Tue Nov 24", "08:15:03 on Tue Nov 24", false},
		{"date path", "5 Nov 24 08:15 /etc/motd", "5 Jun  1  2025 /tmp/x/y", true},
		{"date path", "5 Nov 24 08:15 /etc/motd", "6 Nov 24 08:15 /etc/motd", false},
		{"time duration", "08:15:02 3 ms", "18:15:22 1m2s", true},
		{"duration number", "3 tests in 1.5s", "12 tests in 250 ms", true},
		{"duration", "3 tests in 1.5s", "12 tests in 1.5s", false},
		{"duration", "1 s, 2 s", "1 s", false},
		{"duration", "5000 ms", "6 seconds", true},
		{"number", "[-5,x86_64]", "[17,x86_64]", true},
		{"number", "[-5,x86_64]", "[-5,x86_32]", false},
		{"id number", "fb771bf: 3 files", "0123456: 24 files", true},
		{"id", "fb771bf fb771bf", "0123456 0123457", false},
		{"path", "in /tmp/a1/x.beam.", "in /var/tmp/元氣/y-2.beam.", true},
		{"path", "</div> 1/2", "</p> 1/2", false},
		{"version", "elixir-1.14.0.tar.gz", "elixir-1.15.0-rc1.tar.gz", true},
		{"version", "Elixir 1.14.0 on OTP 25", "Elixir 1.14.0 on OTP 26", false},
	} {
		t.Run(test.kinds+" "+test.golden, func(t *testing.T) {
			var list kindList
			for _, name := range strings.Fields(test.kinds) {
				list = append(list, kindRef{name: name})
			}
			kinds, err := list.kinds("")
			if err != nil {
				t.Fatal(err)
			}
			part := golden.Part{Text: test.run, Tolerance: runner.Tolerance{Kinds: kinds}}
			v := golden.Compare([]golden.Text{{Name: "a", Parts: []golden.Part{part}}}, map[string]string{"a": test.golden + "\n"})[0]
			if (v.State == golden.Same) != test.same {
				t.Errorf("%s\n%s%+v", v.State, v.Diff, v.Broken)
			}
		})
	}
}
