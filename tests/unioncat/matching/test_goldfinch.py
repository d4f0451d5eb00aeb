"""The judge on labelled pairs of English monographs: a floor under precision and recall."""

import csv
import gzip
import json
import math
from itertools import islice
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pytest

from tests.support.data import DATA, needs_data
from unioncat.domain.match import Verdict
from unioncat.matching import Features, block_keys, extract, judge
from unioncat.normalise import PROFILES, normalise

FOLDER = DATA / "dedup" / "goldfinch-val"
PAIRS = 4000
pytestmark = [needs_data, pytest.mark.data]


def interval(share: float, count: int) -> str:
    """Write a share with the 95 % interval of Wilson."""
    z = 1.96
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count)) / (1 + z * z / count)
    return f"{share:.4f} [{middle - half:.4f}, {middle + half:.4f}]"


def marcxml(record: dict[str, Any]) -> bytes:
    """Write a record of MARC-in-JSON as XML; what is no MARC field (the label, `CID`) is left out."""
    parts = [f"<leader>{escape(record['leader'])}</leader>"]
    for tag, value in ((tag, value) for entry in record["fields"] for tag, value in entry.items()):
        if isinstance(value, str):
            parts.append(f'<controlfield tag="{tag}">{escape(value)}</controlfield>')
        elif tag.isdecimal():
            inner = "".join(
                f"<subfield code={quoteattr(code)}>{escape(text)}</subfield>"
                for subfield in value["subfields"]
                for code, text in subfield.items()
            )
            first, second = quoteattr(value["ind1"]), quoteattr(value["ind2"])
            parts.append(f'<datafield tag="{tag}" ind1={first} ind2={second}>{inner}</datafield>')
    return f'<record xmlns="http://www.loc.gov/MARC21/slim">{"".join(parts)}</record>'.encode()


@pytest.fixture(scope="module")
def pairs():  # type: ignore[no-untyped-def]
    """Facts of both records and the label, of the first pairs; the label inside the records is taken out."""
    with gzip.open(FOLDER / "val_labels.csv.gz", "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    labels = [
        row[-1].strip().lower() in ("1", "true") for row in rows if len(row) == 3 and row[-1] != "label"
    ]
    facts = []
    with gzip.open(FOLDER / "val.marc.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in islice(file, 2 * PAIRS):
            bib = normalise(marcxml(json.loads(line)), "marc21", PROFILES["marc21"]).bib
            facts.append(extract(bib) if bib else Features())
    return [(facts[2 * n], facts[2 * n + 1], label) for n, label in enumerate(labels[: len(facts) // 2])]


def test_precision_and_recall_keep_their_floor(pairs) -> None:  # type: ignore[no-untyped-def]
    joined = [label for left, right, label in pairs if judge(left, right).verdict is Verdict.SAME]
    positives = sum(label for _, _, label in pairs)
    hits = sum(joined)
    precision, recall = hits / len(joined), hits / positives
    print(
        f"\n{len(pairs)} pairs: P {interval(precision, len(joined))} R {interval(recall, positives)} "
        f"F1 {2 * precision * recall / (precision + recall):.4f}"
    )
    assert precision >= 0.99
    assert recall >= 0.85


def test_true_pairs_meet_under_a_common_key(pairs) -> None:  # type: ignore[no-untyped-def]
    met = [not set(block_keys(left)).isdisjoint(block_keys(right)) for left, right, label in pairs if label]
    share = sum(met) / len(met)
    print(f"\nrecall of the keys: {interval(share, len(met))}")
    assert share >= 0.97
