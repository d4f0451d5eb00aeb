"""Settings: read once, refused with a remedy, documented; secrets private."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from unioncat import config
from unioncat.config import ConfigError, Settings

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(config.PREFIX) and not name.startswith(config.FREE_PREFIXES):
            monkeypatch.delenv(name)


def test_a_checkout_works_on_what_lies_beside_its_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("sys.prefix", str(tmp_path / ".venv"))
    (tmp_path / "pyproject.toml").touch()
    assert Settings.load().home != tmp_path / ".unioncat"
    (tmp_path / ".unioncat").mkdir()
    assert Settings.load().home == tmp_path / ".unioncat"


def test_without_any_variable_everything_has_a_default(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("sys.prefix", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    settings = Settings.load()
    assert settings.home == Path("/data/unioncat")
    assert settings.base_url == "http://127.0.0.1:8000"
    assert settings.database_url is None


def test_variables_are_read_and_options_win(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNIONCAT_PORT", "8123")
    assert Settings.load().port == 8123
    assert Settings.load(port=8124, host=None).port == 8124


@pytest.mark.parametrize(
    ("host", "base"),
    [
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::1", "http://[::1]:8000"),
        ("h.example", "http://h.example:8000"),
    ],
)
def test_the_address_follows_from_host_and_port(host: str, base: str) -> None:
    assert Settings(host=host).base_url == base


def test_a_public_address_wins_and_has_no_slash_at_its_end() -> None:
    assert Settings(public_url="https://mucluc.example/").base_url == "https://mucluc.example"


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+asyncpg"])
def test_a_database_address_gets_our_driver(scheme: str) -> None:
    assert Settings(database_url=f"{scheme}://u@h/d").database_url == "postgresql+asyncpg://u@h/d"


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("UNIONCAT_PORT", "0", "greater than or equal to 1"),
        ("UNIONCAT_PORT", "http", "valid integer"),
        ("UNIONCAT_DATABASE_URL", "mysql://h/d", "must begin with postgresql://"),
        ("UNIONCAT_SEARCH_URL", "host:7700", "must begin with http"),
        ("UNIONCAT_LOG_LEVEL", "loud", "'debug', 'info'"),
        ("UNIONCAT_CONTACT", "somebody", "e-mail address"),
    ],
)
def test_a_bad_value_is_refused_with_a_remedy(
    variable: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigError, match=variable) as caught:
        Settings.load()
    assert said in str(caught.value)
    assert variable in caught.value.remedy


def test_a_bad_address_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNIONCAT_DATABASE_URL", "mysql://u:geheim@h/d")
    with pytest.raises(ConfigError) as caught:
        Settings.load()
    assert "geheim" not in str(caught.value) + caught.value.remedy


def test_passwords_are_not_in_the_repr() -> None:
    assert "geheim" not in repr(Settings(database_url="postgresql://u:geheim@h/d"))


def test_a_slip_of_the_pen_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNIONCAT_PROT", "8123")
    with pytest.raises(ConfigError, match="UNIONCAT_PROT is no setting") as caught:
        Settings.load()
    assert caught.value.remedy == "write UNIONCAT_PORT"


def test_the_operators_token_is_made_once_and_private(tmp_path: Path) -> None:
    home = tmp_path / "home"
    token = Settings(home=home).operator_token()
    assert len(token) >= 40
    assert Settings(home=home).operator_token() == token
    path = home / "secrets" / "operator_token"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [one.name for one in path.parent.iterdir()] == ["operator_token"]


def test_processes_that_make_it_at_once_agree(tmp_path: Path) -> None:
    code = (
        "import sys; from unioncat.config import Settings; print(Settings(home=sys.argv[1]).operator_token())"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    assert len({process.communicate()[0] for process in running}) == 1


def test_a_secret_of_the_environment_wins_and_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNIONCAT_OPERATOR_TOKEN", "given")
    assert Settings.load(home=tmp_path).operator_token() == "given"
    assert not (tmp_path / "secrets").exists()


def test_an_empty_secret_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "operator_token").write_text("\n")
    with pytest.raises(ConfigError, match="is empty"):
        Settings(home=tmp_path).operator_token()


def test_a_secret_that_cannot_be_written_has_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "secrets").write_text("a file in the way")
    with pytest.raises(ConfigError, match="cannot be") as caught:
        Settings(home=tmp_path).operator_token()
    assert str(tmp_path / "secrets") in caught.value.remedy


def test_every_setting_and_secret_is_described_and_used() -> None:
    sources = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("src/unioncat", "api", "harvester")
        for path in (ROOT / folder).rglob("*.py")
        if path.name != "config.py"
    )
    properties = Path(config.__file__).read_text(encoding="utf-8").split("@property", 1)[1]
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert field.description.endswith("."), name
        assert f".{name}" in sources or f"self.{name}" in properties, f"nothing reads {name}"
    for name in config.SECRETS:
        assert f".{name}(" in sources or f'secret("{name}")' in sources, f"nothing reads {name}"
