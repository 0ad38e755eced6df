#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds every fuzz target with clang's libFuzzer and sanitizers, and runs each for a bounded time
# from a fixed seed. A target names what it links in its header comment: "Sources:" (files, from the
# top of the tree; patterns allowed) and "Packages:" (pkg-config names).
#
# usage: build_and_run.sh SECONDS_PER_TARGET [TARGET...]
#        LIMPHOME_FUZZ_DIR: where binaries, grown corpora and findings go (default: a fresh folder)
set -eu

seconds=${1:?usage: build_and_run.sh SECONDS_PER_TARGET [TARGET...]}
shift
fuzz_dir=$(cd "$(dirname "$0")" && pwd)
source_dir=$(cd "$fuzz_dir/../.." && pwd)
if [ -z "${LIMPHOME_FUZZ_DIR:-}" ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
else
    work=$LIMPHOME_FUZZ_DIR
    mkdir -p "$work"
fi

header_values() { # target word
    sed -n "s|^ \* $2: \(.*\)\$|\1|p" "$fuzz_dir/fuzz_$1.c" | sed 's|\*/||'
}

build() { # target
    sources=$(header_values "$1" Sources)
    packages=$(header_values "$1" Packages)
    flags=
    if [ -n "$packages" ]; then
        # shellcheck disable=SC2086
        flags=$(pkg-config --cflags --libs $packages)
    fi
    # shellcheck disable=SC2086
    (cd "$source_dir" && clang -std=gnu11 -g -O1 -D_GNU_SOURCE -I. -Wall -Wextra -Werror \
        -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
        "tests/fuzz/fuzz_$1.c" $sources $flags -lm -o "$work/fuzz_$1")
}

run() { # target
    mkdir -p "$work/corpus/$1" "$work/findings"
    if ! "$work/fuzz_$1" -seed=1 -max_total_time="$seconds" -max_len=4096 -timeout=10 \
        -print_final_stats=1 -artifact_prefix="$work/findings/$1-" "$work/corpus/$1" \
        "$fuzz_dir/corpus/$1" >"$work/$1.log" 2>&1; then
        tail -40 "$work/$1.log"
        echo "FAIL fuzz_$1; the input, in base64, is above"
        return 1
    fi
    executed=$(sed -n 's/^stat::number_of_executed_units: *//p' "$work/$1.log")
    covered=$(sed -n 's/.*cov: \([0-9]*\).*/\1/p' "$work/$1.log" | tail -1)
    echo "fuzz_$1: $executed inputs, $covered edges covered, nothing found"
}

if [ $# -eq 0 ]; then
    for file in "$fuzz_dir"/fuzz_*.c; do
        name=$(basename "$file" .c)
        set -- "$@" "${name#fuzz_}"
    done
fi
status=0
for target in "$@"; do
    build "$target"
    run "$target" || status=1
done
exit $status
