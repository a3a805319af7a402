//go:build linux

package local

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// account is who a program runs as.
type account struct {
	uid, gid uint32
	groups   []uint32
	home     string
}

// lookUser finds a user as Docker does: "name", "1000", or either with ":group".
func lookUser(spec string) (account, error) {
	name, group, grouped := strings.Cut(spec, ":")
	if name == "" {
		name = "0"
	}
	u := account{home: "/"}
	known := false
	for _, f := range table("/etc/passwd", 6) {
		if f[0] != name && f[2] != name {
			continue
		}
		uid, err1 := strconv.ParseUint(f[2], 10, 32)
		gid, err2 := strconv.ParseUint(f[3], 10, 32)
		if err1 == nil && err2 == nil {
			u.uid, u.gid, u.home, known = uint32(uid), uint32(gid), f[5], true
			name = f[0]
			break
		}
	}
	if !known {
		uid, err := strconv.ParseUint(name, 10, 31)
		if err != nil {
			return account{}, fmt.Errorf("unable to find user %s: no matching entries in passwd file", name)
		}
		u.uid = uint32(uid)
		if uid == 0 {
			u.home = "/root"
		}
	}
	found := !grouped
	for _, f := range table("/etc/group", 4) {
		gid, err := strconv.ParseUint(f[2], 10, 32)
		switch {
		case err != nil:
		case grouped && (f[0] == group || f[2] == group):
			u.gid, found = uint32(gid), true
		case !grouped && slices.Contains(strings.Split(f[3], ","), name):
			u.groups = append(u.groups, uint32(gid))
		}
	}
	if !found {
		gid, err := strconv.ParseUint(group, 10, 31)
		if err != nil {
			return account{}, fmt.Errorf("unable to find group %s: no matching entries in group file", group)
		}
		u.gid = uint32(gid)
	}
	if !given("/proc/self/uid_map", u.uid) || !given("/proc/self/gid_map", u.gid) {
		return account{}, &lacking{
			err:  fmt.Errorf("user %s: this machine gives its user no ids beside its own, so the nodes of the local backend have no users but root; use --backend docker, or have a range of ids", spec),
			hint: "sudo apt-get install uidmap; sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $USER",
		}
	}
	u.groups = slices.DeleteFunc(u.groups, func(gid uint32) bool { return !given("/proc/self/gid_map", gid) })
	return u, nil
}

func (u account) credential() *syscall.Credential {
	if may, err := os.ReadFile("/proc/self/setgroups"); err != nil || !bytes.HasPrefix(may, []byte("allow")) {
		return &syscall.Credential{Uid: u.uid, Gid: u.gid, NoSetGroups: true}
	}
	return &syscall.Credential{Uid: u.uid, Gid: u.gid, Groups: u.groups}
}

// table reads lines of at least n fields.
func table(name string, n int) [][]string {
	text, _ := os.ReadFile(name) // a machine need not have it
	var rows [][]string
	for line := range strings.Lines(string(text)) {
		if f := strings.Split(strings.TrimSpace(line), ":"); len(f) >= n {
			rows = append(rows, f)
		}
	}
	return rows
}

// given reports whether the lab's namespace has an id.
func given(idMap string, id uint32) bool {
	text, err := os.ReadFile(idMap)
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(text)) {
		var first, host, count uint32
		if n, _ := fmt.Sscan(line, &first, &host, &count); n == 3 && id >= first && id-first < count {
			return true
		}
	}
	return false
}
