"""The README says what is: its file can be loaded, its options are the reader's, its commands exist."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from unioncat.domain.options import OAI_PMH
from unioncat.flow.register import MembersFile

ROOT = Path(__file__).parents[2]
README = (ROOT / "harvester" / "README.md").read_text("utf-8")


def test_the_example_file_can_be_loaded() -> None:
    (block,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    content = MembersFile.model_validate(tomllib.loads(block))
    assert content.source[0].library == content.library[0].code


def test_options_are_those_of_the_reader() -> None:
    section = README.partition("## Options")[2].partition("##")[0]
    assert dict(re.findall(r"^\| `([a-z-]+)` \| (.*) \|$", section, re.MULTILINE)) == OAI_PMH


def test_modules_named_exist() -> None:
    table = README.rpartition("| module |")[2]
    names = re.findall(r"`([\w/]+\.py|readers/oaipmh/)`", table)
    assert len(names) > 8
    for name in names:
        assert (ROOT / "harvester" / "unioncat_harvester" / name).exists(), name


@pytest.mark.parametrize(
    "command",
    [
        ("unioncat_harvester", "probe"),
        ("unioncat_harvester", "run"),
        ("unioncat", "load"),
        ("unioncat", "status"),
        ("unioncat", "run", "list"),
        ("unioncat", "run", "accept"),
        ("unioncat", "run", "reject"),
    ],
)
def test_commands_exist(command: tuple[str, ...]) -> None:
    assert " ".join(command) in README
    done = subprocess.run(
        [sys.executable, "-m", *command, "--help"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
