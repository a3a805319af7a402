package main

import (
	"fmt"
	"runtime"
	"strings"
	"time"
)

// The targets.
const (
	overFloor  = 1.25 // a/b at most
	underShell = 2.0  // c/a at least
	stepCost   = time.Millisecond
	startCost  = 20 * time.Millisecond
	memory     = 80 << 20

	overCrowd    = 1.15 // by scenario, to by the floor, at most
	crowdMemory  = 150 << 20
	lastOverOnce = 1.1 // the last steps, to the first, at most: the noise of the machine
	ends         = 500 // how many steps are at each end
)

// markdown is all figures as tables.
func (f *figures) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "The lesson of `%s`, %d times in each of three ways by turns; Docker Engine %s (API %s), %s/%s, %d cores, %s:\n\n",
		scenarioDir, len(f.lesson.scenario), f.engine, f.api, runtime.GOOS, runtime.GOARCH, f.cores, f.goVersion)
	b.WriteString("| way | median | least | most |\n| --- | ---: | ---: | ---: |\n")
	for _, way := range []struct {
		name string
		took samples
	}{
		{"(a) `scenario run`, image present", f.lesson.scenario},
		{"(b) the floor: the same keystrokes over the Docker API", f.lesson.floor},
		{"(c) a shell script of docker commands", f.lesson.script},
	} {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", way.name, seconds(way.took.median()), seconds(way.took.min()), seconds(way.took.max()))
	}
	b.WriteString("\n| figure | measured | floor | target | met |\n| --- | ---: | ---: | ---: | --- |\n")
	row := func(figure, measured, floor, target string, met bool) {
		answer := "yes"
		if !met {
			answer = "no"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", figure, measured, floor, target, answer)
	}
	ab, ca := f.lesson.scenario.ratio(f.lesson.floor), f.lesson.script.ratio(f.lesson.scenario)
	row("a/b, median of the rounds", fmt.Sprintf("%.2f", ab), "1", fmt.Sprintf("≤ %.2f", overFloor), ab <= overFloor)
	row("c/a, median of the rounds", fmt.Sprintf("%.2f", ca), "", fmt.Sprintf("≥ %.0f", underShell), ca >= underShell)
	step, bare := f.step.median(), f.bareStep.median()
	row("a step in a shell, median of "+fmt.Sprint(len(f.step)), millis(step), millis(bare), "≤ "+millis(stepCost)+" above the floor", step-bare <= stepCost)
	first, last := f.many[:ends], f.many[len(f.many)-ends:]
	row(fmt.Sprintf("the last %d of %d steps in one shell, median, to that of the first", ends, len(f.many)), fmt.Sprintf("%.2f", float64(last.median())/float64(first.median())), "1",
		fmt.Sprintf("≤ %.1f", lastOverOnce), float64(last.median()) <= lastOverOnce*float64(first.median()))
	over := f.crowd.scenario.ratio(f.crowd.floor)
	row(fmt.Sprintf("%d nodes up, a step on each, and down: %s, and by the floor %s; the ratio, median of %d rounds",
		crowdSize, seconds(f.crowd.scenario.median()), seconds(f.crowd.floor.median()), len(f.crowd.scenario)), fmt.Sprintf("%.2f", over), "1", fmt.Sprintf("≤ %.2f", overCrowd), over <= overCrowd)
	row("resident memory with these nodes, the most of all rounds", megabytes(f.crowd.peak), "", "≤ "+megabytes(crowdMemory), f.crowd.peak <= crowdMemory)
	start := f.version.median()
	row("`scenario version`, median of "+fmt.Sprint(len(f.version)), millis(start), millis(f.nothing.median()), "≤ "+millis(startCost), start <= startCost)
	row("resident memory of (a), the most of all rounds", megabytes(f.lesson.peak), "", "≤ "+megabytes(memory), f.lesson.peak <= memory)
	return b.String()
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }
func millis(d time.Duration) string {
	return fmt.Sprintf("%.3g ms", float64(d.Microseconds())/1000)
}
func megabytes(n int64) string { return fmt.Sprintf("%d MB", n>>20) }
