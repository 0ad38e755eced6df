#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Programs that this project did not write agree about what happened in an update.

    check_update.py LIMPHOME MAKE_IMAGE

Runs updates with traces in a temporary folder, then asks
  tshark      to dissect the pcapng as ISO 15765 and UDS: nothing malformed, the services that a decoder
              written here from the standard's text finds in the candump log, in the same order;
  can-utils   to read the candump log (log2long, log2asc): every frame, error frames included;
  srecord     to compare the saved flash with the image that was sent: byte-identical.
Each style runs undisturbed and through a brown-out, in which nobody acknowledges the master's frames.
"""
import os
import subprocess
import sys
import tempfile

DISSECT = ["-d", "can.subdissector,iso15765", "-d", "iso15765.subdissector,uds"]


def run(*command, stdin=None, expect=0):
    result = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
    if result.returncode != expect:
        sys.exit(f"{' '.join(command)}\nended with {result.returncode}\n{result.stdout}{result.stderr}")
    return result.stdout


def frames_of(log_path):
    """(time, identifier, payload) of each data frame of a candump log."""
    with open(log_path, encoding="ascii") as log:
        for line in log:
            stamp, _, text = line.split()
            identifier, payload = text.split("#", 1)
            if not payload.startswith(("#", "R")) and len(identifier) == 3:
                yield float(stamp.strip("()")), int(identifier, 16), bytes.fromhex(payload)


def messages_of(frames, identifiers):
    """ISO 15765-2 reassembly, normal addressing, classical frames: (identifier, message)."""
    open_messages = {}
    for _, identifier, payload in frames:
        if identifier not in identifiers or not payload:
            continue
        kind, low = payload[0] >> 4, payload[0] & 15
        if kind == 0 and 0 < low <= len(payload) - 1:
            yield identifier, payload[1 : 1 + low]
        elif kind == 1:
            open_messages[identifier] = [low << 8 | payload[1], bytearray(payload[2:])]
        elif kind == 2 and identifier in open_messages:
            length, data = open_messages[identifier]
            data += payload[1:]
            if len(data) >= length:
                yield identifier, bytes(data[:length])
                del open_messages[identifier]


def check_tshark(folder, services):
    pcapng = os.path.join(folder, "bus.pcapng")
    malformed = run("tshark", "-r", pcapng, *DISSECT, "-Y", "_ws.malformed || _ws.expert.severity >= 0x800000")
    if malformed:
        sys.exit(f"tshark finds malformed packets:\n{malformed[:2000]}")
    seen = run("tshark", "-r", pcapng, *DISSECT, "-Y", "uds", "-T", "fields", "-e", "can.id",
               "-e", "uds.reply", "-e", "uds.sid").split("\n")
    seen = [line.split("\t") for line in seen if line]
    expected = []
    for identifier, message in services:
        negative = message[0] == 0x7F
        reply = bool(message[0] & 0x40)
        sid = 0x3F if negative else message[0] & ~0x40
        expected.append((identifier, reply, sid))
    found = [(int(row[0], 0), int(row[1], 0) != 0, int(row[2], 0)) for row in seen]
    if found != expected:
        first = next((i for i, pair in enumerate(zip(found, expected)) if pair[0] != pair[1]), min(len(found), len(expected)))
        sys.exit(f"tshark sees {len(found)} UDS messages, the log holds {len(expected)}; "
                 f"first difference at {first}: {found[first:first + 3]} against {expected[first:first + 3]}")
    return len(found)


def error_lines(folder):
    """How many error frames (CAN_ERR_FLAG of linux/can.h in the identifier) the candump log holds."""
    with open(os.path.join(folder, "bus.log"), encoding="ascii") as log:
        identifiers = (line.split()[2].split("#", 1)[0] for line in log)
        return sum(1 for identifier in identifiers if len(identifier) == 8 and int(identifier, 16) & 0x20000000)


def check_errors(folder, errors):
    seen = run("tshark", "-r", os.path.join(folder, "bus.pcapng"), "-Y", "can.flags.err == 1", "-T", "fields",
               "-e", "frame.number").count("\n")
    if seen != errors:
        sys.exit(f"the log holds {errors} error frames, tshark sees {seen}")


def check_can_utils(folder, errors):
    log_path = os.path.join(folder, "bus.log")
    with open(log_path, encoding="ascii") as log:
        text = log.read()
    lines = text.count("\n")
    long_form = run("log2long", stdin=text)
    asc = run("log2asc", "-I", log_path, "can0")
    seen_long = sum(1 for line in long_form.split("\n") if "can0" in line)
    seen_asc = sum(1 for line in asc.split("\n") if " Rx " in line)
    long_errors = long_form.count("ERRORFRAME")
    asc_errors = asc.count("ErrorFrame")
    if not lines == seen_long == seen_asc + asc_errors or not errors == long_errors == asc_errors:
        sys.exit(f"the log holds {lines} frames, {errors} of them error frames, log2long reads {seen_long} and "
                 f"{long_errors}, log2asc {seen_asc} besides {asc_errors}")
    return lines


def check_srecord(folder, image):
    saved = os.path.join(folder, "bcm.s19")
    inside = ["-crop", "0x780000", "0x7F8000", "0x7FA000", "0x7FC000"]
    run("srec_cmp", saved, "-motorola", *inside, image, "-motorola", *inside)


def check_style(limphome, images, style, brown_out, folder):
    faults = ("--brownout", "segment=1,at=50%,level=3600mV,for=1500ms") if brown_out else ()
    run(limphome, "update", "--vehicle", "vehicles/single.json", "--from", images["1.0.0"], "--image", images["2.0.0"],
        "--version", "2.0.0", "--style", style, "--trace", folder, "--quiet", *faults)
    services = list(messages_of(frames_of(os.path.join(folder, "bus.log")), {0x7E0, 0x7E8, 0x7DF}))
    transfers = sum(1 for identifier, message in services if identifier == 0x7E0 and message[0] == 0x36)
    if transfers < 10:
        sys.exit(f"{style}: only {transfers} TransferData requests: this was no update")
    errors = error_lines(folder)
    if (errors > 0) != brown_out:
        sys.exit(f"{style}: {errors} error frames with{'' if brown_out else 'out'} a brown-out")
    messages = check_tshark(folder, services)
    check_errors(folder, errors)
    frames = check_can_utils(folder, errors)
    check_srecord(folder, images["2.0.0"])
    print(f"{style}{', brown-out' if brown_out else ''}: {frames} frames, {errors} of them error frames, {messages} UDS "
          f"messages, {transfers} of them TransferData: all agree")


def main():
    limphome, make_image = sys.argv[1:3]
    os.environ["LIMPHOME"] = limphome
    with tempfile.TemporaryDirectory() as base:
        images = {}
        for version in ("1.0.0", "2.0.0"):
            images[version] = os.path.join(base, f"bcm-{version}.s19")
            run(make_image, version, images[version], "64")
        for style in ("block", "s19-line"):
            check_style(limphome, images, style, False, os.path.join(base, style))
            check_style(limphome, images, style, True, os.path.join(base, style + "-brown-out"))


if __name__ == "__main__":
    main()
