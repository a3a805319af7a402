#compdef scenario
# What completes scenario in zsh: source <(scenario completion zsh)

_scenario() {
	local typed=${(Q)PREFIX} out line directive
	local -a asked found end
	asked=("${(@Q)words[2,CURRENT-1]}" "$typed")
	out=$("${${(Q)words[1]}/#\~\//$HOME/}" __complete "${asked[@]}" 2>/dev/null) || return
	directive=${out##*:}
	# What is behind --flag= comes without it.
	[[ $typed == --*=* ]] && compset -P "${typed%%=*}="
	# A ~ that was typed is one, and no letter to be quoted.
	local home=
	[[ $PREFIX == '~/'* ]] && compset -P '\~/' && home='~/'
	for line in "${(@f)${out%:*}}"; do
		line=${${line//:/\\:}//\`}
		line=${line/$'\t'/:}
		found+=("${line#$home}")
	done
	found=("${(@)found:#}")
	((directive & 2)) && end=(-S '')
	_describe -t scenario scenario found "${end[@]}"
}

# It may be read at a shell's start, or be a file _scenario in its fpath.
if [[ $funcstack[1] == _scenario ]]; then
	_scenario "$@"
else
	(($+functions[compdef])) || { autoload -U compinit && compinit; }
	compdef _scenario scenario
fi
