# SPDX-License-Identifier: Apache-2.0
function __limphome_cases
    limphome list 2>/dev/null | string match -r '^[A-Z]+-[0-9]+[a-z]?' | string replace -r '^([A-Z]+)(.*)' '$1$2\n$1' |
        string split '\n' | sort -u
end

# What fish has for endings offers all other files as well.
function __limphome_files # ENDING
    set -l word (commandline --current-token)
    set -l files $word*.$argv[1]
    printf '%s\n' $files
    __fish_complete_directories $word ''
end

function __limphome_program
    set -l words (commandline --tokenize --cut-at-cursor --current-process)
    set -l at (contains --index -- -- $words); or return
    complete -C (string join ' ' -- (string escape -- $words[(math $at + 1)..]) (commandline --current-token))
end

complete -c limphome -f
complete -c limphome -n __fish_use_subcommand -l help -d 'print help'
complete -c limphome -n __fish_use_subcommand -l version -d 'print the version'
