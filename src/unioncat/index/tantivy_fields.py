"""The fields of the tantivy index, and how a document is written into them.

`SCHEMA` must grow with every change here: an index is only opened by the code that understands it.
"""

from collections.abc import Iterable
from hashlib import blake2b
from math import log2

import orjson
import tantivy

from unioncat.domain.search import FACETS, IndexDocument
from unioncat.index.words import compact, joined
from unioncat.text import COLLATION_VERSION

SCHEMA = 5
"""Version of fields and of the words in them."""

TEXT_FIELDS = ("title", "author", "subject", "publisher", "series")
"""Fields that can be asked by name. Each has a folded twin `NAME_f`; `all` holds every text."""

WHOLE_FIELDS = ("title", "author")
"""Fields whose exact twin holds every text. Those of the others hold only texts with accents: a text in plain
ASCII says nothing of accents, and is found by the folded field."""

NUMBER_FIELDS = ("isbn", "issn", "identifier", "shelf_mark")
LONGEST_START = 16
"""Letters of a title's beginning that complete it while somebody types."""

NO_YEAR = 99_999
_KEY_BYTES = 96
"""Bytes of the collation key that order titles; titles equal in so many stand in the order of their ids."""

LONGEST_WHOLE = 200
"""Letters of a whole title, for telling that it was typed in full."""

_SHOWN = 160


def stamp() -> str:
    """Name the folder of indexes that this code can read."""
    text = f"{SCHEMA} {COLLATION_VERSION}"
    return f"v{SCHEMA}-{blake2b(text.encode(), digest_size=4).hexdigest()}"


def schema() -> tantivy.Schema:
    """Return the schema. Numbers are never keys: tantivy-py 0.27 does not delete by them."""
    builder = tantivy.SchemaBuilder()

    def raw(name: str, *, stored: bool = False, fast: bool = False) -> None:
        builder.add_text_field(name, stored=stored, fast=fast, tokenizer_name="raw", index_option="basic")

    def shown(name: str) -> None:
        """A column that is read, counted or ordered by, but never asked for: it needs no list of terms."""
        builder.add_text_field(name, stored=True, fast=True, tokenizer_name="shown", index_option="basic")

    raw("id", stored=True)
    raw("audience")
    raw("hidden")
    raw("last")
    raw("digest")
    for name in TEXT_FIELDS:
        positions = "position" if name == "title" else "basic"
        builder.add_text_field(name, tokenizer_name="words", index_option=positions)
        builder.add_text_field(f"{name}_f", tokenizer_name="words", index_option="position")
    builder.add_text_field("all", tokenizer_name="words", index_option="basic")
    builder.add_text_field("all_f", tokenizer_name="words", index_option="position")
    raw("whole")
    builder.add_text_field("start", tokenizer_name="start", index_option="basic")
    shown("title_shown")
    shown("author_shown")
    for name in NUMBER_FIELDS:
        raw(name)
    for name in FACETS:
        raw(f"facet_{name}", fast=True)
    builder.add_integer_field("year", indexed=True, fast=True)
    shown("by_title")
    for name in ("newest", "oldest", "key_high", "key_low"):
        builder.add_unsigned_field(name, fast=True)
    builder.add_float_field("weight", fast=True)
    return builder.build()


def register_tokenizers(index: tantivy.Index) -> None:
    """Tell an open index how to divide; every process must, before it reads or writes."""
    words = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    start = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.ngram(2, LONGEST_START, prefix_only=True)).build()
    nothing = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw()).filter(tantivy.Filter.remove_long(1))
    index.register_tokenizer("shown", nothing.build())
    whole = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw()).build()
    index.register_fast_field_tokenizer("shown", whole)
    index.register_tokenizer("words", words)
    index.register_tokenizer("start", start)


def as_json(document: IndexDocument, hidden_from: Iterable[int]) -> str:
    """Write a document as tantivy reads it: JSON, the quickest of its three ways in.

    `hidden_from`: audiences whose viewers are given a fuller document of the same record.
    """
    hidden = [str(audience) for audience in hidden_from]
    fields: dict[str, object] = {
        "id": document.id,
        "audience": str(document.audience),
        "weight": _weight(document.holdings),
    }
    if hidden:
        fields["hidden"] = hidden
    else:
        fields["last"] = "1"
    marked_all: list[str] = []
    folded_all: list[str] = []
    for name in TEXT_FIELDS:
        values = getattr(document, name)
        if values:
            forms = [joined(value) for value in values]
            folded = [form[1] for form in forms]
            marked = [form[2] for form in forms if form[2]]
            fields[f"{name}_f"] = folded
            fields[name] = [form[0] for form in forms] if name in WHOLE_FIELDS else marked
            folded_all += folded
            marked_all += marked
    for value in document.other:
        _, folded_text, marked_text = joined(value)
        folded_all.append(folded_text)
        if marked_text:
            marked_all.append(marked_text)
    fields["all"] = marked_all
    fields["all_f"] = folded_all
    if document.title:
        folded_title = folded_all[0]
        fields["whole"] = folded_title[:LONGEST_WHOLE]
        fields["start"] = folded_title[:LONGEST_START]
        fields["title_shown"] = document.title[0][:_SHOWN]
    if document.author:
        fields["author_shown"] = [author[:_SHOWN] for author in document.author]
    for name in NUMBER_FIELDS:
        numbers = getattr(document, name)
        if numbers:
            fields[name] = [compact(number) for number in numbers]
    for name, values in document.facets:
        fields[f"facet_{name}"] = values
    _add_order(fields, document)
    fields["digest"] = digest_of(orjson.dumps(fields))
    return orjson.dumps(fields).decode()


def digest_of(content: bytes) -> str:
    """Return what tells a document from every other: one that is there already is not written again."""
    return blake2b(content, digest_size=12).hexdigest()


def key_parts(sort_key: bytes) -> tuple[int, int]:
    """Return the first 16 bytes of a collation key as two numbers, which order as the bytes do."""
    head = sort_key[:16].ljust(16, b"\0")
    return int.from_bytes(head[:8], "big"), int.from_bytes(head[8:], "big")


def _add_order(fields: dict[str, object], document: IndexDocument) -> None:
    """Write the columns of each order. That of the titles holds the id as well, so that no two tie.

    Latin-1 makes text of bytes without touching their order: tantivy orders by text and numbers only.
    """
    key = document.sort_title
    fields["by_title"] = f"{key[:_KEY_BYTES].decode('latin-1')}\0{document.id}"
    fields["key_high"], fields["key_low"] = key_parts(key)
    newest = oldest = NO_YEAR
    if document.year is not None:
        fields["year"] = document.year
        oldest = min(max(document.year, 0), 9_999)
        newest = 9_999 - oldest
    fields["newest"], fields["oldest"] = newest, oldest


def _weight(holdings: int) -> float:
    """Make the score grow by 3 % with each doubling of the holding libraries, 15 % at most.

    tantivy multiplies a score by log2(2 + weight).
    """
    factor = 1 + min(0.15, 0.03 * log2(1 + holdings))
    weight: float = 2.0**factor - 2.0
    return weight
