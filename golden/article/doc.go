// Package article reads Markdown, and weaves recorded texts into it.
//
// A lesson is Markdown with markers, HTML comments on lines of their own:
//
//	<!-- scenario: toukon#spawn@piyo.sh output -->
//
// Each marker says what the fenced code block after it has to hold: a golden, or
// a file such as the script itself, or a part of either. Weave puts it there.
// What is outside of these fences stays as it is, to the byte, and so do the
// lines of the fences themselves, on which every publishing tool has words of its
// own. A marker that no fence follows gets one.
//
// Blocks are found as CommonMark finds them, so a marker in a code block or in a
// span of code is text about markers and is left alone. One that a reader would
// take for a marker and that is none by these rules, since HTML or a paragraph is
// around it, is an error.
//
// A golden does not say what in it was typed. It is told from the prompts of
// programs that are known here, and where these leave a doubt, that is an error.
//
// What this package is not: a formatter or a renderer of Markdown, and no
// template language. It does not know where goldens lie; whoever calls it does.
package article
