package main

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"scenario/starlib"
)

// A matrix is parameters with some values each, by which a scenario is played
// once for each combination of values.
type matrix []axis

type axis struct {
	param  string
	values []string
}

const matrixUsage = "of `NAME=VALUE,VALUE`, play the script once for each value of its param(…); a text that is another then is kept apart, in golden/NAME=VALUE; can be repeated"

// matrixFlag is the flag by which a command knows the ways to play a scenario.
func matrixFlag(cmd *cobra.Command, given *[]string, usage string) {
	cmd.Flags().StringArrayVar(given, "matrix", nil, usage)
	completes(cmd, "matrix", completeParams)
}

// parseMatrix reads what --matrix was given, in the order of the names.
func parseMatrix(given []string, params map[string]string) (matrix, error) {
	var m matrix
	for _, g := range given {
		name, list, ok := strings.Cut(g, "=")
		values := strings.Split(list, ",")
		sorted := slices.Sorted(slices.Values(values))
		switch {
		case !ok || name == "" || slices.Contains(values, ""):
			return nil, fmt.Errorf("--matrix %s: it must be NAME=VALUE,VALUE…", g)
		case len(slices.Compact(sorted)) < len(values):
			return nil, fmt.Errorf("--matrix %s: a value is there twice", g)
		case slices.ContainsFunc(m, func(a axis) bool { return a.param == name }):
			return nil, fmt.Errorf("--matrix %s: %s has values already: give all in one --matrix", g, name)
		}
		if _, ok := params[name]; ok {
			return nil, fmt.Errorf("--matrix %s: %s is set by --param: give one of them", g, name)
		}
		m = append(m, axis{name, values})
	}
	slices.SortFunc(m, func(a, b axis) int { return strings.Compare(a.param, b.param) })
	return m, nil
}

// A variant is one combination of a matrix. The zero value is a scenario as it
// is played without one.
type variant struct {
	name   string // of its folder, "elixir=1.18"
	params map[string]string
	// shared says that its texts are those in golden/ itself: it is what the
	// script's defaults say, or, of parameters without, the first that was
	// given.
	shared bool
}

// over is each scenario once for each combination, those of the last parameter
// side by side.
func (m matrix) over(scenarios []target) ([]target, error) {
	if len(m) == 0 {
		return scenarios, nil
	}
	var all []target
	for _, t := range scenarios {
		have, defaults := starlib.Params(t.path), map[string]string{}
		for _, p := range have {
			defaults[p.Name] = p.Default
		}
		ways := []variant{{shared: true}}
		for _, a := range m {
			if err := starlib.CheckParam(a.param, have); err != nil {
				return nil, fmt.Errorf("%s: --matrix %s: %w", t.path, a.param, err)
			}
			home := defaults[a.param]
			if home == "" {
				home = a.values[0]
			}
			var longer []variant
			for _, w := range ways {
				for _, value := range a.values {
					params := map[string]string{a.param: value}
					maps.Copy(params, w.params)
					name := strings.TrimPrefix(w.name+","+a.param+"="+url.PathEscape(value), ",")
					longer = append(longer, variant{name, params, w.shared && value == home})
				}
			}
			ways = longer
		}
		for _, w := range ways {
			t.variant = w
			all = append(all, t)
		}
	}
	return all, nil
}

// set is what the script's parameters are set to.
func (t target) set() map[string]string {
	all := map[string]string{}
	maps.Copy(all, t.params)
	maps.Copy(all, t.variant.params)
	return all
}

var plainWord = regexp.MustCompile(`^[\w./:=@%+,-]+$`)

// args are the arguments that name a scenario, and the way to play it.
func (t target) args() string {
	return shellWords(append(flagged("--matrix", t.variant.params), t.path))
}

// playArgs are those that play it as it was played.
func (t target) playArgs() string {
	return shellWords(slices.Concat(flagged("--param", t.params), flagged("--matrix", t.variant.params), []string{t.path}))
}

func flagged(flag string, params map[string]string) []string {
	var words []string
	for _, name := range slices.Sorted(maps.Keys(params)) {
		words = append(words, flag, name+"="+params[name])
	}
	return words
}

func shellWords(words []string) string {
	for i, w := range words {
		if !plainWord.MatchString(w) {
			words[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
	}
	return strings.Join(words, " ")
}

// variantArgs are the arguments that name the variant with a folder of that
// name.
func variantArgs(folder string) string {
	params := map[string]string{}
	for part := range strings.SplitSeq(folder, ",") {
		name, value, _ := strings.Cut(part, "=")
		if plain, err := url.PathUnescape(value); err == nil {
			value = plain
		}
		params[name] = value
	}
	return shellWords(flagged("--matrix", params))
}

// title names a scenario, and the way to play it, for people.
func (t target) title() string {
	return strings.TrimSpace(t.name + " " + t.variant.name)
}
