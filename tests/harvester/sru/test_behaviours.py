"""Each way in which SRU servers go wrong ends in the right records or in a clear error, as the guide says."""

import re

import pytest

from tests.harvester.sru.behaviours import ALL, BEGIN, END, PAGE, SIZE, TABLE, Behaviour, answering, render
from tests.harvester.sru.bends import COUNT
from tests.harvester.sru.rig import SruServer, serving, shelf
from tests.harvester.support import QUICK, Taken, source, take
from unioncat.domain.options import known
from unioncat.domain.source import Protocol
from unioncat_harvester.reader import SourceError


def harvested(behaviour: Behaviour) -> tuple[Taken, SruServer]:
    servers: list[SruServer] = []
    bent = answering(behaviour, lambda: servers[0])
    with serving(shelf(COUNT), bent, **{"page": SIZE, **behaviour.server}) as server:
        servers.append(server)
        options = tuple(behaviour.options.items())
        made = source(server.base, protocol=Protocol.SRU, format="marcxml", politeness=QUICK, options=options)
        return take(made), server


@pytest.mark.parametrize("name", TABLE)
def test_behaviour(name: str) -> None:
    behaviour = TABLE[name]
    taken, server = harvested(behaviour)
    if behaviour.error is not None:
        assert isinstance(taken.error, SourceError), taken
        assert re.search(behaviour.error, str(taken.error)), taken.error
        assert "test-kho" in str(taken.error)
        assert taken.error.remedy
        assert not taken.finished
    else:
        assert taken.error is None
        assert taken.finished
        assert {int(one) for one in taken.ids} - {500} == ALL - behaviour.lost
        assert {one.code for one in taken.quarantined} == behaviour.aside
        assert all("Truyện Ki" in one.payload.decode() for one in taken.records)
        assert taken.checkpoints[-1].list_size is not None
        assert len(taken.ids) + len(taken.quarantined) >= taken.checkpoints[-1].list_size
    if behaviour.note:
        assert any(re.search(behaviour.note, one) for one in taken.notes), taken.notes
    assert len(server.asked) < 300


def test_the_guide_lists_these_behaviours() -> None:
    text = PAGE.read_text("utf-8")
    assert text.partition(BEGIN)[2].partition(END)[0] == render()


def test_the_guide_lists_the_options() -> None:
    rows = re.findall(r"^\| `([a-z-]+(?::…)?)` \| (.*) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert dict(rows) == known(Protocol.SRU)
