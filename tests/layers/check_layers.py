#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks every include line against the table of who may know whom (docs/design.md)."""

import re
import sys
from dataclasses import dataclass
from pathlib import PurePosixPath

sys.dont_write_bytecode = True
import source_tree  # noqa: E402

BASE = ("sim/base.h", "sim/err.h", "sim/prng.h")
SIM = ("sim", "sim/can", "sim/proto", "sim/s12x_flash_model", "sim/ecus", "sim/ecus/bootloader")
ANY = ("*",)
NOTHING = ()
FREESTANDING = ("stdint.h", "stdbool.h", "stddef.h", "string.h")


@dataclass(frozen=True)
class Rule:
    """What the files of one folder may include besides the headers of that folder."""

    project: tuple = NOTHING  # Folders or single headers; a folder does not stand for its subfolders.
    libraries: tuple = NOTHING  # Third-party headers by prefix.
    system: tuple = ANY  # C library headers.


EVERYTHING = Rule(ANY, ANY)

# A file obeys the row with the longest folder that it lies in.
RULES = {
    "sim": Rule(NOTHING, ("xxhash.h", "ev.h")),
    "sim/can": Rule(("sim",)),
    "sim/proto": Rule(NOTHING, NOTHING, FREESTANDING),
    "sim/s12x_flash_model": Rule(BASE),
    "sim/ecus": Rule(SIM, ("cjson/",)),
    "sim/ecus/bootloader": Rule(("sim/proto",), NOTHING, FREESTANDING),
    "inject": Rule(SIM, ("cjson/",)),
    "guest": Rule(("sim", "sim/can", "sim/proto", "guest/af_can", "guest/preload/clock_page.h",
                   "guest/preload/fast_page.h")),
    "guest/af_can": Rule(("sim", "sim/can", "sim/proto")),
    "guest/preload": Rule(),
    "scenarios/engine": EVERYTHING,
    "scenarios/explore": EVERYTHING,
    "reports": Rule(BASE + ("sim/utf8.h", "sim/file_text.h", "sim/json_locate.h"), ("cjson/", "libxml/")),
    "master": Rule(("sim/proto",), ("cjson/", "openssl/", "zlib.h")),
    "mutants": Rule(("sim/proto", "master"), ("cjson/", "openssl/", "zlib.h")),
    "cli": EVERYTHING,
    "tests": EVERYTHING,
    "bench": EVERYTHING,
}

# The preload library runs inside a foreign process: nobody else can use its headers, but for the
# page that it shares with the supervisor.
NEVER = {"guest/preload"}

# Files that need more than their folder may have, and why.
EXCEPTIONS = {
    # A host's reaction to a broken invariant; a microcontroller brings its own file.
    "sim/proto/proto_check_host.c": Rule(),
}

LIBRARIES = ("cjson/", "criterion/", "ev.h", "lauxlib.h", "lua", "openssl/", "xxhash.h", "zlib.h")
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]*)"|<([^>]*)>)?')


def folder_of(path):
    """The longest folder of the table that holds the path, or None."""
    parents = (str(parent) for parent in PurePosixPath(path).parents)
    return next((parent for parent in parents if parent in RULES), None)


def project_fault(rule, folder, header):
    target = folder_of(header)
    if target is None:
        return f'"{header}" is not written from the root of the repository'
    if target == folder:
        return None
    allowed = rule.project == ANY or target in rule.project or header in rule.project
    if not allowed or (target in NEVER and header not in rule.project):
        return f'{folder}/ must not know "{header}" of {target}/'
    return None


def system_fault(rule, folder, header):
    if header.startswith(LIBRARIES):
        if rule.libraries != ANY and not header.startswith(rule.libraries):
            return f"{folder}/ must not use the library header <{header}>"
    elif rule.system != ANY and header not in rule.system:
        return f"{folder}/ is freestanding: <{header}> is not among {', '.join(rule.system)}"
    return None


def line_fault(rule, folder, line):
    match = INCLUDE.match(line)
    if not match:
        return None
    quoted, angled = match.groups()
    if quoted is not None:
        return project_fault(rule, folder, quoted)
    if angled is not None:
        return system_fault(rule, folder, angled)
    return "include of a macro cannot be checked"


