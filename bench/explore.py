#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""explore.py LIMPHOME - how fast sweeps of power cuts are, with and without joining equal states, with
memory that is put back and with a process for each play, and how much memory
the largest of their processes takes. The rounds of all rows are interleaved."""

import os
import re
import statistics
import subprocess
import sys
import time

ROUNDS = 5
ROWS = (
    ("one cut, 8 KB", ["--size", "8"]),
    ("one cut, 8 KB, a process each", ["--size", "8", "--fork"]),
    ("one cut, 1 KB", ["--size", "1"]),
    ("one cut, 1 KB, not joined", ["--size", "1", "--no-join"]),
    ("two cuts, 1 KB, --mode linear", ["--size", "1", "--depth", "2", "--mode", "linear"]),
)


def sweep(limphome, options):
    """Cuts tried, wall time, processor time, and the largest resident set of one process in KB."""
    start = time.monotonic()
    process = subprocess.Popen(
        [limphome, "explore", "power", "--style", "block", *options], stdout=subprocess.PIPE, text=True
    )
    text = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    tried = re.search(r"^ *(\d+)  tried$", text, re.MULTILINE)
    if process.returncode != 0 or tried is None:
        sys.exit(f"explore.py: {' '.join(options)} ended with {process.returncode}:\n{text}")
    return int(tried.group(1)), wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    taken = {name: [] for name, _ in ROWS}
    for _ in range(ROUNDS):
        for name, options in ROWS:
            taken[name].append(sweep(sys.argv[1], options))
    print(f"{'sweep':34} {'cuts':>8} {'cuts/s':>8} {'processor per cut':>18} {'memory':>9}")
    for name, _ in ROWS:
        runs = taken[name]
        cuts = runs[0][0]
        wall = statistics.median(run[1] for run in runs)
        processor = statistics.median(run[2] for run in runs)
        print(
            f"{name:34} {cuts:8} {cuts / wall:8.0f} {processor / cuts * 1e6:15.0f} us {max(run[3] for run in runs):6} KB"
        )
    joined, whole = (statistics.median(run[2] for run in taken[ROWS[i][0]]) for i in (2, 3))
    print(f"joining saves {whole / joined:.1f} x")
    ratios = [fork[2] / play[2] for play, fork in zip(taken[ROWS[0][0]], taken[ROWS[1][0]])]
    print(f"putting memory back saves {statistics.median(ratios):.2f} x of processor time (median of rounds)")


if __name__ == "__main__":
    main()
