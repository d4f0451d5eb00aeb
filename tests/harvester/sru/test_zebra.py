"""Reading a real Zebra server over SRU: every record, characters right, in one piece and in slices."""

import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlencode

import pytest
from pymarc import Field, Indicators, Record, Subfield

from tests.harvester.servers import Reply
from tests.harvester.sru.rig import refusal, serving
from tests.harvester.support import QUICK, Taken, run, source, surroundings, take
from tests.support.zebra import Zebra, needs_zebra, zebra
from unioncat.domain.source import Checkpoint, Counters, Protocol, RawRecord, RunMode, Source
from unioncat.domain.switches import applied
from unioncat_harvester.reader import Page
from unioncat_harvester.readers import open_reader

pytestmark = needs_zebra
COUNT = 330
TITLES = (
    "Truyện Kiều",
    "Đất rừng phương Nam",
    "Dế mèn phiêu lưu ký & bạn <bè>",
    "Số đỏ",
    "Nỗi buồn chiến tranh",
)
WAYS = (
    "numbers rec.identifier",
    "days rec.creationDate from=2023-01-01; numbers rec.identifier",
    "prefixes rec.id letters=0123456789",
    "terms rec.id",
)


def title(number: int) -> str:
    return f"{TITLES[number % len(TITLES)]} {number}"


def marc(number: int, *, changed: str = "20240501") -> bytes:
    """A record; a third of them was entered on one day."""
    made = Record(force_utf8=True, leader="00000nam a2200000 a 4500")
    entered = "230601" if number % 3 == 0 else f"23{1 + number % 12:02d}{1 + number % 28:02d}"
    made.add_field(  # type: ignore[no-untyped-call]
        Field("001", data=str(number)),
        Field("005", data=f"{changed}120000.0"),
        Field("008", data=f"{entered}s2020    vm            000 0 vie d"),
        Field("245", Indicators("1", "0"), [Subfield("a", title(number))]),
        Field("852", Indicators(" ", " "), [Subfield("a", "TV")]),
    )
    return bytes(made.as_marc())


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zebra]:
    with zebra(tmp_path_factory.mktemp("zebra"), [marc(number) for number in range(COUNT)]) as running:
        yield running


@contextmanager
def capped(server: Zebra, cap: int) -> Iterator[str]:
    """The same server behind a front that shows so many records of a result set."""

    def forward(query: str) -> Reply:
        arguments = {key: values[0] for key, values in parse_qs(query).items()}
        start = int(arguments.get("startRecord", 1))
        if "query" in arguments and start > cap:
            return Reply.of(refusal(61, f"at most {cap}"))
        if "maximumRecords" in arguments:
            arguments["maximumRecords"] = str(min(int(arguments["maximumRecords"]), cap - start + 1))
        with urllib.request.urlopen(f"{server.sru}?{urlencode(arguments)}") as response:
            return Reply(response.read())

    with serving([], lambda asked: forward(urlencode(asked.arguments))) as front:
        yield front.base


def at(address: str, **options: str) -> Source:
    return source(
        address, protocol=Protocol.SRU, format="auto", options=tuple(options.items()), politeness=QUICK
    )


def assert_whole(taken: Taken, numbers: range = range(COUNT)) -> None:
    assert taken.error is None
    assert taken.finished
    assert taken.quarantined == []
    assert {int(one) for one in taken.ids} == set(numbers)
    assert taken.checkpoints[-1].list_size == len(numbers)


@pytest.mark.parametrize("version", ["1.1", "1.2", "2.0"])
@pytest.mark.parametrize("packing", ["xml", "string"])
def test_every_record_comes_in_every_version_and_packing(server: Zebra, version: str, packing: str) -> None:
    taken = take(at(server.sru, version=version, packing=packing))
    assert_whole(taken)
    assert len(taken.records) == COUNT
    for record in taken.records:
        text = record.payload.decode().replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
        assert f'<subfield code="a">{title(int(record.local_id))}</subfield>' in text
        assert record.payload.startswith(b'<record xmlns="http://www.loc.gov/MARC21/slim">')
        assert record.format == "marcxml"


