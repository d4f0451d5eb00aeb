"""What the harvester may count on from every reader, whatever its protocol.

A new protocol adds one entry to `MEMBERS`: a server of its own with the records of `Shelf`.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from lxml import etree

from tests.contracts import sru_member, z3950_member
from tests.contracts.oai_member import Shelf, shelf_server
from tests.contracts.oai_repo_member import oai_repo_server
from tests.contracts.sru_member import sru_server
from tests.contracts.z3950_member import z3950_server
from tests.harvester.support import NOW, QUICK, run, surroundings
from unioncat.domain.source import Checkpoint, Counters, Protocol, RawRecord, Run, RunMode, Source
from unioncat_harvester.reader import BATCH_RECORDS, Page, Reader, SourceError
from unioncat_harvester.readers import READERS, open_reader

COUNT = 130
MAY = datetime(2024, 5, 2, tzinfo=UTC)


@dataclass(frozen=True)
class Member:
    """How a protocol is served, and how its source is registered."""

    serve: Callable[[Shelf], AbstractContextManager[str]]
    protocol: Protocol
    format: str
    options: tuple[tuple[str, str], ...] = ()
    deletions: bool = True
    """Whether the protocol tells of deletions; else what is deleted is not there."""


MEMBERS = {
    "oai-pmh": Member(shelf_server, Protocol.OAI_PMH, "auto"),
    "oai-pmh of oai-repo": Member(oai_repo_server, Protocol.OAI_PMH, "auto", deletions=False),
    "sru": Member(sru_server, Protocol.SRU, "auto", sru_member.OPTIONS, deletions=False),
    "z39.50": Member(z3950_server, Protocol.Z3950, "auto", z3950_member.OPTIONS, deletions=False),
}


@dataclass
class Setting:
    """A served shelf and the source that points at it."""

    shelf: Shelf
    source: Source
    deletions: bool

    @property
    def deleted(self) -> set[str]:
        """Those that the protocol tells of."""
        gone = {identifier for identifier, (_, deleted, _) in self.shelf.records.items() if deleted}
        return gone if self.deletions else set()

    @property
    def live(self) -> set[str]:
        return {identifier for identifier, (_, deleted, _) in self.shelf.records.items() if not deleted}

    def reader(self) -> Reader:
        return open_reader(self.source, surroundings())


@pytest.fixture(params=MEMBERS)
def setting(request: pytest.FixtureRequest) -> Iterator[Setting]:
    member = MEMBERS[request.param]
    shelf = Shelf(COUNT)
    with member.serve(shelf) as address:
        yield Setting(
            shelf,
            Source(
                "ke-sach",
                "ke",
                member.protocol,
                address,
                format=member.format,
                options=member.options,
                politeness=QUICK,
            ),
            member.deletions,
        )


def taken(reader: Reader, run_: Run) -> tuple[list[Page], list[RawRecord]]:
    """All pages and records of a run."""
    pages: list[Page] = []
    records: list[RawRecord] = []
    for page in reader.pages(run_):
        pages.append(page)
        for batch in page.batches():
            assert 0 < len(batch.records) + len(batch.quarantined) <= BATCH_RECORDS
            records += batch.records
        page.close()
    return pages, records


def plain(xml: bytes) -> bytes:
    """A record without the white space that servers put between elements."""
    tree = etree.fromstring(xml, etree.XMLParser(remove_blank_text=True, resolve_entities=False))
    return etree.tostring(tree, method="c14n")


def test_every_protocol_that_is_read_is_asked_here() -> None:
    # Files are no server: tests/harvester/files/test_reader.py asks of their reader what fits.
    assert {member.protocol for member in MEMBERS.values()} | {Protocol.FILES} == set(READERS)


def test_all_records_come_once_with_their_deletions(setting: Setting) -> None:
    with setting.reader() as reader:
        pages, records = taken(reader, run())
    assert len(pages) > 2
    assert [page.number for page in pages] == list(range(1, len(pages) + 1))
    assert sorted(record.local_id for record in records) == sorted(setting.live | setting.deleted)
    assert {r.local_id for r in records if r.deleted} == setting.deleted


def test_payloads_stand_alone_and_are_whole(setting: Setting) -> None:
    with setting.reader() as reader:
        _, records = taken(reader, run())
    for record in records:
        if record.deleted:
            assert record.payload == b""
            continue
        assert plain(record.payload) == plain(setting.shelf.records[record.local_id][2].encode())
        assert record.format not in ("", "auto")


def test_only_the_last_checkpoint_is_finished(setting: Setting) -> None:
    with setting.reader() as reader:
        pages, _ = taken(reader, run())
    points = [page.checkpoint for page in pages]
    assert [point.finished for point in points] == [False] * (len(points) - 1) + [True]
    assert points[-1].token is None
    assert all(point.token for point in points[:-1])
    first = points[0].response_date
    assert first is not None
    assert first.tzinfo is not None
    assert {point.response_date for point in points} == {first}


def test_a_page_can_be_read_again_until_it_is_closed(setting: Setting) -> None:
    with setting.reader() as reader:
        page = next(reader.pages(run()))
        assert list(page.batches()) == list(page.batches())
        assert sum(len(batch.records) for batch in page.batches()) == page.received
        page.close()


def test_a_run_goes_on_from_any_checkpoint(setting: Setting) -> None:
    with setting.reader() as reader:
        pages, whole = taken(reader, run())
    received = 0
    for page in pages:
        received += page.received
        resumed = run(checkpoint=page.checkpoint, counters=Counters(pages=page.number, received=received))
        with setting.reader() as reader:
            rest_pages, rest = taken(reader, resumed)
        assert [record.local_id for record in rest] == [r.local_id for r in whole[received:]]
        assert all(later.checkpoint.response_date == page.checkpoint.response_date for later in rest_pages)
        if rest_pages:
            assert rest_pages[0].number == page.number + 1


def test_an_increment_brings_what_changed(setting: Setting) -> None:
    setting.shelf.put(3, MAY, title="Bản mới")
    setting.shelf.put(4, MAY, deleted=True)
    since = run(mode=RunMode.INCREMENTAL, since=datetime(2024, 5, 1, tzinfo=UTC))
    with setting.reader() as reader:
        _, records = taken(reader, since)
    changed = {"oai:shelf:3": False} | ({"oai:shelf:4": True} if setting.deletions else {})
    assert {record.local_id: record.deleted for record in records} == changed


def test_an_increment_without_changes_ends_cleanly(setting: Setting) -> None:
    since = run(mode=RunMode.INCREMENTAL, since=NOW)
    with setting.reader() as reader:
        pages, records = taken(reader, since)
    assert records == []
    assert pages[-1].checkpoint.finished
    assert pages[-1].checkpoint.response_date is not None


def test_a_finished_run_asks_nothing(setting: Setting) -> None:
    with setting.reader() as reader:
        assert list(reader.pages(run(checkpoint=Checkpoint(finished=True)))) == []


def test_the_server_tells_who_it_is(setting: Setting) -> None:
    with setting.reader() as reader:
        said = reader.identify()
    assert said.name == "Kệ sách"


def test_a_probe_looks_at_one_page(setting: Setting) -> None:
    with setting.reader() as reader:
        found = reader.probe()
    assert found.identity.name == "Kệ sách"
    assert found.format in {offer.name for offer in found.offers}
    assert 0 < found.records < COUNT
    assert found.has_more
    assert found.advice


def test_a_silent_address_is_a_clear_error(setting: Setting) -> None:
    scheme = setting.source.address.partition("://")[0]
    address = f"{scheme}://127.0.0.1:9/oai"
    lost = replace(setting.source, address=address, politeness=replace(QUICK, tries=2))
    with open_reader(lost, surroundings()) as reader, pytest.raises(SourceError) as caught:
        reader.identify()
    assert "ke-sach" in str(caught.value)
    assert caught.value.remedy
