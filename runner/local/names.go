//go:build linux

package local

import (
	"io"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"

	"golang.org/x/net/dns/dnsmessage"
)

// A machine has the name server that Docker's have, at the same address: it
// knows the names of the lab's machines, and fails for all others, as one that
// reaches nobody.

const (
	nameServer = "127.0.0.11"
	resolvConf = "nameserver " + nameServer + "\nsearch .\noptions timeout:1 attempts:1 ndots:0\n"
	// namesFile has a line of each machine that runs: its address and names.
	namesFile = ".names"
	// answerSeconds is how long an answer holds.
	answerSeconds = 1
)

// answer starts the machine's name server.
func (b boot) answer() error {
	names, err := os.OpenRoot(oldRoot + hostsDir)
	if err != nil {
		return err
	}
	socket, err := net.ListenPacket("udp4", nameServer+":53")
	if err != nil {
		return err
	}
	go func() {
		buf := make([]byte, 4096)
		for {
			n, from, err := socket.ReadFrom(buf)
			if err != nil {
				continue // of a client that is gone
			}
			if reply, err := answerTo(buf[:n], names); err == nil {
				_, _ = socket.WriteTo(reply, from) // or it asks again
			}
		}
	}()
	return nil
}

func answerTo(query []byte, names *os.Root) ([]byte, error) {
	var in dnsmessage.Message
	if err := in.Unpack(query); err != nil || len(in.Questions) != 1 {
		return nil, io.ErrUnexpectedEOF
	}
	q := in.Questions[0]
	out := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: in.ID, Response: true, RecursionDesired: in.RecursionDesired, RecursionAvailable: true, RCode: dnsmessage.RCodeServerFailure},
		Questions: in.Questions,
	}
	table, err := names.ReadFile(namesFile)
	if err != nil {
		return nil, err
	}
	answer := func(body dnsmessage.ResourceBody) {
		header := dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: answerSeconds}
		out.Answers = append(out.Answers, dnsmessage.Resource{Header: header, Body: body})
	}
	asked := strings.ToLower(strings.TrimSuffix(q.Name.String(), "."))
	for line := range strings.Lines(string(table)) {
		f := strings.Fields(line)
		ip, err := netip.ParseAddr(f[0])
		if err != nil {
			return nil, err
		}
		switch {
		case q.Type == dnsmessage.TypePTR && asked == reverse(ip):
			name, err := dnsmessage.NewName(f[1] + ".")
			if err != nil {
				return nil, err
			}
			answer(&dnsmessage.PTRResource{PTR: name})
		case !slices.ContainsFunc(f[1:], func(name string) bool { return strings.EqualFold(name, asked) }):
			continue
		case q.Type == dnsmessage.TypeA:
			answer(&dnsmessage.AResource{A: ip.As4()})
		}
		out.RCode = dnsmessage.RCodeSuccess // with no answer, if it has none of the kind
	}
	return out.Pack()
}

// reverse is the name that is asked for the name of an address.
func reverse(ip netip.Addr) string {
	parts := strings.Split(ip.String(), ".")
	slices.Reverse(parts)
	return strings.Join(parts, ".") + ".in-addr.arpa"
}
