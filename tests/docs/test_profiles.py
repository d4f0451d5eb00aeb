"""The page on profiles names every key, fix, form and shipped profile, and its examples can be used."""

import re
from dataclasses import fields
from pathlib import Path

from unioncat.domain.column import Column
from unioncat.domain.source import Assertions, DropRule, HoldingMap
from unioncat.normalise import PROFILES, load_profile, profile_name
from unioncat.normalise.profiles import FIXES, FORMATS, FORMS, KEYS

TEXT = (Path(__file__).parents[2] / "docs" / "profiles.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    """Give what stands under a heading."""
    return TEXT.split(f"\n{heading}\n", 1)[1].split("\n#", 1)[0]


def rows(heading: str) -> list[str]:
    """Give the first cells of the table under a heading."""
    return re.findall(r"^\| `([^`]+)` \|", section(heading), re.MULTILINE)


def test_every_key_is_explained() -> None:
    assert rows("## Keys") == KEYS.split()
    assert rows("### `[[holdings]]`") == [field.name for field in fields(HoldingMap)]
    assert rows("### `[[drop]]`") == [field.name for field in fields(DropRule)]
    assert rows("### `[assertions]`") == [field.name for field in fields(Assertions)]


def test_every_name_is_explained() -> None:
    assert dict(re.findall(r"^\| `([^`]+)` \| (.+) \|$", section("### Fixes"), re.MULTILINE)) == FIXES
    assert set(rows("## Shipped profiles")) == set(PROFILES)
    for name in (*FORMATS, *FORMS, *Column):
        assert f"`{name}`" in TEXT


def test_examples_can_be_used() -> None:
    examples = re.findall(r"^```toml\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    assert len(examples) >= 3
    for text in examples:
        load_profile(text, profile_name(text))
