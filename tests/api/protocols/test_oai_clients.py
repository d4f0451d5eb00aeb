"""Harvests by clients that other people wrote, over a real socket, against what the repository holds."""

import oaipmh.client
import oaipmh.metadata
import pytest
import sickle
from oaipmh_scythe import NoRecordsMatch, Scythe

from tests.api.protocols.serving import application, item, repository, served

COUNT = 137


def expected(prefix):
    held = (item(number) for number in range(COUNT))
    return {
        (each.identifier, each.datestamp, each.deleted)
        for each in held
        if each.deleted or prefix in dict(each.metadata)
    }


@pytest.fixture(scope="module")
def address():
    held = repository(COUNT)
    with served(application(held, page_size=20)) as url:
        yield url


def by_sickle(address, prefix):
    for record in sickle.Sickle(address).ListRecords(metadataPrefix=prefix):
        yield record.header.identifier, record.header.datestamp, record.header.deleted, record.raw


def by_scythe(address, prefix):
    with Scythe(address) as scythe:
        for record in scythe.list_records(metadata_prefix=prefix):
            yield record.header.identifier, record.header.datestamp, record.header.deleted, record.raw


def by_oaipmh(address, prefix):
    registry = oaipmh.metadata.MetadataRegistry()
    registry.registerReader(prefix, lambda element: element)
    client = oaipmh.client.Client(address, registry)
    for header, metadata, _ in client.listRecords(metadataPrefix=prefix):
        stamp = header.datestamp().strftime("%Y-%m-%dT%H:%M:%SZ")
        yield header.identifier(), stamp, header.isDeleted(), "" if metadata is None else "metadata"


CLIENTS = [by_sickle, by_scythe, by_oaipmh]


@pytest.mark.parametrize("prefix", ["marc21", "oai_dc"])
@pytest.mark.parametrize("client", CLIENTS)
def test_harvest_equals_the_repository(address, client, prefix):
    found = list(client(address, prefix))
    assert {each[:3] for each in found} == expected(prefix)
    assert len(found) == len(expected(prefix))
    assert all(("metadata" in raw) != deleted for _, _, deleted, raw in found)


def test_sickle_sees_formats_sets_and_identity(address):
    client = sickle.Sickle(address)
    assert [each.metadataPrefix for each in client.ListMetadataFormats()] == ["marc21", "oai_dc"]
    assert [each.setSpec for each in client.ListSets()] == ["books", "books:old", "theses"]
    assert client.Identify().granularity == "YYYY-MM-DDThh:mm:ssZ"


def test_oaipmh_client_reads_identify_strictly(address):
    client = oaipmh.client.Client(address, oaipmh.metadata.MetadataRegistry())
    identify = client.identify()
    assert (identify.protocolVersion(), identify.deletedRecord()) == ("2.0", "persistent")
    assert identify.compression() == ["gzip"]


def test_scythe_gets_the_errors_it_knows(address):
    with Scythe(address) as scythe, pytest.raises(NoRecordsMatch):
        list(scythe.list_records(metadata_prefix="oai_dc", from_="2031-01-01"))


def test_a_client_goes_on_after_the_server_was_killed():
    """The token of the first server is good for the second: same secret, same address."""
    held = repository(COUNT, base_url="http://same.example/oai")
    seen = []
    with served(application(held, page_size=20)) as url:
        pages = sickle.Sickle(url).harvest(verb="ListRecords", metadataPrefix="oai_dc")
        token = pages.xml.findtext(".//{*}resumptionToken")
        seen += [head.findtext("{*}identifier") for head in pages.xml.iter("{*}header")]
    with served(application(held, page_size=20)) as url:
        rest = sickle.Sickle(url).ListRecords(resumptionToken=token)
        seen += [record.header.identifier for record in rest]
    assert sorted(seen) == sorted(each[0] for each in expected("oai_dc"))
