"""A file from its bytes to the readers and back: previewed, corrected, accepted, rejected, undone."""

import asyncio
import io
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import text

from tests.harvester.files.support import book, workbook
from tests.harvester.support import surroundings
from tests.support.database import execute
from unioncat.config import Settings
from unioncat.domain.library import Library, LibraryType
from unioncat.domain.source import Assertions, Protocol, RunMode, Source, SourceState
from unioncat.domain.upload import Correction, Upload, UploadState
from unioncat.flow import errorlist, uploads, watching
from unioncat.flow.preview import preview
from unioncat.flow.register import decide
from unioncat.flow.services import Services, open_services
from unioncat.flow.work import work
from unioncat.store import errands, libraries, sources
from unioncat.store import profiles as profile_store
from unioncat.store import uploads as upload_store
from unioncat.store.codec import expand
from unioncat.store.errors import Conflict, Unknown
from unioncat_harvester import uploading
from unioncat_harvester.bench import Bench
from unioncat_harvester.reader import SourceError

HEAD = ("Mã sách", "Tên sách", "Tác giả", "NXB", "Năm XB", "ISBN")
SHELF = [
    ("S1", "Dế Mèn phiêu lưu ký", "Tô Hoài", "Kim Đồng", "2019", ""),
    ("S2", "Đất rừng phương Nam", "Đoàn Giỏi", "Kim Đồng", "2018", ""),
    ("S3", "Tuổi thơ dữ dội", "Phùng Quán", "Kim Đồng", "2017", ""),
    ("S4", "", "Nguyễn Nhật Ánh", "Trẻ", "2016", ""),
    ("S5", "Quê nội", "Võ Quảng", "Kim Đồng", "hai nghìn", "9786042000001"),
]


@pytest.fixture
async def services(url: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Services]:
    monkeypatch.setenv("UNIONCAT_DATABASE_URL", url.replace("+asyncpg", "", 1))
    monkeypatch.setenv("UNIONCAT_HOME", str(home))
    async with open_services(Settings(home=home, workers=1, upload_limit_mb=2), url) as opened:
        await register(opened)
        yield opened


async def register(services: Services, code: str = "th", **changes: object) -> Source:
    async with services.db.begin() as conn:
        await libraries.save_library(conn, Library(code, "Thư viện trường", "School", LibraryType.SCHOOL))
        source = Source(code, code, Protocol.FILES, "files:", every_minutes=0)
        return await sources.save_source(conn, replace(source, **changes))  # type: ignore[arg-type]


async def pieces(data: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(data), 1000):
        yield data[at : at + 1000]


async def bring(services: Services, data: bytes, mode: RunMode = RunMode.FULL, code: str = "th") -> Upload:
    """Bring a file and have it read and looked through, without a process of its own."""
    made = await uploads.receive(services, code, "tệp.xlsx", mode, "Lan", pieces(data))
    return await read(services, made)


async def read(services: Services, upload: Upload) -> Upload:
    assert upload.errand is not None
    async with services.db.begin() as conn:
        errand = await errands.take(conn, upload.errand)
    assert errand is not None
    try:
        await uploading.do(errand, Bench(services.db, errand.id, surroundings()))
        async with services.db.begin() as conn:
            await errands.answer(conn, errand.id, {})
        await preview(services, upload.id)
    except SourceError:
        pass
    return (await uploads.show(services, upload.id)).upload


async def value(services: Services, query: str, **given: object) -> object:
    async with services.db.begin() as conn:
        return (await conn.execute(text(query), given)).scalar_one()


LIVE = """
    SELECT count(*) FILTER (WHERE NOT deleted) FROM (
      SELECT DISTINCT ON (w.local_id) w.deleted FROM raw_record w JOIN harvest_run r ON r.id = w.run_id
      WHERE r.state = 'published' ORDER BY w.local_id, w.run_id DESC) latest
"""


