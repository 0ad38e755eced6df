#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run.sh - programs that this project did not write, as guests.
#
#     run.sh LIMPHOME FOLDER_OF_TEST_PROGRAMS WORK_FOLDER [OPTIONS OF transcript.py]
#
# socketcan's addon is compiled here, against the headers of the node on PATH; its version and those
# of what it needs are pinned in node/package-lock.json.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
limphome=$1 programs=$2 work=$3
shift 3

node_headers() {
    local folder
    for folder in "$(dirname "$(readlink -f "$(command -v node)")")/../include/node" /usr/include/node; do
        [ -f "$folder/node_api.h" ] && { echo "$folder"; return; }
    done
    echo "run.sh: no node_api.h beside $(command -v node); install libnode-dev" >&2
    return 1
}

build_addon() { # into $work/node
    local headers name release
    if cmp -s "$here/node/package-lock.json" "$work/node/built"; then
        return
    fi
    headers=$(node_headers)
    rm -rf "$work/node"
    mkdir -p "$work/node"
    cp "$here"/node/package*.json "$work/node"
    # Its install script wants a newer node than Debian's; compiling two files does not.
    (cd "$work/node" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
    release=$work/node/node_modules/socketcan/build/Release
    mkdir -p "$release"
    for name in can signals; do
        g++ -shared -fPIC -std=c++20 -O1 -DNAPI_DISABLE_CPP_EXCEPTIONS -I"$headers" \
            -I"$work/node/node_modules/node-addon-api" \
            "$work/node/node_modules/socketcan/native/$name.cc" -o "$release/$name.node"
    done
    mv "$release/signals.node" "$release/can_signals.node"
    cp "$here/node/package-lock.json" "$work/node/built"
}

mkdir -p "$work/home"
build_addon
NODE_PATH=$work/node/node_modules HOME=$work/home python3 "$here/../transcript.py" --limphome "$limphome" \
    --path "$programs" "$@" "$here/can_utils.rows" "$here/libraries.rows"
