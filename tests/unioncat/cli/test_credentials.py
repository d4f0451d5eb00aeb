"""Credentials by the command line, and what it says to addresses that are not public."""

import io
from pathlib import Path

import pytest

from tests.unioncat.cli.test_cli import Said, cli, home, members

__all__ = ["cli", "home", "members"]
WORD = "mat-khau-khong-ai-biet"


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_they_are_set_shown_as_set_and_removed(
    cli: Said, members: Path, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    assert "has no credentials" in cli("source", "credentials", "tv-a-oai")[1]
    typed(monkeypatch, f"{WORD}\n")
    code, out, err = cli("source", "credentials", "tv-a-oai", "--user", "thuvien")
    assert (code, err) == (0, "")
    assert "are kept, encrypted" in out
    shown = cli("source", "credentials", "tv-a-oai")[1]
    assert "has credentials for https://lib.example:443, set 2" in shown
    typed(monkeypatch, f"{WORD}\n")
    assert cli("source", "credentials", "tv-a-oai", "--header", "X-Api-Key")[0] == 0
    assert "1 sources' credentials are sealed anew with a new key" in cli("secrets", "rotate")[1]
    everything = (
        out + shown + cli("source", "show", "tv-a-oai", "--json")[1] + cli("source", "list", "--json")[1]
    )
    assert WORD not in everything
    assert "no credentials any more" in cli("source", "credentials", "tv-a-oai", "--remove")[1]
    assert "had none" in cli("source", "credentials", "tv-a-oai", "--remove")[1]


@pytest.mark.parametrize(
    ("words", "typed_", "said"),
    [
        (("nobody", "--user", "a"), WORD, "there is no source 'nobody'"),
        (("tv-a-oai", "--user", "a"), "", "no secret on standard input"),
        (("tv-a-oai", "--user", "a:b"), WORD, "cannot hold a colon"),
        (("tv-a-oai", "--header", "Host"), WORD, "'Host' cannot be a header"),
    ],
)
def test_what_cannot_be_is_said_without_the_secret(
    cli: Said, members: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], typed_: str, said: str
) -> None:
    typed(monkeypatch, typed_)
    code, out, err = cli("source", "credentials", *words)
    assert code == 1
    assert said in err
    assert "remedy: " in err
    assert WORD not in out + err


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://192.168.1.20/oai", "the address 192.168.1.20 is private"),
        ("http://127.0.0.1:8080/oai", "the address 127.0.0.1 is this machine itself"),
        ("http://u:mat-khau@lib.example/oai", "its address is no place for credentials"),
    ],
)
def test_a_private_address_is_refused_at_once_with_the_way_to_allow_it(
    cli: Said, members: Path, monkeypatch: pytest.MonkeyPatch, address: str, said: str
) -> None:
    words = ("source", "add", "tv-a-2", "--library", "tv-a", "--address", address)
    code, out, err = cli(*words)
    assert code == 1
    assert said in err
    assert "mat-khau" not in out + err
    if "private" in said:
        assert "UNIONCAT_ALLOW_TARGETS=192.168.1.20:80" in err
        monkeypatch.setenv("UNIONCAT_ALLOW_TARGETS", "192.168.1.20:80")
        assert cli(*words)[0] == 0


def test_an_option_is_no_place_for_a_password(cli: Said, members: Path) -> None:
    words = ("--library", "tv-a", "--address", "https://lib.example/oai", "--option", f"password={WORD}")
    code, out, err = cli("source", "add", "tv-a-3", *words)
    assert code == 1
    assert "option 'password' is no place for credentials" in err
    assert "unioncat source credentials tv-a-3" in err
    assert WORD not in out + err
