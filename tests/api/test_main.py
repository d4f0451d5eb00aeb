import os
import subprocess
import sys
from pathlib import Path

import pytest


def run(home: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("UNIONCAT_")}
    environment |= {"UNIONCAT_HOME": str(home), **variables}
    command = [sys.executable, "-m", "unioncat_api", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("arguments", "variables", "words"),
    [
        ((), {}, "UNIONCAT_DATABASE_URL"),
        ((), {"UNIONCAT_PORT": "many"}, "UNIONCAT_PORT"),
        (("--port", "1"), {}, "docs/settings.md"),
    ],
)
def test_what_cannot_start_says_why_and_what_to_do(
    tmp_path: Path, arguments: tuple[str, ...], variables: dict[str, str], words: str
) -> None:
    done = run(tmp_path, *arguments, **variables)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
