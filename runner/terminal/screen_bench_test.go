package terminal

import (
	"bytes"
	"strings"
	"testing"
)

func BenchmarkWrite(b *testing.B) {
	for name, line := range map[string]string{
		"plain":    "the quick brown fox jumps over the lazy dog, and over the log\r\n",
		"japanese": "元氣ですかーーーーッ！ 元氣があれば何でもできる\r\n",
		"colours":  "\x1b[33m\x1b[36m:ok\x1b[0m\x1b[33m, \x1b[32m\"1, 2, 3\"\x1b[0m\x1b[33m}\x1b[0m\r\n",
	} {
		text := strings.Repeat(line, 1000)
		b.Run(name, func(b *testing.B) {
			s := NewScreen(100, 30)
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				s.Write([]byte(text))
			}
		})
		b.Run(name+"-in-pieces", func(b *testing.B) {
			s := NewScreen(100, 30)
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				for rest := []byte(text); len(rest) > 0; {
					n := bytes.IndexAny(rest[1:], "\r\n\b\x1b") + 1
					if n == 0 {
						n = len(rest)
					}
					s.Write(rest[:n])
					s.Left()
					rest = rest[n:]
				}
			}
		})
	}
}
