package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aymanbagabas/go-udiff"
	"github.com/spf13/cobra"

	"scenario/golden"
	"scenario/golden/article"
	"scenario/runner"
	"scenario/starlib"
)

func weaveCommand(ui *ui) *cobra.Command {
	var frozen bool
	cmd := &cobra.Command{
		Use:   "weave LESSON.md|FOLDER...",
		Short: "Put goldens into the lessons that cite them",
		Long: `Put goldens into the lessons that cite them. In Markdown, a comment on a line of
its own says what the fenced code block after it holds:

  <!-- scenario: toukon#cluster -->
  <!-- scenario: ../first#hello@web.sh output lang=console -->
  <!-- scenario: toukon/toukon.star from="# Where am I" to="ip-o" -->

SCENARIO#LABEL is a golden; where several terminals have the label, it is
SCENARIO#LABEL@TERMINAL. SCENARIO is a script or its folder, from the lesson's
folder, or from the folder scenarios beside it or above it. Without a # it is a
file. A marker that no fence follows gets one; outside of these fences, no byte
changes. Behind the name may stand:

  input            only what was typed, without prompts
  output           only what came back
  steps=2-3        from the second prompt up to the fourth
  lines=3-5        lines of the text
  from=TEXT        from the first line that has this text on
  to=TEXT          up to the next line that has this text
  lang=elixir      the language of the fence, unless it has one
  matrix=elixir=1.18   the golden of this way to play the scenario

Exit status: 0 all is woven; 1 with --frozen, a lesson is stale; 2 a marker is
wrong, and its lesson was left as it is; 4 a lesson cannot be written.`,
		Example: `  scenario weave docs/lessons/toukon.md
  scenario weave --frozen docs README.md`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fmt.Errorf("which lesson? give its Markdown file, or a folder\nsee: %s --help", cmd.CommandPath())
			}
			return nil
		},
		ValidArgsFunction: func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
			return completePaths(typed, ".md")
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if !cmd.Flags().Changed("frozen") {
				frozen = os.Getenv("CI") == "true"
			}
			return weaveAll(ui, args, frozen)
		},
	}
	cmd.Flags().BoolVar(&frozen, "frozen", false, "write nothing, and fail where something would be written (implied by CI=true)")
	return cmd
}

func weaveAll(ui *ui, args []string, frozen bool) error {
	lessons, err := lessons(args)
	if err != nil {
		return err
	}
	code := exitOK
	for _, l := range lessons {
		woven, wrong := article.Weave(l.text, l.find(ui))
		for _, w := range wrong {
			ui.failure("", fmt.Errorf("%s:%w", l.path, w))
			code = worse(code, exitUsage)
		}
		switch {
		case len(wrong) > 0, bytes.Equal(l.text, woven):
		case frozen:
			ui.stale(l.path, string(l.text), string(woven))
			code = worse(code, exitDrift)
		default:
			if err := golden.WriteFile(l.path, woven); err != nil {
				return &runner.EnvironmentError{What: l.path + " cannot be written", Err: err}
			}
			ui.did("woven", l.path)
		}
	}
	if code == exitDrift {
		ui.note("hint: if that is right: " + ui.self + " weave " + strings.Join(args, " "))
	}
	if code != exitOK {
		return exitError(code)
	}
	return nil
}

// stale says how a lesson differs from what its markers name.
func (u *ui) stale(path, have, want string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	unix := strings.NewReplacer("\r\n", "\n")
	_, hunks, _ := strings.Cut(udiff.Unified("", "", unix.Replace(have), unix.Replace(want)), "@@")
	u.line(u.style(styleRed, "stale") + "  " + path)
	u.diff("@@"+hunks, "the lesson", "what it cites")
}

// A lesson is Markdown with markers.
type lesson struct {
	path string // as the user would write it
	dir  string // from which its markers look, also where the path is a link to it
	text []byte
}

// lessons are those that the arguments name: files, and what lies in folders.
func lessons(args []string) ([]lesson, error) {
	var (
		found []lesson
		seen  []string
	)
	for _, arg := range args {
		folder := false
		if info, err := os.Stat(arg); err == nil {
			folder = info.IsDir()
		}
		paths, err := files(arg, func(path string) bool {
			return !folder || slices.Contains([]string{".md", ".markdown"}, filepath.Ext(path))
		})
		if err != nil {
			return nil, err
		}
		n := 0
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				return nil, err
			}
			if !article.Markers(text) {
				continue
			}
			n++
			real, err := filepath.EvalSymlinks(path)
			if err != nil {
				return nil, err
			}
			if !slices.Contains(seen, real) {
				found, seen = append(found, lesson{path, filepath.Dir(real), text}), append(seen, real)
			}
		}
		if n == 0 {
			return nil, fmt.Errorf("there is no marker in %s: in a lesson, a line says <!-- scenario: SCENARIO#LABEL -->", arg)
		}
	}
	return found, nil
}

