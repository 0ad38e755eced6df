#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs put together and compared: shards, masters, seeds, a baseline, and files that are at fault.

    check_report.py LIMPHOME SOURCE_FOLDER
"""
import copy
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SECONDS_MAX = 120
PYTHON = "/usr/bin/python3"  # Debian's, which has the packages that validate.py uses.

CASE = 'case {{ id = "{id}", group = "{group}", title = "{title}", {members} run = function(play)\n{body}\nend }}\n'
PASS = 'wait(1)\ncheck.equal("runs", "application", ecu.status().run)'
FAIL = 'wait(1)\ncheck.equal("runs", "bootloader", ecu.status().run)'
HOSTILE = 'wait(1)\ncheck.equal("<b>&amp;]]>", "\\27[2J\\255", "\\n</failure>\\u{202E}")'


class Bench:
    def __init__(self, limphome, source, base):
        self.limphome, self.source, self.base = limphome.resolve(), source.resolve(), base
        self.cases = base / "cases"
        self.faults, self.rows = [], 0
        self.write("A-01", PASS)
        self.write("A-02", f"if play.name == 'b' then\n{FAIL}\nelse\n{PASS}\nend", 'plays = { { name = "a" }, { name = "b" } },')
        self.write("B-01", PASS)
        self.write("B-02", "wait(1)")
        self.write("C-01", PASS, 'needs = { "resume" },')
        self.write("C-02", HOSTILE, title="&lt;i> <script>alert(1)</script> 升级")

    def write(self, name, body, members="", title="a test"):
        path = self.cases / f"{name}.lua"
        path.parent.mkdir(exist_ok=True)
        path.write_text(CASE.format(id=name, group=name[0], title=title, members=members, body=body), encoding="utf-8")

    def start(self, *line):
        """Exit code and all that was printed."""
        done = subprocess.run([self.limphome, *map(str, line)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=SECONDS_MAX, check=False, cwd=self.base)
        return done.returncode, done.stdout.decode(errors="replace")

    def run(self, name, *line):
        return self.start("run", "--scenarios", "cases", "--out", name, *line)

    def report(self, *line):
        return self.start("report", *line)

    def results(self, name):
        return json.loads((self.base / name).read_text(encoding="utf-8"))

    def validate(self, *names):
        done = subprocess.run([PYTHON, self.source / "tests" / "reports" / "validate.py", self.source, *names], cwd=self.base,
                              capture_output=True, text=True, check=False)
        return done.stdout + done.stderr

    def expect(self, name, good, *details):
        self.rows += 1
        if not good:
            self.faults.append(f"{name}:\n    " + "\n    ".join(str(detail)[:1500] for detail in details))


def without_wall(results):
    """All but real time, and with the folders of plays as in the folder of a run."""
    results = copy.deepcopy(results)
    for run in results["runs"]:
        run["wall_ns"] = "0"
        for play in (play for one in run["cases"] for play in one["plays"]):
            play["wall_ns"] = "0"
            play["folder"] = play["folder"].partition("/")[2]
    return results


def check_run(bench):
    """What a run leaves, and its exit code, are those of a report of it."""
    code, text = bench.run("whole", "--date", "2026-01-02")
    bench.expect("run: exit code", code == 3, code, text)
    whole = bench.results("whole/results.json")["runs"]
    verdicts = {one["id"]: one["verdict"] for one in whole[0]["cases"]}
    bench.expect("run: verdicts", list(verdicts.values()) == ["pass", "fail", "pass", "error", "pass", "fail"], verdicts)
    bench.expect("run: identity", whole[0]["date"] == "2026-01-02" and whole[0]["master"] == "reference", whole[0]["date"])
    folders = [bench.base / "whole" / play["folder"] for one in whole[0]["cases"] for play in one["plays"]]
    bench.expect("run: folders of plays", len(set(folders)) == 7 and all((folder / "master-1.log").exists() or (folder / "state").exists()
                                                                       or any(folder.iterdir()) for folder in folders), *folders)
    bench.expect("run: files are valid", not (said := bench.validate("whole/results.json", "whole/junit.xml")), said)
    page = (bench.base / "whole" / "report.html").read_text(encoding="utf-8")
    bench.expect("run: the page", page.startswith("<!doctype html>") or page.startswith("<!DOCTYPE html>"), page[:80])
    bench.expect("run: the page is inert", "<script>alert" not in page and "\x1b" not in page and "\u202e" not in page)
    code, text = bench.report("whole")
    bench.expect("report: exit code", code == 3, code, text)
    bench.expect("report: says what fails", "runs: expected bootloader, seen application" in text and "limphome replay whole/A-02/b" in text
                 and "the case has checked nothing" in text and "3 of 6 cases passed, 2 failed, 1 in error, 0 not applicable" in text, text)
    bench.expect("report: is inert", not set(text) & {"\x1b", "\u202e", "\r"}, text)
    for pattern, wanted in (("A-01", 0), ("A-*", 1), ("B-02", 3)):
        bench.run("one", pattern)
        code, text = bench.report("one")
        bench.expect(f"exit code of {pattern}", code == wanted, code, text)


def check_shards(bench):
    """Parts give what the whole gives, whatever the order, and however often they are told."""
    for name, patterns in (("s1", ["A-01", "C-*"]), ("s2", ["A-*"]), ("s3", ["B-*"])):
        bench.run(name, "--date", "2026-01-02", *patterns)
    whole = without_wall(bench.results("whole/results.json"))
    for run in whole["runs"]:
        for play in (play for one in run["cases"] for play in one["plays"]):
            play["folder"] = ""
    for order in (("s1", "s2", "s3"), ("s3/results.json", "s2/", "s1"), ("s2", "s1", "s3", "s2")):
        code, text = bench.report(*order, "--json", "merged.json", "--junit", "merged.xml", "--html", "merged.html")
        merged = without_wall(bench.results("merged.json"))
        exist = [(bench.base / play["folder"]).exists() for run in bench.results("merged.json")["runs"] for one in run["cases"] for play in one["plays"]]
        for run in merged["runs"]:
            for play in (play for one in run["cases"] for play in one["plays"]):
                play["folder"] = ""
        bench.expect(f"shards {order}", code == 3 and merged == whole, code, text, merged, whole)
        bench.expect(f"shards {order}: folders", len(exist) == 7 and all(exist), exist)
        bench.expect(f"shards {order}: files are valid", not (said := bench.validate("merged.json", "merged.xml")), said)
    first = [(bench.base / name).read_bytes() for name in ("merged.json", "merged.xml", "merged.html")]
    bench.report("s2", "s1", "s3", "s2", "--json", "merged.json", "--junit", "merged.xml", "--html", "merged.html")
    bench.expect("the same results, the same bytes", first == [(bench.base / name).read_bytes() for name in ("merged.json", "merged.xml", "merged.html")])
    (bench.base / "elsewhere").mkdir()
    bench.report("s1", "--json", "elsewhere/x.json")
    folders = [play["folder"] for one in bench.results("elsewhere/x.json")["runs"][0]["cases"] for play in one["plays"]]
    bench.expect("folders as seen from another file", all((bench.base / "elsewhere" / folder).is_dir() for folder in folders), folders)
    before = bench.results("elsewhere/x.json")
    bench.report("elsewhere/x.json", "--json", "back.json")
    bench.expect("and back", [play["folder"] for one in bench.results("back.json")["runs"][0]["cases"] for play in one["plays"]]
                 == [folder.replace("../", "") for folder in folders], before)


def check_split(bench):
    """Shards of a run, put together, are the run: the same bytes but for real time. One that is missing is told."""
    line = ("--date", "2026-01-02", "--repeat", "3", "--seed", "5")
    code, text = bench.run("whole-3", *line)
    plain = bench.results("whole-3/results.json")
    for shards in (1, 4, 30):
        folder, plays = f"split-{shards}", []
        for shard in range(1, shards + 1):
            code, text = bench.run(folder, "--shard", f"{shard}/{shards}", "--jobs", str(1 + shard % 2), *line)
            if shards > 1:
                part = bench.results(f"{folder}/results-{shard}-of-{shards}.json")
                plays.append(sum(len(one["plays"]) for run in part["runs"] for one in run["cases"]))
                bench.expect(f"shard {shard}/{shards} says which it is", f"seed 5, shard {shard} of {shards}" in text, text)
        if shards == 1:
            bench.expect("one of one is the run", timeless(bench, f"{folder}/results.json") == timeless(bench, "whole-3/results.json"))
            continue
        all_plays = sum(len(one["plays"]) for run in plain["runs"] for one in run["cases"])
        bench.expect(f"{shards} shards: each play once", sum(plays) == all_plays and max(plays) - min(plays) <= 1, plays, all_plays)
        parts = [f"{folder}/results-{shard}-of-{shards}.json" for shard in range(1, shards + 1)]
        for order in (parts, parts[::-1], parts + parts[:1]):
            code, text = bench.report(*order, "--json", f"{folder}/results.json")
            bench.expect(f"{shards} shards: the exit code of the run", code == 3 and "incomplete" not in text, code, text)
            bench.expect(f"{shards} shards: the run, byte for byte", timeless(bench, f"{folder}/results.json") == timeless(bench, "whole-3/results.json"),
                         timeless(bench, f"{folder}/results.json"))
            bench.expect(f"{shards} shards: valid", not (said := bench.validate(parts[0], f"{folder}/results.json")), said)
    line = ("A-01", "B-01")
    for shard in (1, 2, 3):
        code, text = bench.run("good", *line, "--shard", f"{shard}/3")
        bench.expect(f"good: shard {shard}/3", code == 0, code, text)
    code, text = bench.report("good/results-1-of-3.json", "good/results-3-of-3.json", "--html", "good/page.html", "--junit", "good/junit.xml")
    bench.expect("a missing shard is an error", code == 3 and "incomplete: of 3 shards these are missing: 2\n" in text, code, text)
    bench.expect("a missing shard is on the page", "Shards of the run are missing." in (bench.base / "good/page.html").read_text(encoding="utf-8"))
    said = (bench.base / "good/junit.xml").read_text(encoding="utf-8")
    bench.expect("a missing shard is an error for servers", 'errors="1"' in said and "shards of the run are missing" in said, said)
    bench.expect("a missing shard: files are valid", not (said := bench.validate("good/results-1-of-3.json", "good/junit.xml")), said)
    code, text = bench.report(*(f"good/results-{shard}-of-3.json" for shard in (1, 2, 3)))
    bench.expect("all shards are there", code == 0 and "incomplete" not in text, code, text)
    for wrong in ("0/4", "5/4", "4", "/4", "1/", "1/x", "-1/4", "1/10001", "1/4/4", "1 /4", "1/0"):
        code, text = bench.run("good", "--shard", wrong)
        bench.expect(f"--shard {wrong}", code == 2 and "such as 2/4" in text, code, text)


def timeless(bench, name):
    """The bytes of a file of results without real time."""
    return re.sub(rb'"wall_ns":\t"[0-9]+"', b"", (bench.base / name).read_bytes())


def check_side_by_side(bench):
    """Masters and seeds beside each other; no test case of JUnit hides another."""
    bench.run("minimal", "--master", bench.source / "masters" / "minimal.json", "--date", "2026-01-02")
    bench.run("seed2", "--seed", "2", "--date", "2026-01-02")
    bench.run("many", "--seed", "5", "--repeat", "3", "--date", "2026-01-02")
    code, text = bench.report("whole", "minimal", "seed2", "many", "--json", "all.json", "--junit", "all.xml")
    runs = bench.results("all.json")["runs"]
    seen = [(run["master"], run["seed"], run["repeat"]) for run in runs]
    bench.expect("side by side", seen == [("reference", "1", 1), ("minimal", "1", 1), ("reference", "2", 1), ("reference", "5", 3)], seen, code, text)
    bench.expect("not applicable", {one["id"]: one["verdict"] for one in runs[1]["cases"]}["C-01"] == "not applicable" and "a test: needs resume" in text, text)
    bench.expect("seeds are told", "master reference, seeds 5 to 7" in text, text)
    said = bench.validate("--counts", "all.xml")
    counts = json.loads(said) if said.startswith("{") else {}
    names = [name for part in counts.values() for name in part]
    plays = [play for run in runs for one in run["cases"] for play in one["plays"]]
    bench.expect("JUnit: as many as plays", len(names) == len(plays) == len(set(names)), len(plays), said)
    for verdict, part in counts.items():
        bench.expect(f"JUnit: {verdict}", len(part) == sum(play["verdict"] == verdict for play in plays), part)


def check_baseline(bench):
    shutil.copytree(bench.cases, bench.base / "kept")
    bench.write("A-01", FAIL)
    bench.write("A-02", PASS)
    bench.write("B-01", "wait('5s')\n" + PASS)
    (bench.cases / "C-01.lua").unlink()
    bench.write("D-01", PASS)
    bench.run("now")
    code, text = bench.report("now", "--baseline", "whole", "--html", "changes.html")
    told = [line.strip() for line in text[text.index("against the baseline"):].splitlines()]
    wanted = ["against the baseline: 1 newly failing, 1 newly passing, 1 new case, 1 case gone, 1 other duration, nothing else",
              "newly failing   A-01     fail, was pass", "newly passing   A-02     pass, was fail", "new case        D-01     pass",
              "case gone       C-01     was pass"]
    bench.expect("baseline: what has changed", code == 3 and told[:5] == wanted and told[5].startswith("other duration  B-01     11.0") and len(told) == 6, code, text)
    bench.expect("baseline: in the page", "A-01" in (bench.base / "changes.html").read_text(encoding="utf-8"))
    code, text = bench.report("now", "--baseline", "now/results.json")
    bench.expect("baseline: nothing", "against the baseline: nothing has changed" in text, text)
    code, text = bench.report("now", "minimal", "--baseline", "whole", "--baseline", "minimal")
    bench.expect("baseline: of several masters", "1 newly failing" in text and "A-01     fail, was pass: master reference, seed 1" in text
                 and "minimal" not in text[text.index("against the baseline"):], text)
    shutil.rmtree(bench.cases)
    shutil.move(bench.base / "kept", bench.cases)


def check_sweeps(bench):
    """Parts of a sweep are valid files, become the sweep again in every format, and pass for no whole."""
    line = ("explore", "power", "--size", "1", "--mode", "linear")
    code, text = bench.start(*line, "--out", "sweep")
    bench.expect("sweep: exit code", code == 0, code, text)
    for shard in (1, 2, 3):
        code, text = bench.start(*line, "--out", "sweep", "--shard", f"{shard}/3")
        bench.expect(f"sweep: shard {shard}", code == 0, code, text)
    parts = [f"sweep/results-{shard}-of-3.json" for shard in (1, 2, 3)]
    files = ("--json", "swept.json", "--junit", "swept.xml", "--html", "swept.html")
    code, text = bench.report(parts[2], parts[0], *files)
    lacking = re.search(r"^(\d+) of (\d+) units of work are missing: this is a part of the sweep$", text, re.M)
    bench.expect("sweep: a part is told", code == 3 and lacking, code, text)
    bench.expect("sweep: a part is valid", not (said := bench.validate(*parts, "swept.json", "swept.xml")), said)
    bench.expect("sweep: a part is an error for servers", len(json.loads(bench.validate("--counts", "swept.xml"))["error"]) == 1)
    bench.expect("sweep: a part is one on the page", "but not all was swept" in (bench.base / "swept.html").read_text(encoding="utf-8"))
    for order in (parts, parts[::-1], ("swept.json", parts[1])):
        code, text = bench.report(*order, *files)
        bench.expect(f"sweep: {order} are the sweep", code == 0 and (bench.base / "swept.json").read_bytes() ==
                     (bench.base / "sweep/results.json").read_bytes(), code, text)
        for end in ("xml", "html"):
            name = {"xml": "junit.xml", "html": "report.html"}[end]
            bench.expect(f"sweep: {order} give the same {name}", (bench.base / f"swept.{end}").read_bytes() == (bench.base / "sweep" / name).read_bytes())
        bench.report(parts[2], parts[0], *files)
    bench.expect("sweep: valid", not (said := bench.validate("sweep/results.json", "sweep/junit.xml")), said)
    code, text = bench.report(*parts, parts[1])
    bench.expect("sweep: a part that is told twice", code == 1 and parts[1] in text and "was the same part given twice?" in text, code, text)
    code, text = bench.report("sweep", "whole", "--baseline", "whole", "--html", "swept.html", "--junit", "swept.xml", "--json", "swept.json")
    page = (bench.base / "swept.html").read_text(encoding="utf-8")
    bench.expect("sweep: beside a run", code == 3 and 'id="page-sweeps"' in page and 'id="page-cases"' in page and "limphome explore power" in text, code, text)
    bench.expect("sweep: beside a run, valid", not (said := bench.validate("swept.json", "swept.xml")), said)


# Lines, exit codes, and what is said.
LINES = [
    ("report", 2, "it takes results"),
    ("report --bogus", 2, "unrecognized option"),
    ("report whole --html ''", 2, "the path is empty"),
    ("report nowhere", 3, "nowhere: cannot be opened"),
    ("report cases", 3, "cases/results.json: cannot be opened"),
    ("report whole nowhere.json", 3, "nowhere.json: cannot be opened"),
    ("report whole --baseline nowhere", 3, "nowhere: cannot be opened"),
    ("report whole --html /proc/nowhere/x.html", 3, "/proc/nowhere/x.html: cannot be written"),
    ("report whole --json cases", 3, "cases: cannot be written: Is a directory"),
    ("report whole --junit /dev/full", 3, "/dev/full: cannot be written: No space left on device"),
    ("report whole --json /dev/full", 3, "/dev/full: cannot be written: No space left on device"),
    ("report whole --html /dev/full", 3, "/dev/full: cannot be written: No space left on device"),
    ("report whole/junit.xml", 1, "whole/junit.xml:1: not JSON from here on"),
    ("report --help", 0, "usage: limphome report"),
]

# What is done to results.json, and what is said of it. The schema refuses it too, but for those with "=".
DAMAGES = [
    (lambda r: r.update(format="limphome-results/1"), "another version of limphome"),
    (lambda r: r.update(format="limphome-results/99"), "another version of limphome"),
    (lambda r: r.update(format=None), "no results of limphome"),
    (lambda r: r.pop("runs"), 'a member is missing: "runs"'),
    (lambda r: r.update(runs={}), "runs: must be a list"),
    (lambda r: r["runs"][0].update(extra=1), 'no such member: "extra"'),
    (lambda r: r["runs"][0].update(seed="-1"), "runs[0].seed: must be a whole number"),
    (lambda r: r["runs"][0].update(seed=1), "runs[0].seed: must be a whole number"),
    (lambda r: r["runs"][0].update(repeat=2**32), "runs[0].repeat: must be a whole number"),
    (lambda r: r["runs"][0]["cases"][0].update(id=None), "runs[0].cases[0].id: must be a text"),
    (lambda r: r["runs"][0]["cases"][0].update(plays=[]), "runs[0].cases[0].plays: must not be empty"),
    (lambda r: r["runs"][0]["cases"][0].update(verdict="passed"), "runs[0].cases[0].verdict: must be"),
    (lambda r: r["runs"][0]["cases"][0]["plays"][0].update(digest="x"), "plays[0].digest: must have 32"),
    (lambda r: r["runs"][0]["cases"][1]["plays"][1].update(verdict="pass"), "in spite of findings"),
    (lambda r: r["runs"][0]["cases"][1].update(verdict="pass"), '=that of its plays "fail"'),
    (lambda r: r["runs"][0].update(seed="18446744073709551616"), "=runs[0].seed: must be a whole number"),
]


def check_faults(bench):
    for line, wanted, sentence in LINES:
        code, text = bench.start(*(part.replace("''", "") for part in line.split()))
        bench.expect(f"limphome {line}", code == wanted and sentence in text, code, text)
    good = bench.results("whole/results.json")
    for damage, sentence in DAMAGES:
        results = copy.deepcopy(good)
        damage(results)
        (bench.base / "bad.json").write_text(json.dumps(results), encoding="utf-8")
        code, text = bench.report("whole", "bad.json")
        bench.expect(f"damage: {sentence}", code == 1 and sentence.removeprefix("=") in text and "bad.json" in text, code, text)
        said = bench.validate("bad.json")
        bench.expect(f"damage, by the schema: {sentence}", bool(said) != sentence.startswith("=") and "Traceback" not in said, said)
    results = copy.deepcopy(good)
    results["runs"][0]["cases"][1]["plays"][0]["digest"] = "0" * 32
    (bench.base / "bad.json").write_text(json.dumps(results), encoding="utf-8")
    code, text = bench.report("whole", "bad.json")
    bench.expect("parts that contradict", code == 1 and "bad.json: case A-02, play a, seed 1:" in text, code, text)


def main():
    with tempfile.TemporaryDirectory(prefix="limphome-report-") as base:
        bench = Bench(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), pathlib.Path(base).resolve())
        for check in (check_run, check_shards, check_split, check_side_by_side, check_baseline, check_sweeps, check_faults):
            check(bench)
        print(*bench.faults, f"{bench.rows} checks, {len(bench.faults)} failed", sep="\n")
        sys.exit(1 if bench.faults else 0)


if __name__ == "__main__":
    main()
