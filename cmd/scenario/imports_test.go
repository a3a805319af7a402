package main

import (
	"os/exec"
	"strings"
	"testing"
)

// Imports point one way. A package may use itself, what is listed for it, and
// the standard library; "*" is anything that is not ours.
var arrows = map[string][]string{
	"scenario/runner/terminal":          {"github.com/clipperhouse/displaywidth"},
	"scenario/runner/terminal/ptytest":  {"github.com/creack/pty"},
	"scenario/runner":                   {"scenario/runner/terminal", "github.com/hashicorp/go-hclog"},
	"scenario/runner/watchdog":          {},
	"scenario/runner/helper":            {"*"},
	"scenario/runner/fetch":             {},
	"scenario/runner/debian":            {"scenario/runner", "scenario/runner/fetch"},
	"scenario/runner/docker":            {"scenario/runner", "scenario/runner/watchdog", "scenario/runner/helper", "scenario/runner/fetch", "scenario/runner/debian", "*"},
	"scenario/runner/docker/dockertest": {"scenario/runner", "scenario/runner/docker", "*"},
	"scenario/runner/local":             {"scenario/runner", "scenario/runner/watchdog", "scenario/runner/helper", "scenario/runner/fetch", "scenario/runner/debian", "*"},
	"scenario/runner/runnertest":        {"scenario/runner", "scenario/runner/terminal", "*"},
	"scenario/golden":                   {"scenario/runner", "github.com/aymanbagabas/go-udiff"},
	"scenario/golden/article":           {"github.com/yuin/goldmark"},
	"scenario/check":                    {"scenario/runner", "scenario/runner/terminal", "scenario/starlib", "scenario/golden", "scenario/golden/article"},
	"scenario/golden/report":            {"scenario/golden", "scenario/runner"},
	"scenario/starlib":                  {"scenario/runner", "scenario/runner/terminal", "*"},
	"scenario/starlib/source":           {"scenario/runner", "scenario/runner/terminal", "scenario/starlib", "*"},
	"scenario/cmd/scenario":             {"scenario/runner", "scenario/runner/terminal", "scenario/runner/docker", "scenario/runner/local", "scenario/starlib", "scenario/starlib/source", "scenario/golden", "scenario/golden/article", "scenario/golden/report", "scenario/check", "*"},
	"scenario/scenariotest":             {"scenario/runner", "scenario/runner/docker", "scenario/starlib", "scenario/golden", "scenario/golden/report", "*"},
	"scenario/tools/page":               {},
	"scenario/tools/reliability":        {"scenario/tools/page"},
	"scenario/tools/bench":              {"scenario/tools/page", "scenario/runner", "scenario/runner/docker", "scenario/runner/terminal", "*"},
	"scenario/tools/soak":               {"scenario/tools/page", "scenario/runner", "scenario/runner/docker", "scenario/starlib", "scenario/golden", "*"},
}

// Only these may know Docker's client.
const dockerClient = "github.com/docker/docker/"

// Only scenariotest may know goldie, which puts its flags into every program
// that imports it.
const goldie = "github.com/sebdah/goldie/"

func TestImports(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, "scenario/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		pkg, imports := fields[0], fields[1:]
		seen[pkg] = true
		allowed, ok := arrows[pkg]
		if !ok {
			t.Errorf("package %s is new: say in arrows what it may import", pkg)
			continue
		}
		for _, imp := range imports {
			if !permitted(imp, allowed) {
				t.Errorf("%s imports %s", pkg, imp)
			}
			if strings.HasPrefix(imp, dockerClient) && !strings.Contains(pkg, "/docker") && !strings.HasPrefix(pkg, "scenario/tools/") {
				t.Errorf("%s imports Docker's client", pkg)
			}
			if strings.HasPrefix(imp, goldie) && pkg != "scenario/scenariotest" || imp == "scenario/scenariotest" {
				t.Errorf("%s imports %s, and goldie's flags with it", pkg, imp)
			}
		}
	}
	for pkg := range arrows {
		if !seen[pkg] {
			t.Errorf("there is no package %s any more", pkg)
		}
	}
}

func permitted(imp string, allowed []string) bool {
	if first, _, _ := strings.Cut(imp, "/"); !strings.Contains(first, ".") && first != "scenario" {
		return true // the standard library
	}
	for _, a := range allowed {
		if imp == a || strings.HasPrefix(imp, a+"/") && !strings.HasPrefix(a, "scenario/") ||
			a == "*" && !strings.HasPrefix(imp, "scenario/") {
			return true
		}
	}
	return false
}
