#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The examples of docs/ci.md: their steps are run in a clean Debian 12, one after the other, as a CI would.

    check_ci.py PACKAGES ROOTS SOURCE

What is of a CI's own (checkout, caches, artifacts) is left out; the variables that it would give are given. The
repository is a stand-in whose master is the reference. `limphome run` plays two cases here, not all.
"""
import pathlib
import re
import sys
import xml.etree.ElementTree

import yaml

sys.dont_write_bytecode = True
import clean_root  # noqa: E402

REPOSITORY = """
rm -rf repo && mkdir -p repo/ci && cd repo
printf '#!/bin/sh\\nmkdir -p build && cp "$(command -v limphome-master)" build/my-master\\n' >ci/build.sh
chmod +x ci/build.sh
"""
ADAPTER = "sed 's|{programs}/limphome-master|{adapter}/../build/my-master|' /usr/share/limphome/masters/reference.json " \
          ">repo/ci/my-master.json"
# In PATH before the program.
FEW_CASES = "#!/bin/sh\n[ \"$1\" != run ] || set -- \"$@\" FUN-01 COM-03\nexec /usr/bin/limphome \"$@\"\n"

VARIABLES = {"LIMPHOME_DEB_URL": "file:///srv/limphome.deb", "CI_COMMIT_BRANCH": "main", "CI_DEFAULT_BRANCH": "main"}


def blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.M | re.S)


def github_steps(text):
    """Shell steps in their order; GitHub runs each with `sh -e` in a container."""
    steps = yaml.safe_load(text)["jobs"]["catalogue"]["steps"]
    for step in steps:
        assert ("run" in step) != ("uses" in step), step
    return [step["run"] for step in steps if "run" in step]


def gitlab_steps(text):
    """All of `script` is one shell, and so is `after_script`."""
    job = yaml.safe_load(text)["catalogue"]
    assert job["artifacts"]["reports"]["junit"] == "out/junit.xml"
    return ["\n".join(job["script"]), "\n".join(job["after_script"])]


def jenkins_steps(text):
    assert text.count("{") == text.count("}")
    return [many or one for many, one in re.findall(r"\bsh (?:'''(.*?)'''|'([^'\n]*)')", text, re.S)]


def run_steps(root, name, user, steps):
    """The failures. Runs them twice, so that the second time has a baseline."""
    for turn in (1, 2):
        root.run("rm -rf repo/out repo/build", user)
        for step in steps:
            root.put_text(step, "/srv/step.sh")
            done = root.run(f"cd repo && PATH=/srv/stand-in:$PATH sh -e /srv/step.sh", user, **VARIABLES)
            if done.returncode != 0:
                print(f"FAIL  {name}, turn {turn}: ends with {done.returncode}:\n{step}\n{done.stdout[-2500:]}")
                return 1
        if turn == 1:
            root.run("cd repo && mkdir -p baseline && cp out/results.json baseline/", user)
    home = "root" if user == "root" else f"home/{user}"
    out = root.path / home / "repo/out"
    tests = list(xml.etree.ElementTree.parse(out / "junit.xml").iter("testcase"))
    page = (out / "report.html").read_text()
    good = tests and "FUN-01" in page and (out / "results.json").is_file()
    print(f"{'ok  ' if good else 'FAIL'}  {name}: {len(steps)} steps, twice; {len(tests)} test cases in junit.xml")
    return not good


def main():
    package = clean_root.find_package(sys.argv[1])
    text = (pathlib.Path(sys.argv[3]) / "docs/ci.md").read_text()
    github, gitlab = blocks(text, "yaml")
    (jenkins,) = blocks(text, "groovy")
    clean_root.become_root()
    failures = 0
    try:
        with clean_root.copy(sys.argv[2], package) as root:
            root.put(package, "/srv/limphome.deb")
            root.put_text(FEW_CASES, "/srv/stand-in/limphome", executable=True)
            # GitHub installs it; for the others it is in the image, whose user is not root.
            for name, user, steps in (("GitHub", "root", github_steps(github)),
                                      ("GitLab", clean_root.USER, gitlab_steps(gitlab)),
                                      ("Jenkins", clean_root.USER, jenkins_steps(jenkins))):
                if name == "GitHub":
                    root.must(REPOSITORY)
                    root.must("mkdir -p /tmp/deb && dpkg-deb -x /srv/limphome.deb /tmp/deb")
                    root.must(ADAPTER.replace("/usr/share", "/tmp/deb/usr/share"))
                else:
                    root.must(REPOSITORY, user)
                    root.must(ADAPTER, user)
                failures += run_steps(root, name, user, steps)
    except clean_root.Skip as reason:
        clean_root.skip_or_fail(reason)
    return failures > 0


if __name__ == "__main__":
    sys.exit(main())
