package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"scenario/golden"
	"scenario/runner"
)

// rejections are the goldens that a review did not accept as a recording has
// them. They lie beside the recording, and go with it.
type rejections struct {
	Started time.Time `json:"started"` // the recording's: another run may have taken its place
	Names   []string  `json:"names"`
}

func rejectedFile(t target) string {
	return filepath.Join(runner.LastRun(t.dir, t.name, t.variant.name), "rejected.json")
}

// rejected are the names of the goldens that were rejected.
func rejected(t target, rec *runner.Recording) ([]string, error) {
	data, err := os.ReadFile(rejectedFile(t))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var r rejections
	if err == nil {
		err = json.Unmarshal(data, &r)
	}
	if err != nil {
		return nil, &runner.EnvironmentError{What: "what was rejected cannot be read", Err: err}
	}
	if !r.Started.Equal(rec.Started) {
		return nil, nil
	}
	return r.Names, nil
}

func reject(t target, rec *runner.Recording, name string) error {
	names, err := rejected(t, rec)
	if err != nil || slices.Contains(names, name) {
		return err
	}
	data, err := json.Marshal(rejections{rec.Started, append(names, name)})
	if err == nil {
		err = golden.WriteFile(rejectedFile(t), append(data, '\n'))
	}
	if err != nil {
		return &runner.EnvironmentError{What: "what was rejected cannot be kept", Err: err}
	}
	return nil
}
