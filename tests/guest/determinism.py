#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One seed, one trace: runs each guest many times and compares all that it leaves: the digest
of the vehicle's trace, every system call with its instant, and what the guest printed.

    determinism.py [--runs N] [--only REGEX] FOLDER_OF_LIMPHOME FOLDER_OF_TIME_PROGRAMS MAKE_IMAGE

Half of the runs have the machine for themselves, the others share every core with a busy loop. What
differs is shown: the first line of the trace that is not the same.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

DIGEST = re.compile(r"([0-9]+ calls, [0-9]+ frames) without one; .*digest ([0-9a-f]{32})")
LIMIT_S = 120
HERE = pathlib.Path(__file__).resolve().parent
JOB = {
    "campaign": "repeat", "action": "update",
    "ecu": {"request_id": "0x7E0", "response_id": "0x7E8", "functional_id": "0x7DF",
            "hardware_id": "BCM-HW-1", "secret": "0x4C494D50",
            "windows": [["0x780000", "0x7F8000"], ["0x7FA000", "0x7FC000"]]},
    "image": {"path": "new.s19", "version": "2.0.0"},
    "transfer": {"style": "block", "check": "sha1"},
    "state_folder": "state",
}


def guests(options):
    """name, command, needs images"""
    programs, python = options.programs, ["python3"]
    return [
        # The variable is for builds with AddressSanitizer, whose search for leaks wants to trace.
        ("limphome-master", ["env", "ASAN_OPTIONS=detect_leaks=0", str(options.bin / "limphome-master"),
                             "--if", "can0", "--job", "job.json"],
         True),
        ("threads of C++", [str(programs / "cxx"), "pool"], False),
        ("futures of C++", [str(programs / "cxx"), "futures"], False),
        ("threads of C", [str(programs / "threads"), "contended"], False),
        ("processes", [str(programs / "processes"), "many"], False),
        ("large writes", [str(programs / "pipes"), "mebibyte"], False),
        ("threads of Python", [*python, str(HERE / "time/threaded.py"), "queues"], False),
        ("interpreter lock of Python", [*python, str(HERE / "time/threaded.py"), "ordered"], False),
        ("asyncio", [*python, str(HERE / "time/asynchronous.py"), "limits"], False),
        ("asyncio and processes", [*python, str(HERE / "time/asynchronous.py"), "subprocesses"], False),
        ("node", ["node", str(HERE / "time/program.js"), "timers"], False),
        ("node and processes", ["node", str(HERE / "time/program.js"), "children"], False),
        ("static program", [str(programs / "static_threads"), "mutex"], False),
        ("candump and cansend",
         ["sh", "-c", "candump -L -n 20 can0 & cangen -g 10 -I i -L 8 -D i -n 20 can0; wait"], False),
    ]


def prepare(options, folder):
    """Images and job of the update, made once."""
    for name, version in (("old.s19", "1.0.0"), ("new.s19", "2.0.0")):
        subprocess.run([options.make_image, version, folder / name], check=True,
                       stdout=subprocess.DEVNULL,
                       env={**os.environ, "LIMPHOME": str(options.bin / "limphome")})
    (folder / "job.json").write_text(json.dumps(JOB), encoding="utf-8")


def run_once(options, command, images, folder):
    """(digest and output, or what was wrong; the trace folder)"""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir()
    extra = []
    if images:
        for name in ("old.s19", "new.s19", "job.json"):
            shutil.copy(options.images / name, folder)
        (folder / "state").mkdir()
        extra = ["--image", "old.s19"]
    environment = {"PATH": os.environ["PATH"], "HOME": "/", "LC_ALL": "C", "TZ": "UTC",
                   "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        result = subprocess.run(
            [options.bin / "limphome", "exec", "--seed", "7", *extra, "--trace", "trace", "--",
             *command],
            cwd=folder, env=environment, capture_output=True, text=True, timeout=LIMIT_S, check=False,
            stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return f"not done after {LIMIT_S} s"
    digest = DIGEST.search(result.stderr + result.stdout)
    if result.returncode != 0 or not digest:
        return f"code {result.returncode}: {result.stderr.strip()[-300:]}"
    return f"{digest[2]}\n{digest[1]}\n{result.stdout}"


def first_difference(a, b):
    for name in ("events.log", "bus.log"):
        try:
            left = (a / "trace" / name).read_text(errors="replace").splitlines()
            right = (b / "trace" / name).read_text(errors="replace").splitlines()
        except OSError:
            continue
        for number, (one, other) in enumerate(zip(left, right), 1):
            if one != other:
                return f"{name}, line {number}:\n        {one}\n        {other}"
        if len(left) != len(right):
            return f"{name}: {len(left)} lines and {len(right)} lines"
    return "no difference in the logs"


def compare(options, name, command, images, work):
    """Runs one guest often. Prints the outcome, returns whether all were the same."""
    folder = work / "first"
    outcomes = [run_once(options, command, images, folder)]
    different = None
    for number in range(1, options.runs):
        load = []
        if number >= options.runs // 2:
            load = [subprocess.Popen([sys.executable, "-c", "while True: pass"])
                    for _ in range(os.cpu_count())]
        try:
            outcomes.append(run_once(options, command, images, work / "next"))
        finally:
            for process in load:
                process.kill()
                process.wait()
        if outcomes[-1] != outcomes[0] and not different:
            different = f"run {number + 1}{' (busy machine)' if load else ''}: " + first_difference(
                folder, work / "next")
    good = len(set(outcomes)) == 1 and re.match(r"[0-9a-f]{32}\n", outcomes[0])
    print(f"{'pass' if good else 'FAIL'} {name}: {len(outcomes)} runs, {len(set(outcomes))} outcome(s)",
          flush=True)
    if not good:
        print(f"    {different or outcomes[0]}")
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--only", default="")
    parser.add_argument("bin", type=pathlib.Path)
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("make_image", type=pathlib.Path)
    options = parser.parse_args()
    for name in ("bin", "programs", "make_image"):
        setattr(options, name, getattr(options, name).resolve())
    with tempfile.TemporaryDirectory(prefix="limphome-determinism-") as folder:
        options.images = pathlib.Path(folder)
        prepare(options, options.images)
        results = [compare(options, *guest, options.images) for guest in guests(options)
                   if re.search(options.only, guest[0])]
    print(f"{sum(map(bool, results))} of {len(results)} guests have one trace")
    sys.exit(0 if results and all(results) else 1)


if __name__ == "__main__":
    main()
