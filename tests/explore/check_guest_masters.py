# SPDX-License-Identifier: Apache-2.0
# check_guest_masters.py - masters with one defect in how they treat their state folder, as guests: a sweep finds each
# of them, and the point that it names shows the same when it is played alone. The sound one is not accused.
import difflib
import json
import os
import subprocess
import sys
import tempfile

# The patch, what the sweep has to say, the size of the image, and how many points are drawn.
FOUND = {
    "M077-progress-in-memory-only": ("work repeated", "4", "60"),
    "M085-no-space-check": ("begun without room", "4", "60"),
    "not-synced-before-the-rename": ("backup lost", "1", "150"),
}
# Defects of the calls themselves, which no list of masters has: a file, and what is replaced in it.
OWN = {
    "not-synced-before-the-rename": (
        "master/socketcan_port.c", "if (fsync(fd) != 0)", 'if (strstr(name, ".new") == NULL && fsync(fd) != 0)'),
}
# These fail even if nothing happens: the rollback that is ordered at the end finds no copy.
FOUND_AT_ONCE = {"M145-one-backup-only": "the update does not even go well undisturbed: backup lost"}


def explore(limphome, adapter, size, *options):
    done = subprocess.run([limphome, "explore", "storage", "--size", size, "--master", adapter, *options],
                          capture_output=True, text=True, timeout=300, check=False)
    if done.returncode not in (0, 1):
        sys.exit(f"{adapter}: {done.stderr}")
    return done


def adapter_of(source, program, path):
    with open(os.path.join(source, "masters/reference.json"), encoding="utf-8") as text:
        adapter = json.load(text)
    adapter["command"][0] = program
    with open(path, "w", encoding="utf-8") as text:
        json.dump(adapter, text)
    return path


def patch_of(source, name, folder):
    path = os.path.join(source, "mutants", name + ".patch")
    if name in OWN:
        file, ours, theirs = OWN[name]
        with open(os.path.join(source, file), encoding="utf-8") as text:
            whole = text.read()
        if whole.count(ours) != 1:
            sys.exit(f"{file}: \"{ours}\" must be there once")
        changed = whole.replace(ours, theirs)
        path = os.path.join(folder, name + ".patch")
        with open(path, "w", encoding="utf-8") as text:
            text.writelines(difflib.unified_diff(whole.splitlines(True), changed.splitlines(True), "a/" + file, "b/" + file))
    return path


def check_found(limphome, adapter, verdict, size, sample):
    """What is wrong with the sweep; null: nothing."""
    said = explore(limphome, adapter, size, "--sample", sample)
    ids = [line.split(": ")[1] for line in said.stdout.splitlines() if line.startswith(verdict + ": ")]
    if said.returncode != 1 or not ids:
        return f"no \"{verdict}\" in\n{said.stdout}{said.stderr}"
    if f"verdict  {verdict}: " not in explore(limphome, adapter, size, "--point", ids[0]).stdout:
        return f"{ids[0]} alone is not \"{verdict}\""
    return None


def main():
    build, source = (os.path.realpath(path) for path in sys.argv[1:])
    limphome = os.path.join(build, "bin/limphome")
    names = [*FOUND, *FOUND_AT_ONCE]
    wrong = {}
    with tempfile.TemporaryDirectory() as folder:
        patches = [patch_of(source, name, folder) for name in names]
        subprocess.run([os.path.join(source, "mutants/build.sh"), source, folder, "2", *patches], check=True)
        sound = adapter_of(source, os.path.join(build, "bin/limphome-master"), os.path.join(folder, "sound.json"))
        said = explore(limphome, sound, "4", "--sample", "60")
        if said.returncode != 0:
            wrong["the sound master"] = said.stdout + said.stderr
        for name in names:
            adapter = adapter_of(source, os.path.join(folder, name, "limphome-master"),
                                 os.path.join(folder, name + ".json"))
            if name in FOUND:
                wrong[name] = check_found(limphome, adapter, *FOUND[name])
            elif FOUND_AT_ONCE[name] not in explore(limphome, adapter, "1", "--sample", "1").stderr:
                wrong[name] = f"does not say \"{FOUND_AT_ONCE[name]}\""
    if any(wrong.values()):
        sys.exit("\n".join(f"{name}: {what}" for name, what in wrong.items() if what))


if __name__ == "__main__":
    main()
