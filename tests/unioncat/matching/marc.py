"""A small reading of MARC-in-JSON into records, for labelled pairs only; the real one is in normalise."""

import re
from typing import Any

from unioncat.domain.bib import (
    Agent,
    AgentKind,
    BibRecord,
    Extent,
    Imprint,
    Part,
    Series,
    Title,
    TitleKind,
)

_ISBD = " /:;=,."
_PAGES = re.compile(r"(?<!\d)(\d{1,4})(?!\d)")
_VOLUMES = re.compile(r"^\s*\[?(\d{1,3})\]?\s*v(?:ols?)?\b")


def _subfields(field: dict[str, Any]) -> list[tuple[str, str]]:
    return [(code, value) for subfield in field["subfields"] for code, value in subfield.items()]


def _first(field: dict[str, Any], code: str) -> str | None:
    return next((value.strip(_ISBD) for name, value in _subfields(field) if name == code), None)


def read(record: dict[str, Any]) -> BibRecord:
    """Read one record; fields that are no MARC fields (the label among them) are never looked at."""
    fields: dict[str, list[Any]] = {}
    for entry in record["fields"]:
        for tag, value in entry.items():
            if tag.isdecimal():
                fields.setdefault(tag, []).append(value)
    fixed = fields.get("008", [""])[0]
    year = int(fixed[7:11]) if fixed[7:11].isdecimal() else None
    return BibRecord(
        title=_title(fields["245"][0]) if "245" in fields else Title(""),
        other_titles=tuple(
            Title(main, kind=TitleKind.VARIANT)
            for field in fields.get("246", [])
            if (main := _first(field, "a"))
        ),
        responsibility=_first(fields["245"][0], "c") if "245" in fields else None,
        agents=tuple(_agents(fields)),
        edition=next((_first(field, "a") for field in fields.get("250", [])), None),
        imprints=tuple(_imprint(field) for tag in ("260", "264") for field in fields.get(tag, [])),
        year=year,
        extent=_extent(fields["300"][0]) if "300" in fields else None,
        series=tuple(
            Series(_first(field, "a") or "", _first(field, "v"))
            for tag in ("440", "490", "830")
            for field in fields.get(tag, [])
        ),
        languages=(fixed[35:38],) if fixed[35:38].strip() else (),
    )


def _title(field: dict[str, Any]) -> Title:
    numbers = [value.strip(_ISBD) for code, value in _subfields(field) if code == "n"]
    names = [value.strip(_ISBD) for code, value in _subfields(field) if code == "p"]
    parts = [Part(number) for number in numbers] + [Part(name=name) for name in names]
    return Title(_first(field, "a") or "", _first(field, "b"), tuple(parts))


def _agents(fields: dict[str, list[Any]]) -> list[Agent]:
    kinds = {"00": AgentKind.PERSON, "10": AgentKind.CORPORATE, "11": AgentKind.MEETING}
    return [
        Agent(name, kinds[tag[1:]], main=tag[0] == "1")
        for tag in ("100", "110", "111", "700", "710", "711")
        for field in fields.get(tag, [])
        if (name := _first(field, "a"))
    ]


def _imprint(field: dict[str, Any]) -> Imprint:
    values: dict[str, list[str]] = {}
    for code, value in _subfields(field):
        values.setdefault(code, []).append(value.strip(_ISBD + "[]"))
    return Imprint(
        tuple(values.get("a", ())), tuple(values.get("b", ())), next(iter(values.get("c", ())), None)
    )


def _extent(field: dict[str, Any]) -> Extent | None:
    text = _first(field, "a")
    if not text:
        return None
    volumes = _VOLUMES.match(text)
    counts = [int(count) for count in _PAGES.findall(text[volumes.end() :] if volumes else text)]
    return Extent(text, max(counts, default=None), int(volumes[1]) if volumes else None)
