"""The title: proper title and remainder, whatever their division, with the numbers that stand in them.

Subtitles come and go between catalogues, so one title may be the beginning of the other; a number may
not differ.
"""

import re
from typing import Final, NamedTuple

from rapidfuzz import fuzz

from unioncat.domain.bib import BibRecord, TitleKind
from unioncat.domain.match import Evidence
from unioncat.matching.facts import Features
from unioncat.matching.numbering import split
from unioncat.matching.rules import (
    LONG_TITLE,
    POINTS,
    SLIP,
    SLIP_FROM,
    TITLE_BEGIN,
    TITLE_BEGIN_NEAR,
    TITLE_LENGTH,
    TITLE_LIKE,
    TITLE_NEAR,
    TITLE_WEAK,
)
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
    rest = key_fold(_plain(rest)) if rest else ""
    names = tuple(key_fold(_plain(part.name)) for part in bib.title.parts if part.name)
    others.extend(title.main for title in bib.other_titles if title.kind in _KINDS)
    alternatives = {key_fold(_plain(other)) for other in others[:_MOST_OTHERS]} - {"", folded}
    numbers = {word.lstrip("0") for word in (*folded.split(), *rest.split()) if word.isdecimal()}
    return Facts(folded, exact, rest, names, tuple(sorted(numbers)), tuple(sorted(alternatives)))


def _plain(text: str) -> str:
    """Take out volume and edition words and spell the symbols that are words ("C++", "C#")."""
    text = split(text).text
    if "#" in text or "+" in text or "." in text:
        text = _SYMBOLS.sub(_spell, text)
    return _EDITION.sub(" ", text)


def _spell(match: re.Match[str]) -> str:
    if match[1] is None:
        return " dotnet"
    return match[1] + ("plusplus" if match[2] == "++" else "sharp")


def _keys(main: str, languages: tuple[str, ...]) -> tuple[str, str]:
    """Return the folded and the exact key of a title proper, without a leading article.

    A catalogue may call every record English: an English article goes only where the rest is no Vietnamese.
    """
    plain = _plain(main)
    exact, folded = key_exact(plain), key_fold(plain)
    first, _, others = exact.partition(" ")
    spoken = languages or _SUPPOSED
    article = others and any(first in _ARTICLES.get(language, ()) for language in spoken)
    if article and (spoken != _SUPPOSED or _foreign(folded)):
        return folded.partition(" ")[2], others
    return folded, exact


_SUPPOSED: Final = ("eng",)
_IMPOSSIBLE = re.compile(
    r"[fjwz]"  # no letters of Vietnamese
    r"|(?:[bdkqrsvxl]|(?<!n)g|(?<![cn])h)(?: |$)"  # no ends of a syllable
    r"|[aeiouy][^aeiouy \d]+[aeiouy]"  # more than one syllable in a word
)


def _foreign(folded: str) -> bool:
    """Tell whether a folded title cannot be Vietnamese, by its letters and syllables."""
    return _IMPOSSIBLE.search(folded) is not None


def compare(left: Features, right: Features) -> Evidence:
    """Weigh the titles of two records, subtitles, parts and numbers in them included."""
    ours, theirs = left.title, right.title
    if not ours or not theirs:
        return _NOTHING
    if left.numbers != right.numbers or left.part_names != right.part_names:
        conflict = _conflict(left, right)
        if conflict is not None:
            return Evidence(_FEATURE, POINTS[conflict], left=_full(left), right=_full(right))
    points = _points(left, right)
    if left.numbers != right.numbers and points > 0:
        points += _one_sided(left, right)
    if left.part_names != right.part_names and points > 0:
        points += _part(left, right)
    return Evidence(_FEATURE, points, left=_full(left), right=_full(right))


_NOTHING = Evidence(_FEATURE, 0.0)


def _full(facts: Features) -> str:
    return f"{facts.title} {facts.rest}" if facts.rest else facts.title


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
    return one.startswith(other) or other.startswith(one) or fuzz.ratio(one, other) >= TITLE_LIKE


def _one_sided(left: Features, right: Features) -> float:
    """Weigh numbers that one title has beyond the other's: less when they stand in a remainder."""
    beyond = set(left.numbers).symmetric_difference(right.numbers)
    in_title = any(word.lstrip("0") in beyond for facts in (left, right) for word in facts.title.split())
    return POINTS["title.number-one-side" if in_title else "title.number-in-rest"]


