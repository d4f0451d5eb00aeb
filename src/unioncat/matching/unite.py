"""Unite the lists of several records: every different value once, in its best written form.

Forms that differ in marks alone are one value when one of them carries none; two forms that both carry
marks and differ in them are two values (Nguyễn Du and Nguyễn Dữ).
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final, TypeVar

from unioncat.domain.bib import (
    Agent,
    Classification,
    Identifier,
    Link,
    Note,
    Series,
    Subject,
    SubjectKind,
    Title,
)
from unioncat.text import key_exact, key_fold, name_key

_T = TypeVar("_T")
_SAYING_NOTHING: Final = frozenset(("und", "zxx", "mul", "mis", ""))


def _united(
    items: Iterable[_T],
    fold: Callable[[_T], str],
    exact: Callable[[_T], str],
    join: Callable[[_T, _T], _T],
) -> tuple[_T, ...]:
    """Unite values with equal `fold`; the first form with marks stands, `join` gives it what others add."""
    groups: dict[str, dict[str, _T]] = {}
    for item in items:
        folded, marked = fold(item), exact(item)
        group = groups.setdefault(folded, {})
        if marked in group:
            group[marked] = join(group[marked], item)
        elif folded in group:
            # the first form had no marks: this one takes its place
            group[marked] = join(item, group.pop(folded))
        elif marked == folded and group:
            best = next(iter(group))
            group[best] = join(group[best], item)
        else:
            group[marked] = item
    return tuple(item for group in groups.values() for item in group.values())


def _first(kept: _T, _other: _T) -> _T:
    return kept


def titles(items: Iterable[Title], chosen: Title) -> tuple[Title, ...]:
    """Unite other titles; what only repeats the chosen title is left out."""
    own = key_fold(f"{chosen.main} {chosen.remainder or ''}")
    found = _united(
        items,
        lambda title: key_fold(f"{title.main} {title.remainder or ''}"),
        lambda title: key_exact(f"{title.main} {title.remainder or ''}"),
        _first,
    )
    return tuple(
        title for title in found if title.parts or key_fold(f"{title.main} {title.remainder or ''}") != own
    )


def agents(items: Iterable[Agent]) -> tuple[Agent, ...]:
    """Unite agents by their names in any order; roles are united, and one stays the main agent."""
    found = _united(
        items,
        lambda agent: f"{agent.kind} {name_key(agent.name)}",
        lambda agent: f"{agent.kind} {' '.join(sorted(key_exact(agent.name).split()))}",
        _join_agents,
    )
    main = next((agent for agent in found if agent.main), None)
    return tuple(agent if agent is main or not agent.main else replace(agent, main=False) for agent in found)


def _join_agents(kept: Agent, other: Agent) -> Agent:
    roles = kept.roles + tuple(role for role in other.roles if role not in kept.roles)
    dates = kept.dates or other.dates
    main = kept.main or other.main
    if (roles, dates, main) == (kept.roles, kept.dates, kept.main):
        return kept
    return replace(kept, roles=roles, dates=dates, main=main)


def identifiers(items: Iterable[Identifier]) -> tuple[Identifier, ...]:
    """Unite standard numbers; one that any member holds to be valid is valid."""
    found: dict[tuple[str, str], Identifier] = {}
    for item in items:
        kept = found.setdefault((item.scheme, item.value), item)
        if (item.valid and not kept.valid) or (item.qualifier and not kept.qualifier):
            found[item.scheme, item.value] = replace(
                kept, valid=kept.valid or item.valid, qualifier=kept.qualifier or item.qualifier
            )
    return tuple(found.values())


def series(items: Iterable[Series]) -> tuple[Series, ...]:
    """Unite series statements; one without a number gives way to the same one with a number."""
    found = _united(
        items,
        lambda item: f"{key_fold(item.title)} {key_fold(item.number or '')}",
        lambda item: f"{key_exact(item.title)} {key_fold(item.number or '')}",
        lambda kept, other: kept if kept.issn or not other.issn else replace(kept, issn=other.issn),
    )
    numbered = {key_fold(item.title) for item in found if item.number}
    return tuple(item for item in found if item.number or key_fold(item.title) not in numbered)


def subjects(items: Iterable[Subject]) -> tuple[Subject, ...]:
    """Unite subjects by their text; a controlled heading stands before the same word as a keyword."""
    return _united(items, lambda item: key_fold(item.text), lambda item: key_exact(item.text), _join_subjects)


def _join_subjects(kept: Subject, other: Subject) -> Subject:
    if kept.kind is SubjectKind.KEYWORD and other.kind is not SubjectKind.KEYWORD:
        return replace(kept, kind=other.kind, scheme=other.scheme or kept.scheme)
    if kept.scheme is None and other.scheme is not None and kept.kind is other.kind:
        return replace(kept, scheme=other.scheme)
    return kept


def classifications(items: Iterable[Classification]) -> tuple[Classification, ...]:
    """Unite class numbers."""
    found: dict[tuple[str, str], Classification] = {}
    for item in items:
        found.setdefault((item.scheme, item.value), item)
    return tuple(found.values())


def notes(items: Iterable[Note]) -> tuple[Note, ...]:
    """Unite notes of equal wording."""
    return _united(
        items,
        lambda note: f"{note.kind} {key_fold(note.text)}",
        lambda note: f"{note.kind} {key_exact(note.text)}",
        _first,
    )


def links(items: Iterable[Link]) -> tuple[Link, ...]:
    """Unite links by address."""
    found: dict[str, Link] = {}
    for item in items:
        kept = found.setdefault(item.url, item)
        if kept != item:
            found[item.url] = replace(
                kept,
                text=kept.text or item.text,
                rights=_both(kept.rights, item.rights),
                full_text=kept.full_text or item.full_text,
            )
    return tuple(found.values())


def _both(kept: str | None, other: str | None) -> str | None:
    """Keep what each says of the rights in a thing: none of them speaks for another."""
    said = [part for text in (kept, other) if text for part in text.split("; ")]
    return "; ".join(dict.fromkeys(said)) or None


def languages(items: Iterable[str]) -> tuple[str, ...]:
    """Unite language codes; "undetermined" gives way to any other."""
    found = tuple(dict.fromkeys(items))
    return tuple(code for code in found if code not in _SAYING_NOTHING) or found[:1]
