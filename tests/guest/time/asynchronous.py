# SPDX-License-Identifier: Apache-2.0
"""asyncio: sleeps, limits, subprocesses, streams, executors."""
import asyncio
import sys
import time

from pyrig import stamp, units


async def limits():
    try:
        await asyncio.wait_for(asyncio.sleep(units(10)), units(1.5))
    except asyncio.TimeoutError:
        stamp("timed out")
    await asyncio.gather(*(asyncio.sleep(units(count)) for count in (1, 3, 2)))
    stamp("gathered")
    queue = asyncio.Queue()
    asyncio.get_running_loop().call_later(units(1), queue.put_nowait, "later")
    stamp(await queue.get())


async def subprocesses():
    child = await asyncio.create_subprocess_shell(
        f"sleep {units(2)}; echo hello; exit 3", stdout=asyncio.subprocess.PIPE)
    stamp((await child.communicate())[0], child.returncode)
    child = await asyncio.create_subprocess_exec("sleep", str(units(100)))
    try:
        await asyncio.wait_for(child.wait(), units(1))
    except asyncio.TimeoutError:
        stamp("timed out")
    child.kill()
    stamp(await child.wait())


async def streams():
    async def serve(reader, writer):
        while line := await reader.readline():
            await asyncio.sleep(units(1))
            writer.write(line.upper())
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    for word in (b"one\n", b"two\n"):
        writer.write(word)
        stamp(await reader.readline())
    writer.close()


async def executor():
    loop = asyncio.get_running_loop()
    await asyncio.gather(*(loop.run_in_executor(None, time.sleep, units(count)) for count in (2, 1)))
    stamp("executor")
    await asyncio.to_thread(time.sleep, units(1))
    stamp("thread")


if __name__ == "__main__":
    asyncio.run(globals()[sys.argv[1]]())
