"""What is kept stays readable, written with the dictionary or before there was one."""

from hashlib import sha256

import pytest
import zstandard

from unioncat.domain.bib import BibRecord, Title
from unioncat.store.codec import DICTIONARY, expand, pack, squeeze, squeeze_all, unpack

RECORD = '<datafield tag="245" ind1="1" ind2="0"><subfield code="a">Đất rừng</subfield></datafield></record>'


def test_the_dictionary_is_the_one_with_which_everything_was_written() -> None:
    digest = sha256(DICTIONARY.as_bytes()).hexdigest()
    assert digest == "d644ad94f5a0a236161a53e26c73f699ecd8012447bcdb863b41dd885180ef6a"


def test_what_was_written_without_a_dictionary_is_read() -> None:
    assert expand(zstandard.ZstdCompressor().compress(RECORD.encode())) == RECORD.encode()


@pytest.mark.parametrize("payload", [b"", b"x", RECORD.encode(), bytes(range(256)) * 99])
def test_bytes_come_back_as_they_were(payload: bytes) -> None:
    assert expand(squeeze(payload)) == payload
    assert [expand(one) for one in squeeze_all([payload, b"other"])] == [payload, b"other"]


def test_a_record_takes_less_room_than_without_the_dictionary() -> None:
    assert len(squeeze(RECORD.encode())) < 0.6 * len(zstandard.ZstdCompressor().compress(RECORD.encode()))


def test_an_object_comes_back_as_it_was() -> None:
    bib = BibRecord(title=Title("Dế mèn phiêu lưu ký"))
    assert unpack(pack(bib), BibRecord) == bib


def test_another_dictionary_is_an_error_and_no_wrong_text() -> None:
    other = zstandard.train_dictionary(1024, [RECORD.encode() + bytes([n]) * 20 for n in range(200)])
    with pytest.raises(zstandard.ZstdError):
        expand(zstandard.ZstdCompressor(dict_data=other).compress(RECORD.encode()))
