"""Files read as a list of records; what a file is, is told by its content and not by its name.

The address of the source is where the file lies now (`file:`), put there by whoever fetched it; a registered
address is never opened.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO
from urllib.parse import unquote, urlsplit

from unioncat.domain.source import Checkpoint, Quarantined, RawRecord, Run, RunMode, RunState, Source
from unioncat.domain.upload import Look
from unioncat.text.encodings import ENCODINGS, Decision
from unioncat_harvester.reader import (
    BATCH_RECORDS,
    Batch,
    Findings,
    Identity,
    Offer,
    Page,
    Reader,
    SourceError,
    Stopped,
)
from unioncat_harvester.readers.files import iso2709, lines, marcjson, xml
from unioncat_harvester.readers.files.encoding import decided, parameter, sampled
from unioncat_harvester.readers.files.identity import REPEATED, Identities
from unioncat_harvester.readers.files.kinds import Kind
from unioncat_harvester.readers.files.piece import NotUnderstood, Piece
from unioncat_harvester.readers.files.tables import Table, Wishes
from unioncat_harvester.readers.files.unpack import Opened, open_file
from unioncat_harvester.surroundings import Surroundings

PAGE_RECORDS = 2000
PAGE_BYTES = 8 * 1024 * 1024
MAX_RECORDS = 5_000_000
UNIMARC_LOOK = 200
BY_UPLOAD = "Bring its files on the source's page, by `unioncat upload`, or in its watched folder."
CUT = {
    Kind.ISO2709: iso2709.pieces,
    Kind.ISIS: iso2709.isis_pieces,
    Kind.XML: xml.pieces,
    Kind.MARC_JSON: marcjson.pieces,
    Kind.LINES: lines.pieces,
}
TABLES = (Kind.CSV, Kind.EXCEL, Kind.HTML_TABLE)
_MARC_ID = re.compile(r"(\d{3})\$?([a-z0-9])")


class FilesReader(Reader):
    """Reads one file, or the files of one archive, from beginning to end."""

    def __init__(self, source: Source, around: Surroundings) -> None:
        self.source = source
        self._around = around
        self._options = dict(source.options)
        self._wishes = _wishes(self._options)
        if self._wishes.encoding not in (None, *ENCODINGS):
            raise self._error(
                f"no encoding is called {self._wishes.encoding!r}", f"Choose one of: {', '.join(ENCODINGS)}."
            )
        self._path: Path | None = None
        self.looks: list[Look] = []
        """What was recognised, file by file, as far as reading has come."""

    def look(self) -> Look:
        """Recognise the file; of an archive, its first one, with the columns of all. Raises `SourceError`."""
        looks: list[Look] = []
        try:
            with self._file().open("rb") as body:
                for opened in open_file(body, self._size()):
                    _, _, look = self._opened(opened)
                    looks.append(look)
        except NotUnderstood as fault:
            raise self._error(fault.message, fault.remedy) from None
        members = tuple(look.kind for look in looks) if looks[0].members else ()
        columns = {one.heading: one for look in reversed(looks) for one in reversed(look.columns)}
        notes = tuple(note for look in looks for note in look.notes)
        return replace(looks[0], members=members, columns=tuple(reversed(columns.values())), notes=notes)

    def identify(self) -> Identity:
        """Look at what the file is."""
        try:
            with self._file().open("rb") as body:
                kinds = [opened.kind.value for opened in open_file(body, self._size())]
        except NotUnderstood as fault:
            raise self._error(fault.message, fault.remedy) from None
        return Identity(self.source.code, (("kind", ", ".join(dict.fromkeys(kinds))),))

    def probe(self) -> Findings:
        """Look at the whole file; nothing is kept."""
        records = aside = deleted = size = 0
        for page in self.pages(_looking(self.source)):
            size += page.size
            for batch in page.batches():
                records += sum(not record.deleted for record in batch.records)
                deleted += sum(record.deleted for record in batch.records)
                aside += len(batch.quarantined)
        look = self.looks[0]
        formats = tuple(Offer(one.format, "") for one in self.looks[:1])
        return Findings(
            address=self.source.address,
            identity=self.identify(),
            offers=formats,
            sets=(),
            more_sets=False,
            format=look.format,
            records=records,
            deleted=deleted,
            quarantined=aside,
            list_size=records + deleted + aside,
            page_bytes=size,
            notes=look.notes,
            advice=(BY_UPLOAD,),
        )

    def pages(self, run: Run) -> Iterator[Page]:
        """Give the records in pages. After a kill the file is read again up to the checkpoint."""
        if run.checkpoint.finished:
            return
        skip = int(run.checkpoint.token or 0)
        response = run.checkpoint.response_date or datetime.now(UTC)
        number = run.counters.pages
        self.looks.clear()
        try:
            with self._file().open("rb") as body, Identities() as identities:
                taken = 0
                page: list[RawRecord | Quarantined] = []
                notes: list[str] = []
                weight = 0
                for item, note in self._items(body, identities):
                    if self._around.stop.is_set():
                        raise Stopped
                    taken += 1
                    if taken > MAX_RECORDS:
                        raise NotUnderstood(
                            f"the file has more than {MAX_RECORDS:,} records", "Bring it in parts."
                        )
                    if taken <= skip:
                        continue
                    if len(page) >= PAGE_RECORDS or weight >= PAGE_BYTES:
                        number += 1
                        yield _page(
                            number, page, weight, Checkpoint(str(taken - 1), None, None, response), notes
                        )
                        page, notes, weight = [], [], 0
                    page.append(item)
                    weight += len(item.payload)
                    if note and note not in notes:
                        notes.append(note)
                last = Checkpoint(None, None, None, response, finished=True)
                yield _page(number + 1, page, weight, last, notes)
        except NotUnderstood as fault:
            raise self._error(fault.message, fault.remedy) from None

    def close(self) -> None:
        """Nothing is held open between pages."""

    def _error(self, message: str, remedy: str) -> SourceError:
        return SourceError(message, remedy, source=self.source.code)

    def _file(self) -> Path:
        if self._path is None:
            parts = urlsplit(self.source.address)
            if parts.scheme != "file":
                raise self._error("this source has no address that can be asked", BY_UPLOAD)
            path = Path(unquote(parts.path))
            if not path.is_file():
                raise self._error("the file is no longer there", "Bring it again.")
            self._path = path
        return self._path

    def _size(self) -> int:
        return self._file().stat().st_size

    def _items(
        self, body: IO[bytes], identities: Identities
    ) -> Iterator[tuple[RawRecord | Quarantined, str | None]]:
        """Give each record of the file, or what stood in its place, with a note for people."""
        size = self._size()
        for opened in open_file(body, size):
            pieces, formats, look = self._opened(opened)
            self.looks.append(look)
            prefix = f"{opened.name}!" if opened.name else ""
            for piece in pieces:
                item = _item(piece, prefix, formats(piece), identities)
                if item is not None:
                    yield item

    def _opened(self, opened: Opened) -> "tuple[Iterator[Piece], _Formats, Look]":
        if opened.kind in TABLES:
            return self._table(opened)
        cut = CUT[opened.kind]
        samples: list[bytes] = []
        marks = [0, 0]
        first = b""
        for number, piece in enumerate(sampled(cut(opened.body))):
            if piece.fault or piece.deleted:
                continue
            first = first or piece.payload
            samples.append(_text_of(piece.payload, opened.kind))
            if opened.kind in (Kind.ISO2709, Kind.ISIS) and number < UNIMARC_LOOK:
                found = iso2709.tags(piece.payload)
                marks[0] += b"200" in found and b"245" not in found
                marks[1] += b"245" in found
        decision = decided(samples, self._wishes.encoding)
        base = _format(opened.kind, first, marks)
        formats = _Formats(base, parameter(decision.encoding), opened.kind is Kind.XML)
        look = _look(opened, base, decision)
        pieces = cut(opened.body)
        if self._wishes.id_column and opened.kind is Kind.ISO2709:
            pieces = _numbered(pieces, self._wishes.id_column)
        return pieces, formats, look

    def _table(self, opened: Opened) -> "tuple[Iterator[Piece], _Formats, Look]":
        table = Table(opened.kind, opened.body, self._wishes)
        decision = table.decision
        base = _look(opened, "table", decision)
        look = replace(
            base,
            delimiter=table.delimiter,
            sheets=table.sheets,
            heading_row=table.heading_row,
            columns=table.columns,
            id_column=table.id_column,
            notes=(*base.notes, *table.notes),
        )

        def rows() -> Iterator[Piece]:
            try:
                yield from table.pieces()
            finally:
                table.close()

        return rows(), _Formats("table", parameter(decision.encoding), False), look


class _Formats:
    """The format of each record of a file, with the encoding where there is a legacy one."""

    def __init__(self, base: str, encoding: str, by_record: bool) -> None:
        self._base = base
        self._encoding = encoding
        self._by_record = by_record

    def __call__(self, piece: Piece) -> str:
        return (xml.format_of(piece.payload) if self._by_record else self._base) + self._encoding


def _looking(source: Source) -> Run:
    """Give a run that saves nothing."""

    return Run(0, source.id, source.code, RunMode.FULL, RunState.RUNNING, datetime.now(UTC))


def _wishes(options: Mapping[str, str]) -> Wishes:
    row = options.get("heading_row", "")
    return Wishes(
        encoding=options.get("encoding") or None,
        id_column=options.get("id_column"),
        heading_row=int(row) if row.isascii() and row.isdigit() and len(row) < 7 else None,
        sheet=options.get("sheet") or None,
        delimiter=options.get("delimiter") or None,
        known={name[7:]: value for name, value in options.items() if name.startswith("column:")},
    )


def _page(
    number: int,
    items: list[RawRecord | Quarantined],
    size: int,
    checkpoint: Checkpoint,
    notes: list[str],
) -> Page:
    batches = []
    for at in range(0, len(items), BATCH_RECORDS):
        part = items[at : at + BATCH_RECORDS]
        batches.append(
            Batch(
                tuple(one for one in part if isinstance(one, RawRecord)),
                tuple(one for one in part if isinstance(one, Quarantined)),
            )
        )
    return Page(
        number=number,
        checkpoint=checkpoint,
        received=len(items),
        size=size,
        content=lambda: iter(batches),
        release=lambda: None,
        notes=tuple(notes),
    )


def _item(
    piece: Piece, prefix: str, format: str, identities: Identities
) -> tuple[RawRecord | Quarantined, str | None] | None:
    place = prefix + piece.place
    if piece.fault:
        code, detail = piece.fault
        return Quarantined(piece.own_id, code, f"{place}: {detail}", piece.payload[: 1024 * 1024]), None
    content = piece.payload if piece.content is None else piece.content
    local_id, repeated = identities.give(piece.own_id, content)
    if local_id is None:
        return None
    note = f"{REPEATED}: more than one record has the number {piece.own_id!r}" if repeated else None
    return RawRecord(local_id, None, piece.deleted, piece.payload, format, place=place), note


def _numbered(pieces: Iterator[Piece], field: str) -> Iterator[Piece]:
    """Give records their number from the field that a person named, as `020a`."""
    named = _MARC_ID.fullmatch(field)
    for piece in pieces:
        own = None
        if named and not piece.fault:
            own = iso2709.subfield(piece.payload, named[1], named[2])
        yield Piece(
            piece.place, piece.payload, own or piece.own_id, piece.content, piece.deleted, piece.fault
        )


def _text_of(payload: bytes, kind: Kind) -> bytes:
    """Give the bytes of a record in which its text stands."""
    if kind in (Kind.ISO2709, Kind.ISIS):
        base = int(payload[12:17]) if payload[12:17].isdigit() else 24
        return payload[base:].translate(_SIGNS)
    return payload


_SIGNS = bytes.maketrans(b"\x1d\x1e\x1f", b"   ")


def _format(kind: Kind, first: bytes, marks: list[int]) -> str:
    if kind in (Kind.ISO2709, Kind.ISIS):
        return "unimarc" if marks[0] > marks[1] else "iso2709"
    if kind is Kind.XML:
        return xml.format_of(first)
    return kind.value


def _look(opened: Opened, format: str, decision: Decision) -> Look:
    weights = ", ".join(f"{one.encoding} {one.gained}:{one.lost}" for one in decision.evidence[:3])
    return Look(
        kind=opened.kind.value,
        format=format,
        encoding=decision.encoding or "unknown",
        confidence=round(decision.confidence, 3),
        evidence=weights,
        members=(opened.kind.value,) if opened.name else (),
        notes=(f"the text came in {opened.was}",) if opened.was else (),
    )
