"""Many more doctors' screens in a process of their own, so that their work is not counted as the server's."""

import asyncio
import multiprocessing
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from urllib.parse import urlsplit

from benchmarks.screens import LONGEST_WAIT, Way, arrived_in, request

Times = dict[str, list[float]]
"""By check-in: when each screen was told."""

ANSWER_SECONDS = 60.0


class Crowd:
    """A crowd of screens; what they saw is there after its end.

    Attributes:
        told: by check-in, when each screen was told.
        refused: how often the server answered with an error.
    """

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self.told: Times = {}
        self.refused = 0
        self._answer()

    def end(self) -> None:
        """Close every screen and learn what they saw."""
        self._pipe.send("stop")
        self.told, self.refused = self._answer()

    def _answer(self) -> tuple[Times, int]:
        if not self._pipe.poll(ANSWER_SECONDS):
            raise RuntimeError("the screens do not answer")
        answer: tuple[Times, int] = self._pipe.recv()
        return answer


@contextmanager
def crowd(address: str, tokens: Sequence[str], way: Way) -> Iterator[Crowd]:
    """All screens of this way but the watched one; its figures are there after the block."""
    spawning = multiprocessing.get_context("spawn")
    here, there = spawning.Pipe()
    process = spawning.Process(target=_run, args=(there, address, tokens, way))
    process.start()
    # without this, a crowd that fell over would be waited for
    there.close()
    try:
        opened = Crowd(here)
        yield opened
        opened.end()
    finally:
        process.join(10)
        process.terminate()


def _run(pipe: Connection, address: str, tokens: Sequence[str], way: Way) -> None:
    asyncio.run(_Screens(pipe, address, tokens, way).run())


class _Screens:
    def __init__(self, pipe: Connection, address: str, tokens: Sequence[str], way: Way) -> None:
        self._pipe = pipe
        self._address = address
        self._tokens = tokens
        self._way = way
        self._told: Times = {}
        self._refused = 0
        self._open = asyncio.Barrier(way.screens)

    async def run(self) -> None:
        one = self._poll if self._way.poll_seconds else self._listen
        tasks = [asyncio.create_task(one(self._tokens[at % len(self._tokens)])) for at in range(self._way.screens - 1)]
        async with asyncio.timeout(ANSWER_SECONDS / 2):
            await self._open.wait()
        self._pipe.send(({}, 0))
        await asyncio.to_thread(self._pipe.poll, None)
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        failed = [error for error in ended if not isinstance(error, asyncio.CancelledError)]
        if failed:
            raise RuntimeError(f"{len(failed)} screens broke off: {failed[0]!r}")
        self._pipe.send((self._told, self._refused))

    async def _listen(self, token: str) -> None:
        reader, writer = await self._connect("/doctor/live", token)
        buffer = await reader.read(65536)
        await self._open.wait()
        try:
            while piece := await reader.read(65536):
                now = time.monotonic()
                told, buffer = arrived_in(buffer + piece)
                for check_in_id in told:
                    self._told.setdefault(check_in_id, []).append(now)
                    if self._way.own_clinic:
                        await self._fetch(f"/doctor/rows/{check_in_id}", token)
        finally:
            writer.close()
        raise RuntimeError("the live stream ended")

    async def _poll(self, token: str) -> None:
        await self._open.wait()
        seconds = self._way.poll_seconds or 0
        await asyncio.sleep(random.uniform(0, seconds))
        due = time.monotonic()
        while True:
            await self._fetch("/doctor/list", token)
            due = max(due + seconds, time.monotonic())
            await asyncio.sleep(due - time.monotonic())

    async def _fetch(self, path: str, token: str) -> None:
        """On a connection of its own: the server ends a quiet one after 5 s."""
        reader, writer = await self._connect(path, token)
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), LONGEST_WAIT)
        self._refused += not head.startswith(b"HTTP/1.1 200")
        with suppress(asyncio.IncompleteReadError):
            await reader.readexactly(_length(head))
        writer.close()

    async def _connect(self, path: str, token: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        to = urlsplit(self._address)
        reader, writer = await asyncio.open_connection(to.hostname, to.port)
        writer.write(request(self._address, path, token))
        return reader, writer


def _length(head: bytes) -> int:
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
    return int(fields[b"content-length"])
