#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What limphome shows on a terminal, in a pipe, and of text that is not its own.

    check_terminal.py LIMPHOME

A terminal is a pty; what it would show is worked out by a small model that knows the three sequences that limphome may
send (colour, carriage return, erase to the end of the line) and nothing else: any other control character is a fault.
"""
import contextlib
import fcntl
import json
import os
import pathlib
import pty
import re
import shlex
import signal
import struct
import subprocess
import sys
import tempfile
import termios

SECONDS_MAX = 60
COLOUR = re.compile(r"\x1b\[(?:0|1|2|1;31|1;32)m")
ERASE = "\x1b[K"
# Codes that change the order in which text is read, and separators of lines that are no line ends.
TURNS = re.compile("[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")

# A terminal must get none of it as it is: title bar, clipboard, cursor, C1 forms of the same, broken UTF-8, direction.
HOSTILE = {
    "osc": b"\x1b]0;owned\x07",
    "clipboard": b"\x1b]52;c;cm0gLXJmCg==\x1b\\",
    "csi": b"\x1b[2J\x1b[1;1H",
    "c1": b"\xc2\x9b31m\xc2\x9d0;owned\xc2\x9c",
    "raw c1": b"\x9b31m\x9d0;owned\x9c",
    "line": b"\rpass            REAL     all is well\n\x08\x08\x0b\x0c",
    "broken": b"\xc0\x80\xed\xa0\x80\xf8\xff\xe7\xba",
    "turn": "\u202egnp.exe\u2066\u2028\u200f".encode(),
}
CASE = 'case {{ id = "{id}", group = "{group}", title = {title}, {members} run = function(play)\n{body}\nend }}\n'
GOOD = 'wait(1)\ncheck.equal("runs", "application", ecu.status().run)'
UPDATE = 'check.result(master.update { image = image { version = "2.0.0", kb = 4 } }, "SUCCESS")'


def lua_text(raw):
    """A text of Lua with these bytes."""
    return '"' + "".join(f"\\{byte:03d}" for byte in raw) + '"'


def adapter(path, program):
    path.write_text(json.dumps({
        "name": "odd", "command": [program], "capabilities": ["version_readback"], "limits": {"update": "1min"},
        "result": {"sources": [{"output": "lines", "patterns": [{"pattern": "^RESULT (.+)", "groups": ["code"]}]}]}}), encoding="ascii")
    return path


def say_case(folder, name, body=GOOD, title=b"a case", members="", group="BAD"):
    path = folder / f"{name}.lua"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(CASE.format(id=name, group=group, title=lua_text(title), members=members, body=body), encoding="ascii")
    return path


class Fault(Exception):
    """What a terminal got and must not get."""


class Screen:
    """The lines that a terminal would show, each with the longest that it ever was."""

    def __init__(self, text, columns):
        self.done, self.line, self.at, self.widest = [], [], 0, 0
        self.rewritten = 0
        while text:
            text = text[self._take(text, columns):]

    def _take(self, text, columns):
        colour = COLOUR.match(text)
        if colour:
            return colour.end()
        if text.startswith(ERASE):
            del self.line[self.at:]
            return len(ERASE)
        if text[0] == "\r":
            self.at = 0
            return 1
        if text[0] == "\n":
            self.done.append("".join(self.line))
            self.line, self.at = [], 0
            return 1
        if ord(text[0]) < 0x20 or 0x7F <= ord(text[0]) < 0xA0 or TURNS.match(text[0]):
            raise Fault(f"a terminal got {text[:20]!r}")
        self.rewritten += self.at < len(self.line)
        self.line[self.at:self.at + 1] = [text[0]]
        self.at += 1
        self.widest = max(self.widest, self.at)
        return 1


def on_terminal(command, columns, end_at=None, **environment):
    """Exit code and all that a terminal gets. end_at: Ctrl-C when this is seen."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
                          env=surroundings(TERM="xterm") | environment, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0)) as process:
        os.close(theirs)
        seen = b""
        with contextlib.suppress(OSError):
            while part := os.read(ours, 65536):
                seen += part
                if end_at is not None and end_at in seen:
                    os.write(ours, b"\x03")
                    end_at = None
        os.close(ours)
        return process.wait(timeout=SECONDS_MAX), seen.decode()


def surroundings(**more):
    return {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "CLICOLOR_FORCE", "TERM", "COLUMNS")} | more


def in_pipe(command, **environment):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS_MAX,
                          env=surroundings(TERM="xterm") | environment, check=False)
    return done.returncode, done.stdout.decode()


class Bench:
    def __init__(self, limphome, base):
        self.limphome, self.base = limphome, base
        self.faults, self.rows = [], 0

    def expect(self, name, good, *details):
        self.rows += 1
        if not good:
            self.faults.append(f"{name}:\n    " + "\n    ".join(str(detail)[:3000] for detail in details))

    def run(self, *arguments):
        return [self.limphome, *map(str, arguments)]


