"""Every misbehaviour of a target ends in the right records or in a clear error, and the docs say which."""

import resource
import time
from pathlib import Path

import pytest

from tests.harvester.support import source, surroundings, take
from tests.harvester.z3950.outcomes import BEHAVIOURS, Behaviour, table
from tests.harvester.z3950.rig import serving
from unioncat.domain.source import Politeness, Protocol, Source
from unioncat_harvester.reader import SourceError
from unioncat_harvester.readers import open_reader

DOCS = Path(__file__).parents[3] / "docs" / "z3950.md"


def registered(port: int, behaviour: Behaviour, *, format: str) -> Source:
    return source(
        f"z3950://127.0.0.1:{port}/ke",
        protocol=Protocol.Z3950,
        format=format,
        options=tuple(({"present": "20"} | dict(behaviour.options)).items()),
        politeness=Politeness(timeout=behaviour.timeout, tries=2, max_wait=0.1),
    )


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=lambda one: one.target.__name__)
def test_the_outcome_is_the_promised_one(behaviour: Behaviour) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.monotonic()
    with serving(behaviour.target()) as port:
        taken = take(registered(port, behaviour, format="usmarc"))
    assert time.monotonic() - begun < 15
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150_000  # KiB
    if behaviour.error is None:
        assert taken.error is None
        assert taken.finished
    else:
        assert isinstance(taken.error, SourceError)
        assert behaviour.error in str(taken.error)
        assert taken.error.source == "test-kho"
        assert taken.error.remedy
        assert not taken.finished
    assert {one.code for one in taken.quarantined} == ({behaviour.aside} if behaviour.aside else set())
    if behaviour.error is None:
        assert len({record.payload for record in taken.records}) == behaviour.records
        assert {record.format for record in taken.records} == {behaviour.format}
    else:
        assert len(taken.ids) <= behaviour.records


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=lambda one: one.target.__name__)
def test_a_probe_ends_too(behaviour: Behaviour) -> None:
    with (
        serving(behaviour.target()) as port,
        open_reader(registered(port, behaviour, format="auto"), surroundings()) as reader,
    ):
        try:
            said = (reader.probe().advice, None)
        except SourceError as error:
            said = (None, error.remedy)
    assert any(said)


def test_the_docs_have_the_same_table() -> None:
    lines = DOCS.read_text("utf-8").splitlines()
    begun = lines.index("| the target … | outcome |") + 2
    assert lines[begun : begun + len(BEHAVIOURS) + 1] == [*table(), ""]
