package article

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// chart is how an article is read, in a few words a block.
func chart(a *Article) string {
	var b strings.Builder
	for _, block := range a.Blocks {
		fmt.Fprintf(&b, "%d %s", block.Line, block.Kind)
		for _, s := range []string{block.Language, block.Caption, strings.Join(block.Headings, " > ")} {
			if s != "" {
				fmt.Fprintf(&b, " [%s]", s)
			}
		}
		if block.File != "" {
			fmt.Fprintf(&b, " file %s", block.File)
		}
		if block.Fragment {
			b.WriteString(" fragment")
		}
		if block.Never != "" {
			fmt.Fprintf(&b, " never: %s", block.Never)
		}
		b.WriteByte('\n')
		for _, t := range block.Turns {
			fmt.Fprintf(&b, "  %d %s", t.Line, t.Program)
			if t.Place != "" {
				fmt.Fprintf(&b, " in %s (%s)", t.Place, t.PlaceBy)
			}
			if t.Starts != "" {
				fmt.Fprintf(&b, " starts %s %s", t.Starts, t.Named)
			}
			for _, flag := range []struct {
				set  bool
				name string
			}{{t.Elided, "elided"}, {t.Values, "values"}, {t.Arrives, "arrives"}, {t.ForEver, "for ever"}} {
				if flag.set {
					b.WriteString(" " + flag.name)
				}
			}
			b.WriteByte('\n')
			for _, l := range t.Typed {
				b.WriteString("    > " + l + "\n")
			}
			for _, l := range t.Stdin {
				b.WriteString("    < " + l + "\n")
			}
			for _, l := range t.Output {
				b.WriteString("    | " + l.Text + "\n")
			}
		}
	}
	return b.String()
}

// Each article has, behind it, how it is read.
func TestRead(t *testing.T) {
	files, err := os.ReadDir("testdata/read")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		ar, err := txtar.ParseFile("testdata/read/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i+1 < len(ar.Files); i += 2 {
			name, src, want := ar.Files[i].Name, ar.Files[i].Data, string(ar.Files[i+1].Data)
			t.Run(f.Name()+"/"+name, func(t *testing.T) {
				a := Read(src)
				if got := chart(a); got != want {
					t.Errorf("it is read as\n%s\nand should be\n%s", got, want)
				}
				whole(t, a)
			})
		}
	}
}

// whole checks that nothing of a block is lost, and that its lines are where they
// say.
func whole(t *testing.T, a *Article) {
	t.Helper()
	last := 0
	for i, b := range a.Blocks {
		if b.Number != i+1 {
			t.Errorf("block %d is called %d", i+1, b.Number)
		}
		for _, l := range b.Lines {
			if text := strings.TrimLeft(l.Text, " "); !strings.HasSuffix(string(a.Source[l.From:l.To]), text) || l.Number <= last || lineOf(a.Source, l.From) != l.Number {
				t.Errorf("line %d is %q, and the article has %q there", l.Number, l.Text, a.Source[l.From:l.To])
			}
			last = l.Number
		}
		if b.Kind != Session || slices.ContainsFunc(b.Turns, func(t Turn) bool { return t.Stdin != nil }) {
			continue // of what a command reads, only the text is known
		}
		shown := map[int]bool{}
		for _, turn := range b.Turns {
			for k := range len(turn.Typed) {
				shown[turn.Line+k] = true
			}
			for _, l := range turn.Output {
				shown[l.Number] = true
			}
		}
		find := b.prompts(b.Lines)
		for _, l := range b.Lines {
			_, prompt := find(l.Text)
			if !shown[l.Number] && !prompt && strings.TrimSpace(l.Text) != "" && !comment.MatchString(l.Text) && !dockerish.MatchString(l.Text) {
				t.Errorf("line %d, %q, is in no turn", l.Number, l.Text)
			}
		}
	}
}

// Whatever Markdown there is, it is read, and no line of a block is lost.
func TestReadAnything(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	pieces := []string{
		"```\n", "```sh\n", "~~~~elixir:x\n", "````\n", "> ```console\n", "- ```iex\n", "    ", "\t", "> ", "- ", "\n", "\r\n",
		"iex> ", "...> ", "iex(a@b)1> ", "$ ", "# on a\n", "ls\n", "1> f(\n", "x.\n", ">>> ", "... ", "... \n", "a=# ", "select 1\n", ";\n",
		"# => 1\n", "hi\n", "send(a, \"hi\")\n", "docker exec -it a sh\n", "<!-- ", "-->\n", "---\n", "%{\n", "# h\n", "!!! note\n", "元氣\n", "-- T1\n", "cat > a\n", "{{x}}\n", "\ufeff",
	}
	for range 8_000 {
		var b strings.Builder
		for range random.IntN(14) {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		a := Read([]byte(b.String()))
		whole(t, a)
		for _, block := range a.Blocks {
			a.Understand(block, Reading{Program: "iex", Replace: strings.ToUpper})
		}
		if t.Failed() {
			t.Fatalf("%q", b.String())
		}
	}
}

func TestStarts(t *testing.T) {
	for line, want := range map[string]string{
		"iex": "iex ", "iex --sname a@b -S mix": "iex a@b", "PORT=1 iex --name a@1.2.3.4": "iex a@1.2.3.4", "iex -e 1": " ", "cd x; iex": "iex ", "cd x && iex --sname a": "iex a", "iex &": " ",
		"erl -sname ping": "erl ping", "erl -noshell -eval x": " ", "python3": "python3 ", "python3 a.py": " ", "python3 -q": "python3 ",
		"sudo -u postgres psql": "psql ", "psql -h db -U me app": "psql ", "psql -c 'select 1'": " ", "psql < a.sql": " ",
		"redis-cli": "redis-cli 127.0.0.1:6379", "redis-cli -p 7001": "redis-cli 127.0.0.1:7001", "redis-cli -h db -p 1": "redis-cli db:1", "redis-cli ping": " ",
		"bash": "sh ", "bash a.sh": " ", "sh -c x": " ", "ls": " ", "": " ", "node": "node ", "node a.js": " ",
	} {
		program, name := Starts(line)
		if got := program + " " + name; got != want {
			t.Errorf("%q starts %q, want %q", line, got, want)
		}
	}
}
