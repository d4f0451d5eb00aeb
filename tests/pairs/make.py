"""Makes the labelled pairs: `python -m tests.pairs.make` writes tune.jsonl and report.jsonl anew.

The same code and table always give the same bytes: one fixed seed, no clock, no hash order.
"""

import json
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from tests.pairs.kinds import POSITIVES
from tests.pairs.namesakes import NAMESAKES
from tests.pairs.negatives import FAMILY
from tests.pairs.pairs import Maker, Pair
from tests.pairs.positives import single
from tests.pairs.scribe import write
from tests.pairs.strangers import STRANGERS

SEED = "vietnam pairs 1"
HALVES = ("tune", "report")
FOLDER = Path(__file__).parent
_PATIENCE = 60
"""How many pairs of a kind are looked at for each one that is wanted."""


def half_of(work: str) -> str:
    """Return the half to which a work belongs; works of one name without prefix stay together."""
    return HALVES[Random(f"{SEED} half of {work.partition(':')[2] or work}").random() < 0.5]


def _family_pairs(count: int, kind: str, maker: Maker, label: bool) -> Iterator[Pair]:
    """Give half of the pairs of a kind to each half, as its works allow."""
    wanted = {"tune": count - count // 2, "report": count // 2}
    used: Counter[str] = Counter()
    for pair in islice(maker(Random(f"{SEED} {label} {kind}")), count * _PATIENCE):
        halves = {half_of(work) for work in pair.work.split("|")}
        half = halves.pop()
        if not halves and wanted[half] and used[pair.work] <= min(used.values(), default=0) + count // 6:
            wanted[half] -= 1
            used[pair.work] += 1
            yield pair
        if not any(wanted.values()):
            return


def _strangers() -> Iterator[Pair]:
    for half in HALVES:
        pool = [edition for edition in single() if half_of(edition.work) == half]
        for count, kind, maker in STRANGERS:
            yield from islice(maker(Random(f"{SEED} {half} {kind}"), pool), count // 2)


def all_pairs() -> Iterator[Pair]:
    """Give every pair, kind after kind."""
    for count, kind, maker in POSITIVES:
        yield from _family_pairs(count, kind, maker, True)
    for count, kind, maker in (*FAMILY, *NAMESAKES):
        yield from _family_pairs(count, kind, maker, False)
    yield from _strangers()


def lines() -> dict[str, list[str]]:
    """Write all pairs as lines of JSON, each half by itself; a pair that is there already is left out."""
    found: dict[str, list[str]] = {half: [] for half in HALVES}
    seen: set[str] = set()
    counts: Counter[tuple[bool, str]] = Counter()
    for pair in all_pairs():
        counts[pair.label, pair.kind] += 1
        sign = "same" if pair.label else "diff"
        name = f"{sign}-{pair.kind}-{counts[pair.label, pair.kind]:03}"
        left, right = (
            write(*side, f"{name} {at}") for side, at in ((pair.left, "left"), (pair.right, "right"))
        )
        signature = "\n".join(sorted((_content(left), _content(right))))
        if signature in seen:
            continue
        seen.add(signature)
        line = {
            "id": name,
            "kind": pair.kind,
            "work": pair.work,
            "label": int(pair.label),
            "left": left,
            "right": right,
            "why": pair.why,
        }
        found[half_of(pair.work.partition("|")[0])].append(
            json.dumps(line, ensure_ascii=False, separators=(",", ":"))
        )
    return found


def _content(record: dict[str, Any]) -> str:
    """Return what a record says of the book, without numbers of the system and shelf marks."""
    local = ("001", "005", "082", "090", "852", "930", "952")
    return json.dumps(
        [field for field in record["fields"] if not field.keys() & set(local)], ensure_ascii=False
    )


def main() -> None:
    """Write both files."""
    for half, found in lines().items():
        (FOLDER / f"{half}.jsonl").write_text("\n".join(found) + "\n", encoding="utf-8", newline="\n")
        print(f"{half}: {len(found)} pairs")


if __name__ == "__main__":
    main()
