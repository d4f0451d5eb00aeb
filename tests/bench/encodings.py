"""How well encodings are told: `python -m tests.bench.encodings [--json FILE] [--small]`, on the shared data.

Three questions: are whole documents and files decided rightly, from how few texts; is good text of any
language left alone; are remains in single records found without touching good ones.
"""

import argparse
import json
import random
import re
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.bench.batches import sound, titles
from tests.support.data import DATA
from tests.support.documents import text_of
from unioncat.text.clean import clean
from unioncat.text.encodings import decide, decode, encode, legible, repair, residue, restore

SIZES = (5, 10, 20, 50)
DRAWS = 200
SEED = 20260101
_WORD = re.compile(r"[^\W\d_]+")
Samples = Sequence[str] | Sequence[bytes]


def documents() -> list[dict[str, Any]]:
    """Decide on each document of the corpus, and compare its repaired words with those of its transcript."""
    rows = []
    for path in sorted((DATA / "enc" / "viparse-corpus").glob("*/*")):
        if path.suffix == ".txt":
            continue
        lines = text_of(path)
        decision = decide(lines)
        read = "\n".join(repair(line, decision.encoding or "utf-8") for line in lines)
        wanted, got = _words(path.with_name(path.stem + ".truth.txt").read_text("utf-8")), _words(read)
        rows.append(
            {
                "document": f"{path.parent.name}/{path.name}",
                "right": path.parent.name,
                "decided": decision.encoding,
                "confidence": round(decision.confidence, 3),
                "words": len(wanted),
                "words right": len(wanted & got),
                "words wrong": len(got - wanted),
            }
        )
    return rows


def _words(text: str) -> set[str]:
    """Different words with a letter beyond ASCII, without regard to case: fonts of capitals hide it."""
    return {word for word in _WORD.findall(clean(text).lower()) if not word.isascii()}


def batches() -> dict[str, tuple[str, Samples]]:
    """Give the 500 titles in every encoding, as text that was taken for Western and as bytes."""
    columns = titles()
    good = columns["unicode_nfc"]
    found: dict[str, tuple[str, Samples]] = {
        "Unicode (NFC)": ("utf-8", good),
        "Unicode (NFD)": ("nfd", columns["nfd"]),
        "TCVN3, text": ("tcvn3", columns["tcvn3_as_latin1"]),
        "VNI, text": ("vni", columns["vni_as_cp1252"]),
        "UTF-8 twice": ("utf-8-twice", [restore(title, "utf-8-twice") for title in good]),
        "VIQR": ("viqr", [restore(title, "viqr") for title in good]),
        "VISCII, bytes": ("viscii", [bytes.fromhex(cell) for cell in columns["viscii_hex"]]),
        "TCVN 5712, bytes": ("tcvn5712", [bytes.fromhex(cell) for cell in columns["tcvn5712_hex_iconv"]]),
        "CP1258, bytes": ("cp1258", [bytes.fromhex(cell) for cell in columns["cp1258_hex"]]),
    }
    thrice = [restore(restore(title, "utf-8-twice"), "utf-8-twice") for title in good]
    found["UTF-8 thrice"] = ("utf-8-twice", thrice)
    for name in ("viscii", "cp1258", "vps", "marc-8"):
        found[f"{name.upper()}, text"] = (name, [restore(title, name) for title in good])
    for name in ("tcvn3", "vni", "vps", "marc-8"):
        found[f"{name.upper()}, bytes"] = (name, [_bytes(title, name) for title in good])
    return found


def _bytes(title: str, encoding: str) -> bytes:
    try:
        return encode(title, encoding)
    except UnicodeEncodeError:
        return b""


def shares(draws: int = DRAWS) -> list[dict[str, Any]]:
    """Decide on each batch and on draws of a few titles; a draw is right if its text comes right."""
    good = titles()["unicode_nfc"]
    rows = []
    for name, (encoding, samples) in batches().items():
        row: dict[str, Any] = {"batch": name, "right": encoding, "whole": decide(samples).encoding}
        for size in SIZES:
            chance = random.Random(f"{SEED} {name} {size}")
            counts: Counter[str] = Counter()
            same = 0
            for _ in range(draws):
                drawn = chance.sample(range(len(samples)), size)
                decided = decide([samples[at] for at in drawn]).encoding
                counts[str(decided)] += 1
                same += all(
                    _read(samples[at], decided).lower() == _read(samples[at], encoding).lower()
                    for at in drawn
                )
            row[str(size)] = dict(counts)
            row[f"{size} right"] = same
        row["text right"] = sum(
            _read(sample, row["whole"]).lower() == title.lower()
            for sample, title in zip(samples, good, strict=True)
            if sample
        )
        rows.append(row)
    return rows


