"""Agents: main and added entries, with their roles, also where the source writes these into the name.

A name is kept as written; what is no name at all (a number, "Nhiều tác giả") is refused and flagged.
"""

import re
from functools import lru_cache

from unioncat.domain.bib import Agent, AgentKind
from unioncat.normalise.marc21.fields import Field, Fields
from unioncat.normalise.record import Subfields
from unioncat.normalise.roles import role, roles_in, split_roles
from unioncat.normalise.tidy import is_unknown, trim, trim_stop, unbracket
from unioncat.text import key_fold

_KINDS = {
    "00": AgentKind.PERSON,
    "10": AgentKind.CORPORATE,
    "11": AgentKind.MEETING,
    "20": AgentKind.PERSON,
}
_FILLERS = frozenset(
    {"nhieu tac gia", "nhom tac gia", "tap the tac gia", "khuyet danh", "vo danh", "anonymous", "various"}
)
# Numbers of standards, which catalogues of standards put where the author belongs.
_STANDARD = re.compile(
    r"(?:TCVN|TCXD|TCXDVN|QCVN|QCXDVN|TCN|TCCS|ISO|IEC|ASTM|DIN|JIS|GOST|EN|BS)\b"
    r"[ \-/:]*(?:ISO|IEC|/| )*\w*\d"
)
# Surnames that begin nine in ten Vietnamese names; they tell "Nguyễn A, Trần B" from "Surname, Forename".
_SURNAME_WORDS = (
    "an bach bui cao chau chu cung cu dam dang dao dau diep dinh do doan dong du duong gia giang ha han "
    "hoang ho hong hua hui huynh khong kieu kim la lai lam le lieu lo loi lu luc luong luu li ma mac mai "
    "nghiem ngo nguyen nong ong pham phan phi phung phuong quach ta tang thach thai than tien to ton tong "
    "tran trieu trinh truong tu tuong ung vo vu vuong"
)
_SURNAMES = frozenset(_SURNAME_WORDS.split())
_AND_OTHERS = re.compile(
    r"[\s,;]*(?:\.\.+|…+)?[\s,]*"
    r"[\[(](?:và những người khác|và các tác giả khác|và nnk|et al|and others)\.?[\])]"
    r"|[\s,]*\bet al\.?$|[\s,]*(?:\.\.+|…)+$"
)
_CORPORATE_FIRST_WORDS = (
    "Bộ Viện Trường Uỷ Ủy Hội Sở Cục Tổng Trung Công Liên Đại Học Văn Ban Nhà Ngân Thư Tỉnh Quốc Chi"
)
_CORPORATE_WORDS = frozenset(_CORPORATE_FIRST_WORDS.split())
_CORPORATE_STARTS = (
    "bo ",
    "vien ",
    "truong ",
    "uy ban ",
    "hoi ",
    "so ",
    "cuc ",
    "tong cuc ",
    "tong cong ti ",
    "tong lien ",
    "trung tam ",
    "cong ti ",
    "lien hiep ",
    "lien doan ",
    "dai hoc ",
    "hoc vien ",
    "van phong ",
    "ban chap hanh ",
    "ban chi dao ",
    "ban tuyen giao ",
    "nha xuat ban ",
    "ngan hang ",
    "thu vien ",
    "tinh uy ",
    "quoc hoi",
    "chi cuc ",
)

_Read = tuple[tuple[Agent, ...], tuple[str, ...], tuple[str, ...]]


def agents(fields: Fields) -> tuple[tuple[Agent, ...], tuple[str, ...]]:
    """Return the agents, main entries first, and numbers of standards that stood in their place."""
    found: list[Agent] = []
    numbers: tuple[str, ...] = ()
    for tag in ("100", "110", "111", "700", "710", "711", "720"):
        for field in fields.get(tag):
            read, flags, standards = _read(tag, field.ind2, field.subfields)
            for flag in flags:
                fields.flag(flag)
            numbers += standards
            for agent in read:
                if not _is_known(agent, found):
                    found.append(agent)
    return tuple(found), numbers


def _is_known(agent: Agent, found: list[Agent]) -> bool:
    """Tell whether an added entry only repeats the main entry or another one."""
    for known in found:
        if known.name == agent.name and known.kind is agent.kind and set(agent.roles) <= set(known.roles):
            return True
    return False


