#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The Debian package in a clean Debian 12: it installs with its dependencies, works for an ordinary user, and goes.

    check_clean_root.py PACKAGES ROOTS

PACKAGES is the folder with the package, ROOTS one where bootstrapped systems are kept. Each row is a shell command
for an ordinary user in his home, its exit code, and parts of what it says.
"""
import sys

sys.dont_write_bytecode = True
import clean_root  # noqa: E402

SHARE = "/usr/share/limphome"

ROWS = [
    ("limphome version", 0, ["limphome 0."]),
    # No CAN in there: the last row of "Real CAN" may say no, and so the exit code.
    ("limphome doctor | sed -n '/^Unmodified/,$p'", 0, ["yes    seccomp user notification"]),
    ("! limphome doctor | sed -n '/^Unmodified/,$p' | grep '^  no '", 0, []),
    ("limphome list | tail -n 1", 0, [" cases, "]),
    (f"limphome check {SHARE}/vehicles/single.json {SHARE}/masters/reference.json {SHARE}/scenarios/fun/FUN-01.lua", 0,
     ['adapter of the master "reference"', "case FUN-01"]),
    ("limphome run 'FUN-0*' --out out && ls out", 0, ["cases passed", "results.json", "junit.xml", "report.html"]),
    ("limphome replay out/results.json#FUN-01", 0, ["the same, bit for bit"]),
    ("limphome report out --baseline out/results.json --html page.html && head -c 15 page.html", 0, ["<!DOCTYPE html>"]),
    ("limphome init-master mine && limphome check mine.json", 0, ['adapter of the master "mine"']),
    ("limphome prove M050", 1, ["prove works in a source tree"]),
    ("man limphome", 0, ["limphome - ECU and vehicle simulator", "limphome-run(1)"]),
    ("man limphome-run | col -b", 0, ["--master FILE.json"]),
    ("man limphome-master | col -b", 0, ["SYNOPSIS", "--job, -j"]),
    ("whatis limphome-exec", 0, ["run an unmodified program on a simulated vehicle"]),
    (". /usr/share/bash-completion/completions/limphome; COMP_WORDS=(limphome run FUN-0); COMP_CWORD=2; _limphome; "
     "echo ${COMPREPLY[*]}", 0, ["FUN-01 FUN-02"]),
    ("test ! -w /usr/share/limphome -a ! -w /usr/bin", 0, []),
]

# With srec_cat, isotpsend and python-can.
FURTHER_ROWS = [
    (f"{SHARE}/vehicles/demo.sh demo", 0, ["limphome-master: SUCCESS", '"interruptions":\t1', "62 F1 89 32 2E 30 2E 30"]),
    ("limphome exec --image demo/bcm-1.0.0.s19 --trace again -- limphome-master --if can0 --job demo/job.json --state s", 0,
     ["SUCCESS", "trace in again, digest"]),
    (f"limphome run FUN-01 --master {SHARE}/masters/minimal.json", 0, ["1 of 1 cases passed"]),
]


def check(root, rows):
    failures = 0
    for command, code, parts in rows:
        done = root.run(command)
        missing = [part for part in parts if part not in done.stdout]
        good = done.returncode == code and not missing
        print(f"{'ok  ' if good else 'FAIL'}  {command}")
        if not good:
            print(f"      ends with {done.returncode}, not {code}; missing: {missing}; it said:\n{done.stdout[-2000:]}")
            failures += 1
    return failures


def main():
    package = clean_root.find_package(sys.argv[1])
    clean_root.become_root()
    try:
        with clean_root.copy(sys.argv[2], package) as root:
            root.install(package)
            failures = check(root, ROWS)
            root.install_suggested()
            failures += check(root, FURTHER_ROWS)
            root.must("apt-get purge -y limphome")
            failures += check(root, [("ls -d /usr/share/limphome /usr/lib/limphome /usr/share/doc/limphome", 2,
                                      ["No such file"] * 3)])
    except clean_root.Skip as reason:
        clean_root.skip_or_fail(reason)
    print(f"{failures} rows failed")
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
