"""Records in simple Dublin Core: what a digital repository holds, and the second format of all members."""

from collections.abc import Sequence
from zlib import crc32

from unioncat.sample.describe import volume_text
from unioncat.sample.editions import Kind
from unioncat.sample.members import Member
from unioncat.sample.style import Pen, System

_TYPES = {Kind.THESIS: "Thesis", Kind.SERIAL: "Journal", Kind.TEXTBOOK: "Textbook"}
_OPEN = "https://creativecommons.org/licenses/by-nc-nd/4.0/"
_CLOSED = "Chỉ đọc tại thư viện"


def elements(pen: Pen, member: Member, number: int) -> Sequence[tuple[str, str]]:
    """Write an edition as Dublin Core elements; a repository adds an address of the full text, and rights."""
    edition = pen.edition
    title = pen.title(edition.title)
    title += f" : {pen.text(edition.remainder)}" if edition.remainder else ""
    title += f". {volume_text(pen)}" if edition.parts else ""
    share = ("creator", *["contributor"] * len(edition.people))
    named = [(element, pen.name(each)) for element, each in zip(share, edition.people, strict=False)]
    body = [("contributor" if named else "creator", pen.text(edition.body))] if edition.body else []
    written = [("title", title), *named, *body]
    publisher, extent = pen.publisher(), pen.extent()
    written += [("publisher", publisher)] if publisher else []
    written += [("date", edition.year)] if edition.year else []
    written += [("subject", pen.text(word)) for word in edition.subjects]
    written += [("format", extent)] if extent else []
    written += [("description", pen.text(edition.statement))] if edition.statement else []
    written.append(("type", _TYPES.get(edition.kind, "Book")))
    written.append(("language", "vie" if crc32(edition.key.encode()) % 3 else "vi"))
    if member.system.speaks_marc:
        return written + [("identifier", f"ISBN {isbn}") for isbn in edition.isbns]
    written += [("identifier", f"urn:isbn:{isbn}") for isbn in pen.isbns()]
    if edition.kind is Kind.THESIS and edition.genre:
        written.append(("description", pen.text(edition.genre)))
    if edition.ddc:
        written.append(("subject", edition.ddc))
    if member.system is System.CARD_INDEX:
        return written
    written.append(("identifier", f"https://{member.code}.example/handle/VNU_123/{number}"))
    written.append(("rights", _OPEN if number % 3 else pen.text(_CLOSED)))
    return written
