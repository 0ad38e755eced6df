#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# slow_reader.sh LIMPHOME - who reads a guest's output, and how slowly, changes nothing in the run: time stands still
# while the pipe is full. Else candump would lose the frames that arrive meanwhile.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
# The other guest keeps time going.
listen=("$1" exec --for 300s -- sh -c 'sleep 1000 & exec candump -L can0')
"${listen[@]}" >"$place/file"
"${listen[@]}" | (sleep 1; cat) >"$place/slowly"
lines=$(wc -l <"$place/file")
[ "$lines" -gt 2900 ] || { echo "candump has written $lines lines, not 3000"; exit 1; }
cmp "$place/file" "$place/slowly"
