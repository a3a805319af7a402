package article

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"
)

// Weave fills the fence after each marker of a lesson with what find says that
// the marker names. Where anything is wrong, it says all that is, and the lesson
// is not to be written.
func Weave(src []byte, find func(Marker) (string, error)) ([]byte, []*Error) {
	body := bytes.TrimPrefix(src, bom)
	if !bytes.Contains(body, []byte("scenario:")) {
		return src, nil
	}
	found, wrong := places(body)
	var (
		edits []edit
		wants []string
	)
	for _, p := range found {
		want, made, err := weave(body, p, find)
		if err != nil {
			wrong = append(wrong, &Error{p.line, err.Error()})
			continue
		}
		edits, wants = append(edits, made...), append(wants, want)
	}
	slices.SortStableFunc(wrong, func(a, b *Error) int { return a.Line - b.Line })
	if len(wrong) > 0 {
		return nil, wrong
	}
	woven := apply(body, edits)
	if err := check(body, found, woven, wants); err != nil {
		return nil, []*Error{err}
	}
	return append(src[:len(src)-len(body):len(src)-len(body)], woven...), nil
}

// Markers says whether a lesson has any, right or wrong.
func Markers(src []byte) bool {
	if !inside.Match(src) {
		return false
	}
	found, wrong := places(bytes.TrimPrefix(src, bom))
	return len(found)+len(wrong) > 0
}

var bom = []byte("\ufeff")

// An edit puts a text in the place of another.
type edit struct {
	span
	text string
}

// apply makes edits, which are in order.
func apply(src []byte, edits []edit) []byte {
	var b bytes.Buffer
	at := 0
	for _, e := range edits {
		b.Write(src[at:e.from])
		b.WriteString(e.text)
		at = e.to
	}
	b.Write(src[at:])
	return b.Bytes()
}

// weave is what the fence after a marker has to hold, and how it comes to.
func weave(src []byte, p place, find func(Marker) (string, error)) (want string, edits []edit, err error) {
	m, err := parseMarker(p.line, p.body)
	if err != nil {
		return "", nil, err
	}
	text, err := find(m)
	if err == nil {
		text, err = m.excerpt(text)
	}
	if err != nil {
		return "", nil, fmt.Errorf("%s: %w", m.Ref, err)
	}
	if p.fence == nil {
		return text, []edit{p.made(src, m, text)}, nil
	}
	f := p.fence
	if f.close == (span{}) {
		return "", nil, fmt.Errorf("the fence below, in line %d, is not closed", lineOf(src, f.open.from))
	}
	if m.lang != "" && len(bytes.TrimSpace(src[f.info.from:f.info.to])) == 0 {
		edits = append(edits, edit{span{f.open.to, f.open.to}, m.lang})
	}
	if text == f.text {
		return text, edits, nil
	}
	char := src[f.open.from]
	longer := strings.Repeat(string(char), max(0, length(text, char)-(f.open.to-f.open.from)))
	if longer != "" {
		edits = slices.Insert(edits, 0, edit{span{f.open.to, f.open.to}, longer})
	}
	prefix, br := string(src[f.prefix.from:f.prefix.to]), lineBreak(src, f.open.to)
	edits = append(edits, edit{f.content, indent(text, prefix, br)})
	if more := f.open.to - f.open.from + len(longer) - (f.close.to - f.close.from); longer != "" && more > 0 {
		edits = append(edits, edit{span{f.close.to, f.close.to}, strings.Repeat(string(char), more)})
	}
	return text, edits, nil
}

// made is a fence for a marker that none follows.
func (p place) made(src []byte, m Marker, text string) edit {
	br := lineBreak(src, p.prefix.from)
	lang := m.lang
	if _, _, golden := m.Label(); lang == "" && !golden && path.Ext(m.Ref) == ".star" {
		lang = "python" // as whom a highlighter takes Starlark
	}
	run := strings.Repeat("`", length(text, '`'))
	// Below the mark of a list is what belongs to it.
	prefix := strings.Map(func(c rune) rune {
		if c == '>' || c == '\t' {
			return c
		}
		return ' '
	}, string(src[p.prefix.from:p.prefix.to]))
	fence := indent(run+lang+"\n"+text+run+"\n", prefix, br)
	if p.end > 0 && src[p.end-1] != '\n' {
		fence = br + strings.TrimSuffix(fence, br)
	}
	return edit{span{p.end, p.end}, fence}
}

// length is how long a fence has to be around a text.
func length(text string, char byte) int {
	n := 3
	for line := range strings.Lines(text) {
		line = strings.TrimLeft(line, " \t")
		n = max(n, 1+len(line)-len(strings.TrimLeft(line, string(char))))
	}
	return n
}

// indent puts a prefix before each line of a text, and ends it with br. Before
// an empty line, the prefix does not end with blanks.
func indent(text, prefix, br string) string {
	if strings.HasSuffix(prefix, ">") {
		prefix += " " // or a blank that the text begins with would be taken for it
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" {
			b.WriteString(strings.TrimRight(prefix, " \t"))
		} else {
			b.WriteString(prefix + line)
		}
		b.WriteString(br)
	}
	return b.String()
}

// lineBreak is that of the line that at is in; of the last, the first one's.
func lineBreak(src []byte, at int) string {
	line := src[at:lineEnd(src, at)]
	if !bytes.HasSuffix(line, []byte("\n")) {
		line = src[:lineEnd(src, 0)]
	}
	if bytes.HasSuffix(line, []byte("\r\n")) {
		return "\r\n"
	}
	return "\n"
}

// check reads what was woven: there are the same markers, with what they should
// have after them. Whatever Markdown does to a text where it stands is found
// here.
func check(src []byte, before []place, woven []byte, wants []string) *Error {
	after, wrong := places(woven)
	for i, p := range before {
		if i >= len(after) || after[i].body != p.body || after[i].fence == nil || after[i].fence.text != wants[i] {
			return &Error{p.line, "the text cannot stand here as it is: Markdown would take it for another; put the marker and its fence at the left margin"}
		}
	}
	if len(after) != len(before) || len(wrong) > 0 {
		return &Error{before[len(before)-1].line, "what is woven here would be taken for markers"}
	}
	return nil
}
