package starlib

import (
	"errors"
	"fmt"
	"reflect"
	"time"

	"go.starlark.net/starlark"
)

// texts is one string or a list of them.
type texts []string

var (
	typeDuration = reflect.TypeFor[time.Duration]()
	typeTexts    = reflect.TypeFor[texts]()
	typeKindList = reflect.TypeFor[kindList]()
	typeKindRef  = reflect.TypeFor[kindRef]()
	typeOrdering = reflect.TypeFor[ordering]()
	typeValue    = reflect.TypeFor[starlark.Value]()
	typeCallable = reflect.TypeFor[starlark.Callable]()
	typeTargets  = reflect.TypeFor[targets]()
	typeTarget   = reflect.TypeFor[target]()
	typeNumbers  = reflect.TypeFor[blockNumbers]()
	typeHook     = reflect.TypeFor[hook]()
	typeSide     = reflect.TypeFor[side]()
)

// typeName is a parameter's type in the reader's words.
func typeName(t reflect.Type) string {
	switch t {
	case typeDuration:
		return "seconds"
	case typeTexts:
		return "string or list of strings"
	case typeKindList:
		return "Kind, name of a kind, or list of those"
	case typeOrdering:
		return "bool or pair of patterns"
	case typeValue:
		return "value"
	case typeCallable:
		return "function"
	case typeTargets:
		return "Terminal, Node, name, or list of those"
	case typeTarget:
		return "Terminal or Node"
	case typeNumbers:
		return "int, string or list of those"
	case typeSide:
		return "Node or list of Nodes"
	case typeHook:
		return "string, function or list of those"
	}
	switch t.Kind() {
	case reflect.String:
		return "string"
	case reflect.Int, reflect.Int64:
		return "int"
	case reflect.Float64:
		return "number"
	case reflect.Bool:
		return "bool"
	case reflect.Slice:
		return "list of " + typeName(t.Elem()) + "s"
	case reflect.Map:
		return "dict of " + typeName(t.Elem()) + "s"
	case reflect.Pointer:
		if v, ok := reflect.Zero(t).Interface().(starlark.Value); ok {
			return v.Type()
		}
		return typeName(t.Elem())
	}
	panic("no Starlark type for " + t.String())
}

// assign converts a Starlark value into a Go variable. Its error is only what
// the value is instead.
func assign(dst reflect.Value, v starlark.Value) error {
	wrong := errors.New(v.Type())
	switch dst.Type() {
	case typeValue:
		dst.Set(reflect.ValueOf(v))
		return nil
	case typeCallable:
		f, ok := v.(starlark.Callable)
		if !ok {
			return wrong
		}
		dst.Set(reflect.ValueOf(f))
		return nil
	case typeDuration:
		f, ok := starlark.AsFloat(v)
		if !ok {
			return wrong
		}
		if f <= 0 || f > 1e6 {
			return fmt.Errorf("%v: it must be more than 0, and at most 1000000", v)
		}
		dst.SetInt(int64(f * float64(time.Second)))
		return nil
	case typeTexts:
		if s, ok := starlark.AsString(v); ok {
			dst.Set(reflect.ValueOf(texts{s}))
			return nil
		}
	case typeOrdering:
		if b, ok := v.(starlark.Bool); ok {
			dst.Set(reflect.ValueOf(ordering{free: bool(b)}))
			return nil
		}
		var pair []string
		if err := assignSlice(reflect.ValueOf(&pair).Elem(), v); err != nil {
			return err
		}
		if len(pair) != 2 {
			return fmt.Errorf("a %s of %d", v.Type(), len(pair))
		}
		dst.Set(reflect.ValueOf(ordering{free: true, between: pair}))
		return nil
	case typeKindList:
		var ref kindRef
		if assign(reflect.ValueOf(&ref).Elem(), v) == nil {
			dst.Set(reflect.ValueOf(kindList{ref}))
			return nil
		}
	case typeSide:
		if n, ok := v.(*nodeValue); ok {
			dst.Set(reflect.ValueOf(side{n}))
			return nil
		}
	case typeKindRef:
		switch v := v.(type) {
		case *kindValue:
			dst.Set(reflect.ValueOf(kindRef{made: v}))
			return nil
		case starlark.String:
			dst.Set(reflect.ValueOf(kindRef{name: string(v)}))
			return nil
		}
	}
	if done, err := assignBinding(dst, v); done {
		return err
	}
	switch dst.Kind() {
	case reflect.String:
		s, ok := starlark.AsString(v)
		if !ok {
			return wrong
		}
		dst.SetString(s)
	case reflect.Bool:
		b, ok := v.(starlark.Bool)
		if !ok {
			return wrong
		}
		dst.SetBool(bool(b))
	case reflect.Int, reflect.Int64:
		i, ok := v.(starlark.Int)
		if !ok {
			return wrong
		}
		n, ok := i.Int64()
		if !ok {
			return fmt.Errorf("%v", i)
		}
		dst.SetInt(n)
	case reflect.Float64:
		f, ok := starlark.AsFloat(v)
		if !ok {
			return wrong
		}
		dst.SetFloat(f)
	case reflect.Slice:
		return assignSlice(dst, v)
	case reflect.Map:
		return assignMap(dst, v)
	case reflect.Pointer:
		if reflect.TypeOf(v) == dst.Type() {
			dst.Set(reflect.ValueOf(v))
			return nil
		}
		if dst.Type().Implements(typeValue) {
			return wrong
		}
		p := reflect.New(dst.Type().Elem())
		if err := assign(p.Elem(), v); err != nil {
			return err
		}
		dst.Set(p)
	default:
		return wrong
	}
	return nil
}

func assignSlice(dst reflect.Value, v starlark.Value) error {
	seq, ok := v.(starlark.Sequence)
	if !ok {
		return errors.New(v.Type())
	}
	out := reflect.MakeSlice(dst.Type(), 0, seq.Len())
	for e := range starlark.Elements(seq) {
		elem := reflect.New(dst.Type().Elem()).Elem()
		if err := assign(elem, e); err != nil {
			return fmt.Errorf("a %s with the %w %s in it", v.Type(), err, e)
		}
		out = reflect.Append(out, elem)
	}
	dst.Set(out)
	return nil
}

func assignMap(dst reflect.Value, v starlark.Value) error {
	d, ok := v.(*starlark.Dict)
	if !ok {
		return errors.New(v.Type())
	}
	out := reflect.MakeMap(dst.Type())
	for _, kv := range d.Items() {
		key, ok := starlark.AsString(kv[0])
		val := reflect.New(dst.Type().Elem()).Elem()
		if !ok || assign(val, kv[1]) != nil {
			return fmt.Errorf("a dict with %s: %s in it", kv[0], kv[1])
		}
		out.SetMapIndex(reflect.ValueOf(key), val)
	}
	dst.Set(out)
	return nil
}
