"""Agents: main and added entries, with their roles, also where the source writes these into the name.

A name is kept as written; what is no name at all (a number, "Nhiều tác giả") is refused and flagged.
"""

import re
from functools import lru_cache

from unioncat.domain.bib import Agent, AgentKind
from unioncat.normalise.marc21.fields import Field, Fields
from unioncat.normalise.record import Subfields
from unioncat.normalise.roles import role, split_roles
from unioncat.normalise.tidy import is_unknown, trim, trim_stop, unbracket
from unioncat.text import key_fold

_KINDS = {"0": AgentKind.PERSON, "1": AgentKind.CORPORATE, "2": AgentKind.MEETING}
_FILLERS = frozenset(
    {"nhieu tac gia", "nhom tac gia", "tap the tac gia", "khuyet danh", "vo danh", "anonymous", "various"}
)
# Numbers of standards, which catalogues of standards put where the author belongs.
_STANDARD = re.compile(
    r"(?:TCVN|TCXD|TCXDVN|QCVN|QCXDVN|TCN|TCCS|ISO|IEC|ASTM|DIN|JIS|GOST|EN|BS)\b[ \-/:]*\w*\d"
)
# Surnames that begin nine in ten Vietnamese names; they tell "Nguyễn A, Trần B" from "Surname, Forename".
_SURNAME_WORDS = (
    "an bach bui cao chau chu cung cu dam dang dao dau diep dinh do doan dong du duong gia giang ha han "
    "hoang ho hong hua hui huynh khong kieu kim la lai lam le lieu lo loi lu luc luong luu li ma mac mai "
    "nghiem ngo nguyen nong ong pham phan phi phung phuong quach ta tang thach thai than tien to ton tong "
    "tran trieu trinh truong tu tuong ung vo vu vuong"
)
_SURNAMES = frozenset(_SURNAME_WORDS.split())
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
                if agent not in found:
                    found.append(agent)
    return tuple(found), numbers


def agents_of_text(name: str, main: bool) -> _Read:
    """Read a creator or contributor of a format without subfields."""
    return _read("100" if main else "700", " ", (("a", name),))


@lru_cache(maxsize=1 << 15)
def _read(tag: str, ind2: str, subfields: Subfields) -> _Read:
    field = Field(" ", ind2, subfields)
    main = tag[0] == "1"
    if not main and ind2 != "2" and field.first("t"):
        return (), (), ()  # a related work, not a share in this one
    kind = _KINDS[tag[2]]
    written = field.first("a")
    if written is None:
        return (), (), ()
    if kind is AgentKind.PERSON:
        return _persons(written, field, main)
    name = ". ".join([trim_stop(value) for value in field.all("ab" if kind is AgentKind.CORPORATE else "ae")])
    if refusal := _refusal(name):
        return (), (refusal,), ()
    terms = "4e" if kind is AgentKind.CORPORATE else "4j"
    return (Agent(unbracket(name), kind, _roles(field, terms), None, main),), (), ()


def _persons(written: str, field: Field, main: bool) -> _Read:
    flags: tuple[str, ...] = ()
    roles = _roles(field, "4e")
    dates = field.first("d")
    if dates:
        dates = dates.rstrip(" .,;:") or None
    numeration = field.first("b")
    names = _divide(written)
    if len(names) > 1:
        flags = ("agents-divided",)
    found: list[Agent] = []
    for text in names:
        name, own = split_roles(unbracket(trim(text)))
        if refusal := _refusal(name):
            flags += (refusal,)
            if _STANDARD.match(name):
                return (), flags, (name,)
            continue
        kind = AgentKind.PERSON
        if name.partition(" ")[0] in _CORPORATE_WORDS and key_fold(name).startswith(_CORPORATE_STARTS):
            kind = AgentKind.CORPORATE
            flags += ("agent-kind-mended",)
        if numeration and len(names) == 1:
            name = f"{name} {trim_stop(numeration)}"
        merged = tuple(dict.fromkeys((*roles, *own))) if own else roles
        found.append(Agent(name, kind, merged, dates if len(names) == 1 else None, main and not found))
    return tuple(found), flags, ()


def _divide(written: str) -> list[str]:
    """Divide several persons in one subfield: at semicolons, and at commas between Vietnamese full names."""
    if ";" in written:
        return [part.strip() for part in written.split(";") if part.strip(" .,")]
    if "," in written:
        parts = [part.strip() for part in written.split(",") if part.strip(" .")]
        if len(parts) > 1 and all(map(_is_full_name, parts)):
            return parts
    return [written]


def _is_full_name(text: str) -> bool:
    first, _, rest = text.partition(" ")
    return bool(rest) and first[:1].isupper() and key_fold(first) in _SURNAMES


def _roles(field: Field, codes: str) -> tuple[str, ...]:
    found = [role(value) for code, value in field.subfields if code in codes]
    return tuple(dict.fromkeys([name for name in found if name])) if found else ()


def _refusal(name: str) -> str | None:
    """Say why a text is no name: it has no letters, is the number of a standard, or a filler."""
    if not any(map(str.isalpha, name)) or _STANDARD.match(name):
        return "agent-is-a-number"
    if is_unknown(name) or key_fold(name) in _FILLERS:
        return "agent-is-a-filler"
    return None
