"""Options of sources: what no reader knows is refused, and what a reader asks for is listed."""

import re
from pathlib import Path

import pytest

from unioncat.domain.options import EVERY, OPTIONS, known, unknown
from unioncat.domain.source import Protocol

READERS = Path(__file__).parents[3] / "harvester" / "unioncat_harvester" / "readers"
FOLDERS = {
    Protocol.OAI_PMH: "oaipmh/quirks.py",
    Protocol.SRU: "sru/settings.py",
    Protocol.Z3950: "z3950/settings.py",
    Protocol.FILES: "files/reader.py",
}
ASKED = re.compile(
    r"""\b(?:options|given)(?:\.get\(|\[)"([a-z][\w-]*)"|\b(?:choice|number|meant)\(\s*"([a-z][\w-]*)\""""
)


@pytest.mark.parametrize("protocol", Protocol)
def test_what_a_reader_asks_for_is_listed_and_nothing_else(protocol: Protocol) -> None:
    source = (READERS / FOLDERS[protocol]).read_text("utf-8")
    asked = {one or other for one, other in ASKED.findall(source)}
    assert asked
    assert asked <= set(known(protocol))
    listed = {name for name in OPTIONS[protocol] if not name.endswith(":…")}
    assert listed == asked - (set(EVERY) - set(OPTIONS[protocol]))


def test_families_are_known_by_their_beginning() -> None:
    assert unknown(Protocol.SRU, ["branch:CN", "encoding", "query"]) == {}
    assert unknown(Protocol.FILES, ["column:Nhan đề"]) == {}
    assert unknown(Protocol.SRU, ["branch:", "column:x"]) == {"branch:": "branch:…", "column:x": None}


def test_what_was_meant_is_guessed() -> None:
    assert unknown(Protocol.OAI_PMH, ["granularty", "slices"]) == {
        "granularty": "granularity",
        "slices": None,
    }


def test_every_option_says_what_it_does() -> None:
    for protocol in Protocol:
        for name, text in known(protocol).items():
            assert re.fullmatch(r"[a-z][a-z_-]*(:…)?", name)
            assert len(text) > 10
            assert "|" not in text
