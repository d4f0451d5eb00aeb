"""Whether a drop rule names a record.

A rule that cannot be asked of a record raises `Unreadable`: what is not known to be open stays out.
"""

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

from unioncat.domain.source import DropRule
from unioncat.normalise.gate.seen import Seen, can_be_tag, folded
from unioncat.normalise.record import Unreadable
from unioncat.text import clean, key_exact

Repair = Callable[[str], str]
"""Turns text in a legacy encoding into what it means."""


def names(rule: DropRule, seen: Seen, sets: tuple[str, ...] | None, repair: Repair) -> bool:
    """Tell whether all conditions of a rule hold of a record."""
    if rule.forms and seen.form not in rule.forms:
        return False
    if rule.sets and not in_sets(rule.sets, sets):
        return False
    if (rule.types or rule.levels) and not _is_kind(rule, seen):
        return False
    if rule.field is None and rule.pattern is None:
        return True
    return any(_holds(rule, value, repair) for value in _values(rule, seen))


def in_sets(wanted: tuple[str, ...], sets: tuple[str, ...] | None) -> bool:
    """Tell whether a record is in one of the sets, or in one below them. Raises `Unreadable` if unknown."""
    if sets is None:
        raise Unreadable(
            "gate-sets-unknown",
            "A drop rule of the profile names sets, but this protocol does not tell the sets of a record. "
            "Name a field in the rule instead.",
        )
    return any(one == name or one.startswith(name + ":") for one in sets for name in wanted)


def _is_kind(rule: DropRule, seen: Seen) -> bool:
    if seen.form != "marc":
        raise Unreadable(
            "gate-rule-not-applicable",
            "A drop rule of the profile asks for leader/06-07, but the record is no MARC record. "
            "Choose MARC as the format of this source, or name an element in the rule.",
        )
    return any(
        (not rule.types or leader[6:7] in rule.types) and (not rule.levels or leader[7:8] in rule.levels)
        for leader in seen.leaders
        if len(leader) > 7
    )


def _values(rule: DropRule, seen: Seen) -> Iterator[str]:
    """Give the values that a rule is asked of; a field that lacks the subfield has an empty one."""
    if rule.field is None:
        for _, subfields in seen.fields:
            yield from [value for code, value in subfields if rule.code in (None, code)]
        return
    if not can_be_tag(rule.field) if seen.form == "marc" else rule.field.isdigit():
        raise Unreadable(
            "gate-rule-not-applicable",
            f"A drop rule of the profile asks for {rule.field!r}, which a record of this format never has. "
            "Choose the format that the profile is made for, or another profile.",
        )
    wanted = folded(rule.field)
    for name, subfields in seen.fields:
        if folded(name) == wanted:
            values = [value for code, value in subfields if rule.code in (None, code)]
            if values:
                yield from values
            elif rule.code is None or rule.unless:
                yield ""


def _holds(rule: DropRule, value: str, repair: Repair) -> bool:
    readings = {clean(value), clean(repair(value))}
    if rule.equals and not any(_is_one_of(rule.equals, text) for text in readings):
        return False
    if rule.unless and readings & {clean(one) for one in rule.unless}:
        return False
    return rule.pattern is None or any(compiled(rule.pattern).search(text) for text in readings)


def _is_one_of(wanted: tuple[str, ...], text: str) -> bool:
    key = key_exact(text)
    return any(text.casefold() == clean(one).casefold() or (key and key == key_exact(one)) for one in wanted)


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> re.Pattern[str]:
    """Compile the pattern of a rule; case does not count."""
    return re.compile(pattern, re.IGNORECASE)
