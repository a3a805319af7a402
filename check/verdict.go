package check

import (
	"scenario/golden/article"
	"scenario/runner"
)

// State is what was found out about a block.
type State int

// A block has the first of these that holds for one of its turns; it is NotRun
// if all were not, or if it was not to be.
const (
	Fails     State = iota // a statement fails, and the text does not say that it does
	Drift                  // the text shows something else
	OK                     // the text shows what was seen
	ShownOnly              // it ran, and the text shows nothing that could be compared
	NotRun
)

func (s State) String() string {
	return [...]string{"fails", "drift", "ok", "shown only", "not run"}[s]
}

// Ran says whether the block was played.
func (s State) Ran() bool { return s != NotRun }

// A Verdict is what was found out about one block.
type Verdict struct {
	Block *article.Block
	State State
	// Why is a sentence: what failed, what is not run and why, or what the
	// comparison took no notice of.
	Why string
	// Line is where in the article it drifts or fails, or the block's.
	Line int
	// Where are the windows it was played in, and By is by what each was chosen.
	Where, By []string
	// Diff shows what drifted, as golden.Verdict does: '-' is the article, '+'
	// the run.
	Diff string
	// Known is the script's reason why the block drifts or fails. It is no
	// failure then.
	Known string
	// Windows are all windows as they stood when it failed.
	Windows []runner.Window
	// Seconds that it took.
	Seconds float64

	fixes []edit
}

// Bad says whether a verdict fails a check that is frozen.
func (v *Verdict) Bad() bool { return v.State <= Drift && v.Known == "" }

// Counts are how many blocks have which state.
type Counts [NotRun + 1]int

// Count counts verdicts.
func Count(verdicts []*Verdict) (c Counts) {
	for _, v := range verdicts {
		c[v.State]++
	}
	return c
}

// Coverage is how much of an article was run, in percent of its blocks, rounded
// down; 100 of an article without blocks.
func (c Counts) Coverage() int {
	all := 0
	for _, n := range c {
		all += n
	}
	if all == 0 {
		return 100
	}
	return 100 * (all - c[NotRun]) / all
}

// Mended says whether Fix changes the block.
func (v *Verdict) Mended() bool { return v.State == Drift && len(v.fixes) > 0 }