async def test_a_file_is_read_by_the_worker_previewed_and_accepted(services: Services) -> None:
    made = await uploads.receive(
        services, "th", "C:\\tệp\x00 sách.xlsx", RunMode.FULL, "Lan", pieces(workbook(HEAD, *SHELF))
    )
    assert (made.name, made.state) == ("tệp sách.xlsx", UploadState.WAITING)
    await work(services, asyncio.Event(), drain=True)
    standing = await uploads.show(services, made.id)
    upload, found = standing.upload, standing.upload.preview
    assert upload.state is UploadState.READY
    assert found is not None
    assert (found.records, found.unread, found.aside, found.lines) == (4, 1, 0, 3)
    assert found.problems["title-missing"] == 1
    assert found.problems["year-unreadable"] == 1
    assert upload.look is not None
    assert upload.look.id_column == "Mã sách"
    assert next(one.title for one in found.samples if one.title) == "Dế Mèn phiêu lưu ký"
    assert found.cells["Tác giả"][0] == "Tô Hoài"
    assert standing.complaint is None
    assert await value(services, LIVE) == 0
    accepted = await uploads.accept(services, made.id, "Lan")
    assert accepted.state is UploadState.ACCEPTED
    await work(services, asyncio.Event(), drain=True)
    assert await value(services, "SELECT count(*) FROM bib_record WHERE NOT deleted") == 4
    assert await value(services, "SELECT count(*) FROM upload_chunk") == 0
    async with services.db.begin() as conn:
        source = next(iter(await sources.all_sources(conn)))
    assert dict(source.options)["column:Tên sách"] == "title"
    assert source.state is SourceState.ACTIVE


async def test_rejecting_leaves_no_trace(services: Services) -> None:
    upload = await bring(services, workbook(HEAD, *SHELF))
    assert await value(services, "SELECT count(*) FROM raw_record") == 5
    await uploads.reject(services, upload.id)
    for table in ("upload", "upload_chunk", "upload_line", "raw_record", "harvest_seen", "issue"):
        assert await value(services, f"SELECT count(*) FROM {table}") == 0, table
    with pytest.raises(Unknown):
        await uploads.show(services, upload.id)
    assert (await bring(services, workbook(HEAD, *SHELF))).state is UploadState.READY


async def test_a_whole_file_deletes_what_it_lacks_under_the_guard_and_an_addition_nothing(
    services: Services,
) -> None:
    await register(services, assertions=Assertions(fall_allowance=1))
    first = await bring(services, workbook(HEAD, *SHELF))
    await uploads.accept(services, first.id, "Lan")
    one_more = workbook(HEAD, ("S6", "Tắt đèn", "Ngô Tất Tố", "", "", ""))
    addition = await bring(services, one_more, RunMode.INCREMENTAL)
    await uploads.accept(services, addition.id, "Lan")
    assert await value(services, LIVE) == 6
    smaller = await bring(services, workbook(HEAD, *SHELF))
    standing = await uploads.show(services, smaller.id)
    assert standing.complaint is None
    assert standing.run is not None
    counts = standing.run.counters
    assert (counts.unchanged, counts.deleted + counts.swept) == (5, 1)
    await uploads.accept(services, smaller.id, "Lan")
    assert await value(services, LIVE) == 5
    much = await bring(services, workbook(HEAD, *SHELF[:2]))
    assert "would go" in ((await uploads.show(services, much.id)).complaint or "")
    with pytest.raises(Conflict, match="would go"):
        await uploads.accept(services, much.id, "Lan")
    assert await value(services, LIVE) == 5
    await uploads.accept(services, much.id, "Lan", despite=True)
    assert await value(services, LIVE) == 2


async def test_a_correction_is_heeded_and_remembered(services: Services) -> None:
    rows = [("A", "B", "C")] + [(f"Mã {n}", f"cuốn {n}", "Người Viết") for n in range(1, 9)]
    upload = await bring(services, workbook(*rows))
    wrong = Correction(columns={"B": "titel"})
    with pytest.raises(Conflict, match="no field"):
        await uploads.correct(services, upload.id, wrong)
    right = Correction(columns={"A": "id", "B": "title", "C": "author"}, id_column="A", heading_row=1)
    upload = await read(services, await uploads.correct(services, upload.id, right, RunMode.INCREMENTAL))
    assert (upload.state, upload.mode) == (UploadState.READY, RunMode.INCREMENTAL)
    assert upload.preview is not None
    assert upload.preview.records == 8
    assert upload.preview.samples[0].title == "cuốn 1"
    assert upload.preview.samples[0].local_id == "Mã 1"
    await uploads.accept(services, upload.id, "Lan")
    again = await bring(services, workbook(*rows))
    assert again.look is not None
    assert {one.heading: one.by for one in again.look.columns} == {"A": "known", "B": "known", "C": "known"}


