"""Real records as an OAI-PMH repository file: made once from the shared test data, then reused."""

import lzma
from collections.abc import Iterator
from pathlib import Path

from unioncat.normalise.iso2709 import decode_iso2709
from unioncat.normalise.marcxml import to_marcxml
from unioncat_api.protocols.oaipmh.mapped import build_mapped

SOURCE = "marc/loc-booksall-2016-part01.utf8.mrc.xz"
RECORD_END = b"\x1d"
BLOCK = 1 << 22


def iso_records(path: Path, count: int) -> Iterator[bytes]:
    """Cut an ISO 2709 file into its first `count` records."""
    given, rest = 0, b""
    with lzma.open(path) as file:
        while given < count and (block := file.read(BLOCK)):
            *pieces, rest = (rest + block).split(RECORD_END)
            for piece in pieces:
                if given == count:
                    return
                yield piece + RECORD_END
                given += 1


def repository_file(data: Path, folder: Path, count: int) -> Path:
    """Give a file of `count` records with datestamps over the year 2024, in the order of the source."""
    path = folder / f"loc-{count}.oai"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        build_mapped(path, _records(data / SOURCE, count), check=False)
    return path


def _records(path: Path, count: int) -> Iterator[tuple[str, str, bool, bytes]]:
    for number, raw in enumerate(iso_records(path, count)):
        day, second = divmod(number, 86_400)
        stamp = (
            f"2024-{1 + day // 28:02d}-{1 + day % 28:02d}"
            f"T{second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}Z"
        )
        yield f"oai:bench.unioncat.vn:{number}", stamp, False, to_marcxml(decode_iso2709(raw))
