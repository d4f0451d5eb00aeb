"""Making sources and runs for tests of readers, and taking a whole list."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from unioncat.domain.source import (
    Checkpoint,
    Politeness,
    Protocol,
    Quarantined,
    RawRecord,
    Run,
    RunMode,
    RunState,
    Source,
)
from unioncat.domain.target import TargetRules
from unioncat_harvester.network import Guard
from unioncat_harvester.readers import open_reader
from unioncat_harvester.surroundings import Surroundings

NOW = datetime(2024, 6, 2, tzinfo=UTC)
LOOPBACK = Guard(TargetRules.of("127.0.0.1, ::1"))
"""Lets the tests' own servers be reached; the default lets nothing on this machine be reached."""
QUICK = Politeness(timeout=2.0, tries=3, max_wait=5.0)


def source(address: str, **changes: object) -> Source:
    """A source at an address."""
    made = Source(
        code="test-kho",
        library="test",
        protocol=Protocol.OAI_PMH,
        address=address,
        format="marc21",
        politeness=QUICK,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def surroundings(drawer: Path | None = None) -> Surroundings:
    """Surroundings that do not wait long."""
    return Surroundings(
        agent="unioncat/test (mailto:it@example.org)", backoff=0.01, drawer=drawer, guard=LOOPBACK
    )


def run(**changes: object) -> Run:
    """A full run at its beginning."""
    made = Run(1, 1, "test-kho", RunMode.FULL, RunState.RUNNING, started=NOW)
    return replace(made, **changes)  # type: ignore[arg-type]


@dataclass
class Taken:
    """What a list brought until it ended or broke."""

    records: list[RawRecord] = field(default_factory=list)
    quarantined: list[Quarantined] = field(default_factory=list)
    listed: list[str] = field(default_factory=list)
    listed_deleted: int = 0
    checkpoints: list[Checkpoint] = field(default_factory=list)
    repaired: int = 0
    notes: list[str] = field(default_factory=list)
    error: Exception | None = None

    @property
    def received(self) -> int:
        return len(self.records) + len(self.quarantined)

    @property
    def ids(self) -> set[str]:
        return {record.local_id for record in self.records}

    @property
    def finished(self) -> bool:
        return bool(self.checkpoints) and self.checkpoints[-1].finished


def take(source_: Source, run_: Run | None = None, around: Surroundings | None = None) -> Taken:
    """Read all pages of a source, as the run loop would, without a store."""
    taken = Taken()
    try:
        with open_reader(source_, around or surroundings()) as reader:
            for page in reader.pages(run_ or run()):
                received = 0
                for batch in page.batches():
                    taken.records += batch.records
                    taken.quarantined += batch.quarantined
                    taken.listed += batch.listed
                    taken.listed_deleted += batch.listed_deleted
                    received += len(batch.records) + len(batch.quarantined)
                    received += len(batch.listed) + batch.listed_deleted
                assert received == page.received
                taken.checkpoints.append(page.checkpoint)
                taken.repaired += page.repaired
                taken.notes += page.notes
                page.close()
    except Exception as error:
        taken.error = error
    return taken


def numbers(ids: Iterable[str]) -> list[int]:
    """Numbers of test records, sorted."""
    return sorted(int(value.rpartition(":")[2]) for value in ids)
