"""Tone marks as second witness: where both records carry them, Ba is not Bà, and a person has to look."""

import re
from typing import Final

from unioncat.domain.bib import BibRecord
from unioncat.matching.facts import Features

_MARKED = re.compile(r"[àáâãèéêìíòóôõùúýăđĩũơưạ-ỹ]", re.IGNORECASE)
_VIETNAMESE: Final = "vie"


def extract(bib: BibRecord) -> bool:
    """Tell whether the record writes Vietnamese marks anywhere, so that a syllable without one has none."""
    if _MARKED.search(bib.title.main) or (bib.title.remainder and _MARKED.search(bib.title.remainder)):
        return True
    if bib.responsibility and _MARKED.search(bib.responsibility):
        return True
    if any(_MARKED.search(agent.name) for agent in bib.agents):
        return True
    return any(_MARKED.search(publisher) for imprint in bib.imprints for publisher in imprint.publishers)


def differ(left: Features, right: Features) -> bool:
    """Tell whether two titles that agree without marks disagree with them, both records carrying marks.

    Marks are compared where both texts may be Vietnamese: elsewhere accents come and go.
    """
    if not left.toned or not right.toned or left.title_exact == right.title_exact:
        return False
    if not _may_be_vietnamese(left) or not _may_be_vietnamese(right):
        return False
    ours, theirs = left.title.split(), right.title.split()
    exact_ours, exact_theirs = left.title_exact.split(), right.title_exact.split()
    return any(
        one == other and marked != other_marked
        for one, other, marked, other_marked in zip(ours, theirs, exact_ours, exact_theirs, strict=False)
    )


def _may_be_vietnamese(facts: Features) -> bool:
    return not facts.languages or _VIETNAMESE in facts.languages
