"""Language: a text in another language is another edition, but the codes of many catalogues are wrong.

A Vietnamese text and one in another language are never joined without a person.
"""

from typing import Final

from unioncat.domain.bib import BibRecord
from unioncat.domain.match import Evidence
from unioncat.matching.facts import Features
from unioncat.matching.rules import graded

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
    """Weigh against records with no language in common, less against one that has a language more.

    Codes are often wrong, so it forbids nothing.
    """
    ours, theirs = left.languages, right.languages
    if ours == theirs or not ours or not theirs:
        return _NOTHING
    grade = "language.differs" if set(ours).isdisjoint(theirs) else "language.one-more"
    return graded(_FEATURE, grade, " ".join(ours), " ".join(theirs))


def differ(left: Features, right: Features) -> bool:
    """Tell whether one text is Vietnamese and the other one is not: a translation, or a wrong code."""
    ours, theirs = left.languages, right.languages
    return (
        bool(ours and theirs)
        and (_VIETNAMESE in ours) is not (_VIETNAMESE in theirs)
        and not set(ours) & set(theirs)
    )


_VIETNAMESE: Final = "vie"
_NOTHING = Evidence(_FEATURE, 0.0)
