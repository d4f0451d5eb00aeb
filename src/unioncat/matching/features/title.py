"""The title: proper title and remainder, whatever their division, with the numbers that stand in them.

Subtitles come and go between catalogues, so one title may be the beginning of the other; a number may
not differ.
"""

import re
from typing import Final, NamedTuple

from rapidfuzz import fuzz

from unioncat.domain.bib import BibRecord, Part, TitleKind
from unioncat.domain.match import Evidence
from unioncat.matching.facts import Features
from unioncat.matching.numbering import LONGEST_NUMBER, split, stated
from unioncat.matching.rules import (
    LONG_TITLE,
    TITLE_BEGIN,
    TITLE_BEGIN_NEAR,
    TITLE_LIKE,
    TITLE_NEAR,
    TITLE_WEAK,
    graded,
)
from unioncat.matching.wording import PARTICLES, Words, compare_words, is_foreign
from unioncat.text import key_exact, key_fold

_ARTICLES: Final[dict[str, frozenset[str]]] = {
    "eng": frozenset(("the", "a", "an")),
    "fre": frozenset(("le", "la", "les", "l", "un", "une")),
    "ger": frozenset(("der", "die", "das", "ein", "eine")),
    "spa": frozenset(("el", "la", "los", "las", "un", "una")),
    "ita": frozenset(("il", "lo", "la", "i", "gli", "le", "l", "un", "una")),
    "por": frozenset(("o", "a", "os", "as", "um", "uma")),
}
"""Leading articles by language of the record. Vietnamese has none: "An toàn" is not "Toàn"."""

_SYMBOLS = re.compile(r"(?<!\w)([CcJjFf])(\+\+|#)|(?<!\w)\.(?i:net)\b")
_EDITION = re.compile(
    r"(?i)[\s,.:;(–-]*(?<!\w)(?:tái bản|in|xuất bản)(?: có [\w ,]+?)? lần(?: thứ)? "
    r"(?:\d{1,3}|nhất|hai|ba|tư|năm)(?!\w)[)]?"
    r"|[\s,.:;(–-]*(?<!\w)\d{1,3}(?:st|nd|rd|th|d) ed(?:ition|n)?(?!\w)\.?[)]?"
)
_MARKED = re.compile(r"[ăâđêôơưĂÂĐÊÔƠƯ\u1ea0-\u1ef9]")
_EDITION_HINT = re.compile(r"(?i)lần|[tdh] ed")
_KINDS = frozenset((TitleKind.PARALLEL, TitleKind.VARIANT, TitleKind.UNIFORM))
_MOST_OTHERS: Final = 4
_FEW: Final = 4
_FEATURE: Final = "title"


class Facts(NamedTuple):
    """What a record says of its title, folded except where named exact."""

    title: str
    title_exact: str
    rest: str
    part_names: tuple[str, ...]
    numbers: tuple[str, ...]
    other_titles: tuple[str, ...]


def extract(bib: BibRecord, languages: tuple[str, ...]) -> Facts:
    """Fold the titles of a record; volume and edition words are taken out, they have their own features."""
    main, rest = bib.title.main, bib.title.remainder or ""
    others = []
    if " = " in main:
        main, _, parallel = main.partition(" = ")
        others.append(parallel)
    if not rest and ":" in main:
        main, _, rest = main.partition(":")
    folded, exact = _keys(main, languages)
    if not folded:
        folded, exact = key_fold(bib.title.main), key_exact(bib.title.main)
    names = [key_fold(_plain(name)) for part in bib.title.parts if (name := _name_of(part))]
    section = _SECTION.match(rest) if rest else None
    if section:
        names.append(key_fold(_plain(rest[section.start(1) :])))
        rest = ""
    rest = key_fold(_plain(rest)) if rest else ""
    others.extend(title.main for title in bib.other_titles if title.kind in _KINDS)
    alternatives = {key_fold(_plain(other)) for other in others[:_MOST_OTHERS]} - {"", folded}
    numbers = {word.lstrip("0") for word in (*folded.split(), *rest.split()) if word.isdecimal()}
    return Facts(
        folded, exact, rest, tuple(filter(None, names)), tuple(sorted(numbers)), tuple(sorted(alternatives))
    )


