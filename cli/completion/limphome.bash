# SPDX-License-Identifier: Apache-2.0
# Above are the tables; here is what reads them. It needs no other files of completion.

_limphome_cases() {
    "$_limphome_program" list 2>/dev/null | sed -nE 's/^([A-Z]+)-([0-9]+[a-z]?) .*/\1-\2\n\1/p' | sort -u
}

# Fills COMPREPLY from lines.
_limphome_reply() {
    local line
    while IFS= read -r line; do COMPREPLY+=("$line"); done
}

_limphome_files() { # WORD [ENDING]
    compopt -o filenames 2>/dev/null
    if [ -z "${2-}" ]; then
        _limphome_reply < <(compgen -f -- "$1")
    else
        _limphome_reply < <({ compgen -d -- "$1"; compgen -f -X "!*.$2" -- "$1"; } | sort -u)
    fi
}

_limphome_offer() { # WORD KIND [WITH...]
    local word=$1 kind=$2
    shift 2
    case $kind in
    file) _limphome_files "$word" "$@" ;;
    folder) compopt -o filenames 2>/dev/null; _limphome_reply < <(compgen -d -- "$word") ;;
    words) _limphome_reply < <(compgen -W "$*" -- "$word") ;;
    commands) _limphome_reply < <(compgen -W "$_limphome_commands" -- "$word") ;;
    program) _limphome_reply < <(compgen -c -- "$word" | sort -u) ;;
    cases)
        _limphome_reply < <(compgen -W "$(_limphome_cases)" -- "$word")
        [ ${#COMPREPLY[@]} -gt 0 ] || _limphome_files "$word" lua
        ;;
    esac
}

# The index of the program of `limphome exec`, or nothing.
_limphome_guest() {
    local i
    for ((i = 2; i <= COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        --) echo $((i + 1)); return ;;
        -*) [ -z "$(_limphome_kind "${COMP_WORDS[1]}" "${COMP_WORDS[i]}")" ] || i=$((i + 1)) ;;
        *) echo "$i"; return ;;
        esac
    done
}

_limphome() {
    local _limphome_program=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]}
    local command=${COMP_WORDS[1]} before=${COMP_WORDS[COMP_CWORD - 1]} kind guest
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        _limphome_offer "$word" words "$_limphome_commands --help --version"
        return
    fi
    # --option=value are three words.
    if [ "$word" = = ]; then
        word=
    elif [ "$before" = = ]; then
        before=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    kind=$(_limphome_kind "$command" "")
    if [ "${kind%% *}" = program ]; then
        guest=$(_limphome_guest)
        if [ -n "$guest" ] && [ "$COMP_CWORD" -gt "$guest" ]; then
            if declare -F _command_offset >/dev/null; then
                _command_offset "$guest"
            else
                _limphome_files "$word"
            fi
            return
        fi
    fi
    case $before in
    -?*)
        local value
        value=$(_limphome_kind "$command" "$before")
        if [ -n "$value" ]; then
            # shellcheck disable=SC2086 # A kind and what belongs to it.
            _limphome_offer "$word" $value
            return
        fi
        ;;
    esac
    case $word in
    -*) _limphome_offer "$word" words "$(_limphome_options "$command")" ;;
    *)
        # shellcheck disable=SC2086
        _limphome_offer "$word" ${kind:-words $(_limphome_options "$command")}
        ;;
    esac
}

complete -F _limphome limphome
