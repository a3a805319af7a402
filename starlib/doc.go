// Package starlib is the language of scenarios: Starlark with builtins that
// know machines and terminals.
//
// A builtin is one Go value (see declare): its name, summary, parameters,
// result, example and function. Binding and its error messages, the reference
// manual, the stubs for editors and `scenario doc NAME` all come from that
// value, so none of them can drift from the others.
//
// A script is eager: a step runs when its line runs and returns a plain value.
// What is particular to a piece of software (Elixir, Erlang …) is Starlark, in
// std/*.star, and uses the same builtins as any script; this package knows no
// other language than its own.
package starlib
