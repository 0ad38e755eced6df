#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What limphome answers to a command line: exit code and words, row by row.

    check_cli.py LIMPHOME MAKE_IMAGE

Each row is a command line as a shell would split it, an exit code (or several), and a part of what is said: text
for standard output, !text for standard error. {name} stands for a file of the table below. No row
may take long, end by a signal, or print a sanitizer's report.
"""
import os
import shlex
import subprocess
import sys
import tempfile

SECONDS_MAX = 5
VEHICLE = "vehicles/single.json"
UPDATE = "update --vehicle {vehicle} --from {old} --image {new}"
IMAGE = "image --version 1.2.3 --hardware BCM-HW-1"

ANSWERED = (0, 1)  # Either way.

ROWS = [
    # The program.
    ("", 2, "!usage: limphome COMMAND"),
    ("help", 0, "update a simulated ECU"),
    ("--help", 0, "Exit codes: 0 well"),
    ("-h", 0, "usage: limphome"),
    ("help extra", 2, '!limphome help: there is no command "extra"'),
    ("help run extra", 2, '!limphome help: one command at most, not "extra" as well'),
    ("help run", 0, "usage: limphome run [OPTION...] [PATTERN...]"),
    ("help --help", 0, "usage: limphome help [COMMAND]"),
    ("help --man", 0, ".TH LIMPHOME 1"),
    ("help --man init-master --date 2026-01-31", 0, '.TH LIMPHOME\\-INIT\\-MASTER 1 "2026-01-31" "limphome 0.'),
    ("help --man --date today", 2, '!--date "today": must be like 2026-01-31'),
    ("help --man --page x", 2, '!--page "x": must be NAME=SUMMARY'),
    ("help --man --page x=y", 2, "!standard input is no help of at most 16 KB"),
    ("help --completion bash", 0, "complete -F _limphome limphome"),
    ("help --completion csh", 2, '!--completion "csh": must be bash, zsh or fish'),
    ("version", 0, "limphome 0."),
    ("--version", 0, "limphome 0."),
    ("version extra", 2, '!limphome version: it takes nothing, not "extra"'),
    ("version --help", 0, "usage: limphome version"),
    ("fly", 2, '!there is no command "fly"'),
    ("''", 2, '!there is no command ""'),
    ("%n%s%s", 2, '!there is no command "%n%s%s"'),
    ("--bogus", 2, '!there is no command "--bogus"'),
    # explore
    ("explore --help", 0, "usage: limphome explore power|"),
    ("explore", 2, "!limphome explore: say what is to be explored: power"),
    ("explore storms", 2, '!limphome explore: "storms" is no kind of sweep: power'),
    ("explore power extra", 2, '!limphome explore: "extra" belongs to no option'),
    ("explore power --size 0", 2, '!--size "0": must be 1 to 256'),
    ("explore power --mode all", 2, '!--mode "all": must be log, linear or exhaustive'),
    ("explore power --depth 3", 2, '!--depth "3": must be 1 or 2'),
    ("explore power --point f0.1", 2, '!--point "f0.1": must be an id as a sweep prints it'),
    ("explore power --shard 5/4", 2, '!--shard "5/4": there is no such shard'),
    ("explore power --shard 0/4", 2, '!--shard "0/4": there is no such shard'),
    ("explore power --shard 1/", 2, '!--shard "1/": must be a number and of how many'),
    ("explore power --time 0s", 2, '!--time "0s": must be a duration'),
    ("explore power --point f1.0 --shard 1/2", 2,
     "!limphome explore: --shard is for a sweep, and --point plays a single point"),
    ("explore faults --faults 0", 2, '!--faults "0": must be 1 to 64'),
    ("explore faults --faults 8-2", 2, '!--faults "8-2": must be 1 to 64'),
    ("explore faults --schedules 0", 2, '!--schedules "0": must be 1 or more'),
    ("explore faults --shrink 33", 2, '!--shrink "33": must be 0 to 32'),
    ("explore faults --point f1.0", 2, '!--point "f1.0": must be an id as a sweep prints it'),
    ("explore faults --depth 2", 2, '!limphome explore: --depth is no option of "explore faults"'),
    ("explore faults --size 2 --schedules 20", 0, "bricked: nothing runs"),
    ("explore faults --size 2 --point s17", 0, "verdict  "),
    ("explore power --out /proc/none", 3, "!limphome: /proc/none: cannot be made"),
    ("explore power --size 1 --mode log --sample 20", 0, "bricked: nothing runs"),
    ("explore power --size 1 --point f200.2", 0, "verdict  updated"),
    ("explore storage --point f1", 2, '!--point "f1": must be an id as a sweep prints it, such as w12.full'),
    ("explore storage --mode log", 2, '!limphome explore: --mode is no option of "explore storage"'),
    ("explore storage --with-power", 2, "!limphome explore: --with-power goes with --sample N"),
    ("explore storage --size 1 --sample 20", 0, "bricked: nothing runs"),
    ("explore storage --size 1 --point w2.lost", 0, "verdict  updated"),
    ("explore storage --size 1 --point w9999.lost", 1, "!w9999.lost: the run has no such call"),
    ("explore power --size 1 --point f999999.2", 1, "!f999999.2: the run has no such operation"),
    # check
    ("check --help", 0, "usage: limphome check FILE..."),
    ("check", 2, "!limphome check: no file given"),
    ("check --bogus", 2, "!limphome check: unrecognized option '--bogus'"),
    ("check -x", 2, "!limphome check: invalid option"),
    ("check {vehicle}", 0, 'vehicle "single", buses: 1, ECUs: 1'),
    ("check -- {vehicle}", 0, "ECUs: 1"),
    ("check {vehicle} {broken}", 1, "!broken.json:1: not JSON from here on"),
    ("check {broken} {vehicle}", 1, "ECUs: 1"),
    ("check {crowd}", 1, '!crowd.json:65: ecus[63].bus: bus "b" has 63 ECUs already'),
    ("check {nul}", 1, "!nul.json:2: a NUL character"),
    ("check {deep}", 1, "!deep.json:1: nested too deeply"),
    ("check {slow}", 1, "!slow.json:14: ecus[0].clock.oscillator_hz: must be 3200000 to 40000000"),
    ("check {endless}", 3, "!endless.json:20: ecus[0].image: /dev/zero: is a device or socket"),
    ("check {lost}", 3, "!lost.json:20: ecus[0].image: "),
    ("check {huge}", 1, "!larger than 1 MB: not a vehicle file"),
    ("check {empty}", 1, "!empty:1: not JSON"),
    ("check /nowhere/at-all.json", 3, "!/nowhere/at-all.json: cannot be opened: No such file"),
    ("check {folder}", 3, "!is a folder, not a vehicle file; name a regular file"),
    ("check /dev/zero", 3, "!/dev/zero: is a device or socket, not a vehicle file"),
    ("check {pipe}", 3, "!is a pipe, not a vehicle file"),
    ("check ''", 1, "!the path of a vehicle file is empty"),
    ("check masters/reference.json masters/minimal.json", 0, 'adapter of the master "minimal", capabilities: '),
    ("check masters/template.json {vehicle}", 0, 'vehicle "single"'),
    ("check {adapter}", 1, '!adapter.json:2: comand: unknown member; did you mean "command"?'),
    # init-master
    ("init-master --help", 0, "usage: limphome init-master NAME"),
    ("init-master", 2, "!limphome init-master: one name is needed"),
    ("init-master a b", 2, "!limphome init-master: one name is needed"),
    ("init-master --bogus", 2, "!limphome init-master: unrecognized option '--bogus'"),
    ("init-master ''", 2, '!"" is no name: 1 to 31 letters'),
    ("init-master ../x", 2, '!"../x" is no name'),
    ("init-master " + "x" * 32, 2, "!is no name: 1 to 31 letters"),
    # image
    ("image --help", 0, "usage: limphome image"),
    ("image", 2, "!limphome image: --version, --hardware and -o are needed"),
    (IMAGE, 2, "!limphome image: --version, --hardware and -o are needed"),
    (IMAGE + " -o {out}", 0, ""),
    (IMAGE + " -o {out} --segments 65535 --behaviour 63 --cyclic-id 0x1FFFFFFF --cyclic-ms 1", 0, ""),
    (IMAGE + " -o ''", 2, '!limphome image: --output "": the path is empty'),
    (IMAGE + " -o {folder}", 3, "!cannot be written: Is a directory; check the path"),
    (IMAGE + " -o /dev/full", 3, "!/dev/full: cannot be written: No space left on device"),
    (IMAGE + " -o", 2, "!limphome image: option requires an argument -- 'o'"),
    (IMAGE + " -o {out} extra", 2, '!limphome image: "extra" belongs to no option'),
    (IMAGE + " -o {out} --bogus", 2, "!limphome image: unrecognized option '--bogus'"),
    (IMAGE + " -o {out} --segments 65536", 2, '!--segments "65536": must be a whole number, 0 to 65535'),
    (IMAGE + " -o {out} --segments -1", 2, "!must be a whole number"),
    (IMAGE + " -o {out} --behaviour 64", 2, "!must be a sum of 1, 2, 4, 8, 16 and 32"),
    (IMAGE + " -o {out} --cyclic-id 0x20000000", 2, "!must be a CAN identifier"),
    (IMAGE + " -o {out} --cyclic-ms 1x", 2, '!limphome image: --cyclic-ms "1x": must be a whole number'),
    (IMAGE + " -o {out} --cyclic-ms 0x", 2, "!must be a whole number"),
    (IMAGE + " -o {out} --part ''", 2, "!must be 1 to 16 printable ASCII characters"),
    (IMAGE + " -o {out} --build 12345678901234567", 2, "!must be 1 to 16 printable ASCII"),
    ("image --version 1.0\u00e9 --hardware H -o {out}", 2, "!must be 1 to 16 printable ASCII"),
    ("image --version '1\t0' --hardware H -o {out}", 2, "!must be 1 to 16 printable ASCII"),
    # update: files
    ("update --help", 0, "usage: limphome update"),
    ("update", 2, "!limphome update: --image is needed"),
    ("update --vehicle {vehicle}", 2, "!limphome update: --image is needed"),
    ("update --image {new}", 0, "1.0.0 -> 2.0.0, flash holds the new image"),
    ("update --image {new} --from {new}", 0, "2.0.0 -> 2.0.0"),
    ("update --image {new} --from {twice}", 1, "!twice.s19:2: address 0x780000 is given already"),
    ("update --vehicle {imaged} --from {old} --image {new}", 0, "flash holds the new image"),
    (UPDATE + " --quiet", 0, ""),
    (UPDATE, 0, "flash holds the new image, ECU runs its application"),
    (UPDATE + " extra", 2, '!limphome update: "extra" belongs to no option'),
    (UPDATE + " --bogus", 2, "!limphome update: unrecognized option '--bogus'"),
    (UPDATE + " --seed", 2, "!limphome update: option '--seed' requires an argument"),
    (UPDATE + " --quiet=1", 2, "!limphome update: option '--quiet' doesn't allow an argument"),
    ("update --vehicle {broken} --image {new}", 1, "!broken.json:1: not JSON"),
    ("update --vehicle {lost} --image {new}", 3, "!lost.json:20: ecus[0].image: "),
    ("update --vehicle /nowhere/x --image {new}", 3, "!/nowhere/x: cannot be opened"),
    ("update --vehicle '' --image {new}", 2, '!limphome update: --vehicle "": the path is empty'),
    ("update --vehicle {vehicle} --image ''", 2, '!--image "": the path is empty'),
    (UPDATE + " --from ''", 2, '!--from "": the path is empty'),
    (UPDATE + " --from {twice}", 1, "!twice.s19:2: address 0x780000 is given already by line 1"),
    (UPDATE + " --from /dev/zero", 3, "!/dev/zero: is a device or socket, not an S-record file"),
    (UPDATE + " --from {pipe}", 3, "!is a pipe, not an S-record file"),
    (UPDATE + " --image {twice}", 1, "!is given already by line 1"),
    (UPDATE + " --image {folder}", 3, "!is a folder, not an S-record file"),
    (UPDATE + " --image {pipe}", 3, "!is a pipe, not an S-record file"),
    (UPDATE + " --image /dev/zero", 3, "!/dev/zero: is a device or socket"),
    (UPDATE + " --image /nowhere/y", 3, "!/nowhere/y: cannot be opened"),
    (UPDATE + " --image {headless}", 1, "!no image header at 0x780000"),
    (UPDATE + " --trace ''", 2, '!--trace "": the path is empty'),
    (UPDATE + " --trace /proc/nowhere", 3, "!folder cannot be made: No such file or directory; name a folder"),
    (UPDATE + " --trace {empty}", 3, "!Not a directory; name a folder that you may write to"),
    # update: values
    (UPDATE + " --style blocks", 2, '!limphome update: --style "blocks": must be block or s19-line'),
    (UPDATE + " --check md5", 2, '!--check "md5": must be sha1, crc32 or sum8'),
    (UPDATE + " --timing fast", 2, '!--timing "fast": must be typ, min or max'),
    (UPDATE + " --seed -1", 2, '!--seed "-1": must be a whole number of at most 64 bits'),
    (UPDATE + " --seed 18446744073709551616", 2, "!must be a whole number of at most 64 bits"),
    (UPDATE + " --seed 18446744073709551615 --quiet", 0, ""),
    (UPDATE + " --version ''", 2, "!must be 1 to 16 printable ASCII characters"),
    (UPDATE + " --version 9.9.9 --quiet", 1, "!ROLLED_BACK"),
    (UPDATE + " --style s19-line --check crc32 --timing max --no-digest", 0, "digest not computed"),
    (UPDATE + " --image {mute} --quiet", 1, "!ECU runs its application"),
    (UPDATE + " --image {hung}", 1, "ROLLED_BACK"),
    (UPDATE + " --image {wrong}", 1, "ROLLED_BACK"),
    # update: faults of the supply
    (UPDATE + " --cut 1s", 0, "1 of 1 fired"),
    (UPDATE + " --cut 1s:1s --cut 1500ms:1s", 0, "2 of 2 fired"),
    (UPDATE + " --brownout segment=1,at=50%,level=3.6V,for=1500ms", 0, "1 of 1 fired"),
    (UPDATE + " --brownout time=1s,level=3600mV,for=100ms,ramp=0ms", 0, "1 of 1 fired"),
    (UPDATE + " --brownout segment=9,at=0%,level=0V,for=1s", 1, "0 of 1 fired"),
    (UPDATE + " --brownout segment=9,level=0V,for=1s", 1, "!1 of 1 faults never began"),
    (UPDATE + " --cut 1s --cut 1h", 2, "!--cut \"1h\": the time is not a number with a unit"),
    (UPDATE + " --cut 1s --cut 9000s", 1, "!1 of 2 faults never began"),
    (UPDATE + " --cut 1s" * 8 + " --quiet", 0, ""),
    (UPDATE + " --cut 1s" * 9, 2, "!one too many: at most 8 faults, --cut and --brownout together"),
    (UPDATE + " --cut 3s:0s", 2, '!--cut "3s:0s": the duration must be longer than 0'),
    (UPDATE + " --cut 3s:", 2, "!the duration is not a number with a unit"),
    (UPDATE + " --cut 3", 2, "!accepted is AT[:DURATION] with ns, us, ms, s or min, like 3s:500ms"),
    (UPDATE + " --cut ''", 2, "!the time is not a number with a unit"),
    (UPDATE + " --cut -3s", 2, "!the time is not a number with a unit"),
    (UPDATE + " --cut 0x3s", 2, "!the time is not a number with a unit"),
    (UPDATE + " --cut 1e3s", 2, "!the time is not a number with a unit"),
    (UPDATE + " --cut " + "9" * 40 + "s", 2, "!the time is not a number with a unit"),
    (UPDATE + " --cut " + "9" * 400 + "s", 2, "!the time is too long"),
    (UPDATE + " --brownout ''", 2, "!each part is a name, = and a value; accepted is segment=2"),
    (UPDATE + " --brownout segment=1,at=50%,for=1s", 2, "!level= is missing"),
    (UPDATE + " --brownout segment=1,level=3V", 2, "!for= is missing"),
    (UPDATE + " --brownout level=3V,for=1s", 2, "!segment= or time= is missing"),
    (UPDATE + " --brownout segment=1,time=1s,level=3V,for=1s", 2, "!segment and time exclude each other"),
    (UPDATE + " --brownout time=1s,at=50%,level=3V,for=1s", 2, "!at= belongs to segment="),
    (UPDATE + " --brownout segment=1,level=3V,for=0s", 2, "!for must be like 1500ms, and longer than 0"),
    (UPDATE + " --brownout segment=0,level=3V,for=1s", 2, "!segment must be a number from 1 to 32"),
    (UPDATE + " --brownout segment=65537,level=3V,for=1s", 2, "!segment must be a number from 1 to 32"),
    (UPDATE + " --brownout segment=1,at=101%,level=3V,for=1s", 2, "!at must be 0% to 100%"),
    (UPDATE + " --brownout segment=1,level=61V,for=1s", 2, "!level must be like 3600mV or 3.6V, at most 60V"),
    (UPDATE + " --brownout segment=1,level=3V,for=1s,ramp=x", 2, "!ramp must be like 20ms"),
    (UPDATE + " --brownout segment=1,level=3V,for=1s,for=2s", 2, "!a part is given twice"),
    (UPDATE + " --brownout segment=1,level=3V,for=1s,", 2, "!each part is a name, = and a value"),
    (UPDATE + " --brownout volts=3", 2, "!a part of it is unknown"),
    (UPDATE + " --brownout " + "x" * 300, 2, "!too long; accepted is"),
    # up: as far as it goes on a machine that may have no CAN at all
    ("up --help", 0, "usage: limphome up --bus BUS=INTERFACE..."),
    ("up", 2, "!limphome up: at least one --bus is needed, for example can0=vcan0"),
    ("up --bus can0", 2, '!limphome up: --bus "can0": must be BUS=INTERFACE'),
    ("up --bus can9=nosuch0", 2, '!the built-in vehicle: there is no bus "can9"; the first is "can0"'),
    ("up --bus can0=nosuch0 --for 1s", 3, "!limphome: "),
    ("up --bus vcan0=nosuch0 --cut 1s --brownout time=2s,level=3V,for=1s --for 1s", 3, "!limphome: "),
    ("up --bus can0=x --bus can0=x", 2, "!limphome up: the interface x is given twice"),
    ("up --vehicle {broken} --bus can0=nosuch0", 1, "!broken.json:1: not JSON"),
    ("up --image {twice} --bus can0=nosuch0", 1, "!twice.s19:2: address 0x780000 is given already"),
    ("up --bus can0=nosuch0 extra", 2, '!limphome up: "extra" belongs to no option'),
    ("up --bus can0=nosuch0 --seed x", 2, '!--seed "x": must be a whole number'),
    ("up --bus can0=nosuch0 --for 10", 2, '!--for "10": must be a duration such as 10s'),
    ("up --bus can0=nosuch0 --trace {empty}", 3, "!Not a directory"),
    ("up --bus can0=nosuch0 --cut 3", 2, '!limphome up: --cut "3": the time is not a number'),
    ("up --bus can0=nosuch0 --brownout segment=2,level=3V,for=1s", 2,
     "!segment= belongs to `limphome update`; accepted here is time=3s,level=3600mV"),
    ("up --bus can0=nosuch0" + " --cut 1s" * 9, 2, "!one too many: at most 8 faults"),
    # doctor: what it finds is the machine's affair (check_doctor.py)
    ("doctor --help", 0, "usage: limphome doctor"),
    ("doctor extra", 2, '!limphome doctor: "extra" belongs to no option'),
    ("doctor --bogus", 2, "!limphome doctor: unrecognized option '--bogus'"),
    ("doctor", ANSWERED, "seccomp user notification"),
    # Hostile arguments.
    ("A" * 100000, 2, "!there is no command"),
    ("check " + "A" * 100000, 1, "!the path of a vehicle file has 100000 characters; the system takes 4095"),
    (UPDATE + " --" + "A" * 5000, 2, "!limphome update: unrecognized option"),
    (UPDATE + " --trace " + "A" * 5000, 2, "!the path is longer than the system takes"),
    (UPDATE + " --version %n%n%n --quiet", 1, "!%n%n%n"),
]

# Where what is said cannot be written, that is said.
LOST_OUTPUT = ["help", "version", "update --help", "check {vehicle}", UPDATE]


def crowd():
    ecus = [f'{{"name": "e{i}", "type": "s12x", "part": "mc9s12xeq512", "bus": "b", "request_id": {2 * i}, '
            f'"response_id": {2 * i + 1}, "hardware_id": "H", "regions": [["0x780000", "0x784000"]], '
            f'"header": "0x780000"}}' for i in range(64)]
    return ('{"name": "crowd", "buses": [{"name": "b", "bitrate": 500000}], "ecus": [\n' + ",\n".join(ecus) + "\n]}\n")


def make_files(base, make_image, limphome):
    with open(VEHICLE, encoding="ascii") as file:
        single = file.read()
    texts = {
        "broken.json": "{", "adapter.json": '{"capabilities": [],\n"comand": ["x"]}', "empty": "", "crowd.json": crowd(), "deep.json": "[" * 2000,
        "nul.json": single.replace("single", "sin\\u0000gle", 1),
        "slow.json": single.replace("16000000", "2000000", 1),
        "endless.json": single.replace('"1.0.0"', '"1.0.0", "image": "/dev/zero"', 1),
        "lost.json": single.replace('"1.0.0"', '"1.0.0", "image": "lost.s19"', 1),
        "imaged.json": single.replace('"1.0.0"', f'"1.0.0", "image": "{base}/new.s19"', 1),
        "huge": " " * (1 << 20) + "{}",
        "twice.s19": "S20678000001027E\nS20678000001027E\nS804000000FB\n",
        "headless.s19": "S20678000001027E\nS804000000FB\n",
    }
    files = {"vehicle": VEHICLE, "folder": base, "out": os.path.join(base, "out"), "pipe": os.path.join(base, "pipe")}
    os.mkfifo(files["pipe"])
    for name, text in texts.items():
        files[name.split(".")[0]] = os.path.join(base, name)
        with open(os.path.join(base, name), "w", encoding="ascii") as file:
            file.write(text)
    images = (("old", "1.0.0", "0"), ("new", "2.0.0", "0"), ("hung", "2.0.0", "1"), ("wrong", "2.0.0", "8"),
              ("mute", "2.0.0", "16"))
    for name, version, behaviour in images:
        files[name] = os.path.join(base, name + ".s19")
        subprocess.run([make_image, version, files[name], "16"], check=True,
                       env=dict(os.environ, LIMPHOME=limphome, BEHAVIOUR=behaviour))
    return files


def run(limphome, line, files, stdout=subprocess.PIPE):
    """Exit code, standard output and standard error; a code of None if it took too long."""
    arguments = [part.format(**files) if "{" in part else part for part in shlex.split(line)]
    try:
        done = subprocess.run([limphome, *arguments], stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE,
                              timeout=SECONDS_MAX, check=False)
    except subprocess.TimeoutExpired:
        return None, "", ""
    return done.returncode, (done.stdout or b"").decode(errors="replace"), done.stderr.decode(errors="replace")


def fault_of(row, answer):
    """What is wrong with the answer to a row; empty if nothing."""
    _, wanted, text = row
    code, out, err = answer
    place = err if text.startswith("!") else out
    if code is None:
        return f"took more than {SECONDS_MAX} s"
    if "Sanitizer" in err or "runtime error" in err or code < 0:
        return f"crashed ({code})"
    if code != wanted and not (wanted == ANSWERED and code in ANSWERED):
        return f"ended with {code}, not {wanted}"
    if text.lstrip("!") not in place:
        return f"does not say {text!r}"
    if code >= 2 and not err.strip():
        return "does not say why"
    return ""


def main():
    limphome, make_image = sys.argv[1:3]
    failed = 0
    with tempfile.TemporaryDirectory() as base:
        files = make_files(base, make_image, limphome)
        rows = [(row, run(limphome, row[0], files)) for row in ROWS]
        with open("/dev/full", "w", encoding="ascii") as full:
            rows += [((line + " > /dev/full", 3, "!standard output could not be written"),
                      run(limphome, line, files, full)) for line in LOST_OUTPUT]
    for row, answer in rows:
        fault = fault_of(row, answer)
        if fault:
            failed += 1
            print(f"limphome {row[0][:200]}\n  {fault}\n  stdout: {answer[1][:300]}\n  stderr: {answer[2][:600]}")
    print(f"{len(rows)} command lines, {failed} answered wrongly")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