_SECTION = re.compile(r"(?i)\W*((?:phân ban|tiểu ban|phần) [^\W\d]{2}.*)")
"""A remainder that names a section of a conference or a part of a textbook ("Phân ban Kỹ thuật điện")."""


def _name_of(part: Part) -> str | None:
    """Give the name of a part; what stands as its number but holds none is a name ("Zanpen", "Register")."""
    if part.name or not part.number or len(part.number) > LONGEST_NUMBER or stated(part.number):
        return part.name
    return part.number


def _plain(text: str) -> str:
    """Take out volume and edition words and spell the symbols that are words ("C++", "C#")."""
    text = split(text).text
    if "&" in text:
        text = text.replace("&", " và " if _MARKED.search(text) else " and ")
    if "#" in text or "+" in text or "." in text:
        text = _SYMBOLS.sub(_spell, text)
    return _EDITION.sub(" ", text) if _EDITION_HINT.search(text) else text


def _spell(match: re.Match[str]) -> str:
    if match[1] is None:
        return " dotnet"
    return match[1] + ("plusplus" if match[2] == "++" else "sharp")


def _keys(main: str, languages: tuple[str, ...]) -> tuple[str, str]:
    """Return the folded and the exact key of a title proper, without a leading article.

    A catalogue may call every record English: an English article goes only where the rest is no Vietnamese.
    """
    plain = _plain(main)
    exact = key_exact(plain)
    folded = exact if plain.isascii() else key_fold(plain)
    first, _, others = exact.partition(" ")
    spoken = languages or _SUPPOSED
    article = others and any(first in _ARTICLES.get(language, ()) for language in spoken)
    if article and (spoken != _SUPPOSED or is_foreign(folded)):
        return folded.partition(" ")[2], others
    return folded, exact


_SUPPOSED: Final = ("eng",)


def compare(left: Features, right: Features) -> Evidence:
    """Weigh the titles of two records, subtitles, parts and numbers in them included."""
    ours, theirs = left.title, right.title
    if not ours or not theirs:
        return _NOTHING
    if left.numbers != right.numbers or left.part_names != right.part_names:
        conflict = _conflict(left, right)
        if conflict is not None:
            return graded(_FEATURE, conflict, _full(left), _full(right))
    grades = [_grade(left, right)]
    if grades[0] in _AGREEING:
        letters = min(_letters(left), _letters(right))
        if letters <= _BRIEF:
            grades.append(
                "title.tiny" if letters <= _TINY else "title.short" if letters <= _SHORT else "title.brief"
            )
        if left.title_exact != right.title_exact and ours == theirs:
            grades.append("title.marks-differ")
        if left.numbers != right.numbers:
            grades.append(_one_sided(left, right))
        if (
            left.part_names != right.part_names
            and grades[0] != "title.part-of-set"
            and _part_missing(left, right)
        ):
            grades.append("part.one-side")
    return graded(_FEATURE, grades[0], _full(left), _full(right), *grades[1:])


_AGREEING: Final = frozenset(
    (
        "title.equal",
        "title.rest-one-side",
        "title.rest-alike",
        "title.rest-near",
        "title.divided",
        "title.begins",
        "title.goes-on",
        "title.alternative",
        "title.part-of-set",
        "title.part-alone",
        "title.near",
        "title.like",
        "title.word-missing",
        "title.few-words-differ",
        "title.contained",
    )
)
_TINY: Final = 6
_SHORT: Final = 10
_BRIEF: Final = 15
"""Letters up to which an agreeing title says little: "Thơ", "Toán cao cấp", "Giải tích hàm"."""
_NOTHING = Evidence(_FEATURE, 0.0)


def _letters(facts: Features) -> int:
    return len(facts.title) - facts.title.count(" ") + len(facts.rest)


