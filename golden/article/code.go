package article

import (
	"regexp"
	"strings"
)

// valueMark finds the value that a comment gives of the code before it.
var valueMark = regexp.MustCompile(`^(.*?)\s*(?:#|//|--|%+)\s*(?:=>|⇒|→)\s?(.*)$`)

// moreOfValue matches a comment that goes on with the value of the one above.
var moreOfValue = regexp.MustCompile(`^\s*(?:#|//|--|%+)(?:  |\t)( *\S.*)$`)

// code is a block in a program's language: one turn, or one up to each value that
// a comment gives.
func (a *Article) code(b *Block, program string) []Turn {
	begin := func() Turn {
		t := Turn{Program: program, Why: "it is in the program's language"}
		if b.Caption != "" && !noPlace.MatchString(b.Caption) && !isPath(b.Caption) {
			t.Place, t.PlaceBy = b.Caption, "caption"
		}
		return t
	}
	var turns []Turn
	t := begin()
	place, by := t.Place, t.PlaceBy
	flush := func() {
		for len(t.Typed) > 0 && strings.TrimSpace(t.Typed[len(t.Typed)-1]) == "" {
			t.Typed = t.Typed[:len(t.Typed)-1]
		}
		if len(t.Typed) > 0 {
			t.Elided = elided(program, t.Typed)
			turns = append(turns, t)
		}
		t = begin()
		t.Place, t.PlaceBy = place, by
	}
	for _, l := range b.Lines {
		text := l.Text
		if m := valueMark.FindStringSubmatchIndex(text); m != nil {
			value := l
			value.Text, value.From = text[m[4]:m[5]], l.To-(len(text)-m[4])
			if code := text[:m[3]]; strings.TrimSpace(code) != "" {
				if t.Told {
					flush()
				}
				t.Typed = append(t.Typed, code)
			}
			t.Output, t.Told, t.Values = append(t.Output, value), true, true
			if t.Line == 0 {
				t.Line = l.Number
			}
			continue
		}
		if m := moreOfValue.FindStringSubmatchIndex(text); m != nil && t.Told {
			l.Text, l.From = text[m[2]:], l.To-(len(text)-m[2])
			t.Output = append(t.Output, l)
			continue
		}
		if t.Told {
			flush()
		}
		if m := comment.FindStringSubmatch(text); m != nil && strings.TrimSpace(text) != "" {
			if said := placeIn(m[1]); said != "" {
				flush()
				place, by = said, "comment"
				t.Place, t.PlaceBy = place, by
				continue
			}
		}
		if m := atTheEnd.FindStringSubmatchIndex(text); m != nil {
			if said := placeIn(text[m[2]:m[3]]); said != "" {
				flush()
				t.Place, t.PlaceBy, t.Line, t.Typed = said, "end of line", l.Number, []string{text[:m[0]]}
				flush()
				continue
			}
		}
		if len(t.Typed) == 0 && strings.TrimSpace(text) == "" {
			continue
		}
		if t.Line == 0 {
			t.Line = l.Number
		}
		t.Typed = append(t.Typed, text)
	}
	flush()
	return turns
}
