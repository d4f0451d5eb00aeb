"""Labelled pairs of records, read from our own format or from the Goldfinch set; see docs/matching.md.

Nothing that carries the label reaches a matcher: of a line only `left` and `right` are records, and of a
record in MARC-in-JSON only fields whose tags are three digits.
"""

import csv
import gzip
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import IO, Any

import msgspec

from unioncat.domain.bib import BibRecord
from unioncat.normalise import PROFILES, MarcRecord, Unreadable, normalise, to_marcxml

Json = dict[str, Any]

GOLDFINCH_LABELS = "val_labels.csv.gz"
GOLDFINCH_RECORDS = "val.marc.jsonl.gz"
_OF_LABEL = frozenset(("CID", "001"))
"""Fields of Goldfinch that name the record or, worse, its cluster."""
_NAMED = re.compile(r"(?P<path>.+?)(?::(?P<part>tune|kept))?(?:@(?P<share>\d+(?:\.\d+)?))?")


class PairsError(ValueError):
    """A file of pairs that cannot be read, with what to do."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.remedy = remedy


class Part(StrEnum):
    """The two parts of a set; no record, work or cluster has pairs in both."""

    TUNE = "tune"
    """Three fifths, to learn and look at."""
    KEPT = "kept"
    """Two fifths, kept aside for an honest last look."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records and whether they describe one edition."""

    id: str
    same: bool
    left: BibRecord
    right: BibRecord
    keys: tuple[str, str]
    """What tells the two records from others of the set: hashes of their content."""
    kind: str = ""
    group: str = ""
    """Name of the component of records, works and clusters that the pair belongs to."""

    @property
    def part(self) -> Part:
        """The part of the set that its group falls to, by a hash of the group's name."""
        first = hashlib.blake2b(self.group.encode(), digest_size=8).digest()[0]
        return Part.TUNE if first % 5 < 3 else Part.KEPT


@dataclass(frozen=True, slots=True)
class Named:
    """A set of pairs as commands name it: PATH, PATH:tune or PATH:kept, with @SHARE behind for its weight."""

    path: Path
    part: Part | None = None
    share: float = 1.0

    @classmethod
    def of(cls, text: str) -> "Named":
        """Read such a name."""
        match = _NAMED.fullmatch(text)
        if match is None:
            raise PairsError(f"{text!r} names no pairs", "give PATH, PATH:tune or PATH:kept")
        part = Part(match["part"]) if match["part"] else None
        return cls(Path(match["path"]), part, float(match["share"] or 1))


def read(named: Named) -> list[Pair]:
    """Read a set of pairs, or one part of it; raises `PairsError`."""
    path = named.path
    if path.is_dir() and (path / GOLDFINCH_LABELS).exists():
        found = _grouped(_goldfinch(path))
    elif path.is_file():
        found = _grouped(_own(path))
    else:
        raise PairsError(
            f"no pairs at {path}",
            f"give a .jsonl file of pairs or a folder with {GOLDFINCH_LABELS}: PATH, PATH:tune or PATH:kept",
        )
    chosen = [pair for pair in found if named.part is None or pair.part is named.part]
    if not chosen:
        raise PairsError(f"{path} holds no pairs", "give a file with a pair on each line; docs/matching.md")
    return chosen


def _own(path: Path) -> Iterator[tuple[Pair, tuple[str, ...]]]:
    """Read our own format; a pair's works stand beside it."""
    with _open(path) as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                told = json.loads(line)
                left, right = _bib(told["left"]), _bib(told["right"])
                keys = _digest(told["left"]), _digest(told["right"])
                pair = Pair(
                    str(told["id"]), bool(told["label"]), left, right, keys, str(told.get("kind", ""))
                )
            except (ValueError, KeyError, TypeError, msgspec.ValidationError, Unreadable) as error:
                raise PairsError(
                    f"{path}, line {number}: {type(error).__name__}: {error}",
                    'a line is {"id", "label", "left", "right"}; docs/matching.md tells the forms of a side',
                ) from None
            yield pair, tuple(f"work {work}" for work in str(told.get("work", "")).split("|") if work)


def _goldfinch(folder: Path) -> Iterator[tuple[Pair, tuple[str, ...]]]:
    """Read the Goldfinch set; the clusters of both records stand beside a pair, for its group alone."""
    with (
        gzip.open(folder / GOLDFINCH_LABELS, "rt", encoding="utf-8", newline="") as labels,
        gzip.open(folder / GOLDFINCH_RECORDS, "rt", encoding="utf-8") as lines,
    ):
        for row in csv.DictReader(labels):
            sides: list[BibRecord] = []
            keys: list[str] = []
            clusters: list[str] = []
            for line in (next(lines), next(lines)):
                record = json.loads(line)
                clusters += [
                    str(value["subfields"][0]["a"])
                    for field in record["fields"]
                    for tag, value in field.items()
                    if tag == "CID"
                ]
                record["fields"] = [field for field in record["fields"] if _OF_LABEL.isdisjoint(field)]
                sides.append(_bib(record))
                keys.append(_digest(record))
            name, (left, right), (one, other) = f"{row['id1']} {row['id2']}", sides, keys
            pair = Pair(name, row["label"] == "1", left, right, (one, other))
            yield pair, tuple(f"~{cluster}" for cluster in clusters)


def _open(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8")
    return path.open(encoding="utf-8")


def _digest(side: object) -> str:
    return hashlib.blake2b(json.dumps(side, sort_keys=True).encode(), digest_size=8).hexdigest()


def _bib(side: object) -> BibRecord:
    """Read a record: MARC-in-JSON, XML text (MARCXML or Dublin Core), or the fields of a `BibRecord`."""
    if isinstance(side, str):
        payload = side.encode()
    elif isinstance(side, dict) and "leader" in side:
        payload = _marcxml(side)
    else:
        return msgspec.convert(side, BibRecord, strict=False)
    bib = normalise(payload, "marc21", PROFILES["marc21"]).bib
    if bib is None:
        raise ValueError("the record cannot be read")
    return bib


def _marcxml(record: Json) -> bytes:
    """Turn MARC-in-JSON into MARCXML; what is no field of MARC is left out."""
    controls, fields = [], []
    for field in record["fields"]:
        for tag, value in field.items():
            if isinstance(value, str):
                controls.append((tag, value))
            elif tag.isdecimal() and len(tag) == 3:
                subfields = tuple((code, text) for each in value["subfields"] for code, text in each.items())
                fields.append((tag, value["ind1"], value["ind2"], subfields))
    return to_marcxml(MarcRecord(record["leader"], tuple(controls), tuple(fields)))


def _grouped(pairs: Iterable[tuple[Pair, tuple[str, ...]]]) -> list[Pair]:
    """Give every pair the name of its component: the least name among all records and works tied to it."""
    found = list(pairs)
    home: dict[str, str] = {}

    def root(name: str) -> str:
        home.setdefault(name, name)
        while home[name] != name:
            home[name] = home[home[name]]
            name = home[name]
        return name

    for pair, ties in found:
        for name in (pair.keys[1], *ties):
            one, other = sorted((root(pair.keys[0]), root(name)))
            home[other] = one
    return [replace(pair, group=root(pair.keys[0])) for pair, _ in found]
