#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Blows from outside: guests and the simulator itself are killed at many moments of a run.

    outside.py LIMPHOME FOLDER_OF_ATTACK

The simulator must end within seconds, with 128 plus the signal if its program was killed, and nobody
may be left behind.
"""
import os
import pathlib
import signal
import subprocess
import sys
import time

BLOWS = 12
LIMIT_S = 10
# The first guest, the process that the simulator started it through, and the simulator.
TARGETS = ("guest", "launcher", "simulator")


def children_of(pid):
    """All descendants, the eldest first."""
    found = []
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        try:
            found += [int(child) for child in (task / "children").read_text().split()]
        except OSError:
            continue
    return found + [younger for child in found for younger in descendants(child)]


def descendants(pid):
    try:
        return children_of(pid)
    except OSError:
        return []


def is_alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def named(family, name):
    for pid in family:
        try:
            if pathlib.Path(f"/proc/{pid}/comm").read_text().strip() == name:
                return pid
        except OSError:
            continue
    return None


def strike(limphome, attack, number, target):
    """The fault, or None."""
    child = subprocess.Popen([limphome, "exec", "--", attack, "victim"], stdout=subprocess.DEVNULL,
                             stderr=subprocess.PIPE)
    time.sleep(0.1 + number * 0.037)
    family = descendants(child.pid)
    victim = {"simulator": child.pid, "launcher": family[0] if family else None,
              "guest": named(family, os.path.basename(attack))}[target]
    blow = signal.SIGTERM if target == "simulator" and number % 2 else signal.SIGKILL
    if not victim:
        child.kill()
        child.communicate()
        return f"there was no {target} yet"
    os.kill(victim, blow)
    try:
        errors = child.communicate(timeout=LIMIT_S)[1].decode(errors="replace")
    except subprocess.TimeoutExpired:
        child.kill()
        child.communicate()
        return f"still there {LIMIT_S} s after the blow"
    time.sleep(0.2)
    left = [pid for pid in family if is_alive(pid)]
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    if left:
        return f"left {len(left)} guests behind"
    if target == "guest" and child.returncode != 128 + signal.SIGKILL:
        return f"code {child.returncode}; {errors.strip()[-200:]}"
    if target == "launcher" and (child.returncode <= 0 or not errors):
        return f"code {child.returncode} and nothing said"
    return None


def main():
    limphome, attack = sys.argv[1], os.path.join(sys.argv[2], "attack")
    faults = []
    total = len(TARGETS) * BLOWS
    for target in TARGETS:
        for number in range(BLOWS):
            fault = strike(limphome, attack, number, target)
            if fault:
                faults.append(f"{target}, blow {number}: {fault}")
    for fault in faults:
        print(fault)
    print(f"{total - len(faults)} of {total} blows survived")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
