//go:build linux

package local

import (
	"fmt"
	"os"

	"github.com/vishvananda/netlink"
)

const (
	bridgeName = "lab"
	deviceName = "eth0" // a machine's
)

// makeBridge makes the lab's switch. Its address is what Docker gives to its own.
func makeBridge(gateway string) error {
	// Nobody reads IPv6 here, and its discovery is noise. A kernel without it
	// has no such file.
	_ = os.WriteFile(hostDir+"/proc/sys/net/ipv6/conf/default/disable_ipv6", []byte("1"), 0)
	bridge := &netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: bridgeName}}
	if err := netlink.LinkAdd(bridge); err != nil {
		return refused("make a bridge", err)
	}
	address, err := netlink.ParseAddr(gateway)
	if err != nil {
		return err
	}
	if err := netlink.AddrAdd(bridge, address); err != nil {
		return refused("make a bridge", err)
	}
	if err := netlink.LinkSetUp(bridge); err != nil {
		return refused("make a bridge", err)
	}
	return nil
}

// plugIn lays a cable from the bridge to a machine. Its end at the machine goes
// with the machine's namespace, and its other end with that one.
func plugIn(c cable, pid, number int) error {
	mac, err := c.hardware()
	if err != nil {
		return err
	}
	bridge, err := netlink.LinkByName(bridgeName)
	if err != nil {
		return err
	}
	near := &netlink.Veth{
		LinkAttrs:        netlink.LinkAttrs{Name: nearName(number), MasterIndex: bridge.Attrs().Index},
		PeerName:         deviceName,
		PeerHardwareAddr: mac,
		PeerNamespace:    netlink.NsPid(pid),
	}
	if err := netlink.LinkAdd(near); err != nil {
		return err
	}
	return netlink.LinkSetUp(near)
}

func nearName(number int) string { return fmt.Sprintf("node%d", number) }

// unplug takes a cable away at once: the kernel ends a namespace some time
// after its last process.
func unplug(number int) {
	if near, err := netlink.LinkByName(nearName(number)); err == nil {
		_ = netlink.LinkDel(near) // or it has just gone
	}
}

// connect gives a machine's devices their addresses.
func (b boot) connect() error {
	for _, conf := range []struct{ name, value string }{
		{"ipv6/conf/all/disable_ipv6", "1"},
		// As Docker has them, for programs that are not root. A lab may not
		// have as many ids.
		{"ipv4/ping_group_range", "0 0"},
		{"ipv4/ping_group_range", "0 2147483647"},
		{"ipv4/ip_unprivileged_port_start", "0"},
	} {
		_ = os.WriteFile("/proc/sys/net/"+conf.name, []byte(conf.value), 0) // old kernels lack some
	}
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		return err
	}
	eth0, err := netlink.LinkByName(deviceName)
	if err != nil {
		return err
	}
	address, err := netlink.ParseAddr(b.Address)
	if err != nil {
		return err
	}
	if err := netlink.AddrAdd(eth0, address); err != nil {
		return err
	}
	for _, link := range []netlink.Link{lo, eth0} {
		if err := netlink.LinkSetUp(link); err != nil {
			return err
		}
	}
	return nil
}
