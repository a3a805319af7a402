package terminal

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

// long makes short tests long.
func long(short, often int) int {
	if os.Getenv("SCENARIO_SOAK") != "" {
		return often
	}
	return short
}

// patient is a deadline for what takes long on a busy machine.
func patient(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func send(t testing.TB, s *Session, line string) Shown {
	t.Helper()
	shown, err := s.Send(patient(t), Input{Lines: []string{line}})
	if err != nil {
		t.Fatalf("%s: %v; the window shows:\n%s", line, err, s.Display())
	}
	return shown
}

// heap is what is in use after what is not needed has gone.
func heap() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapInuse)
}

// A terminal that prints far more than is kept says what was cut, and goes on.
func TestFlood(t *testing.T) {
	size := long(64, 1000) << 20
	const line = "0123456\n"
	for name, p := range shells(t) {
		t.Run(name, func(t *testing.T) {
			size := size
			if name == "ash" {
				size = 20 << 20 // its own yes and head write small pieces
			}
			s := start(t, p)
			before := heap()
			shown := send(t, s, fmt.Sprintf("yes %s | head -c %d", strings.TrimSpace(line), size))
			lines := strings.Split(shown.Output, "\n")
			if lines[0] != CutLine(shown.Cut) {
				t.Errorf("the output begins with %q and not with %q", lines[0], CutLine(shown.Cut))
			}
			if !strings.HasPrefix(shown.Text, "$ yes 0123456 | head -c ") {
				t.Errorf("the text begins with %.100q", shown.Text)
			}
			for _, l := range lines[1:] {
				if l != strings.TrimSpace(line) {
					t.Fatalf("a line is %q", l)
				}
			}
			typed := strings.Index(shown.Text, "\n") + 1 // was cut, and put back
			if whole := shown.Cut + (len(lines)-1)*len(line); whole != size+typed {
				t.Errorf("%d bytes were cut and %d lines are left of %d bytes", shown.Cut, len(lines)-1, size)
			}
			if grown := heap() - before; grown > 8*Remainder {
				t.Errorf("%d bytes more are in use than before", grown)
			}
			if shown := send(t, s, "echo hello"); shown.Output != "hello" || shown.Text != "$ echo hello\nhello" || shown.Cut != 0 || *shown.Status != 0 {
				t.Errorf("the next step gave %+v", shown)
			}
		})
	}
}

// A wait sees what comes after a flood, and is given none of it.
func TestFloodWaitedFor(t *testing.T) {
	size := long(24, 500) << 20
	s := start(t, shells(t)["dash"])
	wait := func(expect ...string) Shown {
		t.Helper()
		shown, err := s.Wait(patient(t), expect)
		if err != nil {
			t.Fatalf("%v; the window shows:\n%s", err, s.Display())
		}
		return shown
	}
	flood := fmt.Sprintf("echo first; yes | head -c %d; echo second; echo third; yes | head -c %d; echo fourth", size, size)
	if _, err := s.Send(patient(t), Input{Lines: []string{flood}, NoWait: true}); err != nil {
		t.Fatal(err)
	}
	if shown := wait("first\n"); shown.Cut != 0 && shown.Output != "first" {
		t.Errorf("the first wait gave %.100q, %d cut", shown.Output, shown.Cut)
	}
	if shown := wait("second"); shown.Cut == 0 || !strings.HasPrefix(shown.Output, CutLine(shown.Cut)+"\ny\n") || !strings.HasSuffix(shown.Output, "\ny\nsecond") {
		t.Errorf("the second wait gave %.100q, %d cut", shown.Output, shown.Cut)
	}
	if shown := wait("fourth"); shown.Cut == 0 || !strings.HasSuffix(shown.Output, "\ny\nfourth") {
		t.Errorf("the third wait gave %.100q, %d cut", shown.Output, shown.Cut)
	}
	if shown := wait(); shown.Output != "" {
		t.Errorf("the last wait gave %.100q", shown.Output)
	}
	// What comes by itself.
	send(t, s, fmt.Sprintf("{ yes | head -c %d; echo end of the log; } &", size))
	if shown := wait("end of the log"); shown.Output != "end of the log" || shown.Cut != 0 {
		t.Errorf("of the log, a wait gave %.100q, %d cut", shown.Output, shown.Cut)
	}
	if shown := send(t, s, "wait"); strings.Contains(shown.Stray, "log") {
		t.Errorf("what was waited for came again: %.100q", shown.Stray)
	}
	if shown := send(t, s, "echo hello"); shown.Output != "hello" {
		t.Errorf("the next step gave %q", shown.Output)
	}
}

// A line may be as long as a golden.
func TestLongLine(t *testing.T) {
	const size = 10 << 20
	x := strings.Repeat("x", size)
	for name, p := range shells(t) {
		t.Run(name, func(t *testing.T) {
			s := start(t, p)
			for _, end := range []string{"; echo", ""} {
				began := time.Now()
				shown := send(t, s, fmt.Sprintf("head -c %d /dev/zero | tr '\\0' x%s", size, end))
				if shown.Output != x || shown.Cut != 0 {
					t.Errorf("an output of %d bytes that begins with %.50q, %d cut", len(shown.Output), shown.Output, shown.Cut)
				}
				t.Logf("%s", time.Since(began).Round(time.Millisecond))
			}
			if shown := send(t, s, "echo hello"); shown.Output != "hello" {
				t.Errorf("the next step gave %q", shown.Output)
			}
		})
	}
}

// A step costs the same however many there were before.
func TestManySteps(t *testing.T) {
	s := start(t, shells(t)["dash"])
	send(t, s, "seq 100000") // what was shown before is of no account either
	allocs := func() float64 {
		return testing.AllocsPerRun(50, func() {
			if shown := send(t, s, "true"); shown.Output != "" {
				t.Fatalf("true gave %q", shown.Output)
			}
		})
	}
	const slack = 20 // what comes in one piece once comes in several another time
	early := allocs()
	for range long(200, 10_000) {
		send(t, s, "true")
	}
	before := heap()
	if late := allocs(); late > early+slack {
		t.Errorf("a step takes %.0f allocations, and %.0f at the start", late, early)
	}
	if grown := heap() - before; grown > 1<<20 {
		t.Errorf("50 steps grow the heap by %d bytes", grown)
	}
}

// So does a wait for what a program that does not end prints.
func TestManyWaits(t *testing.T) {
	s := start(t, shells(t)["dash"])
	n := long(300, 10_000)
	if _, err := s.Send(patient(t), Input{Lines: []string{`i=0; while read _; do i=$((i+1)); echo "line $i"; done`}, NoWait: true}); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		s.Type("\r")
		shown, err := s.Wait(patient(t), []string{fmt.Sprintf("line %d", i+1)})
		if err != nil {
			t.Fatalf("%v; the window shows:\n%s", err, s.Display())
		}
		if want := fmt.Sprintf("\nline %d", i+1); shown.Output != want && shown.Output != want[1:] {
			t.Fatalf("wait %d gave %q", i+1, shown.Output)
		}
	}
	if rows := s.screen.base() - s.screen.back.first; rows > 10 {
		t.Errorf("%d rows are kept that were given out", rows)
	}
}
