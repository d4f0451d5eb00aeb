"""Who made it: persons in any order of their names, with initials; bodies only as weak evidence.

Frequent surnames prove nothing, and a missing name is not a different one.
"""

import re
from functools import lru_cache
from typing import Final, NamedTuple

from rapidfuzz import fuzz

from unioncat.domain.bib import Agent, AgentKind, BibRecord
from unioncat.domain.match import Evidence
from unioncat.matching.facts import Features
from unioncat.matching.names import Likeness, best, likeness, of_vietnamese_syllables, persons
from unioncat.matching.rules import TITLE_LIKE, TITLE_WEAK, graded
from unioncat.text import key_fold

_FEATURE: Final = "responsibility"
_MOST: Final = 8
_LONGEST: Final = 160
_SENTENCE: Final = 30
"""Letters from which a statement is more than a name or two."""
_STATEMENT: Final = 90.0
"""Likeness of statements of responsibility from which they name the same people."""


class Facts(NamedTuple):
    """Names of a record, the main one first."""

    people: tuple[str, ...]
    people_exact: tuple[str, ...]
    main_person: bool
    bodies: tuple[str, ...]
    statement: str


def extract(bib: BibRecord) -> Facts:
    """Return persons and bodies from the headings, or else from the statement of responsibility."""
    folded: list[str] = []
    exact: list[str] = []
    bodies: list[str] = []
    for agent in sorted(bib.agents, key=lambda agent: not agent.main):
        if _of_copy(agent):
            continue
        if agent.kind is AgentKind.PERSON and not _names_body(agent.name):
            _add(folded, exact, agent.name)
        elif (body := key_fold(agent.name)) and body not in bodies:
            bodies.append(body)
    if not folded and bib.responsibility:
        statement = bib.responsibility.partition(";")[0]
        if not _is_body(statement):
            _add(folded, exact, statement)
        elif (body := key_fold(statement)) not in bodies:
            bodies.append(body)
    main = next((agent for agent in bib.agents if agent.main), None)
    return Facts(
        tuple(folded[:_MOST]),
        tuple(exact[:_MOST]),
        bool(folded) and (main is None or main.kind is AgentKind.PERSON),
        tuple(bodies[:_MOST]),
        key_fold(bib.responsibility[:_LONGEST]) if bib.responsibility else "",
    )


_OF_COPY: Final = frozenset(
    key_fold(role)
    for role in (
        "former owner", "previous owner", "owner", "fmo", "own", "donor", "dnr", "binder", "bnd",
        "bookseller", "bsl", "inscriber", "ins", "chủ sở hữu", "người tặng",
    )
)  # fmt: skip
"""Roles of those who had to do with a copy, not with the book."""
_COLLECTION = re.compile(r"(?i)\bcollection\b.*\((?:library|bibliothèque|biblioteca|thư viện|\w+ library)")


def _of_copy(agent: Agent) -> bool:
    """Tell whether a heading speaks of one library's copy: an owner, a giver, the collection it came with."""
    if agent.roles and all(_folded(role) in _OF_COPY for role in agent.roles):
        return True
    return (
        agent.kind is not AgentKind.PERSON
        and "ollection" in agent.name
        and _COLLECTION.search(agent.name) is not None
    )


_folded = lru_cache(maxsize=512)(key_fold)


def _add(folded: list[str], exact: list[str], name: str) -> None:
    for one, marked in persons(name):
        if one not in folded:
            folded.append(one)
            exact.append(marked)


_BODY_WORDS: Final = frozenset(
    key_fold(
        "trường viện bộ hội sở ủy ban công ty trung tâm tổng cục đại học university institute ministry"
        " department committee society association bureau office council commission company international"
    ).split()
)


_BODY = re.compile(
    r"(?i)^(?:trường|học viện|viện|bộ|sở|cục|tổng cục|ủy ban|uỷ ban|ban|hội|liên hiệp|thư viện|trung tâm"
    r"|công ty|tập đoàn|đảng|quốc hội|chính phủ|tỉnh|thành phố|nhà xuất bản|ngân hàng|tòa án|toà án|đại học"
    r"|khoa) \S+ \S+"
)
"""How the names of Vietnamese bodies begin; three words at least, because Ban and Hội are names too."""


def _names_body(name: str) -> bool:
    """Tell whether a heading made as a person's names a body: tables and Dublin Core know no difference."""
    return _BODY.search(name) is not None


def _is_body(statement: str) -> bool:
    """Tell whether a statement of responsibility names a body rather than persons."""
    words = key_fold(statement).split()
    return len(words) > 6 or sum(word in _BODY_WORDS for word in words) > 1


def compare(left: Features, right: Features) -> Evidence:
    """Weigh the names: the main person of one side among those of the other, then any person, then bodies."""
    ours, theirs = left.people, right.people
    if not ours or not theirs:
        return _bodies(left, right)
    grade = _grade(ours, theirs)
    if grade == "name.differs":
        if _stated(left, right):
            grade = "name.statement"
        elif not (left.main_person and right.main_person):
            grade = "name.others-differ"
    if grade == "name.equal" and tones_differ(left, right):
        grade = "name.tones-differ"
    shown = "; ".join(ours), "; ".join(theirs)
    if grade == "name.equal" and left.people_exact == right.people_exact:
        return graded(_FEATURE, grade, *shown, "name.all-equal")
    return graded(_FEATURE, grade, *shown) if grade else Evidence(_FEATURE, 0.0, False, *shown)


