# SPDX-License-Identifier: Apache-2.0
"""What a power cut costs: the same sweep with the reference master in process, with the same master as a guest, and
with one in Python; each going through all recoveries to their ends, and joining those whose ends are known. Rounds
are interleaved; figures are medians.

    explore_guests.py BIN MASTERS
"""
import pathlib
import re
import resource
import statistics
import subprocess
import sys
import time

ROUNDS = 3
bin_folder, masters = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
reference, minimal = (["--master", masters / name] for name in ("reference.json", "minimal.json"))
ALL = ["--no-join", "--sample"]
ROWS = (
    ("reference in process, 1 KB, each recovery", ["--size", "1", *ALL, "1000"]),
    ("reference as guest, 1 KB, each recovery", ["--size", "1", *ALL, "300", *reference]),
    ("reference as guest, 8 KB, each recovery", ["--size", "8", *ALL, "300", *reference]),
    ("reference as guest, 1 KB, pairs, each recovery", ["--size", "1", "--depth", "2", *ALL, "150", *reference]),
    ("minimal (Python) as guest, 1 KB, each recovery", ["--size", "1", *ALL, "30", *minimal]),
    ("reference in process, 1 KB, all cuts", ["--size", "1"]),
    ("reference as guest, 1 KB, all cuts", ["--size", "1", *reference]),
    ("reference as guest, 1 KB, pairs, log, a tenth",
     ["--size", "1", "--depth", "2", "--mode", "log", "--shard", "5/10", *reference]),
    ("reference as guest, 8 KB, cuts before and after", ["--size", "8", "--mode", "linear", *reference]),
    ("reference as guest, 8 KB, all cuts", ["--size", "8", *reference]),
    ("minimal (Python) as guest, 1 KB, log", ["--size", "1", "--mode", "log", *minimal]),
)
CUTS = re.compile(r"([0-9]+)  tried\n")


def processor_s():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def timed(options):
    """cuts, wall and processor time in s"""
    used, begin = processor_s(), time.monotonic()
    result = subprocess.run([bin_folder / "limphome", "explore", "power", "--jobs", "1", *options],
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    if result.returncode not in (0, 1):  # 1: a recovery was not good.
        sys.exit(f"explore power {options}: exit code {result.returncode}")
    return int(CUTS.search(result.stdout)[1]), time.monotonic() - begin, processor_s() - used


results = {name: [] for name, _ in ROWS}
for _ in range(ROUNDS):
    for name, options in ROWS:
        results[name].append(timed(options))
for name, runs in results.items():
    cuts = runs[0][0]
    wall, cpu = (statistics.median(run[i] for run in runs) for i in (1, 2))
    print(f"{name:48} {cuts:6} cuts  {cuts / wall:6.0f}/s by wall  {cuts / cpu:6.0f}/s by processor  "
          f"{1000 * cpu / cuts:6.2f} ms each")
