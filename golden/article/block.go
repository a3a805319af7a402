package article

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// A span is a part of a source, in bytes.
type span struct{ from, to int }

// A fence is a fenced code block.
type fence struct {
	prefix  span // of its first line, up to the fence itself
	open    span // the fence itself: three or more ` or ~
	info    span // what follows it on its line, blanks too
	content span // whole lines, with what stands before them in a list or a quote
	close   span // the fence at the end; empty where there is none
	text    string
}

// A place is where a source has a marker.
type place struct {
	line   int
	body   string // of the comment, behind "scenario:"
	prefix span   // of its line, up to the comment
	end    int    // where the line behind it begins, or the source ends
	fence  *fence // nil if none follows
}

var (
	marker = regexp.MustCompile(`(?s)^[ \t]*<!--\s*scenario:(.*?)-->(.*)$`)
	inside = regexp.MustCompile(`<!--\s*scenario:`)
)

// places finds the markers of a source, and what looks like one and is none.
func places(src []byte) (found []place, wrong []*Error) {
	fences := &fenceParser{BlockParser: parser.NewFencedCodeBlockParser(), found: map[ast.Node]*fence{}}
	root := newParser(fences).Parse(text.NewReader(src))
	mistaken := func(at int, why string) {
		wrong = append(wrong, &Error{lineOf(src, at), why})
	}
	_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.RawHTML:
			if at := n.Segments.At(0); inside.Match(src[at.Start:at.Stop]) {
				mistaken(at.Start, "a marker stands on a line of its own")
			}
		case *ast.HTMLBlock:
			block, html := extent(n), htmlText(src, n)
			m := marker.FindStringSubmatch(html)
			if m == nil {
				switch at := inside.FindStringIndex(html); {
				case at == nil:
				case n.HTMLBlockType != ast.HTMLBlockType2:
					mistaken(block.from+bytes.Index(src[block.from:block.to], []byte(html[at[0]:at[1]])),
						"this marker is a part of the HTML above it: leave a line empty before it, and after its fence")
				case strings.TrimSpace(html[:at[0]]) == "":
					mistaken(block.from, "the comment of this marker does not end: --> is missing")
				}
				break
			}
			if rest := strings.TrimSpace(m[2]); rest != "" {
				mistaken(block.from, "nothing may stand behind a marker on its line, and "+quoted(rest)+" does")
				break
			}
			start := lineStart(src, block.from)
			comment := block.from + bytes.IndexByte(src[block.from:block.to], '<')
			p := place{line: lineOf(src, block.from), body: m[1], prefix: span{start, comment}, end: block.to}
			if f := following(src, n); f != nil {
				p.fence = fences.found[f]
				p.fence.text = content(src, f)
			}
			found = append(found, p)
		}
		return ast.WalkContinue, nil
	})
	return found, wrong
}

// following is the fenced code block behind a marker, with nothing between but
// comments, which are for other tools.
func following(src []byte, n ast.Node) *ast.FencedCodeBlock {
	for next := n.NextSibling(); next != nil; next = next.NextSibling() {
		switch next := next.(type) {
		case *ast.FencedCodeBlock:
			return next
		case *ast.HTMLBlock:
			if next.HTMLBlockType != ast.HTMLBlockType2 || inside.MatchString(htmlText(src, next)) {
				return nil
			}
		default:
			return nil
		}
	}
	return nil
}

// extent is where a block of HTML stands.
func extent(n *ast.HTMLBlock) span {
	lines := n.Lines()
	s := span{lines.At(0).Start, lines.At(lines.Len() - 1).Stop}
	if n.HasClosure() {
		s.to = n.ClosureLine.Stop
	}
	return s
}

func htmlText(src []byte, n *ast.HTMLBlock) string {
	text := n.Lines().Value(src)
	if n.HasClosure() {
		text = append(text, n.ClosureLine.Value(src)...)
	}
	return string(text)
}

func content(src []byte, n ast.Node) string {
	var b strings.Builder
	for i := range n.Lines().Len() {
		seg := n.Lines().At(i)
		b.WriteString(unix(string(seg.Value(src))))
	}
	return b.String()
}

func newParser(fences parser.BlockParser) parser.Parser {
	blocks := parser.DefaultBlockParsers()
	for i, b := range blocks {
		if b.Value == parser.NewFencedCodeBlockParser() {
			blocks[i] = util.Prioritized(fences, b.Priority)
		}
	}
	return parser.NewParser(
		parser.WithBlockParsers(blocks...),
		parser.WithInlineParsers(parser.DefaultInlineParsers()...),
		parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...),
	)
}

// fenceParser takes note of where the fences are.
type fenceParser struct {
	parser.BlockParser
	found map[ast.Node]*fence
}

func (p *fenceParser) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	_, segment := reader.PeekLine()
	node, state := p.BlockParser.Open(parent, reader, pc)
	if node != nil {
		src := reader.Source()
		open := run(src, segment.Start)
		end := lineEnd(src, open.to)
		p.found[node] = &fence{
			prefix:  span{lineStart(src, open.from), open.from},
			open:    open,
			info:    span{open.to, trimEnd(src, open.to, end)},
			content: span{end, end},
		}
	}
	return node, state
}

func (p *fenceParser) Continue(node ast.Node, reader text.Reader, pc parser.Context) parser.State {
	_, segment := reader.PeekLine()
	state := p.BlockParser.Continue(node, reader, pc)
	src, f := reader.Source(), p.found[node]
	if state == parser.Close {
		f.close = run(src, segment.Start)
	} else {
		f.content.to = segment.Stop
	}
	return state
}

// run is the fence that follows some blanks.
func run(src []byte, at int) span {
	for src[at] == ' ' || src[at] == '\t' {
		at++
	}
	s := span{at, at}
	for s.to < len(src) && src[s.to] == src[at] {
		s.to++
	}
	return s
}

func lineStart(src []byte, at int) int { return bytes.LastIndexByte(src[:at], '\n') + 1 }

// lineEnd is where the next line begins.
func lineEnd(src []byte, at int) int {
	if i := bytes.IndexByte(src[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(src)
}

// trimEnd is where a line's text ends that is from..to with its break.
func trimEnd(src []byte, from, to int) int {
	return from + len(bytes.TrimRight(src[from:to], "\r\n"))
}

func lineOf(src []byte, at int) int { return bytes.Count(src[:at], []byte("\n")) + 1 }

func unix(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }
