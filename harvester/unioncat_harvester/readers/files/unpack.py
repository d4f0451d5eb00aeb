"""Archives and text of 16 bits opened into plain files, with limits on what may come out.

Nothing is written under a name out of an archive, and an archive inside an archive is not opened.
"""

import codecs
import io
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

from unioncat_harvester.readers.files.kinds import BRING, HEAD, Kind, recognise
from unioncat_harvester.readers.files.piece import NotUnderstood

MAX_UNPACKED = 2 * 1024**3
"""Bytes that may come out of an archive in all."""
MAX_RATIO = 200
"""Times that a file may grow by being unpacked, beyond the first 16 MB."""
MAX_MEMBERS = 500
FREE = 16 * 1024 * 1024
STEP = 1024 * 1024
IN_MEMORY = 8 * 1024 * 1024


@dataclass(slots=True)
class Opened:
    """A plain file: its name inside the archive (empty without one), what it is, its bytes."""

    name: str
    kind: Kind
    body: IO[bytes]
    was: str | None = None
    """The 16-bit encoding that it came in."""


def spool() -> IO[bytes]:
    """Open a place for bytes: memory first, a temporary file beyond 8 MB."""
    return tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)


class Held(io.RawIOBase):
    """A file to read from, which nobody who wraps it can close."""

    def __init__(self, body: IO[bytes]) -> None:
        self._body = body

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def seekable(self) -> bool:
        """Say that any place of it can be reached."""
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to a place."""
        self._body.seek(offset, whence)
        return self._body.tell()

    def tell(self) -> int:
        """Give the present place."""
        return self._body.tell()

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer as far as the file goes."""
        data = self._body.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def open_file(body: IO[bytes], size: int) -> Iterator[Opened]:
    """Give the plain files in a file: itself, or what an archive holds. Raises `NotUnderstood`.

    Each is closed when the next is asked for.
    """
    opened = _plain("", body)
    if opened.kind is Kind.GZIP:
        with _gunzip(body, size) as inner:
            yield _inside("", inner)
    elif opened.kind is Kind.ZIP:
        yield from _unzip(body, size)
    else:
        try:
            yield opened
        finally:
            if opened.body is not body:
                opened.body.close()


def _inside(name: str, body: IO[bytes]) -> Opened:
    opened = _plain(name, body)
    if opened.kind in (Kind.ZIP, Kind.GZIP):
        raise NotUnderstood("there is an archive inside the archive", "Unpack it first and bring its files.")
    return opened


def _plain(name: str, body: IO[bytes]) -> Opened:
    """Recognise a file; text of 16 bits is turned into UTF-8 first."""
    body.seek(0)
    head = body.read(HEAD)
    codec = _wide(head)
    if codec is None:
        return Opened(name, recognise(head, body), body)
    narrow = spool()
    decoder = codecs.getincrementaldecoder(codec)("replace")
    body.seek(0)
    while piece := body.read(STEP):
        narrow.write(decoder.decode(piece).removeprefix("\ufeff").encode("utf-8", "replace"))
    narrow.write(decoder.decode(b"", True).encode("utf-8", "replace"))
    narrow.seek(0)
    return Opened(name, recognise(narrow.read(HEAD), narrow), narrow, codec)


def _wide(head: bytes) -> str | None:
    """Tell the 16-bit encoding of a text, by its mark or by where its zero bytes stand."""
    if head.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le"
    if head.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be"
    sample = head[: len(head) // 2 * 2]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if half > 8 and odd > 0.4 * half and even < 0.02 * half:
        return "utf-16-le"
    if half > 8 and even > 0.4 * half and odd < 0.02 * half:
        return "utf-16-be"
    return None


def _gunzip(body: IO[bytes], size: int) -> IO[bytes]:
    body.seek(0)
    out = spool()
    inflate = zlib.decompressobj(wbits=31)
    limit = _limit(size)
    total = 0
    try:
        while piece := body.read(STEP):
            while piece:
                plain = inflate.decompress(piece, STEP)
                total += len(plain)
                _check(total, limit)
                out.write(plain)
                piece = inflate.unconsumed_tail
                if inflate.eof:
                    piece = inflate.unused_data
                    inflate = zlib.decompressobj(wbits=31)
                    if not piece.startswith(b"\x1f\x8b"):
                        piece = b""
        out.write(inflate.flush()[: max(0, limit - total)])
    except zlib.error as error:
        out.close()
        raise NotUnderstood(
            f"the compressed file is damaged ({error})", "Make it again; it may be cut off."
        ) from None
    except BaseException:
        out.close()
        raise
    return out


def _unzip(body: IO[bytes], size: int) -> Iterator[Opened]:
    limit = _limit(size)
    total = 0
    try:
        with zipfile.ZipFile(body) as archive:
            members = [one for one in archive.infolist() if not _is_litter(one)]
            if not members:
                raise NotUnderstood("the archive holds no file", BRING)
            if len(members) > MAX_MEMBERS:
                raise NotUnderstood(
                    f"the archive holds {len(members)} files; at most {MAX_MEMBERS} are read",
                    "Bring fewer files at a time.",
                )
            for one in members:
                if "/" in one.filename or "\\" in one.filename or one.filename in (".", ".."):
                    raise NotUnderstood(
                        "the archive holds folders", "Pack the files themselves, without folders."
                    )
                if one.flag_bits & 1:
                    raise NotUnderstood("the archive is locked by a password", "Pack it without a password.")
            for one in members:
                with spool() as out:
                    with archive.open(one) as packed:
                        while plain := packed.read(STEP):
                            total += len(plain)
                            _check(total, limit)
                            out.write(plain)
                    yield _inside(one.filename, out)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, ValueError, OSError) as error:
        raise NotUnderstood(
            f"the archive is damaged ({error})", "Make it again; it may be cut off."
        ) from None


def _is_litter(one: zipfile.ZipInfo) -> bool:
    """Tell whether a member is a folder's entry or what macOS and Windows add by themselves."""
    base = one.filename.rstrip("/").rpartition("/")[2]
    return one.filename.startswith("__MACOSX/") or base in (".DS_Store", "Thumbs.db", "desktop.ini")


def _limit(size: int) -> int:
    return min(MAX_UNPACKED, FREE + size * MAX_RATIO)


def _check(total: int, limit: int) -> None:
    if total > limit:
        raise NotUnderstood(
            "the archive unpacks to far more than a catalogue", "Bring the file itself, without packing it."
        )