def _full(facts: Features) -> str:
    return f"{facts.title} {facts.rest}" if facts.rest else facts.title


def doubtful(grades: tuple[str, ...]) -> bool:
    """Tell whether each title has words that the other one lacks, by the grades of `compare`."""
    return not _DOUBTFUL.isdisjoint(grades)


_DOUBTFUL: Final = frozenset(
    (
        "title.words-differ",
        "title.weak",
        "title.differs",
        "title.number-differs",
        "part.one-side",
        "part.differs",
    )
)


def _conflict(left: Features, right: Features) -> str | None:
    """Name the conflict when each title has a number, or a part's name, that the other one lacks."""
    ours, theirs = set(left.numbers), set(right.numbers)
    if ours - theirs and theirs - ours:
        short, long = sorted((ours, theirs), key=lambda numbers: (len(numbers), sorted(numbers)))
        if not all(any(other.endswith(one) or one.endswith(other) for other in long) for one in short):
            return "title.number-differs"
    if not all(map(_alike, left.part_names, right.part_names)):
        return "part.differs"
    return None


def _alike(one: str, other: str) -> bool:
    """Tell whether two names of parts are alike and have the same numbers in them."""
    if {word for word in one.split() if word.isdecimal()} != {
        word for word in other.split() if word.isdecimal()
    }:
        return False
    if one.startswith(other) or other.startswith(one):
        return True
    return fuzz.ratio(one, other) >= TITLE_LIKE and compare_words(one, other) is not Words.OTHER


def _one_sided(left: Features, right: Features) -> str:
    """Name what numbers tell that one title has beyond the other's: less when they stand in a remainder."""
    beyond = set(left.numbers).symmetric_difference(right.numbers)
    in_title = any(word.lstrip("0") in beyond for facts in (left, right) for word in facts.title.split())
    return "title.number-one-side" if in_title else "title.number-in-rest"


def _part_missing(left: Features, right: Features) -> bool:
    """Tell whether one side alone states the name of a part: the other may have it in its title."""
    if len(left.part_names) == len(right.part_names):
        return False
    more, fewer = (left, right) if len(left.part_names) > len(right.part_names) else (right, left)
    beyond = more.part_names[len(fewer.part_names) :]
    words = set(_full(fewer).split())
    return not all(
        words.issuperset(name.split()) or (fewer.rest and compare_words(name, fewer.rest) is Words.SAME)
        for name in beyond
    )


def _grade(left: Features, right: Features) -> str:
    ours, theirs = left.title, right.title
    if ours == theirs:
        return _rest(left.rest, right.rest)
    full_ours, full_theirs = _full(left), _full(right)
    solid_ours, solid_theirs = full_ours.replace(" ", ""), full_theirs.replace(" ", "")
    short, long = sorted((solid_ours, solid_theirs), key=lambda text: (len(text), text))
    if short == long:
        return "title.divided"
    if len(short) >= TITLE_BEGIN and long.startswith(short):
        return "title.goes-on" if _goes_on(full_ours, full_theirs) else "title.begins"
    if _part_of_set(left, right) or _part_of_set(right, left):
        return "title.part-of-set"
    if _alternative(left, right):
        return "title.alternative"
    if _named_as_part(left, right) or _named_as_part(right, left):
        return "title.part-alone"
    alike = fuzz.ratio(full_ours, full_theirs, score_cutoff=TITLE_WEAK)
    if alike >= TITLE_LIKE or _begins_alike(short, long):
        words = compare_words(full_ours, full_theirs)
        if words is not Words.SAME:
            return "title.words-differ" if words is Words.OTHER else "title.few-words-differ"
        if _lacks_a_word(ours, theirs):
            return "title.word-missing"
        return "title.near" if alike >= TITLE_NEAR else "title.like"
    if _contained(full_ours, full_theirs):
        return "title.contained"
    if long.startswith(short) and _divided_late(left, right):
        return "title.divided"
    return "title.weak" if alike >= TITLE_WEAK else "title.differs"


