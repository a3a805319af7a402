package check

import (
	"slices"
	"strings"

	"scenario/golden/article"
	"scenario/starlib"
)

// rule is what a script says of a block: of several rules that mean it, the
// later one counts in what it says.
func rule(b *article.Block, rules []*starlib.Rule) starlib.Rule {
	var all starlib.Rule
	for _, r := range rules {
		if !means(r, b) {
			continue
		}
		all.Pos = r.Pos
		set(&all.To, r.To, r.To != nil)
		set(&all.Skip, r.Skip, r.Skip != "")
		set(&all.Fails, r.Fails, r.Fails != "")
		set(&all.Substitute, r.Substitute, len(r.Substitute) > 0)
		set(&all.Before, r.Before, r.Before != nil)
		set(&all.After, r.After, r.After != nil)
		set(&all.File, r.File, r.File != "")
		set(&all.Edit, r.Edit, r.Edit != nil)
		set(&all.Run, r.Run, r.Run != "")
		set(&all.Part, r.Part, r.Part)
		set(&all.Expect, r.Expect, r.Expect != nil)
		set(&all.Timeout, r.Timeout, r.Timeout != 0)
		set(&all.Blocks, r.Blocks, r.Blocks)
		set(&all.Enters, r.Enters, r.Enters != nil)
		t := &all.Tolerance
		set(&t.Kinds, r.Tolerance.Kinds, r.Tolerance.Kinds != nil)
		set(&t.Unordered, r.Tolerance.Unordered, r.Tolerance.Unordered)
		set(&t.Between, r.Tolerance.Between, r.Tolerance.Between != nil)
		set(&t.Optional, r.Tolerance.Optional, r.Tolerance.Optional != nil)
	}
	return all
}

func set[T any](dst *T, value T, said bool) {
	if said {
		*dst = value
	}
}

// means says whether a rule is for a block.
func means(r *starlib.Rule, b *article.Block) bool {
	in := func(text, part string) bool { return part == "" || strings.Contains(text, part) }
	return (len(r.Number) == 0 || r.Number.Has(b.Number)) &&
		in(b.Caption, r.Caption) &&
		(r.Language == "" || strings.EqualFold(r.Language, b.Language)) &&
		in(strings.Join(b.Headings, "\n"), r.Heading) &&
		in(b.Text(), r.Text) &&
		(r.Prompt == "" || slices.ContainsFunc(b.Turns, func(t article.Turn) bool { return in(t.Prompt, r.Prompt) }))
}

// unused is the first rule that means no block, or nil.
func unused(blocks []*article.Block, rules []*starlib.Rule) *starlib.Rule {
	for _, r := range rules {
		if !slices.ContainsFunc(blocks, func(b *article.Block) bool { return means(r, b) }) {
			return r
		}
	}
	return nil
}
