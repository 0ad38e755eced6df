#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_minimal.py LIMPHOME ADAPTER RUNS - a foreign master gets the same verdict for every case, whatever the seed."""
import re
import subprocess
import sys

LINE = re.compile(r"(pass|fail|not applicable|error) +([A-Z]+-[0-9]+) ")
SECONDS_MAX = 600


def verdicts(limphome, adapter, seed):
    """The verdict of each case, by id, and what was printed."""
    done = subprocess.run([limphome, "run", "--master", adapter, "--seed", str(seed)], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS_MAX, check=False)
    text = done.stdout.decode(errors="replace")
    return {match[2]: match[1] for match in map(LINE.match, text.splitlines()) if match}, text


def main():
    limphome, adapter, runs = sys.argv[1], sys.argv[2], int(sys.argv[3])
    first, text = verdicts(limphome, adapter, 1)
    if not first or "error" in first.values() or "pass" not in first.values():
        sys.exit(f"{text}\nsome case must pass, and none may be an error")
    for seed in range(2, runs + 1):
        now, text = verdicts(limphome, adapter, seed)
        differ = [f"{name}: {first.get(name)}, with seed {seed} {now.get(name)}"
                  for name in sorted(first.keys() | now.keys()) if first.get(name) != now.get(name)]
        if differ:
            sys.exit("\n".join([text, *differ]))
    count = list(first.values()).count
    print(f"{runs} runs, {len(first)} cases: {count('pass')} pass, {count('fail')} fail, "
          f"{count('not applicable')} not applicable")


if __name__ == "__main__":
    main()
