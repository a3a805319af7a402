package main

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"scenario/runner"
	"scenario/tools/page"
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

// row is the outcome of one scenario in one condition.
type row struct {
	scenario, condition string
	runs, alarms        int
	median              string
	commit              string // of what was played
}

func (t *tally) row(commit string) row {
	t.mu.Lock()
	defer t.mu.Unlock()
	return row{t.scenario, t.condition, len(t.took), t.alarms, seconds(median(t.took)), commit}
}

func total(rows []row) (runs, alarms int) {
	for _, r := range rows {
		runs += r.runs
		alarms += r.alarms
	}
	return runs, alarms
}

const tableHead = "| scenario | condition | runs | alarms | median | commit |\n| --- | --- | ---: | ---: | ---: | --- |\n"

// markdown is all rows as a table, of the machine that on describes.
func markdown(rows []row, on string) string {
	var b strings.Builder
	runs, alarms := total(rows)
	fmt.Fprintf(&b, "%s, %s; %s:\n\n%s", plural(runs, "run"), plural(alarms, "alarm"), on, tableHead)
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s | %s | %d | %d | %s | %s |\n", r.scenario, r.condition, r.runs, r.alarms, r.median, r.commit)
	}
	return b.String()
}

// parseTable is the inverse of markdown.
func parseTable(text string) (rows []row, on string, err error) {
	title, lines, ok := strings.Cut(text, ":\n\n"+tableHead)
	if !ok {
		return nil, "", errors.New("there is no table of this tool")
	}
	_, on, _ = strings.Cut(title, "; ")
	for line := range strings.Lines(lines) {
		cells := strings.Split(strings.Trim(line, "| \n"), " | ")
		if len(cells) != 6 {
			return nil, "", fmt.Errorf("%q is no row of this tool", line)
		}
		r := row{scenario: cells[0], condition: cells[1], median: cells[4], commit: cells[5]}
		var err1, err2 error
		r.runs, err1 = strconv.Atoi(cells[2])
		r.alarms, err2 = strconv.Atoi(cells[3])
		if err := errors.Join(err1, err2); err != nil {
			return nil, "", err
		}
		rows = append(rows, r)
	}
	return rows, on, nil
}

// merge puts a row into a table, in the place of the one of the same scenario
// and condition, or where it belongs.
func merge(rows []row, r row) []row {
	order := func(a, b row) int {
		return cmp.Or(strings.Compare(a.scenario, b.scenario), cmp.Compare(conditionIndex(a.condition), conditionIndex(b.condition)))
	}
	i, there := slices.BinarySearchFunc(rows, r, order)
	if there {
		rows[i] = r
		return rows
	}
	return slices.Insert(rows, i, r)
}

// put puts a row into the table of a page. The other rows stay, of other
// invocations or of one at the same time, if they are of a like machine and
// of scenarios that there are.
func (s *soak) put(file string, r row) error {
	unlock, err := runner.LockDir(filepath.Dir(file))
	if err != nil {
		return err
	}
	defer unlock()
	text, err := page.Read(file, "soak")
	if err != nil {
		return err
	}
	rows, on, err := parseTable(text)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	rows = slices.DeleteFunc(rows, func(r row) bool { return on != s.on || !s.known[r.scenario] })
	return page.Weave(file, "soak", markdown(merge(rows, r), s.on))
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