def compare_statement(left: Features, right: Features) -> Evidence:
    """Weigh statements of responsibility as texts: they name editors and revisers whom no heading names."""
    ours, theirs = left.statement, right.statement
    if not ours or not theirs:
        return _NO_STATEMENT
    alike = 100.0 if ours == theirs else fuzz.token_set_ratio(ours, theirs)
    if alike >= _STATEMENT and (min(len(ours), len(theirs)) >= _SENTENCE or _within(ours, theirs)):
        grade = "statement.equal"
    elif alike >= TITLE_WEAK:
        grade = "statement.like"
    else:
        grade = "statement.differs"
    return graded("statement", grade, ours, theirs)


def _within(ours: str, theirs: str) -> bool:
    """Tell whether one of two short statements says no more than the other: names differ by a letter."""
    words_ours, words_theirs = set(ours.split()), set(theirs.split())
    return words_ours <= words_theirs or words_theirs <= words_ours


_NO_STATEMENT = Evidence("statement", 0.0)
_NOTHING = Evidence(_FEATURE, 0.0)


def _grade(ours: tuple[str, ...], theirs: tuple[str, ...]) -> str | None:
    main = likeness(ours[0], theirs[0])
    if main < Likeness.EQUAL:
        main = max(main, best(ours[:1], theirs), best(theirs[:1], ours))
    if main is Likeness.EQUAL:
        return "name.equal"
    if main is Likeness.CLOSE:
        return "name.initials"
    if best(ours[1:], theirs[1:]) >= Likeness.CLOSE:
        return "name.shared"
    return None if main is Likeness.UNKNOWN else "name.differs"


def _stated(left: Features, right: Features) -> bool:
    """Tell whether the statements of responsibility are alike, or one names the other's main person."""
    if left.statement and right.statement:
        if min(len(left.statement), len(right.statement)) >= _SENTENCE:
            if fuzz.ratio(left.statement, right.statement) >= _STATEMENT:
                return True
        elif left.statement == right.statement:
            return True
        for facts, other in ((left, right), (right, left)):
            if set(facts.people[0].split()) <= set(other.statement.split()):
                return True
    return False


def tones_differ(left: Features, right: Features) -> bool:
    """Tell whether the main names are equal without marks but not with them (Nguyễn Dữ, Nguyễn Du).

    Of names that cannot be Vietnamese the marks tell nothing: catalogues write Enikő, Enikö and Eniko.
    """
    if not left.people or not right.people or not left.toned or not right.toned:
        return False
    ours = {"".join(sorted(name.split())): sorted(marked.split()) for name, marked in _both(left)}
    theirs = {"".join(sorted(name.split())): sorted(marked.split()) for name, marked in _both(right)}
    shared = ours.keys() & theirs.keys()
    if not shared or any(ours[name] == theirs[name] for name in shared):
        return False
    return any(
        of_vietnamese_syllables(name) for name in left.people if "".join(sorted(name.split())) in shared
    )


def _both(facts: Features) -> list[tuple[str, str]]:
    return list(zip(facts.people, facts.people_exact, strict=True))


def _one_body(one: str, other: str) -> bool:
    """Tell whether two names of bodies may mean one: where each has words of its own, these are spellings.

    "Học viện Cảnh sát nhân dân" and "Học viện An ninh nhân dân" share most of their words.
    """
    if one == other:
        return True
    if fuzz.token_set_ratio(one, other) < TITLE_LIKE:
        return False
    ours, theirs = set(one.split()), set(other.split())
    only_ours, only_theirs = sorted(ours - theirs), sorted(theirs - ours)
    if not only_ours or not only_theirs:
        return True
    return fuzz.ratio(" ".join(only_ours), " ".join(only_theirs)) >= TITLE_WEAK


_SCHOOL = re.compile(r"(?<!\w)(?:dai hoc|hoc vien|cao dang|university|universite|college|academy)(?!\w)")


def of_schools(left: Features, right: Features) -> bool:
    """Tell whether both records stand under a school, each of which has textbooks and theses of one title."""
    return all(any(_SCHOOL.search(body) for body in facts.bodies) for facts in (left, right))


def _bodies(left: Features, right: Features) -> Evidence:
    """Weigh bodies where no persons can be compared: their names are written in too many ways.

    Where one side names persons too, a body in common still counts, and none in common tells nothing.
    """
    if not left.bodies or not right.bodies:
        return _NOTHING
    equal = any(_one_body(one, other) for one in left.bodies for other in right.bodies)
    if left.people or right.people:
        if not equal:
            return _NOTHING
        grade = "body.shared"
    else:
        grade = "body.equal" if equal else "body.differs"
    return graded(_FEATURE, grade, "; ".join(left.bodies), "; ".join(right.bodies))
