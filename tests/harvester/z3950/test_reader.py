"""The reader's manners: options that mean nothing, targets that must not be reached, being told to stop."""

import threading
import time
from dataclasses import replace

import pytest

from tests.harvester.support import run, source, surroundings, take
from tests.harvester.z3950.misbehaving import HangsAfterInit
from tests.harvester.z3950.rig import COUNT, Target, serving
from unioncat.domain.credentials import Credentials
from unioncat.domain.source import Checkpoint, Counters, Politeness, Protocol, Source
from unioncat_harvester.network import Guard
from unioncat_harvester.reader import ListBroken, SourceError, Stopped
from unioncat_harvester.readers import open_reader
from unioncat_harvester.readers.z3950 import ber
from unioncat_harvester.readers.z3950.ber import Element


def made(address: str, **options: str) -> Source:
    return source(
        address, protocol=Protocol.Z3950, options=tuple((n.replace("_", "-"), v) for n, v in options.items())
    )


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://127.0.0.1/oai", "not one of Z39.50"),
        ("z3950:///database", "not one of Z39.50"),
        ("z3950://127.0.0.1:99999/x", "cannot be used"),
        ("z3950://reader:word@127.0.0.1/x", "holds a user name"),
    ],
)
def test_addresses_that_are_none(address: str, words: str) -> None:
    with pytest.raises(SourceError, match=words) as caught:
        open_reader(made(address), surroundings())
    assert caught.value.remedy
    assert "word@" not in str(caught.value)


@pytest.mark.parametrize(
    "options",
    [
        {"query": "@and a"},
        {"changed": "1="},
        {"slices": "thirds 12"},
        {"slices": "numbers twelve"},
        {"present": "0"},
        {"present": "many"},
        {"cap": "-1"},
        {"counts": "maybe"},
        {"deleted": "sometimes"},
        {"authentication": "biometric"},
        {"negotiate": "later"},
        {"charset": "klingon-8"},
    ],
)
def test_options_that_mean_nothing(options: dict[str, str]) -> None:
    with pytest.raises(SourceError) as caught:
        open_reader(made("z3950://127.0.0.1:9/x", **options), surroundings())
    assert "test-kho" in str(caught.value)
    assert caught.value.remedy


def test_a_format_that_is_no_record_syntax() -> None:
    with pytest.raises(SourceError, match="no record syntax"):
        open_reader(replace(made("z3950://127.0.0.1:9/x"), format="pdf"), surroundings())


def test_a_target_that_must_not_be_reached_is_not() -> None:
    with serving(Target()) as port:
        taken = take(made(f"z3950://127.0.0.1:{port}/x"), around=replace(surroundings(), guard=Guard()))
    assert isinstance(taken.error, SourceError)
    assert "UNIONCAT_ALLOW_TARGETS" in taken.error.remedy


def test_being_told_to_stop_ends_the_wait_for_a_silent_target() -> None:
    around = surroundings()
    threading.Timer(0.3, around.stop.set).start()
    with serving(HangsAfterInit()) as port:
        patient = replace(made(f"z3950://127.0.0.1:{port}/x"), politeness=Politeness(timeout=60))
        begun = time.monotonic()
        with open_reader(patient, around) as reader, pytest.raises(Stopped):
            next(reader.pages(run()))
        assert time.monotonic() - begun < 2


def test_threads_and_connections_are_given_back() -> None:
    before = threading.active_count()
    with serving(Target()) as port:
        for _ in range(5):
            assert len(take(made(f"z3950://127.0.0.1:{port}/x")).records) == COUNT
        assert not [one.name for one in threading.enumerate() if one.name.startswith("z3950-")]
    assert threading.active_count() <= before + 1


def test_a_token_of_something_else_begins_the_list_again() -> None:
    with (
        serving(Target()) as port,
        open_reader(made(f"z3950://127.0.0.1:{port}/x"), surroundings()) as reader,
        pytest.raises(ListBroken),
    ):
        next(reader.pages(run(checkpoint=Checkpoint(token="page-7"), counters=Counters(pages=1))))


class Asked(Target):
    """Remembers what it was asked at Init and in the first search."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[Element] = []

    def init(self, request: Element) -> bytes:
        self.requests.append(request)
        return super().init(request)

    def search(self, request: Element) -> tuple[bytes, list[int]]:
        self.requests.append(request)
        return super().search(request)


@pytest.mark.parametrize(
    ("way", "sent"),
    [
        ("id-pass", ber.sequence(ber.string(0, b"g"), ber.string(1, b"ai"), ber.string(2, "mật".encode()))),
        ("open", ber.string(ber.Tag.universal(26), "ai/mật".encode())),
        ("anonymous", ber.null(ber.Tag.universal(5))),
        ("none", None),
    ],
)
def test_credentials_are_sent_as_the_source_says(way: str, sent: bytes | None) -> None:
    target = Asked()
    around = replace(surroundings(), credentials=Credentials("ai", "mật"))
    with serving(target) as port:
        address = f"z3950://127.0.0.1:{port}/s%C3%A1ch+b%C3%A1o"
        take(made(address, authentication=way, group="g"), around=around)
    init, search = target.requests[:2]
    given = init.get(7)
    assert (given.contents() if given is not None else None) == sent
    assert [one.octets().decode() for one in search.need(18)] == ["sách", "báo"]
    assert "mật" not in repr(around.credentials)


def test_utf8_is_proposed_unless_the_source_says_no() -> None:
    for negotiate in ("yes", "no"):
        target = Asked()
        with serving(target) as port:
            take(made(f"z3950://127.0.0.1:{port}/x", negotiate=negotiate))
        init = target.requests[0]
        assert (17 in init.need(4).bits()) is (negotiate == "yes")
        assert (init.get(201) is not None) is (negotiate == "yes")
