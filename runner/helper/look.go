package helper

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// getTimeout bounds one look at a server.
const getTimeout = 5 * time.Second

// listening are the TCP ports on which somebody listens, of any address but the
// loopback's of this network alone counts as well: "port open" is about the
// program, and not about who reaches it.
func listening() ([]int, error) {
	var ports []int
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		f, err := os.Open(table)
		if os.IsNotExist(err) {
			continue // no IPv6
		}
		if err != nil {
			return nil, err
		}
		ports = append(ports, listeningIn(f)...)
		f.Close()
	}
	slices.Sort(ports)
	return slices.Compact(ports), nil
}

// listeningIn reads the form of /proc/net/tcp:
//
//	sl  local_address rem_address   st …
//	 0: 00000000:1111 00000000:0000 0A …
func listeningIn(table io.Reader) []int {
	const listen = "0A" // TCP_LISTEN
	var ports []int
	for lines := bufio.NewScanner(table); lines.Scan(); {
		f := strings.Fields(lines.Text())
		if len(f) < 4 || f[3] != listen {
			continue
		}
		_, port, _ := strings.Cut(f[1], ":")
		// Docker's own name server listens on a port above 32768 of
		// 127.0.0.11, which is nobody's business.
		if n, err := strconv.ParseUint(port, 16, 16); err == nil && !strings.HasPrefix(f[1], "0B00007F:") {
			ports = append(ports, int(n))
		}
	}
	return ports
}

// get is the answer to one GET. Redirections are answers.
func get(url string) (status int, body string, err error) {
	c := http.Client{
		Timeout:       getTimeout,
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	answer, err := c.Get(url)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(io.LimitReader(answer.Body, bodyLimit))
	if err != nil {
		return 0, "", fmt.Errorf("GET %s: %w", url, err)
	}
	return answer.StatusCode, strings.ToValidUTF8(string(b), "\uFFFD"), nil
}
