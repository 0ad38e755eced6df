#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What random faults have found is a scenario that finds it again.

    check_fault_scenarios.py BUILD SOURCE [NAME...]

Builds masters with one defect each. `limphome explore faults` finds each of them: as a guest, and some also inside
limphome, the same patch compiled into it. The scenarios that it writes are then played with these masters as guests, and
must fail; with limphome-master they must pass.
"""
import concurrent.futures
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

from mutant_build import Build

SCHEDULES = 300
SECONDS_MAX = 600
# They break all kinds of rules: of results, of the network, of masters that are told no, of tries.
MASTERS = ("M012", "M038", "M046", "M051", "M064", "M149")
IN_PROCESS = ("M051",)


def run(words, folder):
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=SECONDS_MAX, check=False)
    return done.returncode, done.stdout + done.stderr


def adapter_of(source, program, folder):
    with open(os.path.join(source, "masters", "reference.json"), encoding="utf-8") as text:
        adapter = json.load(text)
    adapter["command"][0] = program
    path = os.path.join(folder, "master.json")
    with open(path, "w", encoding="utf-8") as text:
        json.dump(adapter, text)
    return path


def play(limphome, scenario, master, wanted, folder):
    """None, or what is wrong."""
    code, said = run([limphome, "run", scenario, "--master", master], folder)
    if code == wanted:
        return None
    return f"{os.path.basename(scenario)} with {master}: exit code {code}, and not {wanted}\n{said[-900:]}"


def check(limphome, sound, explorer, options, defective, folder):
    """How many scenarios there are, and what is wrong with them."""
    out = os.path.join(folder, "out")
    code, said = run([explorer, "explore", "faults", "--size", "1", "--schedules", str(SCHEDULES), "--out", out, *options],
                     folder)
    scenarios = sorted(glob.glob(os.path.join(out, "scenarios", "*.lua")))
    if code != 1 or not scenarios:
        return 0, [f"explore finds nothing: exit code {code}\n{said[-900:]}"]
    wrong = [play(limphome, scenario, defective, 1, folder) for scenario in scenarios]
    wrong += [play(limphome, scenario, sound, 0, folder) for scenario in scenarios]
    return len(scenarios), [fault for fault in wrong if fault]


def try_master(build, programs, patch, inside, folder):
    name = os.path.basename(patch).removesuffix(".patch")
    os.makedirs(folder)
    defective = adapter_of(build.source, os.path.join(programs, name, "limphome-master"), folder)
    sound = os.path.join(build.source, "masters", "reference.json")
    explorer = build.mutate(patch, folder) if inside else build.program
    options = [] if inside else ["--master", defective]
    return check(build.program, sound, explorer, options, defective, folder)


def main():
    build = Build(sys.argv[1], sys.argv[2])
    names = sys.argv[3:] or MASTERS
    patches = {name: glob.glob(os.path.join(build.source, "mutants", name + "-*.patch"))[0] for name in names}
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="limphome-faults-") as folder:
        programs = os.path.join(folder, "programs")
        subprocess.run(["bash", os.path.join(build.source, "mutants", "build.sh"), build.source, programs, str(os.cpu_count()),
                        *patches.values()], check=True)
        tries = [(name, False) for name in names] + [(name, True) for name in names if name in IN_PROCESS]

        def try_one(one):
            name, inside = one
            return try_master(build, programs, patches[name], inside, os.path.join(folder, f"{name}-{inside}"))
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for (name, inside), (count, faults) in zip(tries, pool.map(try_one, tries)):
                wrong += len(faults) + (count == 0)
                print(f"{name} {'inside limphome' if inside else 'as guest'}: {count} scenarios, {len(faults)} wrong")
                for fault in faults:
                    print(re.sub("^", "    ", fault, flags=re.M))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
