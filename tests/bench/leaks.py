"""`python -m tests.bench.leaks`: two federations, equal but for restricted records, asked and compared.

As the public and as readers of one circle, over the real web, store and index. Ends with 1 for a difference.
"""

import argparse
import asyncio
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

from tests.flows.circles import CIRCLES, MARK, Stock, fill, public_records, secret_records
from tests.flows.test_join import book
from tests.support.crawl import SEARCHES, World, crawl, differences, marks_in, timed, world
from tests.support.database import execute, named
from unioncat.domain.bib import BibRecord, Subject
from unioncat.engine.postgres import EmbeddedPostgres
from unioncat.flow.services import Services
from unioncat.store.migrate import upgrade

_SYLLABLES = """
sông núi biển đảo làng phố đường rừng trăng mưa nắng gió mây hoa cỏ lúa đồng ruộng bến thuyền cầu
chợ nhà trường học sinh thầy cô sách vở bút mực lịch sử địa lý toán hóa văn thơ truyện ngắn dài kịch
tranh nhạc hát múa hội lễ tết xuân hạ thu đông bắc nam trung tây nguyên việt hà nội huế sài gòn đà
lạt hạ long kinh tế luật pháp hình dân quân đội công an cảnh sát điều tra nghiệp vụ giáo trình bài
giảng đề cương nghiên cứu khoa kỹ thuật máy tính mạng lưới phần mềm dữ liệu thông tin thư viện mục
lục liên hợp
"""
SYLLABLES = tuple(dict.fromkeys(_SYLLABLES.split()))
FAMILIES = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Phan", "Vũ", "Đặng", "Bùi", "Đỗ")
MIDDLES = ("Văn", "Thị", "Minh", "Thanh", "Quốc")
GIVEN = (
    "An",
    "Bình",
    "Chi",
    "Dũng",
    "Giang",
    "Hạnh",
    "Khoa",
    "Lan",
    "Mai",
    "Nam",
    "Phúc",
    "Quân",
    "Sơn",
    "Tâm",
)
HIDDEN = 500
VIEWERS = ("public", "cand", "desk")
"""The public, a reader of a circle, the lending desk of a public library."""
ASKED_IDS = 250
ASKED_WORDS = 250


def _isbn(number: int) -> str:
    digits = f"978604{number:06d}"
    return digits + str(-sum(int(one) * (1, 3)[place % 2] for place, one in enumerate(digits)) % 10)


