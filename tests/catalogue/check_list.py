#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_list.py LIMPHOME SOURCE_FOLDER - every case and every mutant that the catalogue asks for is there.

expected.json is made from the catalogue. Titles may be worded more plainly than there, but must keep most of its words.
"""
import json
import pathlib
import re
import subprocess
import sys


def words(text):
    return set(re.findall(r"[a-z0-9]+", text.lower()))


def faults_of_cases(cases, shipped):
    for case in cases:
        one = shipped.get(case["id"])
        if one is None or "error" in one:
            yield f"{case['id']}: {one['error'] if one else 'is missing'}"
            continue
        kept = words(case["title"]) & words(one["title"])
        if 2 * len(kept) < len(words(case["title"])):
            yield f"{case['id']}: \"{one['title']}\" instead of \"{case['title']}\""
        if one["priority"] != case["priority"]:
            yield f"{case['id']}: priority {one['priority']} instead of {case['priority']}"
        if one["group"] != case["id"].split("-")[0]:
            yield f"{case['id']}: group {one['group']}"
        if not one["sources"] or not re.search(r"[\u4e00-\u9fff]", one["title_zh"]):
            yield f"{case['id']}: without sources, or without a Chinese title"


def head(path):
    return dict(re.findall(r"^(Mutant|Case): *(\S+)", path.read_text(encoding="utf-8"), re.MULTILINE))


def faults_of_mutants(mutants, heads):
    for name, case in mutants.items():
        if name not in heads:
            yield f"{name}: is missing"
        elif heads[name] != case:
            yield f"{name}: is for {heads[name]} instead of {case}"


def main():
    limphome, source = sys.argv[1], pathlib.Path(sys.argv[2])
    expected = json.loads((source / "tests" / "catalogue" / "expected.json").read_text(encoding="utf-8"))
    listed = subprocess.run([limphome, "list", "--json"], capture_output=True, check=True).stdout
    shipped = {one["id"]: one for one in json.loads(listed)}
    heads = {one["Mutant"]: one["Case"] for one in map(head, sorted((source / "mutants").glob("*.patch")))}
    faults = [*faults_of_cases(expected["cases"], shipped), *faults_of_mutants(expected["mutants"], heads)]
    print(*faults, f"{len(expected['cases'])} cases and {len(expected['mutants'])} mutants, {len(faults)} faults", sep="\n")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
