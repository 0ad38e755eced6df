#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# demo.sh - the main job on the default vehicle: 1.0.0 becomes 2.0.0, then again with a brown-out.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
limphome=build/bin/limphome
out=out/demo
mkdir -p "$out"

vehicles/make-image.sh 1.0.0 "$out/bcm-1.0.0.s19"
vehicles/make-image.sh 2.0.0 "$out/bcm-2.0.0.s19"
echo "image: $(wc -l <"$out/bcm-2.0.0.s19") lines, made by $(srec_cat -VERSion | head -n 1)"
srec_info "$out/bcm-2.0.0.s19" -motorola

update=("$limphome" update --vehicle vehicles/single.json --seed 1
    --from "$out/bcm-1.0.0.s19" --image "$out/bcm-2.0.0.s19" --version 2.0.0)

echo
echo "--- an update, nothing injected"
"${update[@]}" --trace "$out/nominal"

echo
echo "--- the same with a brown-out in the middle of segment 2"
"${update[@]}" --brownout segment=2,at=50%,level=3600mV,for=1500ms --trace "$out/brownout"
