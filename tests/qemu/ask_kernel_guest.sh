#!/bin/busybox sh
# SPDX-License-Identifier: Apache-2.0
# ask_kernel_guest.sh - the first process of the booted kernel: runs the programs, each one alone on two virtual
# interfaces, and sends what they print through the second serial line, as a tar file.
/bin/busybox --install -s /bin
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev
export PATH=/bin TERM=dumb

for module in can can-dev can-raw can-isotp can-bcm vcan; do
    insmod "/modules/$module.ko" || echo "FAIL module $module"
done
mkdir /answers
cd /answers || exit 1
uname -srv >kernel.txt
while read -r program; do
    for link in vcan0 vcan1; do
        ip link add dev $link type vcan && ip link set up $link
    done
    timeout -s KILL 60 "$program" vcan0 vcan1 >"$program.txt" 2>&1 || echo "ended with $?" >>"$program.txt"
    ip link del vcan0
    ip link del vcan1
done </test/programs
stty -F /dev/ttyS1 raw
tar -c -f - *.txt >/dev/ttyS1
echo
echo "RESULT DONE"
sync
poweroff -f
