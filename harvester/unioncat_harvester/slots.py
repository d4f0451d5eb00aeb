"""How many harvests work at the same time: one that only waits for its server lets another begin.

Waiting costs a thread and a socket, no processor and no database; without this a handful of servers that
hang would keep hundreds of others from being asked.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

SILENCE = 5.0
"""Seconds without a page after which a harvest counts as waiting."""
WAITING = 12
"""So many harvests may wait for each that may work."""


class Slot:
    """The place of one harvest."""

    def __init__(self, slots: "Slots") -> None:
        self._slots = slots
        self._timer: asyncio.TimerHandle | None = None
        self._works = True
        self._arm()

    def stir(self) -> None:
        """Say that something has come: it works again, even if that makes one more than there should be."""
        if self._timer is not None:
            self._timer.cancel()
        if not self._works:
            self._works = True
            self._slots.move(waiting=-1, working=1)
        self._arm()

    def leave(self) -> None:
        """Give the place back."""
        if self._timer is not None:
            self._timer.cancel()
        self._slots.move(waiting=0 if self._works else -1, working=-1 if self._works else 0)

    def _arm(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._slots.silence, self._lend)

    def _lend(self) -> None:
        self._works = False
        self._slots.move(waiting=1, working=-1)


class Slots:
    """The places of one process."""

    def __init__(self, jobs: int, *, silence: float = SILENCE) -> None:
        self.jobs = jobs
        self.silence = silence
        self.working = 0
        self.waiting = 0
        self._changed = asyncio.Event()

    @asynccontextmanager
    async def place(self) -> AsyncIterator[Slot]:
        """Wait for a place and hold it."""
        while self.working >= self.jobs or self.working + self.waiting >= self.jobs * (1 + WAITING):
            self._changed.clear()
            await self._changed.wait()
        self.working += 1
        slot = Slot(self)
        try:
            yield slot
        finally:
            slot.leave()

    def move(self, *, waiting: int, working: int) -> None:
        """Count a harvest from one side to the other, and let those look who want to begin."""
        self.waiting += waiting
        self.working += working
        self._changed.set()
