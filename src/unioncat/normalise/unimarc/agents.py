"""Agents of UNIMARC: the 7XX block with its roles, which are numbers here ($4 070 is the author).

A name with entry element and forename in two subfields is written as MARC 21 writes it, with a comma.
"""

from dataclasses import replace

from unioncat.domain.bib import Agent, AgentKind
from unioncat.normalise.marc21.agents import agents_of_text
from unioncat.normalise.marc21.fields import Field
from unioncat.normalise.roles import role
from unioncat.normalise.tidy import trim_stop, unbracket
from unioncat.normalise.unimarc.fields import UnimarcFields

_TAGS = ("700", "710", "720", "701", "711", "721", "702", "712", "722", "716", "730")
_ROLE_CODES = (
    "005:act 010:adp 020:ann 030:arr 040:art 060:asn 070:aut 072:aqt 075:aft 080:aui 090:aud 100:ant 110:bnd "
    "130:bkd 140:bjd 160:bsl 170:cll 180:ctg 200:chr 205:ctb 210:cmm 212:cwt 220:com 230:cmp 240:cmt 245:ccp "
    "250:cnd 255:csp 260:cph 270:crr 280:dte 295:dgg 300:drt 305:dis 310:dst 320:dnr 330:dub 340:edt 350:egr "
    "365:exp 370:flm 390:fmo 395:fnd 400:fnd 420:hnr 430:ilu 440:ill 460:ive 470:ivr 480:lbt 520:lyr 530:mte "
    "545:mus 550:nrt 555:opn 557:orm 560:org 570:oth 590:prf 600:pht 605:aui 610:prt 630:pro 635:prg 640:pfr "
    "650:pbl 651:pbd 660:rcp 673:rth 675:rev 677:rtm 690:sce 700:scr 705:scl 721:sng 723:spn 727:ths 730:trl "
    "760:wde 770:wam"
)
_ROLES = dict(pair.split(":") for pair in _ROLE_CODES.split())


def agents(fields: UnimarcFields) -> tuple[tuple[Agent, ...], tuple[str, ...]]:
    """Return the agents, main entries first, and numbers of standards that stood in their place."""
    found: list[Agent] = []
    numbers: tuple[str, ...] = ()
    for tag in _TAGS:
        for field in fields.get(tag):
            read, flags, standards = _read(tag, field)
            for flag in flags:
                fields.flag(flag)
            numbers += standards
            found += [agent for agent in read if agent not in found]
    merged: dict[tuple[str, AgentKind], Agent] = {}
    for agent in found:  # one person may stand there once for each role
        key = (agent.name, agent.kind)
        known = merged.get(key)
        merged[key] = (
            replace(known, roles=tuple(dict.fromkeys((*known.roles, *agent.roles)))) if known else agent
        )
    return tuple(merged.values()), numbers


def _read(tag: str, field: Field) -> tuple[tuple[Agent, ...], tuple[str, ...], tuple[str, ...]]:
    main = tag[2] == "0" and tag != "730"
    roles = tuple(dict.fromkeys([one for one in [_role(value) for value in field.all("4")] if one]))
    name = name_of(field)
    if not name:
        return (), (), ()
    if tag[1] == "1":
        kind = AgentKind.MEETING if field.ind1 == "1" else AgentKind.CORPORATE
        units = [trim_stop(value) for value in field.all("ab")]
        return (Agent(unbracket(". ".join(filter(None, units))), kind, roles, None, main),), (), ()
    read, flags, numbers = agents_of_text(name, main)
    dates = (field.first("f") or "").strip(" .,;:()") or None
    alone = len(read) == 1
    return (
        tuple(
            [
                replace(
                    agent,
                    roles=tuple(dict.fromkeys((*roles, *agent.roles))),
                    dates=dates if alone and agent.kind is AgentKind.PERSON else None,
                )
                for agent in read
            ]
        ),
        flags,
        numbers,
    )


def name_of(field: Field) -> str:
    """Return the name of a person: entry element, the rest after a comma where there is one, numeration."""
    entry = trim_stop(field.first("a") or "")
    rest = trim_stop((field.first("b") or "").strip(" ,"))
    name = (f"{entry} {rest}" if field.ind2 == "0" else f"{entry}, {rest}") if entry and rest else entry
    numeral = field.first("d")
    return f"{name} {trim_stop(numeral)}" if name and numeral else name


def _role(value: str) -> str | None:
    code = value.strip()
    return _ROLES.get(code) or (None if code.isdigit() else role(code))
