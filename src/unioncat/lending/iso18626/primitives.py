"""How single values of ISO 18626 stand in XML: texts, codes, moments, numbers, yes and no.

Each is read strictly by its type of XML Schema: what it cannot mean is never guessed.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from unioncat.lending.iso18626.codes import Book, known
from unioncat.lending.iso18626.model import Code

NAMESPACE = "http://illtransactions.org/2013/iso18626"
_MOMENT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,30}))?(Z|[+-]\d\d:\d\d)?\Z", re.ASCII
)
_DECIMAL = re.compile(r"[+-]?(?:\d{1,18}(?:\.\d{0,12})?|\.\d{1,12})\Z", re.ASCII)
_INTEGER = re.compile(r"[+-]?\d{1,9}\Z", re.ASCII)
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


class BadValue(ValueError):
    """A value that is none of its type; the text says what would be one."""


@dataclass(frozen=True, slots=True)
class Primitive:
    """A type of value: how its text is read, and written."""

    read: Callable[[str, str | None], Any]
    """From the text and the scheme's address. Raises `BadValue`."""
    write: Callable[[Any], str]
    schemed: bool = False
    """Whether the address of a code's list is written with it."""


def legal(text: str) -> str:
    """Give a text in NFC without the characters that XML cannot hold."""
    return unicodedata.normalize("NFC", _ILLEGAL.sub("", text))


def _text(text: str, _: str | None) -> str:
    return unicodedata.normalize("NFC", text)


def read_moment(text: str) -> datetime:
    """Read xs:dateTime; without a zone it is taken for UTC. Raises `BadValue`."""
    found = _MOMENT.match(text)
    if found is None:
        raise BadValue("is no date with a time, as 2025-07-21T08:35:00Z")
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    micro = int((found[7] or "0")[:6].ljust(6, "0"))
    zone: tzinfo = UTC
    if found[8] and found[8] != "Z":
        away = timedelta(hours=int(found[8][1:3]), minutes=int(found[8][4:]))
        if away > timedelta(hours=14) or int(found[8][4:]) > 59:
            raise BadValue("has a zone that there is not")
        zone = timezone(-away if found[8][0] == "-" else away)
    midnight = hour == 24 and (minute, second, micro) == (0, 0, 0)
    try:
        moment = datetime(year, month, day, 0 if midnight else hour, minute, second, micro, zone)
        moment += timedelta(days=midnight)
        # Near the ends of the calendar a zone cannot be taken off.
        moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadValue("is no day or time of the calendar") from None
    return moment


def write_moment(moment: datetime) -> str:
    """Write a moment in UTC to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _read_yes(text: str, _: str | None) -> bool:
    if text not in ("Y", "N"):
        raise BadValue("is neither Y nor N")
    return text == "Y"


def _read_boolean(text: str, _: str | None) -> bool:
    if text not in ("true", "false", "1", "0"):
        raise BadValue("is neither true nor false")
    return text in ("true", "1")


def _read_decimal(text: str, _: str | None) -> Decimal:
    if _DECIMAL.match(text) is None:
        raise BadValue("is no amount")
    try:
        return Decimal(text)
    except InvalidOperation:
        raise BadValue("is no amount") from None


def _read_integer(text: str, _: str | None) -> int:
    if _INTEGER.match(text) is None:
        raise BadValue("is no whole number")
    return int(text)


TEXT = Primitive(_text, legal)
ID = Primitive(lambda text, _: text, lambda text: _ILLEGAL.sub("", text))
"""Identifiers go back to whoever gave them: not even their normal form is changed."""
MOMENT = Primitive(lambda text, _: read_moment(text), write_moment)
YES = Primitive(_read_yes, lambda value: "Y" if value else "N")
BOOLEAN = Primitive(_read_boolean, lambda value: "true" if value else "false")
DECIMAL = Primitive(_read_decimal, lambda value: format(value, "f"))
INTEGER = Primitive(_read_integer, str)


def closed(codes: type[StrEnum]) -> Primitive:
    """Make the type of a closed code."""

    def read(text: str, _: str | None) -> StrEnum:
        try:
            return codes(text)
        except ValueError:
            raise BadValue("is no code of this list") from None

    return Primitive(read, str)


def opened(book: Book) -> Primitive:
    """Make the type of an open code of a list; words of the list get its capitals."""

    def read(text: str, scheme: str | None) -> Code:
        value = known(book, text, scheme)
        if value is None:
            raise BadValue("is no code of the standard's list; a scheme of one's own needs its address")
        return Code(unicodedata.normalize("NFC", value), scheme)

    return Primitive(read, _word, schemed=True)


def _word(code: Code) -> str:
    return legal(code.value)


REGION = Primitive(lambda text, scheme: Code(unicodedata.normalize("NFC", text), scheme), _word)
"""A region, which is a plain text since 2021 and was a code before."""
