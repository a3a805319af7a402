//go:build !linux

package helper

import "errors"

var errNoNetem = errors.New("no netem")

func (l *Links) set() error { return errors.New("only Linux can do this") }
