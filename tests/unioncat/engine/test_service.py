"""The all-in-one service: order, restart, and a stop that leaves no process behind."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import psutil
import pytest

from unioncat.config import Settings
from unioncat.engine import ports, service
from unioncat.engine.errors import EngineError
from unioncat.engine.postgres import EmbeddedPostgres

WEB = """
import http.server, os, subprocess, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(str(os.getpid()).encode())
    def log_message(self, *_): pass
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print("web has", os.environ["UNIONCAT_DATABASE_URL"], flush=True)
http.server.HTTPServer(("127.0.0.1", int(os.environ["UNIONCAT_PORT"])), Handler).serve_forever()
"""
WORKER = """
import signal, sys, time
def stop(*_):
    print("worker stopped", flush=True); sys.exit(0)
signal.signal(signal.SIGTERM, stop)
print("worker started", flush=True)
time.sleep(600)
"""
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
UP = """
import sys
from pathlib import Path
from unioncat import telemetry
from unioncat.config import Settings
from unioncat.engine.parts import Part
from unioncat.engine.service import Service
telemetry.configure(stream=sys.stdout)
port, web, worker, stubborn = int(sys.argv[2]), *sys.argv[3:6]
settings = Settings(home=Path(sys.argv[1]), port=port, database_memory_mb=32)
parts = [
    Part("first", (sys.executable, "-c", "print('first done', flush=True)"), once=True),
    Part("web service", (sys.executable, "-c", web), needs=("first",), address=("127.0.0.1", port, "/")),
    Part("worker", (sys.executable, "-c", worker), needs=("web service",)),
]
if stubborn:
    parts.append(Part("stubborn", (sys.executable, "-c", stubborn)))
Service(settings, parts).run()
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Up:
    """A service under test, in a process of its own."""

    def __init__(self, home: Path, web: str = WEB, stubborn: str = "") -> None:
        self.port = free_port()
        self.process = subprocess.Popen(
            [sys.executable, "-c", UP, str(home), str(self.port), web, WORKER, stubborn],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self.process.stdout
        self.output: IO[str] = self.process.stdout
        self.family: list[psutil.Process] = []

    def read_until(self, words: str) -> str:
        text = ""
        for line in self.output:
            text += line
            if words in line:
                self.look()
                return text
        raise AssertionError(f"it ended without {words!r}:\n{text}")

    def look(self) -> None:
        """Remember every process of the service."""
        self.family += psutil.Process(self.process.pid).children(recursive=True)

    def left(self) -> list[psutil.Process]:
        """Give what is alive of all processes ever seen."""
        alive = []
        for one in self.family:
            with contextlib.suppress(psutil.NoSuchProcess):
                if one.is_running() and one.status() != psutil.STATUS_ZOMBIE:
                    alive.append(one)
        return alive

    def pid(self) -> int:
        """Ask the web part for its process id."""
        import urllib.request

        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=5) as answer:
            return int(answer.read())


@pytest.fixture
def up(open_folder: Path) -> Iterator[Up]:
    running = Up(open_folder)
    yield running
    running.process.kill()
    running.process.wait()


