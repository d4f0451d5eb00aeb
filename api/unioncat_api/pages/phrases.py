"""What errors, remedies and advice say, in the language of a page: sentences of the code, by their form.

The code, the log and the interface speak English; a page shows a sentence that is not in the book with a word
before it that it is technical and English, never as if it were part of the page.
"""

import re
import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files

from markupsafe import Markup, escape

from unioncat_api.pages.messages import Words

MOST = 6
"""Sentences in one text that are looked for one by one."""
LONGEST = 4000
_QUOTED = re.compile(r"'([^']{0,300})'|\"([^\"]{0,300})\"")
_OF_SOURCE = re.compile(r"source ([\w.-]+): (?=\S)")


@cache
def book() -> Mapping[str, str]:
    """Give English template -> Vietnamese sentence."""
    path = files("unioncat_api.pages").joinpath("messages/phrases.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Give the templates with values as patterns, the one that says most first."""
    found = []
    for template, said in book().items():
        if "{}" in template and template != "{}: {}":
            parts = re.escape(template.rstrip(".")).split(re.escape("{}"))
            order = (template.startswith("{}"), -len(template))
            found.append((order, re.compile("(.+?)".join(parts), re.DOTALL), said))
    return tuple((pattern, said) for _, pattern, said in sorted(found, key=lambda one: one[0]))


@lru_cache(maxsize=2048)
def vietnamese(text: str) -> str | None:
    """Say a text in Vietnamese; none where the book does not have it."""
    text = text.strip()
    if not text or len(text) > LONGEST:
        return None
    match = _OF_SOURCE.match(text)
    said = _said(text[match.end() :]) if match else None
    return said or _said(text)


def _said(text: str) -> str | None:
    return _exact(text) or _sentences(text, MOST) or _formed(text)


def _exact(text: str) -> str | None:
    forms = (text, text.rstrip("."), text.rstrip(".") + ".")
    return next((book()[form] for form in forms if form in book()), None)


def _whole(text: str) -> str | None:
    return _exact(text) or _formed(text)


def _formed(text: str) -> str | None:
    bare = text.rstrip(".")
    for pattern, said in _patterns():
        if match := pattern.fullmatch(bare):
            return said.format(*(_value(one) for one in match.groups()))
    return None


def _value(text: str) -> str:
    """Say a value: in Vietnamese where it is a phrase, else as it is, in the quotation marks of the pages."""
    inner = vietnamese(text)
    if inner is not None:
        return inner.rstrip(".") if " " not in text else inner
    return _QUOTED.sub(lambda match: f"“{match[1] or match[2] or ''}”", text)


def _sentences(text: str, most: int) -> str | None:
    """Say a text that is several sentences, if every one of them is in the book."""
    if most == 0:
        return None
    for match in re.finditer(r"\. +|; (?=[A-Z])|\n+| (?=[A-Z])", text):
        first = _whole(text[: match.start()])
        if first is None:
            continue
        rest = text[match.end() :].strip()
        others = (_exact(rest) or _sentences(rest, most - 1) or _formed(rest)) if rest else ""
        if others is not None:
            return f"{first} {others}".strip()
    return None


def told(text: str | None, words: Words) -> Markup:
    """Show what an error, a remedy or advice says, in the language of the page; `Markup` is said already."""
    if isinstance(text, Markup):
        return text
    text = (text or "").strip()
    if not text or words.language == "en":
        return Markup("<bdi>{}</bdi>").format(text[:1].upper() + text[1:]) if text else Markup("")
    said = vietnamese(text)
    if said is not None:
        return escape(said)
    return Markup('<span class="technical">{} <bdi lang="en">{}</bdi></span>').format(
        words.t("site.technical"), text
    )