def agents_of_text(name: str, main: bool) -> _Read:
    """Read a creator or contributor of a format without subfields."""
    return _read("100" if main else "700", " ", (("a", name),))


@lru_cache(maxsize=1 << 15)
def _read(tag: str, ind2: str, subfields: Subfields) -> _Read:
    field = Field(" ", ind2, subfields)
    main = tag[0] == "1"
    if not main and ind2 != "2" and field.first("t"):
        return (), (), ()  # a related work, not a share in this one
    kind = _KINDS[tag[1:]]
    written = field.first("a")
    if written is None:
        return (), (), ()
    if kind is AgentKind.PERSON:
        return _persons(written, field, main)
    units = [trim_stop(value) for value in field.all("ab" if kind is AgentKind.CORPORATE else "ae")]
    name = ". ".join([unit for unit in units if unit]).replace(".. ", ". ")
    if refusal := _refusal(name):
        return (), (refusal,), ()
    terms = "4e" if kind is AgentKind.CORPORATE else "4j"
    return (Agent(unbracket(name), kind, _roles(field, terms), None, main),), (), ()


def _persons(written: str, field: Field, main: bool) -> _Read:
    flags: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    roles = _roles(field, "4e")
    dates = (field.first("d") or "").rstrip(" .,;:") or None
    numeration = field.first("b")
    names = _divide(written)
    alone = len(names) == 1
    if not alone:
        flags = ("agents-divided",)
    found: list[Agent] = []
    for name, own in names:
        if refusal := _refusal(name):
            flags += (refusal,)
            if _STANDARD.match(name):
                numbers += (name,)
            continue
        kind = AgentKind.PERSON
        if name.partition(" ")[0] in _CORPORATE_WORDS and key_fold(name).startswith(_CORPORATE_STARTS):
            kind = AgentKind.CORPORATE
            flags += ("agent-kind-mended",)
        if numeration and alone:
            name = f"{name} {trim_stop(numeration)}"
        merged = tuple(dict.fromkeys((*roles, *own))) if own else roles
        found.append(Agent(name, kind, merged, dates if alone else None, main and not found))
    return tuple(found), flags, numbers


def _divide(written: str) -> list[tuple[str, tuple[str, ...]]]:
    """Divide what a subfield says into names with the roles that are written in with them.

    Several persons stand apart by semicolons, or by commas where no part can be a forename alone. A role
    behind a list belongs to all of it: "Nguyễn Văn A, Trần Thị B chủ biên".
    """
    if "." in written or "…" in written or "[" in written:
        written = _AND_OTHERS.sub("", written)
    found = []
    for statement in written.split(";"):
        name, roles = split_roles(unbracket(trim(statement.strip())))
        if "," not in name:
            if name:
                found.append((name, roles))
            continue
        parts = [part for part in [part.strip() for part in name.split(",")] if part]
        if len(parts) > 1 and parts[0][0].islower() and (leading := roles_in(parts[0])):
            roles, parts = leading + roles, parts[1:]
            found += [(trim_stop(part), roles) for part in parts]
        elif len(parts) > 1 and _are_full_names(parts, bool(roles)):
            found += [(trim_stop(part), roles) for part in parts]
        else:
            found.append((name, roles))
    return found


def _are_full_names(parts: list[str], with_role: bool) -> bool:
    """Tell a list of persons from one name in inverted order: "García Márquez, Gabriel José" is one."""
    if not all(" " in part for part in parts):
        return False
    if len(parts) > 2 or with_role or parts[0][1:2] == ".":
        return True
    return all(key_fold(part.partition(" ")[0]) in _SURNAMES for part in parts)


def _roles(field: Field, codes: str) -> tuple[str, ...]:
    found = [role(value) for code, value in field.subfields if code in codes]
    return tuple(dict.fromkeys([name for name in found if name])) if found else ()


def _refusal(name: str) -> str | None:
    """Say why a text is no name: it has no letters, is the number of a standard, or a filler."""
    if not any(map(str.isalpha, name)) or _STANDARD.match(name):
        return "agent-is-a-number"
    if "," not in name and (key_fold(name) in _FILLERS or is_unknown(name)):
        return "agent-is-a-filler"
    return None