def gone(running: Up, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while running.left() and time.monotonic() < deadline:
        time.sleep(0.05)
    return not running.left()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything_quickly(up: Up, number: signal.Signals) -> None:
    said = up.read_until("unioncat is ready")
    if "worker started" not in said:
        said += up.read_until("worker started")
    assert said.index("first done") < said.index("web has postgresql+asyncpg://")
    assert len(up.family) >= 5
    begin = time.monotonic()
    up.process.send_signal(number)
    said = up.output.read()
    assert up.process.wait(10) == 0
    assert time.monotonic() - begin < 5
    assert "worker stopped" in said
    assert not up.left(), "nothing may be left"


def test_a_stubborn_part_does_not_hold_the_stop_up(open_folder: Path) -> None:
    up = Up(open_folder, stubborn=STUBBORN)
    up.read_until("unioncat is ready")
    begin = time.monotonic()
    up.process.send_signal(signal.SIGINT)
    up.output.read()
    assert up.process.wait(10) == 0
    assert time.monotonic() - begin < 5
    assert not up.left()


def test_when_the_service_itself_is_killed_everything_ends(up: Up, open_folder: Path) -> None:
    up.read_until("unioncat is ready")
    web_children = psutil.Process(up.pid()).children()
    up.process.kill()
    up.family = [
        one for one in up.family if one not in web_children
    ]  # the fake part does not care for its own
    assert gone(up, 10)
    for orphan in web_children:
        orphan.kill()
    server = EmbeddedPostgres(open_folder, memory_mb=32)
    server.start()
    server.stop()


def test_a_dead_part_is_started_again_with_what_it_left_swept_away(up: Up) -> None:
    up.read_until("unioncat is ready")
    first = up.pid()
    left = psutil.Process(first).children()
    assert left
    os.kill(first, signal.SIGKILL)
    said = up.read_until("web has")
    assert "a part died" in said
    assert "SIGKILL" in said
    deadline = time.monotonic() + 5
    second = first
    while second == first and time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            second = up.pid()
    assert second != first
    assert not [one for one in left if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
    up.process.send_signal(signal.SIGTERM)
    up.process.wait(10)


def test_a_killed_database_is_started_again_at_the_same_address(up: Up, open_folder: Path) -> None:
    up.read_until("unioncat is ready")
    pid = int((open_folder / "postgres/data/postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGKILL)
    up.read_until("the database server died")
    server = EmbeddedPostgres(open_folder)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        text = (open_folder / "postgres/data/postmaster.pid").read_text()
        if int(text.split()[0]) != pid and "ready" in text:
            break
        time.sleep(0.1)
    server.start()
    assert not server.owned
    server.stop()
    up.process.send_signal(signal.SIGTERM)
    assert up.process.wait(10) == 0
    assert gone(up, 2)


def test_a_second_service_of_one_home_is_refused(up: Up, open_folder: Path) -> None:
    up.read_until("unioncat is ready")
    assert service.is_up(open_folder)
    with (
        pytest.raises(EngineError, match=f"running already .process {up.process.pid}"),
        service.only_one(Settings(home=open_folder)),
    ):
        pass
    up.process.send_signal(signal.SIGTERM)
    up.process.wait(10)
    assert not service.is_up(open_folder)


def test_a_part_that_fails_at_its_start_ends_the_service(open_folder: Path) -> None:
    up = Up(open_folder, web="import sys; print('no such thing', flush=True); sys.exit(3)")
    said = up.output.read()
    assert up.process.wait(20) == 1
    assert "no such thing" in said
    assert "web service ended at its start (exit code 3)" in said
    assert gone(up, 1)


def test_a_taken_port_is_said_before_anything_starts(open_folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        settings = Settings(home=open_folder / "home", port=port)
        with pytest.raises(EngineError) as caught:
            service.Service(settings, service.parts(settings)).run()
    assert f"port {port} of 127.0.0.1" in str(caught.value)
    assert str(os.getpid()) in str(caught.value)
    assert f"UNIONCAT_PORT={port + 10}" in caught.value.remedy
    assert not (open_folder / "home" / "postgres").exists()


def test_a_taken_port_leaves_no_half_made_home(open_folder: Path) -> None:
    home = open_folder / "new"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        words = [sys.executable, "-m", "unioncat", "up", "--port", str(taken.getsockname()[1])]
        ended = subprocess.run(
            words, env={**os.environ, "UNIONCAT_HOME": str(home)}, capture_output=True, text=True, check=False
        )
    assert ended.returncode != 0
    assert "is taken" in ended.stderr + ended.stdout
    assert not home.exists()


def test_an_address_of_another_machine_is_said() -> None:
    with pytest.raises(EngineError, match="no address of this machine") as caught:
        ports.check("192.0.2.1", free_port(), "web service")
    assert "UNIONCAT_HOST" in caught.value.remedy


def test_parts_get_every_setting_as_decided(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, port=8123, workers=3)
    given = service.environment(settings, "postgresql+asyncpg://x/y")
    assert given["UNIONCAT_PORT"] == "8123"
    assert given["UNIONCAT_DATABASE_URL"] == "postgresql+asyncpg://x/y"
    assert "UNIONCAT_SEARCH_URL" not in given
    code = textwrap.dedent("""
        from unioncat.config import Settings
        print(Settings.load().model_dump_json(exclude={"database_url"}))
    """)
    said = subprocess.run(
        [sys.executable, "-c", code], env=given, capture_output=True, text=True, check=True
    ).stdout
    assert said.strip() == settings.model_dump_json(exclude={"database_url"})
