"""From the bytes of an answer to a page that can be trusted: strict first, mended only if it is whole."""

import atexit
from dataclasses import dataclass
from typing import IO
from xml.parsers.expat import ExpatError, errors

from unioncat_harvester.markup.beside import Beside
from unioncat_harvester.markup.encoding import HEAD, detect, transcode
from unioncat_harvester.markup.repair import declare_prefixes, has_root, mend
from unioncat_harvester.markup.scan import Scanned, Shape, WrongRoot, scan
from unioncat_harvester.transport import Unusable

_UNBOUND = errors.codes[errors.XML_ERROR_UNBOUND_PREFIX]
_MAX_PREFIXES = 20
_beside = Beside()
atexit.register(_beside.close)
_BOM = b"\xef\xbb\xbf"


@dataclass(slots=True)
class Reading:
    """A page read to its end. `body` is what the places in `scanned` count on: UTF-8, mended if need be."""

    scanned: Scanned
    body: IO[bytes]
    mends: tuple[str, ...] = ()
    """What had to be done to it; empty for a sound page."""

    def close(self) -> None:
        """Let go of the files."""
        self.scanned.index.close()
        self.body.close()


def read(body: IO[bytes], shape: Shape, encoding: str | None = None) -> Reading:
    """Read an answer; `encoding` is the source's option.

    Raises `Unusable` for a page that is cut off, broken beyond mending or none of the protocol's, and
    `DoctypeRefused`. The caller still owns `body`, unless it has become that of the reading.
    """
    start = _beginning(body)
    body.seek(start)
    head = body.read(HEAD)
    if not head:
        raise Unusable("the answer is empty")
    found = detect(head, encoding)
    mends = [found.doubt] if found.doubt else []
    text = body
    try:
        if found.codec != "utf-8":
            text = _in_utf8(body, found.codec, mends)
            start = _beginning(text)
        try:
            reading = Reading(_beside.scan(text, shape, start), text, tuple(mends))
        except (ExpatError, WrongRoot) as fault:
            if isinstance(fault, WrongRoot) and not has_root(text, shape):
                raise
            reading = _mended(text, shape, encoding if text is body else None, fault, mends)
    except BaseException:
        if text is not body:
            text.close()
        raise
    if text is not body and reading.body is not text:
        text.close()
    return reading


def _beginning(body: IO[bytes]) -> int:
    """Give the place of the first byte that is no byte order mark and no white space."""
    body.seek(0)
    head = body.read(HEAD)
    return len(head) - len(head.removeprefix(_BOM).lstrip())


def _in_utf8(body: IO[bytes], codec: str, mends: list[str]) -> IO[bytes]:
    try:
        return transcode(body, codec)
    except UnicodeError as fault:
        mends.append(f"bytes that are no {codec} were replaced ({fault})")
        return transcode(body, codec, "replace")


def _mended(
    text: IO[bytes], shape: Shape, encoding: str | None, fault: Exception, mends: list[str]
) -> Reading:
    """Mend a page that is whole, and read it as strictly as before."""
    size = text.seek(0, 2)
    mends.append(f"not well-formed XML: {fault}")
    better = mend(text, size, shape, encoding)
    for _ in range(_MAX_PREFIXES):
        try:
            reading = Reading(scan(better, shape), better, tuple(mends))
        except ExpatError as still:
            declared = (
                declare_prefixes(better, _place(better, still), shape) if still.code == _UNBOUND else None
            )
            better.close()
            if declared is None:
                raise Unusable(f"the answer is not well-formed XML: {fault}") from None
            better = declared
        except BaseException:
            better.close()
            raise
        else:
            return reading
    better.close()
    raise Unusable("the answer uses many prefixes that nothing declares")


def _place(body: IO[bytes], fault: ExpatError) -> int:
    """Give the byte at which a fault lies: its line counts from 1, its column is in bytes from 0."""
    body.seek(0)
    for _ in range(fault.lineno - 1):
        body.readline()
    return body.tell() + fault.offset
