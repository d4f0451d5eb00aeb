"""No XML of others makes anything here read a file, open an address, expand entities, or take long."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REFUSED = {
    "SourceError",
    "AnswerLost",
    "NoAnswer",
    "Unreadable",
    "Malformed",
    "ValueError",
    "NotReadable",
    "NotUnderstood",
}
"""Ends that are errors made for a person."""
READ = {"xinclude", "stylesheet", "schema", "deep"}
"""Cases that may be read, because what is hostile in them is just text to us."""
PARSERS = {
    "api/unioncat_api/protocols/oaipmh/memory.py": "provider",
    "harvester/unioncat_harvester/availability.py": "availability",
    "harvester/unioncat_harvester/markup/beside.py": "",  # what our own process wrote, over a pipe
    "harvester/unioncat_harvester/markup/scan.py": "OAI-PMH",
    "harvester/unioncat_harvester/readers/files/rows.py": "",  # HTML knows no entities of its own
    "harvester/unioncat_harvester/readers/files/xml.py": "files",
    "harvester/unioncat_harvester/readers/sru/cut.py": "SRU",
    "harvester/unioncat_harvester/readers/sru/explain.py": "SRU",
    "harvester/unioncat_harvester/readers/z3950/records.py": "Z39.50",
    "src/unioncat/lending/iso18626/read.py": "lending",
    "src/unioncat/normalise/gate/xml.py": "gate",
    "src/unioncat/normalise/marcxml.py": "normaliser",
}
"""Every module that parses XML, and who in `hostile_xml` stands for it."""


@pytest.fixture(scope="module")
def rows() -> list[dict[str, object]]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.contracts.hostile_xml"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_nothing_is_fetched_and_nothing_smuggled_in(rows: list[dict[str, object]]) -> None:
    assert len(rows) > 80
    for row in rows:
        assert row["touched"] == [], row
        assert row["leaked"] is False, row


def test_entities_are_not_expanded_and_nothing_takes_long(rows: list[dict[str, object]]) -> None:
    for row in rows:
        assert float(str(row["seconds"])) < 20, row
        assert int(str(row["size"])) < 1_000_000, row
        assert row["end"] in REFUSED | {"read"}, row


def test_a_document_type_is_refused_or_its_entities_stay_words(rows: list[dict[str, object]]) -> None:
    plain = READ | {"never closed"}
    by_words = ("files", "gate")  # files are cut by tags; the gate puts aside what it cannot read
    read = [row for row in rows if row["case"] not in plain and row["reader"] not in by_words]
    assert [row for row in read if row["end"] == "read"] == []


def test_whoever_parses_xml_stands_in_the_list() -> None:
    """A parser is made by one of these calls; a new module that makes one must be attacked too."""
    makers = {
        "XMLParser",
        "ParserCreate",
        "fromstring",
        "HTMLParser",
        "iterparse",
        "XMLPullParser",
        "parseString",
    }
    found = set()
    for folder in ("src", "harvester", "api"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call):
                    name = (
                        node.func.attr
                        if isinstance(node.func, ast.Attribute)
                        else getattr(node.func, "id", "")
                    )
                    if name in makers:
                        found.add(str(path.relative_to(ROOT)))
    assert found == set(PARSERS)
