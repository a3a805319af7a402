package main

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// tally counts the runs of one scenario in one condition.
type tally struct {
	scenario, condition string

	mu     sync.Mutex
	took   []time.Duration // of each run that was not interrupted
	alarms int
}

// add counts a run, and returns how many alarms there are.
func (t *tally) add(took time.Duration, alarm bool) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.took = append(t.took, took)
	if alarm {
		t.alarms++
	}
	return t.alarms
}

func (t *tally) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := fmt.Sprintf("%s, %s: %s, %s", t.scenario, t.condition, plural(len(t.took), "run"), plural(t.alarms, "alarm"))
	if len(t.took) > 0 {
		s += ", median " + seconds(median(t.took))
	}
	return s
}

func total(tallies []*tally) (runs, alarms int) {
	for _, t := range tallies {
		runs += len(t.took)
		alarms += t.alarms
	}
	return runs, alarms
}

// markdown is all counts as a table.
func (s *soak) markdown(tallies []*tally) string {
	var b strings.Builder
	runs, alarms := total(tallies)
	fmt.Fprintf(&b, "%s, %s; Docker Engine %s (API %s), %s/%s, %d cores, %s:\n\n",
		plural(runs, "run"), plural(alarms, "alarm"),
		s.version, s.engine.ClientVersion(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	b.WriteString("| scenario | condition | runs | alarms | median |\n| --- | --- | ---: | ---: | ---: |\n")
	for _, t := range tallies {
		fmt.Fprintf(&b, "| %s | %s | %d | %d | %s |\n", t.scenario, t.condition, len(t.took), t.alarms, seconds(median(t.took)))
	}
	return b.String()
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

func median(took []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(took))
	half := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[half]
	}
	return (sorted[half-1] + sorted[half]) / 2
}
