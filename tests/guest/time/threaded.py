# SPDX-License-Identifier: Apache-2.0
"""Threads, queues and their limits; subprocess, select, signal, multiprocessing."""
import os
import queue
import select
import signal
import socket
import subprocess
import sys
import threading
import time

from pyrig import stamp, units


def queues():
    items = queue.Queue(maxsize=2)

    def produce():
        for number in range(4):
            time.sleep(units(1))
            items.put(number)
        time.sleep(units(1))
        items.put(None)

    threading.Thread(target=produce).start()
    while True:
        try:
            item = items.get(timeout=units(0.75))
        except queue.Empty:
            stamp("empty")
            continue
        stamp("got", item)
        if item is None:
            return


def primitives():
    event, lock, ready = threading.Event(), threading.Lock(), threading.Condition()
    stamp("event", event.wait(units(1)))
    lock.acquire()
    stamp("lock", lock.acquire(timeout=units(1)))
    with ready:
        stamp("condition", ready.wait(units(1)))
    timer = threading.Timer(units(2), event.set)
    timer.start()
    stamp("event", event.wait())
    thread = threading.Thread(target=time.sleep, args=(units(3),))
    thread.start()
    thread.join(units(1))
    stamp("alive", thread.is_alive())
    thread.join()
    stamp("alive", thread.is_alive())
    barrier = threading.Barrier(3)
    for count in (1, 2):
        threading.Timer(units(count), barrier.wait).start()
    barrier.wait()
    stamp("barrier")


def ordered():
    """The interpreter's own lock is handed on while others want it."""
    done = []

    def work(number):
        for _ in range(3):
            sum(range(20000))
            time.sleep(units(0.5 * number))
        done.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in (3, 1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stamp("done", *done)


def subprocesses():
    shell = ["sh", "-c"]
    stamp(subprocess.run([*shell, f"sleep {units(2)}; echo hello"], capture_output=True).stdout)
    try:
        subprocess.run(["sleep", str(units(100))], timeout=units(2))
    except subprocess.TimeoutExpired:
        stamp("expired")
    child = subprocess.Popen([*shell, f"read x; sleep {units(1)}; echo $x"], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE)
    stamp(child.communicate(b"abc\n"), child.returncode)
    child = subprocess.Popen(["sleep", str(units(3))])
    stamp(child.poll())
    stamp(child.wait())
    stamp(os.system(f"sleep {units(1)}; exit 3") >> 8)


def forked():
    child = os.fork()
    if child == 0:
        time.sleep(units(2))
        os._exit(7)
    stamp(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


def sockets():
    near, far = socket.socketpair()
    near.settimeout(units(1))
    try:
        near.recv(10)
    except TimeoutError:
        stamp("timed out")
    threading.Timer(units(2), far.send, (b"x",)).start()
    stamp(select.select([near], [], [], units(5))[0] == [near])
    stamp(near.recv(10))
    stamp(select.select([near], [], [], units(1)))
    poller = select.poll()
    poller.register(near, select.POLLIN)
    stamp(poller.poll(units(1) * 1000))
    server = socket.create_server(("127.0.0.1", 0))
    threading.Timer(units(1), socket.create_connection, (server.getsockname(),)).start()
    stamp(server.accept()[0].fileno() >= 0)


def signals():
    def handler(number, _frame):
        stamp("signal", signal.Signals(number).name)

    signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, units(1), units(1))
    time.sleep(units(2.5))  # Goes on after a handler: PEP 475.
    stamp("slept")
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.setitimer(signal.ITIMER_REAL, units(1))
    signal.pause()
    stamp(signal.sigtimedwait([signal.SIGUSR1], units(1)))


def processes():
    import multiprocessing

    with multiprocessing.Pool(2) as pool:
        pool.map(time.sleep, [units(1)] * 4, chunksize=1)
        stamp("pool")
    box = multiprocessing.Queue()
    child = multiprocessing.Process(target=lambda: (time.sleep(units(2)), box.put("hello")))
    child.start()
    stamp(box.get(timeout=units(10)))
    child.join()


if __name__ == "__main__":
    globals()[sys.argv[1]]()
