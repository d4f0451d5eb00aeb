"""Whole records of each kind of system against what they must become, reviewed in the diff.

`UNIONCAT_REGEN=1 pytest tests/unioncat/normalise/test_golden.py` writes the expectations anew.
"""

import json
import os
from dataclasses import MISSING, fields, is_dataclass, replace
from pathlib import Path

import pytest

from unioncat.normalise import PROFILES, normalise

CASES = sorted((Path(__file__).parents[2] / "golden" / "normalise").glob("*.xml"))
BRANCHES = {
    "koha": (("CS1", "dh-demo-cs1"), ("CS2", "dh-demo-cs2")),
    "libol": (("TV01", "cand-01"), ("tv02", "cand-02")),
}


def plain(value: object) -> object:
    """Turn domain objects into JSON, without what has its default value."""
    if is_dataclass(value):
        return {
            field.name: plain(getattr(value, field.name))
            for field in fields(value)
            if field.default is MISSING or getattr(value, field.name) != field.default
        }
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return value


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_golden(case: Path) -> None:
    name = case.stem.partition("-")[0]
    profile = PROFILES.get(name, PROFILES["marc21"])
    profile = replace(profile, branches=BRANCHES.get(name, ()))
    text = json.dumps(plain(normalise(case.read_bytes(), "marc21", profile)), ensure_ascii=False, indent=1)
    expected = case.with_suffix(".json")
    if os.environ.get("UNIONCAT_REGEN"):
        expected.write_text(text + "\n", encoding="utf-8")
    assert text + "\n" == expected.read_text(encoding="utf-8")


def test_there_are_cases() -> None:
    assert {case.stem.partition("-")[0] for case in CASES} >= {"nlv", "koha", "libol", "marc21", "repository"}
