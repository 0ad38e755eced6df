# SPDX-License-Identifier: Apache-2.0
# Above are the tables; here is what reads them.

_limphome_commands() {
    _describe -t commands command _limphome_table
}

_limphome_cases() {
    local -a cases
    cases=(${(f)"$($_limphome_program list 2>/dev/null | sed -nE 's/^([A-Z]+)-([0-9]+[a-z]?) .*/\1-\2\n\1/p' | sort -u)"})
    _alternative 'cases:case:compadd -a cases' 'files:file:_files -g "*.lua"'
}

_limphome() {
    local curcontext=$curcontext state line _limphome_program=$words[1]
    _arguments -C '(- *)--help[print help]' '(- *)--version[print the version]' \
        '1:command:_limphome_commands' '*::argument:->arguments'
    [[ $state == arguments ]] && _limphome_arguments $words[1]
}

if [[ $funcstack[1] == _limphome ]]; then
    _limphome "$@"
else
    compdef _limphome limphome
fi
