"""What the run loop may count on from the reader of files, as from every other reader."""

from pathlib import Path

import pytest

from tests.harvester.files.support import book, reader
from tests.harvester.support import run, surroundings
from unioncat.domain.source import Checkpoint, Counters, Protocol, RawRecord, Source
from unioncat_harvester.reader import BATCH_RECORDS, Page, SourceError, Stopped
from unioncat_harvester.readers import open_reader
from unioncat_harvester.readers.files import reader as module

COUNT = 130


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(module, "PAGE_RECORDS", 40)
    path = tmp_path / "kệ sách"
    path.write_bytes(b"".join(book(n) for n in range(COUNT)) + b"rubbish\x1d" + book(5))
    return path


def taken(pages: list[Page]) -> list[RawRecord]:
    records: list[RawRecord] = []
    for page in pages:
        for batch in page.batches():
            assert 0 < len(batch.records) + len(batch.quarantined) <= BATCH_RECORDS
            records += batch.records
        assert list(page.batches()) == list(page.batches())
        assert sum(len(b.records) + len(b.quarantined) for b in page.batches()) == page.received
        page.close()
    return records


def test_all_records_come_once_in_pages(file: Path) -> None:
    pages = list(reader(file).pages(run()))
    assert [page.number for page in pages] == [1, 2, 3, 4]
    assert [record.local_id for record in taken(pages)] == [f"k{n}" for n in range(COUNT)]
    points = [page.checkpoint for page in pages]
    assert [point.finished for point in points] == [False, False, False, True]
    assert points[-1].token is None
    assert all(point.token for point in points[:-1])
    assert len({point.response_date for point in points}) == 1


def test_a_run_goes_on_from_any_checkpoint(file: Path) -> None:
    pages = list(reader(file).pages(run()))
    whole = taken(pages)
    received = 0
    for page in pages:
        received += sum(len(batch.records) for batch in page.batches())
        counters = Counters(pages=page.number, received=received)
        rest = list(reader(file).pages(run(checkpoint=page.checkpoint, counters=counters)))
        assert [record.local_id for record in taken(rest)] == [one.local_id for one in whole[received:]]
        if rest:
            assert rest[0].number == page.number + 1


def test_a_finished_run_reads_nothing(file: Path) -> None:
    assert list(reader(file).pages(run(checkpoint=Checkpoint(finished=True)))) == []


def test_a_look_and_a_probe_say_what_it_is(file: Path) -> None:
    with reader(file) as given:
        assert given.look().kind == "iso2709"
        assert given.identify().fact("kind") == "iso2709"
        found = given.probe()
    assert (found.records, found.quarantined, found.format) == (COUNT, 1, "iso2709")


def test_reading_stops_when_told(file: Path) -> None:
    around = surroundings()
    around.stop.set()
    source = Source("tep", "tep", Protocol.FILES, file.as_uri())
    with pytest.raises(Stopped):
        list(open_reader(source, around).pages(run()))


@pytest.mark.parametrize("address", ["files:", "http://127.0.0.1:9/", "/etc/passwd"])
def test_a_registered_address_is_never_opened(address: str) -> None:
    given = open_reader(Source("tep", "tep", Protocol.FILES, address), surroundings())
    for ask in (given.identify, given.probe, lambda: list(given.pages(run()))):
        with pytest.raises(SourceError, match="no address") as caught:
            ask()
        assert "unioncat upload" in caught.value.remedy


def test_a_file_that_is_gone_and_a_wrong_wish_are_clear_errors(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no longer there"):
        reader(tmp_path / "none").look()
    with pytest.raises(SourceError, match="no encoding"):
        reader(tmp_path / "none", encoding="klingon")
