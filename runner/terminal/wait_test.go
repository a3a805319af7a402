package terminal

import (
	"os"
	"path/filepath"
	"testing"
)

// Whether a log's lines come before the prompt or after it is chance, and so it
// must not matter: its empty lines are kept, and a prompt that it leaves alone
// on a line, since it begins with a line break, is no line of it.
func TestExpectBelowThePrompt(t *testing.T) {
	for name, p := range shells(t) {
		t.Run(name, func(t *testing.T) {
			s := start(t, p)
			dir := mustSend(t, s, "mkfifo gate; pwd").Output
			mustSend(t, s, `log() { printf '\nlate\n\nlater\n'; }`)
			open := func() {
				s.See(deadline(t), []string{"first\n$"})
				os.WriteFile(filepath.Join(dir, "gate"), []byte("go\n"), 0)
			}
			for i, line := range []string{"echo first; log", "((read x < gate; log) &); echo first"} {
				if i == 1 {
					go open()
				}
				shown, err := s.Send(deadline(t), Input{Lines: []string{line}, Expect: []string{"later"}})
				if err != nil {
					t.Fatal(err)
				}
				if want := "first\n\nlate\n\nlater"; shown.Output != want || shown.Text != "$ "+line+"\n"+want {
					t.Errorf("%q gives %q, %q", line, shown.Output, shown.Text)
				}
			}
		})
	}
}