def _read(sample: str | bytes, encoding: str | None) -> str:
    if isinstance(sample, bytes):
        return decode(sample, encoding or "cp1252")
    return repair(sample, encoding or "utf-8")


def untouched(large: bool) -> list[dict[str, Any]]:
    """Decide on every sound set, and look in it for remains: what a decision would change, what is named."""
    rows = []
    for name, right, samples in sound(large):
        begun = time.perf_counter()
        decision = decide(samples)
        decided = time.perf_counter() - begun
        changed = remains = 0
        begun = time.perf_counter()
        texts = [_text(sample) for sample in samples]
        for text in texts:
            if text is None:
                continue
            found = residue(text.split("\n"))
            remains += found is not None
            read = repair(text, decision.encoding) if decision.encoding else text
            changed += _letters(read) != _letters(text)
        rows.append(
            {
                "set": name,
                "texts": len(samples),
                "decided": str(decision.encoding).lower(),
                "as it should": str(decision.encoding).lower() in right.split(),
                "changed": changed if right.startswith("utf-8 ") else None,
                "draws": _draws_changed(name, samples) if right.startswith("utf-8 ") else None,
                "strange": len(decision.strange),
                "residue": remains,
                "seconds": round(decided, 1),
            }
        )
    return rows


def _draws_changed(name: str, samples: Samples) -> int:
    """Count draws of few records that would be changed although they are sound: every one is a fault."""
    chance = random.Random(f"{SEED} {name}")
    return sum(
        decide(chance.sample(samples, min(size, len(samples)))).encoding not in ("utf-8", "nfd")
        for size in (1, *SIZES)
        for _ in range(DRAWS)
    )


def _text(sample: str | bytes) -> str | None:
    if isinstance(sample, str):
        return sample
    try:
        return sample.decode()
    except UnicodeDecodeError:
        return None


def _letters(text: str) -> str:
    """Strip the marks: an encoding wrongly repaired changes letters, mended order of marks does not."""
    if text.isascii():
        return text
    return "".join(sign for sign in unicodedata.normalize("NFD", text) if not unicodedata.combining(sign))


def remains() -> list[dict[str, Any]]:
    """Take each title for a record of its own: how many are told, how many come right."""
    columns = titles()
    good = columns["unicode_nfc"]
    rows = []
    for name, (encoding, samples) in batches().items():
        if encoding not in ("tcvn3", "vni", "utf-8-twice", "utf-8", "nfd") or name.endswith("bytes"):
            continue
        told = right = 0
        for sample, title in zip(samples, good, strict=True):
            found = residue([str(sample)])
            told += found is not None
            right += found is not None and legible(str(sample), found).lower() == title.lower()
        rows.append({"titles": name, "told": told, "right": right, "of": len(good)})
    return rows


def main(arguments: Sequence[str]) -> None:
    """Run everything and print it."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--json", type=Path, help="write everything here too")
    options.add_argument("--small", action="store_true", help="leave out the set of 250,000 records")
    chosen = options.parse_args(arguments)
    if not DATA.is_dir():
        sys.exit(f"no test data at {DATA}: set UNIONCAT_TEST_DATA")
    results = {
        "documents": documents(),
        "titles": shares(),
        "remains": remains(),
        "sound": untouched(not chosen.small),
    }
    for name, rows in results.items():
        _print(name, rows)
    if chosen.json:
        chosen.json.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", "utf-8")


def _print(name: str, rows: list[dict[str, Any]]) -> None:
    table = Table(*map(str, rows[0]), title=name, title_justify="left", box=None)
    for row in rows:
        table.add_row(*(_cell(value) for value in row.values()))
    Console(width=240, highlight=False).print(table)


def _cell(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(f"{name}:{count}" for name, count in sorted(value.items(), key=lambda item: -item[1]))
    return "" if value is None else str(value)


if __name__ == "__main__":
    main(sys.argv[1:])
