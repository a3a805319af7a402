package runner

import (
	"fmt"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"unicode"
	"unicode/utf8"
)

// minSecret is how many characters a secret has at least: a shorter one would
// be found, and masked, in ordinary text.
const minSecret = 4

// Secret keeps a value out of all that the run leaves and shows: out of the
// recording, also where it was shown before, out of errors, and out of what
// goes through Mask. The script itself and the nodes have it as it is. Of a
// value with several lines each is a secret that is long enough to be one.
// It may be called by any goroutine.
func (r *Run) Secret(value string) error {
	lines, err := secretLines(value, r.replay != nil)
	if err != nil {
		return err
	}
	return r.hide(r.secrets.add(lines, r.rec))
}

// Mask is a text without the run's secrets: "***" stands in the place of each,
// also of one that the edge of a window has broken. It may be called by any
// goroutine.
func (r *Run) Mask(s string) string { return maskAll(r.secrets.now(), s) }

// maskWriter is a run's log without its secrets. It is written whole lines.
type maskWriter struct{ run *Run }

func (w maskWriter) Write(line []byte) (int, error) {
	if _, err := io.WriteString(w.run.cfg.Log, w.run.Mask(string(line))); err != nil {
		return 0, err
	}
	return len(line), nil
}

// secretLines are the lines of a value, without the blanks around them, that
// are secrets of their own.
func secretLines(value string, replayed bool) ([]string, error) {
	var lines []string
	known := false
	for line := range strings.Lines(value) {
		line = strings.TrimSpace(line)
		if i := strings.IndexFunc(line, func(c rune) bool { return unicode.IsControl(c) && c != '\t' }); i >= 0 {
			c, _ := utf8.DecodeRuneInString(line[i:])
			return nil, fmt.Errorf("a secret is text, and this one has the control character %q, which a terminal shows in another form", c)
		}
		if replayed && line == mask {
			known = true // a recording's answer, in which it is masked already
		}
		if utf8.RuneCountInString(line) >= minSecret {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 && !known {
		return nil, fmt.Errorf("a secret has at least %d characters in a line, and this one has less: it would be masked in ordinary text as well", minSecret)
	}
	return lines, nil
}

// secrets are those of a run. The zero value has none.
type secrets struct {
	mu    sync.Mutex // held until the streams are free of what was added
	lines []string
	toLab func(string) string // how the lab's programs see a reader's text; nil until there is a lab

	forms atomic.Pointer[[]secret]
}

// now are the secrets declared so far, in each form that they are shown in.
func (s *secrets) now() []secret {
	if forms := s.forms.Load(); forms != nil {
		return *forms
	}
	return nil
}

func (s *secrets) add(lines []string, rec *recorder) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range lines {
		if !slices.Contains(s.lines, l) {
			s.lines = append(s.lines, l)
		}
	}
	return s.spread(rec)
}

// inLab adds the forms in which the lab's programs see the secrets.
func (s *secrets) inLab(toLab func(string) string, rec *recorder) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.toLab = toLab
	return s.spread(rec)
}

// spread makes the forms known. Beside the secret itself there are those of
// the lab's addresses, and of a message that quotes it.
func (s *secrets) spread(rec *recorder) error {
	var texts []string
	for _, l := range s.lines {
		texts = append(texts, l)
		if s.toLab != nil {
			texts = append(texts, s.toLab(l))
		}
	}
	for _, t := range slices.Clone(texts) {
		quoted := strconv.Quote(t)
		texts = append(texts, quoted[1:len(quoted)-1])
	}
	slices.Sort(texts)
	texts = slices.Compact(texts)
	if len(texts) == len(s.now()) {
		return nil
	}
	forms := make([]secret, 0, len(texts))
	for _, t := range texts {
		forms = append(forms, newSecret(t))
	}
	s.forms.Store(&forms)
	if rec == nil {
		return nil
	}
	return rec.mask(forms)
}

// maskValue is a copy of v in which each string is without secrets. Unexported
// fields are taken as they are.
func maskValue(v reflect.Value, secrets []secret) reflect.Value {
	masked := reflect.New(v.Type()).Elem()
	masked.Set(v)
	switch x := v.Interface().(type) {
	case Op:
		return masked // a word of ours
	case *regexp.Regexp:
		if x != nil {
			masked.Set(reflect.ValueOf(maskPattern(x, secrets)))
		}
		return masked
	}
	switch v.Kind() {
	case reflect.String:
		masked.SetString(maskAll(secrets, v.String()))
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			elem := maskValue(v.Elem(), secrets)
			if v.Kind() == reflect.Interface {
				masked.Set(elem)
				break
			}
			masked.Set(reflect.New(v.Type().Elem()))
			masked.Elem().Set(elem)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				masked.Field(i).Set(maskValue(v.Field(i), secrets))
			}
		}
	case reflect.Slice:
		if !v.IsNil() {
			masked.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		}
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			masked.Index(i).Set(maskValue(v.Index(i), secrets))
		}
	case reflect.Map:
		if !v.IsNil() {
			masked.Set(reflect.MakeMap(v.Type()))
			for key, elem := range v.Seq2() {
				masked.SetMapIndex(maskValue(key, secrets), maskValue(elem, secrets))
			}
		}
	}
	return masked
}

// maskPattern is a pattern that looks for the mask where it looked for a
// secret, as the texts have it.
func maskPattern(re *regexp.Regexp, secrets []secret) *regexp.Regexp {
	source := maskAll(secrets, re.String())
	if source == re.String() {
		return re
	}
	if masked, err := regexp.Compile(strings.ReplaceAll(source, mask, regexp.QuoteMeta(mask))); err == nil {
		return masked
	}
	// The secret was part of a longer expression, of which half is none.
	return regexp.MustCompile(regexp.QuoteMeta(source))
}
