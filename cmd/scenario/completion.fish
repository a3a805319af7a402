# What completes scenario in fish: scenario completion fish | source

function __scenario_complete
    set -l words (commandline -opc)
    set -l typed
    for end in '' "'" '"' # of a quote that is open
        set typed (string unescape -- (commandline -ct)$end); and break
    end
    set -l program (string replace -r '^~(?=/)' -- $HOME $words[1])
    set -l out ($program __complete $words[2..-1] $typed 2>/dev/null); or return
    # What is behind --flag= comes without it, and fish wants whole words.
    set -l flag (string match -r -- '^--[^=]*=' $typed); or set flag ''
    for line in $out[1..-2] # the last is for other shells
        printf '%s\n' $flag(string replace -a '`' '' -- $line)
    end
end

complete -c scenario -e
complete -c scenario -f -a '(__scenario_complete)'
