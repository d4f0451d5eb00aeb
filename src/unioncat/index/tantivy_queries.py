"""A prepared search as a tantivy query: what must match, and what lifts a match above another.

The audience filter is part of every query made here; filters never change a score.
"""

import re
from collections.abc import Iterable, Sequence

import tantivy
from tantivy import FieldType, Occur, Query

from unioncat.index.prepare import Asked, Wanted, Word
from unioncat.index.tantivy_fields import LONGEST_WHOLE, TEXT_FIELDS
from unioncat.index.words import Form

Clauses = list[tuple[Occur, Query]]

# Boosts after measurements with the Truyện Kiều queries: a phrase counts more than its words, exact accents
# more than folded ones, a whole title most of all.
_IN_TITLE = 2.0
_IN_AUTHOR = 1.5
_EXACT_WORD = 2.0
_FOLDED_PHRASE = 3.0
_EXACT_PHRASE = 5.0
_WHOLE_TITLE = 10.0
_ALL_IN_ONE = 8.0
_ALL_ACCENTS = 60.0
"""Given to a record that has all words with the accents as typed: more than all else comes to."""
_NUMBER = 100.0
_LAST = (1 << 64) - 1
_NEAR = 0.2


class Queries:
    """Makes queries for one schema."""

    def __init__(self, schema: tantivy.Schema) -> None:
        self._schema = schema

    def of(self, asked: Asked) -> Query:
        """Return the query for all that was asked."""
        parts: Clauses = [(Occur.Must, self._visible(asked.audiences))]
        hidden = [str(audience) for audience in asked.audiences if audience]
        if hidden:
            parts.append((Occur.MustNot, Query.term_set_query(self._schema, "hidden", hidden)))
        for name, values in asked.filters:
            parts.append((Occur.Must, _silent(self._any_of(f"facet_{name}", values))))
        if asked.year_from is not None or asked.year_to is not None:
            years = Query.range_query(self._schema, "year", FieldType.Integer, asked.year_from, asked.year_to)
            parts.append((Occur.Must, _silent(years)))
        for wanted in asked.wanted:
            if wanted.negated:
                parts.append((Occur.MustNot, self._excluded(wanted)))
            else:
                parts.append((Occur.Must, self._wanted(wanted)))
        return Query.boolean_query(parts)

    def with_filter(self, query: Query, condition: Query) -> Query:
        """Return what matches both; the score is that of `query`."""
        return Query.boolean_query([(Occur.Must, query), (Occur.Must, _silent(condition))])

    def between(self, column: str, low: int, high: int) -> Query:
        """Return what has a number from `low` to `high`, both included, in an unsigned column."""
        return Query.range_query(self._schema, column, FieldType.Unsigned, low, high)

    def from_key(self, high: int, low: int) -> Query:
        """Return what sorts with or after the first 16 bytes of a collation key, given as two numbers."""
        parts = [
            Query.boolean_query(
                [
                    (Occur.Must, self.between("key_high", high, high)),
                    (Occur.Must, self.between("key_low", low, _LAST)),
                ]
            )
        ]
        if high < _LAST:
            parts.append(self.between("key_high", high + 1, _LAST))
        return Query.boolean_query([(Occur.Should, part) for part in parts])

    def beginning_with(self, audiences: Sequence[int], start: str) -> Query:
        """Return what has a title that begins with `start` (folded)."""
        return self._seen(audiences, [self._term("start", start)])

    def completing(
        self, audiences: Sequence[int], field: str, words: Sequence[Form], *, exact: bool = False
    ) -> Query:
        """Return what has all `words` in `field`, the last as a beginning; `exact`: with their accents."""
        name = field if exact else f"{field}_f"
        texts = [word.exact if exact else word.folded for word in words]
        parts = [self._term(name, text) for text in texts[:-1]]
        pattern = _exact_beginning(words[-1]) if exact else f"{re.escape(words[-1].folded)}.*"
        parts.append(Query.regex_query(self._schema, name, pattern))
        return self._seen(audiences, parts)

    def everything(self) -> Query:
        """Return one document for each record, whoever may see it."""
        return self._term("last", "1")

    def _seen(self, audiences: Sequence[int], parts: Iterable[Query]) -> Query:
        clauses: Clauses = [(Occur.Must, self._visible(audiences)), *((Occur.Must, part) for part in parts)]
        hidden = [str(audience) for audience in audiences if audience]
        if hidden:
            clauses.append((Occur.MustNot, Query.term_set_query(self._schema, "hidden", hidden)))
        return Query.boolean_query(clauses)

    def _visible(self, audiences: Sequence[int]) -> Query:
        return _silent(self._any_of("audience", [str(audience) for audience in audiences]))

    def _any_of(self, field: str, values: Sequence[str]) -> Query:
        if len(values) == 1:
            return self._term(field, values[0])
        return Query.term_set_query(self._schema, field, list(values))

    def _term(self, field: str, value: str, option: str = "basic") -> Query:
        return Query.term_query(self._schema, field, value, index_option=option)

    def _excluded(self, wanted: Wanted) -> Query:
        """Typed with accents, only what has them is excluded: `kiều -kiếu` must not exclude itself."""
        if wanted.numbers:
            return Query.boolean_query([(Occur.Should, self._number(*number)) for number in wanted.numbers])
        name = wanted.field or "all"
        if wanted.accented:
            if wanted.phrase and name == "title" and len(wanted.words) > 1:
                return Query.phrase_query(self._schema, name, [word.exact for word in wanted.words])
            return self._every(self._term(name, word.exact) for word in wanted.words)
        if wanted.phrase:
            return self._phrase(f"{name}_f", [word.folded for word in wanted.words])
        return self._every(self._term(f"{name}_f", word.folded) for word in wanted.words)

    def _wanted(self, wanted: Wanted) -> Query:
        found = (Query.const_score_query(self._number(*number), _NUMBER) for number in wanted.numbers)
        numbers: Clauses = [(Occur.Should, number) for number in found]
        if not wanted.words:
            return Query.boolean_query(numbers)
        words = self._words(wanted)
        return Query.boolean_query([(Occur.Should, words), *numbers]) if numbers else words

    def _number(self, field: str, value: str) -> Query:
        if field == "shelf_mark":  # people know the beginning: the class, then the author's letters
            return Query.regex_query(self._schema, field, f"{value}.*")
        return self._term(field, value)

    def _words(self, wanted: Wanted) -> Query:
        name = wanted.field or "all"
        folded = [word.folded for word in wanted.words]
        if wanted.phrase:
            parts: Clauses = [(Occur.Must, self._phrase(f"{name}_f", folded))]
        else:
            parts = [(Occur.Must, self._word(f"{name}_f", word)) for word in wanted.words]
        if wanted.field is None:
            for word in folded:
                parts.append((Occur.Should, _boosted(self._term("title_f", word, "freq"), _IN_TITLE)))
                parts.append((Occur.Should, _boosted(self._term("author_f", word, "freq"), _IN_AUTHOR)))
        named = (name,) if wanted.field else ("title", "author")
        if len(folded) > 1 and wanted.field is None:
            for field in named:  # all words in one place are worth more than here one and there one
                together = self._every(self._term(f"{field}_f", word) for word in folded)
                parts.append((Occur.Should, Query.const_score_query(together, _ALL_IN_ONE)))
        if len(folded) > 1:
            for field in named:
                if field in TEXT_FIELDS:
                    phrase = self._phrase(f"{field}_f", folded)
                    parts.append((Occur.Should, _boosted(phrase, _FOLDED_PHRASE)))
        if "title" in named:
            whole = self._term("whole", " ".join(folded)[:LONGEST_WHOLE])
            parts.append((Occur.Should, Query.const_score_query(whole, _WHOLE_TITLE)))
        if wanted.accented:
            parts += self._accents(name, named, wanted.words)
        return Query.boolean_query(parts)

    def _accents(self, name: str, named: tuple[str, ...], words: Sequence[Word]) -> Clauses:
        """Lift what has the accents that were typed above what has not."""
        parts: Clauses = []
        exact = [word.exact for word in words]
        if "title" in named:
            for word in exact:
                parts.append((Occur.Should, _boosted(self._term("title", word, "freq"), _EXACT_WORD)))
            if len(exact) > 1:
                parts.append((Occur.Should, _boosted(self._phrase("title", exact), _EXACT_PHRASE)))
        every = self._every(self._term(name, word.exact) for word in words)
        parts.append((Occur.Should, Query.const_score_query(every, _ALL_ACCENTS)))
        return parts

    def _word(self, field: str, word: Word) -> Query:
        plain = self._term(field, word.folded, "freq")
        if not word.near:
            return plain
        near = Query.const_score_query(Query.term_set_query(self._schema, field, list(word.near)), _NEAR)
        return Query.boolean_query([(Occur.Should, plain), (Occur.Should, near)])

    def _phrase(self, field: str, words: list[str]) -> Query:
        if len(words) == 1:  # tantivy panics at a phrase of one word
            return self._term(field, words[0], "freq")
        return Query.phrase_query(self._schema, field, list(words))

    def _every(self, parts: Iterable[Query]) -> Query:
        return Query.boolean_query([(Occur.Must, part) for part in parts])


def _exact_beginning(word: Form) -> str:
    """Return a pattern for words that begin with the letters, hats and tone of a word half typed.

    The tone stands at the end of an exact form: of *kiế*, which is `kie^5`, *kiếu* is `kie^u5`.
    """
    tones = len(word.exact) - len(word.exact.rstrip("23456"))
    if word.folded[-1:].isdigit() or not tones:
        return f"{re.escape(word.exact)}.*"
    return f"{re.escape(word.exact[:-tones])}.*{word.exact[-tones:]}"


def _boosted(query: Query, boost: float) -> Query:
    return Query.boost_query(query, boost)


def _silent(query: Query) -> Query:
    """Keep a filter out of the score."""
    return Query.const_score_query(query, 0.0)
