"""Translators: another translation is another text, a hard stop when both records name theirs."""

import re
from typing import Final

from unioncat.domain.bib import BibRecord
from unioncat.domain.match import Evidence
from unioncat.matching.facts import Features
from unioncat.matching.names import Likeness, best, persons
from unioncat.text import key_fold

_FEATURE: Final = "translator"
_ROLES: Final = frozenset(
    (
        "trl",
        "dich",
        "nguoi dich",
        "dich gia",
        "bien dich",
        "translator",
        "trans",
        "tr",
        "traducteur",
        "ubersetzer",
    )
)
_HINT = re.compile(r"(?i)dịch|trans|traduit")
_BEFORE = re.compile(
    r"(?i)(?:^|[;:])\s*([^;:]{3,80}?)\s*(?:,\s*)?\(?(?:biên |người |lược |tuyển )?dịch\)?\s*(?=$|[;,.])"
)
_AFTER = re.compile(
    r"(?i)(?:(?:người |biên )?dịch(?: giả)?\s*:|translated(?: [^;]{0,60}?)?? by|trans\.(?: by)?"
    r"|traduit[^;]{0,40}? par)\s*(?!\s|the |l')([^;]{3,80}?)(?=$|[;\]]"
    r"|(?<=[^\W\d_]{3})(?<!mrs|rev|col|gen|maj)(?<!prof|capt)\.\s)"
)
_MOST: Final = 4


def extract(bib: BibRecord) -> tuple[str, ...]:
    """Return the folded names of translators, by their role or out of the statement of responsibility."""
    found: list[str] = []
    for agent in bib.agents:
        if agent.roles and any(key_fold(role) in _ROLES for role in agent.roles):
            found.extend(name for name, _ in persons(agent.name))
    if not found:
        for text in (bib.responsibility, *(agent.name for agent in bib.agents)):
            if text and _HINT.search(text):
                match = _AFTER.search(text) or _BEFORE.search(text)
                if match:
                    found.extend(name for name, _ in persons(match[1]))
    return tuple(sorted(set(found))[:_MOST])


def compare(left: Features, right: Features) -> Evidence:
    """Forbid records whose translators have nothing in common."""
    ours, theirs = left.translators, right.translators
    if not ours or not theirs:
        return _NOTHING
    differ = best(ours, theirs) is Likeness.NONE
    return Evidence(_FEATURE, 0.0, veto=differ, left="; ".join(ours), right="; ".join(theirs))


_NOTHING = Evidence(_FEATURE, 0.0)