async def test_the_list_of_errors_is_corrected_and_brought_again(services: Services) -> None:
    upload = await bring(services, workbook(HEAD, *SHELF))
    await uploads.accept(services, upload.id, "Lan")
    content = await errorlist.workbook(services, upload.id, lambda code, detail: f"{code} {detail}".strip())
    rows = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert rows[0][:3] == ["unioncat:id", "unioncat:row", "unioncat:why"]
    whys = {str(row[0]): str(row[2]) for row in rows[1:]}
    assert whys.keys() == {"S4", "S5"}
    assert "title-missing" in whys["S4"]
    assert "hai nghìn" in whys["S5"]
    assert "isbn-invalid 9786042000001" in whys["S5"]
    title = rows[0].index("Tên sách")
    for row in rows[1:]:
        if row[0] == "S4":
            row[title] = "Kính vạn hoa"
    corrected = await bring(services, workbook(*rows), RunMode.INCREMENTAL)
    assert corrected.preview is not None
    assert (corrected.preview.records, corrected.preview.unread) == (1, 0)
    standing = await uploads.show(services, corrected.id)
    assert standing.run is not None
    assert (standing.run.counters.changed, standing.run.counters.unchanged) == (1, 1)
    await uploads.accept(services, corrected.id, "Lan")
    await work(services, asyncio.Event(), drain=True)
    assert await value(services, "SELECT count(*) FROM bib_record WHERE NOT deleted") == 5


async def test_the_last_file_can_be_undone(services: Services) -> None:
    first = await bring(services, workbook(HEAD, *SHELF[:3]))
    await uploads.accept(services, first.id, "Lan")
    changed = [("S1", "Nhan đề khác", "Tô Hoài", "", "", ""), *SHELF[2:3], ("S9", "Mới", "Ai", "", "", "")]
    second = await bring(services, workbook(HEAD, *changed))
    await uploads.accept(services, second.id, "Lan", despite=True)
    await work(services, asyncio.Event(), drain=True)
    titles = "SELECT count(*) FROM bib_record WHERE NOT deleted AND local_id = ANY(:ids)"
    assert await value(services, titles, ids=["S1", "S3", "S9"]) == 3
    with pytest.raises(Conflict, match="not the last"):
        await uploads.undo(services, first.id, "Lan")
    assert (await uploads.show(services, second.id)).last
    undone = await uploads.undo(services, second.id, "Lan")
    assert undone.state is UploadState.UNDONE
    await work(services, asyncio.Event(), drain=True)
    assert await value(services, titles, ids=["S1", "S2", "S3"]) == 3
    assert await value(services, "SELECT count(*) FROM bib_record WHERE NOT deleted") == 3
    same = """
        SELECT count(DISTINCT hash) FROM raw_record WHERE local_id = 'S1' AND run_id IN
        (SELECT min(id) FROM harvest_run UNION SELECT max(id) FROM harvest_run)
    """
    assert await value(services, same) == 1
    with pytest.raises(Conflict, match="not accepted"):
        await uploads.undo(services, second.id, "Lan")


GATE = """
about = "mật"
columns = { "Mức" = "status" }
strip = ["Người nhập"]

[[drop]]
field = "Mức"
equals = ["mật"]
"""


async def test_what_a_gate_shuts_out_is_written_nowhere(services: Services, url: str) -> None:
    async with services.db.begin() as conn:
        await profile_store.save_profile(conn, "kin", GATE)
    await register(services, profile="kin")
    rows = [
        ("Mã sách", "Tên sách", "Mức", "Người nhập"),
        ("K1", "Sách thường", "", "Trần Thị Ẩn"),
        ("K2", "Chuyện riêng", "mật", "Trần Thị Ẩn"),
        ("K3", "Sách nữa", "", "Trần Thị Ẩn"),
    ]
    upload = await bring(services, workbook(*rows))
    standing = await uploads.show(services, upload.id)
    assert upload.state is UploadState.READY, upload.error
    assert standing.run is not None
    assert standing.run.counters.shut_out == 1
    assert upload.preview is not None
    assert upload.preview.records == 2
    assert not upload.kept
    with pytest.raises(Conflict, match="not kept"):
        await uploads.correct(services, upload.id, Correction())
    content = await errorlist.workbook(services, upload.id, lambda code, detail: code)
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    everything = repr(upload) + repr(sheet.to_python())
    async with services.db.begin() as conn:
        for table in ("upload", "upload_line", "upload_chunk", "issue", "errand", "source"):
            everything += repr((await conn.execute(text(f"SELECT * FROM {table}"))).all())
        for name, payload in await conn.execute(text("SELECT local_id, payload FROM raw_record")):
            everything += name + expand(payload).decode()
    for secret in ("Chuyện riêng", "Trần Thị Ẩn", "K2"):
        assert secret not in everything


async def test_what_cannot_be_read_says_what_to_bring_and_blocks_nobody(services: Services) -> None:
    upload = await bring(services, b"%PDF-1.7 a scan of the register")
    assert upload.state is UploadState.FAILED
    assert "PDF" in (upload.error or "")
    assert "Excel" in (upload.remedy or "")
    assert (await bring(services, book(1) + book(2))).state is UploadState.READY


