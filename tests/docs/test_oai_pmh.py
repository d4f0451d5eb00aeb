"""The guide to OAI-PMH names every option with the words that registration gives."""

from pathlib import Path

from unioncat.domain.options import OAI_PMH

PAGE = Path(__file__).parents[2] / "docs" / "oai-pmh.md"


def test_every_option_is_explained_in_the_same_words() -> None:
    rows = {}
    for line in PAGE.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `") and len(cells) == 2:
            rows[cells[0].strip("`")] = cells[1]
    assert rows == dict(OAI_PMH)
