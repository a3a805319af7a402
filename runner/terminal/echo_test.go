package terminal

import "testing"

// What came while a line was being typed is no output of it.
func TestEcho(t *testing.T) {
	sent := segment{line: "echo x", echo: "echo x", prompt: prompt{text: "$ "}}
	for _, test := range []struct{ summary, text, want, output string }{
		{"the echo alone", "$ echo x\nx", "$ echo x\nx", "x"},
		{"a log line in the place of the prompt", "echo x\nx", "$ echo x\nx", "x"},
		{"one that begins with a line break", "$\nlate\n\nlater\necho x\nx", "$ echo x\nx", "x"},
		{"and the prompt drawn anew", "$\nlate\n$ echo x\nx", "$ echo x\nx", "x"},
		{"the prompt drawn anew counts before an output that looks the same", "$ late\necho x\n$ echo x\nx", "$ echo x\nx", "x"},
		{"an output that is the same as the line", "$ echo x\necho x", "$ echo x\necho x", "echo x"},
		{"a line in the middle of the echo", "$ ecto stderr\nho x\nx", "$ echo x\nx", "x"},
		{"in several places", "$ ecto stderr\nhto stderr\n\no to stderr\nx\nx", "$ echo x\nx", "x"},
		{"a line that goes on like the echo", "$ ech\no x y\no x\nx", "$ echo x\nx", "x"},
		{"an output behind it", "$ ecto stderr\nho xwarning\ny", "$ echo x\nwarning\ny", "warning\ny"},
		{"the prompt on a line of its own", "$ to stderr\nec\nho x\nx", "$ echo x\nx", "x"},
		{"two lines", "$ ech\no y\no x\nx", "$ echo x\nx", "x"},
		{"a program that does not echo", "$\nx", "$\nx", "x"},
	} {
		t.Run(test.summary, func(t *testing.T) {
			if got := sent.tidy(test.text); got != test.want {
				t.Errorf("text %q, want %q", got, test.want)
			}
			if got := sent.output(test.text); got != test.output {
				t.Errorf("output %q, want %q", got, test.output)
			}
		})
	}
}
