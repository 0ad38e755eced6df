#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plays that are played again: of every group, in another place, by another version or master, from hostile folders, and
stopped on the way.

    check_replay.py LIMPHOME SOURCE_FOLDER
"""
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import jsonschema

SECONDS_MAX = 100
SAME = "the same, bit for bit: digest "

# A quick case of each group.
CASES = ["AUD-02", "COM-03", "FUN-02", "PRE-11", "PWR-02", "RBK-01", "SEC-03", "SEQ-01", "STB-04", "STO-01"]

HEAD = 'case {{ id = "{id}", group = "OWN", title = "a test", {members} run = function(play)\n{body}\nend }}\n'
UPDATE = 'check.result(master.update { image = image { version = "2.0.0", kb = 4 } }, "SUCCESS")'
# Whatever a play needs lies outside of its folder at first: vehicle, image, hooks, a log.
PORTABLE = """
local sent = bus.replay { file = "logs/traffic.log" }
wait("1s")
check.that("an application", ecu.status().version ~= "", "a version", ecu.status().version)
check.equal("frames", 2, sent:fired())
print(select(2, pcall(error, "somewhere")))
"""
FAILING = 'local result = master.start { image = image { version = "2.0.0", kb = 4 } }\nwait("2s")\n' \
          'check.equal("WANTED", "this", "that")\nmaster.wait("60s")'
ODD = 'error("an error of its own")'
TRAFFIC = "(0.100000) can0 123#DEADBEEF\n(0.200000) can0 124#00\n"

ADAPTER = {
    "name": "own", "command": ["/usr/bin/python3", "{adapter}/bin/master.py", "--interface", "{interface}", "--job", "{job}"],
    "environment": {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"},
    "result": {"sources": [{"output": "lines", "patterns": [{
        "pattern": "^RESULT ([A-Z_]+) version=([^ ]*) sid=([0-9A-F]+) nrc=([0-9A-F]+) (.*)$",
        "groups": ["code", "version", "sid", "nrc", "reason"]}]}]},
    "capabilities": ["version_readback", "resend"],
}

# What somebody has put into replay.json: member, value (None: it is taken away), sentence.
HOSTILE = [
    ("format", "limphome-replay/2", 'its format is "limphome-replay/2"'),
    ("format", None, '"format" is missing'),
    ("version", None, '"version" is missing'),
    ("version", 7, '"version" is missing or no text'),
    ("seed", 1, '"seed" is missing or no text'),
    ("seed", "-1", '"seed" is no whole number'),
    ("seed", "99999999999999999999999", '"seed" is no whole number'),
    ("digest", "xyz", '"digest" is no digest'),
    ("digest", "A" * 32, '"digest" is no digest'),
    ("verdict", "wonderful", '"verdict" is no verdict'),
    ("play", "nowhere", 'has no play "nowhere"'),
    ("scenario", "../../etc/passwd", "no path inside of the folder"),
    ("scenario", "/etc/passwd", "no path inside of the folder"),
    ("scenario", "replay/../../x.lua", "no path inside of the folder"),
    ("scenario", "replay//x.lua", "no path inside of the folder"),
    ("scenario", "", "no path inside of the folder"),
    ("scenario", "x" * 300, "no path inside of the folder"),
    ("scenario", "replay/nothing.lua", "cannot be opened"),
    ("scenario", "replay/link", "leads out of the folder"),
    ("scenario", "replay/master/adapter.json", "adapter.json"),
    ("vehicle", "../vehicle.json", "no path inside of the folder"),
    ("vehicle", "replay/link", "leads out of the folder"),
    ("adapter", "..", "no path inside of the folder"),
    ("adapter", "replay/link", "leads out of the folder"),
    ("programs", {}, '"programs" is missing or no list'),
    ("programs", [1], "holds something else than objects"),
    ("programs", [{}] * 9, '"programs" is too long'),
    ("programs", [{}], '"argument" is no place'),
    ("programs", [{"argument": 1e9, "path": "/bin/true", "sha256": "0" * 64}], '"argument" is no place'),
    ("programs", [{"argument": 0, "path": "/bin/true", "sha256": "0"}], '"sha256" is no digest'),
    ("programs", [{"argument": 0, "path": "/bin/true", "sha256": "0" * 64, "copy": "../x"}], "no path inside of the folder"),
    ("findings", "none", '"findings" is missing or no list'),
    ("findings", [{"criterion": 1}], '"criterion" is missing or no text'),
    ("injections", [{"name": "x", "fired": "many"}], '"fired" is no whole number'),
]
TEXTS = ["", "{", "[]", "null", '"text"', "\0\0\0", "[" * 100000, "\xff\xfe{}"]

# Command lines: exit code, a part of standard output, or with ! of standard error.
LINES = [
    ("replay", 2, "!it takes one play"),
    ("replay a b", 2, "!it takes one play"),
    ("replay --bogus x", 2, "!unrecognized option '--bogus'"),
    ("replay --until soon x", 2, '!--until "soon": must be like 2s'),
    ("replay --until 1s --break X x", 2, "!exclude each other"),
    ("replay --gdb x", 2, "!--gdb needs --until TIME or --break CRITERION"),
    ("replay {base}/nowhere", 1, "!nowhere: No such file or directory"),
    ("replay {base}/empty", 1, "!empty: has no replay.json"),
    ("replay {base}/trace", 1, "!such as `limphome exec` and `limphome update` leave"),
    ("replay {base}/groups", 2, "!holds a whole run; name the folder of one of its plays"),
    ("replay {base}/groups/COM-03", 1, "!COM-03: which of its plays? There are first, "),
    ("replay {base}/groups/results.json#", 2, "!names no case"),
    ("replay {base}/groups/results.json#../x", 2, "!names no case"),
    ("replay {base}/groups/results.json#XXX-01", 1, "!XXX-01: is not there"),
    ("replay {base}/groups/results.json#COM-03", 1, "!which of its plays? There are first, "),
    ("replay --out {base}/empty/.. {base}/groups/COM-03/first", 3, "!cannot be made, or is not empty"),
    ("replay --master {base}/nowhere.json {base}/groups/COM-03/first", 3, "!nowhere.json: cannot be opened"),
    ("replay --break INV-3 {base}/groups/COM-03/first", 1, '!did not violate "INV-3"; it violated nothing'),
    ("replay --help", 0, "usage: limphome replay"),
]


class Bench:
    """Folders to play in, and a way to start limphome."""

    def __init__(self, limphome, source, base):
        self.limphome, self.source, self.base = limphome, source, base
        self.faults = []
        self.rows = 0

    def run(self, *arguments, text="", program=None, **more):
        """Exit code, standard output, standard error."""
        done = subprocess.run([program or self.limphome, *map(str, arguments)], input=text, capture_output=True, text=True,
                              errors="replace", timeout=SECONDS_MAX, check=False, **more)
        return done.returncode, done.stdout, done.stderr

    def expect(self, name, good, *details):
        self.rows += 1
        if not good:
            self.faults.append(f"{name}:\n    " + "\n    ".join(str(detail)[:2000] for detail in details))

    def same(self, name, *arguments, **more):
        code, out, err = self.run("replay", *arguments, **more)
        self.expect(name, code == 0 and SAME in out, code, out, err)
        return out


def put(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="")
    return path


def plays(folder):
    return sorted(path.parent for path in folder.rglob("replay.json"))


def change(folder, **members):
    path = folder / "replay.json"
    replay = json.loads(path.read_text(encoding="utf-8"))
    replay = {name: value for name, value in (replay | members).items() if value is not None}
    path.write_text(json.dumps(replay), encoding="utf-8")


def check_groups(bench):
    """One play of each group."""
    run = bench.base / "groups"
    code, out, err = bench.run("run", "--out", run, *CASES)
    bench.expect("the groups are played", code == 0, code, out, err)
    results = json.loads((run / "results.json").read_text(encoding="utf-8"))
    digests = {(case["id"], play["name"]): play["digest"] for run_of in results["runs"] for case in run_of["cases"]
               for play in case["plays"]}
    listed = {path.parent.name.upper() for path in (bench.source / "scenarios").glob("*/*.lua")}
    bench.expect("there is a case of each group", {name.split("-")[0] for name in CASES} == listed, listed)

    def one(name):
        folder = plays(run / name)[0]
        replay = json.loads((folder / "replay.json").read_text(encoding="utf-8"))
        bench.expect(f"{name}: what replay.json says", replay["case"] == name and replay["version"] and
                     replay["digest"] == digests[(name, replay["play"])], replay)
        out = bench.same(f"{name}: the digest", folder)
        bench.expect(f"{name}: digest and verdict are those of results.json", replay["digest"] in out and "pass" in out, out)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(one, CASES))
    schema = json.loads((bench.source / "docs" / "replay.schema.json").read_text(encoding="utf-8"))
    for folder in plays(run):
        wrong = list(jsonschema.Draft202012Validator(schema).iter_errors(json.loads((folder / "replay.json").read_text(encoding="utf-8"))))
        bench.expect(f"{folder}: replay.json fits its schema", not wrong, wrong)
    bench.same("a play by its name in results.json", f"{run}/results.json#COM-03/first")
    bench.same("and from beside it", "results.json#COM-03/first@1", cwd=run)


def own_run(bench):
    """Cases and a master that lie nowhere but in folders of this test."""
    at = bench.base / "own"
    vehicles = bench.source / "vehicles"
    put(at / "cases" / "PORTABLE.lua", HEAD.format(id="PORTABLE", members='vehicle = "../car/line.json",', body=PORTABLE))
    put(at / "cases" / "logs" / "traffic.log", TRAFFIC)
    put(at / "car" / "line.json",
        (vehicles / "oem-lines.json").read_text(encoding="utf-8").replace('"oem-1.0.0.s19"', '"../images/one.s19"'))
    shutil.copy(vehicles / "oem-lines.lua", at / "car")
    put(at / "images" / "one.s19", (vehicles / "oem-1.0.0.s19").read_text(encoding="utf-8"))
    put(at / "cases" / "UPDATE.lua", HEAD.format(id="UPDATE", members="", body=UPDATE))
    put(at / "cases" / "FAILING.lua", HEAD.format(id="FAILING", members="", body=FAILING))
    put(at / "cases" / "ODD.lua", HEAD.format(id="ODD", members="", body=ODD))
    put(at / "mine" / "adapter.json", json.dumps(ADAPTER))
    put(at / "mine" / "bin" / "master.py", (bench.source / "masters" / "minimal_master.py").read_text(encoding="utf-8"))
    out = at / "out"
    code, text, err = bench.run("run", "--out", out, "--scenarios", at / "cases", "--master", at / "mine" / "adapter.json")
    bench.expect("own cases are played", code == 3 and "2 of 4 cases passed, 1 failed, 0 not applicable, 1 in error" in text,
                 code, text, err)
    return at, out


def check_failing(bench, out):
    code, text, err = bench.run("replay", out / "FAILING")
    bench.expect("a failing play says the same again", code == 0 and "WANTED" in text and SAME in text, code, text, err)
    kept = bench.base / "kept"
    bench.same("a replay that is kept", "--out", kept, out / "FAILING")
    bench.expect("its traces are those of the run", all(
        (kept / name).read_bytes() == (out / "FAILING" / name).read_bytes() for name in ("bus.log", "events.log", "state.json")))
    code, text, err = bench.run("replay", out / "ODD")
    bench.expect("an error of the case comes again", code == 0 and "an error of its own" in text and SAME in text, code, text, err)
    again = bench.base / "version"
    shutil.copytree(out / "FAILING", again)
    change(again, version="0.0.1")
    code, text, err = bench.run("replay", again)
    first = text.splitlines()[0] if text else ""
    bench.expect("another version says so, before it tries",
                 code == 0 and re.match(r"played by limphome 0\.0\.1, and this is \S+: another version may", first), code, text, err)
    change(again, digest="0" * 32)
    code, text, err = bench.run("replay", again)
    bench.expect("another digest, and why", code == 1 and "not the same: digest" in text and
                 "likely because this is another version of limphome" in text, code, text, err)


def check_master(bench, at, out):
    """The master has changed where it is, or another one is wanted."""
    script = at / "mine" / "bin" / "master.py"
    before = script.read_text(encoding="utf-8")
    script.write_text(before.replace("import", "# A comment.\nimport", 1), encoding="utf-8")
    code, text, err = bench.run("replay", out / "UPDATE")
    bench.expect("a changed master is said to be one", code == 0 and "not the same as then: " in text and "master.py is another file" in text and SAME in text,
                 code, text, err)
    script.write_text("import sys\nprint('RESULT FAILED_OLD version= sid=0 nrc=0 no')\nsys.exit(1)\n", encoding="utf-8")
    code, text, err = bench.run("replay", out / "FAILING")
    bench.expect("and one that does something else", code == 1 and "likely because the master's program is another one" in text and
                 re.search(r"differ first in line \d+ of events.log", text), code, text, err)
    script.write_text(before, encoding="utf-8")
    other = put(at / "other.json", json.dumps(ADAPTER | {"name": "other", "command": ["/bin/false"]}))
    code, text, err = bench.run("replay", "--master", other, out / "UPDATE")
    bench.expect("another adapter", code == 1 and f"with another adapter: {other}" in text and
                 "likely because the adapter is another one" in text, code, text, err)
    gone = bench.base / "gone"
    shutil.copytree(out / "UPDATE", gone)
    text = (gone / "replay" / "master" / "adapter.json").read_text(encoding="utf-8")
    put(gone / "replay" / "master" / "adapter.json", text.replace("/usr/bin/python3", "/nowhere/python3"))
    code, text, err = bench.run("replay", gone)
    bench.expect("a master that is not there", code == 1 and "name an adapter for it with --master FILE" in err, code, text, err)


def check_moved(bench, at, out):
    """Elsewhere, with another depth and length of its path, another home and language, and nothing of the original."""
    away = bench.base / "a" / "much-deeper-place-with-a-long-name-indeed" / ("x" * 60) / "y"
    away.mkdir(parents=True)
    for name in ("PORTABLE", "UPDATE", "FAILING", "ODD"):
        shutil.copytree(out / name, away / f"{name}-that-was-moved")
    hidden = at.rename(bench.base / "hidden")
    for name in ("PORTABLE", "UPDATE", "FAILING", "ODD"):
        bench.same(f"moved: {name}", away / f"{name}-that-was-moved", cwd="/",
                   env={"PATH": os.environ["PATH"], "HOME": "/nowhere", "LANG": "C", "LONG": "z" * 3000})
    copies = sorted(str(path.relative_to(away)) for path in away.glob("PORTABLE*/replay/**/*") if path.is_file())
    bench.expect("what was copied", [name.split("/", 2)[2] for name in copies] == [
        "PORTABLE.lua", "logs/traffic.log", "master/1-master.py", "master/adapter.json", "vehicle/0-one.s19",
        "vehicle/line.json", "vehicle/oem-lines.lua"], copies)
    hidden.rename(at)


def check_hostile(bench, out):
    folder = bench.base / "hostile"
    shutil.copytree(out / "UPDATE", folder)
    (folder / "replay" / "link").symlink_to("/etc/passwd")
    good = (folder / "replay.json").read_bytes()
    for member, value, sentence in HOSTILE:
        change(folder, **{member: value})
        code, text, err = bench.run("replay", folder)
        bench.expect(f"replay.json: {member} {str(value)[:40]}", code in (1, 3) and sentence in err and not text,
                     sentence, code, text, err)
        (folder / "replay.json").write_bytes(good)
    for text in TEXTS:
        (folder / "replay.json").write_bytes(text.encode("latin-1"))
        code, out_text, err = bench.run("replay", folder)
        bench.expect(f"replay.json: {text[:10]!r}", code == 1 and "is no JSON object" in err and not out_text, code, out_text, err)
    (folder / "replay.json").unlink()
    os.mkfifo(folder / "replay.json")
    code, _, err = bench.run("replay", folder)
    bench.expect("replay.json: a pipe", code == 3 and "is a pipe" in err, code, err)


def check_lines(bench):
    (bench.base / "empty").mkdir()
    put(bench.base / "trace" / "bus.log", "")
    for line, wanted, text in LINES:
        code, out, err = bench.run(*line.format(base=bench.base).split())
        bench.expect(line, code == wanted and text.lstrip("!") in (err if text.startswith("!") else out),
                     f"{wanted}, {text}", code, out, err)


def check_stops(bench, out):
    play = bench.base / "groups" / "COM-03" / "first"
    script = ("help\nstate\nbus 2\nbus none\necu bcm\necu nobody\nflash bcm 0x780000 20\nflash bcm\nmaster\nlua now()\n"
              "lua #bus.messages{}\nlua ecu.status().run\nlua wait(1)\nlua power.cut{}\nlua (\nlua ('x'):rep(1e9)\nnonsense\n"
              "shell echo $LIMPHOME_CASE $LIMPHOME_TIME_NS; test -s bus.log -a -s state.json -a -s bcm.s19 && echo whole\n"
              "step none\nstep 1s\nlua now()\ngo\n")
    text = bench.same("stopped, looked at, and the same", play, "--until", "2s", text=script)
    for part in ("stopped at 2.000000000 s\n", "  gdb    [ARGUMENTS]", "bcm        ", "RoutineControl", "bus takes a number",
                 'there is no ECU "nobody"; there are bcm', "780000  FF ", "flash takes ECU ADDRESS LENGTH",
                 "limphome-master (process 1, thread 1) waits for ", "\n2.0\n", "\nbootloader\n",
                 "attempt to call a nil value (global 'wait')", "attempt to index a nil value (global 'power')",
                 "expression:1: ", 'there is no command "nonsense"', "COM-03 2000000000\nwhole\n", "step takes a duration",
                 "stopped at 3.000000000 s\n", "\n3.0\n"):
        bench.expect(f"prompt: {part!r}", part in text, text)
    bench.same("a hundred stops", play, "--until", "0s", text="step 97ms\n" * 100 + "go\n")
    text = bench.same("a stop behind the end is at the end", play, "--until", "1000s", text="state\ngo\n")
    bench.expect("and says so", ": the play is over" in text and "master: life 1" in text, text)
    code, text, err = bench.run("replay", play, "--until", "2s")
    bench.expect("no commands: it ends there", code == 0 and "ended at 2.000000000 s: no verdict" in text and
                 pathlib.Path(text.splitlines()[-1], "bcm.s19").exists(), code, text, err)
    shutil.rmtree(text.splitlines()[-1])
    code, text, err = bench.run("replay", out / "FAILING", "--break", "WANTED", text="lua now()\ngo\n")
    bench.expect("stopped where the criterion is violated", code == 0 and "stopped at 2.000000000 s" in text and
                 "\n2.0\n" in text and SAME in text, code, text, err)
    code, text, err = bench.run("replay", out / "FAILING", "--break", "WANTD")
    bench.expect("another criterion", code == 1 and 'did not violate "WANTD"; it violated WANTED' in err, code, text, err)
    torn = plays(bench.base / "torn")
    text = bench.same("a torn sector", torn[0], "--until", "1000s", text="ecu bcm\ngo\n")
    bench.expect("is counted", re.search(r"[1-9]\d* torn", text), text)


def check_manual(bench):
    """What docs/replay.md shows of its example is what comes of it."""
    manual = (bench.source / "docs" / "replay.md").read_text(encoding="utf-8")
    script = manual.partition("```lua mine/DEMO-01.lua\n")[2].partition("```")[0]
    put(bench.base / "mine" / "DEMO-01.lua", script)
    code, text, err = bench.run("run", "--out", bench.base / "manual", bench.base / "mine" / "DEMO-01.lua")
    bench.expect("the example of the manual", code == 1 and "TERM: expected SUCCESS, seen INTERRUPTED" in text, code, text, err)
    play = bench.base / "manual" / "DEMO-01"
    _, text, err = bench.run("replay", play)
    digest = text.rpartition(SAME)[2].strip()
    shown = re.findall("digest ([0-9a-f]{32})$", manual, re.MULTILINE)
    bench.expect("its digest", SAME in text and shown == [digest] * 2 and f"and it was {digest}" in manual, text, err, shown)
    _, text, err = bench.run("replay", play, "--until", "2300ms", text="state\nbus 2\nlua ecu.operations().erases\ngo\n")
    flat = " ".join(manual.split())
    for line in text.splitlines():
        if not line.startswith(("bus.log, ", "stopped ", "fail ")):
            bench.expect(f"stopped: {line}", " ".join(line.split()) in flat, text, err)


def check_gdb(bench, out):
    """The debugger is not ours: a back trace of the stopped master, and then the same run."""
    program = shutil.which("gdb")
    bench.expect("gdb is installed", program is not None)
    batch = "-batch -ex bt -ex 'info threads' -ex detach"
    text = bench.same("gdb at the master", bench.base / "groups" / "COM-03" / "first", "--until", "2s",
                      text=f"gdb {batch}\nmaster\nstep 700ms\ngdb {batch}\ngo\n")
    bench.expect("its back traces", len(re.findall(r"^#\d+ .*\bmain \(", text, re.MULTILINE)) == 2, text)
    bench.same("gdb at a master in Python", out / "UPDATE", "--until", "1500ms", text=f"gdb {batch}\nstep 1s\ngdb {batch}\ngo\n")
    code, text, err = bench.run("replay", "--gdb", "--until", "2s", bench.base / "groups" / "COM-03" / "first", text="quit\n")
    bench.expect("gdb at once", code == 0 and "detach" in (text + err).lower() or "syscall" in text, code, text, err)
    code, text, err = bench.run("replay", "--until", "2s", bench.base / "groups" / "COM-03" / "first", text="gdb -batch -ex kill\ngo\n")
    bench.expect("a master that gdb has killed", code == 0 and "has ended in the debugger" in text, code, text, err)


def main():
    limphome, source = map(pathlib.Path, sys.argv[1:3])
    with tempfile.TemporaryDirectory() as base:
        os.environ["TMPDIR"] = base
        bench = Bench(limphome.resolve(), source.resolve(), pathlib.Path(base).resolve())
        code, text, err = bench.run("run", "--out", bench.base / "torn", "PWR-03")
        bench.expect("a case with power cuts", code == 0, code, text, err)
        check_groups(bench)
        check_lines(bench)
        at, out = own_run(bench)
        check_failing(bench, out)
        check_stops(bench, out)
        check_manual(bench)
        check_gdb(bench, out)
        check_hostile(bench, out)
        check_moved(bench, at, out)
        check_master(bench, at, out)
        print(f"{bench.rows} rows, {len(bench.faults)} wrong")
        for fault in bench.faults:
            print(fault)
        return 1 if bench.faults else 0


if __name__ == "__main__":
    sys.exit(main())