def check(root):
    findings = []
    for path in source_tree.files_of(root):
        if path.suffix not in (".c", ".h"):
            continue
        folder = folder_of(path)
        if folder is None:
            findings.append(f"{path}:1: no row of the table covers this folder")
            continue
        rule = EXCEPTIONS.get(str(path), RULES[folder])
        for number, line in enumerate(source_tree.text_of(root, path).splitlines(), 1):
            fault = line_fault(rule, folder, line)
            if fault:
                findings.append(f"{path}:{number}: {fault}")
    return findings


def run_self_test():
    files = {
        "sim/sim.c": '#include "sim/sim.h"\n#include <xxhash.h>\n#include "sim/can/can_bus.h"\n',
        "sim/can/can_bus.c": '#include "sim/sim.h"\n#  include "sim/proto/uds.h"\n',
        "sim/can/can_bus.h": '#include "can_node.h"\n#include CONFIG\n',
        "sim/proto/uds.c": '#include "sim/proto/uds.h"\n#include <string.h>\n#include <stdio.h>\n',
        "sim/proto/isotp.c": '#include "sim/base.h"\n',
        "sim/proto/proto_check_host.c": "#include <stdio.h>\n#include <cjson/cJSON.h>\n",
        "sim/s12x_flash_model/flash.c": '#include "sim/base.h"\n#include "sim/sim.h"\n',
        "sim/ecus/ecu.c": '#include "sim/ecus/bootloader/bootloader.h"\n#include "inject/plan.h"\n',
        "sim/ecus/bootloader/boot.c": '#include "sim/proto/uds.h"\n#include "sim/ecus/ecu.h"\n',
        "sim/ecus/bootloader/flash.c": "#include <stdint.h>\n#include <stdlib.h>\n",
        "guest/turn.c": '#include "sim/can/can_bus.h"\n#include "sim/ecus/ecu.h"\n',
        "guest/preload/clock.c": '#include <time.h>\n#include "sim/base.h"\n',
        "reports/html.c": '#include "sim/err.h"\n#include <cjson/cJSON.h>\n#include <lua.h>\n',
        "master/ota.c": '#include "sim/proto/uds.h"\n#include <cjson/cJSON.h>\n#include "sim/err.h"\n',
        "cli/main.c": '#include "sim/ecus/vehicle.h"\n#include "guest/preload/page.h"\n',
        "tests/sim/test_sim.c": '#include "sim/sim.h"\n#include <criterion/criterion.h>\n',
        "gadgets/new.c": "",
    }
    expected = [
        'sim/sim.c:3: sim/ must not know "sim/can/can_bus.h"',
        'sim/can/can_bus.c:2: sim/can/ must not know "sim/proto/uds.h"',
        'sim/can/can_bus.h:1: "can_node.h" is not written from the root',
        "sim/can/can_bus.h:2: include of a macro",
        "sim/proto/uds.c:3: sim/proto/ is freestanding: <stdio.h>",
        'sim/proto/isotp.c:1: sim/proto/ must not know "sim/base.h"',
        "sim/proto/proto_check_host.c:2: sim/proto/ must not use the library header",
        'sim/s12x_flash_model/flash.c:2: sim/s12x_flash_model/ must not know "sim/sim.h"',
        'sim/ecus/ecu.c:2: sim/ecus/ must not know "inject/plan.h"',
        'sim/ecus/bootloader/boot.c:2: sim/ecus/bootloader/ must not know "sim/ecus/ecu.h"',
        "sim/ecus/bootloader/flash.c:2: sim/ecus/bootloader/ is freestanding: <stdlib.h>",
        'guest/turn.c:2: guest/ must not know "sim/ecus/ecu.h"',
        'guest/preload/clock.c:2: guest/preload/ must not know "sim/base.h"',
        "reports/html.c:3: reports/ must not use the library header <lua.h>",
        'master/ota.c:3: master/ must not know "sim/err.h"',
        'cli/main.c:2: cli/ must not know "guest/preload/page.h"',
        "gadgets/new.c:1: no row of the table",
    ]
    return source_tree.self_test(check, files, expected)


if __name__ == "__main__":
    source_tree.main(__doc__, check, run_self_test)
