package article

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// An Article is a Markdown text, read for its blocks of code.
type Article struct {
	Source []byte
	Blocks []*Block

	typed    []said          // what is typed in it, in order
	commands map[string]bool // first words that are commands in it
}

// A Block is a fenced or indented block of code.
type Block struct {
	Number   int      // from 1
	Line     int      // in the article, from 1: of the fence, or of an indented block's first line
	Headings []string // that it stands under, the outermost first
	Info     string   // behind the fence, byte for byte
	Language string   // in small letters; "" for none
	Caption  string   // its title: "hogeノードのIEx", "lib/chat.ex"
	Indented bool
	Lines    []Line

	Kind     Kind
	File     string // of a File: its path, as the text has it
	Fragment bool   // of a File: a part of it is left out
	Never    string // why it is never run, whatever a script says; or ""
	Why      string // why it has this kind
	Turns    []Turn // of a Session, Code or Output

	above  string // the paragraph directly above it
	output bool   // a comment above it says that it is output
}

// A Line is a line of a block.
type Line struct {
	Text     string
	Number   int  // in the article, from 1
	From, To int  // its bytes in the article, without what stands before it in a list or quote, and without the line break
	Replaced bool // a script has put another text there
}

// Kind is what a block is taken for.
type Kind int

// A Session is typed into a window; Code is in the language of a program into
// which it could be typed; a File is written; Output is only shown; Other is none
// of these.
const (
	Session Kind = iota
	Code
	File
	Output
	Other
)

func (k Kind) String() string { return [...]string{"session", "code", "file", "output", "other"}[k] }

// Text is the block's lines, each with a line break.
func (b *Block) Text() string {
	var s strings.Builder
	for _, l := range b.Lines {
		s.WriteString(l.Text + "\n")
	}
	return s.String()
}

// Read reads an article.
func Read(src []byte) *Article {
	a := &Article{Source: src, commands: map[string]bool{}}
	body := blank(src)
	fences := &fenceParser{BlockParser: parser.NewFencedCodeBlockParser(), found: map[ast.Node]*fence{}}
	root := newParser(fences).Parse(text.NewReader(body))
	var headings []heading
	_ = ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			for len(headings) > 0 && headings[len(headings)-1].level >= n.Level {
				headings = headings[:len(headings)-1]
			}
			headings = append(headings, heading{n.Level, plain(n, body)})
		case *ast.FencedCodeBlock:
			f := fences.found[n]
			b := &Block{Line: lineOf(src, f.open.from), Info: string(src[f.info.from:f.info.to])}
			b.take(body, n)
			a.add(b, n, body, headings)
		case *ast.CodeBlock:
			b := &Block{Indented: true}
			b.take(body, n)
			b.Line = b.Lines[0].Number
			b.unindent()
			a.add(b, n, body, headings)
		}
		return ast.WalkContinue, nil
	})
	a.learn()
	for _, b := range a.Blocks {
		a.understand(b, Reading{})
		for _, t := range b.Turns {
			a.typed = append(a.typed, said{b.Number, t.Place, strings.Join(t.Typed, "\n"), t.Arrives})
		}
	}
	return a
}

type heading struct {
	level int
	text  string
}

func (a *Article) add(b *Block, n ast.Node, src []byte, headings []heading) {
	b.Number = len(a.Blocks) + 1
	for _, h := range headings {
		b.Headings = append(b.Headings, h.text)
	}
	b.parseInfo()
	switch above := n.PreviousSibling().(type) {
	case *ast.Paragraph:
		b.above = plain(above, src)
	case *ast.HTMLBlock:
		html := htmlText(src, above)
		b.output = strings.Contains(html, `livebook:{"output":true}`)
		if strings.Contains(html, `livebook:{"force_markdown":true}`) {
			b.Never = "Livebook shows it, and does not run it"
		}
	}
	a.Blocks = append(a.Blocks, b)
}

// take sets the lines of a block.
func (b *Block) take(src []byte, n ast.Node) {
	for i := range n.Lines().Len() {
		seg := n.Lines().At(i)
		to := trimEnd(src, seg.Start, seg.Stop)
		b.Lines = append(b.Lines, Line{
			Text: strings.Repeat(" ", seg.Padding) + string(src[seg.Start:to]), Number: lineOf(src, seg.Start), From: seg.Start, To: to,
		})
	}
}

var indentedFence = regexp.MustCompile("^ *(`{3,}|~{3,})([^`]*)$")

// unindent makes of an indented block that is a fence for MkDocs, in an
// admonition or a tab, that fence.
func (b *Block) unindent() {
	first := indentedFence.FindStringSubmatch(b.Lines[0].Text)
	if first == nil {
		return
	}
	for i, l := range b.Lines[1:] {
		if last := strings.TrimSpace(l.Text); strings.HasPrefix(last, first[1]) && strings.Trim(last, first[1][:1]) == "" {
			b.Indented, b.Info, b.Lines = false, first[2], b.Lines[1:i+1]
			return
		}
	}
}

// plain is the text of a paragraph or a heading. What is code in it stays
// between backquotes.
func plain(n ast.Node, src []byte) string {
	if n.Lines().Len() == 0 {
		return ""
	}
	var b strings.Builder
	for i := range n.Lines().Len() {
		seg := n.Lines().At(i)
		b.Write(seg.Value(src))
	}
	return strings.TrimSpace(b.String())
}

var frontMatter = regexp.MustCompile(`\A(?:---[ \t]*\r?\n(?s:.*?)\n(?:---|\.\.\.)|\+\+\+[ \t]*\r?\n(?s:.*?)\n\+\+\+|%\{(?s:.*?)\n---)[ \t]*(?:\r?\n|\z)`)

// blank is a text in which there is nothing where it has a mark of its byte order
// or front matter, so that all else is at its place.
func blank(src []byte) []byte {
	from := 0
	if bytes.HasPrefix(src, bom) {
		from = len(bom)
	}
	to := from
	if m := frontMatter.FindIndex(src[from:]); m != nil {
		to += m[1]
	}
	body := bytes.Clone(src)
	for i := range body[:to] {
		if body[i] != '\n' && body[i] != '\r' {
			body[i] = ' '
		}
	}
	return body
}
