#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# make-image.sh VERSION OUT.s19 [KB] - a sample application for the vehicle single.json, made with srec_cat:
# an image header that the virtual ECU understands, and code-like bytes that follow from VERSION alone.
# KB is the size of the image: 380 (default, five segments with gaps), or 8 to 64 (two segments).
# BEHAVIOUR=n in the environment goes into the header (docs/formats.md, "Image header").
set -euo pipefail
version=$1
out=$2
kb=${3:-380}
limphome=${LIMPHOME:-$(dirname "${BASH_SOURCE[0]}")/../build/bin/limphome}
[ -x "$limphome" ] || limphome=limphome # Of an installation.

parts=$(mktemp -d)
trap 'rm -rf "$parts"' EXIT

bytes() { # LENGTH NAME: repeatable bytes without structure
    head -c "$1" /dev/zero | openssl enc -aes-128-ctr -nosalt -pbkdf2 -iter 1 -pass "pass:bcm $version $2" >"$parts/$2"
}

# Start and length of each segment; the first begins with the header.
if [ "$kb" -ge 100 ]; then
    segments=(0x780000:122880 0x7A0000:102400 0x7C0000:147456 0x7F0000:12288 0x7FA000:4096)
else
    segments=(0x780000:$((kb * 1024 - 2048)) 0x7FA000:2048)
fi

header=96
"$limphome" image --version "$version" --hardware BCM-HW-1 --part LH-BCM-12X --build "b$version" \
    --segments ${#segments[@]} --cyclic-id 0x3D0 --cyclic-ms 100 --behaviour "${BEHAVIOUR:-0}" -o "$parts/header"
inputs=("$parts/header" -binary -offset 0x780000)
for segment in "${segments[@]}"; do
    start=${segment%:*}
    length=${segment#*:}
    if [ "$start" = 0x780000 ]; then
        bytes $((length - header)) "$start"
        inputs+=("$parts/$start" -binary -offset $((start + header)))
    else
        bytes "$length" "$start"
        inputs+=("$parts/$start" -binary -offset "$start")
    fi
done
srec_cat "${inputs[@]}" -o "$out" -motorola -address-length=3 -header "bcm $version" \
    -execution-start-address=0x780060
