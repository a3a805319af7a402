package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"scenario/runner"
	"scenario/starlib"
)

// What a shell is told of a command line that is not finished. Whatever cannot
// be read gives nothing to complete, and no error.

// completer is what cobra asks for arguments, and for values of flags.
type completer = func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective)

const (
	onlyThese = cobra.ShellCompDirectiveNoFileComp
	goesOn    = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
)

// completeScripts are scripts and folders.
func completeScripts(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	return completePaths(typed, ".star")
}

// completeScript is one script or folder.
func completeScript(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, onlyThese
	}
	return completeScripts(cmd, args, typed)
}

// completeNew is where a new scenario may be made.
func completeNew(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, onlyThese
	}
	return completePaths(typed, "/") // only folders
}

// completePaths are folders, and files whose names end in ext.
func completePaths(typed, ext string) ([]string, cobra.ShellCompDirective) {
	dir, begun := filepath.Split(typed)
	look := dir
	if rest, ok := strings.CutPrefix(dir, "~/"); ok {
		home, err := os.UserHomeDir()
		if err != nil {
			return nil, onlyThese
		}
		look = filepath.Join(home, rest)
	}
	if look == "" {
		look = "."
	}
	entries, err := os.ReadDir(look)
	if err != nil {
		return nil, onlyThese
	}
	var found []string
	directive := onlyThese
	scenario := ext == ".star" && slices.ContainsFunc(entries, func(e os.DirEntry) bool { return strings.HasSuffix(e.Name(), ext) })
	for _, e := range entries {
		name := e.Name()
		if !strings.HasPrefix(name, begun) || strings.HasPrefix(name, ".") && !strings.HasPrefix(begun, ".") {
			continue
		}
		info, err := os.Stat(filepath.Join(look, name)) // through a link
		switch {
		case err != nil, scenario && name == "golden": // that has texts
		case info.IsDir():
			found = append(found, dir+name+"/")
			directive = goesOn
		case strings.HasSuffix(name, ext):
			found = append(found, dir+name)
		}
	}
	return found, directive
}

// known are the scenarios of a command line, as far as it goes.
func known(args []string) []target {
	found, err := targets(args)
	if err != nil {
		return nil
	}
	return found
}

// begins are those that begin with what was typed: labels, and, when one is
// typed, the names of its goldens.
func begins(goldens []string, typed string) []string {
	var found []string
	for _, name := range goldens {
		label, _, _ := strings.Cut(name, "@")
		for _, s := range []string{label, name} {
			if strings.HasPrefix(s, typed) && (s == label || strings.HasPrefix(typed, label)) && !slices.Contains(found, s) {
				found = append(found, s)
			}
		}
	}
	slices.Sort(found)
	return found
}

// recorded are the names of the goldens that the last runs have left.
func recorded(scenarios []target) []string {
	var names []string
	for _, t := range scenarios {
		if rec, err := runner.ReadRecording(t.dir, t.name, t.variant.name); err == nil {
			names = append(names, texts(rec)...)
		}
	}
	return names
}

// completeUntil are labels of the last run, and of the goldens.
func completeUntil(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	scenarios := known(args)
	all := recorded(scenarios)
	for _, t := range scenarios {
		if have, err := t.goldens().Read(); err == nil {
			all = append(all, slices.Sorted(maps.Keys(have))...)
		}
	}
	for i := range all {
		all[i], _, _ = strings.Cut(all[i], "@")
	}
	return begins(all, typed), onlyThese
}

// completeShow is a scenario, and then a label of its last run.
func completeShow(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	switch len(args) {
	case 0:
		return completeScripts(cmd, args, typed)
	case 1:
		return begins(recorded(known(args)), typed), onlyThese
	}
	return nil, onlyThese
}

// completeRecorded are labels of the last runs of the scenarios.
func completeRecorded(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	return begins(recorded(known(args)), typed), onlyThese
}

// completePending are labels that a review asks about.
func completePending(ui *ui) completer {
	return func(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		var left []string
		for _, t := range known(args) {
			if r, err := newReview(ui, t); err == nil {
				left = append(left, names(r.left)...)
				left = append(left, names(r.rejected)...)
			}
		}
		return begins(left, typed), onlyThese
	}
}

// completeParams are the names of the scenarios' parameters.
func completeParams(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	var found []string
	for _, t := range known(args) {
		for _, p := range starlib.Params(t.path) {
			c := p.Name + "="
			if p.Doc != "" {
				c += "\t" + p.Doc
			}
			if strings.HasPrefix(c, typed) && !slices.Contains(found, c) {
				found = append(found, c)
			}
		}
	}
	return found, goesOn
}

// completeReports are kinds of reports, and then the file.
func completeReports(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
	if name, path, ok := strings.Cut(typed, "="); ok {
		files, directive := completePaths(path, "")
		for i := range files {
			files[i] = name + "=" + files[i]
		}
		return files, directive
	}
	var found []string
	directive := onlyThese
	for _, r := range reporters {
		name := r.name
		if r.toFile {
			name += "="
		}
		if strings.HasPrefix(name, typed) {
			found = append(found, name)
			if r.toFile {
				directive = goesOn
			}
		}
	}
	return found, directive
}

// completeNames are what the manual explains.
func completeNames(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, onlyThese
	}
	var found []string
	for _, n := range append(starlib.Names(), "report") {
		if strings.HasPrefix(n, typed) {
			found = append(found, n)
		}
	}
	return found, onlyThese
}

// completes sets how the value of a flag is completed.
func completes(cmd *cobra.Command, flag string, f completer) {
	if err := cmd.RegisterFlagCompletionFunc(flag, f); err != nil {
		panic(err) // there is no such flag
	}
}

// completeEnv are the names of environment variables.
func completeEnv(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var names []string
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		names = append(names, name)
	}
	return names, onlyThese
}
