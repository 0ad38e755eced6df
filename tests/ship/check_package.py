#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The Debian package and `cmake --install`: without a fault for lintian, the same bytes each time, and at home anywhere.

    check_package.py PACKAGES SOURCE

PACKAGES is the build folder in which `./dev package` made the package.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import clean_root  # noqa: E402


def call(*command, **options):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False,
                          timeout=300, **options)


def lintian_is_content(package, _build, _source):
    done = call("lintian", "--fail-on", "error,warning", package)
    return done.stdout if done.returncode != 0 else ""


def has_dependencies_by_what_is_linked(package, _build, _source):
    depends = set(re.findall(r"[a-z0-9.+-]+(?= \()", clean_root.dependencies(package)))
    wanted = {"libc6", "libcjson1", "libev4", "liblua5.4-0", "libssl3", "libxml2", "libxxhash0", "zlib1g"}
    return "" if depends == wanted else f"depends on {sorted(depends)}, not {sorted(wanted)}"


def packs_the_same_bytes(package, build, source):
    with tempfile.TemporaryDirectory() as folder:
        date = call("dpkg-parsechangelog", "-l", source / "package/changelog", "-S", "Timestamp").stdout.strip()
        call("cpack", "--config", build / "CPackConfig.cmake", "-B", folder, env={**os.environ, "SOURCE_DATE_EPOCH": date})
        again = pathlib.Path(folder, package.name).read_bytes()
    return "" if again == package.read_bytes() else "a second package has other bytes"


def names_no_folder_of_this_machine(package, _build, source):
    with tempfile.TemporaryDirectory() as folder:
        call("dpkg-deb", "--extract", package, folder)
        found = [path for path in pathlib.Path(folder).rglob("*")
                 if path.is_file() and str(source).encode() in path.read_bytes()]
    return "\n".join(f"{path} names {source}" for path in found)


def works_read_only_at_another_place(_package, build, _source):
    """As a user who owns nothing of it."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        first, then = pathlib.Path(folder, "first"), pathlib.Path(folder, "then")
        said = call("cmake", "--install", build, "--prefix", first).stdout
        first.rename(then)
        call("chmod", "-R", "a-w", then)
        home = pathlib.Path(folder, "home")
        home.mkdir()
        as_user = []
        if os.geteuid() == 0:
            os.chown(home, 65534, 65534)
            as_user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        done = call(*as_user, then / "bin/limphome", "run", "FUN-01", "--out", "out", cwd=home,
                    env={"PATH": "/usr/bin:/bin", "HOME": str(home), "LANG": "C.UTF-8"})
        call("chmod", "-R", "u+w", then)
        good = done.returncode == 0 and "1 of 1 cases passed" in done.stdout and (home / "out/results.json").is_file()
    return "" if good else f"ends with {done.returncode}:\n{said}{done.stdout}"


CLAIMS = [lintian_is_content, has_dependencies_by_what_is_linked, packs_the_same_bytes, names_no_folder_of_this_machine,
          works_read_only_at_another_place]


def main():
    build, source = (pathlib.Path(path).resolve() for path in sys.argv[1:])
    package = clean_root.find_package(build)
    failures = 0
    for claim in CLAIMS:
        fault = claim(package, build, source)
        print(f"{'FAIL' if fault else 'ok  '}  {claim.__name__}")
        print(f"{fault}\n" if fault else "", end="")
        failures += bool(fault)
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
