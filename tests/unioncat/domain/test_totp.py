"""The second factor against the vectors of RFC 4226 appendix D and RFC 6238 appendix B."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unioncat.domain import totp

SECRET = b"12345678901234567890"
HOTP = ("755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489")
TOTP = {59: "94287082", 1111111109: "07081804", 1234567890: "89005924", 20000000000: "65353130"}


def test_the_codes_of_rfc_4226() -> None:
    assert tuple(totp.code(SECRET, step) for step in range(10)) == HOTP


@pytest.mark.parametrize(("moment", "code"), TOTP.items())
def test_the_codes_of_rfc_6238(moment: int, code: str) -> None:
    assert totp.code(SECRET, totp.step_at(moment), 8) == code


def test_a_clock_may_be_half_a_minute_off_and_no_code_is_right_twice() -> None:
    code = totp.code(SECRET, 100)
    for step, right in ((98, False), (99, True), (100, True), (101, True), (102, False)):
        assert (totp.matching_step(SECRET, code, step * 30.0) == 100) is right
    assert totp.matching_step(SECRET, f"{code[:3]} {code[3:]}", 3000.0) == 100
    assert totp.matching_step(SECRET, code, 3000.0, after=100) is None


@given(st.text(max_size=12))
def test_whatever_is_typed_is_judged(typed: str) -> None:
    found = totp.matching_step(SECRET, typed, 3000.0)
    assert (found is not None) == ("".join(typed.split()) in {totp.code(SECRET, n) for n in (99, 100, 101)})


def test_the_link_holds_the_secret_and_nothing_can_be_added_by_a_name() -> None:
    link = totp.link(SECRET, "a b?secret=x&@y.vn", "Mục lục")
    assert link.startswith("otpauth://totp/M%E1%BB%A5c%20l%E1%BB%A5c:a%20b%3Fsecret%3Dx%26@y.vn?secret=GEZD")
    assert link.count("secret=") == 1
    assert totp.shown(SECRET) == "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"
