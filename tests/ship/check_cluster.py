#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The blocks of docs/cluster.md, as they stand: on a Slurm cluster of one node, by GNU parallel over ssh, and by xargs.
What the shards come to is compared with what was not split.

    check_cluster.py LIMPHOME SOURCE

Daemons are started here, with configurations, keys, sockets and ports of their own. They and whatever they have begun
end with the test, also if it fails or is killed.
"""
import ctypes
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

SKIP = 77
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
SECONDS_MAX = 300
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "sinfo", "sshd", "ssh-keygen", "parallel", "xargs")
# In PATH before the program: a few cases, and a few cuts, not all of them.
STAND_IN = """#!/bin/sh
[ "$1" != run ] || set -- "$@" 'FUN-*' COM-03 COM-15 SEQ-16 'PWR-0[1-5]'
[ "$1" != explore ] || set -- "$@" --size 1
exec '{limphome}' "$@"
"""

SLURM_CONF = """
ClusterName=limphome
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={base}/munge.socket
StateSaveLocation={base}/state
SlurmdSpoolDir={base}/spool
SlurmctldPidFile={base}/slurmctld.pid
SlurmdPidFile={base}/slurmd.pid
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
ReturnToService=2
SchedulerParameters=sched_interval=1,batch_sched_delay=1
NodeName=node NodeHostname={host} NodeAddr=127.0.0.1 CPUs={cpus}
PartitionName=all Nodes=ALL Default=YES State=UP
"""

SSHD_CONFIG = """
Port {port}
ListenAddress 127.0.0.1
HostKey {base}/host_key
AuthorizedKeysFile {base}/user_key.pub
PidFile {base}/sshd.pid
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
SetEnv PATH={path} LANG=C.UTF-8
"""

SSH_CONFIG = """
Host node-*
    HostName 127.0.0.1
    Port {port}
    IdentityFile {base}/user_key
    IdentitiesOnly yes
    UserKnownHostsFile {base}/known_hosts
    StrictHostKeyChecking accept-new
    BatchMode yes
