package check_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aymanbagabas/go-udiff"

	"scenario/check"
	"scenario/golden/article"
	"scenario/runner"
	"scenario/runner/docker"
	"scenario/runner/docker/dockertest"
	"scenario/starlib"
)

var update = flag.Bool("update", false, "write what the articles are found to be")

// play plays an article of testdata with the script beside it.
func play(t *testing.T, name string, text []byte) []*check.Verdict {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	dir := t.TempDir()
	script, err := os.ReadFile(filepath.Join("testdata", name+".star"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, name+".star")
	if err := os.WriteFile(path, script, 0o644); err != nil {
		t.Fatal(err)
	}
	params := map[string]string{}
	if bytes.Contains(script, []byte(`"busybox"`)) {
		params["busybox"] = dockertest.Busybox(t)
	}
	binding := new(starlib.Binding)
	var verdicts []*check.Verdict
	_, err = starlib.Play(ctx, path, runner.Config{Backend: new(docker.Backend)}, starlib.Options{
		Params: params, Binding: binding, Print: func(pos, msg string) { t.Log(pos, msg) },
		Then: func(run *runner.Run) (err error) {
			verdicts, err = check.Play(run, binding, article.Read(text), name+".md", func(*check.Verdict) {})
			return err
		},
	})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return verdicts
}

// said is what was found out, in lines.
func said(verdicts []*check.Verdict) string {
	var b strings.Builder
	for _, v := range verdicts {
		fmt.Fprintf(&b, "%d %s", v.Line, v.State)
		if len(v.Where) > 0 {
			fmt.Fprintf(&b, " in %s", strings.Join(v.Where, ", "))
		}
		if v.Why != "" {
			fmt.Fprintf(&b, ": %s", strings.ReplaceAll(v.Why, "\n", " / "))
		}
		if v.Known != "" {
			fmt.Fprintf(&b, " (known: %s)", v.Known)
		}
		b.WriteByte('\n')
		b.WriteString(v.Diff)
	}
	return b.String()
}

// Articles in the habits of real ones, on the real programs: each block gets the
// verdict that it should. What drifted can be mended, and holds then.
func TestArticles(t *testing.T) {
	dockertest.Leftovers(t)
	for _, name := range []string{"beam", "sql", "keys", "shell"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(filepath.Join("testdata", name+".md"))
			if err != nil {
				t.Fatal(err)
			}
			verdicts := play(t, name, text)
			got, wanted := said(verdicts), filepath.Join("testdata", name+".want")
			if *update {
				if err := os.WriteFile(wanted, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(wanted)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Fatalf("not what it should be:\n%s", udiff.Unified("want", "got", string(want), got))
			}
			fixed := check.Fix(text, verdicts)
			for _, v := range play(t, name, fixed) {
				if v.State == check.Drift && v.Known == "" {
					t.Errorf("it was mended, and drifts:\n%s", said([]*check.Verdict{v}))
				}
			}
		})
	}
}
