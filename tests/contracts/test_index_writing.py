"""What every search engine must do when it is written, rebuilt, doubled and killed."""

import asyncio
import subprocess
import sys
import time

import pytest

from tests.contracts.search_engines import (
    CAND,
    INSIDER,
    Engine,
    book,
    found,
    search,
)
from unioncat.index import IndexBusy, IndexReadOnly, SearchIndex, open_index


class TestWriting:
    async def test_nothing_is_visible_before_the_commit(self, empty: SearchIndex) -> None:
        await empty.write([book("a", "Quê mẹ")])
        assert await empty.count() == 0
        await empty.commit()
        assert await empty.count() == 1

    async def test_a_document_replaces_the_one_before(self, empty: SearchIndex) -> None:
        await empty.write([book("a", "Quê mẹ"), book("b", "Quê cha")])
        await empty.commit()
        await empty.write([book("a", "Quê người")])
        await empty.commit()
        assert await empty.count() == 2
        assert await found(empty, "mẹ") == set()
        assert await found(empty, "quê") == {"a", "b"}

    async def test_deleted_is_deleted(self, empty: SearchIndex) -> None:
        await empty.write([book(f"u{n:04d}", f"Quê {n}") for n in range(50)])
        await empty.write([book("u0001", "Quê mẹ", audience=CAND)])
        await empty.commit()
        await empty.write((), deleted_ids=["u0000", "u0001", "never-there"])
        await empty.commit()
        assert await empty.count() == 48
        assert await found(empty, "quê", INSIDER) == {f"u{n:04d}" for n in range(2, 50)}

    async def test_a_record_that_loses_an_audience(self, empty: SearchIndex) -> None:
        await empty.write([book("a", "Quê mẹ"), book("a", "Quê mẹ kính", audience=CAND)])
        await empty.commit()
        assert await found(empty, "kính", INSIDER) == {"a"}
        await empty.write([book("a", "Quê mẹ")])
        await empty.commit()
        assert await found(empty, "kính", INSIDER) == set()
        assert await found(empty, "quê mẹ", INSIDER) == {"a"}
        assert await empty.count() == 1

    async def test_ids_of_any_kind(self, empty: SearchIndex) -> None:
        ids = ["01JABCDEF", "a-b/c:d e", "đ", "A", "a"]
        await empty.write([book(id, "Quê mẹ") for id in ids])
        await empty.commit()
        assert await found(empty, "quê mẹ") == set(ids)
        await empty.write((), deleted_ids=["a"])
        await empty.commit()
        assert await found(empty, "quê mẹ") == set(ids) - {"a"}

    async def test_a_reader_cannot_write(self, filled: str) -> None:
        reader = open_index(filled)
        with pytest.raises(IndexReadOnly, match="write=True"):
            await reader.write([book("a", "Quê mẹ")])
        await reader.close()

    async def test_health(self, empty: SearchIndex, index: SearchIndex, engine: Engine) -> None:
        assert (await empty.health()).documents == 0
        health = await index.health()
        assert health.ok
        assert health.documents == await index.count() > 1_000
        assert health.bytes > 0 or not engine.local


class TestRebuild:
    async def test_readers_change_over_at_the_end(self, empty: SearchIndex, target: str) -> None:
        await empty.write([book(f"old-{n}", "Quê mẹ") for n in range(20)])
        await empty.commit()
        reader = open_index(target)
        async with empty.rebuild() as fresh:
            await fresh.write([book(f"new-{n}", "Quê mẹ") for n in range(30)])
            await fresh.commit()
            assert await fresh.count() == 30
            assert await reader.count() == 20
            assert await empty.count() == 20
        assert await empty.count() == 30
        assert await _soon(reader, 30)
        assert all(hit.id.startswith("new") for hit in (await search(reader, "quê mẹ")).hits)
        await reader.close()
        await empty.write([book("later", "Quê cha")])
        await empty.commit()
        assert await empty.count() == 31

    async def test_a_failed_rebuild_changes_nothing(self, empty: SearchIndex) -> None:
        await empty.write([book("old", "Quê mẹ")])
        await empty.commit()

        async def fail() -> None:
            async with empty.rebuild() as fresh:
                await fresh.write([book("new", "Quê cha")])
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await fail()
        assert await found(empty, "quê") == {"old"}
        await empty.write([book("next", "Quê cha")])
        await empty.commit()
        assert await empty.count() == 2

    async def test_one_rebuild_at_a_time(self, empty: SearchIndex) -> None:
        async with empty.rebuild():
            with pytest.raises(IndexBusy):
                async with empty.rebuild():
                    pass
        async with empty.rebuild() as fresh:
            await fresh.write([book("a", "Quê mẹ")])
        assert await empty.count() == 1

    async def test_what_is_written_meanwhile_outranks_the_copy(self, empty: SearchIndex) -> None:
        await empty.write([book("a", "Quê mẹ"), book("b", "Quê cha")])
        await empty.commit()
        async with empty.rebuild() as fresh:
            await empty.write([book("a", "Quê người")], deleted_ids=["b"])
            await fresh.write([book("a", "Quê mẹ"), book("b", "Quê cha"), book("c", "Quê ta")])
            await empty.write([book("d", "Quê bạn")])
        assert await found(empty, "quê") == {"a", "c", "d"}
        assert await found(empty, "quê người") == {"a"}

    async def test_searches_go_on_while_it_is_swapped(self, empty: SearchIndex, target: str) -> None:
        documents = [book(f"u{n}", "Quê mẹ") for n in range(100)]
        await empty.write(documents)
        await empty.commit()
        reader, stop = open_index(target), asyncio.Event()

        async def read() -> int:
            asked = 0
            while not stop.is_set():
                assert (await search(reader, "quê mẹ", facets=("library",))).total == 100
                asked += 1
            return asked

        reading = asyncio.create_task(read())
        for _ in range(3):
            async with empty.rebuild() as fresh:
                await fresh.write(documents)
            await asyncio.sleep(0.6)
        stop.set()
        assert await reading > 20
        await reader.close()


