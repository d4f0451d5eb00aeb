"""Damaged files of every kind: each is read, or refused in words; never a crash, never without end.

`UNIONCAT_FUZZ=100000` tries more of them.
"""

import gzip
import io
import json
import os
import random
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.harvester.files.support import book, reader, workbook
from tests.harvester.files.test_kinds import DC, HTML, JSON, LINES, MARCXML, MODS
from tests.harvester.files.test_marc import isis
from tests.harvester.support import run
from unioncat_harvester.reader import MAX_LOCAL_ID, SourceError

FUZZED = int(os.environ.get("UNIONCAT_FUZZ", "600"))
SLOWEST = 5.0
"""Seconds of work for one small file."""


def table(dice: random.Random) -> bytes:
    """A CSV file with all that people put into cells."""
    words = [
        "Tắt đèn",
        'Ngô "Tất" Tố',
        "a,b",
        "x;y",
        "",
        " ",
        "1939",
        "dòng\nmới",
        "\ttab",
        "=1+1",
        "«»",
        "\u200b",
    ]
    mark = dice.choice(",;\t|")
    head = dice.sample(["STT", "Tên sách", "Tác giả", "Năm XB", "", "Tên sách", "Kho"], dice.randint(1, 6))
    lines = [mark.join(head)]
    for n in range(dice.randint(0, 12)):
        cells = [dice.choice([*words, str(n)]) for _ in range(dice.randint(0, 8))]
        lines.append(mark.join(f'"{cell}"' if dice.random() < 0.3 else cell for cell in cells))
    text = dice.choice(["\n", "\r\n", "\r"]).join(lines)
    codec = dice.choice(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1258", "latin-1"])
    return text.encode(codec, "replace")


def packed(dice: random.Random) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", dice.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])) as archive:
        for n in range(dice.randint(1, 3)):
            archive.writestr(f"{n}.x", dice.choice([book(n), table(dice), MARCXML, LINES]))
    return out.getvalue()


REGISTER = workbook(("STT", "Tên sách", "Tác giả"), (1, "Tắt đèn", "Ngô Tất Tố"), (2, "Chí Phèo", "Nam Cao"))
SEEDS: dict[str, Callable[[random.Random], bytes]] = {
    "csv": table,
    "excel": lambda dice: REGISTER,
    "zip": packed,
    "gzip": lambda dice: gzip.compress(table(dice)),
    "iso2709": lambda dice: b"".join(book(n) for n in range(dice.randint(1, 4))),
    "isis": lambda dice: isis(1) + isis(2),
    "xml": lambda dice: dice.choice([MARCXML, MODS, DC]),
    "json": lambda dice: b"[" + b",".join([JSON] * dice.randint(1, 3)) + b"]",
    "mrk": lambda dice: LINES + b"\n" + LINES,
    "html": lambda dice: HTML,
    "any": lambda dice: dice.randbytes(dice.randint(1, 400)),
}
PIECES = (
    *(b"\x1d", b"\x1e", b"\x1f", b"<record>", b"</record>", b"<!DOCTYPE x [", b"&a;", b'"', b"{", b"}", b"["),
    *(b"]", b"\n", b"\x00", b"99999", b"#", b"=LDR  ", b"\xff\xfe", b"PK\x03\x04", b"<![CDATA[", b"<!--"),
    *(b",", b";", b"\xc3", b"\\", b" xmlns='x'", b"</"),
)


def damaged(data: bytes, dice: random.Random) -> bytes:
    """Change some bytes, cut, double, put in what means something to a parser."""
    body = bytearray(data)
    for _ in range(dice.randint(0, 6)):
        at = dice.randrange(len(body) + 1)
        match dice.randrange(5):
            case 0 if body:
                body[at % len(body)] = dice.randrange(256)
            case 1:
                body[at:at] = dice.choice(PIECES)
            case 2:
                del body[at : at + dice.randint(1, 30)]
            case 3:
                body[at:at] = body[at : at + dice.randint(1, 60)]
            case _:
                del body[max(1, at) :]
    return bytes(body)


@pytest.mark.parametrize("kind", SEEDS)
def test_damaged_files_are_read_or_refused_in_words(tmp_path: Path, kind: str) -> None:
    dice = random.Random(f"files {kind}")
    path = tmp_path / "tep"
    read = slow = 0
    refused: list[SourceError] = []
    share = max(20, FUZZED // len(SEEDS)) if kind not in ("csv", "excel") else max(20, FUZZED)
    if kind == "excel":
        share = max(20, FUZZED // 10)
    for _ in range(share):
        path.write_bytes(damaged(SEEDS[kind](dice), dice))
        begun = time.process_time()
        try:
            given = reader(path)
            given.look()
            ids: set[str] = set()
            for page in given.pages(run()):
                for batch in page.batches():
                    for record in batch.records:
                        read += 1
                        assert record.local_id not in ids
                        assert 0 < len(record.local_id) <= MAX_LOCAL_ID
                        ids.add(record.local_id)
                        if record.format == "table":
                            assert isinstance(json.loads(record.payload), dict)
                    assert all(one.code and one.detail for one in batch.quarantined)
        except SourceError as error:
            refused.append(error)
        slow += time.process_time() - begun > SLOWEST
    assert slow == 0
    assert all(error.message and error.remedy for error in refused)
    assert read or kind == "any"
