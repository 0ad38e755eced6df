#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sweeps find bootloaders and masters with one defect each, without being told where to look.

    check_mutants.py BUILD SOURCE [--table] [--all] [--ways N] [NAME...]

Builds a limphome from each patch of mutants/bootloader/ and mutants/ that mutants/explored.json lists as found, and sweeps it in the ways below until a point goes wrong. That point must go wrong again when it is played alone, must not go
wrong without the defect, and its verdict must be the one that explored.json has. --table prints a table for
docs/evidence.md. --all also tries the patches that are not listed, --ways N only the
first N ways.
"""
import argparse
import concurrent.futures
import glob
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time

from mutant_build import Build, read

HERE = os.path.dirname(os.path.realpath(__file__))
SECONDS_MAX = 240
# From quick to slow. All of them find nothing without a defect.
WAYS = (
    "power --size 1 --mode linear --strict --style block --resume full",
    "power --size 9 --mode log --strict --style s19-line --resume remaining",
    "storage --size 1",
    "power --size 3 --mode log --strict --style block --resume remaining --off 3s --vehicle vehicles/pair.json",
    "power --size 32 --mode log --strict --style s19-line --resume full",
    "faults --size 1 --schedules 1000",
    "faults --size 1 --schedules 400 --setting slow-erase",
    "faults --size 1 --schedules 1000 --setting sound",
    "storage --size 3 --style s19-line --sample 500",
    "faults --size 3 --style s19-line --schedules 470 --setting sound",
)
FAILED = re.compile(r"^([a-z][a-z ]*?)(?: \([^)]*\))?: (\S+): limphome (explore .*)$", re.M)
CLEAN = re.compile(r"does not even go well undisturbed: ([a-z ]+)")
TRIED = re.compile(r"^ +(\d+)  tried\b", re.M)


class Found:
    """What the first point that went wrong has come to."""

    def __init__(self, way, verdict, point, replay, tried):
        self.way, self.verdict, self.point, self.replay, self.tried = way, verdict, point, replay, tried


def play(program, line):
    done = subprocess.run([program, *shlex.split(line)], capture_output=True, text=True, timeout=SECONDS_MAX, check=False,
                          cwd=os.path.dirname(os.path.dirname(HERE)))
    return done.returncode, done.stdout + done.stderr


def sweep(program, way):
    """Found, or None."""
    code, said = play(program, f"explore {way} --jobs 1")
    clean = CLEAN.search(said)
    if clean:
        return Found(way, clean[1], "without a fault", f"explore {way}", 0)
    failed, tried = FAILED.search(said), TRIED.search(said)
    if code not in (0, 1) or (code == 1) != bool(failed):
        raise RuntimeError(f"explore {way}: exit code {code}\n{said[-600:]}")
    return failed and Found(way, failed[1], failed[2], failed[3], int(tried[1]) if tried else 0)


def replays(program, found):
    """None, or how the point does not play again."""
    code, said = play(program, found.replay)
    again = CLEAN.search(said) or re.search(r"^verdict  ([a-z ]+?)(?: \([^)]*\))?:", said, re.M)
    if code == 0 or not again or again[1] != found.verdict:
        return f"the point {found.point} was \"{found.verdict}\", and alone it is not: {said[-300:]}"
    return None


def stays_well(program, found):
    if found.point == "without a fault":
        return None  # Each way is tried without a defect as well.
    code, said = play(program, found.replay)
    return None if code == 0 else f"the point {found.point} goes wrong without the defect: {said[-300:]}"


def try_patch(build, patch, ways):
    name = os.path.basename(patch).removesuffix(".patch")
    result = {"name": name, "id": name.split("-")[0], "defect": re.search(r"^Defect: (.*)$", read(patch), re.M)[1]}
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="limphome-mutant-") as folder:
        try:
            program = build.mutate(patch, folder)
            found = next((found for found in (sweep(program, way) for way in WAYS[:ways]) if found), None)
            result["found"] = found
            result["fault"] = found and (replays(program, found) or stays_well(build.program, found))
        except (RuntimeError, subprocess.TimeoutExpired) as error:
            result["found"], result["fault"] = None, str(error)
    result["seconds"] = time.monotonic() - begin
    return result


def patches_of(source, known, arguments):
    patches = [*sorted(glob.glob(os.path.join(source, "mutants", "bootloader", "*.patch"))),
               *sorted(glob.glob(os.path.join(source, "mutants", "M*.patch")))]
    patches = [patch for patch in patches if arguments.all or id_of(patch) in known["found"]]
    return [patch for patch in patches if not arguments.names or id_of(patch) in arguments.names]


def id_of(patch):
    return os.path.basename(patch).split("-")[0].removesuffix(".patch")


def judge(result, known):
    """None, or what is wrong."""
    wanted, found = known["found"].get(result["id"]), result["found"]
    if result["fault"]:
        return result["fault"]
    if wanted and not found:
        return f"no sweep finds it; it should be \"{wanted}\""
    if found and wanted != found.verdict:
        return f"it is \"{found.verdict}\"; mutants/explored.json says " + (f"\"{wanted}\"" if wanted else "nothing of it")
    return None


def print_table(results):
    print("| patch | defect | verdict | first point | of points | sweep |")
    print("|---|---|---|---|---|---|")
    for result in results:
        found = result["found"]
        if found:
            tried = found.tried if found.tried else ""
            print(f"| {result['id']} | {result['defect']} | {found.verdict} | `{found.point}` | {tried} | `{found.way}` |")


def print_line(result, wrong):
    found = result["found"]
    what = f"{found.verdict}: {found.point} of {found.tried} points, {found.way}" if found else "not found"
    print(f"{result['id']:6} {result['seconds']:6.1f} s  {what}" + (f"\n       {wrong}" if wrong else ""), flush=True)


def check_without_defect(build, ways):
    wrong = 0
    for way in WAYS[:ways]:
        found = sweep(build.program, way)
        if found:
            wrong += 1
            print(f"without a defect {way} finds {found.point}: {found.verdict}")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("source")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--ways", type=int, default=len(WAYS))
    parser.add_argument("--all", action="store_true")
    arguments = parser.parse_args()
    build = Build(arguments.build, arguments.source)
    known = json.loads(read(os.path.join(arguments.source, "mutants", "explored.json")))
    patches = patches_of(build.source, known, arguments)
    wrong = check_without_defect(build, arguments.ways)
    results = []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for result in pool.map(lambda patch: try_patch(build, patch, arguments.ways), patches):
            fault = judge(result, known)
            wrong += fault is not None
            results.append(result)
            if not arguments.table or fault:
                print_line(result, fault)
    if arguments.table:
        print_table(results)
    found = sum(result["found"] is not None for result in results)
    if not arguments.table:
        print(f"{found} of {len(results)} found, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
