"""The command line as a person meets it: on a real database, in this process for speed."""

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.room import open_folder
from unioncat.cli import ALONE, asked_for, main
from unioncat.cli.naming import commands
from unioncat.engine.postgres import EmbeddedPostgres

MEMBERS = """
[[group]]
code = "north"
name_vi = "Liên hiệp phía Bắc"
name_en = "Northern union"

[[library]]
code = "tv-a"
name_vi = "Thư viện tỉnh A"
name_en = "Provincial Library A"
type = "public"
level = "province"
groups = ["north"]

[[source]]
code = "tv-a-oai"
library = "tv-a"
address = "https://lib.example/oai"
"""

Said = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """A home folder whose database runs for all tests of this module."""
    with open_folder() as folder:
        server = EmbeddedPostgres(folder, memory_mb=32)
        server.start()
        yield folder
        server.destroy()


@pytest.fixture
def cli(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Said:
    """Run a command; give its exit code, what it printed, and its complaints."""
    for name in list(os.environ):
        if name.startswith("UNIONCAT_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("UNIONCAT_HOME", str(home))
    monkeypatch.setenv("UNIONCAT_LOG_LEVEL", "error")

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["unioncat", *words])
        code = 0
        try:
            main()
        except SystemExit as left:
            code = int(left.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    return run


@pytest.fixture
def members(cli: Said, tmp_path: Path) -> Path:
    file = tmp_path / "members.toml"
    file.write_text(MEMBERS, encoding="utf-8")
    code, out, err = cli("load", str(file))
    assert (code, out) == (0, "registered: 1 libraries, 1 sources\n"), err
    return file


def test_a_database_of_our_own_is_migrated_by_any_command(cli: Said) -> None:
    code, out, _ = cli("migrate")
    assert code == 0
    assert "this version" in out


def test_a_file_is_loaded_and_shown(cli: Said, members: Path) -> None:
    assert "Thư viện tỉnh A" in cli("library", "list")[1]
    assert "Northern" not in cli("library", "show", "tv-a")[1]
    assert "Provincial Library A" in cli("library", "show", "tv-a")[1]
    assert "https://lib.example/oai" in cli("source", "show", "tv-a-oai")[1]
    listed = json.loads(cli("source", "list", "--json")[1])
    assert [one["source"]["code"] for one in listed] == ["tv-a-oai"]
    assert "north" in cli("group", "list")[1]
    assert "public" in cli("audience", "list")[1]


def test_a_library_and_a_source_by_options(cli: Said, members: Path) -> None:
    words = ("--name-vi", "Thư viện B", "--name-en", "Library B", "--type", "university")
    assert cli("library", "add", "tv-b", *words)[0] == 0
    words = ("--library", "tv-b", "--address", "https://b.example/oai", "--option", "branch:X=tv-a")
    assert cli("source", "add", "tv-b-oai", *words, "--format", "auto")[0] == 0
    shown = json.loads(cli("source", "show", "tv-b-oai", "--json")[1])
    assert shown["source"]["options"] == [["branch:X", "tv-a"]]
    assert shown["source"]["format"] == "auto"


def test_a_source_states_the_licence_of_its_records(cli: Said, members: Path) -> None:
    words = ("--library", "tv-a", "--address", "https://lib.example/oai")
    own = ("--licence", "stated", "--licence-words", "Ghi rõ nguồn.")
    assert cli("source", "add", "tv-a-oai", *words, *own)[0] == 0
    assert "stated Ghi rõ nguồn." in cli("source", "show", "tv-a-oai")[1]
    assert cli("source", "licence", "tv-a-oai", "CC0-1.0")[0] == 0
    shown = json.loads(cli("source", "show", "tv-a-oai", "--json")[1])
    assert shown["source"]["licence"] == {"code": "CC0-1.0", "words": ""}
    assert cli("source", "licence", "tv-a-oai", "stated")[0] == 1
    assert cli("source", "licence", "nowhere", "CC0-1.0")[0] == 1


def test_a_library_is_added_by_the_name_of_its_province(cli: Said, tmp_path: Path) -> None:
    places = tmp_path / "provinces.toml"
    places.write_text(
        '[[province]]\nkey = "2025-15"\ncode = "15"\nname_vi = "Lào Cai"\nname_en = "Lao Cai"\n'
        '[[province]]\nkey = "1991-yb"\nname_vi = "Yên Bái"\nname_en = "Yen Bai"\ncode = "13"\n'
        'valid_to = "2025-06-30"\nsuccessor = "2025-15"\n',
        encoding="utf-8",
    )
    assert cli("load", str(places))[0] == 0
    for number, (said, key) in enumerate(
        {"Lào Cai": "2025-15", "tinh lao cai": "2025-15", "2025-15": "2025-15", "Yên Bái": "1991-yb"}.items()
    ):
        words = ("--name-vi", f"Thư viện {number}", "--type", "public", "--province", said)
        assert cli("library", "add", f"tv-{number}", *words)[0] == 0, said
        shown = json.loads(cli("library", "show", f"tv-{number}", "--json")[1])
        assert (shown["province"], shown["name_en"]) == (key, f"Thư viện {number}")
    words = ("--name-vi", "X", "--type", "public", "--province", "Lào Kai")
    code, _, error = cli("library", "add", "tv-x", *words)
    assert code == 1
    assert "lao cai" in error


def test_a_source_of_files_is_told_to_bring_a_file(cli: Said) -> None:
    words = ("--name-vi", "Thư viện C", "--type", "school")
    assert cli("library", "add", "tv-c", *words)[0] == 0
    code, out, _ = cli("source", "add", "tv-c", "--library", "tv-c", "--protocol", "files")
    assert code == 0
    assert "unioncat upload tv-c FILE" in out
    assert "harvest" not in out
    assert cli("source", "add", "tv-d", "--library", "tv-c")[0] == 1


def test_groups_and_audiences_by_options(cli: Said) -> None:
    names = ("--name-vi", "Công an", "--name-en", "Police")
    assert cli("group", "add", "cand", *names)[0] == 0
    assert cli("audience", "add", "cand", *names, "--group", "cand")[0] == 0
    listed = json.loads(cli("audience", "list", "--json")[1])
    assert {one["code"] for one in listed} >= {"public", "cand"}


def test_pause_and_resume(cli: Said, members: Path) -> None:
    assert cli("source", "pause", "tv-a-oai")[0] == 0
    assert json.loads(cli("source", "show", "tv-a-oai", "--json")[1])["source"]["state"] == "paused"
    assert cli("source", "resume", "tv-a-oai")[0] == 0
    assert json.loads(cli("source", "show", "tv-a-oai", "--json")[1])["source"]["state"] == "active"


def test_a_harvest_is_asked_for_once(cli: Said, members: Path) -> None:
    assert cli("source", "harvest", "tv-a-oai")[1] == "tv-a-oai will be harvested\n"
    assert cli("source", "harvest", "tv-a-oai")[1] == "a harvest of tv-a-oai waits or runs already\n"
    assert "1 harvest queued" in cli("status")[1]


def test_status_check_and_search_of_an_empty_catalogue(cli: Said, members: Path) -> None:
    status = json.loads(cli("status", "--json")[1])
    assert status["running"] is False
    assert status["overview"]["union_records"] == 0
    code, out, _ = cli("check", "--json")
    assert code == 0
    assert json.loads(out)["health"]["ok"] is True
    assert cli("search", "truyện", "kiều")[1].startswith("0 found")
    assert json.loads(cli("search", "truyện", "--json")[1])["result"]["total"] == 0
    assert "no harvest has run yet" in cli("run", "list")[1]


def test_stages_on_an_empty_catalogue(cli: Said) -> None:
    assert json.loads(cli("process", "--json")[1]) == {"documents": 0}
    assert json.loads(cli("replay", "--json")[1]) == {"documents": 0}
    assert json.loads(cli("index", "rebuild", "--json")[1]) == {"documents": 0}


@pytest.mark.parametrize(
    ("words", "said", "remedy"),
    [
        (("library", "show", "nobody"), "there is no library 'nobody'", "unioncat library list"),
        (("source", "show", "nobody"), "there is no source 'nobody'", "source"),
        (("source", "pause", "nobody"), "nobody", "code"),
        (("record", "zzz"), "there is no record 'zzz'", "unioncat search"),
        (("run", "accept", "999"), "999", ""),
        (("load", "/nowhere.toml"), "/nowhere.toml", "path"),
        (("sample",), "sample libraries do not run", "unioncat up --sample"),
        (("restore", "/nowhere"), "holds no backup", "unioncat backup"),
        (
            ("source", "add", "x", "--library", "tv-a", "--address", "ftp://x"),
            "address",
            "correct that option",
        ),
    ],
)
def test_an_error_is_one_line_and_a_remedy(
    words: tuple[str, ...], said: str, remedy: str, cli: Said, members: Path
) -> None:
    code, out, err = cli(*words)
    assert code == 1
    assert out == ""
    first, second = err.strip().splitlines()
    assert first.startswith("error: ")
    assert said in first
    assert second.startswith("remedy: ")
    assert remedy in second


def test_wrong_use_is_exit_code_two(cli: Said) -> None:
    assert cli("load")[0] == 2
    assert cli("search", "x", "--filter", "colour=red")[0] == 2
    assert cli("nonsense")[0] == 2


def test_an_unforeseen_error_is_one_line_too(cli: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise LookupError("postgresql://u:geheim@h/d")

    monkeypatch.setattr("unioncat.cli.session.open_services", fail)
    code, _, err = cli("status")
    assert code == 1
    assert "geheim" not in err
    assert err.startswith("error: LookupError: ")
    assert "Traceback" not in err


def test_a_database_that_does_not_answer_is_said(cli: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNIONCAT_DATABASE_URL", "postgresql://u:geheim@127.0.0.1:1/d")
    code, _, err = cli("status")
    assert code == 1
    assert "geheim" not in err
    assert "remedy: check" in err


def test_a_database_of_an_older_version_is_said(
    cli: Said, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = EmbeddedPostgres(home)
    monkeypatch.setenv("UNIONCAT_DATABASE_URL", server.start("empty"))
    server.stop()
    code, _, err = cli("status")
    assert code == 1
    assert len(err.splitlines()) == 2, err
    assert "remedy: bring the database to this version: `unioncat migrate`" in err


def test_the_token_can_be_shown_and_renewed(cli: Said, home: Path) -> None:
    first = cli("token", "show")[1].strip()
    assert cli("token", "renew")[0] == 0
    second = cli("token", "show")[1].strip()
    assert first != second
    assert (home / "secrets" / "operator_token").read_text().strip() == second


def test_settings_hide_the_password(cli: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNIONCAT_DATABASE_URL", "postgresql://u:geheim@h/d")
    monkeypatch.setenv("UNIONCAT_SEARCH_URL", "http://:geheim@h:7700")
    code, out, _ = cli("settings", "--values")
    assert code == 0
    assert "geheim" not in out
    assert "postgresql+asyncpg://u:***@h/d" in out
    assert "UNIONCAT_PORT" in out


def test_a_backup_brings_everything_to_a_new_home(
    cli: Said, members: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = cli("token", "show")[1]
    folder = tmp_path / "backup"
    code, _, err = cli("backup", str(folder))
    assert code == 0, err
    assert stat.S_IMODE((folder / "unioncat.dump").stat().st_mode) == 0o600
    assert cli("backup", str(folder))[0] == 1, "a backup is never written over"
    assert "the database is not empty" in cli("restore", str(folder))[2]
    with open_folder() as other:
        server = EmbeddedPostgres(other, memory_mb=32)
        server.start()
        try:
            monkeypatch.setenv("UNIONCAT_HOME", str(other))
            code, _, err = cli("restore", str(folder))
            assert code == 0, err
            assert "Thư viện tỉnh A" in cli("library", "list")[1]
            assert cli("token", "show")[1] == token
        finally:
            server.destroy()


def test_what_a_service_runs_at_its_start_reads_no_other_commands() -> None:
    for word, module in ALONE.items():
        alone = dict(commands(asked_for([word])))
        assert word in alone
        every = dict(commands(asked_for([])))
        assert alone.keys() <= every.keys()
        assert {one.callback.__module__ for one in alone.values()} == {f"unioncat.cli.{module}"}


def test_a_service_starts_without_reading_the_stages() -> None:
    code = "import sys; from unioncat.cli import asked_for; asked_for(['up']); print(*sys.modules)"
    read = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "unioncat.cli.start" in read
    assert not {"unioncat.flow.work", "unioncat.cli.whole", "sqlalchemy"} & set(read)
