"""Credentials: what may be one, how they go over the wire, how open ones are taken out of a source."""

from dataclasses import replace

import pytest

from unioncat.domain.credentials import Credentials, has_login, place_of, without_credentials
from unioncat.domain.source import Protocol, Source

SOURCE = Source(
    "kho", "lib", Protocol.OAI_PMH, "https://opac.example.vn/oai", options=(("token", "verbatim"),)
)


def test_they_are_not_shown_when_printed() -> None:
    shown = repr(Credentials("thuvien", "mat-khau", (("X-Api-Key", "khoa"),))) + str(Credentials("a", "b"))
    assert not any(word in shown for word in ("thuvien", "mat-khau", "khoa"))


def test_user_and_password_go_as_basic() -> None:
    assert Credentials("Aladdin", "open sesame").http == {
        "Authorization": "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
    }
    assert Credentials(headers=(("X-Api-Key", "k"),)).http == {"X-Api-Key": "k"}
    assert Credentials().http == {}


def test_what_is_hidden_holds_every_form() -> None:
    hidden = Credentials("Aladdin", "open sesame", (("X-Api-Key", "khoa-rieng"),)).hidden
    for word in (
        "open sesame",
        "QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
        "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
        "khoa-rieng",
    ):
        assert word in hidden


@pytest.mark.parametrize(
    "wrong",
    [
        Credentials(),
        Credentials(password="x"),
        Credentials("a:b", "x"),
        Credentials("a", "x\r\nHost: b"),
        Credentials("a", "x" * 5000),
        Credentials(headers=(("Host", "x"),)),
        Credentials(headers=(("content-length", "1"),)),
        Credentials(headers=(("X Y", "1"),)),
        Credentials(headers=(("X-Key\r\nHost", "1"),)),
        Credentials(headers=(("X-Key", "khóa"),)),
        Credentials(headers=(("X-Key", "a\nb"),)),
    ],
)
def test_unusable_ones_are_named_without_their_text(wrong: Credentials) -> None:
    complaint = wrong.complaint()
    assert complaint
    assert "Host: b" not in complaint


def test_usable_ones() -> None:
    assert Credentials("thủ thư", "mật khẩu").complaint() is None
    assert Credentials(headers=(("X-Api-Key", "k"),)).complaint() is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://a.example/oai", "https://A.example:443/other?x", True),
        ("https://a.example/oai", "http://a.example/oai", False),
        ("https://a.example/oai", "https://a.example:8443/oai", False),
        ("https://a.example/oai", "https://b.a.example/oai", False),
        ("z.example:210/x", "z.example/y", True),
    ],
)
def test_a_place_is_scheme_host_and_port(one: str, other: str, same: bool) -> None:
    assert (place_of(one) == place_of(other)) is same


@pytest.mark.parametrize(
    ("changes", "found", "address"),
    [
        ({}, None, SOURCE.address),
        (
            {"options": (("authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="), ("token", "verbatim"))},
            Credentials("Aladdin", "open sesame"),
            SOURCE.address,
        ),
        (
            {"options": (("authorization", "Bearer abc"), ("token", "verbatim"))},
            Credentials(headers=(("Authorization", "Bearer abc"),)),
            SOURCE.address,
        ),
        (
            {"options": (("authorization", "Basic ???"), ("token", "verbatim"))},
            Credentials(headers=(("Authorization", "Basic ???"),)),
            SOURCE.address,
        ),
        (
            {"address": "https://th%C6%B0:m%40t@opac.example.vn:81/oai?x=1"},
            Credentials("thư", "m@t"),
            "https://opac.example.vn:81/oai?x=1",
        ),
    ],
)
def test_open_ones_are_taken_out(changes: dict[str, object], found: Credentials | None, address: str) -> None:
    bare, taken = without_credentials(replace(SOURCE, **changes))  # type: ignore[arg-type]
    assert taken == found
    assert bare == replace(SOURCE, address=address)
    assert not has_login(bare.address)
