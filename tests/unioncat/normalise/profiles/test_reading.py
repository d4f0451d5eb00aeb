"""Profiles are read strictly: what is not understood is an error that names the key and the remedy."""

import pytest

from unioncat.domain.source import Assertions, DropRule, HoldingMap, Protocol, Source
from unioncat.normalise import PROFILE_TEXTS, PROFILES, ProfileError, load_profile, profile_for, profile_name
from unioncat.normalise.gate import gate_for

WHOLE = """
name = "own"
about = "A profile with every key."
format = "marc21"
encoding = "tcvn3"
fixes = ["shelf-mark-082"]
unread = ["942"]
strip = ["911", "952$x", "Người nhập"]

[[holdings]]
tag = "852"
library = "a"
location = "bc"
shelf_mark = "h"
shelf_suffix = "i"
item = "p"
volume = "3"
status = "1=lost q"
note = "z"
copies = "t"

[branches]
CS1 = "dh-a"

[columns]
"Tên sách" = "title"

[fields]
"24^b" = "245$b"

[[drop]]
field = "926"
code = "a"
equals = ["1", "2"]
pattern = "mật"
sets = ["noi_bo"]
types = "t"
levels = "m"
forms = ["marc"]

[[drop]]
field = "926"
unless = ["0"]

[assertions]
min_records = 10
max_records = 1000
max_fall = 0.5
fall_allowance = 3
trust_list_size = false
"""


def test_every_key() -> None:
    profile = load_profile(WHOLE, "own")
    assert (profile.name, profile.about) == ("own", "A profile with every key.")
    assert (profile.format, profile.encoding, profile.fixes) == ("marc21", "tcvn3", ("shelf-mark-082",))
    assert (profile.drop_tags, profile.strip_tags) == (("942",), ("911", "952$x", "Người nhập"))
    assert profile.holdings == (HoldingMap("852", "a", "bc", "h", "i", "p", "3", "1=lost q", "z", "t"),)
    assert profile.branches == (("CS1", "dh-a"),)
    assert profile.columns == (("Tên sách", "title"),)
    assert profile.local_fields == (("24^b", "245$b"),)
    assert profile.drop == (
        DropRule("926", "a", ("1", "2"), (), "mật", ("noi_bo",), "t", "m", ("marc",)),
        DropRule("926", unless=("0",)),
    )
    assert profile.assertions == Assertions(10, 1000, 0.5, 3, False)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name = ", "this is not TOML"),
        ('name = "own"\nholding = 1', "holding: there is no such key. The keys here are: name, about"),
        ('name = "another"', "name: is 'another'"),
        ('name = "own"\nbase = "kohaa"', "base: there is no profile 'kohaa'"),
        ('name = "own"\nbase = 3', "base: is 3, no text"),
        ('name = "own"\nabout = 1', "about: is 1, no text. Put it in quotation marks"),
        ('name = "own"\nformat = "marc"', "format: is 'marc'. Choose one of: auto, marc21"),
        ('name = "own"\nencoding = "tcvn"', "encoding: is 'tcvn'. Choose one of: auto, "),
        ('name = "own"\nfixes = ["x"]', "there is no fix 'x'. Choose from: shelf-mark-082"),
        ('name = "own"\nfixes = "x"', "fixes: is 'x', no list of texts"),
        ('name = "own"\nunread = ["952$x"]', r"unread: '952\$x' is no field"),
        ('name = "own"\nstrip = ["95$x"]', r"strip: '95\$x' is no field"),
        ('name = "own"\nstrip = [" "]', "strip: ' ' is no field"),
        (
            'name = "own"\nholdings = 1',
            r"holdings: is no list of tables. Begin each of them with \[\[holdings",
        ),
        ('name = "own"\n[[holdings]]\nitem = "p"', r"holdings\[1\].tag: is missing"),
        ('name = "own"\n[[holdings]]\ntag = "852"\nmark = "p"', r"holdings\[1\].mark: there is no such key"),
        ('name = "own"\n[branches]\nA = 1', r"branches: is no table of texts. Write under \[branches\]"),
        (
            'name = "own"\n[columns]\nA = "titel"',
            "columns.A: there is no field 'titel'. Choose from: id, title",
        ),
        ('name = "own"\n[fields]\n"24-a" = "245"', "fields.24-a: is no local field"),
        ('name = "own"\n[fields]\n24 = "24"', "fields.24: '24' is no MARC 21 field"),
        ('name = "own"\n[[drop]]', r"drop\[1\]: has no condition. It would drop every record"),
        ('name = "own"\n[[drop]]\nforms = ["marc"]', r"drop\[1\]: has no condition"),
        ('name = "own"\n[[drop]]\nequals = ["1"]', r"drop\[1\].field: is missing"),
        ('name = "own"\n[[drop]]\npattern = "("', r"drop\[1\].pattern: is no regular expression"),
        ('name = "own"\n[[drop]]\nfield = "1"\nforms = ["xml"]', r"drop\[1\].forms: there is no form 'xml'"),
        ('name = "own"\n[[drop]]\nfield = "1"\nonly = "0"', r"drop\[1\].only: there is no such key"),
        ('name = "own"\n[assertions]\nmin_record = 1', "assertions.min_record: there is no such key"),
        ('name = "own"\n[assertions]\nmin_records = "1"', "assertions.min_records: is '1'. Write a number"),
        ('name = "own"\n[assertions]\nmin_records = true', "assertions.min_records: is True"),
        ('name = "own"\n[assertions]\nmax_fall = 5', "assertions.max_fall: is 5. Write a share"),
        ('name = "own"\n[assertions]\ntrust_list_size = 1', "trust_list_size: is 1. Write true or false"),
    ],
)
def test_what_is_wrong_is_named_with_its_remedy(text: str, message: str) -> None:
    with pytest.raises(ProfileError, match=message) as caught:
        load_profile(text, "own")
    assert caught.value.remedy