def mixed(bench):
    """Cases that pass, and one that is not applicable to this master."""
    folder = bench.base / "mixed"
    for number in range(3):
        say_case(folder, f"GOOD-{number}", title=b"a case with a title that is long enough to need some room", members="plays = { {}, {}, {} }," if number else "")
    say_case(folder, "NEEDS", members='needs = { "resend" },')
    return bench.run("run", "--scenarios", folder, "--master", adapter(folder / "adapter.json", "/bin/true"), "--jobs", 1)


def check_widths(bench):
    command = mixed(bench)
    for columns in (40, 80, 200):
        code, text = on_terminal(command, columns)
        screen = Screen(text, columns)
        cases = [line for line in screen.done if re.match(r"pass +GOOD-[012] +a case|not applicable  NEEDS", line)]
        head = screen.done[:screen.done.index("")]
        bench.expect(f"{columns} columns: a line for each case", code == 0 and len(cases) == 4 and len(head) == 4, code, text)
        bench.expect(f"{columns} columns: none is longer", max(map(len, head)) <= columns, head)
        bench.expect(f"{columns} columns: the line of progress rewrites itself", screen.rewritten > 0 and re.search(r"\r  3/7 plays  \d+:\d\d left", text), text)
        bench.expect(f"{columns} columns: nothing is left behind", screen.line == [] and not any("left" in line for line in screen.done), screen.done)
        bench.expect(f"{columns} columns: colours", "\x1b[1;32mpass" in text, text)
    code, text = on_terminal(command, 20)
    progress = [part.rpartition("\r")[2] for part in text.split(ERASE)]
    bench.expect("20 columns: progress is cut", any("plays" in part for part in progress) and all(len(part) < 20 for part in progress if " plays" in part and "left" in part[:20]), progress)


def check_plain(bench):
    command = mixed(bench)
    code, text = in_pipe(command)
    lines = text.splitlines()
    bench.expect("pipe: no control characters", code == 0 and not re.search(r"[^\n -~]", text), text)
    bench.expect("pipe: a line for each case", [line.split()[0] for line in lines[:4]] == ["not"] + ["pass"] * 3 and lines[4] == "", lines)
    bench.expect("pipe: CLICOLOR_FORCE", "\x1b[1;32mpass" in in_pipe(command, CLICOLOR_FORCE="1")[1])
    bench.expect("pipe: NO_COLOR wins", "\x1b" not in in_pipe(command, CLICOLOR_FORCE="1", NO_COLOR="1")[1])
    text = on_terminal(command, 80, NO_COLOR="1")[1]
    bench.expect("NO_COLOR: no colours, but progress", not COLOUR.search(text) and "\r  3/7 plays" in text, text)
    bench.expect("NO_COLOR: empty is not set", COLOUR.search(on_terminal(command, 80, NO_COLOR="")[1]))
    for name, value in (("dumb", "dumb"), ("unset", "")):
        text = on_terminal(command, 80, TERM=value)[1]
        bench.expect(f"TERM {name}: plain lines", "\x1b" not in text and not re.search("\r(?!\n)", text), text)


def check_failure(bench):
    """Criterion, expected, seen, and what to type; nothing else."""
    folder, out = bench.base / "failing", bench.base / "it's out"
    say_case(folder, "FAIL", "wait(1)\nif play.name ~= 'b' then check.equal('the first', 1, 2) check.equal('the second', 'x', 'y') end " + GOOD,
             members="plays = { { name = 'a' }, { name = 'b' }, { name = 'c' } },")
    command = bench.run("run", "--scenarios", folder, "--seed", 7)
    findings = ["    the first: expected 1, seen 2", "    the second: expected x, seen y"]
    code, text = in_pipe(command)
    lines = text.splitlines()
    bench.expect("failure: nothing but what it was", code == 1 and lines[0].startswith("fail ") and lines[1:5] == findings * 2 and lines[6] == "", text)
    bench.expect("failure: how to see it again", shlex.split(lines[5]) == ["limphome", "run", "FAIL", "--scenarios", str(folder), "--seed", "7", "--out", "out"], lines[5])
    code, text = in_pipe([*command, "--out", out])
    lines = text.splitlines()
    bench.expect("failure, kept: nothing but what it was", code == 1 and lines[1:3] == lines[4:6] == findings and lines[7] == "", text)
    commands = [shlex.split(line) for line in (lines[3], lines[6])]
    bench.expect("failure, kept: how to see it again", commands == [["limphome", "replay", f"{out}/FAIL/{play}"] for play in "ac"], commands)
    bench.expect("failure, kept: it is there", all(pathlib.Path(words[2], "bus.log").exists() for words in commands), commands)
    code, text = in_pipe(bench.run("run", folder / "FAIL.lua", "--seed", 7))
    bench.expect("failure: a case by its path", f"\n    limphome run {folder}/FAIL.lua --seed 7 --out out\n" in text, text)
    odd = bench.base / "a\x1b]0;b'c\\\u202e"
    odd.mkdir()
    code, text = in_pipe([*command, "--out", odd])
    typed = text.splitlines()[3].split("replay ", 1)[1]
    seen = subprocess.run(["bash", "-c", f"printf %s {typed}"], capture_output=True, check=True).stdout.decode()
    bench.expect("failure: a folder with an odd name can be copied", seen == f"{odd}/FAIL/a" and typed.isascii() and typed.isprintable(), typed, seen)


