package golden

import "fmt"

// Identity is a broken identity: two places hold one token in the golden and
// two in the run, or the other way round.
type Identity struct {
	Kind        string // "pid", or "pid.peer" where a kind has several groups
	First, Here Sight
}

// Sight is a token at one place in both texts.
type Sight struct {
	Name        string // of the text
	Line        int    // in its golden, from 1
	Golden, Run string // what each says there
}

// String says where the token was first seen, what it was, and what it is now.
func (i Identity) String() string {
	first, here := fmt.Sprintf("%s:%d", i.First.Name, i.First.Line), fmt.Sprintf("%s:%d", i.Here.Name, i.Here.Line)
	if i.First.Golden == i.Here.Golden {
		return fmt.Sprintf("the %s %s, first seen in %s, is two now: %s there, and %s in %s",
			i.Kind, i.First.Golden, first, i.First.Run, i.Here.Run, here)
	}
	return fmt.Sprintf("two of kind %s, %s first seen in %s and %s in %s, are one now: %s",
		i.Kind, i.First.Golden, first, i.Here.Golden, here, i.Here.Run)
}
