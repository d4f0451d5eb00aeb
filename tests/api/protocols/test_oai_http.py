"""The provider over HTTP: methods, compression, limits."""

import gzip
import re
from pathlib import Path

import pytest

from tests.api.protocols.serving import OAI, Asker, application, repository
from unioncat_api.protocols import oaipmh

ALL = {"verb": "ListRecords", "metadataPrefix": "marc21"}


@pytest.fixture(scope="module")
def http():
    return Asker(application(repository(200), page_size=100)).http


@pytest.mark.parametrize("accepted", ["", "identity", "deflate", "gzip;q=0", "gzip;q=0.000, br", "br"])
def test_plain_unless_gzip_is_asked_for(http, accepted):
    answer = http.get("/oai", params=ALL, headers={"Accept-Encoding": accepted})
    assert "content-encoding" not in answer.headers
    assert answer.content.startswith(b"<?xml")


@pytest.mark.parametrize("accepted", ["gzip", "GZIP", "br, gzip;q=0.5", "gzip;q=1.0", "x-gzip"])
def test_gzip_when_asked_for(http, accepted):
    with http.stream("GET", "/oai", params=ALL, headers={"Accept-Encoding": accepted}) as answer:
        raw = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert gzip.decompress(raw) == http.get("/oai", params=ALL, headers={"Accept-Encoding": ""}).content


def test_small_answers_stay_plain(http):
    answer = http.get("/oai?verb=junk", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in answer.headers


def test_a_form_of_another_kind_is_refused(http):
    assert http.post("/oai", json={"verb": "Identify"}).status_code == 415


def test_a_form_without_kind_is_read(http):
    answer = http.post("/oai", content=b"verb=Identify")
    assert b"<Identify>" in answer.content


def test_a_huge_form_is_refused(http):
    form = {"verb": "Identify", "x": "y" * 70_000}
    assert http.post("/oai", data=form).status_code == 413


def test_other_methods_are_refused(http):
    assert http.put("/oai").status_code == 405
    assert http.delete("/oai").status_code == 405


def test_percent_encoding_is_undone_once():
    held = repository(1)
    body = Asker(application(held)).tree("verb=GetRecord&identifier=oai%253Atest&metadataPrefix=oai_dc")
    assert body.find(OAI + "request").get("identifier") == "oai%3Atest"


def test_the_protocol_knows_no_database():
    folder = Path(oaipmh.__file__).parent
    text = "".join(path.read_text("utf-8") for path in folder.glob("*.py"))
    assert "class Provider" in text
    assert not re.search(r"import (sqlalchemy|asyncpg|sqlite3)|unioncat\.store", text)
