package golden

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func TestDiff(t *testing.T) {
	golden := "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n17\n18\n19\n20"
	for _, c := range []struct {
		summary, run, want string
	}{
		{"one line", strings.Replace(golden, "\n10\n", "\nten\n", 1), `
@@ -7,7 +7,7 @@
 7
 8
 9
-10
+ten
 11
 12
 13`},
		{"at the ends", strings.TrimSuffix("0\n"+golden, "\n20"), `
@@ -1,3 +1,4 @@
+0
 1
 2
 3
@@ -17,4 +18,3 @@
 17
 18
 19
-20`},
		{"near each other", strings.NewReplacer("\n5\n", "\n", "\n11\n", "\n11\n11.5\n").Replace(golden), `
@@ -2,13 +2,13 @@
 2
 3
 4
-5
 6
 7
 8
 9
 10
 11
+11.5
 12
 13
 14`},
	} {
		t.Run(c.summary, func(t *testing.T) {
			v := alone(t, Part{Text: c.run}, golden)
			if want := trim(c.want) + "\n"; v.Diff != want {
				t.Errorf("diff:\n%swant:\n%s", v.Diff, want)
			}
		})
	}
}

func TestMatch(t *testing.T) {
	for _, c := range []struct{ a, b, want string }{
		{"", "", ""},
		{"a", "", ""},
		{"a b c", "a b c", "a b c"},
		{"a b c d", "a c d", "a c d"},
		{"x a y", "a", "a"},
		{"1 x 2 x 3 x", "1 x 2 x x", "1 x 2 x x"},
		{"} a } b }", "} b } }", "} b }"}, // b holds the braces around it apart
		{"a b c d e", "d e a b c", "a b c"},
		{"x x x x", "x x", "x x"},
		{"x y x y x", "y x y", "y x y"},
	} {
		a, b := strings.Fields(c.a), strings.Fields(c.b)
		var got []string
		for _, p := range match(a, b) {
			if a[p[0]] != b[p[1]] {
				t.Errorf("%v, %v: %v is no match", a, b, p)
			}
			got = append(got, a[p[0]])
		}
		if got := strings.Join(got, " "); got != c.want {
			t.Errorf("%v, %v: %s, want %s", a, b, got, c.want)
		}
	}
	each(t, 3000, func(t *testing.T, r *rand.Rand) {
		some := func() []string {
			s := make([]string, r.IntN(30))
			for i := range s {
				s[i] = string('a' + rune(r.IntN(12)))
			}
			return s
		}
		a, b := some(), some()
		last := [2]int{-1, -1}
		for _, p := range match(a, b) {
			if p[0] <= last[0] || p[1] <= last[1] || a[p[0]] != b[p[1]] {
				t.Errorf("%v, %v: %v", a, b, match(a, b))
			}
			last = p
		}
	})
}
