#!/bin/busybox sh
# SPDX-License-Identifier: Apache-2.0
# ask_kernel_guest.sh - the first process of the booted kernel: runs the programs, each one alone on two virtual
# interfaces of its own, and sends what they print through the second serial line, as a tar file.
/bin/busybox --install -s /bin
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev
export PATH=/bin TERM=dumb

uptime_ms() {
    awk '{ printf "%d", $1 * 1000 }' /proc/uptime
}

for module in can can-dev can-raw can-isotp can-bcm vcan; do
    insmod "/modules/$module.ko" || echo "RESULT FAIL module $module"
done
echo
mkdir /answers
cd /answers || exit 1
uname -srv >kernel.txt
while read -r program; do
    begin=$(uptime_ms)
    # 10 is the queue of a real interface; a virtual one has 1000 and never fills it.
    for link in vcan0 vcan1; do
        ip link add dev $link type vcan && ip link set up $link
    done
    timeout -s KILL 60 "$program" vcan0 vcan1 >"$program.txt" 2>&1 || echo "ended with $?" >>"$program.txt"
    ip link del vcan0
    ip link del vcan1
    echo "MEASURE $program $(($(uptime_ms) - begin)) ms"
done </test/programs
stty -F /dev/ttyS1 raw
tar -c -f - *.txt >/dev/ttyS1
echo "RESULT DONE"
sync
poweroff -f
