"""Every check of the public OAI-PMH validator, as a test of its own."""

import re

import pytest
from lxml import etree

from tests.api.protocols.serving import OAI, Asker, application, repository
from unioncat_api.protocols.oaipmh import DUBLIN_CORE, Granularity, Identity, MemoryRepository

ID = "oai:test.example:0"
ITEMS = "verb=ListRecords&metadataPrefix=oai_dc"


@pytest.fixture(scope="module")
def oai() -> Asker:
    return Asker(application(repository()))


@pytest.fixture
def daily() -> Asker:
    return Asker(application(repository(granularity=Granularity.DAY)))


WRONG = [
    ("junk", "badVerb"),
    ("verb=junk", "badVerb"),
    ("verb=GetRecord&metadataPrefix=oai_dc", "badArgument"),
    (f"verb=GetRecord&identifier={ID}", "badArgument"),
    ('verb=GetRecord&identifier=invalid"id&metadataPrefix=oai_dc', "idDoesNotExist"),
    ("verb=ListIdentifiers&until=junk", "badArgument"),
    ("verb=ListIdentifiers&from=junk", "badArgument"),
    ("verb=ListIdentifiers&resumptionToken=junk&until=2000-02-05", "badArgument"),
    (f"{ITEMS}&from=junk", "badArgument"),
    ("verb=ListRecords&resumptionToken=junk", "badResumptionToken"),
    (f"{ITEMS}&resumptionToken=junk&until=1990-01-10", "badArgument"),
    (f"{ITEMS}&until=junk", "badArgument"),
    ("verb=ListRecords", "badArgument"),
]


@pytest.mark.parametrize(("query", "code"), WRONG)
def test_the_thirteen_wrong_requests(oai, query, code):
    assert oai.code(query) == code


MORE_WRONG = [
    ("", "badVerb"),
    ("verb=Identify&verb=Identify", "badVerb"),
    ("verb=identify", "badVerb"),
    ("verb=Identify&identifier=x", "badArgument"),
    (f"{ITEMS}&metadataPrefix=oai_dc", "badArgument"),
    (f"{ITEMS}&from=2025-02-31", "badArgument"),
    (f"{ITEMS}&from=2025-01-01T00:00:00", "badArgument"),
    (f"{ITEMS}&from=2025-01-01T00:00:00%2B07:00", "badArgument"),
    (f"{ITEMS}&from=2025-05-01&until=2025-04-01", "badArgument"),
    (f"{ITEMS}&from=", "badArgument"),
    (f"{ITEMS}&set=", "badArgument"),
    ("verb=ListRecords&metadataPrefix=unknown", "cannotDisseminateFormat"),
    ("verb=ListIdentifiers&metadataPrefix=unknown", "cannotDisseminateFormat"),
    (f"verb=GetRecord&identifier={ID}&metadataPrefix=unknown", "cannotDisseminateFormat"),
    ("verb=GetRecord&identifier=oai:test.example:4&metadataPrefix=marc21", "cannotDisseminateFormat"),
    ("verb=ListMetadataFormats&identifier=nothing", "idDoesNotExist"),
    (f"{ITEMS}&set=unknown", "noRecordsMatch"),
    (f"{ITEMS}&from=2031-01-01", "noRecordsMatch"),
    ("verb=ListSets&resumptionToken=junk", "badResumptionToken"),
    ("verb=ListIdentifiers&resumptionToken=é%20%2B%2F", "badResumptionToken"),
    ("verb=Identify&x=%00", "badArgument"),
    (f"verb=GetRecord&identifier=%00{ID}&metadataPrefix=oai_dc", "badArgument"),
    ("verb=GetRecord&identifier=%FF&metadataPrefix=oai_dc", "badArgument"),
    ("verb=Identify" + "&a=1" * 40, "badArgument"),
    (f"verb=GetRecord&identifier={'x' * 10_000}&metadataPrefix=oai_dc", "idDoesNotExist"),
]


@pytest.mark.parametrize(("query", "code"), MORE_WRONG, ids=range(len(MORE_WRONG)))
def test_further_wrong_requests(oai, query, code):
    assert oai.code(query) == code


@pytest.mark.parametrize(("query", "code"), WRONG)
def test_request_repeats_arguments_only_when_they_are_legal(oai, query, code):
    request = oai.tree(query).find(OAI + "request")
    assert request.text == "http://testserver/oai"
    assert bool(request.attrib) == (code not in ("badVerb", "badArgument"))


def test_error_texts_never_repeat_the_request(oai):
    body = oai.http.get("/oai?verb=<script>alert(1)</script>").text
    assert "script" not in body


