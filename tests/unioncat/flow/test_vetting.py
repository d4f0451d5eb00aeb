"""An option that is known is refused all the same where its value means nothing."""

import pytest

from unioncat.config import Settings
from unioncat.domain.source import Protocol
from unioncat.flow.vetting import vet
from unioncat.store.errors import Conflict


@pytest.mark.parametrize("value", ["tcvn3", "auto", "utf-8"])
def test_an_encoding_may_be_named(value: str) -> None:
    vet(Settings(), "s", Protocol.FILES, "", {"encoding": value})


def test_a_misspelt_encoding_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(Conflict, match="abc") as caught:
        vet(Settings(), "s", Protocol.FILES, "", {"encoding": "abc"})
    assert "tcvn3" in caught.value.remedy
