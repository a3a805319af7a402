package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"scenario/check"
	"scenario/golden"
	"scenario/golden/report"
	"scenario/runner"
	"scenario/starlib"
)

// A reporter writes one kind of report.
type reporter struct {
	name   string
	toFile bool // it needs a FILE; the others go to standard output
	write  func(io.Writer, []report.Scenario) error
}

var reporters = []reporter{
	{"junit", true, report.JUnit},
	{"json", true, report.JSON},
	{"markdown", true, report.Markdown},
	{"github", false, report.GitHub},
}

// reports are those that were asked for, and what they will say.
type reports struct {
	ui        *ui
	wanted    []wantedReport
	scenarios []report.Scenario
}

type wantedReport struct {
	reporter
	path string // "-" is standard output
}

func newReports(given []string, ui *ui) (*reports, error) {
	r := &reports{ui: ui}
	var names []string
	for _, rep := range reporters {
		names = append(names, rep.name)
	}
	for _, g := range given {
		name, path, _ := strings.Cut(g, "=")
		i := slices.IndexFunc(reporters, func(rep reporter) bool { return rep.name == name })
		switch {
		case i < 0:
			return nil, fmt.Errorf("--report %s: there is no such report%s; there are %s", g, starlib.Nearest(name, names), strings.Join(names, ", "))
		case reporters[i].toFile && path == "":
			return nil, fmt.Errorf("--report %s: where to? give --report %s=FILE; - is standard output", g, name)
		case !reporters[i].toFile && path != "":
			return nil, fmt.Errorf("--report %s: it goes to standard output, and takes no file", g)
		case !reporters[i].toFile:
			path = "-"
		}
		if slices.ContainsFunc(r.wanted, func(w wantedReport) bool { return w.path == path }) {
			return nil, fmt.Errorf("--report %s: another report goes there: give each a place of its own", g)
		}
		if err := writable(path); err != nil {
			return nil, &runner.EnvironmentError{What: fmt.Sprintf("--report %s: the report cannot be written", g), Err: err}
		}
		r.wanted = append(r.wanted, wantedReport{reporters[i], path})
	}
	return r, nil
}

// writable says whether a report can be written, before a run is made for
// nothing. It leaves the file, or its absence, as it was.
func writable(path string) error {
	switch info, err := os.Stat(path); {
	case path == "-":
		return nil
	case errors.Is(err, fs.ErrNotExist):
		if dir, err := os.Stat(filepath.Dir(path)); err != nil || !dir.IsDir() {
			return fmt.Errorf("there is no folder %s", filepath.Dir(path))
		}
		return nil
	case err != nil:
		return err
	case info.IsDir():
		return fmt.Errorf("%s is a folder", path)
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return f.Close()
}

// judged takes a scenario that ran to its end.
func (r *reports) judged(t *trial, done map[string]string, idle []golden.Idle, f *runFlags) {
	s := r.scenario(t.target, t.rec, f)
	s.Verdicts = t.verdicts
	s.Accepted = done
	for _, i := range idle {
		s.Warnings = append(s.Warnings, report.Note{Pos: i.Pos, Message: i.Message})
	}
	r.scenarios = append(r.scenarios, s)
}

// unstable takes a scenario some of whose texts are not the same in each run.
func (r *reports) unstable(t target, rec *runner.Recording, unstable []golden.Instability, f *runFlags) {
	s := r.scenario(t, rec, f)
	for _, u := range unstable {
		v := golden.Verdict{Name: u.Name, State: golden.Unstable, Diff: u.Diff}
		for _, step := range rec.Steps {
			if step.Golden() == u.Name {
				v.Pos = step.Pos
				break
			}
		}
		s.Verdicts = append(s.Verdicts, v)
	}
	r.scenarios = append(r.scenarios, s)
}

// failed takes a scenario that did not run to its end.
func (r *reports) failed(t target, rec *runner.Recording, err error, f *runFlags) {
	s := r.scenario(t, rec, f)
	s.Failure = failureOf(err)
	r.scenarios = append(r.scenarios, s)
}

func (r *reports) scenario(t target, rec *runner.Recording, f *runFlags) report.Scenario {
	own, _ := t.goldens().Own() // if it cannot be read, that has been said
	return report.Scenario{
		Name: t.name, Variant: t.variant.name, Own: slices.Collect(maps.Keys(own)),
		Script: filepath.ToSlash(t.path), Recording: rec, Frozen: f.frozen,
	}
}

// write writes all reports. One that goes to a file appears there whole.
func (r *reports) write() error {
	var failed error
	for _, w := range r.wanted {
		var b bytes.Buffer
		err := w.reporter.write(&b, r.scenarios)
		if err == nil {
			err = r.put(w.path, b.Bytes())
		}
		if err != nil {
			failed = errors.Join(failed, &runner.EnvironmentError{What: "the " + w.name + " report cannot be written", Err: err})
		}
	}
	return failed
}

func (r *reports) put(path string, content []byte) error {
	if path == "-" {
		_, err := r.ui.out.Write(content)
		return err
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() { // a pipe, /dev/stderr
		return os.WriteFile(path, content, 0)
	}
	return golden.WriteFile(path, content)
}

// checked takes an article that was played to its end.
func (r *reports) checked(e essay, rec *runner.Recording, verdicts []*check.Verdict, short string, f *checkFlags) {
	s := report.Scenario{
		Name: e.name, Script: filepath.ToSlash(e.path), Article: filepath.ToSlash(e.article), Recording: rec, Frozen: f.frozen, Short: short,
	}
	for _, v := range verdicts {
		s.Blocks = append(s.Blocks, report.Block{
			Number: v.Block.Number, Line: v.Block.Line, At: v.Line, Title: title(v.Block), State: v.State.String(),
			Why: v.Why, Known: v.Known, Where: v.Where, Diff: v.Diff, Seconds: v.Seconds,
		})
	}
	r.scenarios = append(r.scenarios, s)
}

// unchecked takes an article whose play has ended early.
func (r *reports) unchecked(e essay, rec *runner.Recording, verdicts []*check.Verdict, err error, f *checkFlags) {
	r.checked(e, rec, verdicts, "", f)
	r.scenarios[len(r.scenarios)-1].Failure = failureOf(err)
}

// failureOf is what ended a run.
func failureOf(err error) *report.Failure {
	f := &report.Failure{Message: err.Error(), Environment: exitCode(err) == exitEnvironment}
	var where *starlib.Error
	if errors.As(err, &where) {
		f.Pos, f.Message = where.Pos, where.Message
	}
	return f
}