def test_a_base_is_taken_over_and_its_gate_is_never_opened() -> None:
    text = 'name = "our"\nbase = "libol"\nstrip = ["913"]\nfixes = []\n[[drop]]\nfield = "506"\n'
    profile, libol = load_profile(text, "our"), PROFILES["libol"]
    assert profile.holdings == libol.holdings
    assert profile.fixes == libol.fixes
    assert profile.strip_tags == (*libol.strip_tags, "913")
    assert profile.drop == (*libol.drop, DropRule(field="506"))
    assert load_profile('name = "our"\nbase = "libol"\nstrip = []\ndrop = []', "our").drop == libol.drop
    own = load_profile('name = "our"\nbase = "koha"\n[[holdings]]\ntag = "949"\n', "our")
    assert own.holdings == (HoldingMap("949"),)


def test_shipped_profiles_name_and_explain_themselves() -> None:
    assert {"marc21", "koha", "libol", "nlv", "vietbiblio", "dspace", "eprints", "winisis", "unimarc"} == set(
        PROFILES
    )
    for name, text in PROFILE_TEXTS.items():
        assert profile_name(text) == name == PROFILES[name].name
        assert PROFILES[name].about.endswith(".")
    assert set(PROFILES["libol"].strip_tags) == {"911", "912"}
    assert PROFILES["libol"].drop == (DropRule(field="926", unless=("0",)),)


def test_a_shipped_name_cannot_be_taken() -> None:
    with pytest.raises(ProfileError, match=r'there is a shipped profile.*base = "koha"'):
        load_profile('name = "koha"', "koha")
    with pytest.raises(ProfileError, match="name: is missing"):
        profile_name("about = 'x'")


SOURCE = Source("s", "lib", Protocol.OAI_PMH, "http://a.example", profile="our")


def test_a_federations_own_profile_with_what_the_source_says() -> None:
    texts = {"our": 'name = "our"\nbase = "libol"\n[columns]\nA = "title"\n[branches]\nX = "a"\n'}
    options = (("branch:Y", "b"), ("column:A", "author"), ("column:B", "year"), ("other", "x"))
    source = Source("s", "lib", Protocol.FILES, "", profile="our", options=options)
    profile = profile_for(source, texts)
    assert profile.branches == (("X", "a"), ("Y", "b"))
    assert profile.columns == (("A", "author"), ("B", "year"))
    assert gate_for(SOURCE, texts).active
    with pytest.raises(ValueError, match=r"Source s: there is no profile 'our'.*Choose one of: dspace"):
        profile_for(SOURCE)
    with pytest.raises(ValueError, match="profile our: colour: there is no such key"):
        profile_for(SOURCE, {"our": 'name = "our"\ncolour = 1'})
