"""Reads the labelled pairs and judges them with the project's own normaliser and matcher."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from unioncat.domain.bib import BibRecord
from unioncat.domain.match import Judgement, Verdict
from unioncat.matching import block_keys, extract, judge
from unioncat.normalise import PROFILES, MarcRecord, normalise, to_marcxml

FOLDER = Path(__file__).parent
Json = dict[str, Any]


def pairs(half: str) -> Iterator[Json]:
    """Read the pairs of a half ("tune" or "report")."""
    with (FOLDER / f"{half}.jsonl").open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def marcxml(record: Json) -> bytes:
    """Turn MARC-in-JSON into MARCXML."""
    controls, fields = [], []
    for field in record["fields"]:
        for tag, value in field.items():
            if isinstance(value, str):
                controls.append((tag, value))
            else:
                subfields = tuple((code, text) for each in value["subfields"] for code, text in each.items())
                fields.append((tag, value["ind1"], value["ind2"], subfields))
    return to_marcxml(MarcRecord(record["leader"], tuple(controls), tuple(fields)))


def bib(record: Json) -> BibRecord | None:
    """Normalise one record as a member's of no special profile."""
    return normalise(marcxml(record), "marc21", PROFILES["marc21"]).bib


@dataclass(frozen=True, slots=True)
class Judged:
    """A pair with the word of the matcher on it."""

    pair: Json
    judgement: Judgement
    met: bool
    """Whether the two share a key, so that they would be compared at all."""

    @property
    def label(self) -> bool:
        """Tell whether the two are one edition."""
        return bool(self.pair["label"])

    @property
    def joined(self) -> bool:
        """Tell whether the matcher joins them."""
        return self.judgement.verdict is Verdict.SAME

    @property
    def kind(self) -> str:
        """Name the trap, with the label."""
        return f"{'same' if self.label else 'diff'} {self.pair['kind']}"


@cache
def judged(half: str) -> tuple[Judged, ...]:
    """Judge all pairs of a half."""
    found = []
    for pair in pairs(half):
        left, right = bib(pair["left"]), bib(pair["right"])
        if left is None or right is None:
            raise AssertionError(f"{pair['id']}: a record cannot be read")
        ours, theirs = extract(left), extract(right)
        met = not set(block_keys(ours)).isdisjoint(block_keys(theirs))
        found.append(Judged(pair, judge(ours, theirs), met))
    return tuple(found)
