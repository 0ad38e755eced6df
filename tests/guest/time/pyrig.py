# SPDX-License-Identifier: Apache-2.0
"""What the Python test programs share: a unit of time and a stamp on every line (see rig.h)."""
import os
import sys
import time

SECOND_NS = 1_000_000_000
UNIT_NS = int(os.environ.get("TIME_UNIT_NS", SECOND_NS))
BEGIN_NS = time.monotonic_ns()


def units(count):
    """In seconds."""
    return count * UNIT_NS / SECOND_NS


def in_units(span_ns):
    if UNIT_NS != SECOND_NS:
        quarter = UNIT_NS // 4
        span_ns = (span_ns + quarter // 8) // quarter * (SECOND_NS // 4)
    else:
        # Its start alone looks at the clock so often that looking begins to cost microseconds.
        span_ns -= span_ns % 1_000_000
    return f"{span_ns // SECOND_NS}.{span_ns % SECOND_NS:09}".rstrip("0").rstrip(".")


def stamp(*words):
    line = " ".join(str(word) for word in (in_units(time.monotonic_ns() - BEGIN_NS), *words))
    os.write(sys.stdout.fileno(), (line + "\n").encode())
