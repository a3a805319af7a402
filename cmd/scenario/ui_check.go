package main

import (
	"fmt"
	"strings"

	"github.com/clipperhouse/displaywidth"

	"scenario/check"
	"scenario/golden/article"
	"scenario/runner"
)

// beginArticle starts the display of an article that is played. Of its steps
// only what is happening now is shown; the verdicts say the rest.
func (u *ui) beginArticle(e essay) {
	u.begin(e.target)
	u.mu.Lock()
	defer u.mu.Unlock()
	u.judging = true
}

var stateStyles = map[check.State]string{check.OK: styleGreen, check.Drift: styleRed, check.Fails: styleRed, check.NotRun: styleDim}

// verdict says what was found out about a block.
func (u *ui) verdict(e essay, v *check.Verdict) {
	u.mu.Lock()
	defer u.mu.Unlock()
	head := fmt.Sprintf("  %-10s  %s:%d", v.State, e.article, v.Line)
	styled := "  " + u.style(stateStyles[v.State], fmt.Sprintf("%-10s", v.State)) + fmt.Sprintf("  %s:%d", e.article, v.Line)
	line := styled + u.style(styleDim, "  "+u.room(clean(title(v.Block)), displaywidth.String(head)+2))
	if !v.Bad() && v.Known == "" {
		u.say(line)
		if v.Why != "" {
			u.say(u.style(styleDim, wrapped("              ", clean(v.Why), u.width)))
		}
		return
	}
	if !v.Bad() {
		u.say(line)
		u.say(u.style(styleDim, wrapped("              ", "known: "+clean(v.Known), u.width)))
		return
	}
	u.line(line)
	if v.Diff != "" {
		u.diff(v.Diff, "the article", "this run")
	}
	if v.Why != "" {
		u.line(wrapped("              ", cleanLines(v.Why), u.width))
	}
	if len(v.Windows) > 0 {
		u.ending(v.Windows[0])
	}
}

// chosen says in which windows a block was played, and by what they were chosen.
func (u *ui) chosen(v *check.Verdict) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for i, w := range v.Where {
		by := ""
		if v.By[i] != "" {
			by = " (" + clean(v.By[i]) + ")"
		}
		u.line(u.style(styleDim, "              in "+w+by))
	}
}

// room cuts a text to what is left of the window's width.
func (u *ui) room(s string, used int) string {
	if u.width == 0 {
		return displaywidth.TruncateString(s, 50, "…")
	}
	return displaywidth.TruncateString(s, max(u.width-used-1, 10), "…")
}

// title is what a person knows a block by.
func title(b *article.Block) string {
	for _, l := range b.Lines {
		if text := strings.TrimSpace(l.Text); text != "" {
			return text
		}
	}
	return strings.TrimSpace(b.Info)
}

// mended says how many blocks were written anew.
func (u *ui) mended(path string, verdicts []*check.Verdict) int {
	n := countFixable(verdicts)
	u.did("fixed", fmt.Sprintf("%s: %s", path, plural(n, "block")))
	return n
}

// checked is the last line of an article.
func (u *ui) checked(e essay, rec *runner.Recording, verdicts []*check.Verdict, short string, code int, fixable bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	counts := check.Count(verdicts)
	parts := []string{}
	for _, s := range []check.State{check.OK, check.Drift, check.Fails, check.ShownOnly, check.NotRun} {
		if counts[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[s], s))
		}
	}
	if len(parts) == 0 {
		parts = []string{"there is no code in it"}
	}
	s := fmt.Sprintf("%s: %s: %s  %.1fs", e.article, plural(len(verdicts), "block"), strings.Join(parts, ", "), rec.Seconds)
	if code == exitOK {
		u.say(u.style(styleGreen, "ok") + "  " + s)
		return
	}
	u.line(u.style(styleRed, "drift") + "  " + s)
	if short != "" {
		u.line("  " + short)
	}
	if fixable {
		how := e.article
		if beside(e.article) != e.path {
			how = "--with " + e.path + " " + e.article
		}
		u.line("hint: if what was seen is right: " + u.self + " check --fix " + how)
		u.line("      --diff shows what that would change")
	}
}
