package article

import (
	"errors"
	"regexp"
	"strings"
)

// A program is one whose prompts are known by their form.
type program struct {
	prompt *regexp.Regexp
	// goesOn says whether a line goes on with what was typed, which the given
	// prompt stands in front of, and how many of its bytes are a prompt. The line
	// may be one that begins with some program's first prompt.
	goesOn func(typed []string, prompt, line string, first bool) (n int, more bool, err error)
}

// programs are those that std has, and a few that many lessons have. The form of
// a prompt ends with a blank, or with the line where nothing was typed.
var programs = []program{
	{regexp.MustCompile(`^iex(?:\([^()]*\))?\(?\d*\)?>(?: |$)`), by(`^\.\.\.(?:\([^()]*\))?\(?\d*\)?>(?: |$)`)},
	{regexp.MustCompile(`^(?:\([^()\s]+@[^()\s]+\))?\d+>(?: |$)`), erlang},
	{regexp.MustCompile(`^>>>(?: |$)`), python},
	{regexp.MustCompile(`^\w[\w.-]*[=@^!][*!?]?[#>](?: |$)`), by(`^\w[\w.-]*[-*'"$(][*!?]?[#>](?: |$)`)},
	{regexp.MustCompile(`^[\w.\[\]-]+:\d+(?:\[\d+\])?(?:\(TX\))?>(?: |$)`), by(`^$a`)}, // redis-cli
	{regexp.MustCompile(`^\$ `), shell},
}

func promptOf(line string) (*program, int) {
	for i := range programs {
		if m := programs[i].prompt.FindString(line); m != "" {
			return &programs[i], len(m)
		}
	}
	return nil, 0
}

// by is of programs that ask for the rest with a prompt like nothing else.
func by(pattern string) func([]string, string, string, bool) (int, bool, error) {
	re := regexp.MustCompile(pattern)
	return func(_ []string, _, line string, _ bool) (int, bool, error) {
		m := re.FindString(line)
		return len(m), m != "", nil
	}
}

var (
	fullStop  = regexp.MustCompile(`\.\s*(?:%.*)?$`)
	twoDots   = regexp.MustCompile(`^ *\.\.(?: |$)`)
	unknown   = regexp.MustCompile(`^[\w.:@~()\[\]-]+>(?: |$)`) // looks like the prompt of a program that is not known
	errDoubts = errors.New("it is not certain whether this line was typed: leave out input, output and steps, and give lines=3-5")
)

// erlang asks for the rest with the same prompt (OTP 25), or draws it without
// any, as far to the right (OTP 26 and later). But what was typed ends with a
// full stop.
func erlang(typed []string, prompt, line string, first bool) (int, bool, error) {
	if fullStop.MatchString(typed[len(typed)-1]) {
		return 0, false, nil
	}
	if strings.HasPrefix(line, strings.TrimRight(prompt, " ")) {
		return min(len(prompt), len(line)), true, nil
	}
	if m := twoDots.FindString(line); m != "" {
		return len(m), true, nil
	}
	if first {
		return 0, false, errDoubts
	}
	n := 0
	for n < min(len(prompt), len(line)) && line[n] == ' ' {
		n++
	}
	if n < len(prompt) && n < len(line) {
		return 0, false, errDoubts
	}
	return n, true, nil
}

// dots are Python's, which a program could print as well.
var dots = regexp.MustCompile(`^\.\.\.(?: |$)`)

func python(typed []string, _, line string, _ bool) (int, bool, error) {
	m := dots.FindString(line)
	if m == "" {
		return 0, false, nil
	}
	all, last := strings.Join(typed, "\n"), typed[len(typed)-1]
	open := strings.Count(all, `"""`)%2+strings.Count(all, `'''`)%2 > 0 || brackets(all) > 0
	switch bare := strings.TrimRight(last, " "); {
	case open, strings.HasSuffix(bare, ":"), strings.HasSuffix(bare, `\`), strings.HasPrefix(last, "@"):
		return len(m), true, nil
	case len(typed) > 1 && bare != "": // a block goes on up to an empty line
		return len(m), true, nil
	case len(typed) > 1:
		return 0, false, nil
	}
	return 0, false, errDoubts
}

func brackets(s string) int {
	n := 0
	for _, c := range s {
		switch {
		case strings.ContainsRune("([{", c):
			n++
		case strings.ContainsRune(")]}", c):
			n--
		}
	}
	return n
}

// shell asks for the rest with "> ", with which many outputs begin, too.
func shell(typed []string, _, line string, _ bool) (int, bool, error) {
	if line != ">" && !strings.HasPrefix(line, "> ") {
		return 0, false, nil
	}
	if !unfinished(strings.Join(typed, "\n")) {
		return 0, false, errDoubts
	}
	return min(2, len(line)), true, nil
}

var (
	hereDoc  = regexp.MustCompile(`<<-?\s*\\?['"]?(\w+)['"]?`)
	trailing = regexp.MustCompile(`(?:\\|\||&&|\|\|)\s*$`)
)

// unfinished says whether a shell certainly wants more: a quote, a document, a
// loop or a list is open. What it does not know it takes for finished.
func unfinished(s string) bool {
	if m := hereDoc.FindStringSubmatch(s); m != nil {
		_, rest, _ := strings.Cut(s, "\n")
		return !strings.Contains("\n"+rest+"\n", "\n"+m[1]+"\n")
	}
	quote := rune(0)
	var bare strings.Builder // what is not in quotes
	escaped := false
	for _, c := range s {
		switch {
		case escaped:
			escaped = false
		case c == '\\' && quote != '\'':
			escaped = true
			continue
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case c == quote:
			quote = 0
		case quote == 0:
			bare.WriteRune(c)
		}
	}
	if quote != 0 || escaped || trailing.MatchString(bare.String()) {
		return true
	}
	depth, cases := 0, 0
	for _, w := range strings.FieldsFunc(bare.String(), func(c rune) bool { return strings.ContainsRune(" \t\n;|&()", c) }) {
		switch w {
		case "case":
			depth, cases = depth+1, cases+1
		case "if", "while", "until", "for", "{":
			depth++
		case "fi", "esac", "done", "}":
			depth--
		}
	}
	if cases == 0 { // whose patterns have one bracket each
		depth += max(0, strings.Count(bare.String(), "(")-strings.Count(bare.String(), ")"))
	}
	return depth > 0
}