def check_interrupt(bench):
    folder = bench.base / "many"
    say_case(folder, "MANY", UPDATE, members="plays = {" + "{}," * 300 + "},")
    code, text = on_terminal(bench.run("run", "--scenarios", folder, "--jobs", 2), 80, end_at=b"3/300 plays")
    screen = Screen(text.replace("^C", ""), 80)
    bench.expect("Ctrl-C: exit code", code == 3, code, text)
    bench.expect("Ctrl-C: nothing is left behind", screen.line == [] and not any(" left" in line for line in screen.done), screen.done)
    bench.expect("Ctrl-C: says so", any("interrupted" in line for line in screen.done), screen.done)


def inert(bench, name, command, word, pipe_code=None):
    """Visible and without effect, on a terminal and in a pipe."""
    code, text = in_pipe(command)
    bench.expect(f"{name}: in a pipe", not re.search(r"[^\n\x20-\x7e\u00a0-\U0010ffff]", text) and not TURNS.search(text), repr(text))
    bench.expect(f"{name}: it is told", word in text and (pipe_code is None or code == pipe_code), word, code, text)
    try:
        screen = Screen(on_terminal(command, 200)[1], 200)
        bench.expect(f"{name}: on a terminal", any(word in line for line in screen.done), word, screen.done)
    except Fault as fault:
        bench.expect(f"{name}: on a terminal", False, fault)


def shown(raw):
    """The end of how limphome shows it."""
    return {"osc": r"\x1b]0;owned\x07", "clipboard": "\\x1b]52;c;cm0gLXJmCg==\\x1b\\", "csi": r"\x1b[2J\x1b[1;1H", "c1": "<U+009B>31m<U+009D>0;owned<U+009C>",
            "raw c1": r"\x9b31m\x9d0;owned\x9c", "line": r"\x0dpass            REAL     all is well\x0a\x08\x08\x0b\x0c",
            "broken": r"\xc0\x80\xed\xa0\x80\xf8\xff\xe7\xba", "turn": "<U+202E>gnp.exe<U+2066><U+2028><U+200F>"}[raw]


def check_hostile(bench):
    """A case's words, a master's words, an adapter's, a vehicle's, a file's name, an argument."""
    for name, raw in HOSTILE.items():
        folder = bench.base / "hostile" / name
        word = shown(name)
        repaired = re.sub(r"\\x[89a-f][0-9a-f]", "\ufffd", word)  # A result holds UTF-8 alone.
        say_case(folder, "FAIL", f"wait(1) check.that({lua_text(raw + b' criterion')}, false, {lua_text(raw + b' wanted')}, {lua_text(b'seen ' + raw)})", raw)
        say_case(folder, "ERROR", f"error({lua_text(raw)})")
        (folder / "master").write_bytes(b"#!/bin/sh\nprintf '%s\\n' \"RESULT " + raw.replace(b"\\", b"\\\\").replace(b"\n", b"\\n") + b"\"\n")
        (folder / "master").chmod(0o755)
        command = bench.run("run", "--scenarios", folder)
        inert(bench, f"{name}, a title", [*command, "FAIL"], word)
        inert(bench, f"{name}, a criterion", [*command, "FAIL"], f"    {repaired} criterion: expected ")
        inert(bench, f"{name}, an error", [*command, "ERROR"], "ERROR.lua:2:")
        inert(bench, f"{name}, a list", bench.run("list", "--scenarios", folder), word)
        inert(bench, f"{name}, a check", bench.run("check", folder / "FAIL.lua"), word)
        inert(bench, f"{name}, an argument", bench.run("run", os.fsdecode(raw)), word)
        inert(bench, f"{name}, a file", bench.run("check", os.fsdecode(raw)), word)
        say_case(folder / "update", "UPDATE", UPDATE)
        master = adapter(folder / "adapter.json", "{adapter}/master")
        if b"\n" not in raw:
            inert(bench, f"{name}, what a master says", bench.run("run", "--scenarios", folder / "update", "--master", master), repaired)
        (folder / "vehicle.json").write_bytes(b'{ "name": "' + raw.replace(b"\n", b"") + b'", "buses": [], "' + raw.replace(b"\n", b"") + b'": 1 }')
        inert(bench, f"{name}, a vehicle", bench.run("check", folder / "vehicle.json"), "vehicle.json")


def main():
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    with tempfile.TemporaryDirectory() as base:
        bench = Bench(sys.argv[1], pathlib.Path(base))
        for check in (check_widths, check_plain, check_failure, check_interrupt, check_hostile):
            check(bench)
    print(f"{bench.rows} checks, {len(bench.faults)} failed", *bench.faults, sep="\n")
    sys.exit(1 if bench.faults else 0)


if __name__ == "__main__":
    main()
