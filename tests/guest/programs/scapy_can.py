# SPDX-License-Identifier: Apache-2.0
"""scapy as a guest: CAN sockets, the kernel's ISO-TP and scapy's own ISO-TP in Python."""
import logging
import sys
import time

logging.getLogger("scapy").setLevel(logging.ERROR)

from scapy.config import conf  # noqa: E402

conf.contribs["CANSocket"] = {"use-python-can": False}
conf.contribs["ISOTP"] = {"use-can-isotp-kernel-module": sys.argv[1] == "native"}

from scapy.contrib.cansocket_native import NativeCANSocket  # noqa: E402
from scapy.layers.can import CAN  # noqa: E402

VIN_REQUEST = b"\x22\xF1\x90"
# The ECU tells its status in 3D0 ten times a second; here it would only disturb.
NOT_THE_STATUS = [{"can_id": 0x3D0 | 0x20000000, "can_mask": 0x7FF}]


# The ECU needs its time after the start; before that nobody acknowledges a frame.
time.sleep(0.5)


def raw():
    near, far = (NativeCANSocket(channel="can0", can_filters=NOT_THE_STATUS) for _ in range(2))
    sent = time.time()
    near.send(CAN(identifier=0x123, length=2, data=b"\x01\x02"))
    got = far.recv()
    print(hex(got.identifier), got.data.hex(), f"{float(got.time) - sent:.4f}")
    answer = near.sr1(CAN(identifier=0x7E0, length=8, data=bytes.fromhex("0322F180CCCCCCCC")),
                      timeout=1, verbose=False)
    print(hex(answer.identifier) if answer else "no answer")
    print(len(near.sniff(timeout=3)), "more")


def ask(socket_class, **options):
    from scapy.contrib.isotp import ISOTP

    with socket_class("can0", tx_id=0x7E0, rx_id=0x7E8, padding=True, **options) as socket:
        answer = socket.sr1(ISOTP(VIN_REQUEST), timeout=2, verbose=False)
        print(answer.data.hex() if answer else "no answer")


def native():
    from scapy.contrib.isotp import ISOTPNativeSocket

    ask(ISOTPNativeSocket)


def soft():
    from scapy.contrib.isotp import ISOTPSoftSocket

    ask(ISOTPSoftSocket)


if __name__ == "__main__":
    globals()[sys.argv[1]]()
