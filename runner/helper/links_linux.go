package helper

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"

	"github.com/google/nftables"
	"github.com/google/nftables/binaryutil"
	"github.com/google/nftables/expr"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

var errNoNetem = errors.New("no netem")

// set makes the network of this namespace as it is wanted, from whatever it is.
func (l *Links) set() error {
	if err := l.filter(); err != nil {
		return fmt.Errorf("set the packet filter: %w", err)
	}
	return l.shape()
}

// lossParts is the precision of a loss.
const lossParts = 1_000_000

// filter drops what comes in and is to be lost. Whatever stays in the machine
// is not touched.
func (l *Links) filter() error {
	c, err := nftables.New()
	if err != nil {
		return err
	}
	table := c.AddTable(&nftables.Table{Family: nftables.TableFamilyIPv4, Name: "scenario"})
	c.DelTable(table) // which must be there
	if len(l.Cut) > 0 || l.Loss > 0 {
		c.AddTable(table)
		in := c.AddChain(&nftables.Chain{
			Table: table, Name: "in", Type: nftables.ChainTypeFilter,
			Hooknum: nftables.ChainHookInput, Priority: nftables.ChainPriorityFilter,
		})
		drop := func(when ...expr.Any) {
			c.AddRule(&nftables.Rule{Table: table, Chain: in, Exprs: append(append(outside(), when...), &expr.Verdict{Kind: expr.VerdictDrop})})
		}
		for _, a := range l.Cut {
			drop(from(a)...)
		}
		if l.Loss > 0 {
			drop(
				&expr.Numgen{Register: 1, Modulus: lossParts, Type: unix.NFT_NG_RANDOM},
				&expr.Byteorder{SourceRegister: 1, DestRegister: 1, Op: expr.ByteorderHton, Len: 4, Size: 4},
				&expr.Cmp{Op: expr.CmpOpLt, Register: 1, Data: binaryutil.BigEndian.PutUint32(uint32(l.Loss * lossParts))},
			)
		}
	}
	return c.Flush()
}

// outside holds for what does not come by the loopback.
func outside() []expr.Any {
	var lo [unix.IFNAMSIZ]byte
	copy(lo[:], "lo")
	return []expr.Any{
		&expr.Meta{Key: expr.MetaKeyIIFNAME, Register: 1},
		&expr.Cmp{Op: expr.CmpOpNeq, Register: 1, Data: lo[:]},
	}
}

// from holds for packets with that source.
func from(a netip.Addr) []expr.Any {
	const sourceAddress = 12 // in an IPv4 header
	return []expr.Any{
		&expr.Payload{Base: expr.PayloadBaseNetworkHeader, Offset: sourceAddress, Len: 4, DestRegister: 1},
		&expr.Cmp{Op: expr.CmpOpEq, Register: 1, Data: a.AsSlice()},
	}
}

// shape delays what goes out.
func (l *Links) shape() error {
	links, err := netlink.LinkList()
	if err != nil {
		return err
	}
	for _, link := range links {
		if link.Attrs().Flags&unix.IFF_LOOPBACK != 0 || link.Attrs().Flags&unix.IFF_UP == 0 {
			continue
		}
		if err := l.shapeLink(link); err != nil {
			return err
		}
	}
	return nil
}

func (l *Links) shapeLink(link netlink.Link) error {
	attrs := netlink.QdiscAttrs{LinkIndex: link.Attrs().Index, Handle: netlink.MakeHandle(1, 0), Parent: netlink.HANDLE_ROOT}
	if l.Delay == 0 && l.Jitter == 0 {
		have, err := netlink.QdiscList(link)
		if err != nil {
			return err
		}
		for _, q := range have {
			if q.Type() == "netem" {
				return netlink.QdiscDel(q)
			}
		}
		return nil
	}
	err := netlink.QdiscReplace(netlink.NewNetem(attrs, netlink.NetemQdiscAttrs{
		Latency: uint32(l.Delay.Microseconds()),
		Jitter:  uint32(l.Jitter.Microseconds()),
		Limit:   10_000, // packets on their way at once
	}))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.EOPNOTSUPP) {
		return errNoNetem
	}
	if err != nil {
		return fmt.Errorf("delay packets of %s: %w", link.Attrs().Name, err)
	}
	return nil
}
