"""What a file would bring: its records read as the catalogue reads them, counted, and some of them shown.

Nothing of a preview goes on from here: publishing reads the same raw records anew.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from unioncat.domain.bib import BibRecord, Holding, Normalised
from unioncat.domain.column import Column
from unioncat.domain.source import Profile, Run, Source
from unioncat.domain.upload import Line, Preview, Sample, Upload, UploadState
from unioncat.flow.crew import Crew
from unioncat.flow.services import Services
from unioncat.normalise import normalise, profile_for
from unioncat.normalise.quality import findings
from unioncat.store import profiles, runs, sources, uploads
from unioncat.store.database import Connection, Database
from unioncat.store.errors import Unknown
from unioncat.store.uploads import Read
from unioncat.telemetry import logger
from unioncat.text import clean
from unioncat.text.encodings import repair

SPAN = 2000
SAMPLES = 12
CELLS = 4
REPAIRED = 6
MAX_LINES = 100_000
"""Complaints that are kept; the counts are of all."""
LONGEST = 300
DONE = ("-mended", "-repaired", "-undeclared", "-misdeclared")
"""Endings of findings that say what reading put right by itself: counted, but nobody's work."""
FIELDS = (
    "agents",
    "year",
    "publisher",
    "place",
    "extent",
    "isbn",
    "subjects",
    "classifications",
    "languages",
    "holdings",
)
"""Fields whose presence is counted."""
TELLING = frozenset(Column) - {
    *(Column.ID, Column.IGNORE, Column.YEAR, Column.PRICE, Column.COPIES, Column.NOTE, Column.STATUS),
    *(Column.LINK, Column.LANGUAGE, Column.SIZE, Column.LIBRARY, Column.LOCATION),
}
"""Fields that a list of anything but books hardly has."""
NO_CATALOGUE = "nothing in the file can be read as a record of a book or any other document"
SAY_COLUMNS = "If it is a list of books, say below which column holds the titles, and read it again."
BRING_ANOTHER = (
    "Bring the list of the library's books: an Excel sheet with titles, or an export of its system."
)
log = logger(__name__)


@dataclass(frozen=True, slots=True)
class Task:
    """A span of records to be looked through, and how they are read."""

    run_id: int
    first: int
    last: int
    profile: Profile
    samples: int
    """Records to be shown as samples."""


@dataclass(slots=True)
class Tally:
    """What was seen in a span."""

    records: int = 0
    created: int = 0
    unread: int = 0
    with_problems: int = 0
    filled: Counter[str] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)
    samples: list[Sample] = field(default_factory=list)
    cells: dict[str, list[str]] = field(default_factory=dict)
    repaired: list[tuple[str, str]] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Put the next span behind this one."""
        self.records += other.records
        self.created += other.created
        self.unread += other.unread
        self.with_problems += other.with_problems
        self.filled += other.filled
        self.problems += other.problems
        self.samples = (self.samples + other.samples)[: 2 * SAMPLES]
        self.repaired = (self.repaired + other.repaired)[:REPAIRED]
        for heading, cells in other.cells.items():
            mine = self.cells.setdefault(heading, [])
            mine += [cell for cell in cells if cell not in mine][: CELLS - len(mine)]


def read_as(source: Source, upload: Upload, texts: Mapping[str, str]) -> Profile:
    """Give the profile that an upload's records are read by: the source's, with the columns of this file."""
    return profile_for(
        replace(source, options=tuple((dict(source.options) | column_options(upload)).items())), texts
    )


def columns_of(upload: Upload) -> dict[str, str]:
    """Give heading -> field as it is now: a person's word, else the guess.

    A column that nobody has named is not among them: it is not read, and not remembered either.
    """
    guessed = (
        {one.heading: str(one.column) for one in upload.look.columns if one.column} if upload.look else {}
    )
    return {**guessed, **{heading: field for heading, field in upload.correction.columns.items() if field}}


def unused(upload: Upload) -> list[str]:
    """Give the headings of columns that have content but no meaning: a person should look at them."""
    known = columns_of(upload)
    looked = upload.look.columns if upload.look else ()
    return [one.heading for one in looked if one.filled and one.heading not in known]


def column_options(upload: Upload) -> dict[str, str]:
    """Give the columns of a file as options of its source."""
    return {f"column:{heading}": field for heading, field in columns_of(upload).items()}


def encoding_of(format: str) -> tuple[str, str | None]:
    """Take the encoding out of a record's format: `table;encoding=tcvn3`."""
    base, _, parameter = format.partition(";encoding=")
    return base, parameter or None


