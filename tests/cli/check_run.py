#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Bad scenarios, adapters, vehicles and masters: each gets a clear sentence and the right exit code, and the other cases
of the same run are still played.

    check_run.py LIMPHOME SOURCE_FOLDER
"""
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import signal
import stat
import subprocess
import sys
import tempfile
import time

SECONDS_MAX = 60
PYTHON = "/usr/bin/python3"

HEAD = 'case {{ id = "{id}", group = "BAD", title = "a test", {members} run = function(play)\n{body}\nend }}\n'
GOOD = 'wait(1)\ncheck.equal("runs", "application", ecu.status().run)'
UPDATE = 'check.result(master.update { image = image { version = "2.0.0", kb = 4 } }, "SUCCESS")'

# Cases that are at fault themselves. Body of run, sentence; a name that begins with "=" has a whole file instead.
SCENARIOS = {
    "LOOP": ("while true do end", "has used up its instructions"),
    "LOOP-CAUGHT": ("while true do pcall(function() while true do end end) end", "has used up its instructions"),
    "LOOP-COROUTINE": ("coroutine.wrap(function() while true do end end)()", "has used up its instructions"),
    "LOOP-WAIT": ("while true do wait(0) end", "has used up its instructions"),
    "FOREVER": ("while true do wait('10min') end", "the scenario did not come to its end in the time of a play"),
    "MEMORY": ("local t = {} while true do t[#t + 1] = ('x'):rep(10000) .. #t end", "memory"),
    "RECURSION": ("local function f() return 1 + f() end\nf()", "is there a recursion"),
    "TYPE-WAIT": ("wait({})", "TYPE-WAIT.lua:2: bad argument #1 to 'wait'"),
    "TEXT-WAIT": ("wait('soon')", "TEXT-WAIT.lua:2: bad argument #1 to 'wait'"),
    "TYPE-CHECK": ("check.at_most('x', 'three', 2)", "number expected, got string"),
    "TYPE-IMAGE": ("image { version = 7.5, kb = 'big' }", "TYPE-IMAGE.lua:2:"),
    "BIG-IMAGE": ("image { kb = 401 }", "BIG-IMAGE.lua:2:"),
    "UNKNOWN-FUNCTION": ("wait(1)\nbus.loose { service = 0x36 }", "UNKNOWN-FUNCTION.lua:3: attempt to call a nil value (field 'loose')"),
    "UNKNOWN-PARAMETER": ("bus.lose { servce = 0x36 }", 'servce: no such parameter; did you mean "service"?'),
    "UNKNOWN-ECU": ("ecu.status('engine')", '"engine"'),
    "UNKNOWN-PROFILE": ("profile('N_RX')", '"N_RX"'),
    "ERROR-TABLE": ("error({})", "ERROR-TABLE"),
    "ERROR-TEXT": ("error('no such thing')", "ERROR-TEXT.lua:2: no such thing"),
    "NO-CHECK": ("wait(1)", "the case has checked nothing"),
    "NEVER-FIRED": ("bus.lose { service = 0x36 } " + GOOD, 'the injection "bus.lose" never fired'),
    "OUTSIDE": ("file.read('../../../etc/passwd')", "OUTSIDE.lua:2:"),
    "NO-FILE": ("file.read('nothing')", "nothing"),
    "TWO-MASTERS": ("master.start { image = image {} }\nmaster.start { image = image {} }", "TWO-MASTERS.lua:3:"),
    "WAIT-IN-SORT": ("table.sort({ 3, 2, 1 }, function(a, b) wait(1) return a < b end)", "WAIT-IN-SORT.lua:2:"),
    "=SYNTAX": ('case { id = "SYNTAX",\n  title = }\n', "SYNTAX.lua:2: unexpected symbol near '}'"),
    "=EMPTY": ("", "it calls no case{...}"),
    "=BINARY": ("\x1bLua", "a binary chunk"),
    "=NO-ID": ('case { group = "BAD", title = "x", run = print }', '"id" must be a text, not missing'),
    "=ODD-ID": ('case { id = "../x", group = "BAD", title = "x", run = print }', '"id" may have letters, digits and'),
    "=TITLE": ('case { id = "TITLE", group = "BAD", title = {}, run = print }', '"title" must be a text, not table'),
    "=NO-RUN": ('case { id = "NO-RUN", group = "BAD", title = "x" }', '"run" must be a function'),
    "=MEMBER": ('case { id = "MEMBER", group = "BAD", title = "x", runs = 3 }', 'it has no member "runs"'),
    "=PRIORITY": ('case { id = "PRIORITY", group = "BAD", title = "x", priority = 3, run = print }', "must be 1 or 2"),
    "=NEEDS": ('case { id = "NEEDS", group = "BAD", title = "x", needs = "resend", run = print }', "must be a list of texts, not string"),
    "=TWO-CASES": ('c = { id = "TWO-CASES", group = "BAD", title = "x", run = print }\ncase(c)\ncase(c)', "a file holds one case"),
    "=SAME-PLAYS": ('case { id = "SAME-PLAYS", group = "BAD", title = "x", run = print,\n plays = { { name = "a" }, { name = "a" } } }', 'plays 1 and 2 have the same name "a"'),
    "=ODD-PLAY": ('case { id = "ODD-PLAY", group = "BAD", title = "x", run = print, plays = { { name = "../a" } } }', "the name of play 1 must be a text of"),
    "=NO-PLAYS": ('case { id = "NO-PLAYS", group = "BAD", title = "x", run = print, plays = {} }', '"plays" must have 1 to 1000 entries'),
    "=TABLE-PLAYS": ('case { id = "TABLE-PLAYS", group = "BAD", title = "x", run = print, plays = { 1 } }', 'entry 1 of "plays" must be a table'),
    "=HEAD-LOOP": ("while true do end", "has used up its instructions"),
    "=HEAD-ACTS": ('local new = image {}\n', "HEAD-ACTS.lua:1: attempt to call a nil value (global 'image')"),
    "=HUGE": ("--" + "x" * (1 << 20), "HUGE.lua"),
    "=ECU-TEXT": ('case { id = "ECU-TEXT", group = "BAD", title = "x", run = print, ecu = "fast" }', '"ecu" is no table with names'),
    "=ECU-DEEP": ('t = {} t.t = t\ncase { id = "ECU-DEEP", group = "BAD", title = "x", run = print, ecu = t }', '"ecu" is nested too deep'),
}
# Members of case{...}, with a good body.
MEMBERS = {
    "UNKNOWN-CAPABILITY": ('needs = { "resent" },', 'needs "resent", which is no capability; the nearest is "resend"'),
    "VEHICLE-MISSING": ('vehicle = "lorry",', "lorry.json: cannot be opened"),
    "VEHICLE-BROKEN": ('vehicle = "broken.json",', "broken.json:2: "),
    "ECU-MEMBER": ("ecu = { blok_length = 1026 },", "blok_length"),
    "ECU-VALUE": ("ecu = { block_length = 1 },", "block_length"),
    "ECU-TYPE": ('ecu = { block_length = "long" },', "block_length"),
}

# What `limphome check` says of a case without running it: body of run, sentence; empty: nothing is wrong.
CHECKS = {
    "C-GOOD": (GOOD, ""),
    "C-LOCAL": ("local function f(a, ...) for k, v in pairs(a) do t = { key = v } end return f, t, k end f({})\nlocal x <const> = 1 return x", ""),
    "C-TEXT": ("--[[ nothing.here() ]] local s = 'nowhere.to()' .. [==[ go.to() ]] ]==] -- or.not()\ncheck.that('\\'x', s, s)", ""),
    "C-METHOD": ("local s = ('x'):rep(3) check.that('x', s.nothing == nil, 1) goto done ::done::", ""),
    "C-SHADOW": ("local bus = { loose = print } bus.loose()", ""),
    "C-NUMBER": ("check.equal('x', 0x1E5, 1e5 + .5) check.that('y', 1 == 1 and 2 ~= 3 and 4 <= 5)", ""),
    "C-FUNCTION": ("wait(1)\nbus.loose { service = 0x36 }", 'C-FUNCTION.lua:3: there is no "bus.loose"; did you mean "bus.lose"?'),
    "C-GLOBAL": ("wiat(1)", 'C-GLOBAL.lua:2: there is no "wiat"; did you mean "wait"?'),
    "C-LIBRARY": ("os.exit(0)", 'C-LIBRARY.lua:2: there is no "os"'),
    "C-LATER": ("if false then check.equals('x', 1, 1) end", 'there is no "check.equals"; did you mean "check.equal"?'),
    "C-DEEP": ("string.formatt('x')", 'there is no "string.formatt"; did you mean "string.format"?'),
}

# A master of each kind of trouble: verdict of a case that wants an update, and what the finding or the error says.
MASTERS = {
    "missing": (None, "error", "is no program that can be run"),
    "not-executable": ("#!/bin/sh\nexit 0\n", "error", "is no program that can be run"),
    "no-interpreter": ("#!/nowhere/python\n", "error", "the program cannot be started"),
    "exits-at-once": ("#!/bin/sh\nexit 3\n", "fail", "INV-8"),
    "says-success": ("#!/bin/sh\nexit 0\n", "fail", "INV-1"),
    "segfault": ('#!/bin/sh\nkill -SEGV $$\n', "fail", "INV-8"),
    "killed": ('#!/bin/sh\nkill -KILL $$\n', "fail", "INV-8"),
    "spins": ("#!/usr/bin/python3\nn = 0\nwhile True:\n    n += 1\n", "fail", "INV-8"),
    "sleeps": ("#!/bin/sh\nsleep 1000000\n", "fail", "INV-8"),
    "blocks": ("#!/bin/sh\nmkfifo fifo\nread line <fifo\n", "fail", "INV-8"),
    "floods": ("#!/bin/sh\nexec yes 'nothing at all'\n", "fail", "INV-8"),
    "garbage": ("#!/bin/sh\nhead -c 100000 /dev/zero | tr '\\0' '\\377'\nexit 7\n", "fail", "INV-8"),
    "own-words": ("#!/bin/sh\necho 'RESULT WONDERFUL'\nexit 7\n", "fail", "INV-8"),
    "raises": ("#!/usr/bin/python3\nraise SystemError('no')\n", "fail", "INV-8"),
    "leaves-a-child": ("#!/bin/sh\nsleep 100000 &\nexit 7\n", "fail", "INV-8"),
}

# Adapters: text, exit code of run, sentence.
ADAPTERS = {
    "nothing": ("", 1, "nothing.json"),
    "broken": ('{\n"name": ', 1, "broken.json:"),
    "member": ('{"name": "x", "comand": []}', 1, 'comand'),
    "command": ('{"name": "x", "capabilities": [], "result": {"sources": [{"exit_codes": {"0": "SUCCESS"}}]}}', 1, '"command"'),
    "capability": ('{"name": "x", "command": ["/bin/true"], "capabilities": ["resum"],'
                   '"result": {"sources": [{"exit_codes": {"0": "SUCCESS"}}]}}', 1, 'did you mean "resume"?'),
    "relative": ('{"name": "x", "command": ["./x"], "capabilities": [],'
                 '"result": {"sources": [{"exit_codes": {"0": "SUCCESS"}}]}}', 1, "./x"),
    "type": ('{"name": "x", "command": "true", "capabilities": [], "result": 1}', 1, "command"),
}

# Command lines: exit code, and a part of standard output, or with ! of standard error.
LINES = [
    ("run --seed x", 2, '!--seed "x": must be a whole number'),
    ("run --seed -1", 2, '!--seed "-1": must be a whole number'),
    ("run --jobs 0", 2, '!--jobs "0": must be a whole number from 1 to 64'),
    ("run --jobs 65", 2, '!--jobs "65": must be a whole number from 1 to 64'),
    ("run --repeat 0", 2, '!--repeat "0": must be a whole number from 1 to 100000'),
    ("run --repeat 100001", 2, "!must be a whole number from 1 to 100000"),
    ("run --bogus", 2, "!limphome run: unrecognized option '--bogus'"),
    ("run --master", 2, "!limphome run: option '--master' requires an argument"),
    ("run --master ''", 2, '!--master "": the path is empty'),
    ("run --master {base}/nowhere.json", 3, "!nowhere.json: cannot be opened"),
    ("run --master {base}", 3, "!is a folder"),
    ("run --scenarios {base}/nowhere", 1, "!nowhere: there is no such folder of scenarios"),
    ("run --scenarios {base}/empty", 1, "!no case (*.lua) lies in or below this folder"),
    ("run --scenarios {good} GOD", 2, '!no case fits "GOD"; the nearest is GOOD'),
    ("run --scenarios {good} tag:none", 2, '!no case fits "tag:none"'),
    ("run --scenarios {good} {base}/nowhere.lua", 3, "nowhere.lua: cannot be opened"),
    ("run --scenarios {good} --out {base}/file", 3, "!file: is no folder"),
    ("run --scenarios {good} --out /proc/nowhere", 3, "!/proc/nowhere: cannot be made"),
    ("run --scenarios {good} --out {base}/file/below", 3, "!cannot be made: Not a directory"),
    ("run --help", 0, "usage: limphome run"),
    ("list --bogus", 2, "!limphome list: unrecognized option"),
    ("list --scenarios {base}/nowhere", 1, "!there is no such folder"),
    ("list --scenarios {base}/bad", 3, "a file holds one case"),
    ("list --help", 0, "usage: limphome list"),
    ("prove --jobs 0", 2, '!--jobs "0": must be a whole number from 1 to 64'),
    ("prove --seed x", 2, '!--seed "x"'),
    ("prove --bogus", 2, "!limphome prove: unrecognized option"),
    ("prove M999", 2, "!no patch is wanted"),
    ("prove --mutants {base}/nowhere --variants {base}/nowhere", 2, "!no patch is wanted"),
    ("prove --help", 0, "usage: limphome prove"),
]


def say(path, text, executable=False):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("latin-1"))
    if executable:
        path.chmod(path.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    return path


def case_text(name, body, members=""):
    return HEAD.format(id=name, members=members, body=body)


class Bench:
    """Files for all rows, and a way to start limphome."""

    def __init__(self, limphome, source, base):
        self.limphome, self.source, self.base = limphome, source, base
        self.reference = source / "masters" / "reference.json"
        self.faults = []
        self.rows = 0
        say(base / "good" / "GOOD.lua", case_text("GOOD", GOOD, 'tags = { "quick" },'))
        say(base / "good" / "sub" / "OTHER.lua", case_text("OTHER", GOOD, "plays = { { name = 'a' }, { name = 'b' } },"))
        (base / "empty").mkdir()
        (base / "file").touch()
        say(base / "slow" / "SLOW.lua", case_text("SLOW", GOOD + "\nwait('100min')", "plays = {" + "{}," * 500 + "},"))

    def run(self, line, seconds=SECONDS_MAX, **more):
        """Exit code (None: it took too long), standard output, standard error."""
        arguments = [part.format(base=self.base, good=self.base / "good", reference=self.reference)
                     for part in (shlex.split(line) if isinstance(line, str) else map(str, line))]
        try:
            done = subprocess.run([self.limphome, *arguments], stdin=subprocess.DEVNULL, capture_output=True,
                                  timeout=seconds, check=False, **more)
        except subprocess.TimeoutExpired:
            return None, "", ""
        return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")

    def play(self, name, *line):
        """A run that keeps its results: exit code, results.json, all that was printed."""
        out = self.base / "out" / name
        out.parent.mkdir(exist_ok=True)
        code, text, errors = self.run(["run", "--out", out, *line])
        results = out / "results.json"
        return code, json.loads(results.read_text(encoding="utf-8")) if results.exists() else None, text + errors

    def expect(self, name, good, *details):
        self.rows += 1
        if not good:
            self.faults.append(f"{name}:\n    " + "\n    ".join(str(detail)[:1500] for detail in details))


def by_id(results):
    return {one["id"]: one for run in (results or {"runs": []})["runs"] for one in run["cases"]}


def verdict_of(seen, name):
    return seen[name]["verdict"] if name in seen else None


def said(one):
    """All that a result says of a case."""
    return "\n".join([play["error"] for play in one["plays"]] +
                     [f"{f['criterion']}: expected {f['expected']}, seen {f['seen']}" for play in one["plays"] for f in play["findings"]])


def check_scenarios(bench):
    folder = bench.base / "bad"
    expected = {}
    for name, (text, sentence) in SCENARIOS.items():
        expected[name.lstrip("=")] = sentence
        say(folder / f"{name.lstrip('=')}.lua", text if name.startswith("=") else case_text(name, text))
    for name, (members, sentence) in MEMBERS.items():
        expected[name] = sentence
        say(folder / f"{name}.lua", case_text(name, GOOD, members))
    say(folder / "broken.json", '{ "name": "broken",\n "buses": [ }')
    say(folder / "twins" / "one.lua", case_text("TWIN", GOOD))
    say(folder / "twins" / "two.lua", case_text("TWIN", GOOD))
    (folder / "DANGLING.lua").symlink_to(folder / "nowhere")
    os.mkfifo(folder / "PIPE.lua")
    expected |= {"DANGLING": "DANGLING.lua: cannot be opened", "PIPE": "PIPE.lua: is a pipe", "TWIN": "are both the case TWIN"}
    say(folder / "GOOD.lua", case_text("GOOD", GOOD))
    say(folder / "ZZ-LAST.lua", case_text("ZZ-LAST", GOOD))
    code, results, text = bench.play("scenarios", "--scenarios", folder)
    seen = by_id(results)
    bench.expect("scenarios: exit code", code == 3, code, text)
    bench.expect("scenarios: the good ones are played", [verdict_of(seen, name) for name in ("GOOD", "ZZ-LAST")] == ["pass"] * 2, text)
    bench.expect("scenarios: no others", seen.keys() == expected.keys() | {"GOOD", "ZZ-LAST"}, seen.keys() ^ expected.keys())
    for name, sentence in expected.items():
        one = seen.get(name)
        bench.expect(f"scenario {name}", one and one["verdict"] == "error" and sentence in said(one), sentence, one and said(one))


def check_checks(bench):
    """Scenarios that are only read: what a run would find at their head is found as well."""
    folder = bench.base / "bad"
    rows = {name: (say(bench.base / "checks" / f"{name}.lua", case_text(name, text)), sentence) for name, (text, sentence) in CHECKS.items()}
    heads = [name.lstrip("=") for name in SCENARIOS if name.startswith("=")]
    rows |= {name: (folder / f"{name}.lua", (SCENARIOS.get(f"={name}") or MEMBERS.get(name))[1]) for name in [*heads, *MEMBERS]}
    for name, (path, sentence) in rows.items():
        code, out, err = bench.run(["check", path])
        good = code == 0 and f"case {name}" in out if not sentence else code in (1, 3) and sentence in err
        bench.expect(f"check {name}", good, sentence, code, out, err)


def adapter_text(command):
    return json.dumps({
        "name": "odd", "command": command, "capabilities": ["version_readback"], "limits": {"update": "1min"},
        "result": {"sources": [{"output": "lines", "patterns": [{"pattern": "^RESULT ([A-Z_]+)", "groups": ["code"]}]},
                               {"exit_codes": {"0": "SUCCESS"}}]}})


def check_master(bench, name):
    text, verdict, sentence = MASTERS[name]
    folder = bench.base / "masters" / name
    if text is not None:
        say(folder / "master", text, executable=name != "not-executable")
    adapter = say(folder / "adapter.json", adapter_text(["{adapter}/master"]))
    begun = time.monotonic()
    code, results, text = bench.play(f"master-{name}", "--master", adapter, "--scenarios", bench.base / "wanting")
    seen = by_id(results)
    good = (code == (3 if verdict == "error" else 1) and verdict_of(seen, "GOOD") == "pass" and
            verdict_of(seen, "UPDATE") == verdict and sentence in said(seen["UPDATE"]))
    bench.expect(f"master {name}", good, f"{verdict}, {sentence}; {time.monotonic() - begun:.1f} s", code, text)


def check_masters(bench):
    say(bench.base / "wanting" / "GOOD.lua", case_text("GOOD", GOOD))
    say(bench.base / "wanting" / "UPDATE.lua", case_text("UPDATE", UPDATE))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda name: check_master(bench, name), MASTERS))
    flood(bench)


def check_adapters(bench):
    for name, (text, wanted, sentence) in ADAPTERS.items():
        adapter = say(bench.base / "adapters" / f"{name}.json", text)
        code, out, err = bench.run(["run", "--scenarios", bench.base / "good", "--master", adapter])
        bench.expect(f"adapter {name}", code == wanted and sentence in err, f"{wanted}, {sentence}", code, out, err)


def flood(bench):
    """What is kept of the output is bounded."""
    logs = list((bench.base / "out").rglob("master-*.log"))
    sizes = {str(log): log.stat().st_size for log in logs if log.stat().st_size > 4 << 20}
    bench.expect("output kept", logs and not sizes, sizes)


def check_lines(bench):
    for line, wanted, text in LINES:
        code, out, err = bench.run(line)
        good = code == wanted and text.lstrip("!") in (err if text.startswith("!") else out)
        bench.expect(line, good, f"{wanted}, {text}", code, out, err)


def descendants(pid):
    children = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False).stdout.split()
    return {int(child) for child in children}.union(*(descendants(child) for child in children))


def alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def check_interrupt(bench):
    """A run that is interrupted ends at once, says so, and leaves nobody behind."""
    out = bench.base / "out" / "interrupted"
    folder = bench.base / "interrupted"
    say(folder / "FIRST.lua", case_text("FIRST", GOOD))
    say(folder / "ZZ-MANY.lua", case_text("ZZ-MANY", UPDATE, "plays = {" + "{}," * 300 + "},"))
    with subprocess.Popen([bench.limphome, "run", "--jobs", "2", "--out", out, "--scenarios", folder], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, text=True) as process:
        first = process.stdout.readline()
        while not (children := descendants(process.pid)):
            time.sleep(0.01)
        begun = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)
        try:
            text, _ = process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            text = "it goes on"
        took = time.monotonic() - begun
    seen = by_id(json.loads((out / "results.json").read_text(encoding="utf-8")) if (out / "results.json").exists() else None)
    bench.expect("interrupt: what was done stays", "FIRST" in first and verdict_of(seen, "FIRST") == "pass", first, text)
    bench.expect("interrupt: the rest is told", verdict_of(seen, "ZZ-MANY") == "error" and "interrupted" in text, text)
    bench.expect("interrupt: exit code and haste", process.returncode == 3 and took < 5, process.returncode, took)
    time.sleep(0.2)
    bench.expect("interrupt: nobody is left", not any(map(alive, children)), children)


PATCH = """{head}
--- a/master/{file}
+++ b/master/{file}
@@ -1,1 +1,1 @@
-{old}
+{new}
"""
SPDX = "/* SPDX-License-Identifier: Apache-2.0 */"


def check_patches(bench):
    """A patch that is at fault is told, and the others are proved."""
    def patch(name, new=SPDX, old=SPDX, head=None, file="ota_plan.c"):
        head = head or f"Mutant: {name}\nDefect: none\nCase: GOOD\nCriterion: c"
        return say(bench.base / "patches" / f"{name}-x.patch", PATCH.format(head=head, file=file, old=old, new=new))

    source = next((bench.source / "master").glob("*.c")).name
    patch("M901", new=SPDX + " ", file=source)
    patch("M902", new="int broken(", file=source)
    patch("M903", old="no such line", file=source)
    patch("M904", file="no_such_file.c")
    folders = f"--mutants {bench.base / 'patches'} --variants {bench.base / 'empty'} --scenarios {bench.base / 'good'}"
    code, out, err = bench.run(f"prove {folders}")
    rows = dict(re.findall(r"^(?:ALIVE|killed) +(M[0-9]+) .*\n((?: +.*\n)+)", out, re.MULTILINE))
    bench.expect("patches: exit code", code == 1 and "0 of 4 defects" in out, code, out, err)
    for name, sentence in (("M901", "not found"), ("M902", "the patched master does not compile:"), ("M903", "the patch does not apply:"), ("M904", "no_such_file.c")):
        bench.expect(f"patch {name}", sentence in rows.get(name, ""), sentence, rows.get(name), out, err)
    for name, head, sentence in (("M905", "Defect: none", 'lack "Mutant:"'), ("M905", "Mutant: M905\nDefect: d\nCase: X", 'lack "Criterion:"'),
                                 ("M905", "Mutant: M905\nDefect: d\nCriterion: c", 'lack "Case:"')):
        patch(name, head=head, file=source)
        code, out, err = bench.run(f"prove {folders}")
        bench.expect(f"head of a patch {sentence}", code == 1 and sentence in err, code, out, err)


NOISY = """#!/usr/bin/python3
import os, time
with open("/dev/urandom", "rb", buffering=0) as noise:
    time.sleep(1 + int.from_bytes(noise.read(4), "little") / 2**30)