class Shelves(Stock):
    """As many records as are wanted: the public's in two libraries, and restricted ones among them."""

    def __init__(self, size: int, hidden: int) -> None:
        chance = random.Random(5)
        self._weights = [1 / (place + 1) for place in range(len(SYLLABLES))]
        self._works = [self._work(chance, number) for number in range((size - hidden) * 2 // 3)]
        self._hidden = hidden

    def _work(self, chance: random.Random, number: int) -> BibRecord:
        title = " ".join(chance.choices(SYLLABLES, self._weights, k=chance.randint(2, 9)))
        author = " ".join(map(chance.choice, (FAMILIES, MIDDLES, GIVEN)))
        isbn = _isbn(number) if chance.random() < 0.6 else None
        year = chance.randint(1960, 2025)
        subjects = tuple(Subject(chance.choice(SYLLABLES)) for _ in range(chance.randint(0, 2)))
        made = book(title.capitalize(), author, year, chance.randint(60, 700), isbn, chance.choice(GIVEN))
        return replace(made, subjects=subjects)

    def public(self, source: str) -> dict[str, BibRecord | None]:
        """Half of all works each has alone, and half of those of one library the other has too."""
        third = len(self._works) // 4
        mine = self._works[: third * 3] if source == "pub-a" else self._works[third:]
        return public_records(source) | {f"w{n}": work for n, work in enumerate(mine)}

    def secret(self, circle: str) -> dict[str, BibRecord | None]:
        """Titles found nowhere else, copies of public works, and texts full of the words of all others."""
        chance = random.Random(circle)
        count = self._hidden * {"cand": 3, "army": 2, "alone": 1}[circle] // 6
        found = secret_records(circle)
        for n in range(count - len(found)):
            work = chance.choice(self._works)
            kind = n % 3
            if kind == 0:
                words = " ".join(chance.choices(SYLLABLES, k=6))
                work = book(f"{words} {MARK}{circle}x{n}", f"{MARK}{circle}tacgia{n}", 1990 + n % 30)
            elif kind == 1:
                work = replace(work, subjects=(Subject(f"{MARK}{circle}chude"),))
            else:
                work = replace(book(" ".join(chance.choices(SYLLABLES, k=30))), year=None)
            found[f"{MARK}{circle}n{n}"] = work
        return found

    def searches(self) -> list[dict[str, str]]:
        """Searches of one to four words, in all orders and with filters, besides those that always stand."""
        chance = random.Random(11)
        asked: list[dict[str, str]] = [*SEARCHES]
        for n in range(ASKED_WORDS):
            words = chance.choice(self._works).title.main.casefold().split()
            one = {"q": " ".join(chance.sample(words, min(len(words), chance.randint(1, 4))))}
            if n % 5 == 1:
                one["sort"] = chance.choice(("title", "newest", "oldest"))
            if n % 7 == 2:
                one["q"] = one["q"][:-1]
            if n % 11 == 3:
                one["facets"] = "library,type,format,language,year,subject"
            if n % 4 == 1:
                one["size"] = "50"
            asked.append(one)
        return asked


async def compare(size: int, hidden: int, viewers: Sequence[str], folder: Path) -> int:
    """Make the federations, ask them, and tell what differs; give how many answers did."""
    stock = Shelves(size, hidden)

    async def filled(services: Services, present: tuple[str, ...]) -> object:
        return await fill(services, present, stock)

    postgres = EmbeddedPostgres(folder / "pg")
    server = await asyncio.to_thread(postgres.start)
    try:
        await execute(server, "CREATE DATABASE leaks_template")
        await upgrade(named(server, "leaks_template"))
        async with AsyncExitStack() as stack:

            async def made(name: str, present: tuple[str, ...]) -> World:
                begun = time.monotonic()
                one = await stack.enter_async_context(
                    world(server, "leaks_template", folder / name, present, filled)
                )
                print(
                    f"{name}: {len(one.records):,} records, {len(one.ids):,} union records"
                    f" in {time.monotonic() - begun:.0f} s",
                    flush=True,
                )
                return one

            whole, bare, alone = (
                await made("whole", CIRCLES),
                await made("bare", ()),
                await made("cand", ("cand",)),
            )
            return await _asked(whole, {"public": bare, "cand": alone, "desk": bare}, viewers, stock)
    finally:
        await asyncio.to_thread(postgres.destroy)


async def _asked(whole: World, others: Mapping[str, World], viewers: Sequence[str], stock: Shelves) -> int:
    chance = random.Random(3)
    bare = others["public"]
    secret = sorted(set(whole.ids) - set(bare.ids))
    ids = [*secret, *chance.sample(sorted(set(bare.ids)), min(ASKED_IDS, len(bare.ids)))]
    records = whole.records[:: max(1, len(whole.records) // 400)]
    searches = stock.searches()
    faults = 0
    for who in viewers:
        begun = time.monotonic()
        one = await crawl(whole, who, ids, records, searches)
        other = await crawl(others[who], who, ids, records, searches)
        strange = [f"{MARK}{circle}" for circle in CIRCLES if circle != who]
        told = marks_in(one, tuple(strange if who == "cand" else (MARK,)))
        parted = differences(one, other)
        kinds = Counter(re.sub(r"/records/[a-z0-9]{12}", "/records/…", line.split("?")[0]) for line in parted)
        own = sum(MARK in repr(answer).casefold() and MARK not in path for (_, path), answer in one.items())
        print(
            f"as {who}: {len(one):,} questions to {len({p.split('?')[0] for _, p in one}):,} addresses,"
            f" {time.monotonic() - begun:.0f} s; {len(parted)} differ, {len(told)} with a strange mark,"
            f" {own} with the circle's own",
            flush=True,
        )
        for line in (*told[:5], *parted[:5]):
            print("   ", line)
        for kind, count in kinds.most_common(10):
            print("   ", count, kind, next(line for line in parted if line.startswith(kind[:12])))
        faults += len(parted) + len(told)
    return faults + await _timed(whole, secret)


async def _timed(whole: World, secret: list[str]) -> int:
    hidden, missing = secret[:100], [f"{n:012}" for n in range(100)]
    codes = [f"{MARK}-{one}" for one in CIRCLES], [f"{MARK}-{one}" for one in ("bare", "gone", "never")]
    faults = 0
    for what, kinds, rounds in (
        ("/api/v1/records/", (hidden, missing), 20),
        ("/records/", (hidden, missing), 20),
        ("/api/v1/libraries/", codes, 300),
        ("/api/v1/sources/", codes, 300),
        ("/sources/", codes, 300),
    ):
        asked = [[f"{what}{one}" for one in kind] for kind in kinds]
        times = await timed(whole, what, asked[0], asked[1], rounds)
        tells = abs(times.longer - 0.5) > max(4 * times.noise, 0.03)
        print(times, "TELLS APART" if tells else "", flush=True)
        faults += tells
    return faults


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=20_000, help="records of a federation")
    parser.add_argument("--hidden", type=int, default=HIDDEN, help="restricted ones among them")
    parser.add_argument("--as", dest="viewers", nargs="+", choices=VIEWERS, default=VIEWERS, help="who asks")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        faults = asyncio.run(compare(given.size, given.hidden, given.viewers, Path(folder)))
    print("no difference" if not faults else f"{faults} differences")
    return int(faults > 0)


if __name__ == "__main__":
    sys.exit(main())
