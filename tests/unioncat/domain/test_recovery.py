"""Recovery codes are read as people type them, and nothing else is one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unioncat.domain import recovery, totp


@given(
    st.binary(min_size=recovery.BYTES, max_size=recovery.BYTES), st.sampled_from(["-", " ", "", " - ", "–"])
)
def test_a_code_is_read_however_it_is_parted(raw: bytes, mark: str) -> None:
    code = recovery.written(raw)
    assert len(code) == 19
    assert recovery.read(f" {code.lower().replace('-', mark)} ") == code


@pytest.mark.parametrize(
    "text", ["", "123456", "ABCD", "ABCD-EFGH-IJKL-MNO", "ABCD-EFGH-IJKL-MNO8", "ệ" * 16, "\0"]
)
def test_nothing_else_is_a_code(text: str) -> None:
    assert recovery.read(text) is None


@given(st.text(max_size=60))
def test_any_text_is_read_without_a_crash(text: str) -> None:
    assert recovery.read(text) is None or totp.matching_step(b"x" * 20, text, 0) is None
