"""Scanning in a process beside: the same outcome, the same errors, and no process left."""

import io
import os
import signal
from xml.parsers.expat import ExpatError

import pytest

from tests.harvester.test_leap import page
from unioncat_harvester.markup import beside
from unioncat_harvester.markup.beside import Beside
from unioncat_harvester.markup.scan import Entry, Scanned, scan
from unioncat_harvester.readers.oaipmh.scan import SHAPE

BODY = page(*(f"<a>Dế mèn {number}</a>" for number in range(4000)))


def entries(scanned: Scanned) -> list[Entry]:
    return [entry for some in scanned.entries() for entry in some]


@pytest.fixture
def helper(monkeypatch: pytest.MonkeyPatch) -> Beside:
    monkeypatch.setattr(beside, "PAGES_BEFORE", 0)
    made = Beside()
    made._useless = False
    return made


def test_the_outcome_is_the_same(helper: Beside) -> None:
    assert len(BODY) > beside.LARGE
    here = scan(io.BytesIO(BODY), SHAPE, 0)
    there = helper.scan(io.BytesIO(BODY), SHAPE, 0)
    process = helper._process
    assert process is not None
    assert process.poll() is None
    assert entries(there) == entries(here)
    assert there.received == here.received == 4000
    assert there.root[0][0].text == here.root[0][0].text == "t"
    helper.close()
    assert process.poll() is not None


def test_errors_are_those_of_scanning_here(helper: Beside) -> None:
    with pytest.raises(ExpatError) as there:
        helper.scan(io.BytesIO(BODY[:-40]), SHAPE, 0)
    with pytest.raises(ExpatError) as here:
        scan(io.BytesIO(BODY[:-40]), SHAPE, 0)
    assert (there.value.code, there.value.lineno) == (here.value.code, here.value.lineno)
    assert entries(helper.scan(io.BytesIO(BODY), SHAPE, 0)), "and it goes on"
    helper.close()


def test_a_killed_process_costs_nothing_but_time(helper: Beside) -> None:
    helper.scan(io.BytesIO(BODY), SHAPE, 0)
    assert helper._process is not None
    os.kill(helper._process.pid, signal.SIGKILL)
    assert len(entries(helper.scan(io.BytesIO(BODY), SHAPE, 0))) == 4000
    assert len(entries(helper.scan(io.BytesIO(BODY), SHAPE, 0))) == 4000


def test_small_pages_are_scanned_here(helper: Beside) -> None:
    helper.scan(io.BytesIO(page("<a/>")), SHAPE, 0)
    assert helper._process is None
