#!/bin/busybox sh
# SPDX-License-Identifier: Apache-2.0
# guest.sh - the first process of the booted kernel: the tests, one line "RESULT PASS|FAIL name" each.
# The recorded bus goes out through the second serial line.
/bin/busybox --install -s /bin
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev
export PATH=/bin TERM=dumb
cd /test

result() { # NAME [FILE]: of the command that has just ended; FILE is shown if it failed
    if [ "$?" -eq 0 ]; then
        echo "RESULT PASS $1"
    else
        echo "RESULT FAIL $1"
        [ -z "${2:-}" ] || show "$2"
    fi
}

uptime_ms() {
    awk '{ printf "%d", $1 * 1000 }' /proc/uptime
}

show() { # FILE
    sed 's/^/    /' "$1"
}

wait_for() { # FILE TEXT SECONDS
    tries=$(($3 * 10))
    until grep -q "$2" "$1" 2>/dev/null; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        usleep 100000
    done
}

hex() { # TEXT
    printf '%s' "$1" | od -An -tx1 | tr -d ' \n'
}

ask() { # NAME REQUEST ANSWER
    isotp_ask vcan0 7E0 7E8 "$2" "$3"
    result "$1"
}

echo
echo "MEASURE boot $(uptime_ms) ms"
limphome up --vehicle single.json --bus can0=vcan0 >early.log 2>&1
[ $? -eq 3 ] && grep -q modprobe early.log
result "without the modules the message names the command that loads them" early.log

limphome doctor >early.log
[ $? -eq 1 ] && grep -q "modprobe can-raw" early.log && grep -q "modprobe can-isotp" early.log
result "and the doctor says the same" early.log

for module in can can-dev can-raw can-isotp can-bcm vcan; do
    insmod "/modules/$module.ko" || echo "RESULT FAIL module $module"
done
ip link add dev vcan0 type vcan && ip link set up vcan0
result "interface vcan0"

limphome doctor >early.log
result "with modules and interface the doctor finds nothing missing" early.log

limphome up --vehicle single.json --bus can0=nosuch0 >early.log 2>&1
[ $? -eq 3 ] && grep -q "ip link add dev nosuch0 type vcan" early.log
result "an interface that is missing is named with the command that makes it" early.log

candump -L vcan0 >candump.log 2>/dev/null &
dump=$!
limphome up --vehicle single.json --image old.s19 --bus can0=vcan0 --trace trace >up.log 2>&1 &
up=$!
wait_for up.log "bcm: application 1.0.0" 30
result "the vehicle comes up in real time" up.log

vin=$(hex LH0SIMULATED00001)
ask "kernel ISO-TP: one frame each way" 22F189 "62F189$(hex 1.0.0)"
ask "kernel ISO-TP: an answer of several frames" 22F190 "62F190$vin"
ask "kernel ISO-TP: request and answer of several frames" 22F190F189F190F189 \
    "62F190${vin}F189$(hex 1.0.0)F190${vin}F189$(hex 1.0.0)"
ask "kernel ISO-TP: a negative response" 22ABCD 7F2231
printf '22 F1 90' | isotpsend -s 7E0 -d 7E8 -p CC vcan0
result "isotpsend"

begin=$(uptime_ms)
limphome-master --if vcan0 --job job.json >master.log 2>&1
code=$?
echo "MEASURE update $(($(uptime_ms) - begin)) ms"
show master.log
[ "$code" -eq 0 ] && grep -q '"SUCCESS"' master.log
result "limphome-master updates over SocketCAN"
ask "the kernel reads the new version" 22F189 "62F189$(hex 2.0.0)"
sed 's/"campaign": *"[^"]*"/"campaign": "the-same-again"/' job.json >again.json
limphome-master --if vcan0 --job again.json --quiet >again.log 2>&1
[ $? -eq 1 ]
result "a second run of the master finds the ECU up to date"

ip link set down vcan0
wait_for up.log "vcan0: the interface is down" 5
result "an interface that goes down is told" up.log
ip link set up vcan0
sleep 1
ask "and everything works when it is up again" 22F189 "62F189$(hex 2.0.0)"

kill -INT "$up"
wait "$up"
result "Ctrl-C ends the vehicle with exit code 0"
show up.log
grep -q "^stopped after" up.log
result "and with a summary"
kill -INT "$dump"
[ -s trace/bcm.s19 ]
result "the flash is saved"

limphome up --bus can0=vcan0 --cut 2s:500ms --brownout time=5s,level=3600mV,for=500ms --for 6s \
    --trace faults >faults.log 2>&1
[ $? -eq 0 ] && [ "$(grep -c ' fault ' faults/events.log)" -eq 2 ] && grep -q "supply to 0 mV" faults.log
result "faults of the supply fire in real time on the built-in vehicle" faults.log
limphome up --bus vcan0=vcan0 --cut 5s --for 1s >late.log 2>&1
[ $? -eq 1 ] && grep -q "never began" late.log
result "a fault that never began is told" late.log

ip link add dev vcan1 type vcan && ip link set mtu 16 dev vcan1 && ip link set up vcan1
limphome up --vehicle fd.json --bus can1=vcan1 --for 1s >fd.log 2>&1
[ $? -eq 3 ] && grep -q "ip link set vcan1 mtu 72" fd.log
result "an FD bus on a classical interface is refused with the remedy" fd.log
ip link set down vcan1 && ip link set mtu 72 dev vcan1 && ip link set up vcan1
ip link add dev vcan2 type vcan && ip link set up vcan2
candump -L vcan2 >far.log 2>/dev/null &
# Two interfaces on one simulated bus: what enters at one end leaves at the other.
limphome up --vehicle fd.json --bus can1=vcan1 --bus can1=vcan2 --for 6s --trace fd >fd.log 2>&1 &
up=$!
wait_for fd.log "is up on" 10
sleep 1
cansend vcan1 123##1AABBCC
cansend vcan1 1ABCDEF0#R5
cansend vcan1 12345678#0102
sleep 1
ip link del vcan2
wait_for fd.log "vcan2: the interface is gone" 5
result "an interface that is deleted is told" fd.log
wait "$up"
result "and the vehicle goes on without it" fd.log
show fd.log
show far.log
for frame in "123##[15]AABBCC" 1ABCDEF0#R5 12345678#0102; do
    grep -q "$frame" fd/bus.log && grep -q "vcan2 $frame" far.log
    result "$frame crosses the simulated bus unchanged"
done

stty -F /dev/ttyS1 raw
cat candump.log >/dev/ttyS1
echo "RESULT DONE"
sync
poweroff -f
