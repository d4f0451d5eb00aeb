"""The sample federation as its users run it: a real process, real ports, signals, the second state."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
import sickle

from unioncat.sample.evolve import truth
from unioncat.sample.federation import federation
from unioncat.sample.generate import records
from unioncat.sample.members import MEMBERS

CODES = [member.code for member in MEMBERS]


class Process:
    """The program, started with a home; `ready` is its first line."""

    def __init__(self, home: Path, *options: str) -> None:
        command = [sys.executable, "-m", "unioncat_api.sample", "--home", str(home), *options]
        self.process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        self.ready = self.line()

    def line(self) -> dict:
        return json.loads(self.process.stdout.readline())

    def end(self, number: int = signal.SIGTERM) -> tuple[int, float]:
        begin = time.monotonic()
        self.process.send_signal(number)
        status = self.process.wait(10)
        return status, time.monotonic() - begin


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@contextlib.contextmanager
def running(home: Path, *options: str, base: int | None = None):
    process = Process(home, "--port-base", str(base or free_port()), *options)
    try:
        yield process
    finally:
        process.process.kill()
        process.process.wait()
        process.process.stdout.close()


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    with running(tmp_path_factory.mktemp("first")) as process:
        yield process


def harvested(address, prefix, **selection):
    try:
        found = sickle.Sickle(address).ListRecords(metadataPrefix=prefix, **selection)
        return {each.header.identifier: each for each in found}
    except sickle.oaiexceptions.NoRecordsMatch:
        return {}


def test_every_member_has_its_own_port(first):
    assert first.ready["step"] == 1
    assert list(first.ready["endpoints"]) == CODES
    assert len(set(first.ready["endpoints"].values())) == len(CODES)


@pytest.mark.parametrize("member", MEMBERS, ids=CODES)
def test_harvest_of_each_member_equals_its_records(first, member):
    expected = {each.local_id: each for each in records() if each.member == member.code}
    found = harvested(first.ready["endpoints"][member.code], member.format)
    assert found.keys() == expected.keys()
    for name, each in found.items():
        assert each.header.deleted == expected[name].deleted
        assert tuple(each.header.setSpecs) == expected[name].sets
    identify = sickle.Sickle(first.ready["endpoints"][member.code]).Identify()
    assert identify.repositoryName == member.name
    assert identify.baseURL == first.ready["endpoints"][member.code]


def test_sets_of_a_province_are_its_libraries(first):
    address = first.ready["endpoints"]["nghean"]
    specs = [each.setSpec for each in sickle.Sickle(address).ListSets()]
    assert "na:nd" in specs
    expected = {each.local_id for each in records() if "na:nd" in each.sets}
    assert harvested(address, "marc21", set="na:nd").keys() == expected != set()


def test_sources_of_the_federation_point_at_the_servers(first):
    made = federation(first.ready["endpoints"])
    assert {source.code: source.address for source in made.sources} == first.ready["endpoints"]
    for source in made.sources:
        prefixes = [each.metadataPrefix for each in sickle.Sickle(source.address).ListMetadataFormats()]
        assert source.format in prefixes
        assert "oai_dc" in prefixes


def test_second_state_is_found_by_an_incremental_harvest(tmp_path):
    with running(tmp_path) as process:
        address = process.ready["endpoints"]["tvqg"]
        with urllib.request.urlopen(f"{address}?verb=Identify") as answer:
            since = answer.read().partition(b"<responseDate>")[2][:20].decode()
        before = {
            member.code: len(harvested(process.ready["endpoints"][member.code], member.format))
            for member in MEMBERS
        }
        (tmp_path / "step").write_text("2\n")
        assert process.line() == {**process.ready, "step": 2}
        changed = {}
        for member in MEMBERS:
            begin = since[:10] if member.day_granularity else since
            address = process.ready["endpoints"][member.code]
            found = harvested(address, member.format, **{"from": begin})
            changed |= {(member.code, name): each.header.deleted for name, each in found.items()}
        assert len(changed) == 4
        assert sorted(changed.values()) == [False, False, False, True]
        after = {
            member.code: len(harvested(process.ready["endpoints"][member.code], member.format))
            for member in MEMBERS
        }
        assert {code: after[code] - before[code] for code in CODES if after[code] != before[code]} == {
            "khthhcm": 1
        }
        live = {place for place, deleted in changed.items() if not deleted}
        assert live <= truth(2).keys()


def test_ports_state_and_tokens_outlive_the_process(tmp_path):
    with running(tmp_path, "--step", "2") as process:
        address = process.ready["endpoints"]["tvqg"]
        with urllib.request.urlopen(f"{address}?verb=ListIdentifiers&metadataPrefix=marc21") as answer:
            token = answer.read().rpartition(b"</resumptionToken>")[0].rpartition(b">")[2].decode()
        assert process.end()[0] == 0
    with running(tmp_path) as again:
        assert again.ready == process.ready
        assert again.ready["step"] == 2
        with urllib.request.urlopen(f"{address}?verb=ListIdentifiers&resumptionToken={token}") as answer:
            assert b"<header>" in answer.read()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_end_it_at_once_even_with_a_client_connected(tmp_path, number):
    with running(tmp_path) as process:
        port = int(process.ready["endpoints"]["tvqg"].rpartition(":")[2].partition("/")[0])
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"GET /oai?verb=Identify HTTP/1.1\r\nHost: x\r\n\r\n")
            assert client.recv(15) == b"HTTP/1.1 200 OK"
            status, seconds = process.end(number)
    assert status == 0
    assert seconds < 2


def test_taken_ports_are_passed_by_and_remembered(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with running(tmp_path, base=port - 1) as process:
            moved = process.ready["endpoints"]["yenbai"]
            assert moved != f"http://127.0.0.1:{port}/oai"
            assert process.end()[0] == 0
    with running(tmp_path) as again:
        assert again.ready["endpoints"]["yenbai"] == moved


def test_two_federations_at_once_do_not_share_ports(tmp_path):
    base = free_port()
    with running(tmp_path / "a", base=base) as one, running(tmp_path / "b", base=base) as other:
        assert not set(one.ready["endpoints"].values()) & set(other.ready["endpoints"].values())


def test_an_unreadable_state_says_what_to_do(tmp_path):
    (tmp_path / "sample.json").write_text("{")
    command = [sys.executable, "-m", "unioncat_api.sample", "--home", str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ended = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert ended.returncode == 1
    assert "Remove it" in ended.stderr


def test_state_is_for_its_owner_only(tmp_path):
    with running(tmp_path):
        assert (tmp_path / "sample.json").stat().st_mode & 0o777 == 0o600
