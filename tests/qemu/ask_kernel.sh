#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ask_kernel.sh PROGRAMS EXPECTED WORK [--accept] - runs each program of the folder PROGRAMS on Debian's kernel in an
# emulated machine, and compares what they print with the files of the folder EXPECTED, which it writes if --accept is
# given. WORK: where the kernel package is kept; the answers are left in WORK/answers.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
programs=$(cd "$1" && pwd)
expected=$(cd "$2" && pwd)
mkdir -p "$3"
work=$(cd "$3" && pwd)
. "$here/machine.sh"

fetch_kernel
begin_tree tree_kernel "$here/ask_kernel_guest.sh"
for program in "$programs"/*; do
    put_program "$program"
    basename "$program" >>"$tree/test/programs"
done
# The clock of the machine counts its instructions and leaps over sleep: no load of this one changes an answer.
boot "$work/kernel_console.txt" "$work/answers.tar" 200 -icount shift=0,sleep=off -rtc clock=vm
grep -q '^RESULT DONE' "$work/kernel_console.txt" ||
    fail "the programs did not run to their end; see $work/kernel_console.txt"
rm -rf "$work/answers"
mkdir "$work/answers"
tar -x -m -C "$work/answers" -f "$work/answers.tar"
if [ "${4:-}" = --accept ]; then
    rm -f "$expected"/*.txt
    cp "$work"/answers/*.txt "$expected/"
fi
diff -u "$expected" "$work/answers" || fail "the kernel gives other answers than $expected says"
