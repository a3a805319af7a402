package starlib_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"scenario/runner/docker/dockertest"
)

// controls are what a line editor puts between the characters of a line.
var controls = regexp.MustCompile(`\x1b\[[0-9;?]*[A-Za-z@]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b.|[\x00-\x1f\x7f]| `)

// No file of a recording has a secret that was typed into, echoed by, wrapped
// by, printed by and read from the real programs.
func TestSecretPrograms(t *testing.T) {
	dockertest.Leftovers(t)
	const secret = "hunter2-元氣-hunter2"
	for _, suite := range []string{"bookworm", "trixie"} { // OTP 25, OTP 27
		t.Run(suite, func(t *testing.T) {
			path := script(t, `
load("std/elixir.star", "elixir")
load("std/erlang.star", "erlang")
machine = debian(param("suite"), ["elixir"])
word = secret("`+secret+`")
late = "late-secret-of-the-node"
a = elixir.node("a", image = machine, env = {"WORD": word, "LATE": late})
a.sh("echo $LATE")
check(secret(a.exec(["printenv", "LATE"]).output.strip()) == late)
a.sh("echo %s; echo $WORD; echo $LATE" % word)
a.sh("printf '%%085d%%s\\n' 0 %s" % word)
a.iex('word = "%s"' % word)
a.iex('IO.puts(String.duplicate("x", 90) <> word)')
a.iex('[word, System.get_env("LATE")]')
a.iex('String.length("%s") + String.length("%s") + String.length("%s")' % (word, word, word))
b = erlang.node("b", image = machine)
b.erl('io:format("~ts~n", [<<"%s"/utf8>>]).' % word)
`)
			if _, err := run(t, path, map[string]string{"suite": suite}); err != nil {
				fatal(t, err)
			}
			masks := 0
			err := filepath.WalkDir(filepath.Join(filepath.Dir(path), ".scenario"), func(path string, d fs.DirEntry, err error) error {
				if err != nil || !d.Type().IsRegular() {
					return err
				}
				text, err := os.ReadFile(path)
				if err != nil {
					return err
				}
				texts := map[string]string{"file": string(text)}
				for lines := json.NewDecoder(bytes.NewReader(text)); strings.HasSuffix(path, ".jsonl"); {
					var l struct {
						K string
						D []byte
					}
					if lines.Decode(&l) != nil {
						break
					}
					texts[l.K] += string(l.D)
				}
				for what, text := range texts {
					text = controls.ReplaceAllString(text, "")
					masks += strings.Count(text, "***")
					for _, s := range []string{secret, "late-secret-of-the-node"} {
						if i := strings.Index(text, s); i >= 0 {
							t.Errorf("%s, %q, has a secret: …%q", path, what, text[max(0, i-60):i+len(s)])
						}
					}
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
			if masks < 20 {
				t.Errorf("there are %d masks: the secrets were not shown at all", masks)
			}
		})
	}
}