// find is how the texts are found that the markers of a lesson name.
func (l lesson) find(ui *ui) func(article.Marker) (string, error) {
	return func(m article.Marker) (string, error) {
		name, label, ok := m.Label()
		if !ok {
			return l.file(m.Ref)
		}
		t, err := l.scenario(name)
		if err != nil {
			return "", err
		}
		if t, err = oneWay(t, m.Matrix); err != nil {
			return "", err
		}
		have, err := t.goldens().Read()
		if err != nil {
			return "", unusable(err)
		}
		var names, meant []string
		for name := range have {
			names = append(names, name)
			if labelled(name, label) {
				meant = append(meant, name)
			}
		}
		slices.Sort(names)
		slices.Sort(meant)
		switch {
		case len(names) == 0:
			return "", fmt.Errorf("there are no goldens yet\nhint: %s run %s", ui.self, t.args())
		case len(meant) == 0:
			return "", noLabel(label, t.path, names)
		case len(meant) > 1:
			return "", fmt.Errorf("several terminals have this label: give one of %s", strings.Join(meant, ", "))
		}
		return have[meant[0]], nil
	}
}

// scenario is the one that a marker names.
func (l lesson) scenario(name string) (target, error) {
	if name == "" {
		return target{}, errors.New("which scenario? give SCENARIO#LABEL")
	}
	var folder string // that is there, and no scenario
	for path, err := range l.candidates(name) {
		if err != nil {
			return target{}, err
		}
		info, err := os.Stat(path)
		if err != nil {
			continue
		}
		if !info.IsDir() {
			if filepath.Ext(path) != ".star" {
				return target{}, fmt.Errorf("%s is no scenario: a scenario's name ends in .star", path)
			}
			return newTarget(path), nil
		}
		if script, ok := ownScript(path); ok {
			return newTarget(script), nil
		}
		folder = path
	}
	if folder != "" {
		return target{}, fmt.Errorf("there is no scenario in %s: one is a folder NAME with a NAME.star in it", folder)
	}
	return target{}, fmt.Errorf("there is no scenario %s%s: it is looked for from the lesson's folder, and in scenarios there and above", name, starlib.Nearest(name, l.neighbours()))
}

// file is the text of a file that a marker names.
func (l lesson) file(name string) (string, error) {
	for path, err := range l.candidates(name) {
		if err != nil {
			return "", err
		}
		info, err := os.Stat(path)
		switch {
		case err != nil:
		case info.IsDir():
			return "", fmt.Errorf("%s is a folder: give a label of its scenario, %s#LABEL, or a file in it", path, name)
		case !info.Mode().IsRegular():
			return "", fmt.Errorf("%s is no file that can be cited", path)
		default:
			text, err := os.ReadFile(path)
			return string(text), err
		}
	}
	return "", fmt.Errorf("there is no file %s: it is looked for from the lesson's folder, and in scenarios there and above", name)
}

// candidates are where what a marker names may lie: from the lesson's folder,
// or from the folder scenarios in it or in one above, up to the repository's.
func (l lesson) candidates(name string) func(yield func(string, error) bool) {
	return func(yield func(string, error) bool) {
		if filepath.IsAbs(name) {
			yield("", fmt.Errorf("other machines may have no such path: give one from the folder of the lesson"))
			return
		}
		name := filepath.FromSlash(name)
		if !yield(filepath.Join(l.dir, name), nil) {
			return
		}
		for _, dir := range l.shelves() {
			if !yield(filepath.Join(dir, name), nil) {
				return
			}
		}
	}
}

// shelves are the folders scenarios in the lesson's folder and above.
func (l lesson) shelves() (found []string) {
	dir := l.dir
	abs, err := filepath.Abs(dir)
	for err == nil {
		shelf := filepath.Join(dir, "scenarios")
		if info, serr := os.Stat(shelf); serr == nil && info.IsDir() {
			found = append(found, shelf)
		}
		_, none := os.Stat(filepath.Join(abs, ".git"))
		if parent := filepath.Dir(abs); none == nil || parent == abs {
			break
		} else {
			abs, dir = parent, upwards(dir)
		}
	}
	return found
}

// upwards is the folder above one, as the user would write it.
func upwards(dir string) string {
	if dir == "." || filepath.Base(dir) == ".." {
		return filepath.Join(dir, "..")
	}
	return filepath.Dir(dir)
}

// neighbours are the names of scenarios on the shelves.
func (l lesson) neighbours() (names []string) {
	for _, shelf := range l.shelves() {
		entries, _ := os.ReadDir(shelf)
		for _, e := range entries {
			names = append(names, e.Name())
		}
	}
	return names
}
