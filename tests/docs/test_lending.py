"""The guide to lending shows the state tables as they are; UNIONCAT_TEST_WRITE_GOLDEN=1 writes them anew."""

import os
import re
from pathlib import Path

import pytest

from tests.docs.state_tables import deadlines, diagram, steps
from unioncat.domain.lending import Side
from unioncat.lending.states import TABLES

PAGE = Path(__file__).parents[2] / "docs" / "lending.md"


def part(name: str) -> str:
    side, _, what = name.partition(" ")
    table = TABLES[Side(side)]
    if what == "diagram":
        return f"```mermaid\n{diagram(table)}\n```"
    return steps(table) if what == "steps" else deadlines(table)


def written(text: str) -> str:
    """The page with each part made of the tables."""
    for name in re.findall(r"<!-- ((?:requester|supplier) \w+) -->", text):
        mark = f"<!-- {name} -->"
        end = "<!-- end -->"
        begin = text.index(mark) + len(mark)
        rest = text[begin:]
        close = rest.find(end)
        other = rest.find("<!-- ")
        tail = rest[close + len(end) :] if close >= 0 and close == other else rest
        text = f"{text[:begin]}\n\n{part(name)}\n\n{end}{tail}"
    return text


def test_the_guide_shows_the_tables() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert len(re.findall(r"<!-- (?:requester|supplier) \w+ -->", text)) == 6
    if os.environ.get("UNIONCAT_TEST_WRITE_GOLDEN"):
        PAGE.write_text(written(text), encoding="utf-8")
        pytest.skip("written")
    assert written(text) == text, "make it anew with UNIONCAT_TEST_WRITE_GOLDEN=1 and look at the difference"


def test_a_diagram_has_every_state_and_its_ends() -> None:
    for table in TABLES.values():
        drawn = diagram(table)
        for state in table.states:
            assert re.search(rf"\b{state}\b", drawn), state
            assert (f"{state} --> [*]" in drawn) == (state in table.terminal)