print("RESULT REFUSED", flush=True)
"""
STEADY = NOISY.replace("/dev/urandom", "/dev/zero")


def check_verify(bench):
    """A master whose course is not the vehicle's doing is found out."""
    say(bench.base / "verify" / "ENDS.lua", case_text("ENDS", "check.result(master.update { image = image { kb = 4 } }, 'REFUSED')\n"
                                                     "print(now())"))
    for name, text, wanted in (("noisy", NOISY, 3), ("steady", STEADY, 0)):
        folder = bench.base / "masters" / name
        say(folder / "master", text, executable=True)
        adapter = say(folder / "adapter.json", adapter_text(["{adapter}/master"]))
        code, results, text = bench.play(f"verify-{name}", "--verify", "--keep-traces", "--master", adapter, "--scenarios", bench.base / "verify")
        told = said(by_id(results)["ENDS"]) if results else ""
        good = code == wanted and (wanted == 0 or "two plays with one seed differ first in line" in told)
        bench.expect(f"--verify of a {name} master", good, code, text)


def check_good(bench):
    good = bench.base / "good"
    files = sorted((bench.base / "out").rglob("results.json"))
    done = subprocess.run([PYTHON, bench.source / "tests" / "reports" / "validate.py", bench.source, *files],
                          capture_output=True, text=True, check=False)
    bench.expect("results.json is as its schema says", len(files) > 10 and done.returncode == 0 and not done.stdout,
                 len(files), done.stdout, done.stderr)
    for line, names in (("GOOD", ["GOOD"]), ("G*", ["GOOD"]), ("BAD", ["GOOD", "OTHER"]), ("tag:quick", ["GOOD"]), ("OTHER G*", ["GOOD", "OTHER"]),
                        (f"GOOD {good}/GOOD.lua {good}/GOOD.lua", ["GOOD"])):
        code, out, err = bench.run(f"list --json --scenarios {good} {line}")
        seen = [one["id"] for one in json.loads(out)] if code == 0 else None
        bench.expect(f"list {line}", seen == names, code, out, err)
        code, out, err = bench.run(f"run --scenarios {good} {line}")
        seen = sorted(re.findall(r"^pass +([A-Z]+) ", out, re.MULTILINE))
        bench.expect(f"run {line}", code == 0 and seen == names, code, out, err)
    digests = {}
    for jobs in (1, 2, 5):
        code, results, text = bench.play(f"jobs-{jobs}", "--scenarios", good, "--jobs", jobs, "--repeat", 3, "--seed", 7)
        plays = [(one["id"], play["name"], play["seed"], play["digest"]) for one in by_id(results).values() for play in one["plays"]]
        digests[jobs] = plays
        bench.expect(f"--jobs {jobs} --repeat 3", code == 0 and sorted({play[2] for play in plays}) == ["7", "8", "9"] and len(plays) == 9, plays, text)
    bench.expect("--jobs changes nothing", digests[1] == digests[2] == digests[5], digests)
    code, results, text = bench.play("traces", "--scenarios", good, "--keep-traces", "GOOD")
    kept = {path.name for path in (bench.base / "out" / "traces" / "GOOD").iterdir()}
    bench.expect("--keep-traces", code == 0 and {"bus.log", "events.log", "state.json"} <= kept, kept)


def main():
    limphome, source = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
    with tempfile.TemporaryDirectory() as base:
        bench = Bench(limphome, source, pathlib.Path(base))
        for check in (check_scenarios, check_checks, check_masters, check_adapters, check_lines, check_interrupt, check_patches, check_verify, check_good):
            begun = time.monotonic()
            check(bench)
            print(f"{check.__name__}: {time.monotonic() - begun:.1f} s")
    print(f"{bench.rows} checks, {len(bench.faults)} failed", *bench.faults, sep="\n")
    sys.exit(1 if bench.faults else 0)


if __name__ == "__main__":
    main()