def test_mixed_granularities_are_refused(oai):
    assert oai.code(f"{ITEMS}&from=2002-02-05&until=2002-02-06T05:35:00Z") == "badArgument"


def test_until_before_the_earliest_datestamp_matches_nothing(oai):
    assert oai.code(f"{ITEMS}&until=2024-01-01T00:00:00Z") == "noRecordsMatch"


def test_root_element_pairs_namespace_and_schema(oai):
    tree = oai.tree("verb=Identify")
    assert tree.tag == OAI + "OAI-PMH"
    pair = tree.get("{http://www.w3.org/2001/XMLSchema-instance}schemaLocation").split()
    assert pair == ["http://www.openarchives.org/OAI/2.0/", "http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd"]


@pytest.mark.parametrize("verb", ["Identify", "ListSets", "ListMetadataFormats", ITEMS[5:], "junk"])
def test_response_date_is_utc_in_every_answer(oai, verb):
    assert oai.tree(f"verb={verb}").findtext(OAI + "responseDate") == "2026-01-02T03:04:05Z"


def test_identify_holds_its_elements_in_the_order_of_the_schema(oai):
    identify = oai.tree("verb=Identify").find(OAI + "Identify")
    assert [etree.QName(child).localname for child in identify] == [
        "repositoryName",
        "baseURL",
        "protocolVersion",
        "adminEmail",
        "earliestDatestamp",
        "deletedRecord",
        "granularity",
        "compression",
        "description",
    ]


def test_identify_says_version_2_and_its_own_address(oai):
    identify = oai.tree("verb=Identify").find(OAI + "Identify")
    assert identify.findtext(OAI + "protocolVersion") == "2.0"
    assert identify.findtext(OAI + "baseURL") == "http://testserver/oai"
    assert identify.findtext(OAI + "deletedRecord") == "persistent"
    assert identify.findtext(OAI + "adminEmail") == "admin@example.org"


@pytest.mark.parametrize(
    ("granularity", "earliest"),
    [(Granularity.SECOND, "2025-01-01T00:00:00Z"), (Granularity.DAY, "2025-01-01")],
)
def test_earliest_datestamp_fits_the_granularity(granularity, earliest):
    identify = Asker(application(repository(granularity=granularity))).tree("verb=Identify")
    assert identify.findtext(f".//{OAI}granularity") == granularity.value
    assert identify.findtext(f".//{OAI}earliestDatestamp") == earliest


def test_no_datestamp_is_before_the_earliest(oai):
    assert min(datestamp for _, datestamp, _ in oai.headers(ITEMS)) >= "2025-01-01T00:00:00Z"


def test_identify_describes_oai_identifiers(oai):
    space = "{http://www.openarchives.org/OAI/2.0/oai-identifier}"
    described = oai.tree("verb=Identify").find(f".//{space}oai-identifier")
    assert [child.text for child in described] == ["oai", "test.example", ":", ID]
    assert oai.code(f"verb=GetRecord&identifier={described[-1].text}&metadataPrefix=oai_dc") is None


def test_identify_is_silent_about_identifiers_of_no_scheme():
    tree = Asker(application(repository(domain=None))).tree("verb=Identify")
    assert tree.find(f".//{OAI}description") is None


def test_list_sets_names_all_sets(oai):
    specs = [each.text for each in oai.tree("verb=ListSets").iter(OAI + "setSpec")]
    assert specs == ["books", "books:old", "theses"]


def test_a_repository_without_sets_says_so():
    plain = MemoryRepository(
        Identity("X", "http://testserver/oai", ("a@example.org",), "2025-01-01T00:00:00Z"), (DUBLIN_CORE,)
    )
    asker = Asker(application(plain))
    assert asker.code("verb=ListSets") == "noSetHierarchy"
    assert asker.code(f"{ITEMS}&set=books") == "noSetHierarchy"
    assert asker.code(ITEMS) == "noRecordsMatch"


def test_headers_name_the_sets_of_their_records(oai):
    for head in oai.tree(f"{ITEMS}&set=theses").iter(OAI + "header"):
        assert "theses" in [spec.text for spec in head.iter(OAI + "setSpec")]


def test_a_set_includes_its_subsets(oai):
    assert oai.headers(f"{ITEMS}&set=books") == oai.headers(f"{ITEMS}&set=books:old") != []


