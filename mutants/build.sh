#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# build.sh SOURCE OUT JOBS PATCH... - builds a limphome-master from each patch: OUT/NAME/limphome-master, or
# OUT/NAME/error.txt if the patch does not apply or does not compile. NAME is that of the patch without ".patch".
# SOURCE holds master/ and sim/proto/, which is all that the master consists of. What a patch does not touch is
# compiled once.
set -euo pipefail
source=$(realpath "$1")
out=$2
jobs=$3
shift 3
mkdir -p "$out/base"
out=$(realpath "$out")

flags=(-std=gnu11 -O1 -g -Wall -Wextra -Werror -D_GNU_SOURCE)
read -ra library_flags <<<"$(pkg-config --cflags libcjson libcrypto zlib)"
read -ra libraries <<<"$(pkg-config --libs libcjson libcrypto zlib)"
export source out

# FILE.c in TREE to FOLDER; the object is called after its path.
compile() { # TREE FOLDER FILE
    "${CC:-cc}" "${flags[@]}" "${library_flags[@]}" -I "$1" -c "$1/$3" -o "$2/${3//\//_}.o"
}

all_files() { # TREE
    (cd "$1" && printf '%s\n' master/*.c sim/proto/*.c)
}

# The files that a patch makes it necessary to compile: those that it touches, or all if one is a header.
stale_files() { # PATCH TREE
    local touched
    touched=$(sed -n 's|^+++ b/\([^[:space:]]*\).*|\1|p' "$1")
    if grep -q '\.h$' <<<"$touched"; then
        all_files "$2"
    else
        echo "$touched"
    fi
}

build_one() { # PATCH
    local patch=$1 name tree file
    name=$(basename "$patch" .patch)
    tree=$out/$name/tree
    rm -rf "${out:?}/$name"
    mkdir -p "$tree" "$out/$name/objects"
    cp -r --parents master sim/proto "$tree"
    patch -p1 -F0 --force --no-backup-if-mismatch --quiet -d "$tree" <"$patch" >"$tree/said" 2>&1 || {
        echo "the patch does not apply:"
        grep -v '^---' "$tree/said"
        return 1
    }
    cp "$out"/base/*.o "$out/$name/objects/"
    for file in $(stale_files "$patch" "$tree"); do
        compile "$tree" "$out/$name/objects" "$file" 2>"$tree/said" || {
            echo "the patched master does not compile:"
            grep -m 3 'error:' "$tree/said" | sed "s|^$tree/||"
            return 1
        }
    done
    "${CC:-cc}" -o "$out/$name/limphome-master" "$out/$name/objects"/*.o "${libraries[@]}"
    rm -rf "$tree" "$out/$name/objects"
}

cd "$source"
running=0
for file in $(all_files .); do
    compile . "$out/base" "$file" &
    running=$((running + 1))
    [ "$running" -lt "$jobs" ] || { wait -n; running=$((running - 1)); }
done
wait

running=0
for patch in "$@"; do
    (
        name=$(basename "$patch" .patch)
        mkdir -p "$out/$name"
        set +e
        (set -e; build_one "$patch") >"$out/$name.log" 2>&1
        code=$?
        [ $code -eq 0 ] || mv "$out/$name.log" "$out/$name/error.txt"
        rm -f "$out/$name.log"
    ) &
    running=$((running + 1))
    [ "$running" -lt "$jobs" ] || { wait -n; running=$((running - 1)); }
done
wait
