#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the sizes of files and functions, licence lines, and words that do not belong here."""

import re
import sys

sys.dont_write_bytecode = True
import source_tree  # noqa: E402

FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 600

# Flat switches and tables that are longer than a function may be: (file, function) and why.
LONG_FUNCTIONS_ALLOWED = {}

# Of the workshop, not of the project. Written in two parts, so that this file does not hold them.
FOREIGN_WORDS = tuple(
    first + second
    for first, second in (
        ("issue", " #"),
        ("helper", " session"),
        ("/wo", "rk/"),
        ("cla", "ude"),
        ("anth", "ropic"),
    )
)

LICENCE = "SPDX-License-Identifier: Apache-2.0"
LICENSED_SUFFIXES = {".c", ".h", ".py", ".sh", ".cmake", ".lua", ".in"}
LICENSED_NAMES = {"CMakeLists.txt", "dev"}

# clang-format puts the braces of a function, and only those, alone in the first column.
OPENING, CLOSING = "{", "}"
NAME = re.compile(r"(\w+)\s*\(")
CRITERION_NAME = re.compile(r"Test\(\s*(\w+)\s*,\s*(\w+)")


def function_name(lines, opening):
    """The name in the lines between the brace and the blank line or statement before it."""
    start = opening
    while start > 0 and lines[start - 1] and lines[start - 1][-1] not in "};/>":
        start -= 1
    head = " ".join(lines[start:opening])
    test = CRITERION_NAME.search(head)
    if test:
        return f"{test.group(1)}::{test.group(2)}"
    name = NAME.search(head)
    return name.group(1) if name else None


def long_functions(path, lines):
    opening = None
    for number, line in enumerate(lines):
        if line == OPENING:
            opening = number
        elif line == CLOSING and opening is not None:
            length = number - opening - 1
            name = function_name(lines, opening)
            if length > FUNCTION_LINES_MAX and (str(path), name) not in LONG_FUNCTIONS_ALLOWED:
                yield (f"{path}:{opening + 1}: {name}() has {length} lines, "
                       f"more than {FUNCTION_LINES_MAX}")
            opening = None


def licence_fault(path, lines):
    if path.suffix not in LICENSED_SUFFIXES and path.name not in LICENSED_NAMES:
        return None
    first = 1 if lines and lines[0].startswith("#!") else 0
    if len(lines) > first and LICENCE in lines[first]:
        return None
    return f"{path}:{first + 1}: no line '{LICENCE}'"


def foreign_words(path, lines):
    for number, line in enumerate(lines, 1):
        for word in FOREIGN_WORDS:
            if word in line.lower():
                yield f"{path}:{number}: '{word}' does not belong into this repository"


def check(root):
    findings = []
    for path in source_tree.files_of(root):
        text = source_tree.text_of(root, path)
        if text is None:
            continue
        lines = text.splitlines()
        fault = licence_fault(path, lines)
        findings += [fault] if fault else []
        findings += foreign_words(path, lines)
        if path.suffix in (".c", ".h"):
            findings += long_functions(path, lines)
            if len(lines) > FILE_LINES_MAX:
                findings.append(f"{path}:1: {len(lines)} lines, more than {FILE_LINES_MAX}")
    return findings


def run_self_test():
    licence = f"/* {LICENCE} */\n"

    def function(head, length):
        return licence + head + "\n{\n" + "    x++;\n" * length + "}\n"

    files = {
        "good.c": function("static void f(int a,\n              int b)", FUNCTION_LINES_MAX),
        "long.c": function("static void f(int a,\n              int b)", FUNCTION_LINES_MAX + 1),
        "test.c": function("Test(area, claim, .signal = 6)", FUNCTION_LINES_MAX + 1),
        "big.h": licence + "int x;\n" * FILE_LINES_MAX,
        "bare.h": "int x;\n",
        "tool.sh": f"#!/bin/sh\n# {LICENCE}\n",
        "bare.py": "#!/usr/bin/env python3\nprint()\n",
        "notes.md": "See " + FOREIGN_WORDS[0] + "7.\n",
        ".ci/run": "cd " + FOREIGN_WORDS[2] + "\n",
        "readme.md": "By " + FOREIGN_WORDS[3].title() + "\n",
        "build/generated.c": "int x;\n",
    }
    expected = [
        "long.c:4: f() has 71 lines",
        "test.c:3: area::claim() has 71 lines",
        "big.h:1: 601 lines",
        "bare.h:1: no line",
        "bare.py:2: no line",
        "notes.md:1: '",
        ".ci/run:1: '",
        "readme.md:1: '",
    ]
    return source_tree.self_test(check, files, expected)


if __name__ == "__main__":
    source_tree.main(__doc__, check, run_self_test)
