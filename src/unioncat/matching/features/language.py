"""Language: a text in another language is another edition, a hard stop when both records say it."""

from typing import Final

from unioncat.domain.bib import BibRecord
from unioncat.domain.match import Evidence
from unioncat.matching.facts import Features

_FEATURE: Final = "language"
_UNKNOWN: Final = frozenset(("", "und", "zxx", "mul", "mis", "|||"))
_SAME: Final = {
    "vi": "vie", "en": "eng", "fr": "fre", "fra": "fre", "de": "ger", "deu": "ger", "zh": "chi", "zho": "chi",
    "ru": "rus", "ja": "jpn", "ko": "kor", "es": "spa", "it": "ita", "nld": "dut", "ces": "cze", "ron": "rum",
}  # fmt: skip


def extract(bib: BibRecord) -> tuple[str, ...]:
    """Return the codes of the languages of the text, without those that say nothing."""
    return tuple(sorted({_SAME.get(code, code) for code in bib.languages} - _UNKNOWN))


def compare(left: Features, right: Features) -> Evidence:
    """Forbid records that have no language in common."""
    ours, theirs = left.languages, right.languages
    if ours == theirs or not ours or not theirs or not set(ours).isdisjoint(theirs):
        return _NOTHING
    return Evidence(_FEATURE, 0.0, veto=True, left=" ".join(ours), right=" ".join(theirs))


_NOTHING = Evidence(_FEATURE, 0.0)
