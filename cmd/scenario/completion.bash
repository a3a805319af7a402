# What completes scenario in bash: source <(scenario completion bash)

_scenario() {
	local line=${COMP_LINE:0:COMP_POINT} words=() i word gap
	# Bash takes words apart at = : and @ as well. What no blank stands between
	# is one word.
	for ((i = 0; i <= COMP_CWORD; i++)); do
		gap=
		while [[ $line == [[:blank:]]* ]]; do line=${line:1} gap=1; done
		word=${COMP_WORDS[i]}
		((i == COMP_CWORD)) && word=$line
		line=${line#"$word"}
		if [[ $gap || $i == 0 ]]; then
			words+=("$word")
		else
			words[${#words[@]} - 1]+=$word
		fi
	done

	words=("${words[@]//\\/}") # my\ lessons
	local cur=${words[${#words[@]} - 1]} out directive
	out=$("${words[0]/#\~/$HOME}" __completeNoDesc "${words[@]:1}" 2>/dev/null) || return
	directive=${out##*:}
	[[ $cur == --*=* ]] && cur=${cur#*=}
	((directive & 2)) && compopt -o nospace
	((directive & 4)) && compopt +o default +o bashdefault

	# Only what stands behind the last = or :, or from the last @ on, is replaced.
	local breaks=${COMP_WORDBREAKS//[^=:]} keep=$cur drop
	[[ $breaks ]] && keep=${keep##*[$breaks]}
	[[ $COMP_WORDBREAKS == *@* && $keep == *@* ]] && keep=@${keep##*@}
	drop=${cur%"$keep"}
	while IFS= read -r word; do
		[[ $word && $word == "$cur"* ]] || continue
		word=${word#"$drop"}
		[[ $word == *[[:space:]\'\"\\\(\)\&\;\$]* ]] && printf -v word %q "$word"
		COMPREPLY+=("$word")
	done <<<"${out%:*}"
}

complete -o bashdefault -o default -F _scenario scenario
