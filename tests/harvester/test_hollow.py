"""A record without content is told from one with little."""

import pytest

from tests.harvester import servers as s
from unioncat_harvester.markup.hollow import is_hollow

EMPTY = [
    f'<record xmlns="{s.MARC}"><leader>          a              </leader></record>',
    f'<marc:record xmlns:marc="{s.MARC}"><marc:leader/>\n</marc:record>',
    f'<record xmlns="{s.MARC}"/>',
    f'<record xmlns="{s.MARC}"><leader>00000</leader><controlfield tag="001">7</controlfield></record>',
    f'<record xmlns="{s.MARC}"><leader/><datafield tag="245" ind1="1" ind2="0">'
    '<subfield code="a"> </subfield></datafield></record>',
    '<oai_dc:dc xmlns:oai_dc="x" xmlns:xsi="y" xsi:schemaLocation="a b"><dc:title xmlns:dc="z"/></oai_dc:dc>',
    "<dc><!-- nothing --></dc>",
]
FULL = [
    s.marc(1),
    '<dc xmlns="x"><title>Đ</title></dc>',
    "<dc><title><![CDATA[Kiều]]></title></dc>",
    '<rdf><work about="http://example.org/1"/></rdf>',
    "<record><leader/><datafield tag='245'><subfield code='a'>0</subfield></datafield></record>",
    "<leader>a</leader>x",
]


@pytest.mark.parametrize("payload", EMPTY)
def test_empty(payload: str) -> None:
    assert is_hollow(payload.encode())


@pytest.mark.parametrize("payload", FULL)
def test_not_empty(payload: str) -> None:
    assert not is_hollow(payload.encode())


def test_large_records_are_never_searched() -> None:
    assert not is_hollow(b"<record>" + b"<leader></leader>" * 10_000 + b"</record>")
