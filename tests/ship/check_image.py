#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The Dockerfile, built for real with buildah: small, without a compiler, and its user, who is not root, can work.

    check_image.py PACKAGES ROOTS SOURCE

The base image is made from a bootstrapped system (clean_root.py), so that no registry is asked. Nothing runs in a
namespace of its own: that works in a container too.
"""
import pathlib
import subprocess
import sys

sys.dont_write_bytecode = True
import clean_root  # noqa: E402

BASE = "docker.io/library/debian:bookworm-slim"
IMAGE = "localhost/limphome"
MB_MAX = 60  # More than its base. 36 of them are libicu72, which libxml2 needs.

ROWS = [
    ("id -u", 0, "1000"),
    ("limphome version", 0, "limphome 0."),
    ("limphome run FUN-01 --out out", 0, "1 of 1 cases passed"),
    ("command -v gcc", 127, ""),
    ("ls /tmp/limphome.deb /src", 2, "No such file"),
]


class Buildah:
    def __init__(self, folder):
        self.prefix = ["buildah", "--root", folder / "images", "--runroot", folder / "images-run", "--storage-driver", "vfs"]

    def call(self, *arguments, minutes=25):
        return subprocess.run([*self.prefix, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace", timeout=60 * minutes, check=False)

    def must(self, *arguments):
        done = self.call(*arguments)
        if done.returncode != 0:
            raise AssertionError(f"buildah {' '.join(map(str, arguments))}: ends with {done.returncode}:\n{done.stdout[-3000:]}")
        return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""


def make_base(buildah, base):
    """Returns its size in bytes."""
    container = buildah.must("from", "scratch")
    place = buildah.must("mount", container)
    subprocess.run(["cp", "--archive", f"{base}/.", place], check=True)
    subprocess.run(["rm", "-rf", f"{place}/srv/limphome.deb", f"{place}/etc/sudoers.d"], check=True)
    subprocess.run(["chroot", place, "userdel", "--remove", clean_root.USER], capture_output=True, check=True)
    size = size_of(place)
    buildah.must("commit", "--quiet", container, BASE)
    buildah.must("rm", container)
    return size


def size_of(place):
    """Without the lists and packages that apt keeps."""
    return int(subprocess.run(["du", "--summarize", "--bytes", "--exclude=apt", place], stdout=subprocess.PIPE, text=True,
                              check=True).stdout.split()[0])


def check(buildah, base_size):
    failures = 0
    container = buildah.must("from", "--pull-never", IMAGE)
    for command, code, part in ROWS:
        done = buildah.call("run", "--isolation", "chroot", container, "--", "sh", "-c", command)
        good = done.returncode == code and part in done.stdout
        print(f"{'ok  ' if good else 'FAIL'}  {command}")
        if not good:
            print(f"      ends with {done.returncode}, not {code}; it said:\n{done.stdout[-2000:]}")
            failures += 1
    more = (size_of(buildah.must("mount", container)) - base_size) / 1e6
    print(f"{'ok  ' if more <= MB_MAX else 'FAIL'}  {more:.1f} MB more than its base")
    return failures + (more > MB_MAX)


def main():
    package = clean_root.find_package(sys.argv[1])
    folder, source = (pathlib.Path(path).resolve() for path in sys.argv[2:])
    clean_root.become_root()
    images = folder / "images"
    try:
        base = clean_root.prepare(folder, package)
        subprocess.run(["rm", "-rf", "--one-file-system", images, folder / "images-run"], check=True)
        buildah = Buildah(folder)
        size = make_base(buildah, base)
        buildah.must("build", "--isolation", "chroot", "--pull-never", "--tag", IMAGE, source)
        failures = check(buildah, size)
    except clean_root.Skip as reason:
        clean_root.skip_or_fail(reason)
    subprocess.run(["rm", "-rf", "--one-file-system", images, folder / "images-run"], check=False)
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
