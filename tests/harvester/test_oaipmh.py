"""The OAI-PMH reader's own choices: formats, dates, sets, switches, kept answers, the probe's advice."""

import gzip
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.harvester import servers as s
from tests.harvester.servers import Asked, Reply
from tests.harvester.support import run, source, surroundings, take
from unioncat.domain.source import Checkpoint, Protocol, RunMode
from unioncat_harvester import readers
from unioncat_harvester.reader import Offer, SourceError
from unioncat_harvester.readers import open_reader
from unioncat_harvester.readers.oaipmh import dates
from unioncat_harvester.readers.oaipmh.formats import choose

SINCE = datetime(2024, 5, 31, 23, 59, 59, tzinfo=UTC)
DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"


@pytest.mark.parametrize(
    ("offers", "chosen"),
    [
        ([("oai_dc", DC), ("x", s.MARC)], "x"),
        ([("x", s.MARC), ("marcxml", s.MARC)], "marcxml"),
        ([("biblio_items", s.MARC), ("biblio", s.MARC)], "biblio_items"),
        ([("x", s.MARC + "/")], "x"),
        ([("oai_dc", DC), ("m", "info:lc/xmlns/marcxchange-v1")], "m"),
        ([("oai_dc", DC), ("mods", "http://www.loc.gov/mods/v3")], "oai_dc"),
        ([("marc21", "urn:something-else")], None),
        ([], None),
    ],
)
def test_format_is_chosen_by_namespace(offers: list[tuple[str, str]], chosen: str | None) -> None:
    found = choose([Offer(*offer) for offer in offers])
    assert (found.name if found else None) == chosen


def test_auto_asks_the_server() -> None:
    with s.serving() as server:
        taken = take(source(server.base, format="auto", set="books"))
    assert server.lists[0].arguments == {
        "verb": "ListRecords",
        "metadataPrefix": "biblio",
        "set": "books",
    }
    assert {record.format for record in taken.records} == {"biblio"}


def test_auto_without_a_usable_format_says_what_there_is() -> None:
    only = s.FORMATS.replace(s.MARC, "urn:a").replace(DC, "urn:b")
    with s.serving(
        lambda a: Reply.of(s.envelope(only)) if a.verb == "ListMetadataFormats" else None
    ) as server:
        taken = take(source(server.base, format="auto"))
    assert isinstance(taken.error, SourceError)
    assert "biblio (urn:a)" in str(taken.error)


@pytest.mark.parametrize(
    ("granularity", "options", "asked"),
    [
        ("YYYY-MM-DDThh:mm:ssZ", (), "2024-05-31T23:59:59Z"),
        ("YYYY-MM-DD", (), "2024-05-31"),
        ("YYYY-MM-DDThh:mm:ssZ", (("granularity", "day"),), "2024-05-31"),
        ("YYYY-MM-DD", (("granularity", "seconds"),), "2024-05-31T23:59:59Z"),
        ("YYYY-MM-DD", (("selective", "no"),), None),
    ],
)
def test_from_is_written_as_the_server_wants_it(
    granularity: str, options: tuple[tuple[str, str], ...], asked: str | None
) -> None:
    with s.serving(granularity=granularity) as server:
        take(source(server.base, options=options), run(mode=RunMode.INCREMENTAL, since=SINCE))
    assert server.lists[0].arguments.get("from") == asked
    assert "until" not in server.lists[0].arguments
    assert all("from" not in asked.arguments for asked in server.lists[1:])


def test_a_token_stands_alone() -> None:
    with s.serving() as server:
        take(source(server.base, set="books"))
    assert server.lists[1].arguments == {"verb": "ListRecords", "resumptionToken": "t2"}


def test_switches_for_servers_that_want_tokens_otherwise() -> None:
    def answering(asked: Asked) -> Reply | None:
        if not asked.page:
            return None
        return Reply.of(
            s.page_text(asked.page, end=s.token(1, f"a:b/t{asked.page + 1}" if asked.page < 5 else ""))
        )

    options = (("token", "verbatim"), ("token-prefix", "yes"))
    with s.serving(answering) as server:
        taken = take(source(server.base, options=options))
    assert taken.received == 100
    assert "&resumptionToken=a:b/t2" in server.lists[1].query
    assert server.lists[1].arguments["metadataPrefix"] == "marc21"


def test_an_address_with_arguments_keeps_them() -> None:
    with s.serving() as server:
        taken = take(source(server.base + "?repository=a%20b"))
    assert taken.received == 100
    assert {asked.arguments["repository"] for asked in server.asked} == {"a b"}


@pytest.mark.parametrize(
    "option",
    [
        ("granularity", "hour"),
        ("selective", "never"),
        ("token", "x"),
        ("charset", "rot13"),
        ("clock", "7"),
        ("windows", "1"),
    ],
)
def test_options_that_mean_nothing_are_refused(option: tuple[str, str]) -> None:
    with pytest.raises(SourceError, match=option[0]) as caught:
        open_reader(source("http://127.0.0.1:9/", options=(option,)), surroundings())
    assert caught.value.remedy


def test_options_for_others_are_let_be() -> None:
    open_reader(source("http://127.0.0.1:9/", options=(("branch:CN", "lib"),)), surroundings()).close()


def test_a_protocol_without_reader_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "READERS", {})
    with pytest.raises(SourceError, match="cannot be read"):
        open_reader(source("x", protocol=Protocol.Z3950), surroundings())


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("cannotDisseminateFormat", "format"),
        ("badArgument", "selective"),
        ("noSetHierarchy", "set"),
        ("badVerb", "address"),
        ("badResumptionToken", "operator"),
    ],
)
def test_refusals_name_a_remedy(code: str, remedy: str) -> None:
    with s.serving(lambda a: Reply.of(s.error(code, "xyz")) if a.page else None) as server:
        taken = take(source(server.base))
    assert type(taken.error) is SourceError
    assert "xyz" in str(taken.error)
    assert remedy in taken.error.remedy
    assert len(server.lists) == 1


