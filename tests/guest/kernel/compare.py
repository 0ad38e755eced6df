#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""compare.py PROGRAMS EXPECTED DIFFERENCES BUS -- COMMAND...: runs each program of the folder PROGRAMS by the command,
and compares what it prints with what the kernel answered (EXPECTED/program.txt). DIFFERENCES is a table, in JSON, of
the answers that may differ, and why: program, observation, and the two answers as patterns; a row without observation
is about a program that is not run. It holds for the kind of BUS it names, or for all. A row that is not needed is an
error, too, unless the difference is there "sometimes". ONLY=a,b in the environment runs these programs alone."""

import concurrent.futures
import difflib
import fnmatch
import json
import os
import pathlib
import subprocess
import sys

LIMIT_S = 120
SHOWN_MAX = 40


def observations(text):
    """Lines "name: answer"; a name may hold ": ", an answer never does. What has no name is kept as it is."""
    pairs = []
    for line in text.splitlines():
        name, separator, answer = line.rpartition(": ")
        if line.endswith(":"):
            name, separator, answer = line[:-1], ":", ""
        pairs.append((name, answer) if separator else ("", line))
    return pairs


def run(command, program):
    try:
        done = subprocess.run(command + [str(program), "vcan0", "vcan1"], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, errors="replace", timeout=LIMIT_S)
    except subprocess.TimeoutExpired as expired:
        return (expired.stdout or b"").decode(errors="replace"), f"not done after {LIMIT_S} s"
    fault = f"ended with {done.returncode}: {done.stderr.strip()}" if done.returncode else ""
    return done.stdout, fault


def aligned(expected, found):
    """Pairs of observations of the same name or at least place, None where one side has none."""
    matcher = difflib.SequenceMatcher(None, [name for name, _ in expected], [name for name, _ in found], False)
    for tag, e1, e2, f1, f2 in matcher.get_opcodes():
        if tag == "equal" or e2 - e1 == f2 - f1:
            yield from zip(expected[e1:e2], found[f1:f2])
        else:
            yield from ((pair, None) for pair in expected[e1:e2])
            yield from ((None, pair) for pair in found[f1:f2])


def fits(row, program, kernel, guest):
    name = (kernel or guest)[0]
    return ("observation" in row and program == row["program"] and fnmatch.fnmatchcase(name, row["observation"])
            and fnmatch.fnmatchcase(kernel[1] if kernel else "nothing", row["kernel"])
            and fnmatch.fnmatchcase(guest[1] if guest else "nothing", row["guest"]))


def differences(program, expected, found, rows, used):
    for kernel, guest in aligned(expected, found):
        if kernel == guest:
            continue
        row = next((i for i, row in enumerate(rows) if fits(row, program, kernel, guest)), None)
        if row is not None:
            used.add(row)
            continue
        kernel_text, guest_text = (": ".join(side) if side else "(nothing)" for side in (kernel, guest))
        yield f"kernel: {kernel_text}\n    guest:  {guest_text}"


def main(arguments):
    if "--" not in arguments or arguments.index("--") != 4:
        sys.exit(__doc__)
    programs, expected_folder, table = map(pathlib.Path, arguments[:3])
    command = arguments[5:]
    rows = [row for row in json.loads(table.read_text()) if row.get("bus", arguments[3]) == arguments[3]]
    not_run = {row["program"] for row in rows if "observation" not in row}
    names = sorted({path.name for path in programs.iterdir()} - not_run)
    if only := os.environ.get("ONLY"):
        names = only.split(",")
    used, bad = set(), False
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(run, command, (programs / name).resolve()) for name in names]
        for name, running in zip(names, runs):
            text, fault = running.result()
            expected = observations((expected_folder / f"{name}.txt").read_text())
            faults = list(differences(name, expected, observations(text), rows, used))
            print(f"{'FAIL' if faults or fault else 'PASS'} {name}: {len(expected)} observations, "
                  f"{len(faults)} differ without a reason{'; ' + fault if fault else ''}")
            for line in faults[:SHOWN_MAX]:
                print(f"    {line}")
            bad = bad or bool(faults) or bool(fault)
    for number, row in enumerate(rows):
        needed = "observation" in row and row["program"] in names and not row.get("sometimes")
        if needed and number not in used:
            print(f"FAIL a difference that is not there: {row['program']}: {row['observation']}")
            bad = True
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
