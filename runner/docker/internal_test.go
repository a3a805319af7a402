package docker

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/docker/docker/client"

	"scenario/runner"
)

func TestParseRoutes(t *testing.T) {
	const table = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	010200C0	0003	0	0	0	00000000	0	0	0
docker0	000011AC	00000000	0001	0	0	0	0000FFFF	0	0	0
tun0	00000000	0100080A	0003	0	0	0	00000080	0	0	0
tun0	00000080	0100080A	0003	0	0	0	00000080	0	0	0
tun1	0000000A	0100080A	0003	0	0	0	000000FF	0	0	0
down0	0001A8C0	00000000	0000	0	0	0	00FFFFFF	0	0	0
short
`
	var got []string
	for _, o := range parseRoutes(strings.NewReader(table)) {
		got = append(got, o.prefix.String()+" "+o.name)
	}
	want := []string{
		"172.17.0.0/16 the host's route to 172.17.0.0/16 by docker0",
		"10.0.0.0/8 the host's route to 10.0.0.0/8 by tun1",
	}
	if !slices.Equal(got, want) {
		t.Errorf("routes %q, want %q: neither the default, nor its halves, nor what is down", got, want)
	}
}

func TestRefusals(t *testing.T) {
	obstacles := []obstacle{{netip.MustParsePrefix("10.0.0.0/8"), "a VPN"}}
	var r refusals
	for b := 100; b < 256; b++ {
		subnet := netip.MustParsePrefix(fmt.Sprintf("10.%d.0.0/16", b))
		if o := overlapping(obstacles, subnet); o != nil {
			r.add(subnet, "overlaps "+o.name)
		}
	}
	r.add(netip.MustParsePrefix("172.18.0.0/16"), "overlaps another")
	want := []string{"10.100.0.0/16 and 155 more: overlaps a VPN", "172.18.0.0/16: overlaps another"}
	if got := r.lines(); !slices.Equal(got, want) {
		t.Errorf("lines %q, want %q", got, want)
	}
}

// The routes that a host has by its nature are no reason to refuse a lab.
func TestHostRoutes(t *testing.T) {
	for _, o := range hostRoutes() {
		if o.prefix.Bits() < minRouteBits {
			t.Errorf("%s is in the way of everything", o.name)
		}
	}
}

// An engine that does not answer is mended by what its silence is due to.
func TestSilence(t *testing.T) {
	t.Setenv(client.EnvOverrideHost, "")
	dir := t.TempDir()
	abandoned, err := net.Listen("unix", dir+"/abandoned")
	if err != nil {
		t.Fatal(err)
	}
	abandoned.(*net.UnixListener).SetUnlinkOnClose(false)
	abandoned.Close()
	for socket, want := range map[string]runner.EnvironmentError{
		"none":      {Hint: "sudo apt-get install docker.io && sudo systemctl start docker", Err: fs.ErrNotExist},
		"abandoned": {Hint: "sudo systemctl start docker", Err: syscall.ECONNREFUSED},
	} {
		c, err := client.NewClientWithOpts(client.WithHost("unix://" + dir + "/" + socket))
		if err != nil {
			t.Fatal(err)
		}
		var got *runner.EnvironmentError
		e := &engine{Client: c}
		if err := e.silent(t.Context(), errors.New("unknown")); !errors.As(err, &got) || got.Hint != want.Hint || !errors.Is(err, want.Err) {
			t.Errorf("%s: %v, hint %q; want %v and %q", socket, err, got.Hint, want.Err, want.Hint)
		}
	}
}

// Where a MAC address belongs depends on the API.
func TestMAC(t *testing.T) {
	for version, ofEndpoint := range map[string]bool{"1.41": false, "1.43": false, "1.44": true, "1.51": true} {
		c, err := client.NewClientWithOpts(client.WithVersion(version))
		if err != nil {
			t.Fatal(err)
		}
		const mac = "02:42:ac:11:00:04"
		m := &machine{lab: &lab{engine: &engine{Client: c}}}
		config, _, networks := m.config(runner.MachineSpec{Name: "hoge", MAC: mac}, "image")
		of := map[string]bool{config.MacAddress: false} //nolint:staticcheck // its place before API 1.44
		for _, e := range networks.EndpointsConfig {
			of[e.MacAddress] = true
		}
		if got, ok := of[mac]; !ok || got != ofEndpoint || len(of) != 2 {
			t.Errorf("API %s: addresses %v, want %s of the endpoint: %t", version, of, mac, ofEndpoint)
		}
	}
}

func TestInnerPID(t *testing.T) {
	for status, want := range map[string]int{
		"Name:\tsleep\nNSpid:\t13803\t32\nNSsid:\t13803\t32\n": 32,
		"NSpid:\t13803\t77\t5":                                 5,
		"NSpid:\t13803\n":                                      0,
		"Name:\tsleep\n":                                       0,
	} {
		if got, err := innerPID(status); got != want || (err == nil) != (want != 0) {
			t.Errorf("innerPID(%q) = %d, %v; want %d", status, got, err, want)
		}
	}
}

func TestCleanOCI(t *testing.T) {
	for message, want := range map[string]string{
		"OCI runtime exec failed: exec failed: unable to start container process: exec: \"nope\": executable file not found in $PATH: unknown\r\n": `exec: "nope": executable file not found in $PATH`,
		"unable to find user nope: no matching entries in passwd file\r\n":                                                                         "unable to find user nope: no matching entries in passwd file",
	} {
		if got := cleanOCI(message); got != want {
			t.Errorf("cleanOCI(%q) = %q, want %q", message, got, want)
		}
	}
}

// An image that lacks stty says so. The wrapper is tried in this host's shell,
// since busybox has an stty even where /bin has none.
func TestTerminalNeedsStty(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", t.TempDir())
	out, err := exec.Command(sh, "-c", onTTY, "sh", "30", "100", "true").Output()
	var status *exec.ExitError
	if !errors.As(err, &status) || status.ExitCode() != statusMissing || !strings.Contains(string(out), "a terminal needs stty, which this image lacks") {
		t.Errorf("%q, %v; want what the image lacks and status 127", out, err)
	}
}

func TestLayers(t *testing.T) {
	const stream = `{"status":"Pulling from library/alpine","id":"3.20"}
{"status":"Pulling fs layer","progressDetail":{},"id":"a"}
{"status":"Downloading","progressDetail":{"current":1000000,"total":4000000},"progress":"[==>  ]","id":"a"}
{"status":"Downloading","progressDetail":{"current":500000,"total":1000000},"id":"b"}
{"status":"Download complete","progressDetail":{},"id":"a"}
{"status":"Extracting","progressDetail":{"current":7,"total":9},"id":"a"}
{"status":"Pull complete","progressDetail":{},"id":"a"}
{"status":"Digest: sha256:c0ffee"}
`
	l := layers{}
	var got []string
	err := follow(strings.NewReader(stream), func(m message) {
		done, total := l.add(m)
		got = append(got, fmt.Sprintf("%.1f/%.1f", megabytes(done), megabytes(total)))
	})
	want := []string{"0.0/0.0", "0.0/0.0", "1.0/4.0", "1.5/5.0", "4.5/5.0", "4.5/5.0", "4.5/5.0", "4.5/5.0"}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
	if err := follow(strings.NewReader(`{"status":"x"}{"error":"manifest unknown"}`), func(message) {}); err == nil || err.Error() != "manifest unknown" {
		t.Errorf("follow = %v, want the engine's error", err)
	}
	if err := follow(strings.NewReader(`{"status":`), func(message) {}); err == nil {
		t.Error("follow of half a message = nil")
	}
}
