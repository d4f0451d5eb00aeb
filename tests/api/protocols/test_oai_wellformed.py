"""Whatever texts a repository or a client brings, the answer is well-formed XML and means what was put in."""

import asyncio
from urllib.parse import quote

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.api.protocols.serving import NOW, OAI, SECRET, dublin_core
from unioncat_api.protocols.oaipmh import (
    DUBLIN_CORE,
    Identity,
    MemoryRepository,
    Provider,
    SetInfo,
    StoredItem,
)
from unioncat_api.protocols.oaipmh.writing import ILLEGAL

ANY = st.text(max_size=60)
PROVIDER = Provider(SECRET, page_size=2)


def ask(held: MemoryRepository, *query: bytes) -> etree._Element:
    return etree.fromstring(asyncio.run(PROVIDER.answer(held, query, NOW)))


def held(name: str = "X", identifiers: tuple[str, ...] = (), spec: str = "s", set_name: str = "S"):
    made = MemoryRepository(
        Identity(
            name,
            "http://test.example/oai",
            (name,),
            "2025-01-01T00:00:00Z",
            domain=name,
            sample_identifier=name,
        ),
        (DUBLIN_CORE,),
        (SetInfo(spec, set_name),),
    )
    metadata = (("oai_dc", dublin_core(1)),)
    made.put(StoredItem(each, "2025-01-01T00:00:00Z", False, (spec,), metadata) for each in identifiers)
    return made


@given(ANY)
def test_texts_of_identify(text):
    tree = ask(held(text), b"verb=Identify")
    assert (tree.findtext(f".//{OAI}repositoryName") or "") == ILLEGAL.sub("", text)


@given(ANY, ANY)
def test_texts_of_sets(spec, name):
    tree = ask(held(spec=spec, set_name=name), b"verb=ListSets")
    assert (tree.findtext(f".//{OAI}setName") or "") == ILLEGAL.sub("", name)


@given(st.lists(st.text(min_size=1, max_size=40), min_size=1, max_size=7, unique=True))
@settings(deadline=None)
def test_identifiers_of_any_text_are_listed_once_each(identifiers):
    repository = held(identifiers=tuple(identifiers))
    found, query = [], b"verb=ListRecords&metadataPrefix=oai_dc"
    while query:
        tree = ask(repository, query)
        found += [head.findtext(OAI + "identifier") or "" for head in tree.iter(OAI + "header")]
        token = tree.findtext(f".//{OAI}resumptionToken")
        query = b"verb=ListRecords&resumptionToken=" + token.encode() if token else b""
    assert found == [ILLEGAL.sub("", each) for each in sorted(identifiers)]


@given(st.text(min_size=1, max_size=40).filter(lambda text: not ILLEGAL.search(text)))
def test_any_legal_identifier_can_be_asked_for(identifier):
    repository = held(identifiers=(identifier,))
    query = f"verb=GetRecord&metadataPrefix=oai_dc&identifier={quote(identifier, safe='')}".encode()
    tree = ask(repository, query)
    assert tree.find(OAI + "error") is None
    assert tree.find(OAI + "request").get("identifier") == identifier


@given(st.binary(max_size=200))
def test_any_bytes_as_query(query):
    tree = ask(held(identifiers=("a",)), query)
    assert tree.tag == OAI + "OAI-PMH"


@given(st.sampled_from(["from", "until", "set", "metadataPrefix", "resumptionToken", "identifier", "x"]), ANY)
def test_any_text_in_any_argument(name, value):
    query = f"verb=ListRecords&{name}={quote(value, safe='', errors='surrogatepass')}".encode()
    assert ask(held(identifiers=("a",)), query).find(OAI + "error") is not None
