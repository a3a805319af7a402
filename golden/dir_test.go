package golden

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestDir(t *testing.T) {
	d := Dir(filepath.Join(t.TempDir(), "scenario", "golden"))
	if have, err := d.Read(); err != nil || len(have) != 0 {
		t.Fatalf("no folder: %v, %v", have, err)
	}
	want := map[string]string{
		"cluster@hoge.iex":       "iex> 元氣\n",
		strings.Repeat("n", 240): "", // as long as names can be
		".hidden":                "x",
	}
	for name, text := range want {
		for _, text := range []string{"before", text} {
			if err := d.Write(name, text); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, other := range []string{"README.md", ".golden", ".golden-1.tmp"} {
		if err := os.WriteFile(filepath.Join(string(d), other), nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(string(d), "folder.golden"), 0o777); err != nil {
		t.Fatal(err)
	}
	have, err := d.Read()
	if err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(have, want) {
		t.Errorf("read %v, want %v", have, want)
	}
}

func TestDirMode(t *testing.T) {
	d := Dir(t.TempDir())
	for _, want := range []fs.FileMode{0o644, 0o600} {
		if err := d.Write("a", "x"); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(d.file("a"))
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("mode %v, want %v", got, want)
		}
		if err := os.Chmod(d.file("a"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestDirErrors writes where it cannot, and finds nothing left behind. Root
// may write into any folder, so a file takes the place of one.
func TestDirLink(t *testing.T) {
	d, shared := Dir(t.TempDir()), filepath.Join(t.TempDir(), "shared")
	if err := os.WriteFile(shared, []byte("before"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(shared, d.file("a")); err != nil {
		t.Fatal(err)
	}
	if err := d.Write("a", "after"); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(shared)
	if to, lerr := os.Readlink(d.file("a")); err != nil || string(text) != "after" || lerr != nil || to != shared {
		t.Errorf("%q, %v; the link leads to %s, %v", text, err, to, lerr)
	}
}

func TestDirErrors(t *testing.T) {
	for _, c := range []struct {
		summary, name string
		make          func(dir string) error
	}{
		{"a file in place of the folder", "a", func(dir string) error { return os.WriteFile(dir, nil, 0o666) }},
		{"a folder in place of the golden", "a", func(dir string) error { return os.MkdirAll(filepath.Join(dir, "a.golden", "x"), 0o777) }},
		{"a name with a folder", "../a", func(dir string) error { return os.Mkdir(dir, 0o777) }},
		{"no name", "", func(dir string) error { return os.Mkdir(dir, 0o777) }},
		{"too long a name", strings.Repeat("長", 100), func(dir string) error { return os.Mkdir(dir, 0o777) }},
	} {
		t.Run(c.summary, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "golden")
			if err := c.make(dir); err != nil {
				t.Fatal(err)
			}
			before := tree(t, dir)
			err := Dir(dir).Write(c.name, "text")
			if err == nil || !strings.HasPrefix(err.Error(), "write golden "+c.name) {
				t.Errorf("error %v", err)
			}
			if after := tree(t, dir); after != before {
				t.Errorf("%s was\n%s, is\n%s", dir, before, after)
			}
		})
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Dir(file).Read(); err == nil {
		t.Error("a file was read as a folder")
	}
}

func tree(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(filepath.Dir(dir), func(path string, e fs.DirEntry, err error) error {
		if err == nil {
			fmt.Fprintln(&b, path, e.Type())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestDirWhole reads while others write: a golden is one text or the other.
func TestDirWhole(t *testing.T) {
	d := Dir(t.TempDir())
	texts := []string{strings.Repeat("a", 1<<20), strings.Repeat("b", 1<<20)}
	if err := d.Write("x", texts[0]); err != nil {
		t.Fatal(err)
	}
	var writers sync.WaitGroup
	for _, text := range texts {
		writers.Go(func() {
			for range 20 {
				if err := d.Write("x", text); err != nil {
					t.Error(err)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { writers.Wait(); close(done) }()
	for {
		have, err := d.Read()
		if err != nil {
			t.Fatal(err)
		}
		if got := have["x"]; got != texts[0] && got != texts[1] {
			t.Fatalf("read %d bytes, neither text", len(got))
		}
		select {
		case <-done:
			return
		default:
		}
	}
}

func TestWritable(t *testing.T) {
	dir := Dir(filepath.Join(t.TempDir(), "golden"))
	if err := dir.Writable(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(string(dir)); err == nil {
		t.Error("the folder was made")
	}
	if err := os.WriteFile(string(dir), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := dir.Writable(); err == nil || !strings.Contains(err.Error(), "golden") {
		t.Errorf("a file: %v", err)
	}
}

// TestSweep: what a writer that was killed has left goes, and no golden.
func TestSweep(t *testing.T) {
	d := Dir(t.TempDir())
	if err := d.Write("a", "x"); err != nil {
		t.Fatal(err)
	}
	f, err := os.CreateTemp(string(d), tempPattern)
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	if err := d.Sweep(); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(string(d))
	if err != nil || len(entries) != 1 || entries[0].Name() != "a.golden" {
		t.Errorf("%v, %v", entries, err)
	}
	if err := Dir(filepath.Join(t.TempDir(), "none")).Sweep(); err != nil {
		t.Error(err)
	}
}

// TestAlone: whose the goldens of a folder are.
func TestAlone(t *testing.T) {
	for _, test := range []struct {
		scripts string
		want    bool
	}{{"lesson other", true}, {"first", true}, {"first second", false}} {
		dir := filepath.Join(t.TempDir(), "lesson")
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		names := strings.Fields(test.scripts)
		for _, name := range names {
			if err := os.WriteFile(filepath.Join(dir, name+".star"), nil, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got := Alone(filepath.Join(dir, names[0]+".star")); got != test.want {
			t.Errorf("%s of %q is alone: %v", names[0], test.scripts, got)
		}
	}
}
