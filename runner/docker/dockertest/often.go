package dockertest

import (
	"os"
	"testing"
)

// Soak is the environment variable that makes tests long: `make soak` sets it.
const Soak = "SCENARIO_SOAK"

// Often is how many times a test tries something: a few times, or many where it
// may take long.
func Often(few, many int) int {
	if os.Getenv(Soak) != "" {
		return many
	}
	return few
}

// Tried is the line by which a test tells tools/reliability what it has tried,
// how often, and what was left of it.
const Tried = "reliability: %s | %d | %s"

// Report says what was tried, unless the test has failed.
func Report(t testing.TB, fault string, times int, left string) {
	t.Helper()
	if !t.Failed() {
		t.Logf(Tried, fault, times, left)
	}
}
