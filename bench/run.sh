#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run.sh - every benchmark, one after the other, on one core.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bin=build/bin
folder=build/bench
mkdir -p "$folder"

for name in core can; do
    echo "== $name"
    taskset -c 0 "$bin/bench_$name"
done

echo "== a whole update of 380 KB at 500 kbit/s"
for version in 1.0.0 2.0.0; do
    vehicles/make-image.sh "$version" "$folder/bcm-$version.s19"
done
taskset -c 0 "$bin/bench_update" vehicles/single.json "$folder"/bcm-{1,2}.0.0.s19 "$folder/trace"

echo "== programs under test"
taskset -c 0 python3 bench/guests.py "$bin" vehicles/single.json "$folder"/bcm-{1,2}.0.0.s19 "$folder/guests"

echo "== the page of a whole run"
"$bin/limphome" run --out "$folder/run" >"$folder/run.log" || tail -n 4 "$folder/run.log"
node bench/report.mjs "$bin/limphome" "$folder/run"

echo "== sweeps of power cuts"
python3 bench/explore.py "$bin/limphome"

echo "== sweeps of power cuts with a master as guest"
taskset -c 0 python3 bench/explore_guests.py "$bin" masters
