// Package page writes what a tool has measured into a page of the
// documentation, between two marks, and leaves the rest of the page as it is.
package page

import (
	"fmt"
	"os"
	"strings"
)

// Weave replaces what stands in a file between the marks of a tool, the lines
//
//	<!-- NAME: made by go run ./tools/NAME -o FILE -->
//	<!-- /NAME -->
//
// The mark says FILE as the repository has it, whatever path the file has now.
func Weave(file, tool, text string) error {
	before, _, after, err := cut(file, tool)
	if err != nil {
		return err
	}
	return os.WriteFile(file, []byte(before+"\n\n"+text+"\n"+after), 0o644)
}

// Read returns what stands in a file between the marks of a tool.
func Read(file, tool string) (string, error) {
	_, text, _, err := cut(file, tool)
	return strings.Trim(text, "\n") + "\n", err
}

// cut returns what stands in a file up to the end of the first mark of a tool,
// between its marks, and from the second one on.
func cut(file, tool string) (before, text, after string, err error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return "", "", "", err
	}
	from, to := fmt.Sprintf("<!-- %s: made by go run ./tools/%[1]s -o ", tool), fmt.Sprintf("<!-- /%s -->\n", tool)
	before, rest, began := strings.Cut(string(data), from)
	mark, rest, ok := strings.Cut(rest, "\n")
	text, after, ended := strings.Cut(rest, to)
	if !began || !ok || !ended {
		return "", "", "", fmt.Errorf("%s: the marks %q and %q are not there", file, from+"FILE -->", strings.TrimSpace(to))
	}
	return before + from + mark, text, to + after, nil
}
