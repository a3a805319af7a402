package runnertest

import (
	"bytes"
	"strings"
	"testing"

	"scenario/runner"
)

func (s *suite) files(t *testing.T) {
	m := s.one(t)
	f, ok := m.(runner.Files)
	if !ok {
		t.Log("this backend has no runner.Files")
		return
	}
	ctx := t.Context()
	every := make([]byte, 0, 256*4096)
	for range 4096 {
		for b := range 256 {
			every = append(every, byte(b))
		}
	}
	for name, content := range map[string][]byte{"/tmp/note": []byte("元氣\n"), "/new/deep/folder/every": every, "/tmp/empty": {}} {
		if err := f.WriteFile(ctx, name, content, 0o640); err != nil {
			t.Errorf("WriteFile %s: %v", name, err)
		}
		if got, err := f.ReadFile(ctx, name); err != nil || !bytes.Equal(got, content) {
			t.Errorf("ReadFile %s = %d bytes, %v; want the %d that were written", name, len(got), err, len(content))
		}
		if got := run(t, m, "stat -c %a "+name); got != "640" {
			t.Errorf("%s has mode %s, want 640", name, got)
		}
	}
	if err := f.WriteFile(ctx, "/tmp/note", []byte("short"), 0o755); err != nil {
		t.Error(err)
	}
	if got := run(t, m, "cat /tmp/note; stat -c ' %a' /tmp/note /tmp"); got != "short 755\n 1777" {
		t.Errorf("written again: %q, want the new text and mode, and /tmp as it was", got)
	}
	run(t, m, "ln -s /tmp/note /tmp/link; ln -s nowhere /tmp/broken; echo made >/tmp/made")
	if got, err := f.ReadFile(ctx, "/tmp/link"); err != nil || string(got) != "short" {
		t.Errorf("ReadFile of a link = %q, %v", got, err)
	}
	if got, err := f.ReadFile(ctx, "/tmp/made"); err != nil || string(got) != "made\n" {
		t.Errorf("ReadFile of what the machine wrote = %q, %v", got, err)
	}
	for _, name := range []string{"/tmp", "/tmp/none", "/tmp/broken", "/none/none", "relative"} {
		if got, err := f.ReadFile(ctx, name); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("ReadFile %s = %q, %v; want an error that names it", name, got, err)
		}
	}
	for _, name := range []string{"/tmp", "/tmp/note/below", "relative"} {
		if err := f.WriteFile(ctx, name, []byte("x"), 0o644); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("WriteFile %s = %v, want an error that names it", name, err)
		}
	}
}
