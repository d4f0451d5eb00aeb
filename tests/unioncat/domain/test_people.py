"""The table of rights: what each role may do at its place, at another, and with only one factor."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unioncat.domain.people import (
    AT_LIBRARY,
    MAY,
    SECOND_FACTOR,
    SHARED,
    Account,
    Grant,
    Right,
    Role,
    SignedIn,
    email_complaint,
    password_complaint,
)


def somebody(role: Role, library: str | None, **more: object) -> SignedIn:
    grant = Grant(role, library, frozenset({library, "nhánh"}) if library else frozenset())
    return SignedIn(Account(1, "a@b.vn", "A", True, (grant,)), **{"second": True, **more})  # type: ignore[arg-type]


def test_every_role_stands_in_the_table_and_every_right_is_somebodys() -> None:
    assert set(MAY) == set(Role)
    assert frozenset().union(*MAY.values()) == set(Right)


@pytest.mark.parametrize("role", AT_LIBRARY)
@pytest.mark.parametrize("right", Right)
def test_a_role_at_a_library_holds_there_and_at_its_branches_only(role: Role, right: Right) -> None:
    person = somebody(role, "a")
    allowed = right in MAY[role]
    assert person.may(right, "a") is person.may(right, "nhánh") is allowed
    assert person.may(right, "b") is person.may(right, None) is (allowed and right in SHARED)


@pytest.mark.parametrize("role", sorted(SECOND_FACTOR))
def test_without_the_second_factor_its_roles_do_not_count(role: Role) -> None:
    person = somebody(role, None, second=False)
    assert not any(person.may(right) for right in Right)
    assert all(person.needs_second(right) == (right in MAY[role]) for right in Right)


def test_a_session_that_waits_and_a_person_who_was_let_go_may_nothing() -> None:
    waiting = somebody(Role.FEDERATION_ADMIN, None, waiting=True)
    gone = SignedIn(Account(1, "a@b.vn", "A", False, (Grant(Role.FEDERATION_ADMIN),)), second=True)
    assert not any(one.may(right) or one.may_somewhere(right) for one in (waiting, gone) for right in Right)


def test_a_key_may_what_it_was_made_for_and_no_more_than_its_person() -> None:
    key = somebody(Role.CATALOGUER, "a", scopes=frozenset({Right.FILES, Right.AUDIT}))
    assert key.may(Right.FILES, "a")
    assert not key.may(Right.REPORTS, "a")
    assert not key.may(Right.AUDIT)


def test_a_library_administrator_gives_roles_of_the_library_only() -> None:
    person = somebody(Role.LIBRARY_ADMIN, "a")
    assert person.may_grant(Role.CATALOGUER, "a")
    for role, library in ((Role.CATALOGUER, "b"), (Role.CATALOGUER, None), (Role.FEDERATION_ADMIN, None)):
        assert not person.may_grant(role, library)
    assert not somebody(Role.FEDERATION_ADMIN, None).may_grant(Role.FEDERATION_ADMIN, "a")


@pytest.mark.parametrize(
    ("password", "complaint"),
    [
        ("ngắn", "short"),
        ("x" * 201, "long"),
        ("aaaaaaaaaaaa", "common"),
        ("matkhau123456", "common"),
        ("lan.nguyen99", "common"),
        ("con cò bay lả bay la", ""),
    ],
)
def test_passwords_that_everybody_tries_are_refused(password: str, complaint: str) -> None:
    assert password_complaint(password, email="lan.nguyen@x.vn", name="Lan Nguyễn") == complaint


@given(st.text(max_size=60))
def test_an_address_that_is_taken_has_one_domain_and_no_line_end(text: str) -> None:
    if not email_complaint(text):
        local, _, domain = text.strip().partition("@")
        assert local
        assert "." in domain
        assert text.strip().isprintable()
        assert not set(text) & set("<>,;\r\n")