def _part(left: Features, right: Features) -> float:
    """Weigh the name of a part that only one side states as such: the other may have it in its title."""
    if len(left.part_names) == len(right.part_names):
        return 0.0
    more, fewer = (left, right) if len(left.part_names) > len(right.part_names) else (right, left)
    beyond = more.part_names[len(fewer.part_names) :]
    if all(fuzz.partial_ratio(name, _full(fewer)) >= TITLE_LIKE for name in beyond):
        return 0.0
    return POINTS["part.one-side"]


def _points(left: Features, right: Features) -> float:
    ours, theirs = left.title, right.title
    if ours == theirs:
        base = POINTS["title.equal" if left.title_exact == right.title_exact else "title.folded"]
        if left.rest and right.rest and left.rest != right.rest and not _same_words(left.rest, right.rest):
            return POINTS["title.rest-differs"]
        return base + _length(ours)
    full_ours, full_theirs = _full(left), _full(right)
    solid_ours, solid_theirs = full_ours.replace(" ", ""), full_theirs.replace(" ", "")
    short, long = sorted((solid_ours, solid_theirs), key=lambda text: (len(text), text))
    if short == long:
        return POINTS["title.folded"] + _length(ours)
    if len(short) >= TITLE_BEGIN and long.startswith(short):
        return POINTS["title.begins"] + min(_length(ours), _length(theirs))
    if _alternative(left, right):
        return POINTS["title.alternative"]
    alike = fuzz.ratio(full_ours, full_theirs, score_cutoff=TITLE_WEAK)
    if alike >= TITLE_LIKE or _begins_alike(short, long):
        if not _same_words(full_ours, full_theirs):
            return POINTS["title.words-differ"]
        near = alike >= TITLE_NEAR and not _lacks_a_word(ours, theirs)
        return POINTS["title.near" if near else "title.like"]
    if _contained(full_ours, full_theirs):
        return POINTS["title.like"]
    return POINTS["title.weak" if alike >= TITLE_WEAK else "title.differs"]


def _begins_alike(short: str, long: str) -> bool:
    """Tell whether a longer title begins nearly as a shorter one, letters alone."""
    return len(short) >= TITLE_BEGIN_NEAR and fuzz.ratio(short, long[: len(short)]) >= TITLE_NEAR


def _same_words(ours: str, theirs: str) -> bool:
    """Tell whether two texts say the same but for slips of the pen and words that one of them leaves out.

    Where each has a word that is none of the other's, they differ ("động vật" and "thực vật"); so do the same
    words in another order ("Anh - Việt" and "Việt - Anh"). Long texts may differ in a few words.
    """
    words_ours, words_theirs = ours.split(), theirs.split()
    only_ours = sorted(set(words_ours).difference(words_theirs))
    only_theirs = sorted(set(words_theirs).difference(words_ours))
    if not only_ours and not only_theirs:
        return len(words_ours) != len(words_theirs)
    if not only_ours or not only_theirs:
        return True
    beyond_ours, beyond_theirs = " ".join(only_ours), " ".join(only_theirs)
    if (
        min(len(beyond_ours), len(beyond_theirs)) >= SLIP_FROM
        and fuzz.ratio(beyond_ours, beyond_theirs) >= SLIP
    ):
        return True
    if beyond_ours.replace(" ", "") == beyond_theirs.replace(" ", ""):
        return True
    few = max(len(only_ours), len(only_theirs)) * LONG_TITLE <= min(len(words_ours), len(words_theirs))
    return few and fuzz.ratio(ours, theirs) >= TITLE_NEAR


def _lacks_a_word(ours: str, theirs: str) -> bool:
    """Tell whether a short title is another without a word: "Toàn thông tin" is not "An toàn thông tin"."""
    words_ours, words_theirs = set(ours.split()), set(theirs.split())
    return len(words_ours | words_theirs) < LONG_TITLE and (
        words_ours < words_theirs or words_theirs < words_ours
    )


def _contained(ours: str, theirs: str) -> bool:
    """Tell whether all words of one title, five or more, stand in the longer other."""
    short, long = sorted((set(ours.split()), set(theirs.split())), key=len)
    return len(short) > _FEW and short < long


def _alternative(left: Features, right: Features) -> bool:
    """Tell whether a parallel, uniform or variant title of one is a title of the other."""
    if not left.other_titles and not right.other_titles:
        return False
    ours = {left.title, _full(left), *left.other_titles}
    theirs = {right.title, _full(right), *right.other_titles}
    return not ours.isdisjoint(theirs)


def _length(title: str) -> float:
    words = title.count(" ") + 1
    return TITLE_LENGTH[words] if words < len(TITLE_LENGTH) else TITLE_LENGTH[-1]
