package runner

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// DefaultNetwork is what a first `docker network create` gives, and so what
// the reader of a text without a network of its own sees.
var DefaultNetwork = netip.MustParsePrefix("172.18.0.0/16")

// Substitutes returns the networks that can stand in for the reader's, best
// first and the reader's own before all. They have its size, and their
// addresses are written with as many characters, so that no program lays out a
// line differently.
func Substitutes(reader netip.Prefix) []netip.Prefix {
	subnets := []netip.Prefix{reader}
	base := reader.Addr().As4()
	width := len(reader.Addr().String())
	add := func(a, b, c byte) {
		addr := netip.AddrFrom4([4]byte{a, b, c, base[3]})
		if p := netip.PrefixFrom(addr, reader.Bits()); len(addr.String()) == width && p != reader && p.Masked() == p {
			subnets = append(subnets, p)
		}
	}
	for b := 16; b <= 31; b++ {
		add(172, byte(b), base[2])
	}
	for b := 0; b <= 255; b++ {
		add(10, byte(b), base[2])
	}
	if reader.Bits() >= 24 {
		for c := 0; c <= 255; c++ {
			add(192, 168, byte(c))
		}
	}
	return subnets
}

// CheckNetwork says whether a lab can have this network.
func CheckNetwork(p netip.Prefix) error {
	switch {
	case !p.Addr().Is4():
		return fmt.Errorf("network %s: only IPv4 networks can be had", p)
	case p != p.Masked():
		return fmt.Errorf("network %s: the address has host bits set; did you mean %s?", p, p.Masked())
	case p.Bits() < 16 || p.Bits() > 29:
		return fmt.Errorf("network %s: its size must be from /16 to /29", p)
	case !p.Addr().IsPrivate():
		return fmt.Errorf("network %s: it is not private; use one in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16", p)
	}
	return nil
}

// move gives the address with the same offset in another network.
func move(addr netip.Addr, from, to netip.Prefix) netip.Addr {
	a, f, t := addr.As4(), from.Addr().As4(), to.Addr().As4()
	for i := range a {
		a[i] = a[i] - f[i] + t[i] // octets never carry: both networks are masked, of one size
	}
	return netip.AddrFrom4(a)
}

// translation turns the reader's addresses into the lab's and back, in text.
type translation struct{ reader, lab netip.Prefix }

var (
	dotted = regexp.MustCompile(`[0-9]+(?:\.[0-9]+)+`)
	tuple  = regexp.MustCompile(`\{\s*[0-9]+,\s*[0-9]+,\s*[0-9]+,\s*[0-9]+\s*\}`)
	digits = regexp.MustCompile(`[0-9]+`)
	// broken is a dotted number that a window's edge may have cut.
	broken = regexp.MustCompile(`[0-9][0-9.]*(?:\n[0-9.]+)+`)
)

// toLab translates what goes in. Beside addresses it knows the network's own
// octets when they stand alone, as in `grep 172.17`; not those of 10.0.0.0/8,
// which are as likely a number.
func (t translation) toLab(s string) string {
	if t.reader == t.lab {
		return s
	}
	s = translate(s, t.reader, t.lab)
	octets := t.reader.Bits() / 8
	from := strings.Join(strings.Split(t.reader.Addr().String(), ".")[:octets], ".")
	to := strings.Join(strings.Split(t.lab.Addr().String(), ".")[:octets], ".")
	if strings.HasPrefix(from, "10.") {
		return s
	}
	return dotted.ReplaceAllStringFunc(s, func(m string) string {
		if n := strings.Count(m, ".") + 1; n < 4 && (m == from || strings.HasPrefix(m, from+".")) {
			return to + m[len(from):]
		}
		return m
	})
}

// command translates all of a command that holds text.
func (t translation) command(c Command) Command {
	c.Argv = slices.Clone(c.Argv)
	for i, a := range c.Argv {
		c.Argv[i] = t.toLab(a)
	}
	c.Env = t.env(c.Env)
	c.Stdin = []byte(t.toLab(string(c.Stdin)))
	return c
}

func (t translation) env(env map[string]string) map[string]string {
	moved := make(map[string]string, len(env))
	for k, v := range env {
		moved[k] = t.toLab(v)
	}
	return moved
}

// toReader translates what comes out.
func (t translation) toReader(s string) string {
	if t.reader == t.lab {
		return s
	}
	s = translate(s, t.lab, t.reader)
	if !breaks(s) {
		return s
	}
	return broken.ReplaceAllStringFunc(s, func(m string) string {
		whole := strings.ReplaceAll(m, "\n", "")
		moved := translate(whole, t.lab, t.reader)
		if moved == whole || len(moved) != len(whole) {
			return m
		}
		var b strings.Builder
		for i, j := 0, 0; i < len(m); i++ {
			if m[i] == '\n' {
				b.WriteByte('\n')
				continue
			}
			b.WriteByte(moved[j])
			j++
		}
		return b.String()
	})
}

// breaks says whether a line break stands in something like a dotted number.
func breaks(s string) bool {
	part := func(c byte) bool { return c == '.' || '0' <= c && c <= '9' }
	for i := 1; i < len(s)-1; i++ {
		n := strings.IndexByte(s[i:len(s)-1], '\n')
		if n < 0 {
			return false
		}
		if i += n; part(s[i-1]) && part(s[i+1]) {
			return true
		}
	}
	return false
}

// translate moves the addresses of a network. All of them begin with the same
// octet: most texts, which may be long, have none of it.
func translate(s string, from, to netip.Prefix) string {
	octet := strconv.Itoa(int(from.Addr().As4()[0]))
	if strings.Contains(s, octet+".") {
		s = translateDotted(s, from, to)
	}
	if strings.Contains(s, octet+",") {
		s = translateTuples(s, from, to)
	}
	return s
}

func translateDotted(s string, from, to netip.Prefix) string {
	return dotted.ReplaceAllStringFunc(s, func(m string) string {
		addr, err := netip.ParseAddr(m)
		if err != nil || !from.Contains(addr) {
			return m
		}
		return move(addr, from, to).String()
	})
}

func translateTuples(s string, from, to netip.Prefix) string {
	return tuple.ReplaceAllStringFunc(s, func(m string) string {
		var octets [4]byte
		for i, d := range digits.FindAllString(m, 4) {
			n, err := strconv.ParseUint(d, 10, 8)
			if err != nil {
				return m
			}
			octets[i] = byte(n)
		}
		addr := netip.AddrFrom4(octets)
		if !from.Contains(addr) {
			return m
		}
		octets = move(addr, from, to).As4()
		i := -1
		return digits.ReplaceAllStringFunc(m, func(string) string {
			i++
			return strconv.Itoa(int(octets[i]))
		})
	})
}

// mac is the hardware address that Docker of old gives to an IPv4 address:
// 02:42 and its four octets. It is made of the reader's address, so that a
// reader who sees one sees it in the text as well.
func mac(addr netip.Addr) string {
	a := addr.As4()
	return fmt.Sprintf("02:42:%02x:%02x:%02x:%02x", a[0], a[1], a[2], a[3])
}
