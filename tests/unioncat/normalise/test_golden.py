"""Whole records of each kind of system against what they must become, reviewed in the diff.

Each goes through the gate of its profile first, as in a harvest. A case is named after its profile.
`UNIONCAT_REGEN=1 pytest tests/unioncat/normalise/test_golden.py` writes the expectations anew.
"""

import json
import os
from dataclasses import MISSING, fields, is_dataclass, replace
from pathlib import Path

import pytest

from unioncat.domain.source import RawRecord
from unioncat.normalise import PROFILES, normalise
from unioncat.normalise.gate import Gate
from unioncat.normalise.gate.marc import build_iso2709

FORMATS = {".xml": "marc21", ".mrk": "mrk", ".row": "table", ".isis": "iso2709"}
CASES = sorted(
    case for case in (Path(__file__).parents[2] / "golden" / "normalise").iterdir() if case.suffix in FORMATS
)
BRANCHES = {
    "koha": (("CS1", "dh-demo-cs1"), ("CS2", "dh-demo-cs2")),
    "libol": (("TV01", "cand-01"), ("tv02", "cand-02")),
    "unimarc": (("TVTP", "tp-demo"),),
    "mods": (("Thư viện tỉnh", "tinh-demo"),),
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


def payload(case: Path) -> bytes:
    """Give the bytes of a case; local ISO 2709 is written as lines of tag and text."""
    if case.suffix != ".isis":
        return case.read_bytes()
    lines = [line.split("\t") for line in case.read_text("utf-8").splitlines()]
    return build_iso2709(b"00000     2200000   4500", [(tag.zfill(3), text.encode()) for tag, text in lines])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_golden(case: Path) -> None:
    name = case.stem.partition("-")[0]
    profile = replace(PROFILES.get(name, PROFILES["marc21"]), branches=BRANCHES.get(name, ()))
    admitted = Gate(profile).admit(RawRecord("1", None, False, payload(case), FORMATS[case.suffix]))
    assert isinstance(admitted, RawRecord)
    found = normalise(admitted.payload, admitted.format, profile)
    text = json.dumps(plain(found), ensure_ascii=False, indent=1)
    expected = case.with_suffix(".json")
    if os.environ.get("UNIONCAT_REGEN"):
        expected.write_text(text + "\n", encoding="utf-8")
    assert text + "\n" == expected.read_text(encoding="utf-8")


def test_every_shipped_profile_has_a_case() -> None:
    assert {case.stem.partition("-")[0] for case in CASES} >= {*PROFILES, "repository", "mods"}
