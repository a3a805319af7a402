package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"scenario/golden"
	"scenario/runner"
)

// told is how many alarms of a scenario in a condition are told and kept. More
// are counted.
const told = 3

// complaint says why a run does not hold; "" if it does.
func complaint(rec *runner.Recording, err error, goldens map[string]string) string {
	var b strings.Builder
	if err != nil {
		fmt.Fprintf(&b, "  error: %v\n", err)
		var step *runner.StepError
		if errors.As(err, &step) {
			for _, w := range step.Windows {
				fmt.Fprintf(&b, "  %s shows:\n%s\n", w.Terminal, strings.Trim(w.Display, "\n"))
			}
		}
		return b.String()
	}
	for _, v := range golden.Compare(golden.Texts(rec), goldens) {
		if v.State == golden.Same {
			continue
		}
		fmt.Fprintf(&b, "  %s: %s %s\n%s", v.State, v.Name, v.Pos, v.Diff)
		for _, broken := range v.Broken {
			fmt.Fprintf(&b, "  %s\n", broken)
		}
	}
	return b.String()
}

// keep copies the recording of a run in dir to a folder named after pattern,
// and what is said of it.
func (s *soak) keep(pattern, dir, said string, rec *runner.Recording) (string, error) {
	if err := os.MkdirAll(s.failures, 0o755); err != nil {
		return "", err
	}
	kept, err := os.MkdirTemp(s.failures, pattern)
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(kept, "alarm.txt"), []byte(said), 0o644); err != nil || rec == nil {
		return kept, err
	}
	last, err := runner.ReadRecording(dir, rec.Scenario, "")
	if err == nil && last.Started.Equal(rec.Started) {
		return kept, os.CopyFS(kept, os.DirFS(filepath.Join(dir, ".scenario", rec.Scenario, "last")))
	}
	// Another run in the same folder has replaced it, or it was not worth
	// keeping.
	data, err := json.MarshalIndent(rec, "", "\t")
	if err != nil {
		return kept, err
	}
	return kept, os.WriteFile(filepath.Join(kept, "recording.json"), append(data, '\n'), 0o644)
}
