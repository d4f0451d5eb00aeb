"""What a viewer may not see changes no answer: federations equal but for what is restricted are compared.

All of the route table is asked for; `python -m tests.bench.leaks` does the same with 20,000 records.
"""

from contextlib import AsyncExitStack
from pathlib import Path

from tests.flows.circles import CIRCLES, MARK, fill
from tests.support.crawl import World, crawl, differences, marks_in, timed, world


async def test_what_is_restricted_changes_no_answer(server: str, template: str, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:

        async def made(name: str, present: tuple[str, ...]) -> World:
            return await stack.enter_async_context(world(server, template, tmp_path / name, present, fill))

        whole, bare, alone = await made("a", CIRCLES), await made("b", ()), await made("c", ("cand",))
        assert len(whole.ids) > len(alone.ids) > len(bare.ids)
        with_it = await crawl(whole, "public", whole.ids, whole.records)
        without = await crawl(bare, "public", whole.ids, whole.records)
        assert len(with_it) > 200
        assert marks_in(with_it, (MARK,)) == []
        assert not (parted := differences(with_it, without)), "\n".join(parted)
        desk = await crawl(whole, "desk", whole.ids, whole.records)
        assert marks_in(desk, (MARK,)) == []
        assert not (parted := differences(desk, await crawl(bare, "desk", whole.ids, whole.records))), parted
        group = await crawl(whole, "cand", whole.ids, whole.records)
        group_alone = await crawl(alone, "cand", whole.ids, whole.records)
        assert marks_in(group, tuple(f"{MARK}{one}" for one in CIRCLES if one != "cand")) == []
        assert not (parted := differences(group, group_alone)), "\n".join(parted)
        assert sum(f"{MARK}cand" in repr(answer) for answer in group.values()) > 10, "the group sees its own"
        pages = [address for (_, address), answer in group.items() if f"{MARK}cand" in repr(answer)]
        assert any(one.startswith("/search?") for one in pages), "on the page of results too"
        await restricted_and_missing_ids_take_the_same_time(whole, bare)


async def restricted_and_missing_ids_take_the_same_time(whole: World, bare: World) -> None:
    hidden = sorted(set(whole.ids) - set(bare.ids))[:5]
    missing = [f"{n:012}" for n in range(5)]
    addresses = [[f"/api/v1/records/{one}" for one in kind] for kind in (hidden, missing)]
    times = await timed(whole, "records", addresses[0], addresses[1], 40)
    print(times)
    assert abs(times.longer - 0.5) < max(0.1, 4 * times.noise)
