#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run.sh BIN ISOTP_ASK WORK - boots Debian's kernel, which has CAN, in an emulated machine, and there runs the
# vehicle on a virtual interface against the kernel's own ISO-TP and against limphome-master (guest.sh).
# BIN: folder of the programs; WORK: where the kernel package is kept and the recordings are left.
# TCG, not KVM: it runs everywhere, and nested virtualisation is known to hang.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
bin=$(cd "$1" && pwd)
isotp_ask=$2
limit_s=240
mkdir -p "$3"
work=$(cd "$3" && pwd)

fail() {
    echo "qemu: $*" >&2
    exit 1
}

# The kernel package, once: 70 MB, of which the kernel and six modules are kept.
fetch_kernel() {
    local package
    package=$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
    [ -n "$package" ] || fail "apt knows no kernel linux-image-amd64; run 'apt-get update'"
    if [ -f "$work/kernel.name" ] && [ "$(cat "$work/kernel.name")" = "$package" ]; then
        return
    fi
    rm -rf "$work/kernel" "$work/package"
    mkdir -p "$work/kernel" "$work/package"
    (cd "$work/package" && apt-get download "$package") || fail "$package cannot be downloaded; run 'apt-get update'"
    dpkg-deb --fsys-tarfile "$work"/package/*.deb |
        tar -x -C "$work/package" --wildcards './boot/vmlinuz*' './lib/modules/*/net/can/*'
    cp "$work"/package/boot/vmlinuz-* "$work/kernel/vmlinuz"
    local module
    for module in can can-dev can-raw can-isotp can-bcm vcan; do
        find "$work/package/lib" -name "$module.ko*" -exec cp {} "$work/kernel/" \;
    done
    if compgen -G "$work/kernel/*.xz" >/dev/null; then
        xz -d "$work"/kernel/*.xz
    fi
    rm -rf "$work/package"
    echo "$package" >"$work/kernel.name"
}

put_program() { # FILE: it and the libraries it needs
    cp "$1" "$tree/bin/"
    ldd "$1" | sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p; s/^[[:space:]]*\(\/[^ ]*ld-linux[^ ]*\) .*/\1/p' |
        while read -r library; do
            mkdir -p "$tree$(dirname "$library")"
            cp -nL "$library" "$tree$library"
        done
}

build_initramfs() {
    tree=$work/tree
    rm -rf "$tree"
    mkdir -p "$tree"/{bin,dev,proc,sys,test,modules}
    local program
    for program in "$bin/limphome" "$bin/limphome-master" "$isotp_ask" /usr/bin/{candump,cansend,isotpsend}; do
        put_program "$program"
    done
    cp /bin/busybox "$tree/bin/"
    cp "$work"/kernel/*.ko "$tree/modules/"
    cp "$here/guest.sh" "$tree/init"
    cp "$here/job.json" "$root/vehicles/single.json" "$tree/test/"
    # A second bus, with CAN FD and nobody on it: the chip of the ECU knows classical frames only.
    sed 's/"data_bitrate": 0 }/&, { "name": "can1", "bitrate": 500000, "data_bitrate": 2000000 }/' \
        "$root/vehicles/single.json" >"$tree/test/fd.json"
    LIMPHOME=$bin/limphome "$root/vehicles/make-image.sh" 1.0.0 "$tree/test/old.s19" 8
    LIMPHOME=$bin/limphome "$root/vehicles/make-image.sh" 2.0.0 "$tree/test/new.s19" 8
    chmod +x "$tree/init"
    (cd "$tree" && find . | cpio --quiet -o -H newc | gzip -1) >"$work/initramfs.gz"
}

boot() {
    timeout --kill-after=5 "$limit_s" qemu-system-x86_64 -accel tcg -cpu max -m 512 -nographic -no-reboot \
        -nodefaults -chardev "file,id=console,path=$work/console.log" -serial chardev:console \
        -chardev "file,id=dump,path=$work/candump.log" -serial chardev:dump \
        -kernel "$work/kernel/vmlinuz" -initrd "$work/initramfs.gz" \
        -append "console=ttyS0 panic=-1 quiet" </dev/null ||
        { tail -n 40 "$work/console.log"; fail "the machine did not end within $limit_s s, or qemu failed"; }
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
build_initramfs
rm -f "$work/console.log" "$work/candump.log"
boot
tr -d '\r' <"$work/console.log" >"$work/console.txt"
check_recording >>"$work/console.txt"
grep -E '^(RESULT|MEASURE|answer|expected|    )' "$work/console.txt"
grep -q '^RESULT DONE' "$work/console.txt" || fail "the tests did not run to their end; see $work/console.txt"
! grep -q '^RESULT FAIL' "$work/console.txt"
