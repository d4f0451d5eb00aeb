"""The threat model names tests: each of them exists."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def test_every_test_that_the_threat_model_names_exists() -> None:
    named = NAMED.findall((ROOT / "docs/security.md").read_text("utf-8"))
    assert len(named) > 25
    for file, test in named:
        assert f"def {test}(" in (ROOT / file).read_text("utf-8"), f"{file}::{test}"


def test_every_attempt_in_the_threat_model_names_its_test() -> None:
    text = (ROOT / "docs/security.md").read_text("utf-8")
    tables = re.findall(r"^\| attempt \|.*\n\|-.*\n((?:\|.*\n)+)", text, re.MULTILINE)
    assert len(tables) > 4
    rows = [row for table in tables for row in table.splitlines()]
    assert [row for row in rows if not NAMED.search(row.split(" | ")[-1])] == []


def test_its_figures_are_those_of_the_code() -> None:
    from unioncat.config import Settings
    from unioncat_api import middleware, patience, rates
    from unioncat_harvester import transport

    text = (ROOT / "docs/security.md").read_text("utf-8")
    budgets = rates.budgets(Settings.model_fields["rate_limit"].default)
    for figure in (
        f"{middleware.MAX_BODY // 1024} kB",
        f"{middleware.MAX_TARGET // 1024} kB",
        f"{patience.HEAD_SECONDS:.0f} seconds for the head",
        f"{patience.BODY_SECONDS:.0f} and one for each kilobyte",
        f"{patience.QUIET_SECONDS:.0f} without anything moving",
        f"{budgets[rates.ATTEMPT].quota} wrong tokens",
        f"unpack to {transport.MAX_RATIO} times its size",
        f"beyond {transport.FREE_BYTES // 1024 // 1024} MB",
    ):
        assert figure in re.sub(r"\s+", " ", text), figure
    assert transport.MAX_REDIRECTS == 5
