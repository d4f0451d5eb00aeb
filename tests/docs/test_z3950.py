"""The guide to Z39.50 names every option with the words that registration gives."""

from pathlib import Path

from unioncat.domain.options import EVERY, Z3950

PAGE = Path(__file__).parents[2] / "docs" / "z3950.md"


def test_every_option_is_explained_in_the_same_words() -> None:
    lines = PAGE.read_text("utf-8").splitlines()
    begun = lines.index("| option | what it does |") + 2
    rows = [f"| `{name}` | {words} |" for name, words in {**EVERY, **Z3950}.items()]
    assert lines[begun : lines.index("", begun)] == rows
