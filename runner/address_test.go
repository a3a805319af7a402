package runner

import (
	"net/netip"
	"strings"
	"testing"
)

func TestSubstitutes(t *testing.T) {
	for _, test := range []struct {
		reader string
		first  []string // after the reader's own
		count  int
	}{
		{"172.17.0.0/16", []string{"172.16.0.0/16", "172.18.0.0/16"}, 1 + 15 + 156},
		{"10.5.0.0/16", []string{"10.0.0.0/16", "10.1.0.0/16"}, 10},
		{"192.168.10.0/24", []string{"192.168.11.0/24", "192.168.12.0/24"}, 90},
		{"172.20.16.0/20", []string{"172.16.16.0/20"}, 1 + 15 + 156},
	} {
		subnets := Substitutes(netip.MustParsePrefix(test.reader))
		if subnets[0].String() != test.reader {
			t.Errorf("%s: the first is %s", test.reader, subnets[0])
		}
		for i, want := range test.first {
			if got := subnets[i+1].String(); got != want {
				t.Errorf("%s: substitute %d is %s, want %s", test.reader, i, got, want)
			}
		}
		if len(subnets) != test.count {
			t.Errorf("%s: %d substitutes, want %d", test.reader, len(subnets), test.count)
		}
		for _, s := range subnets {
			if len(s.String()) != len(test.reader) || s.Bits() != subnets[0].Bits() || !s.Addr().IsPrivate() {
				t.Errorf("%s: %s cannot stand in for it", test.reader, s)
			}
		}
	}
}

func TestTranslation(t *testing.T) {
	tr := translation{reader: netip.MustParsePrefix("172.17.0.0/16"), lab: netip.MustParsePrefix("10.101.0.0/16")}
	for _, test := range []struct{ summary, reader, lab string }{
		{"an address", "172.17.0.4", "10.101.0.4"},
		{"in a name", `:"fuga@172.17.0.6"`, `:"fuga@10.101.0.6"`},
		{"the network", "172.17.0.0/16 via 172.17.0.1", "10.101.0.0/16 via 10.101.0.1"},
		{"at the end of a sentence", "it is 172.17.0.4.", "it is 10.101.0.4."},
		{"the broadcast address", "brd 172.17.255.255", "brd 10.101.255.255"},
		{"a tuple", "{172,17,0,4} {172, 17, 0, 4}", "{10,101,0,4} {10, 101, 0, 4}"},
		{"a tuple over two lines", "{172, 17,\n 0, 4}", "{10, 101,\n 0, 4}"},
		{"a longer number is another", "1172.17.0.4 172.17.0.40.1 172.170.0.4", "1172.17.0.4 172.17.0.40.1 172.170.0.4"},
		{"no address", "172.17.0.256 192.168.0.1 127.0.0.1", "172.17.0.256 192.168.0.1 127.0.0.1"},
		{"many digits", "172.17.123.234", "10.101.123.234"},
	} {
		t.Run(test.summary, func(t *testing.T) {
			if got := tr.toLab(test.reader); got != test.lab {
				t.Errorf("to the lab: %q, want %q", got, test.lab)
			}
			if got := tr.toReader(test.lab); got != test.reader {
				t.Errorf("to the reader: %q, want %q", got, test.reader)
			}
		})
	}
	if got := tr.toLab("grep 172.17 | grep 172.17.0"); got != "grep 10.101 | grep 10.101.0" {
		t.Errorf("what the script types of an address: %q", got)
	}
	if got := tr.toReader("it took 10.101 seconds"); got != "it took 10.101 seconds" {
		t.Errorf("a number that comes back: %q", got)
	}
	for i := 1; i < len("10.101.0.45"); i++ {
		broken := "see 10.101.0.45"[:4+i] + "\n" + "10.101.0.45"[i:] + " ok"
		want := "see 172.17.0.45"[:4+i] + "\n" + "172.17.0.45"[i:] + " ok"
		if got := tr.toReader(broken); got != want {
			t.Errorf("over a window's edge: %q, want %q", got, want)
		}
	}
	same := translation{reader: tr.reader, lab: tr.reader}
	if got := same.toLab("172.17.0.4"); got != "172.17.0.4" {
		t.Errorf("the same network: %q", got)
	}
}

func TestMAC(t *testing.T) {
	if got := mac(netip.MustParseAddr("172.17.0.4")); got != "02:42:ac:11:00:04" {
		t.Error(got)
	}
}

func TestNames(t *testing.T) {
	for name, ok := range map[string]bool{
		"hoge": true, "a-b_c.1": true, "元氣": true,
		"": false, "-a": false, ".": false, "a/b": false, "a b": false, "a@b": false, "a\x00": false,
	} {
		if err := CheckName("node", name); (err == nil) != ok {
			t.Errorf("%q: %v", name, err)
		} else if err != nil && !strings.HasPrefix(err.Error(), "node") {
			t.Errorf("%q: %v", name, err)
		}
	}
}
