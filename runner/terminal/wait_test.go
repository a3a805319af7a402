package terminal

import "testing"

// A log that begins with a line break leaves the prompt alone on its line. That
// is no line of what came: whether it came before the prompt or after is chance.
func TestExpectBelowThePrompt(t *testing.T) {
	for name, p := range shells(t) {
		t.Run(name, func(t *testing.T) {
			s := start(t, p)
			mustSend(t, s, "mkfifo gate")
			shown, err := s.Send(deadline(t), Input{
				Lines:  []string{`((read x < gate; printf '\nlate\nlater\n') &)`, "echo go > gate"},
				Expect: []string{"later"},
			})
			if err != nil {
				t.Fatal(err)
			}
			// Before the prompt the line break is an empty line.
			if got := shown.Output; got != "late\nlater" && got != "\nlate\nlater" {
				t.Errorf("output %q; the window shows:\n%s", got, s.Display())
			}
		})
	}
}
