"""What the documents say is true: settings, commands, files, messages."""

import importlib.util
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs import commands
from unioncat import config

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    [
        ROOT / "README.md",
        ROOT / "CHANGELOG.md",
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "deploy").rglob("*.md"),
        *(ROOT / "harvester").glob("*.md"),
    ]
)
named = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


def code(path: Path) -> list[str]:
    """Give the lines of code blocks, and code inside sentences."""
    text = path.read_text(encoding="utf-8")
    blocks = re.findall(r"^```(?:sh|bash)\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    rest = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    joined = (re.sub(r"\s*\\\n\s*", " ", block) for block in blocks)
    return [line.strip() for block in joined for line in block.splitlines()] + re.findall(
        r"`([^`\n]+)`", rest
    )


def test_settings_are_as_documented() -> None:
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == config.document(), (
        "unioncat settings > docs/settings.md"
    )


def test_the_command_prints_settings_as_they_are_documented() -> None:
    said = subprocess.run([sys.executable, "-m", "unioncat", "settings"], capture_output=True, check=True)
    assert said.stdout.decode() == config.document()


def test_commands_are_as_documented() -> None:
    assert (ROOT / "docs" / "commands.md").read_text(encoding="utf-8") == commands.document(), (
        "python -m tests.docs.commands > docs/commands.md"
    )


@named
def test_named_commands_exist_with_their_options(path: Path) -> None:
    known = commands.tree()
    if path.name == "commands.md":
        return
    for line in code(path):
        for part in re.split(r"&&|\||;", line.split("#")[0]):
            match = re.search(r"(?:^|\s)(unioncat(?: +[a-z-]+)+.*)", part)
            if not match or "…" in part:
                continue
            words = shlex.split(match.group(1).split(">")[0])
            fitting = [one for one in known if words[: len(one.split())] == one.split()]
            groups = {" ".join(one.split()[:2]) for one in known if one.count(" ") == 2}
            assert fitting or " ".join(words) in groups, f"{path.name}: there is no command {line!r}"
            for name in fitting[:1]:
                if name in ("unioncat api", "unioncat harvest", "unioncat source probe"):
                    continue
                options = {option for parameter in known[name].params for option in parameter.opts}
                given = {word.split("=")[0] for word in words if word.startswith("--")}
                assert given <= options, f"{path.name}: {line!r}"


@named
def test_make_targets_and_modules_exist(path: Path) -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    for line in code(path):
        for target in re.findall(r"^make ([a-z]+)", line):
            assert target in targets, f"{path.name}: there is no target {target}"
        for module in re.findall(r"python3? -m ([a-z_.]+)", line):
            if module.split(".")[0] in ("unioncat", "unioncat_api", "unioncat_harvester", "tests"):
                assert importlib.util.find_spec(module), f"{path.name}: there is no module {module}"


@named
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (path.parent / target).exists(), f"{path.name}: {target}"


@named
def test_named_variables_are_settings(path: Path) -> None:
    known = {*config.names(), *config.secret_names(), config.PREFIX}
    for name in re.findall(r"UNIONCAT_[A-Z_]*[A-Z]", path.read_text(encoding="utf-8")):
        assert name in known or name.startswith(config.FREE_PREFIXES), f"{path.name}: {name}"


def test_the_messages_of_the_operators_guide_are_those_of_the_program() -> None:
    source = " ".join(
        re.sub(r'"\s*f?"|\s+|\{[^{}]*\}', " ", path.read_text(encoding="utf-8"))
        for path in (ROOT / "src").rglob("*.py")
    )
    source = re.sub(r"\s+", " ", source)
    text = (ROOT / "docs" / "operators.md").read_text(encoding="utf-8")
    table = text.split("| message | what to do |", 1)[1].split("\n\n", 1)[0]
    messages = re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)
    assert len(messages) >= 8
    for message in messages:
        for piece in re.split(r"…|\d+(?:\.\d+)*", message):
            piece = piece.strip(" ,;:")
            assert piece in source, f"no message says {piece!r} (of {message!r})"


@pytest.mark.parametrize("path", sorted((ROOT / "deploy").rglob("*")), ids=lambda path: path.name)
def test_deployments_use_settings_and_commands_that_exist(path: Path) -> None:
    if not path.is_file() or path.suffix == ".md":
        return
    text = path.read_text(encoding="utf-8")
    own = {"UNIONCAT_DATABASE_PASSWORD"} if path.name == "compose.yaml" else set()
    for name in re.findall(r"UNIONCAT_[A-Z_]*[A-Z]", text):
        assert name in {*config.names(), *own}, name
    started = re.findall(r"bin/unioncat ([a-z]+)", text) + re.findall(r"^ +command: \[([a-z]+)\]", text, re.M)
    for name in started:
        assert f"unioncat {name}" in commands.tree()
    for copied in re.findall(r"^COPY (?!--)(.+) \S+$", text, re.MULTILINE):
        for one in copied.split():
            assert (ROOT / one).exists(), one


def test_the_lock_files_name_no_registry() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not re.search(r"https?://|--(?:extra-)?index-url|--find-links|file:", text), name
        assert text.count("==") > 40
        assert "--hash=sha256:" in text


def test_the_lock_files_hold_what_the_project_asks_for() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

    def names(wanted: list[str]) -> set[str]:
        return {re.split(r"[\[<>=;! ]", one)[0].lower().replace("_", "-") for one in wanted}

    locked = {
        name: set(re.findall(r"^([a-z0-9.-]+)==", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))
        for name in ("requirements.lock", "requirements-dev.lock")
    }
    asked = names(project["project"]["dependencies"])
    assert asked <= locked["requirements.lock"], "make lock"
    assert asked | names(project["dependency-groups"]["dev"]) <= locked["requirements-dev.lock"], "make lock"
