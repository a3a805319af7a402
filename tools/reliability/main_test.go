package main

import (
	"io"
	"strings"
	"testing"
	"time"
)

func TestRead(t *testing.T) {
	const said = `{"Action":"run","Package":"p","Test":"TestKilled"}
{"Action":"output","Package":"p","Test":"TestKilled","Output":"    x_test.go:9: reliability: kill -9 | 50 | nothing, after 3 s\n"}
{"Action":"output","Package":"p","Test":"TestKilled","Output":"    x_test.go:9: something else\n"}
{"Action":"output","Package":"p","Test":"TestA","Output":"    x_test.go:9: reliability: a fault | 1 | nothing\n"}
{"Action":"pass","Package":"p","Test":"TestKilled"}
`
	rows, err := read(strings.NewReader(said), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	const want = `Tried on 2026-01-02.

| Fault | Tried | What remained |
| --- | ---: | --- |
| a fault | 1 | nothing |
| kill -9 | 50 | nothing, after 3 s |
`
	if got := markdown(rows, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if _, err := read(strings.NewReader(`{"Action":"output","Output":"reliability: no table"}`), io.Discard); err == nil {
		t.Error("half a line is taken")
	}
}
