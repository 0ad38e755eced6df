#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run.sh BIN ISOTP_ASK WORK - boots Debian's kernel, which has CAN, in an emulated machine, and there runs the
# vehicle on a virtual interface against the kernel's own ISO-TP and against limphome-master (guest.sh).
# BIN: folder of the programs; WORK: where the kernel package is kept and the recordings are left.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
bin=$(cd "$1" && pwd)
isotp_ask=$2
mkdir -p "$3"
work=$(cd "$3" && pwd)
. "$here/machine.sh"

fill_tree() {
    local program
    for program in "$bin/limphome" "$bin/limphome-master" "$isotp_ask" /usr/bin/{candump,cansend,isotpsend}; do
        put_program "$program"
    done
    cp "$here/job.json" "$root/vehicles/single.json" "$tree/test/"
    # A second bus, with CAN FD and nobody on it: the chip of the ECU knows classical frames only.
    sed 's/"data_bitrate": 0 }/&, { "name": "can1", "bitrate": 500000, "data_bitrate": 2000000 }/' \
        "$root/vehicles/single.json" >"$tree/test/fd.json"
    LIMPHOME=$bin/limphome "$root/vehicles/make-image.sh" 1.0.0 "$tree/test/old.s19" 8
    LIMPHOME=$bin/limphome "$root/vehicles/make-image.sh" 2.0.0 "$tree/test/new.s19" 8
}

# What was on the kernel's interface, read by a program that is not ours.
check_recording() {
    local malformed messages
    malformed=$(tshark -r "$work/candump.log" -d can.subdissector,iso15765 -d iso15765.subdissector,uds \
        -Y '_ws.malformed' 2>/dev/null | head -n 5)
    messages=$(tshark -r "$work/candump.log" -d can.subdissector,iso15765 -d iso15765.subdissector,uds \
        -Y 'uds.sid == 0x36 && uds.reply == 1' 2>/dev/null | wc -l)
    if [ -z "$malformed" ] && [ "$messages" -ge 8 ]; then
        echo "RESULT PASS tshark reads the recording: $messages answers to TransferData, nothing malformed"
    else
        echo "RESULT FAIL tshark: $messages answers to TransferData; malformed: $malformed"
    fi
}

fetch_kernel
begin_tree tree "$here/guest.sh"
fill_tree
boot "$work/console.txt" "$work/candump.log" 240
check_recording >>"$work/console.txt"
grep -E '^(RESULT|MEASURE|answer|expected|    )' "$work/console.txt"
grep -q '^RESULT DONE' "$work/console.txt" || fail "the tests did not run to their end; see $work/console.txt"
! grep -q '^RESULT FAIL' "$work/console.txt"
