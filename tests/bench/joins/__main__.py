"""Join a whole catalogue, and set its joins and near misses out for a person; figures from what people said.

`python -m tests.bench.joins loc|bachkhoa|sample` loads records into an embedded PostgreSQL, joins them as the
service does, and writes NAME.txt to read and NAME.jsonl to judge in. `… take NAME FILE.jsonl` keeps what was
judged in tests/bench/judged/NAME.tsv: ids of pairs, verdicts and reasons, no records.
"""

import argparse
import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

from tests.bench.joins import catalogues, drawing, judged, sheets
from tests.bench.joins.drawing import Drawn, Joined, Pair
from tests.bench.joins.judged import Truth
from tests.support.data import DATA
from unioncat.config import Settings
from unioncat.flow.demo import quality
from unioncat.sample.evolve import truth

OUT = Path(__file__).parents[3] / ".unioncat" / "joins"
ALL = 300
"""So many joins are all listed before a sample is drawn."""
READERS = {"loc": (catalogues.loc, "marc21"), "bachkhoa": (catalogues.bachkhoa, "koha")}
COUNTS = {"loc": 250_000, "bachkhoa": 44_860}


async def of_catalogue(
    name: str, count: int, joins: int, weak: int, misses: int, folder: Path
) -> dict[str, Any]:
    """Load, join, draw and write one catalogue; give its figures."""
    reader, profile = READERS[name]
    workers = Settings.load().workers
    async with catalogues.store(workers) as services:
        begun = time.perf_counter()
        await catalogues.fill(services.db, reader(count), profile)
        await catalogues.bring_together(services.db, workers)
        took = time.perf_counter() - begun
        print(f"{count:,} records loaded and joined in {took:,.0f} s", file=sys.stderr)
        joined = await drawing.read(services.db)
        samples = {
            "joins": drawing.draw(joined.pairs[Drawn.JOIN], joins),
            "joins with unequal titles or names": drawing.draw(
                [pair for pair in joined.pairs[Drawn.JOIN] if not pair.plain], weak
            ),
        }
        for pair in drawing.near_misses(joined, misses):
            samples.setdefault(pair.drawn, []).append(pair)
        drawn = list({pair.id: pair for pairs in samples.values() for pair in pairs}.values())
        sides = await drawing.sides(
            services.db, joined, (number for pair in drawn for number in (pair.left, pair.right))
        )
        said = judged.known(name)
        text, lines = sheets.write(name, folder, drawn, sides, said)
        print(f"to read: {text}\nto judge in: {lines}", file=sys.stderr)
        return {
            "catalogue": name,
            "rules": drawing.RULES,
            "seconds": round(took, 1),
        } | figures(joined, samples, said)


def figures(joined: Joined, samples: dict[str, list[Pair]], said: dict[str, judged.Said]) -> dict[str, Any]:
    """Count what was joined, and what people say of the pairs drawn."""
    shares = {}
    for name, pairs in samples.items():
        truths = [said[pair.id].truth if pair.id in said else None for pair in pairs]
        shares[name] = judged.tally(truths, Truth.ONE if name.startswith("joins") else Truth.TWO)
    several = sum(count for size, count in joined.sizes.items() if size > 1)
    return {
        "records": joined.records,
        "libraries": joined.libraries,
        "candidate_pairs": joined.candidates,
        "union_records": sum(joined.sizes.values()),
        "clusters_of_several": several,
        "records_in_them": sum(size * count for size, count in joined.sizes.items() if size > 1),
        "sizes": dict(sorted(joined.sizes.items())),
        "libraries_of_clusters": dict(sorted(joined.spread.items())),
        "pairs": {kind: len(pairs) for kind, pairs in joined.pairs.items()},
        "joins_across_libraries": joined.across,
        "joins_with_unequal_titles_or_names": sum(not pair.plain for pair in joined.pairs[Drawn.JOIN]),
        "told_alike": {"pairs": joined.alike[0], "in_one_cluster": joined.alike[1]},
        "judged": shares,
    }


async def of_sample() -> dict[str, Any]:
    """Join the sample federation and compare every join with its truth."""
    true = truth(1)
    workers = Settings.load().workers
    async with catalogues.store(workers) as services:
        await catalogues.fill_sample(services)
        await catalogues.bring_together(services.db, workers)
        found = await quality(services, true)
        wrong = await drawing.joined_apart_from(services.db, true)
    joins = round(found.wrong / (1 - found.precision)) if found.wrong else None
    return {
        "catalogue": "sample",
        "rules": drawing.RULES,
        "records": found.records,
        "union_records": found.union_records,
        "editions": found.editions,
        "joins": joins,
        "wrong": found.wrong,
        "missed": found.missed,
        "precision": found.precision,
        "recall": found.recall,
        "wrong_pairs": wrong,
    }


def show(told: dict[str, Any]) -> None:
    """Print figures, one a line."""
    for name, value in told.items():
        if name != "judged":
            print(f"{name:>34}  {json.dumps(value, ensure_ascii=False)}")
            continue
        for kind, shares in value.items():
            counts = ", ".join(
                f"{shares[name]} {name.replace('_', ' ')}"
                for name in ("right", "wrong", "open", "not_judged")
            )
            low, high = shares["interval"]
            share = "–" if shares["share"] is None else f"{shares['share']:.4f} [{low:.4f}, {high:.4f}]"
            print(f"{kind:>34}  {shares['drawn']} drawn: {counts}; {share}")


def main(arguments: list[str] | None = None) -> int:
    """Run one catalogue, or take judgements in."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.joins", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in READERS:
        large = name == "loc"
        one = commands.add_parser(name, help=f"the {name} records")
        one.add_argument("--records", type=int, default=COUNTS[name], help="only the first so many")
        one.add_argument("--sample", type=int, default=ALL if large else 200, help="joins to draw")
        one.add_argument(
            "--weak", type=int, default=0 if large else 100, help="joins of unequal titles or names to draw"
        )
        one.add_argument("--misses", type=int, default=100 if large else 200, help="near misses to draw")
        one.add_argument("--folder", type=Path, default=OUT, help="where the sheets go")
        one.add_argument("--json", type=Path, help="write the figures to this file")
    one = commands.add_parser("sample", help="the sample federation, against its truth")
    one.add_argument("--json", type=Path, help="write the figures to this file")
    one = commands.add_parser("take", help="keep what was judged in a sheet")
    one.add_argument("name", choices=sorted(READERS))
    one.add_argument("sheet", type=Path)
    given = parser.parse_args(arguments)
    if given.command == "take":
        print(f"{judged.take(given.sheet, given.name)} judgements are new or changed")
        return 0
    if given.command != "sample" and not DATA.is_dir():
        print("The shared test data are not here; set UNIONCAT_TEST_DATA to their folder.", file=sys.stderr)
        return 2
    if given.command == "sample":
        told = asyncio.run(of_sample())
    else:
        told = asyncio.run(
            of_catalogue(given.command, given.records, given.sample, given.weak, given.misses, given.folder)
        )
    show(told)
    if given.json:
        given.json.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
