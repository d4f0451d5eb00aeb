"""Sources and their harvest runs on the wire.

A user name or password inside an address never leaves by an answer, and options only towards operators.
"""

from dataclasses import replace
from datetime import datetime
from typing import Self
from urllib.parse import urlsplit, urlunsplit

from unioncat.domain.source import Protocol, Run, RunMode, RunState, SourceState
from unioncat.flow.status import Overview, SourceStatus
from unioncat_api.catalogue import Issue
from unioncat_api.schemas.common import LicenceOut, Out, example


def without_secrets(address: str) -> str:
    """Take the user name and password out of an address."""
    try:
        parts = urlsplit(address)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return ""
    return urlunsplit(parts._replace(netloc=host))


class CountersOut(Out):
    """What a run has received."""

    pages: int
    received: int
    created: int
    changed: int
    unchanged: int
    deleted: int
    quarantined: int
    repaired: int
    bytes: int
    swept: int = 0
    """Deletions of records that vanished without one."""
    shut_out: int = 0
    """Records that the source's rules keep out; nothing of them is written."""


class RunOut(Out):
    """One harvest of one source."""

    model_config = example(
        {
            "id": 17,
            "source": "tv-ha-noi",
            "mode": "incremental",
            "state": "published",
            "started": "2025-11-02T03:00:00Z",
            "finished": "2025-11-02T03:04:05Z",
            "list_size": 1200,
            "share": 1.0,
            "counters": {
                "pages": 12,
                "received": 1200,
                "created": 20,
                "changed": 7,
                "unchanged": 1170,
                "deleted": 3,
                "quarantined": 0,
                "repaired": 0,
                "bytes": 3400000,
            },
        }
    )

    id: int | None = None
    """For operators only: numbers are given in turn, so that they tell of the runs of hidden sources."""
    source: str
    mode: RunMode
    state: RunState
    started: datetime
    since: datetime | None = None
    finished: datetime | None = None
    heartbeat: datetime | None = None
    list_size: int | None = None
    share: float | None = None
    counters: CountersOut
    error: str | None = None
    remedy: str | None = None

    @classmethod
    def of(cls, source: object, *, private: bool = False) -> Self:
        """Describe a run; `share` is how much of the promised list has come, where a size was promised."""
        if not isinstance(source, Run):
            raise TypeError(source)
        size = source.checkpoint.list_size
        share = min(1.0, source.counters.received / size) if size else None
        return cls(
            id=source.id if private else None,
            source=source.source_code,
            mode=source.mode,
            state=source.state,
            started=source.started,
            since=source.since,
            finished=source.finished,
            heartbeat=source.heartbeat,
            list_size=size,
            share=round(share, 4) if share is not None else None,
            counters=CountersOut.of(source.counters),
            error=source.error,
            remedy=source.remedy,
        )


class RunsOut(Out):
    """Harvest runs, newest first."""

    items: tuple[RunOut, ...]


class AssertionsOut(Out):
    """What must hold before a run is published."""

    min_records: int
    max_records: int | None = None
    max_fall: float
    fall_allowance: int
    trust_list_size: bool


class SourceOut(Out):
    """A source with how it stands."""

    model_config = example(
        {
            "code": "tv-ha-noi",
            "library": "tv-ha-noi",
            "library_name_vi": "Thư viện Hà Nội",
            "library_name_en": "Hanoi Library",
            "protocol": "oai-pmh",
            "address": "https://opac.example.vn/oai",
            "format": "marc21",
            "every_minutes": 1440,
            "profile": "marc21",
            "licence": {"code": "CC0-1.0", "url": "https://creativecommons.org/publicdomain/zero/1.0/"},
            "state": "active",
            "assertions": {
                "min_records": 0,
                "max_fall": 0.05,
                "fall_allowance": 50,
                "trust_list_size": True,
            },
            "live": 1200,
            "deleted": 3,
            "problems": 14,
        }
    )

    code: str
    library: str
    library_name_vi: str
    library_name_en: str
    protocol: Protocol
    address: str
    format: str
    set: str | None = None
    every_minutes: int
    hours: str | None = None
    reconcile_days: int | None = None
    profile: str
    licence: LicenceOut
    state: SourceState
    assertions: AssertionsOut
    options: dict[str, str] | None = None
    live: int
    deleted: int
    problems: int
    last: RunOut | None = None

    @classmethod
    def standing(cls, status: SourceStatus, *, private: bool = False) -> Self:
        """Describe a source; its options only when `private`."""
        source = status.source
        return cls(
            code=source.code,
            library=status.library.code,
            library_name_vi=status.library.name_vi,
            library_name_en=status.library.name_en,
            protocol=source.protocol,
            address=without_secrets(source.address),
            format=source.format,
            set=source.set,
            every_minutes=source.every_minutes,
            hours=str(source.hours) if source.hours else None,
            reconcile_days=source.reconcile_days,
            profile=source.profile,
            licence=LicenceOut.of(source.licence),
            state=source.state,
            assertions=AssertionsOut.of(source.assertions),
            options=dict(source.options) if private else None,
            live=status.live,
            deleted=status.deleted,
            problems=status.problems,
            last=RunOut.of(status.last, private=private) if status.last else None,
        )


class SourcesOut(Out):
    """The registered sources."""

    items: tuple[SourceOut, ...]


class IssueOut(Out):
    """One problem of one record."""

    code: str
    detail: str
    local_id: str | None = None
    run_id: int | None = None
    found: datetime | None = None


class SourceDetailOut(SourceOut):
    """A source with its latest runs and the problems in its records."""

    runs: tuple[RunOut, ...] = ()
    issues: tuple[IssueOut, ...] = ()

    @classmethod
    def detail(
        cls, base: SourceOut, runs: tuple[Run, ...], issues: tuple[Issue, ...], *, private: bool = False
    ) -> Self:
        """Add runs and problems to a source."""
        return cls(
            **dict(base),
            runs=tuple(RunOut.of(run, private=private) for run in runs),
            issues=tuple(IssueOut.of(issue if private else replace(issue, run_id=None)) for issue in issues),
        )


class StatusOut(Out):
    """How much there is of everything, and what is going on."""

    model_config = example(
        {
            "libraries": 8,
            "sources": 8,
            "records": 2400,
            "union_records": 1310,
            "holdings": 3900,
            "indexed": 1310,
            "pending": 0,
            "runs": [],
        }
    )

    libraries: int
    sources: int
    records: int
    union_records: int
    holdings: int
    indexed: int
    pending: int
    runs: tuple[RunOut, ...]

    @classmethod
    def of(cls, source: object, *, private: bool = False) -> Self:
        """Describe the state of the catalogue."""
        if not isinstance(source, Overview):
            raise TypeError(source)
        return cls(
            libraries=source.libraries,
            sources=source.sources,
            records=source.records,
            union_records=source.union_records,
            holdings=source.holdings,
            indexed=source.indexed,
            pending=source.pending,
            runs=tuple(RunOut.of(run, private=private) for run in source.runs),
        )
