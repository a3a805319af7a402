// Package source looks at scripts as texts: it formats them, finds what is surely
// wrong with them, and writes them. Nothing is run, and no machine is needed.
//
// What makes a false alarm now and then is no rule here: where it is not
// certain, Lint is silent.
//
// Non-goals: matters of taste beyond the one format, and whatever a run says
// better because it knows the values.
package source
