// Reliability tries faults, many times each, and writes what was left of them
// into docs/reliability.md: the long form of the tests that `make test` has in a
// short one. It is run from the root of the repository.
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"scenario/tools/page"
)

// packages have tests that report what they have tried, or have a long form.
var packages = []string{"./cmd/scenario", "./runner", "./runner/terminal", "./runner/docker", "./starlib"}

// tests are those tests.
const tests = "^(TestKilled|TestKilledWatchdog|TestKilledBuild|TestSignals|TestClosedTerminal|TestFullDisk|TestEngineRestarted|TestAddressesUsedUp|TestJobs|TestEnds|TestFlood|TestFloodWaitedFor|TestManySteps|TestManyWaits|TestPanic|TestWatchdog|TestSweep)$"

// prefix begins the line of a test that has tried something.
const prefix = "reliability: "

// row is one fault of the table.
type row struct {
	fault string
	times int
	left  string
}

func main() {
	out := flag.String("o", "", "a Markdown `file` with a table between marks, in whose place the new one is put")
	flag.Parse()
	if err := run(*out); err != nil {
		fmt.Fprintln(os.Stderr, "reliability:", err)
		os.Exit(1)
	}
}

func run(out string) error {
	cmd := exec.Command("go", append([]string{"test", "-json", "-count=1", "-p=1", "-timeout=60m", "-run", tests}, packages...)...)
	cmd.Env = append(os.Environ(), "SCENARIO_SOAK=1")
	cmd.Stderr = os.Stderr
	said, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	rows, err := read(said, os.Stderr)
	if err := errors.Join(err, cmd.Wait()); err != nil {
		return err
	}
	table := markdown(rows, time.Now())
	fmt.Print(table)
	if out == "" {
		return nil
	}
	return page.Weave(out, "reliability", table)
}

// read finds what was tried in the output of go test -json, and tells of tests
// that have ended.
func read(said io.Reader, tell io.Writer) ([]row, error) {
	var rows []row
	lines := bufio.NewScanner(said)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var event struct{ Action, Package, Test, Output string }
		if err := json.Unmarshal(lines.Bytes(), &event); err != nil {
			return nil, err
		}
		if event.Action == "pass" || event.Action == "fail" || event.Action == "skip" {
			fmt.Fprintln(tell, event.Action, event.Package, event.Test)
		}
		if event.Action == "output" && (strings.Contains(event.Output, "FAIL") || strings.Contains(event.Output, "_test.go:")) {
			fmt.Fprint(tell, event.Output)
		}
		_, found, ok := strings.Cut(event.Output, prefix)
		if !ok {
			continue
		}
		parts := strings.Split(strings.TrimSpace(found), " | ")
		if len(parts) != 3 {
			return nil, fmt.Errorf("%s: %q", event.Test, found)
		}
		times, err := strconv.Atoi(parts[1])
		if err != nil {
			return nil, err
		}
		rows = append(rows, row{parts[0], times, parts[2]})
	}
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(a.fault, b.fault) })
	return rows, lines.Err()
}

func markdown(rows []row, on time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Tried on %s.\n\n| Fault | Tried | What remained |\n| --- | ---: | --- |\n", on.Format(time.DateOnly))
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s | %d | %s |\n", r.fault, r.times, r.left)
	}
	return b.String()
}
