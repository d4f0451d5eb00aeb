"""Files that libraries bring, on the wire."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from unioncat.domain.column import Column
from unioncat.domain.source import RunMode
from unioncat.domain.upload import Correction, Line, UploadState
from unioncat.flow.uploads import Standing
from unioncat_api.schemas.common import Out, example
from unioncat_api.schemas.source import RunOut


class ColumnOut(Out):
    """A column of a table and what it seems to hold; `by` says whether heading or cells told."""

    heading: str
    column: Column | None = None
    by: str
    filled: int
    unique: bool


class LookOut(Out):
    """What a file was recognised as."""

    kind: str
    format: str
    encoding: str
    confidence: float
    evidence: str
    members: tuple[str, ...]
    delimiter: str | None = None
    sheets: tuple[str, ...]
    heading_row: int | None = None
    columns: tuple[ColumnOut, ...]
    id_column: str | None = None
    notes: tuple[str, ...]


class SampleOut(Out):
    """A record as it will look, beside what it was made from."""

    place: str | None = None
    local_id: str
    source: tuple[tuple[str, str], ...]
    title: str | None = None
    statement: str
    numbers: str
    holdings: str
    problems: tuple[str, ...]


class PreviewOut(Out):
    """What a file would bring, counted over all its records."""

    records: int
    created: int
    """Those of the records that are new; the others change what is here."""
    unread: int
    aside: int
    with_problems: int
    filled: dict[str, int]
    problems: dict[str, int]
    samples: tuple[SampleOut, ...]
    cells: dict[str, tuple[str, ...]]
    repaired: tuple[tuple[str, str], ...]
    lines: int


class UploadOut(Out):
    """One file and how far it is."""

    model_config = example(
        {
            "id": "0b5f3c3e-8a77-4f0e-9d7e-1f6f6d3b9a10",
            "source": "th-kim-dong",
            "name": "so-dang-ky.xlsx",
            "size": 48213,
            "mode": "full",
            "state": "ready",
            "by": "Lan",
            "at": "2026-03-02T03:00:00Z",
            "complaint": "400 of 500 records would go; at most 50 may in one run",
            "columns": {"Tên sách": "title", "Tác giả": "author"},
        }
    )

    id: UUID
    source: str
    name: str
    size: int
    mode: RunMode
    state: UploadState
    by: str
    at: datetime
    read: int | None = None
    """Records read so far, while it is read."""
    look: LookOut | None = None
    columns: dict[str, str]
    preview: PreviewOut | None = None
    run: RunOut | None = None
    complaint: str | None = None
    error: str | None = None
    remedy: str | None = None
    can_undo: bool

    @classmethod
    def standing(cls, standing: Standing, columns: dict[str, str]) -> Self:
        """Describe an upload as it stands."""
        one = standing.upload
        read = standing.errand.progress.get("records") if standing.errand else None
        return cls(
            id=one.id,
            source=one.source,
            name=one.name,
            size=one.size,
            mode=one.mode,
            state=one.state,
            by=one.by,
            at=one.at,
            read=read if isinstance(read, int) else None,
            look=LookOut.of(one.look) if one.look else None,
            columns=columns,
            preview=PreviewOut.of(one.preview) if one.preview else None,
            run=RunOut.of(standing.run, private=True) if standing.run else None,
            complaint=standing.complaint,
            error=one.error,
            remedy=one.remedy,
            can_undo=standing.last,
        )


class LineOut(Out):
    """One complaint about one record; ask for those after `position` next."""

    position: int
    place: str | None = None
    local_id: str | None = None
    code: str
    detail: str

    @classmethod
    def numbered(cls, position: int, line: Line) -> Self:
        """Describe a complaint."""
        return cls(
            position=position, place=line.place, local_id=line.local_id, code=line.code, detail=line.detail
        )


class LinesOut(Out):
    """Complaints in the order of the file."""

    items: tuple[LineOut, ...]


class CorrectionBody(BaseModel):
    """What the person who brings a file knows better than the guess; what is left out stays a guess."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"columns": {"Sách": "title"}, "heading_row": 3}]},
    )

    columns: dict[str, Column] = Field(default_factory=dict, max_length=512)
    """Heading -> field."""
    encoding: str | None = Field(None, max_length=20)
    id_column: str | None = Field(None, max_length=200)
    heading_row: int | None = Field(None, ge=0, le=999)
    sheet: str | None = Field(None, max_length=200)
    delimiter: str | None = Field(None, min_length=1, max_length=1)
    mode: RunMode | None = None

    def correction(self) -> Correction:
        """Give the correction."""
        return Correction(
            columns={heading: field.value for heading, field in self.columns.items()},
            encoding=self.encoding,
            id_column=self.id_column,
            heading_row=self.heading_row,
            sheet=self.sheet,
            delimiter=self.delimiter,
        )
