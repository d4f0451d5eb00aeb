"""What people see of a harvest, on a terminal and in a log."""

import io
import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
from rich.console import Console

from tests.harvester.support import NOW, run
from unioncat import telemetry
from unioncat.domain.source import Checkpoint, Counters
from unioncat_harvester.progress import Bars, Lines, counts
from unioncat_harvester.run import Outcome, State

MIDDLE = run(
    counters=Counters(pages=2, received=1200, created=1100, quarantined=3),
    checkpoint=Checkpoint(token="t", list_size=5000),
    since=NOW,
)
HELD = Outcome("test-kho", State.HELD, MIDDLE, "4 distinct records came of 9", "Look at [the] run.")


def test_only_counters_that_count_are_shown() -> None:
    assert counts(MIDDLE) == {"pages": 2, "received": 1200, "created": 1100, "quarantined": 3}


def test_bars_show_how_much_of_what_and_how_it_ended() -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=120, color_system=None)
    bars = Bars(console)
    with bars.progress:
        bars.began(run())
        bars.saved(MIDDLE)
        bars.progress.refresh()
        bars.noted("test-kho", "page 2: repaired: [odd]")
        bars.ended(HELD)
        bars.ended(Outcome("other", State.NOT_BEGUN, None, "busy", "Wait."))
    text = out.getvalue()
    assert "1,200 / 5,000 records" in text
    assert "page 2: repaired: [odd]" in text
    assert "test-kho: held (2 pages, 1,200 received" in text
    assert "remedy: Look at [the] run." in text
    assert "other: not begun" in text


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    out = io.StringIO()
    before = logging.getLogger().handlers[:]
    telemetry.configure("info", "json", out)
    yield out
    logging.getLogger().handlers[:] = before


def test_lines_tell_begin_and_end_and_not_every_page(logged: io.StringIO) -> None:
    lines = Lines()
    lines.began(run())
    for page in range(50):
        lines.saved(replace(MIDDLE, counters=Counters(pages=page)))
    lines.noted("test-kho", "page 2: repaired")
    lines.ended(HELD)
    lines.ended(Outcome("other", State.PUBLISHED, MIDDLE))
    text = logged.getvalue().splitlines()
    assert len(text) == 4
    assert "harvest begins" in text[0]
    assert "repaired" in text[1]
    assert "4 distinct records came of 9" in text[2]
    assert "Look at [the] run." in text[2]
    assert "harvest published" in text[3]
