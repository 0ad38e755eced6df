# SPDX-License-Identifier: Apache-2.0
"""Runs programs as guests twice, with CAN frames through shared memory and with a call for each, and demands the
same trace, the same output and the same virtual time.

    fast.py BIN FRAMES VEHICLES WORK
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

bin_folder, frames, vehicles, work = (pathlib.Path(argument).resolve() for argument in sys.argv[1:5])
here = pathlib.Path(__file__).resolve().parent
SUMMARY = re.compile(r"limphome: (.*) of virtual time in .*?, ([0-9]+) calls, ([0-9]+) frames without one; .*"
                     r"digest ([0-9a-f]{32})")
JOB = {
    "campaign": "fast", "action": "update",
    "ecu": {"request_id": "0x7E0", "response_id": "0x7E8", "functional_id": "0x7DF", "hardware_id": "BCM-HW-1",
            "secret": "0x4C494D50", "windows": [["0x780000", "0x7F8000"], ["0x7FA000", "0x7FC000"]]},
    "image": {"path": "new.s19", "version": "2.0.0"},
    "state_folder": "state",
}


def vehicle(name, **changes):
    """single.json with other members of the bus or the ECU."""
    tree = json.loads((vehicles / "single.json").read_text(encoding="utf-8"))
    for key, value in changes.items():
        tree["ecus" if key == "transfer" else "buses"][0][key] = value
    path = work / f"{name}.json"
    path.write_text(json.dumps(tree), encoding="utf-8")
    return path


def run(setup, command, *options):
    """(digest, virtual time, exit code, output), calls, frames without one"""
    shutil.rmtree(work / "run", ignore_errors=True)
    (work / "run").mkdir()
    extra = setup(work / "run")
    result = subprocess.run([bin_folder / "limphome", "exec", *extra, "--for", "60s", "--trace", "trace", *options,
                             "--", *command], cwd=work / "run", capture_output=True, text=True, timeout=120,
                            check=False, stdin=subprocess.DEVNULL)
    found = SUMMARY.search(result.stderr)
    if not found:
        return (f"no summary: {result.stderr.strip()[-300:]}", "", result.returncode, result.stdout), 0, 0
    return (found[4], found[1], result.returncode, result.stdout), int(found[2]), int(found[3])


def on(path):
    return lambda folder: ["--vehicle", path]


def update(style):
    def setup(folder):
        for name in ("old.s19", "new.s19"):
            shutil.copy(work / name, folder)
        job = {**JOB, "transfer": {"style": style, "check": "sha1"}}
        (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
        return ["--image", "old.s19", "--vehicle", vehicle(style, transfer=style)]
    return setup


def main():
    for name, version in (("old.s19", "1.0.0"), ("new.s19", "2.0.0")):
        subprocess.run([vehicles / "make-image.sh", version, work / name], check=True, stdout=subprocess.DEVNULL,
                       env={**os.environ, "LIMPHOME": str(bin_folder / "limphome")})
    master = [bin_folder / "limphome-master", "--if", "can0", "--job", "job.json", "--quiet"]
    timed = vehicle("timed", bitrate=500000)
    instant = vehicle("instant", timing="instant")
    fd = vehicle("fd", data_bitrate=2000000)
    # How many frames at least must not have been a call.
    cases = [("update in blocks", update("block"), master, 50000),
             ("update by lines", update("s19-line"), master, 70000)]
    for part, least in (("bursts", 100), ("spin", 50), ("numbers", 1), ("handlers", 50), ("children", 5),
                        ("threads", 10), ("flexible", 0), ("messages", 100), ("end", 1)):
        cases += [(f"{part} on a timed bus", on(timed), [frames, part], least),
                  (f"{part} on an instant bus", on(instant), [frames, part], least),
                  (f"{part} on a CAN FD bus", on(fd), [frames, part], 5 if part == "flexible" else least)]
    cases += [("cangen in bursts", on(timed), ["cangen", "can0", "-g", "1", "-c", "5", "-p", "10", "-n", "300"], 200),
              ("cangen without pause", on(timed), ["cangen", "can0", "-g", "0", "-p", "10", "-n", "400"], 200),
              ("Python", on(timed), ["/usr/bin/python3", here / "noisy.py"], 100)]
    bad = 0
    for name, setup, command, least in cases:
        by_calls, calls, none = run(setup, command, "--no-preload")
        by_memory, fewer_calls, some = run(setup, command)
        logged, _, _ = run(setup, command, "--calls")
        good = by_calls == by_memory == logged and by_calls[1] and none == 0 and some >= least
        bad += not good
        print(f"{'pass' if good else 'FAIL'} {name}: {calls} calls, {fewer_calls} and {some} frames without one",
              flush=True)
        if not good:
            print(f"    by calls:  {by_calls}\n    by memory: {by_memory}\n    logged:    {logged}"[:3000])
    # Whatever a program writes into the memory, it harms itself only.
    outcome, _, _ = run(on(instant), [frames, "garbage"])
    good = outcome[2] == 0 and "unharmed" in outcome[3]
    print("pass garbage" if good else f"FAIL garbage: {outcome}")
    return bad != 0 or not good


sys.exit(main())
