package check

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"scenario/golden/article"
)

// Barred is why a line cannot be run in a lab, whatever its window; "" if it can.
// Labs have no network but their own, and no container engine.
func Barred(t *article.Turn) string {
	if t.Program != "sh" || len(t.Typed) == 0 {
		return ""
	}
	words := strings.Fields(t.Typed[0])
	for len(words) > 0 && (words[0] == "sudo" || assignment.MatchString(words[0])) {
		words = words[1:]
	}
	if len(words) == 0 {
		return ""
	}
	command, rest := path.Base(words[0]), words[1:]
	first := ""
	for _, w := range rest {
		if !strings.HasPrefix(w, "-") {
			first = w
			break
		}
	}
	if slices.Contains(engines, command) {
		return "needs the reader's own machine: there is no " + command + " in a lab; its nodes are the script's"
	}
	if subs, ok := fetchers[command]; ok && (subs == nil || slices.Contains(subs, first)) {
		return "needs network: " + strings.TrimSpace(command+" "+first)
	}
	if command == "curl" || command == "wget" || command == "ssh" || command == "scp" {
		if u := outside.FindString(t.Typed[0]); u != "" && !inside.MatchString(t.Typed[0]) {
			return "needs network: " + u
		}
	}
	return ""
}

var (
	assignment = regexp.MustCompile(`^\w+=`)
	engines    = []string{"docker", "docker-compose", "podman", "kubectl", "minikube", "kind", "vagrant", "multipass", "brew", "open", "xdg-open"}
	// fetchers are commands that fetch something from the internet: all of them,
	// or with certain words.
	fetchers = map[string][]string{
		"apt": {"install", "update", "upgrade"}, "apt-get": {"install", "update", "upgrade"}, "apk": {"add", "update"},
		"yum": nil, "dnf": nil, "pacman": nil, "snap": nil,
		"pip": {"install"}, "pip3": {"install"}, "npm": {"install", "i", "ci"}, "npx": nil, "yarn": nil, "gem": {"install"},
		"cargo": {"install", "build", "run"}, "go": {"get", "install"}, "asdf": {"install", "plugin"},
		"git":  {"clone", "pull", "fetch", "push"},
		"mix":  {"deps.get", "deps.update", "archive.install", "local.hex", "local.rebar", "hex.info"},
		"helm": nil,
	}
	outside = regexp.MustCompile(`https?://[^\s'"]+`)
	inside  = regexp.MustCompile(`https?://(?:localhost|\d+\.\d+\.\d+\.\d+|[\w-]+)(?::\d+)?(?:/|\s|$|['"])`)
)
