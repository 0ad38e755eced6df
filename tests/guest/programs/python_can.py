# SPDX-License-Identifier: Apache-2.0
"""python-can as a guest: Bus, filters, Notifier with its thread, periodic sends by CAN_BCM."""
import sys
import time

import can

# The ECU tells its status in 3D0 ten times a second; here it would only disturb.
NOT_THE_STATUS = [{"can_id": 0x3D0 | 0x20000000, "can_mask": 0x7FF}]


# The ECU needs its time after the start; before that nobody acknowledges a frame.
time.sleep(0.5)
BEGIN = time.time()


def stamp(*words):
    print(f"{time.time() - BEGIN:.3f}", *words, flush=True)


def show(message, since=BEGIN, digits=3):
    """With the time of its last bit."""
    print(f"{message.timestamp - since:.{digits}f} {message.arbitration_id:03X}#{message.data.hex().upper()}",
          "rx" if message.is_rx else "tx", flush=True)


def open_bus(can_filters=None, **options):
    return can.Bus(interface="socketcan", channel="can0",
                   can_filters=can_filters or NOT_THE_STATUS, **options)


def bus():
    near, far = open_bus(), open_bus()
    stamp(near.recv(timeout=1.5))
    for identifier, data in ((0x123, b"\xDE\xAD\xBE\xEF"), (0x1ABCDEF0, b"\x01\x02")):
        sent = time.time()
        near.send(can.Message(arbitration_id=identifier, data=data, is_extended_id=identifier > 0x7FF))
        show(far.recv(timeout=1), sent, digits=5)
    stamp(near.recv(timeout=0))
    for each in (near, far):
        each.shutdown()


def own_messages():
    near = open_bus(receive_own_messages=True)
    near.send(can.Message(arbitration_id=0x123, data=b"\x00", is_extended_id=False))
    show(near.recv(timeout=1))
    near.shutdown()


def filters():
    near = open_bus()
    far = open_bus(can_filters=[{"can_id": 0x100, "can_mask": 0x7F0, "extended": False}])
    for identifier in (0x0FF, 0x100, 0x110, 0x10F):
        near.send(can.Message(arbitration_id=identifier, is_extended_id=False))
    while message := far.recv(timeout=0.5):
        print(f"{message.arbitration_id:03X}")
    near.shutdown()
    far.shutdown()


def notifier():
    near, far = open_bus(), open_bus()
    got = []
    watcher = can.Notifier(far, [got.append], timeout=1.0)
    for number in range(3):
        time.sleep(1)
        near.send(can.Message(arbitration_id=0x123, data=[number], is_extended_id=False))
    time.sleep(1)
    watcher.stop()
    for message in got:
        show(message)
    stamp("stopped")


def periodic():
    near, far = open_bus(), open_bus()
    message = can.Message(arbitration_id=0x123, data=b"\x00", is_extended_id=False)
    task = near.send_periodic(message, 0.1)
    for _ in range(3):
        show(far.recv(timeout=1))
    message.data = b"\x01"
    task.modify_data(message)
    show(far.recv(timeout=1))
    task.stop()
    stamp(far.recv(timeout=1))
    near.send_periodic(message, 0.25, duration=1.0)
    count = 0
    while far.recv(timeout=2):
        count += 1
    stamp(count)
    near.shutdown()
    far.shutdown()


def uds():
    near = open_bus(can_filters=[{"can_id": 0x7E8, "can_mask": 0x7FF, "extended": False}])
    request = bytes.fromhex("0322F190CCCCCCCC")
    near.send(can.Message(arbitration_id=0x7E0, data=request, is_extended_id=False))
    answer = near.recv(timeout=1)
    print(answer.data.hex())
    flow = bytes.fromhex("300000CCCCCCCCCC")
    near.send(can.Message(arbitration_id=0x7E0, data=flow, is_extended_id=False))
    print(near.recv(timeout=1).data.hex())
    print(near.recv(timeout=1).data.hex())
    near.shutdown()


def asynchronous():
    import asyncio

    async def listen():
        near, far = open_bus(), open_bus()
        reader = can.AsyncBufferedReader()
        watcher = can.Notifier(far, [reader], loop=asyncio.get_running_loop())
        asyncio.get_running_loop().call_later(2, near.send, can.Message(
            arbitration_id=0x123, data=b"\x00", is_extended_id=False))
        show(await asyncio.wait_for(reader.get_message(), 5))
        watcher.stop()

    asyncio.run(listen())
    stamp("done")


if __name__ == "__main__":
    globals()[sys.argv[1]]()
