"""Broken MARC of other projects: ours save no fewer records than pymarc and yaz-marcdump."""

import pytest

from tests.bench import broken
from tests.support.data import DATA, needs_data

FOLDER = DATA / "broken"


@needs_data
@pytest.mark.data
@pytest.mark.parametrize("path", broken.files(FOLDER) if DATA.is_dir() else [], ids=lambda path: path.name)
def test_no_record_is_lost_that_others_save(path: object) -> None:
    found = broken.measure(path, FOLDER)  # type: ignore[arg-type]
    assert found.ours >= max(found.pymarc or 0, found.yaz or 0)
    assert found.brought == found.ours


@needs_data
@pytest.mark.data
def test_what_is_put_aside_holds_nothing() -> None:
    put_aside = {
        name: broken.measure(FOLDER / name, FOLDER).refused
        for name in ("marc-perl/badldr.usmarc", "marc-perl/farsi.marc", "pymarc/bad_records.mrc")
    }
    # A stray digit, a text that is no record, and a record of a leader alone.
    assert put_aside == dict.fromkeys(put_aside, ("iso2709-no-fields",))
