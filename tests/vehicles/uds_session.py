# SPDX-License-Identifier: Apache-2.0
"""Plays the UDS session that a document holds, byte for byte, as a guest of `limphome exec`.

    uds_session.py DOCUMENT NAME

The session is the code block that begins with ```session NAME. Its lines:
    ! KEY=VALUE ...     the link: via=kernel or scapy, tx, rx, pad, fd, target and tester (extended addresses)
    > BYTES             a request; `key:add` and the like in it stand for the key of the last seed
    < BYTES             the next answer, exactly these bytes; `seed:N` stands for N bytes of seed
    wait SECONDS        silence, in which nothing may come
    # TEXT              a comment; an indented line goes on with the line before
The transport is the kernel's (AF_CAN, CAN_ISOTP) or scapy's own in Python; nothing of this project's is used.
"""
import hashlib
import hmac
import logging
import re
import socket
import struct
import sys
import time

SOL_CAN_ISOTP, OPTS, LL_OPTS = 106, 1, 5
TX_PADDING, EXTEND_ADDR, RX_EXT_ADDR = 0x004, 0x002, 0x200
EFF = 0x80000000


def add_secret(seed):
    return ((int.from_bytes(seed, "big") + 0x0000C0DE) & 0xFFFFFFFF).to_bytes(4, "big")


def mac(seed):
    return hmac.new(b"limphome-example", seed, hashlib.sha256).digest()[:16]


def doubled(seed):
    number = ((seed[0] << 8 | seed[1]) * 2 + seed[2] * 0x101) & 0xFFFF
    return struct.pack(">H", number ^ 0x5A3C)


def xor_secret(seed):
    return bytes(byte ^ secret for byte, secret in zip(seed, b"\xA5\x5A"))


KEYS = {"key:add": add_secret, "key:xor": xor_secret, "key:hmac": mac, "key:hook": doubled}


class Kernel:
    def __init__(self, link):
        self.socket = socket.socket(socket.AF_CAN, socket.SOCK_DGRAM, socket.CAN_ISOTP)
        flags = TX_PADDING if "pad" in link else 0
        flags |= EXTEND_ADDR | RX_EXT_ADDR if "target" in link else 0
        pad, target, tester = (int(link.get(name, "0"), 16) for name in ("pad", "target", "tester"))
        self.socket.setsockopt(SOL_CAN_ISOTP, OPTS, struct.pack("=IIBBBB", flags, 0, target, pad, 0, tester))
        if "fd" in link:
            self.socket.setsockopt(SOL_CAN_ISOTP, LL_OPTS, struct.pack("=BBB", 72, int(link["fd"]), 1))
        self.socket.bind(("can0", identifier(link["rx"]), identifier(link["tx"])))

    def send(self, data):
        self.socket.send(data)

    def receive(self, seconds):
        self.socket.settimeout(seconds)
        try:
            return self.socket.recv(4096)
        except TimeoutError:
            return None


class Scapy:
    def __init__(self, link):
        logging.getLogger("scapy").setLevel(logging.ERROR)
        from scapy.config import conf
        conf.contribs["CANSocket"] = {"use-python-can": False}
        conf.contribs["ISOTP"] = {"use-can-isotp-kernel-module": False}
        from scapy.contrib.isotp import ISOTP, ISOTPSoftSocket
        self.message = ISOTP
        addresses = {}
        if "target" in link:
            addresses = {"ext_address": int(link["target"], 16), "rx_ext_address": int(link["tester"], 16)}
        self.socket = ISOTPSoftSocket("can0", tx_id=int(link["tx"], 16), rx_id=int(link["rx"], 16),
                                      padding="pad" in link, **addresses)

    def send(self, data):
        self.socket.send(self.message(data))

    def receive(self, seconds):
        got = self.socket.sniff(count=1, timeout=seconds)
        return bytes(got[0].data) if got else None


def identifier(text):
    number = int(text, 16)
    return number | EFF if number > 0x7FF else number


def steps_of(document, name):
    text = open(document, encoding="utf-8").read()
    block = re.search(rf"^```session {re.escape(name)}\n(.*?)^```", text, re.M | re.S)
    if not block:
        sys.exit(f"{document}: there is no session \"{name}\"")
    first = text[:block.start(1)].count("\n") + 1
    steps = []
    for number, line in enumerate(block[1].splitlines(), first):
        if line.startswith(" ") and steps:
            steps[-1][1] += line
        elif line.strip() and not line.startswith("#"):
            steps.append([number, line])
    return [(number, line.split("#")[0].split()) for number, line in steps]


def expected(words):
    pattern = b""
    for word in words:
        seed = re.fullmatch(r"seed:(\d+)", word)
        pattern += b"(.{%d})" % int(seed[1]) if seed else re.escape(bytes.fromhex(word))
    return re.compile(pattern, re.S)


def main(document, name):
    link, seed, played = None, b"", 0
    time.sleep(0.5)  # The ECU needs its time after the start.
    for number, (kind, *words) in steps_of(document, name):
        where = f"{document}:{number}"
        if kind == "!":
            options = dict(word.split("=") for word in words)
            link = (Kernel if options["via"] == "kernel" else Scapy)(options)
        elif kind == ">":
            link.send(b"".join(KEYS[word](seed) if word in KEYS else bytes.fromhex(word) for word in words))
            played += 1
        elif kind == "wait":
            got = link.receive(float(words[0]))
            if got is not None:
                sys.exit(f"{where}: silence was to be, and there came {got.hex(' ')}")
        elif kind == "<":
            got = link.receive(12)
            match = expected(words).fullmatch(got or b"")
            if not match:
                sys.exit(f"{where}: {' '.join(words)} was to come, and there came {got and got.hex(' ')}")
            seed = match[1] if match.groups() else seed
            played += 1
        else:
            sys.exit(f"{where}: what is \"{kind}\"?")
    print(f"{name}: {played} messages as written")


if __name__ == "__main__":
    main(*sys.argv[1:])