"""


def blocks(text):
    """By the word behind the language."""
    return dict(re.findall(r"^```sh (\S+)\n(.*?)^```", text, re.M | re.S))


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def prctl(option, value):
    if ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def descendants():
    """Of this process; orphans are its children as well, since it is their reaper."""
    children = {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            pid, _, rest = stat.read_text(errors="replace").partition(" (")
        except OSError:
            continue
        state, parent = rest.rpartition(")")[2].split()[:2]
        if state != "Z":
            children.setdefault(int(parent), []).append(int(pid))
    found = [os.getpid()]
    for pid in found:
        found += children.get(pid, [])
    return found[1:]


class Bench:
    def __init__(self, limphome, base):
        self.base, self.daemons, self.failures = base, [], 0
        self.bin = base / "bin"
        self.bin.mkdir()
        (self.bin / "limphome").write_text(STAND_IN.format(limphome=limphome))
        (self.bin / "limphome").chmod(0o755)
        self.env = {"PATH": f"{self.bin}:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(base), "LANG": "C.UTF-8",
                    "SLURM_CONF": str(base / "slurm.conf"), "PARALLEL_SSH": f"ssh -F {base}/ssh_config", "PARALLEL_HOME": str(base / "parallel")}

    def start(self, *line):
        """A daemon in the foreground, in a session of its own; what it says is shown if the test fails."""
        log = (self.base / f"{line[0]}.out").open("w")
        self.daemons.append(subprocess.Popen([shutil.which(line[0], path=self.env["PATH"]), *map(str, line[1:])], env=self.env, cwd=self.base,
                                             stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                                             preexec_fn=lambda: prctl(PR_SET_PDEATHSIG, signal.SIGKILL)))

    def end(self):
        """Daemons may take their time; what they leave behind (steps of jobs, sessions) may not."""
        for daemon in reversed(self.daemons):
            daemon.send_signal(signal.SIGTERM)
        for daemon in reversed(self.daemons):
            try:
                daemon.wait(10)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        until = time.monotonic() + 10
        while (left := descendants()) and time.monotonic() < until:
            for pid in left:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            time.sleep(0.05)
        self.expect("nothing runs any more", not left, left)
        try:
            while os.waitpid(-1, os.WNOHANG)[0] > 0:
                pass
        except ChildProcessError:
            pass

    def shell(self, script, folder):
        return subprocess.run(["sh", "-c", script], env=self.env, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace", timeout=SECONDS_MAX, check=False)

    def wait(self, what, script, wanted):
        until = time.monotonic() + 60
        while wanted not in (said := self.shell(script, self.base).stdout):
            if time.monotonic() > until:
                raise AssertionError(f"{what} does not come up; \"{script}\" says {said!r}")
            time.sleep(0.2)

    def expect(self, name, good, *details):
        print(f"{'ok  ' if good else 'FAIL'}  {name}", flush=True)
        if not good:
            self.failures += 1
            for detail in details:
                print("      " + str(detail)[-2500:].replace("\n", "\n      "))


def without_wall(path):
    return re.sub(rb'"wall_ns":\t"[0-9]+"', b"", path.read_bytes()) if path.is_file() else b"not there"


def expect_same(bench, name, folder, whole, done):
    merged = without_wall(folder / "out/results.json")
    bench.expect(name, done.returncode == 0 and merged == without_wall(whole / "out/results.json") and len(merged) > 1000,
                 f"ends with {done.returncode}", done.stdout, merged[:300])
    missing = [play for play in re.findall(rb'"folder":\t"([^"]+)"', merged) if not (folder / "out" / os.fsdecode(play)).is_dir()]
    bench.expect(f"{name}: pages and folders are there", not missing and all((folder / "out" / file).is_file()
                                                                           for file in ("report.html", "junit.xml")), missing[:3])


def start_slurm(bench):
    base = bench.base
    for folder in ("state", "spool"):
        (base / folder).mkdir()
    (base / "munge.key").write_bytes(os.urandom(1024))
    (base / "munge.key").chmod(0o400)
    (base / "slurm.conf").write_text(SLURM_CONF.format(base=base, host=socket.gethostname().partition(".")[0], ports=free_ports(2),
                                                       cpus=len(os.sched_getaffinity(0))))
    bench.start("munged", "--foreground", "--force", f"--key-file={base}/munge.key", f"--socket={base}/munge.socket",
                f"--pid-file={base}/munged.pid", f"--log-file={base}/munged.log", f"--seed-file={base}/munged.seed")
    bench.wait("munged", f"munge -n -S {base}/munge.socket", "MUNGE:")
    bench.start("slurmctld", "-D", "-c", "-f", base / "slurm.conf")
    bench.start("slurmd", "-D", "-N", "node", "-f", base / "slurm.conf")
    bench.wait("the node", "sinfo --noheader --format=%t", "idle")


def check_slurm(bench, page, whole):
    folder = bench.base / "slurm"
    folder.mkdir()
    for name in ("array.sh", "merge.sh"):
        (folder / name).write_text(page[name])
    start_slurm(bench)
    done = bench.shell(page["submit"], folder)
    said = "".join(log.read_text() for log in sorted(folder.glob("slurm-*.out")))
    expect_same(bench, "a Slurm job array", folder, whole, done)
    bench.expect("a Slurm job array: four tasks", all(f"shard {shard} of 4" in said for shard in (1, 2, 3, 4)), said)
    (folder / "out/results-3-of-4.json").unlink()
    (folder / "out/results.json").unlink()
    done = bench.shell("sh merge.sh", folder)
    bench.expect("a task that died is named", done.returncode == 3 and "these are missing: 3" in done.stdout, done.stdout)
    expect_same(bench, "the same task again", folder, whole, bench.shell(page["again"], folder))


def check_sweep(bench, page, whole):
    folder = bench.base / "sweep"
    folder.mkdir()
    for name in ("array.sh", "merge.sh"):
        (folder / name).write_text(page[name])
    done = bench.shell("limphome explore power --size 64 --date 2026-01-02 --out out", whole)
    bench.expect("the sweep that is not split", done.returncode == 0, done.stdout)
    expect_same(bench, "a sweep as a Slurm job array", folder, whole, bench.shell(page["explore"], folder))
    (folder / "out/results-3-of-4.json").unlink()
    done = bench.shell("sh merge.sh", folder)
    bench.expect("a part of a sweep that died is missed", done.returncode == 3, done.stdout)
    again = page["again"].replace("run --date", "explore power --size 64 --date")
    expect_same(bench, "the same part again, behind its journal", folder, whole, bench.shell(again, folder))


def start_sshd(bench):
    base, (port,) = bench.base, free_ports(1)
    pathlib.Path("/run/sshd").mkdir(exist_ok=True)
    for key in ("host_key", "user_key"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", base / key], check=True)
    (base / "sshd_config").write_text(SSHD_CONFIG.format(base=base, port=port, path=bench.env["PATH"]))
    (base / "ssh_config").write_text(SSH_CONFIG.format(base=base, port=port))
    bench.start("sshd", "-D", "-e", "-f", base / "sshd_config")
    bench.wait("sshd", f"ssh -F {base}/ssh_config node-1 limphome version", "limphome")


def check_parallel(bench, page, whole):
    folder = bench.base / "parallel-run"
    folder.mkdir()
    (folder / "hosts").write_text("node-1\nnode-2\n")
    start_sshd(bench)
    done = bench.shell(page["parallel"], folder)
    expect_same(bench, "GNU parallel over ssh to two names", folder, whole, done)
    bench.expect("GNU parallel: eight shards", len(list((folder / "out").glob("results-*-of-8.json"))) == 8, done.stdout)


def check_xargs(bench, page, whole):
    folder = bench.base / "xargs"
    folder.mkdir()
    expect_same(bench, "xargs", folder, whole, bench.shell(page["xargs"], folder))


def check(bench, page):
    whole = bench.base / "whole"
    whole.mkdir()
    done = bench.shell("limphome run --date 2026-01-02 --out out", whole)
    bench.expect("the run that is not split", done.returncode == 0, done.stdout)
    for part in (check_xargs, check_parallel, check_slurm):
        part(bench, page, whole)
    whole = bench.base / "whole-sweep"
    whole.mkdir()
    check_sweep(bench, page, whole)


def contain():
    """A process namespace of its own, where there may be one: what is in it ends with this process, even if that is killed."""
    prefix = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]
    if os.environ.get("LIMPHOME_CONTAINED") is None and subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0:
        os.environ["LIMPHOME_CONTAINED"] = "1"
        os.execvp(prefix[0], [*prefix, sys.executable, *sys.argv])


def interrupted(*_):
    raise KeyboardInterrupt


def main():
    limphome, source = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    missing = [name for name in PROGRAMS if shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin") is None]
    if os.geteuid() != 0 or missing:
        print(f"skipped: {'there is no ' + ', '.join(missing) if missing else 'daemons need root'}")
        return SKIP
    contain()
    signal.signal(signal.SIGTERM, interrupted)
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    page = blocks((source / "docs/cluster.md").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory(prefix="limphome-cluster-") as name:
        base = pathlib.Path(name)
        base.chmod(0o755)
        bench = Bench(limphome, base)
        try:
            check(bench, page)
        finally:
            bench.end()
            if bench.failures > 0 or sys.exc_info()[0] is not None:
                for log in sorted(base.glob("*.out")):
                    print(f"--- {log.name}\n{log.read_text(errors='replace')[-1500:]}")
    return bench.failures > 0


if __name__ == "__main__":
    sys.exit(main())
