# SPDX-License-Identifier: Apache-2.0
"""A clean Debian 12 as a folder, made from the apt sources of this machine, to try a package in.

    with clean_root.copy(folder, package) as root:
        root.install(package)
        done = root.run("limphome version")

The bootstrapped system is kept in the folder and copied for each use; what is installed later is in its cache. It
needs root, or sudo without a password; and the first time a mirror of Debian.
"""
import contextlib
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
SUITE = "bookworm"
USER = "tester"
TOOLS = ["man-db", "sudo", "curl", "ca-certificates", "git"]
# What the package suggests and the tests use.
SUGGESTED = ["srecord", "openssl", "can-utils", "python3", "python3-can"]
MINUTES_MAX = 10


class Skip(Exception):
    """Cannot be tried on this machine."""


def skip_or_fail(reason):
    """Ends the test. Where LIMPHOME_TESTS_MUST_RUN is set, a test that cannot run has failed."""
    must = bool(os.environ.get("LIMPHOME_TESTS_MUST_RUN"))
    print(f"{'not run, and it must' if must else 'skipped'}: {reason}")
    sys.exit(1 if must else SKIPPED)


def become_root():
    """Starts this program again as root in a mount namespace of its own, so that no mount outlives it."""
    if os.environ.get("LIMPHOME_CLEAN_ROOT") == "inside":
        return
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n", "--preserve-env"]
    if prefix and subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode != 0:
        skip_or_fail("a root file system can only be made by root, or with sudo that asks for no password")
    inside = [*prefix, "unshare", "--mount", "--propagation", "private"]
    if subprocess.run([*inside, "true"], capture_output=True, check=False).returncode != 0:
        skip_or_fail("unshare --mount is refused: a container without CAP_SYS_ADMIN")
    os.environ["LIMPHOME_CLEAN_ROOT"] = "inside"
    os.execvp(inside[0], [*inside, sys.executable, *sys.argv])


def apt_sources():
    """The parts of this machine's apt sources that are of the suite, in both formats: {file name: text}."""
    found = {}
    for path in sorted([pathlib.Path("/etc/apt/sources.list"), *pathlib.Path("/etc/apt/sources.list.d").glob("*")]):
        if not path.is_file():
            continue
        text = path.read_text()
        if path.suffix == ".sources":
            parts = [part for part in re.split(r"\n\s*\n", text) if re.search(rf"^Suites:.*\b{SUITE}(?![\w-])", part, re.M)
                     or re.search(rf"^Suites:.*\b{SUITE}-(updates|security)\b", part, re.M)]
            if parts:
                found[path.name] = "\n\n".join(parts) + "\n"
        else:
            lines = [line for line in text.splitlines()
                     if re.match(rf"deb\s+(\[.*?\]\s+)?\S+\s+{SUITE}(-updates|-security)?\s", line)]
            if lines:
                found[f"{path.stem}.list"] = "\n".join(lines) + "\n"
    if not found:
        raise Skip(f"no apt source of this machine is of Debian {SUITE}")
    return found


