"""A suggestion says what to set, and a source with it set is what a person accepts."""

import pytest

from unioncat.domain.source import Protocol, Source
from unioncat.domain.switches import Suggestion, applied

SOURCE = Source(
    "a-oai", "a", Protocol.OAI_PMH, "http://lib.example.org/oai", options=(("token", "verbatim"),)
)


def after(name: str, value: str) -> Source:
    return applied(SOURCE, Suggestion(name, value, "because"))


def test_options_and_fields_are_set() -> None:
    assert after("granularity", "day").options == (("granularity", "day"), ("token", "verbatim"))
    assert after("address", "https://lib.example.org/oai").address.startswith("https")
    assert after("reconcile_days", "7").reconcile_days == 7
    assert after("assertions.trust_list_size", "false").assertions.trust_list_size is False
    assert after("politeness.max_page_bytes", "1024").politeness.max_page_bytes == 1024
    assert after("politeness.pause", "0.5").politeness.pause == 0.5


@pytest.mark.parametrize(
    ("name", "value"),
    [("assertions.trust_list_size", "maybe"), ("politeness.nothing", "1"), ("reconcile_days", "weekly")],
)
def test_what_means_nothing_is_refused(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        after(name, value)
