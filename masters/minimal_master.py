#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A deliberately simple OTA master on python-can: one ECU, one try, no journal, no resume, no rollback.

    minimal_master.py --interface can0 --job job.json

It stands for the masters that other people write: honest about what it can do, and not of this project's code. The
job is the standard one (docs/formats.md, "Job file"). Its result is one line, the last that it prints:

    RESULT SUCCESS version=2.0.0 sid=0 nrc=0 version 2.0.0 runs
"""
import argparse
import errno
import hashlib
import json
import sys
import time

import can
from can.interfaces.socketcan import SocketcanBus

# 1 is what Python ends with when something unforeseen happens: that is no result.
EXIT = {"SUCCESS": 0, "UP_TO_DATE": 10, "REFUSED": 11, "FAILED_OLD": 12, "FAILED_SAFE": 13}
NRC_BUSY, NRC_PENDING = 0x21, 0x78
VERSION = 0xF189
HARDWARE = 0xF191


class Failure(Exception):
    """The campaign cannot go on."""

    def __init__(self, text, sid=0, nrc=0):
        super().__init__(text)
        self.sid, self.nrc = sid, nrc


class NoAnswer(Failure):
    pass


class Refusal(Exception):
    """The campaign must not begin."""


class Link:
    """ISO-TP (ISO 15765-2, normal addressing) between the tester and one ECU, and functional single frames."""

    N_AS = N_BS = N_CR = 1.0
    WAITS_MAX = 10

    def __init__(self, interface, ecu, padding):
        self.request_id, self.response_id = number(ecu["request_id"]), number(ecu["response_id"])
        self.functional_id = number(ecu["functional_id"])
        self.padding = padding
        self.keep_alive = False
        self.kept_at = 0.0
        self.bus = SocketcanBus(channel=interface, can_filters=[
            {"can_id": self.response_id, "can_mask": 0x1FFFFFFF, "extended": self.response_id > 0x7FF}])

    def close(self):
        self.bus.shutdown()

    def put(self, identifier, data):
        """One frame. The queue of an interface is short: wait until it has room."""
        if self.padding is not None:
            data = data.ljust(8, bytes([self.padding]))
        message = can.Message(arbitration_id=identifier, data=data, is_extended_id=identifier > 0x7FF)
        end = time.monotonic() + self.N_AS
        while True:
            try:
                return self.bus.send(message)
            except can.CanOperationError as error:
                if error.error_code != errno.ENOBUFS or time.monotonic() >= end:
                    raise Failure(f"the bus takes no frame: {error}") from error
                time.sleep(0.001)

    def get(self, end):
        """The next frame of the ECU, or None when time is up. Tells the ECUs meanwhile that the tester is there."""
        while True:
            now = time.monotonic()
            if self.keep_alive and now >= self.kept_at + 2.0:
                self.kept_at = now
                self.put(self.functional_id, b"\x02\x3E\x80")
            wait = min(end, self.kept_at + 2.0 if self.keep_alive else end) - now
            message = self.hear(max(wait, 0))
            if message is not None and not message.is_error_frame and message.dlc > 0:
                return bytes(message.data)
            if time.monotonic() >= end:
                return None

    def hear(self, seconds):
        try:
            return self.bus.recv(timeout=seconds)
        except can.CanError as error:
            raise Failure(f"the bus is lost: {error}") from error

    def drop_old(self):
        while self.hear(0) is not None:
            pass

    def send(self, data, functional=False):
        self.drop_old()
        if len(data) <= 7:
            self.put(self.functional_id if functional else self.request_id, bytes([len(data)]) + data)
            return
        self.put(self.request_id, bytes([0x10 | len(data) >> 8, len(data) & 0xFF]) + data[:6])
        at, number_of_frame = 6, 1
        while at < len(data):
            block_size, gap = self.flow_control()
            left = block_size or len(data)
            while at < len(data) and left > 0:
                self.put(self.request_id, bytes([0x20 | number_of_frame & 0xF]) + data[at:at + 7])
                at, number_of_frame, left = at + 7, number_of_frame + 1, left - 1
                if gap > 0 and at < len(data):
                    self.pause(gap)

    def pause(self, seconds):
        """Between two frames; the tester stays present."""
        now = time.monotonic()
        if self.keep_alive and now >= self.kept_at + 2.0:
            self.kept_at = now
            self.put(self.functional_id, b"\x02\x3E\x80")
        time.sleep(seconds)

    def flow_control(self):
        """Block size and gap in seconds."""
        for _ in range(self.WAITS_MAX + 1):
            end = time.monotonic() + self.N_BS
            frame = b"\x00"
            while frame is not None and frame[0] >> 4 != 3:
                frame = self.get(end)
            if frame is None or len(frame) < 3:
                raise NoAnswer("no flow control")
            if frame[0] & 0xF == 0:
                return frame[1], self.gap(frame[2])
            if frame[0] & 0xF != 1:
                raise Failure("the ECU's buffer is too small for the message")
        raise Failure("the ECU lets wait for ever")

    @staticmethod
    def gap(st_min):
        if st_min <= 0x7F:
            # A frame stands on the bus for a while after it was handed over: the gap begins at its end.
            return st_min / 1000 + 0.0005 if st_min else 0
        return 0.0015 if 0xF1 <= st_min <= 0xF9 else 0.1275

    def receive(self, end):
        """A whole message, or None when time is up."""
        while True:
            frame = self.get(end)
            if frame is None:
                return None
            kind, low = frame[0] >> 4, frame[0] & 0xF
            if kind == 0 and 0 < low < len(frame):
                return frame[1:1 + low]
            if kind == 1 and len(frame) == 8:
                message = self.receive_rest((low << 8) + frame[1], frame[2:])
                if message is not None:
                    return message

    def receive_rest(self, length, data):
        self.put(self.request_id, b"\x30\x00\x00")
        expected = 1
        while len(data) < length:
            frame = self.get(time.monotonic() + self.N_CR)
            if frame is None or frame[0] != 0x20 | expected & 0xF:
                return None
            data, expected = data + frame[1:], expected + 1
        return data[:length]


class Tester:
    """UDS requests (ISO 14229-1): repeated after a time-out, waited for while pending."""

    ECHO = {0x10: 1, 0x11: 1, 0x27: 1, 0x28: 1, 0x85: 1, 0x22: 2, 0x31: 3, 0x36: 1}
    BUSY_GAP, BUSY_MAX = 0.2, 25.0

    def __init__(self, link, limits):
        self.link = link
        self.p2, self.p2_star = 0.05, 5.0
        self.resends = number(limits.get("resends", 3))
        self.pending_max = number(limits.get("pending_ms", 25000)) / 1000
        self.erase_max = max(self.pending_max, 1.25 * number(limits.get("erase_ms", 20000)) / 1000)

    def ask(self, request, functional=False, pending_max=None, resends=None):
        """The positive answer."""
        begin = time.monotonic()
        tries = 1 + (self.resends if resends is None else resends)
        while tries > 0:
            try:
                self.link.send(request, functional)
                answer = self.answer(request, pending_max or self.pending_max)
            except NoAnswer:
                answer = None
            if answer is None:
                tries -= 1
            elif answer[0] != 0x7F:
                return answer
            elif answer[2] == NRC_BUSY and time.monotonic() - begin < self.BUSY_MAX:
                time.sleep(self.BUSY_GAP)
            else:
                raise Failure(f"service {request[0]:02X} is refused with {answer[2]:02X}", request[0], answer[2])
        raise NoAnswer(f"no answer to service {request[0]:02X}", request[0])

    def answer(self, request, pending_max):
        """To this request and no other; a negative one that is final; None when time is up."""
        begin = time.monotonic()
        end = begin + self.p2 + 0.01
        while True:
            answer = self.link.receive(end)
            if answer is None and time.monotonic() < begin + pending_max:
                return None
            if answer is None:
                raise Failure(f"service {request[0]:02X} stays pending", request[0], NRC_PENDING)
            if answer[0] == 0x7F and len(answer) >= 3 and answer[1] == request[0]:
                if answer[2] != NRC_PENDING:
                    return answer
                end = min(time.monotonic() + self.p2_star, begin + pending_max)
                continue
            echo = self.ECHO.get(request[0], 0)
            if answer[0] == request[0] + 0x40 and answer[1:1 + echo] == request[1:1 + echo]:
                return answer

    def session(self, session, functional=False):
        answer = self.ask(bytes([0x10, session]), functional)
        if len(answer) >= 6:
            self.p2 = int.from_bytes(answer[2:4], "big") / 1000
            self.p2_star = int.from_bytes(answer[4:6], "big") / 100
        self.link.keep_alive = session != 1

    def read_text(self, identifier, resends=None):
        answer = self.ask(b"\x22" + identifier.to_bytes(2, "big"), resends=resends)
        return answer[3:].rstrip(b"\x00 ").decode("ascii", "replace")

    def routine(self, identifier, option=b"", pending_max=None):
        """Its status record."""
        answer = self.ask(b"\x31\x01" + identifier.to_bytes(2, "big") + option, pending_max=pending_max)
        return answer[4:]


def number(value):
    return int(value, 0) if isinstance(value, str) else int(value)


def read_image(path):
    """Segments of an S-record file: [(address, bytes)]."""
    segments = []
    with open(path, "r", encoding="ascii") as file:
        for count, line in enumerate(file, 1):
            line = line.strip()
            if line[:2] not in ("S1", "S2", "S3"):
                continue
            record = bytes.fromhex(line[2:])
            if record[0] != len(record) - 1 or sum(record) & 0xFF != 0xFF:
                raise Refusal(f"the image is damaged in line {count}")
            width = int(line[1]) + 1
            address, data = int.from_bytes(record[1:1 + width], "big"), record[1 + width:-1]
            if segments and segments[-1][0] + len(segments[-1][1]) == address:
                segments[-1][1].extend(data)
            else:
                segments.append((address, bytearray(data)))
    if not segments:
        raise Refusal("the image is empty")
    return segments


def check_image(job):
    image = job["image"]
    try:
        with open(image["path"], "rb") as file:
            content = file.read()
        segments = read_image(image["path"])
    except (OSError, ValueError) as error:
        raise Refusal(f"the image cannot be read: {error}") from error
    if number(image.get("bytes", 0)) not in (0, len(content)):
        raise Refusal("the image has not the declared length")
    if image.get("sha256", "") not in ("", hashlib.sha256(content).hexdigest()):
        raise Refusal("the image has not the declared hash")
    windows = [[number(edge) for edge in window] for window in job["ecu"].get("windows", [])]
    for address, data in segments:
        if windows and not any(low <= address and address + len(data) <= high for low, high in windows):
            raise Refusal(f"the image has bytes at 0x{address:X}, where none may be")
    return segments


def make_key(seed, secret):
    key = seed ^ secret
    for _ in range(35):
        key = (key << 1 & 0xFFFFFFFF) ^ (secret if key & 0x80000000 else 0)
    return key


class Update:
    """The campaign, step by step."""

    def __init__(self, tester, job):
        self.tester, self.job = tester, job
        self.segments = []
        self.touched = False  # The network may be quiet.
        self.erased = False  # No software runs.
        self.version = ""

    def run(self):
        wanted = self.job["image"]["version"]
        self.segments = check_image(self.job)
        self.version = self.running_version()
        if self.version == wanted:
            return "UP_TO_DATE", f"version {wanted} runs already"
        hardware = self.job["ecu"].get("hardware_id", "")
        if hardware and self.tester.read_text(HARDWARE) != hardware:
            raise Refusal("the ECU has another hardware")
        self.prepare()
        self.unlock()
        self.program()
        self.version = self.restart()
        self.restore()
        self.version = self.tester.read_text(VERSION)
        if self.version != wanted:
            raise Failure(f"version {self.version} runs instead of {wanted}")
        return "SUCCESS", f"version {wanted} runs"

    def running_version(self):
        try:
            return self.tester.read_text(VERSION)
        except NoAnswer:
            raise
        except Failure:
            self.erased = True  # A bootloader without an application does not tell one.
            return ""

    def prepare(self):
        self.touched = True
        self.tester.session(3, functional=True)
        unmet = self.tester.routine(0x0203)
        if unmet != b"\x00":
            raise Refusal(f"the ECU's preconditions are not met: {unmet.hex()}")
        self.tester.ask(b"\x85\x02", functional=True)
        self.tester.ask(b"\x28\x01\x01", functional=True)
        self.tester.session(2)

    def unlock(self):
        seed = self.tester.ask(b"\x27\x01")[2:]
        if len(seed) != 4:
            raise Failure("the seed has not four bytes", 0x27)
        if any(seed):
            key = make_key(int.from_bytes(seed, "big"), number(self.job["ecu"]["secret"]))
            self.tester.ask(b"\x27\x02" + key.to_bytes(4, "big"))

    def program(self):
        self.erased = True
        if self.tester.routine(0xFF00, pending_max=self.tester.erase_max) != b"\x00":
            raise Failure("the erase has failed", 0x31)
        for address, data in self.segments:
            self.send_segment(address, bytes(data))
        if self.tester.routine(0xFF01, len(self.segments).to_bytes(2, "big")) != b"\x00":
            raise Failure("the dependencies are not met", 0x31)

    def send_segment(self, address, data):
        answer = self.tester.ask(b"\x34\x00\x44" + address.to_bytes(4, "big") + len(data).to_bytes(4, "big"))
        width = answer[1] >> 4
        length = min(int.from_bytes(answer[2:2 + width], "big"), 4095) - 2
        if length < 1:
            raise Failure("the ECU takes no block", 0x34)
        for counter, at in enumerate(range(0, len(data), length), 1):
            self.tester.ask(bytes([0x36, counter & 0xFF]) + data[at:at + length])
        self.tester.ask(b"\x37" + hashlib.sha1(data).digest())

    def restart(self):
        """The version of the application once it is up."""
        self.tester.ask(b"\x11\x01")
        self.tester.link.keep_alive = False
        self.tester.p2, self.tester.p2_star = 0.05, 5.0
        end = time.monotonic() + number(self.job.get("limits", {}).get("boot_ms", 10000)) / 1000
        while True:
            try:
                return self.tester.read_text(VERSION, resends=0)
            except Failure:
                if time.monotonic() >= end:
                    raise
                time.sleep(0.2)

    def restore(self):
        self.tester.session(3, functional=True)
        self.tester.ask(b"\x28\x00\x01", functional=True)
        self.tester.ask(b"\x85\x01", functional=True)
        self.tester.ask(b"\x14\xFF\xFF\xFF")
        self.tester.session(1, functional=True)
        self.touched = False

    def leave(self):
        """After a failure: what can be restored is restored, whoever answers."""
        for request in (b"\x10\x03", b"\x28\x00\x01", b"\x85\x01", b"\x10\x01"):
            try:
                self.tester.ask(request, functional=True, resends=1, pending_max=1.0)
            except Failure:
                pass
        self.tester.link.keep_alive = False


def play(job, interface):
    """Result, version, service and response code that decided, and a sentence."""
    if job.get("action", "update") != "update":
        return "REFUSED", "", 0, 0, "this master can only update"
    padding = job.get("isotp", {}).get("padding")
    link = Link(interface, job["ecu"], None if padding is None else number(padding))
    update = Update(Tester(link, job.get("limits", {})), job)
    sid = nrc = 0
    try:
        result, text = update.run()
    except Refusal as error:
        result, text = "REFUSED", str(error)
    except Failure as error:
        result, text = "FAILED_SAFE" if update.erased else "FAILED_OLD", str(error)
        sid, nrc = error.sid, error.nrc
    if update.touched:
        update.leave()
    link.close()
    return result, update.version, sid, nrc, text


def main():
    parser = argparse.ArgumentParser(description="Updates one ECU, simply.")
    parser.add_argument("--interface", required=True)
    parser.add_argument("--job", required=True)
    arguments = parser.parse_args()
    with open(arguments.job, "r", encoding="utf-8") as file:
        job = json.load(file)
    result, version, sid, nrc, text = play(job, arguments.interface)
    print(f"RESULT {result} version={version} sid={sid:X} nrc={nrc:X} {text}", flush=True)
    return EXIT[result]


if __name__ == "__main__":
    sys.exit(main())