def proxy_options():
    dump = subprocess.run(["apt-config", "dump"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return [f"--aptopt={line}" for line in dump.splitlines() if re.match(r"Acquire::https?::Proxy ", line)]


def dependencies(package):
    return subprocess.run(["dpkg-deb", "--field", package, "Depends"], stdout=subprocess.PIPE, text=True,
                          check=True).stdout.strip()


def call(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True,
                          errors="replace", timeout=60 * MINUTES_MAX, check=False)
    if done.returncode != 0:
        raise Skip(f"`{' '.join(map(str, command[:6]))} ...` ends with {done.returncode}:\n{done.stdout[-1500:]}")
    return done.stdout


class Root:
    def __init__(self, path):
        self.path = pathlib.Path(path)

    def mount(self):
        """The kernel's file systems, as far as this machine lets us."""
        for target, options in (("proc", ["-t", "proc", "proc"]), ("proc", ["--bind", "/proc"])):
            if subprocess.run(["mount", *options, self.path / target], capture_output=True, check=False).returncode == 0:
                return
        raise Skip("neither a new /proc nor a second view of ours can be mounted; limphome cannot do without")

    def unmount(self):
        subprocess.run(["umount", "--lazy", self.path / "proc"], capture_output=True, check=False)

    def run(self, command, user=USER, minutes=2, **variables):
        """A shell command in there, by an ordinary user or by root."""
        home = f"/home/{user}" if user != "root" else "/root"
        environment = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME": home, "USER": user, "LANG": "C.UTF-8",
                       "DEBIAN_FRONTEND": "noninteractive", **variables}
        environment |= {name: os.environ[name] for name in ("http_proxy", "https_proxy") if name in os.environ}
        as_user = [] if user == "root" else [f"--userspec={user}:{user}", "--groups="]
        return subprocess.run(
            ["chroot", *as_user, self.path, "/bin/bash", "-c", f"cd {home} && {command}"], env=environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
            timeout=60 * minutes, check=False)

    def must(self, command, user="root"):
        done = self.run(command, user, MINUTES_MAX)
        if done.returncode != 0:
            raise AssertionError(f"{command}: ends with {done.returncode}:\n{done.stdout[-3000:]}")
        return done.stdout

    def put(self, path, name):
        """A file of ours, where everyone can read it."""
        to = self.path / name.lstrip("/")
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, to)

    def put_text(self, text, name, executable=False):
        to = self.path / name.lstrip("/")
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_text(text)
        to.chmod(0o755 if executable else 0o644)

    def install(self, package):
        """With its dependencies, as a user would."""
        self.put(package, "/srv/limphome.deb")
        return self.must("apt-get install -y --no-install-recommends /srv/limphome.deb")

    def install_suggested(self):
        return self.must(f"apt-get install -y --no-install-recommends {' '.join(SUGGESTED)}")


def bootstrap(path, package):
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for name, text in apt_sources().items():
            files.append(pathlib.Path(folder, name))
            files[-1].write_text(text)
        call("mmdebstrap", "--mode=root", "--variant=minbase", f"--include={','.join(TOOLS)}", *proxy_options(), SUITE, path,
             *files)
    root = Root(path)
    for name in ("/etc/resolv.conf", "/etc/hosts"):
        if os.path.exists(name):
            root.put(name, name)
    root.put(package, "/srv/limphome.deb")
    for command in ("apt-get update", "apt-get install -y --download-only --no-install-recommends /srv/limphome.deb "
                    + " ".join(SUGGESTED), f"useradd --create-home --shell /bin/bash {USER}",
                    f"echo '{USER} ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/{USER}"):
        call("chroot", path, "/bin/bash", "-c", command)


def prepare(folder, package):
    """The bootstrapped system, made if it is not there or was made for something else."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    key = hashlib.sha256(repr((apt_sources(), TOOLS, SUGGESTED, USER, dependencies(package))).encode()).hexdigest()
    base, mark = folder / "base", folder / "base.key"
    if base.is_dir() and mark.is_file() and mark.read_text() == key:
        return base
    for old in (base, folder / "base.new"):
        call("rm", "-rf", "--one-file-system", old)
    bootstrap(folder / "base.new", package)
    (folder / "base.new").rename(base)
    mark.write_text(key)
    return base


@contextlib.contextmanager
def copy(folder, package):
    base = prepare(folder, package)
    path = pathlib.Path(tempfile.mkdtemp(prefix="root-", dir=folder))
    root = Root(path)
    try:
        call("cp", "--archive", "--reflink=auto", f"{base}/.", path)
        root.mount()
        yield root
    finally:
        root.unmount()
        subprocess.run(["rm", "-rf", "--one-file-system", path], check=False)


def find_package(build):
    found = sorted(pathlib.Path(build).glob("limphome_*.deb"))
    if len(found) != 1:
        sys.exit(f"{build}: {len(found)} packages; `./dev package` makes one")
    return found[0]
