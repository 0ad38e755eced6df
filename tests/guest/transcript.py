#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs programs and compares what they print with a transcript, line by line.

    transcript.py [options] ROWS...

A file of rows is a text:

    == NAME [guest-only] [code=N|any] [seconds=N] [sorted] [stderr=REGEX] [-- OPTIONS OF limphome exec]
    $ COMMAND
    what it must print, exactly

A figure after @ at the begin of a word of a command is a number of units: a second as a guest; a fifth of one with --native,
where the same rows run on the real kernel, which proves that the transcripts are right. Rows that a
real kernel cannot answer so (a date, an hour, a CAN bus) are marked guest-only. Everything between
<< and >> in what must be printed is a regular expression.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import shlex
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field

EPOCH_NS = 1_704_067_200 * 10**9  # Virtual runs begin on 2024-01-01, 00:00:00 UTC.
NATIVE_UNIT_NS = 2 * 10**8
NATIVE_TRIES = 4  # A busy machine is late now and then.
UNITS = re.compile(r"(?<!\w)@(\d+(?:\.\d+)?)")
PATTERN = re.compile(r"<<(.*?)>>")


@dataclass
class Row:
    name: str
    guest_only: bool = False
    code: object = 0  # "any": the program's end is not the point, as long as the command's is one.
    seconds: float = 20
    sorted: bool = False
    stderr: str = ""
    options: list = field(default_factory=list)
    command: str = ""
    expected: list = field(default_factory=list)


def parse_head(text):
    words, _, options = text.partition(" -- ")
    name, *flags = shlex.split(words)
    row = Row(name, options=shlex.split(options))
    for flag in flags:
        key, _, value = flag.partition("=")
        if key in ("guest-only", "sorted"):
            setattr(row, key.replace("-", "_"), True)
        elif key in ("code", "seconds"):
            setattr(row, key, value if value == "any" else int(value))
        elif key == "stderr":
            row.stderr = value
        else:
            sys.exit(f"{text}: '{flag}' means nothing")
    return row


def parse(path):
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("== "):
            rows.append(parse_head(line[3:]))
        elif not rows:
            continue  # What stands above the first row is its heading.
        elif line.startswith("$ ") and not rows[-1].command:
            rows[-1].command = line[2:]
        else:
            rows[-1].expected.append(line)
    for row in rows:
        while row.expected and not row.expected[-1]:
            row.expected.pop()
    return rows


def fits(expected, line):
    parts = PATTERN.split(expected)
    pattern = "".join(part if i % 2 else re.escape(part) for i, part in enumerate(parts))
    return re.fullmatch(pattern, line) is not None


def environment(options, unit_ns, base_ns):
    folders = [str(folder) for folder in options.path] + [os.environ.get("PATH", "/usr/bin:/bin")]
    values = {
        "PATH": ":".join(folders),
        "HOME": os.environ.get("HOME", "/"),
        "HERE": str(options.here),
        "NODE_PATH": os.environ.get("NODE_PATH", ""),
        "LC_ALL": "C",
        "TZ": "UTC",
        "PYTHONDONTWRITEBYTECODE": "1",
        "TIME_BASE_NS": str(base_ns),
    }
    if unit_ns:
        values["TIME_UNIT_NS"] = str(unit_ns)
    return values


def run_once(row, options):
    """(faults, output, errors, real seconds)"""
    unit_ns = NATIVE_UNIT_NS if options.native else 0
    command = UNITS.sub(lambda figure: f"{float(figure[1]) * (unit_ns or 10**9) / 10**9:g}",
                        row.command)
    arguments = shlex.split(command.replace("$HERE", str(options.here)))
    if not options.native:
        arguments = [str(options.limphome), "exec", *options.exec_options, *row.options, "--",
                     *arguments]
    base_ns = time.time_ns() if options.native else EPOCH_NS
    begin = time.monotonic()
    child = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, start_new_session=True,
                             env=environment(options, unit_ns, base_ns))
    faults = []
    try:
        output, errors = child.communicate(timeout=row.seconds)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGTERM)
        try:
            output, errors = child.communicate(timeout=3)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.kill()
            output, errors = b"", b""
        faults.append(f"not done after {row.seconds} s")
    lines = output.decode(errors="replace").splitlines()
    if row.sorted:
        lines.sort()
    errors = errors.decode(errors="replace")
    if not faults and (child.returncode < 0 if row.code == "any" else child.returncode != row.code):
        faults.append(f"code {child.returncode}, expected {row.code}")
    faults += differences(row.expected, lines)
    if row.stderr and not re.search(row.stderr, errors):
        faults.append(f"stderr has no '{row.stderr}'")
    return faults, lines, errors, time.monotonic() - begin


def differences(expected, lines):
    for number, (want, got) in enumerate(zip(expected, lines), 1):
        if not fits(want, got):
            return [f"line {number}: '{got}', expected '{want}'"]
    if len(lines) < len(expected):
        return [f"line {len(lines) + 1} is missing: '{expected[len(lines)]}'"]
    if len(lines) > len(expected):
        return [f"one line too many: '{lines[len(expected)]}'"]
    return []


def run(row, options):
    for _ in range(NATIVE_TRIES if options.native else 1):
        result = run_once(row, options)
        if not result[0]:
            break
    return row, *result


def report(row, faults, lines, errors, seconds, options):
    print(f"{'FAIL' if faults else 'pass'} {row.name} ({seconds:.2f} s)", flush=True)
    if options.learn:
        print("\n".join(lines))
        return
    if not faults:
        return
    print(f"    $ {row.command}")
    for fault in faults:
        print(f"    {fault}")
    for line in errors.splitlines()[-12:]:
        print(f"    stderr: {line}")
    if options.verbose:
        for line in lines[:12]:
            print(f"    stdout: {line}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows", nargs="+", type=pathlib.Path)
    parser.add_argument("--limphome", type=pathlib.Path, help="the command; not needed with --native")
    parser.add_argument("--path", type=pathlib.Path, action="append", default=[],
                        help="folder of test programs; may be repeated")
    parser.add_argument("--exec-options", type=shlex.split, default=[])
    parser.add_argument("--native", action="store_true", help="on the real kernel, five times faster")
    parser.add_argument("--only", default="", help="only rows whose name has this regular expression")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--verbose", action="store_true", help="show all output of a row that fails")
    parser.add_argument("--learn", action="store_true", help="print what each row printed")
    options = parser.parse_args()
    failed = count = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        work = []
        for path in options.rows:
            options.here = path.resolve().parent
            rows = [row for row in parse(path) if re.search(options.only, row.name)]
            rows = [row for row in rows if not (options.native and row.guest_only)]
            work += [pool.submit(run, row, argparse.Namespace(**vars(options))) for row in rows]
        for future in work:
            row, faults, lines, errors, seconds = future.result()
            report(row, faults, lines, errors, seconds, options)
            count += 1
            failed += bool(faults)
    print(f"{count - failed} of {count} rows passed")
    sys.exit(1 if failed or not count else 0)


if __name__ == "__main__":
    main()
