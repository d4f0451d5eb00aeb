"""Pairs set out for a person: one text to read, and JSON lines with room for a judgement.

These files hold records of others and stay outside the project.
"""

import json
import unicodedata
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path

from tests.bench.joins.drawing import RULES, Pair, Side, evidence_of
from tests.bench.joins.judged import Said
from unioncat.normalise.iso2709 import decode_iso2709

UNTOLD = frozenset(
    ("001", "003", "005", "040", "042", "043", "066", "906", "925", "952", "955", "963", "985")
)
"""Fields that say nothing of the edition. 952 is told as the place."""


def lines_of(payload: bytes) -> list[str]:
    """Write the fields of an ISO 2709 record that speak of the edition, one a line."""
    record = decode_iso2709(payload)
    told = [f"LDR {record.leader[5:8]}"]
    told += [f"{tag} {value}" for tag, value in record.controls if tag not in UNTOLD]
    for tag, first, second, values in record.fields:
        if tag not in UNTOLD and not tag.startswith("6"):
            said = " ".join(f"${code} {value}" for code, value in values)
            told.append(f"{tag} {first}{second} {said}")
    return [unicodedata.normalize("NFC", " ".join(line.split())) for line in told]


def place_of(payload: bytes) -> str:
    """Write the items of a record."""
    fields = decode_iso2709(payload).fields
    return "; ".join(
        " ".join(value for _, value in values) for tag, _, _, values in fields if tag in ("952", "985")
    )


def told(number: int, pair: Pair, left: Side, right: Side, said: Said | None) -> str:
    """Write one pair: fields in common, then those of one side only."""
    ours, theirs = lines_of(left.payload), lines_of(right.payload)
    common = set(ours) & set(theirs)
    text = [
        f"#{number} {pair.id} {pair.drawn} {pair.score:.1f} {pair.verdict}",
        f"  places: {left.source} {place_of(left.payload)} | {right.source} {place_of(right.payload)}",
    ]
    text += [f"  = {line}" for line in ours if line in common]
    tags = sorted({line[:3] for line in (*ours, *theirs) if line not in common})
    for tag in tags:
        mine = [line for line in ours if line[:3] == tag and line not in common]
        others = [line for line in theirs if line[:3] == tag and line not in common]
        for one, other in zip_longest(mine, others):
            text += [f"  < {one}"] if one else []
            text += [f"  > {other}"] if other else []
    grades = [
        f"{'/'.join(one.grades) or one.feature + (' STOP' if one.veto else '')}"
        f" {one.points:+.1f}{f' ({one.left}|{one.right})' if one.veto or one.feature == 'doubt' else ''}"
        for one in evidence_of(left, right)
    ]
    text.append(f"  : {', '.join(grades)}")
    if said is not None:
        text.append(f"  ! {said.truth}: {said.reason}")
    return "\n".join(text)


def write(
    name: str, folder: Path, pairs: Sequence[Pair], sides: dict[int, Side], said: dict[str, Said]
) -> tuple[Path, Path]:
    """Write both files; pairs that nobody has judged yet come first."""
    ordered = sorted(pairs, key=lambda pair: pair.id in said)
    folder.mkdir(parents=True, exist_ok=True)
    text, lines = folder / f"{name}.txt", folder / f"{name}.jsonl"
    with text.open("w", encoding="utf-8") as readable, lines.open("w", encoding="utf-8") as data:
        for number, pair in enumerate(ordered, 1):
            left, right = sides[pair.left], sides[pair.right]
            word = said.get(pair.id)
            readable.write(told(number, pair, left, right, word) + "\n\n")
            row = {
                "number": number,
                "id": pair.id,
                "drawn": pair.drawn,
                "rules": RULES,
                "score": round(pair.score, 2),
                "verdict": pair.verdict,
                "evidence": {
                    grade: round(one.points, 2)
                    for one in evidence_of(left, right)
                    for grade in one.grades or (one.feature,)
                },
                "left": {"source": left.source, "local_id": left.local_id, "says": lines_of(left.payload)},
                "right": {
                    "source": right.source,
                    "local_id": right.local_id,
                    "says": lines_of(right.payload),
                },
                "truth": word.truth if word else "",
                "reason": word.reason if word else "",
            }
            data.write(json.dumps(row, ensure_ascii=False) + "\n")
    return text, lines


def _side(side: Side) -> dict[str, object]:
    return {"source": side.source, "local_id": side.local_id, "says": lines_of(side.payload)}
