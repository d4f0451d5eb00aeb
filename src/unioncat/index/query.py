"""What a person types, as clauses: words, "phrases", -exclusions and fields by name in both languages.

Nothing typed is an error: what is no syntax is text.
"""

import re
from collections.abc import Iterable

from unioncat.domain.search import FIELDS, Clause
from unioncat.text import clean, key_fold

LONGEST_QUERY = 1_000
"""Characters of a query that are read."""

_NAMES: dict[str, tuple[str, ...]] = {
    "title": ("title", "nhan đề", "tiêu đề", "tên sách", "tựa", "ti"),
    "author": ("author", "tác giả", "au"),
    "subject": ("subject", "chủ đề", "đề mục", "từ khóa", "su"),
    "publisher": ("publisher", "nhà xuất bản", "nxb"),
    "series": ("series", "tùng thư", "bộ sách"),
    "isbn": ("isbn",),
    "issn": ("issn",),
    "identifier": ("identifier", "số nhận dạng", "id", "doi"),
    "shelf_mark": ("shelf_mark", "shelfmark", "call number", "ký hiệu xếp giá", "ký hiệu kho", "kí hiệu"),
}
_FIELD_OF = {key_fold(name): field for field, names in _NAMES.items() for name in (*names, field)}
_LONGEST_NAME = max(len(name.split()) for name in _FIELD_OF)
_PART = re.compile(r'(?P<minus>(?<!\S)-)?"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+)')
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "\uff1a": ":"})


def parse(text: str) -> tuple[Clause, ...]:
    """Read what a person typed.

    A field's name (`title:`, `tác giả:`) holds for all that follows, up to the next name. `-` before a word
    or a phrase excludes it. A lonely quotation mark is a space.
    """
    text = clean(text)[:LONGEST_QUERY].translate(_QUOTES)
    if text.count('"') % 2:
        head, _, tail = text.rpartition('"')
        text = f"{head} {tail}"
    clauses: list[Clause] = []
    field: str | None = None
    words: list[str] = []

    def close() -> None:
        if words:
            clauses.append(Clause(" ".join(words), field))
            words.clear()

    for part in _PART.finditer(text):
        phrase, word = part["phrase"], part["word"]
        if phrase is not None:
            close()
            if phrase.strip():
                clauses.append(Clause(phrase.strip(), field, phrase=True, negated=bool(part["minus"])))
            continue
        name, colon, rest = word.partition(":")
        named = _field_named(words, name) if colon else None
        if named is not None:
            taken, new_field = named
            del words[len(words) - taken :]
            if new_field != field:
                close()
                field = new_field
            word = rest
        if len(word) > 1 and word[0] == "-" and word[1] not in "-.,;":
            close()
            clauses.append(Clause(word[1:], field, negated=True))
        elif word and word != "-":
            words.append(word)
    close()
    return tuple(clauses)


def unparse(clauses: Iterable[Clause]) -> str:
    """Write clauses so that `parse` reads the same clauses again."""
    written: list[str] = []
    field: str | None = None
    for clause in sorted(clauses, key=lambda clause: clause.field is not None):
        text = f'"{clause.text}"' if clause.phrase else clause.text
        text = f"-{text}" if clause.negated else text
        if clause.field != field and clause.field in FIELDS:
            field = clause.field
            text = f"{field}: {text}"
        written.append(text)
    return " ".join(written)


def _field_named(before: list[str], name: str) -> tuple[int, str] | None:
    """Find the field whose name ends in `name`; how many of the words before belong to it."""
    for count in range(min(_LONGEST_NAME - 1, len(before)), -1, -1):
        words = [*before[len(before) - count :], name] if count else [name]
        field = _FIELD_OF.get(key_fold(" ".join(words)))
        if field is not None:
            return count, field
    return None
