"""The reader of plain MARCXML: it reads as the parser reads, and refuses what the parser refuses."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unioncat.normalise.marcxml import bibliographic_and_holdings, parse_xml, to_marcxml
from unioncat.normalise.plain import read_plain
from unioncat.normalise.record import MarcRecord, Unreadable

PLAIN = """<record xmlns="http://www.loc.gov/MARC21/slim">
  <leader>00000nam a2200000 a 4500</leader>
  <controlfield tag="001">vn1</controlfield>
  <datafield tag="245" ind1="1" ind2="0">
    <subfield code="a">Dế mèn phiêu lưu ký &amp; &lt;truyện&gt; /</subfield>
    <subfield code="c">Tô Hoài</subfield>
  </datafield>
  <datafield tag="260" ind1=" " ind2=" "><subfield code="a">Hà Nội</subfield></datafield>
</record>
"""


def by_parser(payload: bytes) -> MarcRecord | None:
    try:
        root, flags = parse_xml(payload)
    except Unreadable:
        return None
    return None if flags else bibliographic_and_holdings(root)[0]


def test_reads_what_servers_write() -> None:
    record = read_plain(PLAIN.encode())
    assert record is not None
    assert record == by_parser(PLAIN.encode())
    assert record.fields[0][3][0] == ("a", "Dế mèn phiêu lưu ký & <truyện> /")


def test_reads_a_prefix() -> None:
    text = PLAIN.replace("xmlns=", "xmlns:marc=").replace("</", "</marc:")
    for name in ("record", "leader", "controlfield", "datafield", "subfield"):
        text = text.replace(f"<{name}", f"<marc:{name}")
    assert read_plain(text.encode()) == by_parser(PLAIN.encode())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<leader>", "<!-- c --><leader>"),
        ("Hà Nội", "<![CDATA[Hà Nội]]>"),
        ("Hà Nội", "Hà <b>Nội</b>"),
        ("Hà Nội", "Hà &nbsp; Nội"),
        ("Hà Nội", "Hà & Nội"),
        ("Hà Nội", "H&#224; Nội"),
        ("Hà Nội", "Hà ]]> Nội"),
        ("Hà Nội", "Hà \x01Nội"),
        ("Hà Nội", "Hà \r\nNội"),
        ("Hà Nội", "Hà \ufffe Nội"),
        ('ind1="1" ind2="0"', 'ind2="0" ind1="1"'),
        ('ind1="1"', "ind1='1'"),
        ('ind1="1"', 'ind1=""'),
        ('ind1="1"', 'ind1="""'),
        ('ind1="1"', 'ind1="<"'),
        ('code="c"', 'code="cd"'),
        ('code="c"', 'code="&"'),
        ('tag="245"', 'tag="24&"'),
        ('tag="245"', 'tag="2"5"'),
        ("</record>", "</record><record/>"),
        ("</record>", ""),
        ("</datafield>\n</record>", "</record>"),
        ("<record ", '<record type="Holdings" '),
        ("<record ", '<record xmlns="x" '),
        ("<record ", '<record a="1" a="2" '),
        ("nam a22", "nxm a22"),
        ('xmlns="http://www.loc.gov/MARC21/slim"', ""),
        ("<record ", "<!DOCTYPE record><record "),
    ],
)
def test_leaves_the_unusual_to_the_parser(old: str, new: str) -> None:
    assert old in PLAIN
    payload = PLAIN.replace(old, new, 1).encode()
    read = read_plain(payload)
    assert read is None or read == by_parser(payload)


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
CODE = st.sampled_from("abc1")


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["245", "100", "9xx"]),
            st.sampled_from(" 01"),
            st.sampled_from(" 01"),
            st.lists(st.tuples(CODE, TEXT), max_size=3).map(tuple),
        ),
        min_size=1,
        max_size=4,
    ),
    TEXT,
)
def test_agrees_with_the_parser(
    fields: list[tuple[str, str, str, tuple[tuple[str, str], ...]]], one: str
) -> None:
    payload = to_marcxml(MarcRecord(" " * 5 + "nam" + " " * 16, (("001", one),), tuple(fields)))
    read = read_plain(payload)
    assert read is None or read == by_parser(payload)


def test_agrees_with_the_parser_on_damaged_records() -> None:
    """A reading without a parser must not accept what a parser refuses."""
    chance = random.Random(7)
    payload = PLAIN.encode()
    read_some = 0
    for _ in range(4000):
        damaged = bytearray(payload)
        for _ in range(chance.randint(1, 2)):
            place = chance.randrange(len(damaged))
            if chance.random() < 0.4:
                del damaged[place : place + chance.randint(1, 3)]
            else:
                damaged[place] = chance.choice(b"<>&\"'/= a1\x00\xc3]!?\n")
        read = read_plain(bytes(damaged))
        if read is not None:
            read_some += 1
            assert read == by_parser(bytes(damaged)), bytes(damaged)
    assert read_some > 500
