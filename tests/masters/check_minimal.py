#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The simple master as a guest: the same run ten times, and an honest word at each kind of end.

    check_minimal.py LIMPHOME MAKE_IMAGE
"""
import hashlib
import json
import pathlib
import re
import subprocess
import sys
import tempfile

RUNS = 10
ROOT = pathlib.Path(__file__).resolve().parents[2]
MASTER = ROOT / "masters" / "minimal_master.py"
VEHICLE = ROOT / "vehicles" / "single.json"  # Its ECU has no application.
DIGEST = re.compile(r"digest ([0-9a-f]{32})")


class Bench:
    def __init__(self, limphome, make_image, folder):
        self.limphome, self.folder = limphome, folder
        self.old, self.new = folder / "old.s19", folder / "new.s19"
        for version, path in (("1.0.0", self.old), ("2.0.0", self.new)):
            subprocess.run([make_image, version, path, "24"], check=True, env={"LIMPHOME": limphome, "PATH": "/usr/bin:/bin"})

    def job(self, **image):
        job = {
            "campaign": "minimal", "action": "update",
            "ecu": {"request_id": "0x7E0", "response_id": "0x7E8", "functional_id": "0x7DF", "hardware_id": "BCM-HW-1",
                    "secret": "0x4C494D50", "windows": [["0x780000", "0x7F8000"], ["0x7FA000", "0x7FC000"]]},
            "image": {"path": str(self.new), "version": "2.0.0"} | image,
            "isotp": {"padding": "0xCC"},
        }
        path = self.folder / "job.json"
        path.write_text(json.dumps(job), encoding="utf-8")
        return path

    def run(self, job, *options, image=None):
        """Result line, exit code, digest, requests on the bus."""
        start = ["--vehicle", VEHICLE] if image == "none" else ["--image", image or self.old]
        done = subprocess.run(
            [self.limphome, "exec", *start, "--trace", self.folder / "trace", *options, "--",
             "/usr/bin/python3", MASTER, "--interface", "can0", "--job", job],
            capture_output=True, text=True, timeout=60, check=False)
        digest = DIGEST.search(done.stderr)
        bus = (self.folder / "trace" / "bus.log").read_text(encoding="ascii")
        line = done.stdout.splitlines()[-1] if done.stdout else done.stderr
        return line, done.returncode, digest.group(1) if digest else "", bus


def check(bench):
    def expect(what, seen, beginning, code):
        line, returned, _, _ = seen
        if not line.startswith(beginning) or returned != code:
            yield f"{what}: \"{line}\", exit code {returned}; expected \"{beginning}\", {code}"

    def expect_untouched(what, seen):
        if re.search(r"7E0#021002", seen[3]):
            yield f"{what}: it asked for the programming session"

    runs = [bench.run(bench.job()) for _ in range(RUNS)]
    yield from expect("update", runs[0], "RESULT SUCCESS version=2.0.0", 0)
    if len(set(runs)) != 1 or not runs[0][2]:
        yield f"{RUNS} runs of one seed differ: {sorted({run[2] for run in runs})}"
    yield from expect("nothing to do", bench.run(bench.job(), image=bench.new), "RESULT UP_TO_DATE version=2.0.0", 10)
    good = hashlib.sha256(bench.new.read_bytes()).hexdigest()
    yield from expect("no application", bench.run(bench.job(), image="none"), "RESULT SUCCESS version=2.0.0", 0)
    yield from expect("right hash", bench.run(bench.job(sha256=good)), "RESULT SUCCESS", 0)
    for what, image in (("wrong hash", {"sha256": "00" * 32}), ("wrong length", {"bytes": 1}), ("no file", {"path": "/none"})):
        seen = bench.run(bench.job(**image))
        yield from expect(what, seen, "RESULT REFUSED", 11)
        yield from expect_untouched(what, seen)
    yield from expect("other version", bench.run(bench.job(version="2.0.1")), "RESULT FAILED_SAFE version=2.0.0", 13)
    yield from expect("power cut in the transfer", bench.run(bench.job(), "--cut", "4s:1s"), "RESULT FAILED_SAFE", 13)
    yield from expect("power cut for good at the start", bench.run(bench.job(), "--cut", "1ms:60min"), "RESULT FAILED_OLD", 12)


def main():
    limphome, make_image = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    with tempfile.TemporaryDirectory() as folder:
        findings = list(check(Bench(limphome, make_image, pathlib.Path(folder))))
    for finding in findings:
        print(finding)
    print(f"{len(findings)} finding(s)")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