def test_response_date_is_that_of_the_first_answer() -> None:
    def answering(asked: Asked) -> Reply | None:
        return (
            Reply.of(s.page_text(asked.page).replace("12:00:00Z", f"12:0{asked.page}:00Z"))
            if asked.page
            else None
        )

    with s.serving(answering) as server:
        taken = take(source(server.base))
        point = Checkpoint(token="t4", response_date=SINCE)
        resumed = take(source(server.base), run(checkpoint=point))
    assert {point.response_date for point in taken.checkpoints} == {datetime(2024, 6, 1, 12, 1, tzinfo=UTC)}
    assert {point.response_date for point in resumed.checkpoints} == {SINCE}


def test_http_date_stands_in_for_a_missing_response_date() -> None:
    headers = {"Date": "Sat, 01 Jun 2024 09:08:07 GMT"}
    with s.serving(
        lambda a: (
            Reply.of(s.page_text(a.page).replace("responseDate", "x"), headers=headers) if a.page else None
        )
    ) as server:
        taken = take(source(server.base))
    assert taken.checkpoints[0].response_date == datetime(2024, 6, 1, 9, 8, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-05-06", datetime(2024, 5, 6, tzinfo=UTC)),
        ("2024-05-06T07:08:09Z", datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)),
        (" 2024-05-06T07:08:09.123Z\n", datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)),
        ("2024-05-06T07:08:09+07:00", datetime(2024, 5, 6, 0, 8, 9, tzinfo=UTC)),
        ("2024-05-06 07:08:09", datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)),
        ("2024-13-06", None),
        ("0001-01-01T00:00:00+10:00", None),
        ("today", None),
        ("", None),
        (None, None),
    ],
)
def test_dates_are_read_leniently(text: str | None, moment: datetime | None) -> None:
    assert dates.parse(text) == moment


def test_repaired_and_unusable_answers_are_kept(tmp_path: Path) -> None:
    def answering(asked: Asked) -> Reply | None:
        text = s.page_text(asked.page) if asked.page else ""
        bent = {2: text.replace("Kiều", "K & Q", 1), 3: text[:900]}
        return Reply.of(bent[asked.page]) if asked.page in bent else None

    with s.serving(answering) as server:
        taken = take(source(server.base), around=surroundings(tmp_path))
    kept = {
        path.name: gzip.decompress(path.read_bytes()).decode() for path in (tmp_path / "test-kho").iterdir()
    }
    assert set(kept) == {"run1-page2-repaired.xml.gz", "run1-page3-unusable.xml.gz"}
    assert "K & Q" in kept["run1-page2-repaired.xml.gz"]
    assert kept["run1-page3-unusable.xml.gz"] == s.page_text(3)[:900]
    assert isinstance(taken.error, SourceError)
    assert "run1-page3-unusable" in taken.error.remedy


def test_the_drawer_does_not_grow(tmp_path: Path) -> None:
    import io

    around = surroundings(tmp_path)
    for number in range(30):
        around.keep("../x/y", f"page{number}", io.BytesIO(b"x"))
    (folder,) = tmp_path.iterdir()
    assert len(list(folder.iterdir())) == 20


def test_probe_finds_what_matters() -> None:
    with (
        s.serving(granularity="YYYY-MM-DD", deleted="transient") as server,
        open_reader(source(server.base, format="auto"), surroundings()) as reader,
    ):
        found = reader.probe()
    assert (found.records, found.deleted, found.list_size, found.has_more) == (18, 2, 100, True)
    assert found.format == "biblio"
    assert found.sets == (("books", "Sách"),)
    assert found.holdings == (("952", 18),)
    advice = " ".join(found.advice)
    assert "952 (Koha's items) in 18 of 18" in advice
    assert "does not keep deletions" in advice
    assert "whole days" in advice
    assert len(server.lists) == 3  # the first page, the one after its token, and the changes of two days


def test_probe_without_sets_and_holdings() -> None:
    def answering(asked: Asked) -> Reply | None:
        if asked.verb == "ListSets":
            return Reply.of(s.error("noSetHierarchy"))
        if asked.page:
            return Reply.of(s.page_text(1, end="").replace('tag="952"', 'tag="999"'))
        return None

    with s.serving(answering) as server, open_reader(source(server.base), surroundings()) as reader:
        found = reader.probe()
    assert found.sets == ()
    assert not found.has_more
    advice = " ".join(found.advice)
    assert "include_items" in advice
    assert "min_records" in advice


@pytest.mark.parametrize("as_json", [False, True])
def test_probe_on_the_command_line(tmp_path: Path, as_json: bool) -> None:
    with s.serving() as server:
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "unioncat_harvester",
                "probe",
                server.base,
                *(["--json"] if as_json else []),
            ],
            env=os.environ | {"UNIONCAT_HOME": str(tmp_path), "PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr.decode()
    if as_json:
        assert json.loads(done.stdout)["holdings"] == [["952", 18]]
    else:
        assert "* biblio" in done.stdout.decode()
        assert "Thư viện thử" in done.stdout.decode()


def test_probe_of_a_dead_address_is_one_line_and_a_remedy(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "unioncat_harvester", "probe", "ftp://127.0.0.1/x"],
        env=os.environ | {"UNIONCAT_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "remedy: Register an address that begins with http" in done.stderr