def test_list_metadata_formats(oai):
    formats = oai.tree("verb=ListMetadataFormats")
    assert [each.text for each in formats.iter(OAI + "metadataPrefix")] == ["marc21", "oai_dc"]
    first = formats.find(f".//{OAI}metadataFormat")
    assert [etree.QName(child).localname for child in first] == [
        "metadataPrefix",
        "schema",
        "metadataNamespace",
    ]


@pytest.mark.parametrize("number", [0, 3, 4])
def test_formats_of_an_item_contain_dublin_core(oai, number):
    formats = oai.tree(f"verb=ListMetadataFormats&identifier=oai:test.example:{number}")
    assert "oai_dc" in [each.text for each in formats.iter(OAI + "metadataPrefix")]


def test_get_record_gives_header_and_metadata(oai):
    tree = oai.tree(f"verb=GetRecord&identifier={ID}&metadataPrefix=marc21")
    assert tree.findtext(f".//{OAI}identifier") == ID
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", tree.findtext(f".//{OAI}datestamp"))
    assert [spec.text for spec in tree.iter(OAI + "setSpec")] == ["books:old"]
    metadata = tree.find(f".//{OAI}metadata")
    assert [child.tag for child in metadata] == ["{http://www.loc.gov/MARC21/slim}record"]


def test_get_record_shows_days_in_a_daily_repository(daily):
    tree = daily.tree(f"verb=GetRecord&identifier={ID}&metadataPrefix=marc21")
    assert tree.findtext(f".//{OAI}datestamp") == "2025-01-11"


def test_a_deleted_record_has_a_header_only(oai):
    tree = oai.tree("verb=GetRecord&identifier=oai:test.example:3&metadataPrefix=marc21")
    record = tree.find(f".//{OAI}record")
    assert record.find(OAI + "header").get("status") == "deleted"
    assert record.find(OAI + "metadata") is None


@pytest.mark.parametrize("number", [0, 3, 17, 24])
def test_from_equal_to_until_finds_the_record(oai, number):
    wanted = f"oai:test.example:{number}"
    datestamp = next(each for name, each, _ in oai.headers(ITEMS) if name == wanted)
    found = oai.headers(f"{ITEMS}&from={datestamp}&until={datestamp}")
    assert wanted in [name for name, _, _ in found]
    assert {each for _, each, _ in found} == {datestamp}


def test_a_day_reaches_to_its_last_second(oai):
    assert len(oai.headers(f"{ITEMS}&from=2025-01-11&until=2025-01-11")) == 25


def test_a_daily_repository_refuses_seconds(daily):
    assert daily.code(f"{ITEMS}&from=2025-01-11T00:00:00Z") == "badArgument"
    assert daily.code(f"{ITEMS}&from=2025-01-11&until=2025-01-11") is None


def test_list_identifiers_gives_the_headers_of_list_records(oai):
    assert oai.headers("verb=ListIdentifiers&metadataPrefix=oai_dc") == oai.headers(ITEMS)
    assert list(oai.tree("verb=ListIdentifiers&metadataPrefix=oai_dc").iter(OAI + "metadata")) == []


def test_one_token_in_each_answer_and_cursor_from_zero(oai):
    pages = list(oai.pages(ITEMS))
    tokens = [page.findall(f".//{OAI}resumptionToken") for page in pages]
    assert [len(found) for found in tokens] == [1, 1, 1]
    assert [found[0].get("cursor") for found in tokens] == ["0", "10", "20"]
    assert {found[0].get("completeListSize") for found in tokens} == {"25"}


def test_the_last_page_carries_an_empty_token(oai):
    last = list(oai.pages(ITEMS))[-1].find(f".//{OAI}resumptionToken")
    assert last.text is None
    assert last.get("expirationDate") is None


def test_tokens_tell_when_they_expire(oai):
    token = oai.tree(ITEMS).find(f".//{OAI}resumptionToken")
    assert token.get("expirationDate") == "2026-01-03T03:04:05Z"


def test_a_short_list_has_no_token(oai):
    assert oai.tree(f"{ITEMS}&set=theses").find(f".//{OAI}resumptionToken") is None


@pytest.mark.parametrize(
    "form", [{"verb": "Identify"}, {"verb": "GetRecord", "identifier": ID, "metadataPrefix": "oai_dc"}]
)
def test_post_is_answered_like_get(oai, form):
    assert oai.http.post("/oai", data=form).content == oai.http.get("/oai", params=form).content


def test_post_counts_arguments_of_address_and_body_together(oai):
    answer = etree.fromstring(oai.http.post("/oai?verb=Identify", data={"verb": "Identify"}).content)
    assert answer.find(OAI + "error").get("code") == "badVerb"
