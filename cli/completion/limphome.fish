# SPDX-License-Identifier: Apache-2.0
function __limphome_cases
    limphome list 2>/dev/null | string match -r '^[A-Z]+-[0-9]+[a-z]?' | string replace -r '^([A-Z]+)(.*)' '$1$2\n$1' |
        string split '\n' | sort -u
end

complete -c limphome -f
complete -c limphome -n __fish_use_subcommand -l help -d 'print help'
complete -c limphome -n __fish_use_subcommand -l version -d 'print the version'
