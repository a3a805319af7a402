package docker

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math/bits"
	"net/netip"
	"os"
	"strconv"
	"strings"
)

const routeUp = 0x1 // RTF_UP of route(8)

// minRouteBits tells a route to somewhere from a route to everywhere: VPNs
// that take all traffic split the default route in two halves.
const minRouteBits = 4

// hostRoutes are the IPv4 ranges that this host has a route to, as far as they
// can be read.
func hostRoutes() []obstacle {
	f, err := os.Open("/proc/net/route")
	if err != nil {
		return nil // not Linux: the engine is in a virtual machine
	}
	defer f.Close()
	return parseRoutes(f)
}

// parseRoutes reads the table of /proc/net/route, whose addresses are
// hexadecimal words in the host's byte order.
func parseRoutes(r io.Reader) []obstacle {
	var routes []obstacle
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		f := strings.Fields(lines.Text())
		if len(f) < 8 {
			continue
		}
		destination, err1 := strconv.ParseUint(f[1], 16, 32)
		mask, err2 := strconv.ParseUint(f[7], 16, 32)
		flags, err3 := strconv.ParseUint(f[3], 16, 32)
		length := bits.OnesCount32(uint32(mask))
		if err1 != nil || err2 != nil || err3 != nil || flags&routeUp == 0 || length < minRouteBits {
			continue
		}
		var ip [4]byte
		binary.NativeEndian.PutUint32(ip[:], uint32(destination))
		p := netip.PrefixFrom(netip.AddrFrom4(ip), length)
		routes = append(routes, obstacle{p, fmt.Sprintf("the host's route to %s by %s", p, f[0])})
	}
	return routes
}
