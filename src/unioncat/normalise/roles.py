"""Roles of agents as MARC relator codes, out of codes, terms and the abbreviations of Vietnamese practice.

A term that is not known stays as the source writes it: a role is never guessed and never lost.
"""

import re
from functools import lru_cache

from unioncat.normalise.tidy import trim_stop
from unioncat.text import clean, key_exact

_TERMS = {
    "aut": "tác giả, author, auteur, verfasser, t.g., viết, viết lời, viết bài",
    "edt": "chủ biên, ch.b., cb., đồng chủ biên, tổng chủ biên, biên tập, b.t., editor, editors, ed., eds., "
    "editor-in-chief, éditeur scientifique, herausgeber, hrsg., chủ bút",
    "com": "biên soạn, b.s., bs., soạn, compiler, comp., tuyển chọn, t.ch., tuyển soạn, hệ thống hoá",
    "col": "sưu tầm, s.t., collector",
    "trl": "dịch, người dịch, biên dịch, b.d., lược dịch, dịch giả, d., translator, trans., tr., traducteur, "
    "übersetzer, dịch thuật, chuyển ngữ",
    "crr": "hiệu đính, h.đ., hđ., corrector, duyệt",
    "ill": "minh họa, minh hoạ, m.h., vẽ, tranh, vẽ tranh, illustrator, ill., illus., illustrateur",
    "aui": "giới thiệu, g.th., lời giới thiệu, đề tựa, viết tựa, lời tựa, viết lời tựa, viết lời giới thiệu, "
    "author of introduction",
    "win": "writer of introduction",
    "ann": "chú giải, chú thích, bổ chú, annotator",
    "trc": "phiên âm, transcriber",
    "adp": "phóng tác, chuyển thể, phỏng theo, adapter",
    "pht": "ảnh, chụp ảnh, nhiếp ảnh, photographer",
    "cmp": "soạn nhạc, nhạc, composer",
    "lyr": "lời, lời thơ, lyricist",
    "ivr": "phỏng vấn, interviewer",
    "stl": "kể, người kể, storyteller",
    "nrt": "đọc, narrator",
    "drt": "đạo diễn, director",
    "ths": "hướng dẫn, người hướng dẫn, hướng dẫn khoa học, h.d., hd., thesis advisor, advisor, supervisor",
    "opn": "phản biện, opponent",
    "ctb": "cộng tác, cộng tác viên, cộng sự, tham gia, tham gia biên soạn, contributor",
    "bkd": "trình bày, bìa, trình bày bìa, book designer",
    "pdr": "chủ trì, chủ nhiệm, chủ nhiệm đề tài, project director",
    "pbl": "nhà xuất bản, publisher",
    "prt": "nhà in, printer",
    "isb": "ban hành, issuing body",
    "spn": "tài trợ, sponsor",
}
_CODES = {key_exact(term): code for code, terms in _TERMS.items() for term in terms.split(", ")}
_CODES |= {code: code for code in _TERMS}
_ENGLISH = re.compile(r"(edited|translated|compiled|illustrated|written) by ")
_ENGLISH_ROLES = {
    "edited": "edt",
    "translated": "trl",
    "compiled": "com",
    "illustrated": "ill",
    "written": "aut",
}
_AND = frozenset({"và", "and", "&"})
_LAST_WORDS = frozenset(key.rpartition(" ")[2] for key in _CODES)


@lru_cache(maxsize=4096)
def role_code(term: str) -> str | None:
    """Return the relator code of a term or code, or None where it is not known."""
    if "/" in term:  # a relator as an address
        term = term.rstrip("/").rpartition("/")[2]
    return _CODES.get(key_exact(term))


@lru_cache(maxsize=4096)
def roles_in(text: str) -> tuple[str, ...]:
    """Return the codes of the roles that `text` names, or nothing if it holds any other word."""
    parts = text.replace(";", ",").replace("/", ",").replace("&", ",").replace(" và ", ",").split(",")
    codes = [role_code(part) for part in parts]
    return tuple(code for code in codes if code) if all(codes) else ()


@lru_cache(maxsize=4096)
def role(term: str) -> str | None:
    """Return the role of a $e or $4: its code if known, the term itself if not, None if it is empty."""
    term = clean(term).strip(" .,;:()")
    return role_code(term) or term or None


@lru_cache(maxsize=1 << 15)
def split_roles(name: str) -> tuple[str, tuple[str, ...]]:
    """Take the roles written in with a name off it.

    "Nguyễn Đình Trí (ch.b.)", "Lê Văn A b.s.", "Dịch: Trần Thị B".
    """
    found: tuple[str, ...] = ()
    if name[:1].islower() and (by := _ENGLISH.match(name)):
        name, found = name[by.end() :], (_ENGLISH_ROLES[by[1]],)
    head, colon, rest = name.partition(":")
    if colon and rest.strip() and (roles := roles_in(head)):
        name, found = rest.strip(" ,"), roles
    while name.endswith((")", "]")):
        cut = max(name.rfind("("), name.rfind("["))
        if cut <= 0 or not (roles := roles_in(name[cut + 1 : -1])):
            break
        name, found = name[:cut].rstrip(" ,:"), roles + found
    words = name.split(" ")
    while len(words) > 1 and words[-1][:1].islower() and _last_word(words) in _LAST_WORDS:
        count, code = _role_at_end(words)
        if code is None:
            break
        words, found = " ".join(words[:-count]).rstrip(" ,:-").split(" "), (code, *found)
        if len(words) > 1 and words[-1] in _AND:
            words = words[:-1]
    return trim_stop(" ".join(words)), tuple(dict.fromkeys(found))


def _last_word(words: list[str]) -> str:
    return key_exact(words[-1]).rpartition(" ")[2]


def _role_at_end(words: list[str]) -> tuple[int, str | None]:
    """Return how many words at the end are a role, and its code: two words or a comma must come before it."""
    for count in (3, 2, 1):
        if count < len(words) and words[-count][:1].islower():
            code = role_code(" ".join(words[-count:]))
            if code and (len(words) > count + 1 or words[-count - 1][-1:] == ","):
                return count, code
    return 0, None
