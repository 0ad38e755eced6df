#!/bin/busybox sh
# SPDX-License-Identifier: Apache-2.0
# ask_kernel_guest.sh - the first process of the booted kernel: runs the programs, all at once, each one alone on two
# virtual interfaces in a network of its own, and sends what they print through the second serial line, as a tar file.
export PATH=/bin TERM=dumb

uptime_ms() {
    awk '{ printf "%d", $1 * 1000 }' /proc/uptime
}

run() { # PROGRAM, with a network that has no interfaces yet
    begin=$(uptime_ms)
    for link in vcan0 vcan1; do
        ip link add dev $link type vcan && ip link set up $link
    done
    timeout -s KILL 60 "$1" vcan0 vcan1 >"$1.txt" 2>&1 || echo "ended with $?" >>"$1.txt"
    echo "MEASURE $1 $(($(uptime_ms) - begin)) ms"
}

if [ "${1:-}" = run ]; then
    run "$2"
    exit
fi

/bin/busybox --install -s /bin
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev
echo
for module in can can-dev can-raw can-isotp can-bcm vcan; do
    insmod "/modules/$module.ko" || echo "RESULT FAIL module $module"
done
mkdir /answers
cd /answers || exit 1
uname -srv >kernel.txt
while read -r program; do
    unshare -n /init run "$program" </dev/null &
done </test/programs
wait
echo "MEASURE all $(uptime_ms) ms"
stty -F /dev/ttyS1 raw
tar -c -f - *.txt >/dev/ttyS1
echo "RESULT DONE"
sync
poweroff -f
