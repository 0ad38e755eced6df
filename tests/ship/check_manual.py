#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The manual pages that limphome prints of its help: free of mistakes for two formatters, and complete.

    check_manual.py LIMPHOME MASTER
"""
import re
import subprocess
import sys


def output(*command, text=None):
    return subprocess.run(command, input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                          timeout=60).stdout


def words(text):
    """Without the ways in which terminals print bold, and without line breaks and the hyphens before them."""
    return " ".join(re.sub(r".\x08", "", text).split())


def check(name, page, help_text):
    faults = output("mandoc", "-T", "lint", "-W", "warning", text=page).splitlines()
    shown = words(output("mandoc", "-T", "utf8", "-O", "width=400", text=page))
    for title in ("NAME", "SYNOPSIS", "SEE ALSO"):
        if f" {title} " not in shown:
            faults.append(f"no section {title}")
    for word in set(re.findall(r"[\w/.#-]*\w[\w/.#-]*", help_text)) - {"usage"}:
        if word not in shown:
            faults.append(f"'{word}' of the help is not in it")
    warnings = subprocess.run(["man", "--warnings", "-l", "-"], input=page, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              text=True, check=False, timeout=60).stderr
    faults += warnings.splitlines()
    for fault in faults:
        print(f"{name}: {fault}")
    return len(faults)


def main():
    limphome, master = sys.argv[1:]
    date = ("--date", "2026-01-31")
    commands = re.findall(r"^  ([a-z-]+) ", output(limphome, "help"), re.M)
    faults = check("limphome", output(limphome, "help", "--man", *date), output(limphome, "help"))
    for command in commands:
        faults += check(command, output(limphome, "help", "--man", command, *date), output(limphome, "help", command))
    text = output(master, "--help")
    faults += check("limphome-master", output(limphome, "help", "--man", *date, "--page", "limphome-master=a master",
                                              text=text), text)
    print(f"{len(commands) + 2} pages, {faults} faults")
    return faults > 0 or len(commands) < 10


if __name__ == "__main__":
    sys.exit(main())