@pytest.mark.parametrize(("schema", "root"), [("dc", b"<dc "), ("mods", b"<mods ")])
def test_other_schemas_come_with_their_own_numbers(server: Zebra, schema: str, root: bytes) -> None:
    taken = take(replace(at(server.sru), format=schema))
    assert_whole(taken)
    assert all(record.payload.startswith(root) for record in taken.records)
    assert {record.format for record in taken.records} == {"oai_dc" if schema == "dc" else "mods"}


@pytest.mark.parametrize("way", WAYS)
def test_a_server_with_a_cap_is_read_in_slices(server: Zebra, way: str) -> None:
    with capped(server, 40) as address:
        assert_whole(take(at(address, slices=way, cap="40")))


def test_without_slices_a_cap_is_a_clear_error(server: Zebra) -> None:
    with capped(server, 40) as address:
        taken = take(at(address))
    assert f"shows the first 40 of {COUNT} records" in str(taken.error)
    assert "slices" in getattr(taken.error, "remedy", "")
    assert not taken.finished


@pytest.mark.parametrize("way", ["", *WAYS])
def test_a_harvest_goes_on_from_any_page(server: Zebra, way: str) -> None:
    with capped(server, 40 if way else COUNT) as address:
        made = at(address, **({"slices": way, "cap": "40"} if way else {}))
        pages, records = _pages(made, Checkpoint(), 0)
        received = 0
        for page in pages[:: max(1, len(pages) // 6)]:
            place = pages.index(page)
            received = sum(one.received for one in pages[: place + 1])
            _, rest = _pages(made, page.checkpoint, received)
            assert [one.local_id for one in rest] == [one.local_id for one in records[received:]]


def _pages(made: Source, point: Checkpoint, received: int) -> tuple[list[Page], list[RawRecord]]:
    pages: list[Page] = []
    records: list[RawRecord] = []
    with open_reader(made, surroundings()) as reader:
        for page in reader.pages(run(checkpoint=point, counters=Counters(received=received))):
            pages.append(page)
            for batch in page.batches():
                records += batch.records
            page.close()
    return pages, records


def test_a_probe_finds_the_cap_and_what_to_set(server: Zebra) -> None:
    with capped(server, 64) as address:
        made = at(address)
        with open_reader(made, surroundings()) as reader:
            found = reader.probe()
        assert found.identity.name == "Thư viện Zebra"
        assert found.list_size == COUNT
        assert found.format == "marcxml"
        assert found.holdings == (("852", found.records),)
        suggested = {one.name: one.value for one in found.suggestions}
        assert suggested["cap"] == "64"
        assert suggested["slices"] == "days rec.creationDate; numbers rec.identifier"
        assert suggested["changed"] == "rec.lastModificationDate"
        for one in found.suggestions:
            made = applied(made, one)
        assert_whole(take(made))


def test_increments_ask_by_the_date_of_the_last_change(server: Zebra) -> None:
    server.update([marc(number, changed="20250115") for number in (7, 8, 9)])
    try:
        since = run(mode=RunMode.INCREMENTAL, since=datetime(2025, 1, 1, 12, tzinfo=UTC))
        taken = take(at(server.sru, changed="rec.lastModificationDate"), since)
        assert taken.error is None
        assert sorted(taken.ids) == ["7", "8", "9"]
        assert taken.checkpoints[0].response_date is not None
    finally:
        server.update([marc(number) for number in (7, 8, 9)])


def test_what_was_taken_out_does_not_come_any_more(server: Zebra) -> None:
    server.delete([marc(number) for number in range(300, COUNT)])
    try:
        assert_whole(take(at(server.sru)), range(300))
    finally:
        server.update([marc(number) for number in range(300, COUNT)])
