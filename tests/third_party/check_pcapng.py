#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tshark reads the bus.pcapng of each play of the catalogue as CAN, ISO 15765-2 and UDS, and finds nothing malformed.

    check_pcapng.py LIMPHOME [PATTERN...]

Plays that a fault makes malformed on purpose are named below, with the identifier that it strikes; one that is no longer
malformed is told too. The plays of a case are read in one go, one after the other; each group is deleted once it is read.
"""
import collections
import concurrent.futures
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

DISSECT = ["-d", "can.subdissector,iso15765", "-d", "iso15765.subdissector,uds"]
NOTE = 0x400000  # The lowest severity that is a remark about the frame; below lie comments and "chat".
FIELDS = ("can.id", "uds.sid", "_ws.expert.message")

# Case, identifier, and why what tshark says of frames with it is meant.
MEANT = {
    ("COM-07", 0x7E8): "answers that are cut short or have other bytes: the subject of the case",
    ("COM-14", 0x001): "bus load: frames of random bytes that are no ISO-TP",
    ("STB-06", 0x7FF): "bus load: frames of random bytes that are no ISO-TP",
}


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))[:500]}\nended with {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def lines_logged(folder):
    return [line for log in folder.rglob("bus.log") for line in log.read_bytes().splitlines()]


def read_case(folder):
    """What tshark says of the plays of a case: (identifier, message) and how often; how many UDS messages; what is wrong."""
    files = sorted(folder.rglob("bus.pcapng"))
    joined = folder / "all.pcapng"
    run("mergecap", "-a", "-w", joined, *files)
    told, messages, wrong = collections.Counter(), 0, []
    frames = int(run("capinfos", "-c", "-M", "-T", "-r", joined).split("\t")[1])
    lines = lines_logged(folder)
    if frames != len(lines):
        wrong.append(f"{folder.name}: {frames} frames in {len(files)} pcapng, {len(lines)} lines in bus.log")
    rows = run("tshark", "-r", joined, *DISSECT, "-Y", f"uds || _ws.malformed || _ws.expert.severity >= {NOTE}", "-T", "fields",
               *(word for field in FIELDS for word in ("-e", field)))
    for row in rows.splitlines():
        identifier, service, message = (row + "\t\t").split("\t")[:3]
        messages += service != ""
        if message:
            told[int(identifier, 0), message] += 1
    # A master that refuses a package asks nothing.
    if messages == 0 and any(b" 7E0#" in line for line in lines):
        wrong.append(f"{folder.name}: tshark sees no UDS message in {frames} frames, and there are requests among them")
    return folder.name, frames, messages, told, wrong


def groups_of(limphome, patterns):
    cases = json.loads(run(limphome, "list", "--json", *patterns))
    groups = collections.defaultdict(list)
    for case in cases:
        groups[case["group"]].append(case["id"])
    return groups


def judge(case, told, used):
    for (identifier, message), count in sorted(told.items()):
        if (case, identifier) in MEANT:
            used.add((case, identifier))
        else:
            yield f"{case}: tshark says of {count} frames with identifier {identifier:03X}: {message}"


def main():
    limphome, patterns = sys.argv[1], sys.argv[2:]
    faults, used, cases, frames, messages = [], set(), set(), 0, 0
    with tempfile.TemporaryDirectory() as base, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for group, names in groups_of(limphome, patterns).items():
            out = pathlib.Path(base, group)
            run(limphome, "run", *names, "--keep-traces", "--out", out)
            for case, case_frames, case_messages, told, wrong in pool.map(read_case, (out / name for name in names)):
                faults += [*wrong, *judge(case, told, used)]
                cases.add(case)
                frames, messages = frames + case_frames, messages + case_messages
            shutil.rmtree(out)
    faults += [f"{case}: nothing is malformed with identifier {identifier:03X} any more" for case, identifier in MEANT.keys() - used if case in cases]
    print(f"{len(cases)} cases, {frames} frames, {messages} UDS messages, {len(faults)} faults", *faults, sep="\n")
    sys.exit(1 if faults or messages == 0 else 0)


if __name__ == "__main__":
    main()