async def test_only_one_file_of_a_source_waits_at_a_time(services: Services) -> None:
    upload = await bring(services, book(1))
    with pytest.raises(Conflict, match="waits to be accepted"):
        await uploads.receive(services, "th", "b", RunMode.FULL, "Lan", pieces(book(2)))
    async with services.db.begin() as conn:
        held = next(iter(await sources.all_sources(conn)))
    assert held.state is SourceState.HELD
    assert upload.run_id is not None
    run = await decide(services, upload.run_id, accept=True)
    assert run.state == "published"
    assert (await uploads.show(services, upload.id)).upload.state is UploadState.ACCEPTED
    with pytest.raises(Unknown, match="no source"):
        await uploads.receive(services, "nobody", "b", RunMode.FULL, "Lan", pieces(book(2)))


async def test_of_two_files_at_once_one_is_taken(services: Services) -> None:
    outcomes = await asyncio.gather(
        *(uploads.receive(services, "th", f"{n}", RunMode.FULL, "Lan", pieces(book(n))) for n in range(3)),
        return_exceptions=True,
    )
    assert [isinstance(one, Upload) for one in outcomes].count(True) == 1
    assert all(isinstance(one, (Upload, Conflict)) for one in outcomes)


async def test_failed_files_are_forgotten_after_a_month(services: Services) -> None:
    upload = await bring(services, b"%PDF-1.7")
    async with services.db.begin() as conn:
        assert await upload_store.tidy(conn) == 0
        await conn.execute(text("UPDATE upload SET at = at - interval '31 days'"))
        assert await upload_store.tidy(conn) == 1
    assert await value(services, "SELECT count(*) FROM upload_chunk") == 0
    with pytest.raises(Unknown):
        await uploads.show(services, upload.id)


async def test_limits_hold_and_leave_nothing(services: Services) -> None:
    with pytest.raises(uploads.TooLarge, match="2 MB"):
        await uploads.receive(services, "th", "b", RunMode.FULL, "Lan", pieces(os.urandom(3 * 1024 * 1024)))
    with pytest.raises(Conflict, match="empty"):
        await uploads.receive(services, "th", "b", RunMode.FULL, "Lan", pieces(b""))
    assert await value(services, "SELECT count(*) FROM upload") == 0
    assert await value(services, "SELECT count(*) FROM upload_chunk") == 0


async def test_a_reading_that_dies_fails_in_words(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await uploads.receive(services, "th", "b", RunMode.FULL, "Lan", pieces(book(1)))
    monkeypatch.setenv("UNIONCAT_NO_SUCH_SETTING", "so the process ends before it begins")
    await work(services, asyncio.Event(), drain=True)
    standing = await uploads.show(services, made.id)
    assert standing.upload.state is UploadState.FAILED
    assert standing.upload.error
    monkeypatch.delenv("UNIONCAT_NO_SUCH_SETTING")
    upload = await read(services, await uploads.correct(services, made.id, Correction()))
    assert upload.state is UploadState.READY


async def test_files_in_a_drop_folder_are_taken(services: Services) -> None:
    await register(services, options=((watching.ACCEPT, watching.SOUND), (watching.MODE, "full")))
    folder = services.settings.drop_dir / "th"
    folder.mkdir(parents=True)
    (folder / "half.xlsx.part").write_bytes(b"x")
    (folder / "sách.mrc").write_bytes(book(1) + book(2))
    assert await watching.watch(services) == 0
    assert await watching.watch(services, settled=0) == 1
    assert sorted(one.name for one in folder.iterdir()) == ["half.xlsx.part", "taken"]
    assert await watching.watch(services, settled=0) == 0
    await work(services, asyncio.Event(), drain=True)
    assert await value(services, LIVE) == 2
    assert await value(services, "SELECT state FROM upload") == UploadState.ACCEPTED


async def test_a_file_from_a_drop_folder_waits_where_something_is_odd(services: Services) -> None:
    await register(services, options=((watching.ACCEPT, watching.SOUND),))
    folder = services.settings.drop_dir / "th"
    folder.mkdir(parents=True)
    (folder / "sách.xlsx").write_bytes(workbook(HEAD, *SHELF))
    assert await watching.watch(services, settled=0) == 1
    await work(services, asyncio.Event(), drain=True)
    assert await value(services, "SELECT state FROM upload") == UploadState.READY


async def test_a_lost_unlogged_table_is_told(services: Services) -> None:
    made = await uploads.receive(services, "th", "b", RunMode.FULL, "Lan", pieces(book(1)))
    await execute(services.db.url, "TRUNCATE upload_chunk")
    upload = await read(services, made)
    assert upload.state is UploadState.FAILED
    assert "no longer here" in (upload.error or "")
