package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"scenario/starlib"
)

// passed is what of the world outside of its folder a script gets to see.
type passed struct {
	env, mounts []string
}

func (p *passed) flags(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&p.env, "env", nil, "pass the environment variable `NAME` to env(…) of the script; can be repeated")
	cmd.Flags().StringArrayVar(&p.mounts, "allow-mount", nil, "let nodes mount what lies in `DIR`, beside the scenario's own folder; can be repeated")
	completes(cmd, "env", completeEnv)
}

// to sets what was passed.
func (p *passed) to(o *starlib.Options) error {
	o.Env = map[string]string{}
	for _, name := range p.env {
		value, ok := os.LookupEnv(name)
		if !ok {
			return fmt.Errorf("--env %s: there is no such variable in the environment; NAME=VALUE before the command sets it", name)
		}
		o.Env[name] = value
	}
	for _, dir := range p.mounts {
		abs, err := filepath.Abs(dir)
		if err == nil {
			abs, err = filepath.EvalSymlinks(abs)
		}
		if err != nil {
			return fmt.Errorf("--allow-mount %s: %w", dir, err)
		}
		o.Mounts = append(o.Mounts, abs)
	}
	return nil
}