async def preview(services: Services, number: UUID) -> bool:
    """Look through what was read of an upload, and hand it to a person; false when it is no longer there."""
    db = services.db
    try:
        async with db.begin() as conn:
            upload = await uploads.read(conn, number)
            if upload.run_id is None or upload.state is not UploadState.READING:
                return False
            source = next(one for one in await sources.all_sources(conn) if one.id == upload.source_id)
            profile = read_as(source, upload, await profiles.profiles(conn))
            spans = await uploads.spans(conn, upload.run_id, SPAN)
            run = await runs.read_run(conn, upload.run_id)
            aside = await uploads.put_aside(conn, upload.run_id, limit=MAX_LINES)
    except Unknown:
        return False
    every = max(1, len(spans) // SAMPLES)
    tasks = [
        Task(run.id, first, last, profile, max(1, SAMPLES // max(1, len(spans))) if n % every == 0 else 0)
        for n, (first, last) in enumerate(spans)
    ]
    whole = Tally()
    count = 0
    async with db.begin() as conn:
        await uploads.drop_lines(conn, number)
    async with Crew(db, services.settings.workers) as crew:
        async for _, tally in crew.map(look_through, tasks):
            whole.add(tally)
            kept = tally.lines[: MAX_LINES - count]
            async with db.begin() as conn:
                await uploads.add_lines(conn, number, count, kept)
            count += len(kept)
    async with db.begin() as conn:
        await uploads.add_lines(conn, number, count, [line for line, _ in aside][: MAX_LINES - count])
        count = min(MAX_LINES, count + len(aside))
        outcome = Preview(
            records=whole.records,
            created=whole.created,
            unread=whole.unread,
            aside=run.counters.quarantined,
            with_problems=whole.with_problems,
            filled=dict(whole.filled),
            problems=dict(whole.problems.most_common()),
            samples=tuple(whole.samples[:SAMPLES]),
            cells={heading: tuple(cells) for heading, cells in whole.cells.items()},
            repaired=tuple(whole.repaired),
            lines=count,
        )
        try:
            if _is_no_catalogue(outcome, run) or not _looks_like_books(upload):
                await _refuse(conn, upload, outcome)
            else:
                await uploads.change(conn, number, state=UploadState.READY, preview=outcome)
        except Unknown:
            return False
    log.info("a file was looked through", source=source.code, records=whole.records, unread=whole.unread)
    return True


def _is_no_catalogue(outcome: Preview, run: Run) -> bool:
    """Tell whether accepting a file could bring nothing: no record of it can be read, known or deleted."""
    counted = run.counters
    return not (outcome.records or counted.unchanged or counted.deleted or counted.shut_out)


def _looks_like_books(upload: Upload) -> bool:
    """Tell whether a table's columns speak of books: one by its heading, or two by what stands in them.

    Any list has a column of text that could be taken for titles. What a person has said of it stands.
    """
    columns = upload.look.columns if upload.look else ()
    telling = [one for one in columns if one.column in TELLING]
    by_heading = any(one.by == "heading" for one in telling)
    return not columns or bool(upload.correction.columns) or by_heading or len(telling) > 1


async def _refuse(conn: Connection, upload: Upload, outcome: Preview) -> None:
    """Refuse a file that is no catalogue; its columns stay, so that a person can say what they mean."""
    await uploads.clear(conn, upload.id)
    columns = bool(upload.look and upload.look.columns)
    await uploads.change(
        conn,
        upload.id,
        state=UploadState.FAILED,
        look=upload.look if columns else None,
        preview=Preview(unread=outcome.unread, aside=outcome.aside, cells=outcome.cells) if columns else None,
        error=NO_CATALOGUE,
        remedy=SAY_COLUMNS if columns and upload.kept else BRING_ANOTHER,
    )


async def look_through(db: Database, task: Task) -> Tally:
    """Read one span of records."""
    async with db.begin() as conn:
        found = await uploads.records(conn, task.run_id, task.first, task.last)
    return await asyncio.to_thread(_tally, found, task)


def _tally(found: list[Read], task: Task) -> Tally:
    tally = Tally()
    step = max(1, len(found) // task.samples) if task.samples else 0
    for n, record in enumerate(found):
        outcome = normalise(record.payload, record.format, task.profile)
        faults = _faults(record, outcome, tally)
        tally.lines += faults
        _cells(record, tally)
        wanted = step and n % step == 0 and len(tally.samples) < task.samples
        odd = faults and len(tally.samples) < task.samples + 2 and outcome.bib is None
        if wanted or odd:
            tally.samples.append(sample(record, outcome, faults))
    return tally


def _faults(record: Read, outcome: Normalised, tally: Tally) -> list[Line]:
    """Count one record, and give what a person should mend in it."""
    if outcome.bib is None:
        tally.unread += 1
        tally.problems.update(problem.code for problem in outcome.problems)
        return [Line(record.place, record.local_id, one.code, one.detail) for one in outcome.problems]
    tally.records += 1
    tally.created += not record.known
    tally.filled.update(_present(outcome.bib, outcome.holdings))
    codes = findings(outcome.bib, outcome.holdings)
    tally.problems.update(codes)
    wrong = [code for code in codes if not code.startswith("no-") and not code.endswith(DONE)]
    tally.with_problems += bool(wrong)
    return [Line(record.place, record.local_id, code, _value(code, outcome.bib)) for code in wrong]


def _present(bib: BibRecord, holdings: tuple[Holding, ...]) -> list[str]:
    has = {
        "agents": bool(bib.agents),
        "year": bib.year is not None,
        "publisher": any(one.publishers for one in bib.imprints),
        "place": any(one.places for one in bib.imprints),
        "extent": bib.extent is not None,
        "isbn": any(one.scheme == "isbn" and one.valid for one in bib.identifiers),
        "subjects": bool(bib.subjects),
        "classifications": bool(bib.classifications),
        "languages": bool(bib.languages),
        "holdings": bool(holdings),
    }
    return [name for name in FIELDS if has[name]]


def _value(code: str, bib: BibRecord) -> str:
    """Give the value that a complaint is about."""
    if code.startswith("isbn"):
        return ", ".join(one.value for one in bib.identifiers if one.scheme == "isbn" and not one.valid)
    if code.startswith("year"):
        return ", ".join(one.date for one in bib.imprints if one.date)
    return ""


def _cells(record: Read, tally: Tally) -> None:
    """Keep some cells of each column, and some texts of a legacy encoding before and after."""
    base, encoding = encoding_of(record.format)
    if base == "table":
        for heading, cell in json.loads(record.payload).items():
            kept = tally.cells.setdefault(heading, [])
            if (
                len(kept) < CELLS
                and cell
                and (short := _short(repair(cell, encoding) if encoding else cell)) not in kept
            ):
                kept.append(short)
    if encoding and len(tally.repaired) < REPAIRED:
        for _, before in _as_received(record):
            after = repair(before, encoding)
            if after != before and len(before) < LONGEST and len(tally.repaired) < REPAIRED:
                tally.repaired.append((before, after))
                break


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


def _as_received(record: Read) -> list[tuple[str, str]]:
    """Give the parts of a record as they came: cells with headings, else fields one by one."""
    base, _ = encoding_of(record.format)
    if base == "table":
        return [(heading, str(cell)) for heading, cell in json.loads(record.payload).items()]
    text = record.payload.decode("utf-8", "replace")
    if base in ("iso2709", "unimarc"):
        fields = record.payload.split(b"\x1e")[1:]
        return [("", _plain(one)) for one in fields if one.strip(b"\x1d")][:40]
    return [("", _short(text))]


def _plain(field_: bytes) -> str:
    try:
        text = field_.decode("utf-8")
    except UnicodeDecodeError:
        text = field_.decode("latin-1")
    return _short(text.replace("\x1f", " $").replace("\x1d", ""))


def sample(record: Read, outcome: Normalised, faults: list[Line]) -> Sample:
    """Show one record: as it came, and as it will look."""
    source = tuple((heading, _short(text)) for heading, text in _as_received(record))
    codes = tuple(dict.fromkeys(line.code for line in faults))
    bib = outcome.bib
    if bib is None:
        return Sample(record.place, record.local_id, source, None, "", problems=codes)
    title = " : ".join(filter(None, (bib.title.main, bib.title.remainder)))
    parts = ". ".join(" ".join(filter(None, (part.number, part.name))) for part in bib.title.parts)
    imprint = "; ".join(
        ", ".join(filter(None, (" : ".join((*one.places, *one.publishers)), one.date)))
        for one in bib.imprints
    )
    people = ", ".join(agent.name for agent in bib.agents[:4])
    statement = ". – ".join(
        filter(None, (people, bib.edition, imprint, bib.extent.text if bib.extent else None))
    )
    numbers = ", ".join(one.value for one in bib.identifiers[:4])
    copies = "; ".join(_holding(one) for one in outcome.holdings[:3])
    whole = ". ".join(filter(None, (title, parts)))
    return Sample(record.place, record.local_id, source, clean(whole), statement, numbers, copies, codes)


def _holding(one: Holding) -> str:
    items = ", ".join(one.items[:5]) + (" …" if len(one.items) > 5 else "")
    return " · ".join(filter(None, (one.location, one.shelf_mark, items)))
