"""MODS 3.x to `BibRecord` and holdings: what SRU servers and repositories send beside MARC.

Elements are known by local name. What describes a related thing is never read as describing the thing itself.
"""

from unioncat.domain.bib import Agent, BibRecord, Holding, Title, TitleKind
from unioncat.domain.source import Profile
from unioncat.normalise.marc21.agents import agents_of_text
from unioncat.normalise.marcxml import local_name
from unioncat.normalise.mods.content import (
    RESPONSIBILITY,
    classifications,
    holdings,
    identifiers,
    links,
    notes,
    series,
    subjects,
    terms,
)
from unioncat.normalise.mods.description import carrier, edition, extent, imprints, languages, material, years
from unioncat.normalise.mods.elements import NAME_KINDS, Element, children, name_of, text_of, texts, title_of
from unioncat.normalise.record import Unreadable
from unioncat.normalise.roles import role
from unioncat.normalise.tidy import trim_stop, unbracket

__all__ = ["read_mods"]

_TITLE_KINDS = {
    "uniform": TitleKind.UNIFORM,
    "translated": TitleKind.VARIANT,
    "alternative": TitleKind.VARIANT,
    "abbreviated": TitleKind.VARIANT,
}


def read_mods(
    root: Element, profile: Profile, flags: tuple[str, ...] = ()
) -> tuple[BibRecord, tuple[Holding, ...]]:
    """Read one MODS record. Raises `Unreadable` where it has no title."""
    mods = next((one for one in root.iter() if local_name(str(one.tag)) == "mods"), None)
    noted = list(flags)
    title, others, nonfiling = _titles(mods) if mods is not None else (None, [], 0)
    if mods is None or title is None:
        raise Unreadable(
            "title-missing",
            "The MODS record has no title. Ask the library to complete it, or to leave it out.",
        )
    agents, responsibility = _agents(mods, noted)
    stated = imprints(mods)
    year, year_end = years(mods)
    described = extent(mods)
    rights = "; ".join(dict.fromkeys(terms(mods))) or None
    kind = material(mods, noted)
    spoken, originals = languages(mods)
    bib = BibRecord(
        title=Title(title.main, title.remainder, title.parts, TitleKind.PROPER, nonfiling),
        other_titles=tuple(dict.fromkeys(others)),
        responsibility=responsibility,
        agents=agents,
        edition=edition(mods),
        imprints=stated,
        year=year,
        year_end=year_end,
        extent=described,
        identifiers=identifiers(mods, noted),
        series=series(mods),
        subjects=subjects(mods),
        classifications=classifications(mods),
        notes=notes(mods),
        languages=spoken,
        original_languages=originals,
        material=kind,
        carrier=carrier(mods, kind),
        links=links(mods, rights),
        control_number=next(
            iter([t for info in children(mods, "recordInfo") for t in texts(info, "recordIdentifier")]), None
        ),
        rights=rights,
        flags=tuple(dict.fromkeys(noted)),
    )
    return bib, holdings(mods, profile)


def _titles(mods: Element) -> tuple[Title | None, list[Title], int]:
    main: Title | None = None
    nonfiling = 0
    others: list[Title] = []
    for info in children(mods, "titleInfo"):
        title = title_of(info, _TITLE_KINDS.get(info.get("type", ""), TitleKind.PROPER))
        if title is None:
            continue
        if main is None and title.kind is TitleKind.PROPER:
            main = title
            skipped = next(iter(texts(info, "nonSort")), "")
            if skipped:
                nonfiling = len(skipped) + (not skipped.endswith(("'", "’", "-")))
        else:
            kind = TitleKind.PARALLEL if title.kind is TitleKind.PROPER else title.kind
            others.append(Title(title.main, title.remainder, title.parts, kind))
    if main is None and others:
        main = others[0]
    return main, others, nonfiling


def _agents(mods: Element, noted: list[str]) -> tuple[tuple[Agent, ...], str | None]:
    found: list[Agent] = []
    for name in children(mods, "name"):
        written, dates = name_of(name)
        terms = [term for one in children(name, "role") for term in children(one, "roleTerm")]
        roles = tuple(dict.fromkeys([code for term in terms if (code := role(text_of(term)))]))
        main = name.get("usage") == "primary" or (not found and "aut" in roles)
        kind = NAME_KINDS.get(name.get("type", ""))
        if not written:
            continue
        if kind is not None:
            agents: tuple[Agent, ...] = (Agent(unbracket(trim_stop(written)), kind, (), None, main),)
        else:
            agents, flags, _ = agents_of_text(written, main)
            noted += flags
        for agent in agents:
            merged = tuple(dict.fromkeys((*roles, *agent.roles)))
            entry = Agent(agent.name, agent.kind, merged, dates if len(agents) == 1 else None, agent.main)
            if entry not in found:
                found.append(entry)
    said = [text_of(note) for note in children(mods, "note") if note.get("type") == RESPONSIBILITY]
    return tuple(found), trim_stop(said[0]) or None if said else None
