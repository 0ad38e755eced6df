# SPDX-License-Identifier: Apache-2.0
"""A Python program that fills the bus, listens, and looks again and again."""
import select
import socket
import struct
import time

FRAME = struct.Struct("=IB3x8s")

sender = socket.socket(socket.AF_CAN, socket.SOCK_RAW, socket.CAN_RAW)
hearer = socket.socket(socket.AF_CAN, socket.SOCK_RAW, socket.CAN_RAW)
for each in (sender, hearer):
    each.bind(("vcan0",))
    each.setblocking(False)
begin = time.monotonic()
heard = refused = 0
for number in range(400):
    try:
        sender.send(FRAME.pack(0x123, 8, struct.pack("=Q", number)))
    except OSError:
        refused += 1
        select.select([hearer], [], [], 0.001)
    try:
        while hearer.recv(16):
            heard += 1
    except BlockingIOError:
        pass
print(heard, refused, f"{time.monotonic() - begin:.6f}")
