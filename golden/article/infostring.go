package article

import (
	"regexp"
	"slices"
	"strings"
)

var (
	attribute = regexp.MustCompile(`\b(title|filename|file|label|caption)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s,}]+))`)
	class     = regexp.MustCompile(`^[.]?([\w+#-]+)`)
	word      = regexp.MustCompile(`^[^\s{,:]+`)
)

// parseInfo reads what stands behind a fence, in the ways of the tools that
// publish Markdown: the language, the title, and whether the block is never run.
func (b *Block) parseInfo() {
	info := strings.TrimSpace(b.Info)
	switch {
	case strings.HasPrefix(info, "{{"): // Quarto
		b.Never = "Quarto shows " + info + ", and does not run it"
		info = strings.Trim(info, "{} ")
		b.Language = strings.ToLower(word.FindString(info))
		return
	case strings.HasPrefix(info, "{"): // Pandoc, MkDocs, R Markdown
		if m := class.FindStringSubmatch(strings.TrimLeft(info, "{ ")); m != nil {
			b.Language = strings.ToLower(m[1])
		}
	default:
		b.Language = strings.ToLower(word.FindString(info))
		rest := info[len(word.FindString(info)):]
		if b.Language == "diff" { // Zenn
			if second := word.FindString(strings.TrimSpace(rest)); second != "" {
				rest = strings.TrimSpace(rest)[len(second):]
			}
		}
		if title, ok := strings.CutPrefix(rest, ":"); ok { // Qiita, Zenn
			b.Caption = strings.TrimSpace(title)
		}
		flags := strings.FieldsFunc(rest, func(c rune) bool { return c == ',' || c == ' ' || c == '{' || c == '}' })
		for flag, why := range map[string]string{"ignore": "mdBook ignores it", "skip": "mdx skips it"} {
			if slices.Contains(flags, flag) {
				b.Never = why
			}
		}
	}
	if m := attribute.FindStringSubmatch(info); m != nil {
		b.Caption = m[2] + m[3] + m[4]
	}
}

var (
	pathForm = regexp.MustCompile(`^(?:~|\.{1,2})?/?(?:[\w@.+-]+/)*(?:[\w@+-]*\.[A-Za-z]\w{0,9}|\.\w[\w.-]*)$|^(?:[\w@.+-]+/)+[\w@.+-]+$`)
	noSuffix = regexp.MustCompile(`(?i)^(?:[\w.-]+/)*(?:Makefile|Dockerfile|Procfile|Gemfile|Rakefile|Vagrantfile|Justfile)$`)
	host     = regexp.MustCompile(`^\S+\.(?:com|org|net|io|local|internal)$|^\d+(?:\.\d+)+$`)
)

// isPath says whether a title is the name of a file.
func isPath(title string) bool {
	return (pathForm.MatchString(title) || noSuffix.MatchString(title)) && !host.MatchString(title) && !arity.MatchString(title)
}

var firstComment = regexp.MustCompile(`^\s*(?:#|//|--|%+|;+|<!--|/\*)\s*(?:(?i:file(?:name)?)\s*:?\s+)?(\S+)\s*(?:-->|\*/)?\s*$`)

// named is the name that a block of code has in its first line, as a comment.
func (b *Block) named() string {
	for _, l := range b.Lines {
		if strings.TrimSpace(l.Text) == "" {
			continue
		}
		if m := firstComment.FindStringSubmatch(l.Text); m != nil && isPath(strings.Trim(m[1], "`:")) {
			return strings.Trim(m[1], "`:")
		}
		return ""
	}
	return ""
}

var (
	module    = regexp.MustCompile(`^\s*-module\((\w+)\)\.`)
	quotes    = regexp.MustCompile("`([^`]+)`")
	announces = regexp.MustCompile(`(?i)\b(?:creat|sav|writ)(?:e|es|ed|ing)\b|^file\b|\bnew file\b|\bcontents? of\b|作成|保存|新規`)
	arity     = regexp.MustCompile(`^[\w.]+[!?]?/\d+$`)
)

var sentences = regexp.MustCompile(`[.!?]\s+|[。！？\n]`)

// announced is the name of the file that the prose directly above a block says
// it is.
func (b *Block) announced() string {
	last := b.above
	if i := sentences.FindAllStringIndex(strings.TrimRight(last, ".:。： \n"), -1); i != nil {
		last = last[i[len(i)-1][1]:]
	}
	if !announces.MatchString(last) {
		return ""
	}
	name := ""
	for _, m := range quotes.FindAllStringSubmatch(last, -1) {
		if !isPath(m[1]) {
			continue
		}
		if name != "" && name != m[1] {
			return ""
		}
		name = m[1]
	}
	return name
}
