"""How a letter reads: its words by kind and template, filled with facts; pure.

Vietnamese first, then English. Facts are cut and cleaned: none can add a header or a line of its own.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from unioncat.flow.paper.sheets import plain

LANGUAGES = ("vi", "en")
FALLBACK = "news"
_HOLE = re.compile(r"\{(\w+)\}")
_LONGEST_SUBJECT = 150


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter, ready to be sent."""

    to: str
    subject: str
    text: str


@cache
def words() -> Mapping[str, Any]:
    """Read the words of all letters."""
    return tomllib.loads(files("unioncat.flow.letters").joinpath("words.toml").read_text(encoding="utf-8"))


def has(kind: str, template: str) -> bool:
    """Tell whether there is such a letter."""
    return kind in ("reader", "home", "supplier") and template in words()[kind]


def service(language: str, code: str) -> str:
    """Name a service."""
    return str(words()["service"][language].get(code, code))


def _fill(line: str, facts: Mapping[str, str]) -> str | None:
    """Fill a line; none where a fact that it is about is not known."""
    holes = _HOLE.findall(line)
    if holes and not facts.get(holes[-1], "").strip():
        return None
    return _HOLE.sub(lambda hole: facts.get(hole[1], ""), line)


def _lines(text: str, facts: Mapping[str, str]) -> str:
    filled = (_fill(line, facts) for line in text.strip("\n").split("\n"))
    return "\n".join(line for line in filled if line is not None).strip("\n")


def _facts(facts: Mapping[str, Any], language: str) -> dict[str, str]:
    """Choose the facts of a language: a fact may come as one text, or as one for each language."""
    found = {}
    for name, value in facts.items():
        text = (
            value.get(language, "") if isinstance(value, Mapping) else ("" if value is None else str(value))
        )
        keeps_lines = name in ("address", "link", "page")
        found[name] = "\n".join(plain(one) for one in text.split("\n")) if keeps_lines else plain(text)
    return found


def written(kind: str, template: str, facts: Mapping[str, Any]) -> tuple[str, str]:
    """Write subject and text. An unknown template of a desk or a lender is plain news. Raises KeyError."""
    every = words()
    letter = every[kind].get(template) or every[kind][FALLBACK]
    close = every["close"]
    parts, subject = [], ""
    for language in LANGUAGES:
        own = _facts(facts, language)
        title, text = letter[language]
        subject = subject or _HOLE.sub(lambda hole, own=own: own.get(hole[1], ""), title)  # type: ignore[misc]
        body = [_lines(text, own)]
        body += [_lines(close[name][language], own) for name in ("link", "page") if own.get(name)]
        body.append(close["foot"][language])
        parts.append("\n\n".join(body))
    return plain(subject, _LONGEST_SUBJECT), "\n\n— — —\n\n".join(parts) + "\n"


def subject(language: str, kind: str, template: str) -> str:
    """Name a letter by what it says, without what it is about."""
    every = words()[kind]
    letter = every.get(template) or every.get(FALLBACK) or next(iter(every.values()))
    return _HOLE.sub("", str(letter[language][0])).strip(" :")


def code(language: str, given: str) -> str:
    """Name a code of a reason or a condition; one without a name stands for itself."""
    return str(words()["codes"][language].get(given, given))
