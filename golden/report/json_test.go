package report_test

import (
	"encoding/json"
	"strings"
	"testing"

	"scenario/golden/report"
)

func TestJSON(t *testing.T) {
	short := lesson()
	short.Recording.Steps = short.Recording.Steps[1:4]
	short.Verdicts = short.Verdicts[1:]
	short.Warnings = short.Warnings[1:]
	same(t, written(t, report.JSON, short, bare()), `
{
  "version": 1,
  "outcome": "environment",
  "scenarios": [
    {
      "name": "toukon",
      "script": "scenarios/toukon/toukon.star",
      "outcome": "drift",
      "started": "2026-09-08T12:04:05.678Z",
      "seconds": 4.612,
      "warnings": [
        {
          "file": "std/elixir.star",
          "line": 30,
          "column": 9,
          "message": "slow"
        },
        {
          "message": "scenarios/toukon/golden/old@hoge.sh.golden is unused: no step leaves it"
        }
      ],
      "goldens": [
        {
          "name": "cluster@hoge.iex",
          "label": "cluster",
          "terminal": "hoge.iex",
          "path": "scenarios/toukon/golden/cluster@hoge.iex.golden",
          "state": "drifted",
          "fails": true,
          "diff": "@@ -1,4 +1,4 @@\n iex(1)> Node.self()\n :hoge\n iex(2)> aisatsu()\n-元氣ですか\n+元氣ですかーーッ！\n"
        },
        {
          "name": "spawn@piyo.iex",
          "label": "spawn",
          "terminal": "piyo.iex",
          "path": "scenarios/toukon/golden/spawn@piyo.iex.golden",
          "state": "drifted",
          "fails": true,
          "diff": "@@ -2,1 +2,1 @@\n-[#PID<0.5.0>, #PID<0.5.0>]\n+[#PID<0.5.0>, #PID<0.8.0>]\n",
          "broken": [
            {
              "kind": "pid",
              "message": "the pid 0.5.0, first seen in spawn@piyo.iex:2, is two now: 0.7.0 there, and 0.8.0 in spawn@piyo.iex:2",
              "first": {
                "golden": "spawn@piyo.iex",
                "line": 2,
                "was": "0.5.0",
                "is": "0.7.0"
              },
              "here": {
                "golden": "spawn@piyo.iex",
                "line": 2,
                "was": "0.5.0",
                "is": "0.8.0"
              }
            }
          ]
        },
        {
          "name": "date@piyo",
          "label": "date",
          "terminal": "piyo",
          "path": "scenarios/toukon/golden/date@piyo.golden",
          "state": "new",
          "fails": false
        },
        {
          "name": "old@hoge.sh",
          "label": "old",
          "terminal": "hoge.sh",
          "path": "scenarios/toukon/golden/old@hoge.sh.golden",
          "state": "unused",
          "fails": false
        }
      ],
      "steps": [
        {
          "index": 0,
          "op": "exec",
          "node": "hoge",
          "chapter": "cluster",
          "file": "scenarios/toukon/lib/mesh.star",
          "line": 3,
          "column": 5,
          "typed": [
            "true"
          ],
          "status": 0,
          "start": 0.4,
          "seconds": 0.1
        },
        {
          "index": 1,
          "op": "type",
          "node": "hoge",
          "terminal": "hoge.iex",
          "chapter": "cluster",
          "label": "cluster",
          "golden": "cluster@hoge.iex",
          "file": "scenarios/toukon/toukon.star",
          "line": 17,
          "column": 1,
          "typed": [
            "Node.self()"
          ],
          "text": "iex(1)> Node.self()\n:hoge",
          "output": ":hoge",
          "outcome": "same",
          "start": 1,
          "seconds": 0.25
        },
        {
          "index": 2,
          "op": "type",
          "node": "hoge",
          "terminal": "hoge.iex",
          "chapter": "cluster",
          "label": "cluster",
          "golden": "cluster@hoge.iex",
          "file": "scenarios/toukon/toukon.star",
          "line": 18,
          "column": 1,
          "typed": [
            "aisatsu()"
          ],
          "text": "iex(2)> aisatsu()\n元氣ですかーーッ！",
          "output": "元氣ですかーーッ！",
          "outcome": "drifted",
          "diff": "@@ -3,2 +3,2 @@\n iex(2)> aisatsu()\n-元氣ですか\n+元氣ですかーーッ！\n",
          "start": 2,
          "seconds": 0.5
        }
      ]
    },
    {
      "name": "bare",
      "script": "bare.star",
      "outcome": "environment",
      "seconds": 0,
      "failure": {
        "message": "Docker cannot be reached"
      },
      "warnings": [],
      "goldens": [],
      "steps": []
    }
  ]
}
`)
}

// Text comes back as it was, but for what is no UTF-8.
func TestJSONText(t *testing.T) {
	var doc struct {
		Outcome   string
		Scenarios []struct {
			Failure struct{ Message string }
			Steps   []struct {
				Text, Outcome, Error string
			}
		}
	}
	if err := json.Unmarshal([]byte(written(t, report.JSON, hostile(), broke(), lesson())), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Outcome != "failed" {
		t.Errorf("the worst outcome is %q", doc.Outcome)
	}
	if got, want := doc.Scenarios[0].Steps[0].Text, strings.ToValidUTF8(evil, "\ufffd"); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if last := doc.Scenarios[1].Steps[3]; last.Outcome != "failed" || last.Error == "" {
		t.Errorf("the step that failed: %+v", last)
	}
	for i, want := range []string{"same", "", "same", "drifted", "drifted", "new"} {
		if got := doc.Scenarios[2].Steps[i].Outcome; got != want {
			t.Errorf("step %d: %q, want %q", i, got, want)
		}
	}
}
