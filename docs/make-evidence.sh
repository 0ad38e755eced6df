#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# make-evidence.sh PART... >docs/evidence.md - what the sweeps have counted, by the commands that counted it.
# PART: small (half a minute), nested (two cuts at random; a minute), deep (two cuts, 1 KB; a minute), pairs (two cuts,
# 8 KB; most of an hour), large (64 KB; some minutes), storage (the state folder of the master; a minute), guests
# (limphome-master as a guest; a minute), faults (random schedules, and what is left of those that go wrong; a minute),
# mutants (defects that are found; two minutes). On two cores that have nothing else to do.
set -euo pipefail
limphome=$(realpath "${LIMPHOME:-$(dirname "${BASH_SOURCE[0]}")/../build/bin/limphome}")

sweep_of() { # KIND OPTION...: a sweep with a finding is evidence as well
    printf '\n```console\n$ limphome explore %s\n' "$*"
    "$limphome" explore "$@" || true
    printf '```\n'
}

sweep() { # OPTION...
    sweep_of power "$@"
}

every_way() { # OPTION...: in both styles, with both rules of resuming
    for style in block s19-line; do
        for resume in full remaining; do
            sweep "$@" --style "$style" --resume "$resume"
        done
    done
}

small() {
    printf '\n## Every cut of an update of 8 KB\n'
    every_way --size 8
}

nested() {
    printf '\n## Two cuts at random: an update of 8 KB\n'
    every_way --size 8 --depth 2 --sample 500
}

deep() {
    printf '\n## Two cuts: an update of 1 KB, before and after each operation, and so each of its recoveries\n'
    every_way --size 1 --depth 2 --mode linear
}

pairs() {
    printf '\n## Every two cuts of an update of 8 KB\n'
    every_way --size 8 --depth 2
}

large() {
    printf '\n## Every cut of an update of 64 KB\n'
    every_way --size 64
}

faults() {
    printf '\n## Random schedules of faults\n'
    cat <<'EOF'

No finding is open. The smallest schedules that once went wrong are kept as tests (tests/explore/test_fault_found.c).
EOF
    sweep_of faults --schedules 1000 --seed 1
    sweep_of faults --schedules 1000 --seed 2 --style s19-line
    sweep_of faults --schedules 1000 --seed 3 --resume remaining
    sweep_of faults --schedules 500 --seed 4 --faults 40
    cat <<'EOF'

Three defects, put between the object files by the linker: a bootloader that keeps the old application marked valid, one
that takes what reads as blank for blank, and a master that reports success as soon as it sees the new version again and
so leaves the network silent. For each the first schedule of 40 faults that goes wrong, and what is left of it; the test wants
three faults at most, in less than a minute.
EOF
    printf '\n```console\n$ test_fault_mutant\n'
    "$(dirname "$limphome")/../tests/explore/test_fault_mutant" 2>&1 | grep -v '^\['
    printf '```\n'
}

storage() {
    printf '\n## Every call of the master on its state folder: an update of 8 KB\n'
    for style in block s19-line; do
        sweep_of storage --size 8 --style "$style"
    done
    printf '\n## The same with the master away for longer than the ECU keeps its session\n'
    sweep_of storage --size 8 --master-off 10s
    printf '\n## Two faults of the state folder in a row, at random\n'
    sweep_of storage --size 8 --depth 2 --sample 1000
    printf '\n## A cut of the ECU and a loss of the master, at random\n'
    sweep_of storage --size 8 --with-power --sample 1000
}

guests() {
    printf '\n## The master as a guest: an unmodified program in virtual time\n'
    (
        cd "$(dirname "${BASH_SOURCE[0]}")/.."
        sweep_of power --size 1 --master masters/reference.json
        sweep_of power --size 1 --depth 2 --sample 60 --master masters/reference.json
        sweep_of storage --size 1 --master masters/reference.json
        sweep_of faults --size 1 --schedules 1000 --master masters/reference.json
    )
}

mutants() {
    printf '\n## Defects that sweeps find without help\n\n'
    printf 'Bootloaders (B) and masters (M) with one defect each: patches in `mutants/`, by `tests/explore/check_mutants.py`.\n'
    printf 'The first point of the first sweep that goes wrong; played alone it does so again, and without the defect it does not.\n\n'
    python3 "$(dirname "${BASH_SOURCE[0]}")/../tests/explore/check_mutants.py" \
        "$(dirname "$limphome")/.." "$(dirname "${BASH_SOURCE[0]}")/.." --table || true
}

cat <<'EOF'
# Evidence

What was tried, and what came of it. Each block is the output of the command above it; `docs/make-evidence.sh` writes
this page. The same command with the same seed prints the same numbers, on any machine and with any number of jobs.

A *point* is an instant of an operation of the update: before it, after one to four fifths of it, after it; of an operation
of flash also after 7 and 93 %, where cells are weak but read as before or as after. Operations are flash commands,
background steps of emulated EEPROM, and frames on the bus. At each point the ECU loses its supply for
10 ms; then the recovery goes on to the end of the campaign, the ECU is reset, and the verdict is found in four parts:
an approved image is installed, it really runs, the update was not lost (a clean retry ends well), and nothing else was
changed. Besides, no recovery may use the flash as its manual forbids, and the ECU, if nobody comes after the cut, may
start nothing but a whole image.

Recoveries that come to the same state are gone through once. Right after a cut a state is the cells of flash with their
weak bits, the values of emulated EEPROM, and what the master has recorded, counted, asked and awaits; later, between two
requests, also the RAM of the ECU. Clocks, wear, and where in its log emulated EEPROM keeps a value are left out. `--no-join` goes through every recovery to its end; a test compares both.
EOF
for part in "$@"; do
    "$part"
done
