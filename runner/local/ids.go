//go:build linux

package local

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"strings"
)

// giveIDs says which ids a new user namespace has. Root gives all that it has,
// as they are. Others are root in it, and have a range of further ids if they
// were given one. It reports whether most files of the host are foreign then.
func giveIDs(pid int) (foreign bool, err error) {
	proc := fmt.Sprintf("/proc/%d/", pid)
	uid, gid := os.Geteuid(), os.Getegid()
	if uid == 0 {
		for _, name := range []string{"uid_map", "gid_map"} {
			all, err := sameIDs("/proc/self/" + name)
			if err == nil {
				err = os.WriteFile(proc+name, all, 0)
			}
			if err != nil {
				return false, err
			}
		}
		return false, nil
	}
	if giveRange(pid, uid, gid) {
		return true, nil
	}
	for _, m := range []struct{ name, content string }{
		{"setgroups", "deny"}, // the kernel's condition for the third
		{"uid_map", fmt.Sprintf("0 %d 1", uid)},
		{"gid_map", fmt.Sprintf("0 %d 1", gid)},
	} {
		if err := os.WriteFile(proc+m.name, []byte(m.content), 0); err != nil {
			return true, err
		}
	}
	return true, nil
}

// sameIDs maps all ids of this process's namespace to themselves.
func sameIDs(name string) ([]byte, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var same bytes.Buffer
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) == 3 {
			fmt.Fprintln(&same, f[0], f[0], f[2])
		}
	}
	return same.Bytes(), nil
}

// giveRange gives the ids that the host's administrator has set aside for this
// user. It reports whether that could be done.
func giveRange(pid, uid, gid int) bool {
	var give []*exec.Cmd
	for _, m := range []struct {
		program, table string
		own            int
	}{
		{"newgidmap", "/etc/subgid", gid},
		{"newuidmap", "/etc/subuid", uid},
	} {
		first, count, err := subordinate(m.table, uid)
		if err != nil {
			return false
		}
		give = append(give, exec.Command(m.program, strconv.Itoa(pid), "0", strconv.Itoa(m.own), "1", "1", first, count))
	}
	for _, cmd := range give {
		if err := cmd.Run(); err != nil {
			return false
		}
	}
	return true
}

// subordinate finds a user's range in /etc/subuid or /etc/subgid, where the
// user is a name or a number.
func subordinate(name string, uid int) (first, count string, err error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return "", "", err
	}
	number := strconv.Itoa(uid)
	called := number
	if u, err := user.LookupId(number); err == nil {
		called = u.Username
	}
	for line := range strings.Lines(string(text)) {
		if f := strings.Split(strings.TrimSpace(line), ":"); len(f) == 3 && (f[0] == called || f[0] == number) {
			return f[1], f[2], nil
		}
	}
	return "", "", errors.New("no range")
}
