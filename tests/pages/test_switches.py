"""The page of a source says its switches in words, in both languages, and nothing that is no switch."""

import pytest

from unioncat.domain.options import OAI_PMH
from unioncat.domain.source import Protocol, Source
from unioncat_api.pages.messages import Words
from unioncat_api.pages.sources import switches

VALUES = {
    "granularity": ("day", "seconds"),
    "selective": ("yes", "no"),
    "windows": ("day", "week", "month", "year"),
    "clock": ("+07:00",),
    "token": ("verbatim", "encoded"),
    "token-prefix": ("yes", "no"),
    "charset": ("windows-1258",),
}


def said(language: str, *options: tuple[str, str]) -> list[tuple[str, str, str]]:
    source = Source("a", "a", Protocol.OAI_PMH, "http://lib.example.org/oai", options=options)
    return switches(Words(language), source)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_switch_has_words(language: str) -> None:
    assert set(VALUES) == set(OAI_PMH)
    for name, values in VALUES.items():
        for value in values:
            ((shown, as_set, words),) = said(language, (name, value))
            assert (shown, as_set) == (name, value)
            assert len(words) > 15
            assert "{" not in words


def test_branches_name_library_and_value() -> None:
    ((_, _, words),) = said("en", ("branch:CN", "tv-a"))
    assert "CN" in words
    assert "tv-a" in words


def test_what_is_no_switch_is_not_shown() -> None:
    assert said("vi", ("authorization", "Basic xyz"), ("password", "xyz")) == []
