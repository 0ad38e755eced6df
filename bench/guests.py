# SPDX-License-Identifier: Apache-2.0
"""What programs under test cost: a whole update by limphome-master as an unmodified guest, frames between two
guests, and hand-overs. Each figure is the median of several rounds, which are interleaved.

    guests.py BIN VEHICLE OLD.s19 NEW.s19 WORK_FOLDER
"""
import json
import pathlib
import re
import resource
import shutil
import statistics
import subprocess
import sys
import time

ROUNDS = 7
HAND_OVERS = 20000
FRAMES = 20000

bin_folder, vehicle, old, new, work = (pathlib.Path(argument).resolve() for argument in sys.argv[1:6])
limphome = bin_folder / "limphome"
loop = bin_folder / "guest_loop"
SUMMARY = re.compile(r"limphome: (?:([0-9]+) min )?([0-9.]+) (m?s) of virtual time in .*?, ([0-9]+) calls, ([0-9]+) frames")
JOB = {
    "campaign": "bench", "action": "update",
    "ecu": {"request_id": "0x7E0", "response_id": "0x7E8", "functional_id": "0x7DF", "hardware_id": "BCM-HW-1",
            "secret": "0x4C494D50", "windows": [["0x780000", "0x7F8000"], ["0x7FA000", "0x7FC000"]]},
    "image": {"path": str(new), "version": "2.0.0"},
    "state_folder": "state",
}


def vehicle_with(name, **changes):
    tree = json.loads(vehicle.read_text(encoding="utf-8"))
    for key, value in changes.items():
        tree["buses" if key == "timing" else "ecus"][0][key] = value
    path = work / f"{name}.json"
    path.write_text(json.dumps(tree), encoding="utf-8")
    return path


def processor_s():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def timed(command):
    """wall and processor time in s, what it wrote on standard error"""
    shutil.rmtree(work / "state", ignore_errors=True)
    used, begin = processor_s(), time.monotonic()
    result = subprocess.run(command, cwd=work, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                            check=True)
    return time.monotonic() - begin, processor_s() - used, result.stderr


def virtual_s(text):
    found = SUMMARY.search(text)
    return int(found[1] or 0) * 60 + float(found[2]) / (1000 if found[3] == "ms" else 1), int(found[4]), int(found[5])


def interleaved(rows):
    """name -> list of timed(), the rounds of all rows taking turns"""
    results = {name: [] for name, _ in rows}
    for _ in range(ROUNDS):
        for name, command in rows:
            results[name].append(timed(command))
    return results


def median(values):
    return statistics.median(values)


def updates():
    rows, targets = [], {"block": 200, "s19-line": 100}
    for style, blocks in (("block", 4095), ("s19-line", 1026)):
        path = vehicle_with(style, transfer=style, block_length=blocks)
        job = work / f"job-{style}.json"
        job.write_text(json.dumps({**JOB, "transfer": {"style": style, "check": "sha1"}}), encoding="utf-8")
        for way, options in (("shared memory", []), ("calls", ["--no-preload"])):
            rows.append(((style, way), [limphome, "exec", "--vehicle", path, "--image", old, "--trace",
                                        "trace", *options, "--", bin_folder / "limphome-master", "--if", "can0",
                                        "--job", job, "--quiet"]))
    for (style, way), runs in interleaved(rows).items():
        virtual, calls, frames = virtual_s(runs[0][2])
        wall, cpu = median([run[0] for run in runs]), median([run[1] for run in runs])
        goal = f" ({virtual / wall / targets[style]:.2f} of the target {targets[style]})" if way != "calls" else ""
        print(f"update, {style + ', by ' + way:28} {virtual:5.1f} s virtual  {virtual / wall:5.0f} x real time{goal}, "
              f"{virtual / cpu:.0f} x by processor time  "
              f"{1000 * wall:.0f} ms wall, {1000 * cpu:.0f} ms processor, {calls} calls, {frames} frames without")


def frames_between():
    rows = []
    for name, path in (("instant", vehicle_with("instant", timing="instant")), ("timed", vehicle)):
        for way, options in (("shared memory", []), ("calls", ["--no-preload"])):
            script = f"{loop} receive can0 {FRAMES} & {loop} send can0 {FRAMES}; wait"
            rows.append((f"{name} bus, by {way}",
                         [limphome, "exec", "--vehicle", path, *options, "--", "sh", "-c", script]))
    for name, runs in interleaved(rows).items():
        wall, cpu = median([run[0] for run in runs]), median([run[1] for run in runs])
        print(f"frames between two guests, {name:30} {FRAMES / wall / 1000:5.0f} thousand/s  "
              f"{1e6 * cpu / FRAMES:5.1f} us of processor per frame")


def hand_overs():
    rows = []
    for what in ("semaphore", "pipe", "sleep"):
        rows.append(((what, "guest"), [limphome, "exec", "--", loop, what, str(HAND_OVERS)]))
        rows.append(((what, "native"), [loop, what, str(HAND_OVERS)]))
    results = interleaved(rows)
    for what, text in (("semaphore", "semaphore, two threads"), ("pipe", "pipe, two processes"),
                       ("sleep", "sleep of 10 us")):
        guest = median([run[0] for run in results[what, "guest"]])
        native = median([run[0] for run in results[what, "native"]])
        per_round = 1 if what == "sleep" else 2
        print(f"hand-over, {text:24} {1e6 * guest / HAND_OVERS / per_round:5.1f} us as guest, "
              f"{1e6 * native / HAND_OVERS / per_round:5.1f} us natively, ratio {guest / native:.2f}")


work.mkdir(parents=True, exist_ok=True)
updates()
frames_between()
hand_overs()
