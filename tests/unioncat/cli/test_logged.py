"""What is done by commands is logged: every command that is not among those that only look."""

import json
import os
import subprocess
import sys
from pathlib import Path

from unioncat.cli import naming
from unioncat.cli.whole import app


def test_the_list_of_commands_that_only_look_names_commands() -> None:
    names = {name for name, _ in naming.commands(app)}
    assert names >= naming.LOOKING
    for name in ("source add", "people rescue", "backup", "review decide", "source credentials", "load"):
        assert name in names - naming.LOOKING


def test_secrets_are_not_written_down_and_long_words_are_cut() -> None:
    shown = naming._plain(
        {
            "code": "nlv",
            "token": "abc",
            "off": False,
            "words": ["a", "b"],
            "path": Path("x"),
            "long": "y" * 999,
        }
    )
    assert shown == {"code": "nlv", "token": "***", "words": "a b", "path": "x", "long": "y" * naming.LONGEST}


def test_a_command_is_logged_with_who_gave_it(tmp_path: Path) -> None:
    surroundings = {**os.environ, "UNIONCAT_HOME": str(tmp_path / "home"), "SUDO_USER": "lan"}

    def run(*words: str) -> str:
        command = [sys.executable, "-m", "unioncat", *words]
        done = subprocess.run(command, env=surroundings, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("group", "add", "cand", "--name-vi", "Công an", "--name-en", "Police")
    run("group", "list")
    run("backup", str(tmp_path / "copy"))
    assert run("audit", "verify").startswith("2 entries, unbroken")
    script = (
        "import asyncio, json\n"
        "from unioncat.cli import session\n"
        "from unioncat.flow import audit\n"
        "found = session.run(audit.entries)\n"
        "print(json.dumps([[one.actor, one.action, dict(one.detail)] for one in reversed(found)]))\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", script], env=surroundings, capture_output=True, text=True, timeout=120
    )
    first, second = json.loads(told.stdout.splitlines()[-1])
    assert first[0].startswith("cli:lan as ")
    assert first[1] == "asked.group add"
    assert first[2]["code"] == "cand"
    assert second[1] == "asked.backup"
