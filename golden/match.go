package golden

import (
	"slices"

	"github.com/aymanbagabas/go-udiff/lcs"
)

// match returns a common subsequence of two sequences of keys, as pairs of
// indexes in rising order.
//
// Keys that each sequence holds once are matched first and split the sequences
// into windows, which are matched in the same way. That keeps apart what
// belongs to different steps, and leaves to the quadratic search only windows
// in which every line occurs more than once.
func match(a, b []string) [][2]int {
	return matchWindow(nil, a, b, 0, 0)
}

func matchWindow(pairs [][2]int, a, b []string, i, j int) [][2]int {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		pairs = append(pairs, [2]int{i, j})
		a, b, i, j = a[1:], b[1:], i+1, j+1
	}
	tail := 0
	for tail < len(a) && tail < len(b) && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	ends := [2]int{i + len(a) - tail, j + len(b) - tail}
	a, b = a[:len(a)-tail], b[:len(b)-tail]
	if len(a) > 0 && len(b) > 0 {
		if anchors := unique(a, b); len(anchors) > 0 {
			at := [2]int{}
			for _, p := range append(anchors, [2]int{len(a), len(b)}) {
				if p[0] < at[0] || p[1] < at[1] {
					continue // matched already, from the anchor before
				}
				pairs = matchWindow(pairs, a[at[0]:p[0]], b[at[1]:p[1]], i+at[0], j+at[1])
				at = p
				for at[0] < len(a) && at[1] < len(b) && a[at[0]] == b[at[1]] {
					pairs = append(pairs, [2]int{i + at[0], j + at[1]})
					at[0]++
					at[1]++
				}
			}
		} else {
			from := [2]int{}
			for _, d := range append(lcs.DiffLines(a, b), lcs.Diff{Start: len(a), ReplStart: len(b)}) {
				for ; from[0] < d.Start; from[0], from[1] = from[0]+1, from[1]+1 {
					pairs = append(pairs, [2]int{i + from[0], j + from[1]})
				}
				from = [2]int{d.End, d.ReplEnd}
			}
		}
	}
	for k := range tail {
		pairs = append(pairs, [2]int{ends[0] + k, ends[1] + k})
	}
	return pairs
}

// unique returns the longest rising sequence of pairs of keys that occur once
// in a and once in b.
func unique(a, b []string) [][2]int {
	const many = -2
	inA := make(map[string]int, len(a))
	for i, k := range a {
		if _, ok := inA[k]; ok {
			i = many
		}
		inA[k] = i
	}
	inB := make(map[string]int)
	for j, k := range b {
		if i, ok := inA[k]; !ok || i == many {
			continue
		}
		if _, ok := inB[k]; ok {
			j = many
		}
		inB[k] = j
	}
	// Patience sorting: piles[n] is the pair with the least j that ends a
	// rising sequence of n+1 pairs; before links it to the one that it follows.
	var pairs [][2]int
	var before, piles []int
	for i, k := range a {
		j, ok := inB[k]
		if !ok || j == many {
			continue
		}
		n, _ := slices.BinarySearchFunc(piles, j, func(p, j int) int { return pairs[p][1] - j })
		pairs = append(pairs, [2]int{i, j})
		before = append(before, -1)
		last := len(pairs) - 1
		if n > 0 {
			before[last] = piles[n-1]
		}
		if n == len(piles) {
			piles = append(piles, last)
		} else {
			piles[n] = last
		}
	}
	if len(piles) == 0 {
		return nil
	}
	found := make([][2]int, len(piles))
	for p, n := piles[len(piles)-1], len(piles)-1; n >= 0; p, n = before[p], n-1 {
		found[n] = pairs[p]
	}
	return found
}
