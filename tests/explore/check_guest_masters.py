# SPDX-License-Identifier: Apache-2.0
# check_guest_masters.py - masters with one defect in how they treat their state folder, as guests: a sweep finds each
# of them, and the point that it names shows the same when it is played alone. The sound one is not accused.
import json
import os
import subprocess
import sys
import tempfile

# The patch, and what the sweep has to say; the room comes first, for it must be there from the beginning on.
FOUND = {
    "M077-progress-in-memory-only": "work repeated",
    "M085-no-space-check": "begun without room",
}
SAMPLE = "80"


def explore(limphome, adapter, *options):
    done = subprocess.run([limphome, "explore", "storage", "--size", "1", "--master", adapter, *options],
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


def main():
    build, source = (os.path.realpath(path) for path in sys.argv[1:])
    limphome = os.path.join(build, "bin/limphome")
    patches = [os.path.join(source, "mutants", name + ".patch") for name in FOUND]
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([os.path.join(source, "mutants/build.sh"), source, folder, "2", *patches], check=True)
        sound = adapter_of(source, os.path.join(build, "bin/limphome-master"), os.path.join(folder, "sound.json"))
        said = explore(limphome, sound, "--sample", SAMPLE)
        if said.returncode != 0:
            wrong.append("the sound master is accused:\n" + said.stdout)
        for name, verdict in FOUND.items():
            adapter = adapter_of(source, os.path.join(folder, name, "limphome-master"),
                                 os.path.join(folder, name + ".json"))
            said = explore(limphome, adapter, "--sample", SAMPLE)
            ids = [line.split(": ")[1] for line in said.stdout.splitlines() if line.startswith(verdict + ": ")]
            if said.returncode != 1 or not ids:
                wrong.append(f"{name}: no \"{verdict}\" in\n{said.stdout}")
            elif f"verdict  {verdict}: " not in explore(limphome, adapter, "--point", ids[0]).stdout:
                wrong.append(f"{name}: {ids[0]} alone is not \"{verdict}\"")
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
