#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sweeps that are split, interrupted and killed leave the same results.json as one that is left alone.

    check_explore.py LIMPHOME SOURCE_FOLDER
"""
import hashlib
import html.parser
import json
import os
import pathlib
import pty
import signal
import subprocess
import sys
import tempfile

SECONDS_MAX = 120
SWEEP = ("explore", "power", "--size", "1")
SHARDS = 4


class Bench:
    def __init__(self, limphome, source, base):
        self.limphome, self.source, self.base = limphome.resolve(), source.resolve(), base
        self.faults, self.rows = [], 0

    def start(self, *line):
        """Exit code and all that was printed."""
        done = subprocess.run([self.limphome, *map(str, line)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=SECONDS_MAX, check=False, cwd=self.base)
        return done.returncode, done.stdout.decode(errors="replace")

    def start_and_stop(self, number, *line):
        """The same, with a signal as soon as a unit is in the journal."""
        folder = self.base / line[line.index("--out") + 1]
        with subprocess.Popen([self.limphome, *line], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              cwd=self.base) as running:
            while running.poll() is None and lines_of(folder / "sweep.journal") < 2:
                os.sched_yield()
            running.send_signal(number)
            printed = running.communicate(timeout=SECONDS_MAX)[0].decode(errors="replace")
        return running.returncode, printed

    def bytes_of(self, name):
        return (self.base / name).read_bytes()

    def expect(self, name, good, *details):
        self.rows += 1
        if not good:
            self.faults.append(f"{name}:\n    " + "\n    ".join(str(detail)[:1500] for detail in details))


def lines_of(path):
    try:
        return path.read_bytes().count(b"\n")
    except FileNotFoundError:
        return 0


def results_of(printed):
    return [line for line in printed.splitlines() if not line.startswith("limphome explore: ")]


def check_whole(bench):
    code, printed = bench.start(*SWEEP, "--out", "whole", "--jobs", "2")
    bench.expect("a sweep ends well", code == 0 and "whole/results.json" in printed, code, printed)
    left = sorted(path.name for path in (bench.base / "whole").iterdir())
    bench.expect("its folder", left == ["junit.xml", "report.html", "results.json", "sweep.journal"], left)
    again = bench.start(*SWEEP, "--out", "whole")
    bench.expect("once more is the same, from the journal", (again[0], results_of(again[1])) == (code, results_of(printed)), again, printed)
    points = json.loads(bench.bytes_of("whole/results.json"))["sweeps"][0]["verdicts"][0]["count"]
    bench.expect("it says first what it will try", printed.startswith("limphome explore: ") and f" bus frames; {points} points to try; " in printed, printed)
    bench.expect("and what was done before", f"{points} points to try, of which the journal has {points}" in again[1], again[1])


def check_manual(bench):
    """docs/explore.md has each verdict, in their order, and the bad ones in bold."""
    verdicts = json.loads(bench.bytes_of("whole/results.json"))["sweeps"][0]["verdicts"]
    wanted = [verdict["name"] if verdict["good"] else f"**{verdict['name']}**" for verdict in verdicts]
    manual = (bench.source / "docs" / "explore.md").read_text(encoding="utf-8")
    table = manual.partition("| verdict | |")[2].partition("\n\n")[0]
    found = [row.split("|")[1].strip() for row in table.splitlines()[2:]]
    bench.expect("the manual has all verdicts", found == wanted, found, wanted)


def check_shards(bench):
    for shard in range(1, SHARDS + 1):
        code, printed = bench.start(*SWEEP, "--out", "shards", "--shard", f"{shard}/{SHARDS}", "--quiet")
        bench.expect(f"shard {shard} ends well", (code, printed) == (0, ""), code, printed)
    parts = [f"shards/results-{shard}-of-{SHARDS}.json" for shard in (3, 1, 4, 2)]
    code, printed = bench.start("report", *parts, "--json", "merged.json")
    bench.expect("the shards are put together", code == 0, code, printed)
    bench.expect("they are the whole sweep", bench.bytes_of("merged.json") == bench.bytes_of("whole/results.json"))
    code, printed = bench.start("report", *parts[:-1], "--json", "lacking.json")
    bench.expect("without one of them it is not", code == 3 and bench.bytes_of("lacking.json") != bench.bytes_of("whole/results.json"), code, printed)


def check_interrupt(bench):
    line = (*SWEEP, "--out", "stopped", "--jobs", "1")
    code, printed = bench.start_and_stop(signal.SIGINT, *line)
    bench.expect("Ctrl-C ends it well, and says how to go on", code == 3 and "The same command goes on" in printed, code, printed)
    done = lines_of(bench.base / "stopped/sweep.journal")
    bench.expect("what was done is kept", bench.bytes_of("stopped/results.json") != bench.bytes_of("whole/results.json") and done >= 2, done)
    code, printed = bench.start(*SWEEP, "--out", "stopped", "--jobs", "3")
    bench.expect("it goes on", code == 0, code, printed)
    bench.expect("and comes to the same", bench.bytes_of("stopped/results.json") == bench.bytes_of("whole/results.json"))


def check_kill(bench):
    line = (*SWEEP, "--out", "killed", "--jobs", "1")
    code, printed = bench.start_and_stop(signal.SIGKILL, *line)
    bench.expect("it is killed", code == -signal.SIGKILL, code, printed)
    code, printed = bench.start(*line)
    bench.expect("it goes on", code == 0, code, printed)
    bench.expect("and comes to the same", bench.bytes_of("killed/results.json") == bench.bytes_of("whole/results.json"))


def check_refused(bench):
    before = bench.bytes_of("whole/sweep.journal")
    code, printed = bench.start(*SWEEP, "--mode", "linear", "--out", "whole")
    bench.expect("another sweep does not go into this folder", code == 3 and "belongs to another sweep" in printed, code, printed)
    bench.expect("which stays what it is", bench.bytes_of("whole/sweep.journal") == before)
    for line, wanted, said in (
            (("explore", "powr"), 2, '"powr" is no kind of sweep: power, storage or faults'),
            (("explore", "faults", "--shrink", "2"), 2, "--shrink goes with --out FOLDER"),
            ((*SWEEP, "--shard", "5/4"), 2, "there is no such shard"),
            ((*SWEEP, "--shard", "3"), 2, "such as 2/4"),
            ((*SWEEP, "--out", "no/such/place"), 3, "the folder that it is to lie in is not there"),
            (("explore", "faults", "--point", "s0"), 2, "must be an id as a sweep prints it, such as s17")):
        code, printed = bench.start(*line)
        bench.expect(f"{line}", code == wanted and said in printed, code, printed)


def check_clean(bench):
    """An update that goes wrong by itself is not swept, and can be seen."""
    foreign = ("--size", "1", "--vehicle", bench.source / "vehicles/oem-blocks.json")
    for kind in ("power", "storage", "faults"):
        code, printed = bench.start("explore", kind, *foreign)
        bench.expect(f"{kind}: an ECU that the master cannot unlock", code == 1 and "not even go well undisturbed: update lost; to see it" in printed,
                     code, printed)
    code, printed = bench.start("explore", "power", *foreign, "--point", "clean", "--out", "clean")
    bench.expect("the update alone", code == 1 and "verdict  update lost" in printed and "after the cut" not in printed, code, printed)
    said = (bench.base / "clean/events.log").read_text(encoding="utf-8")
    bench.expect("its trace says why", "request seed (SecurityAccess 27): subFunctionNotSupported (12)" in said, said[-500:])
    for master in ((), ("--master", bench.source / "masters/minimal.json")):
        code, printed = bench.start("explore", "power", "--size", "1", "--point", "clean", *master)
        bench.expect(f"an update that goes well {master}", code == 0 and "verdict  updated" in printed, code, printed)


def check_files(bench):
    """What is in the files that the command names is a part of what a sweep is."""
    vehicle = bench.base / "car.json"
    adapter = bench.base / "own.json"
    vehicle.write_bytes((bench.source / "vehicles/single.json").read_bytes())
    (bench.base / "bcm-1.0.0.s19").write_bytes((bench.source / "vehicles/bcm-1.0.0.s19").read_bytes())
    line = ("explore", "power", "--size", "1", "--mode", "linear", "--vehicle", "car.json")
    code, printed = bench.start(*line, "--out", "files", "--shard", "1/2", "--quiet")
    bench.expect("a sweep of a vehicle file", code == 0, code, printed)
    files = json.loads(bench.bytes_of("files/results-1-of-2.json"))["sweeps"][0]["files"]
    digest = hashlib.sha256(vehicle.read_bytes()).hexdigest()
    bench.expect("its results say which file that was", files == [{"name": "car.json", "sha256": digest}], files)
    vehicle.write_bytes(vehicle.read_bytes() + b"\n")
    code, printed = bench.start(*line, "--out", "files", "--shard", "1/2")
    bench.expect("another content is another sweep", code != 0 and 'the contents of "car.json" were others then' in printed, code, printed)
    code, printed = bench.start(*line, "--out", "files", "--shard", "2/2", "--quiet")
    bench.expect("the other shard, with another content", code == 0, code, printed)
    code, printed = bench.start("report", "files/results-1-of-2.json", "files/results-2-of-2.json")
    bench.expect("they are not put together", code != 0 and 'different contents of "car.json"' in printed, code, printed)
    program = bench.base / "own.py"
    program.write_text((bench.source / "masters/minimal_master.py").read_text(encoding="utf-8"), encoding="utf-8")
    given = json.loads((bench.source / "masters/minimal.json").read_text(encoding="utf-8"))
    given["command"] = [word.replace("minimal_master.py", "own.py") for word in given["command"]]
    adapter.write_text(json.dumps(given), encoding="utf-8")
    line = ("explore", "power", "--size", "1", "--mode", "log", "--sample", "2", "--master", "own.json", "--out", "guest")
    code, printed = bench.start(*line)
    bench.expect("a sweep with a guest", code in (0, 1), code, printed)
    program.write_text(program.read_text(encoding="utf-8") + "\n# mended\n", encoding="utf-8")
    code, printed = bench.start(*line)
    bench.expect("a master that was mended is another one", code != 0 and 'own.py" were others then' in printed, code, printed)


def check_baseline(bench):
    """Sweeps against older ones: numbers, points that are newly bad and bad no more."""
    old = json.loads(bench.bytes_of("whole/results.json"))
    sweep = old["sweeps"][0]
    for name, count in (("bricked", 2), ("updated", -2)):
        verdict = next(verdict for verdict in sweep["verdicts"] if verdict["name"] == name)
        verdict["count"] = str(int(verdict["count"]) + count)
    bricked = next(index for index, verdict in enumerate(sweep["verdicts"]) if verdict["name"] == "bricked")
    sweep["failures_all"] = "2"
    sweep["failures"] = [{"id": name, "verdict": bricked, "unit": "0", "rules": "", "replay": "", "scenario": ""} for name in ("f1.2", "f1.3")]
    sweep["map"]["counts"][0] = [0] * len(sweep["verdicts"])
    (bench.base / "old.json").write_text(json.dumps(old), encoding="utf-8")
    code, printed = bench.start("report", "whole", "--baseline", "old.json", "--out", "compared")
    bench.expect("what was bad is bad no more", code == 0 and "bad no more  bricked: f1.2\n" in printed and " 0  bricked, were 2\n" in printed, code, printed)
    left = sorted(path.name for path in (bench.base / "compared").iterdir())
    bench.expect("the folder of a report", left == ["junit.xml", "report.html", "results.json"], left)
    page = (bench.base / "compared/report.html").read_text(encoding="utf-8")
    bench.expect("the page says so in both languages", "Bad no more" in page and "不再出错" in page and "page-changes" in page)
    bench.expect("the results are those", bench.bytes_of("compared/results.json") == bench.bytes_of("whole/results.json"))
    code, printed = bench.start("report", "old.json", "--baseline", "whole")
    bench.expect("what is bad now is named", code == 1 and "newly bad    bricked: f1.3\n" in printed, code, printed)
    code, printed = bench.start("report", "whole", "--baseline", "whole")
    bench.expect("nothing has changed", code == 0 and ": nothing has changed\n" in printed, code, printed)


def check_state_folder(bench):
    """Of a master as guest: parts are the whole, and a point leaves what the master has left."""
    line = ("explore", "storage", "--size", "1", "--master", str(bench.source / "masters/reference.json"))
    sweep = (*line, "--sample", "40", "--quiet", "--out", "state")
    for part in ((), ("--shard", "1/2"), ("--shard", "2/2", "--jobs", "1")):
        code, printed = bench.start(*sweep, *part)
        bench.expect(f"a sweep of a guest's state folder {part}", (code, printed) == (0, ""), code, printed)
    code, printed = bench.start("report", "state/results-1-of-2.json", "state/results-2-of-2.json", "--json", "guest.json")
    bench.expect("its shards are the whole", bench.bytes_of("guest.json") == bench.bytes_of("state/results.json"), code, printed)
    code, printed = bench.start(*line, "--point", "w3.torn4", "--out", "torn")
    bench.expect("a point of it", code == 0 and "number 3 of the writes" in printed, code, printed)
    left = sorted(path.name for path in (bench.base / "torn/master").iterdir())
    lives = [f"master-{life}.log" for life in (1, 2, 3)]
    bench.expect("each life of the master has left what it wrote", left == ["image.s19", "job.json", *lives, "state"], left)
    said = (bench.base / "torn/events.log").read_text(encoding="utf-8")
    bench.expect("the trace has the loss of power", "state folder: w3.torn4" in said, said)


def check_scenarios(bench):
    """What goes wrong in another way becomes a scenario first, and what comes down to the same shares one."""
    line = ("explore", "faults", "--size", "1", "--schedules", "16", "--faults", "1", "--setting", "other-base,endless-erase,liar,slow-erase",
            "--master", bench.source / "masters/minimal.json", "--quiet")

    def failures(shrink):
        code, printed = bench.start(*line, "--shrink", shrink, "--out", f"shrunk-{shrink}")
        bench.expect("a master that goes wrong in two ways", code == 1, code, printed)
        found = json.loads(bench.bytes_of(f"shrunk-{shrink}/results.json"))["sweeps"][0]["failures"]
        return [(failure["id"], failure["rules"], failure["scenario"]) for failure in found]
    first, other = "scenarios/FAULTS-1-s3.lua", "scenarios/FAULTS-1-s15.lua"
    for shrink, second in ((2, ""), (3, first)):
        found = failures(shrink)
        wanted = [("s3", "INV-4", first), ("s8", "INV-4", second), ("s15", "INV-3", other)]
        bench.expect(f"scenarios of {shrink} failures", found == wanted, found, wanted)
        left = sorted(path.name for path in (bench.base / f"shrunk-{shrink}/scenarios").iterdir())
        bench.expect(f"their files, of {shrink}", left == ["FAULTS-1-s15.lua", "FAULTS-1-s3.lua"], left)


class Names(html.parser.HTMLParser):
    """The texts of table heads in a page, and which of them are there in English alone."""

    def __init__(self):
        super().__init__()
        self.inside, self.text, self.zh, self.english = False, "", False, []

    def handle_starttag(self, tag, attrs):
        if tag == "th":
            self.inside, self.text, self.zh = True, "", False
        self.zh = self.zh or ("lang", "zh-Hans") in attrs

    def handle_endtag(self, tag):
        if tag == "th" and self.inside:
            self.inside = False
            if not self.zh and any(letter.isalpha() for letter in self.text) and not self.text.strip().endswith(" s"):
                self.english.append(self.text)

    def handle_data(self, data):
        self.text += data if self.inside else ""


def check_words(bench):
    """Whatever a sweep counts and finds is in Chinese too."""
    for kind, *options in (("storage", "--size", "1", "--sample", "20", "--depth", "2"), ("faults", "--schedules", "16"),
                           ("power", "--size", "1", "--sample", "20", "--depth", "2")):
        code, printed = bench.start("explore", kind, *options, "--out", f"words-{kind}", "--quiet")
        bench.expect(f"a sweep of {kind}", code == 0, code, printed)
        names = Names()
        names.feed((bench.base / f"words-{kind}/report.html").read_text(encoding="utf-8"))
        bench.expect(f"{kind}: nothing is in English alone", not names.english, names.english)


def check_terminal(bench):
    """What a terminal shows: progress, and in the end how long it took."""
    shown = b""
    pid, fd = pty.fork()
    if pid == 0:
        os.chdir(bench.base)
        os.execve(bench.limphome, ["limphome", *SWEEP], {**os.environ, "TERM": "xterm"})
    try:
        while more := os.read(fd, 65536):
            shown += more
    except OSError:  # The other end is closed.
        pass
    status = os.waitpid(pid, 0)[1]
    text = shown.decode(errors="replace")
    bench.expect("a terminal shows the progress", status == 0 and " points, " in text and " to go" in text and "points a second" in text, status, text)


def main():
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), pathlib.Path(folder))
        for check in (check_whole, check_manual, check_shards, check_interrupt, check_kill, check_refused, check_clean, check_files, check_baseline,
                      check_state_folder, check_scenarios, check_words, check_terminal):
            check(bench)
    print("\n".join(bench.faults))
    print(f"{bench.rows} claims, {len(bench.faults)} wrong")
    return 1 if bench.faults else 0


if __name__ == "__main__":
    sys.exit(main())
