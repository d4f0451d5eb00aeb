import asyncio

import pytest

from unioncat.domain.audience import ANONYMOUS, Viewer
from unioncat_api.kept import Kept


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Fetcher:
    def __init__(self) -> None:
        self.asked: list[Viewer] = []
        self.go = asyncio.Event()
        self.go.set()
        self.error: Exception | None = None

    async def __call__(self, viewer: Viewer) -> int:
        self.asked.append(viewer)
        number = len(self.asked)
        await self.go.wait()
        if self.error:
            raise self.error
        return number


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def fetcher() -> Fetcher:
    return Fetcher()


@pytest.fixture
def kept(fetcher: Fetcher, clock: Clock) -> Kept[int]:
    return Kept(fetcher, fresh=5, longest=60, clock=clock)


async def test_fresh_then_renewed_behind_the_answer_then_waited_for(
    kept: Kept[int], fetcher: Fetcher, clock: Clock
) -> None:
    assert await kept.of(ANONYMOUS) == 1
    clock.now += 4
    assert await kept.of(ANONYMOUS) == 1
    assert len(fetcher.asked) == 1
    clock.now += 4
    assert await kept.of(ANONYMOUS) == 1  # no longer fresh: given at once, renewed behind it
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert await kept.of(ANONYMOUS) == 2
    clock.now += 61
    assert await kept.of(ANONYMOUS) == 3  # too old: waited for


async def test_many_who_wait_cause_one_question(kept: Kept[int], fetcher: Fetcher) -> None:
    assert await asyncio.gather(*(kept.of(ANONYMOUS) for _ in range(20))) == [1] * 20
    assert len(fetcher.asked) == 1


async def test_audiences_never_share_an_answer(kept: Kept[int]) -> None:
    operator = Viewer(frozenset({0, 1}))
    assert await kept.of(ANONYMOUS) == 1
    assert await kept.of(operator) == 2
    assert await kept.of(ANONYMOUS) == 1


async def test_what_was_on_its_way_when_things_changed_is_not_kept(kept: Kept[int], fetcher: Fetcher) -> None:
    fetcher.go.clear()
    waiting = asyncio.create_task(kept.of(ANONYMOUS))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    kept.forget()
    fetcher.go.set()
    assert await waiting == 1
    assert await kept.of(ANONYMOUS) == 2


async def test_a_failure_falls_back_on_the_answer_there_is(
    kept: Kept[int], fetcher: Fetcher, clock: Clock
) -> None:
    assert await kept.of(ANONYMOUS) == 1
    fetcher.error = ConnectionRefusedError()
    clock.now += 10
    assert await kept.of(ANONYMOUS) == 1
    await asyncio.sleep(0)
    clock.now += 60
    with pytest.raises(ConnectionRefusedError):
        await kept.of(ANONYMOUS)
    fetcher.error = None
    assert await kept.of(ANONYMOUS) == 4


async def test_one_who_goes_away_does_not_take_the_answer_along(kept: Kept[int], fetcher: Fetcher) -> None:
    fetcher.go.clear()
    first = asyncio.create_task(kept.of(ANONYMOUS))
    second = asyncio.create_task(kept.of(ANONYMOUS))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    fetcher.go.set()
    assert await second == 1
    assert len(fetcher.asked) == 1