def _rest(ours: str, theirs: str) -> str:
    """Grade the remainders of two equal titles."""
    if ours == theirs:
        return "title.equal"
    if not ours or not theirs:
        return "title.rest-one-side"
    if (ours.startswith(theirs) or theirs.startswith(ours)) and _goes_on(ours, theirs):
        return "title.rest-differs"
    if ours.startswith(theirs) or theirs.startswith(ours) or compare_words(ours, theirs) is Words.SAME:
        return "title.rest-alike"
    if fuzz.ratio(ours, theirs, score_cutoff=TITLE_NEAR) and _marks(ours) == _marks(theirs):
        return "title.rest-near"
    words_ours, words_theirs = set(ours.split()), set(theirs.split())
    shared = len(words_ours & words_theirs)
    return (
        "title.rest-other" if 2 * shared <= min(len(words_ours), len(words_theirs)) else "title.rest-differs"
    )


def _marks(text: str) -> list[str]:
    """The words that count something: with a digit in them, or single letters ("2A", "S1", "B")."""
    return [word for word in text.split() if len(word) == 1 or not word.isalpha()]


_AND: Final = frozenset(("and", "va", "et", "und", "y"))


def _goes_on(ours: str, theirs: str) -> bool:
    """Tell whether the longer title names one thing more: "Statics" is not "Statics and dynamics"."""
    short, long = sorted((ours.split(), theirs.split()), key=len)
    return len(long) > len(short) and long[: len(short)] == short and long[len(short)] in _AND


def _part_of_set(ours: Features, theirs: Features) -> bool:
    """Tell whether one side has a set as its title and the part below, the other that part in that series."""
    if not theirs.series or not ours.volumes:
        return False
    return any(
        (title == ours.title and theirs.title in ours.part_names) or f"{title} {theirs.title}" == ours.title
        for title, number in theirs.series
        if title and number
    )


def _named_as_part(ours: Features, theirs: Features) -> bool:
    """Tell whether one side has a title of many parts and the part below, the other the part by itself."""
    return (
        bool(ours.part_names)
        and not theirs.part_names
        and ours.part_names[-1] == theirs.title
        and len(theirs.title) > _BRIEF
    )


def _divided_late(left: Features, right: Features) -> bool:
    """Tell whether one title takes in what is the statement of responsibility of the other."""
    short, long = sorted((_solid(left), _solid(right)), key=len)
    return len(short) >= TITLE_BEGIN_NEAR and long.startswith(short)


def _solid(facts: Features) -> str:
    return f"{_full(facts)}{facts.statement}".replace(" ", "")


def _begins_alike(short: str, long: str) -> bool:
    """Tell whether a longer title begins nearly as a shorter one, letters alone."""
    return len(short) >= TITLE_BEGIN_NEAR and fuzz.ratio(short, long[: len(short)]) >= TITLE_NEAR


def _lacks_a_word(ours: str, theirs: str) -> bool:
    """Tell whether a short title is another without a word: "Toàn thông tin" is not "An toàn thông tin"."""
    words_ours, words_theirs = set(ours.split()), set(theirs.split())
    return (
        len(words_ours | words_theirs) < LONG_TITLE
        and (words_ours < words_theirs or words_theirs < words_ours)
        and not (words_ours ^ words_theirs <= PARTICLES and is_foreign(ours) and is_foreign(theirs))
    )


def _contained(ours: str, theirs: str) -> bool:
    """Tell whether all words of one title, five or more, stand in the longer other."""
    short, long = sorted((set(ours.split()), set(theirs.split())), key=len)
    return len(short) > _FEW and short < long


def _alternative(left: Features, right: Features) -> bool:
    """Tell whether a parallel, uniform or variant title of one is the title of the other.

    Two that only share an original title are two translations.
    """
    if not left.other_titles and not right.other_titles:
        return False
    return not {left.title, _full(left)}.isdisjoint(right.other_titles) or not {
        right.title,
        _full(right),
    }.isdisjoint(left.other_titles)
