# SPDX-License-Identifier: Apache-2.0
"""docs/vehicles.md is true: its sessions are played against the vehicles, and what it builds up from an empty file is
a vehicle.

    check_vehicles.py LIMPHOME
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
MANUAL = ROOT / "docs" / "vehicles.md"
PLAYER = ROOT / "tests" / "vehicles" / "uds_session.py"
PYTHON = "/usr/bin/python3"  # Debian's, which has scapy.


def run(*command):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=120)


def play(limphome, name, manual=MANUAL):
    return run(limphome, "exec", "--vehicle", ROOT / "vehicles" / f"{name}.json", "--for", "60s", "--",
               PYTHON, PLAYER, manual, name)


def check_session(limphome, name):
    first, second = play(limphome, name), play(limphome, name)
    if first.returncode != 0 or "messages as written" not in first.stdout:
        return f"{name}: {first.stdout}{first.stderr}"
    if (first.stdout, first.stderr) != (second.stdout, second.stderr):
        return f"{name}: the second time it was another session"
    return None


def check_player(limphome, name, work):
    """The player can fail: one byte of an answer changed."""
    text = MANUAL.read_text(encoding="utf-8")
    start = text.index(f"```session {name}\n")
    at = text.index("\n< ", start) + 3
    changed = work / "changed.md"
    changed.write_text(text[:at] + "00" + text[at + 2:], encoding="utf-8")
    got = play(limphome, name, changed)
    return None if got.returncode == 1 and "was to come" in got.stderr else f"{name}: a wrong byte was not seen"


def indented(text):
    return "\n".join(line for line in text.splitlines() if line.startswith("    "))


def check_example(limphome, work):
    """The file of the first paragraphs, and the same with the personality that follows."""
    text = MANUAL.read_text(encoding="utf-8")
    file = indented(re.search(r"\*\*An ECU that answers\.\*\*(.*?)`limphome check", text, re.S)[1])
    personality = indented(re.search(r"\*\*Its personality\.\*\*(.*?)`option`, `download`", text, re.S)[1])
    shutil.copy(ROOT / "vehicles" / "oem-1.0.0.s19", work)
    whole = file.replace('"image":', personality + ',\n"image":')
    for name, content in (("empty.json", file), ("mine.json", whole)):
        (work / name).write_text(content, encoding="utf-8")
        got = run(limphome, "check", work / name)
        if got.returncode != 0:
            return f"the example is no vehicle: {got.stderr}"
    return None


def check_bad_hooks(limphome, work):
    """Files of hooks that are not right, each with the sentence that says so."""
    rows = [
        ("function key(", "return nil +", 1, "oem-lines.lua:1:"),
        ("function key() end", "", 1, 'has no function "zone_identification"'),
        ("while true do end", "", 1, "a loop that never ends"),
        ('local t = "x" while true do t = t .. t end', "", 1, "more memory"),
        ("os.exit(0)", "", 1, "oem-lines.lua:1:"),
        (None, "", 1, "oem-lines.lua"),
    ]
    text = (ROOT / "vehicles" / "oem-lines.json").read_text(encoding="utf-8")
    for begin, rest, code, sentence in rows:
        (work / "oem-lines.json").write_text(text, encoding="utf-8")
        if begin is None:
            (work / "oem-lines.lua").unlink()
        else:
            (work / "oem-lines.lua").write_text(begin + rest, encoding="utf-8")
        got = run(limphome, "check", work / "oem-lines.json")
        if got.returncode not in (code, 3) or sentence not in got.stderr or "personality.hooks" not in got.stderr:
            return f"hooks {begin!r}: exit code {got.returncode}: {got.stderr}"
    return None


def main(limphome):
    limphome = pathlib.Path(limphome).resolve()
    found = []
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        for name in ("oem-blocks", "oem-secondary-loader", "oem-lines"):
            found += [check_session(limphome, name), check_player(limphome, name, work)]
        found += [check_example(limphome, work), check_bad_hooks(limphome, work)]
    found = [finding for finding in found if finding]
    print("\n".join(found) or "3 sessions as written")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
