#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# demo.sh [FOLDER] - the main job: an OTA master that knows nothing of the simulator updates a simulated ECU from
# 1.0.0 to 2.0.0, then again with a brown-out. Other programs listen, and ask, on the same bus. Works in a source
# tree and in an installation; FOLDER, out/demo by default, gets what it leaves.
set -euo pipefail
here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
bin=$here/../build/bin
[ -x "$bin/limphome" ] || bin=$(realpath "$here/../../../bin")
export LIMPHOME=$bin/limphome
limphome=$LIMPHOME
out=${1:-out/demo}
mkdir -p "$out"

"$here/make-image.sh" 1.0.0 "$out/bcm-1.0.0.s19"
"$here/make-image.sh" 2.0.0 "$out/bcm-2.0.0.s19"
cp "$here/demo-job.json" "$out/job.json"
echo "image: $(wc -l <"$out/bcm-2.0.0.s19") lines, made by $(srec_cat -VERSion | head -n 1)"
srec_info "$out/bcm-2.0.0.s19" -motorola

# The state folder holds the master's journal: a campaign that is done is not begun again.
update() { # NAME OPTIONS-OF-EXEC...
    local name=$1
    shift
    rm -rf "$out/state-$name"
    "$limphome" exec --vehicle "$here/single.json" --image "$out/bcm-1.0.0.s19" --trace "$out/$name" "$@" -- \
        "$bin/limphome-master" --if can0 --job "$out/job.json" --state "$out/state-$name" \
        >"$out/$name.json"
    grep -E '"(result|version|requests|resends|interruptions)"' "$out/$name.json"
}

echo
echo "--- limphome-master, an ordinary SocketCAN program, runs unmodified in virtual time:"
echo "    limphome exec -- limphome-master --if can0 --job $out/job.json"
update nominal

echo
echo "--- the same program, and a brown-out in the middle of segment 2"
update brownout --brownout time=14500ms,level=3600mV,for=1500ms

echo
echo "--- the updated ECU is asked for its version by Debian's isotpsend, while candump listens"
"$limphome" exec --vehicle "$here/single.json" --image "$out/bcm-2.0.0.s19" -- sh -c '
    timeout 1 candump -ta can0,7E0:7F0 & isotprecv -s 7E0 -d 7E8 can0 &
    sleep 0.5; echo 22 F1 89 | isotpsend -s 7E0 -d 7E8 can0; wait'