OTHER_PROCESS = """
import asyncio, sys
from unioncat.index import open_index, parse
from unioncat.domain.audience import ANONYMOUS
from unioncat.domain.search import SearchQuery

async def main():
    index = open_index(sys.argv[1])
    print((await index.search(ANONYMOUS, SearchQuery(parse("quê mẹ")))).total, flush=True)
    while sys.stdin.readline():
        print((await index.search(ANONYMOUS, SearchQuery(parse("quê mẹ")))).total, flush=True)

asyncio.run(main())
"""


async def test_another_process_sees_commits_and_rebuilds(empty: SearchIndex, target: str) -> None:
    await empty.write([book("a", "Quê mẹ")])
    await empty.commit()
    with subprocess.Popen(
        [sys.executable, "-c", OTHER_PROCESS, target],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdin is not None
        assert other.stdout is not None

        def ask() -> int:
            assert other.stdin is not None
            assert other.stdout is not None
            other.stdin.write("\n")
            other.stdin.flush()
            return int(other.stdout.readline())

        assert int(other.stdout.readline()) == 1
        await empty.write([book("b", "Quê mẹ")])
        await empty.commit()
        await asyncio.sleep(0.6)
        assert ask() == 2
        async with empty.rebuild() as fresh:
            await fresh.write([book(f"{n}", "Quê mẹ") for n in range(7)])
        await asyncio.sleep(0.6)
        assert ask() == 7
        other.stdin.close()


async def test_a_second_writer_is_told_so(empty: SearchIndex, target: str, engine: Engine) -> None:
    if not engine.local:
        pytest.skip("a server takes any number of writers")
    with pytest.raises(IndexBusy, match="stop it first"):
        open_index(target, write=True)
    reader = open_index(target)
    with pytest.raises(IndexBusy):
        async with reader.rebuild():
            pass
    await reader.close()
    await empty.close()
    again = open_index(target, write=True)
    await again.close()


WRITER = """
import asyncio, sys
sys.path.insert(0, ".")
from tests.contracts.search_engines import book
from unioncat.index import open_index

async def main():
    index = open_index(sys.argv[1], write=True)
    number = 0
    while True:
        await index.write([book(f"u{number + n}", f"Quê mẹ {n}") for n in range(200)])
        number += 200
        await index.commit()
        print(number, flush=True)

asyncio.run(main())
"""


async def test_a_killed_writer_leaves_the_index_whole(target: str, engine: Engine) -> None:
    if not engine.local:
        pytest.skip("the writer is the server's own affair")
    for _ in range(2):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, target], stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout is not None
            committed = [int(writer.stdout.readline()) for _ in range(3)][-1]
            time.sleep(0.02)
            writer.kill()
        index = open_index(target, write=True)
        assert await index.count() >= committed
        assert (await search(index, "quê mẹ")).total == await index.count()
        await index.write([book("after", "Sau đó")])
        await index.commit()
        assert await found(index, "sau đó") == {"after"}
        await index.write((), deleted_ids=["after"])
        await index.commit()
        await index.close()


async def _soon(index: SearchIndex, count: int) -> bool:
    """Wait a second at most for a reader to see so many records."""
    for _ in range(20):
        if await index.count() == count:
            return True
        await asyncio.sleep(0.05)
    return False
