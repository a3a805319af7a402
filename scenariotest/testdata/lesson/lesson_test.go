// Package lesson is a test as a user of scenariotest writes it.
package lesson

import (
	"os"
	"testing"

	"scenario/scenariotest"
)

func TestLesson(t *testing.T) { scenariotest.Run(t, os.Getenv("LESSON")) }
