package main

import (
	"slices"
	"time"
)

// samples are measurements of one thing, in the order in which they were made.
type samples []time.Duration

func (s samples) median() time.Duration { return median(s) }
func (s samples) min() time.Duration    { return slices.Min(s) }
func (s samples) max() time.Duration    { return slices.Max(s) }

// ratio is the median of what each sample is to that of the same round.
func (s samples) ratio(to samples) float64 {
	ratios := make([]float64, len(s))
	for i := range s {
		ratios[i] = float64(s[i]) / float64(to[i])
	}
	return median(ratios)
}

func median[T ~int64 | ~float64, S ~[]T](values S) T {
	sorted := slices.Sorted(slices.Values(values))
	half := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[half]
	}
	return (sorted[half-1] + sorted[half]) / 2
}
