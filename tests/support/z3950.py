"""Z39.50 targets that nobody here wrote, with records of the test's own: SimpleServer and yaz-ztest.

Zebra has a module of its own (`zebra.py`). Each server gets a free port of this machine.
"""

import json
import shutil
import socket
import subprocess
import time
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).with_name("simpleserver.pl")
STARTS_WITHIN = 20.0
"""Seconds."""


def _has_simple_server() -> bool:
    perl = shutil.which("perl")
    command = [perl or "perl", "-MNet::Z3950::SimpleServer", "-e", "1"]
    return perl is not None and subprocess.run(command, capture_output=True, check=False).returncode == 0


needs_simpleserver = pytest.mark.skipif(
    not _has_simple_server(), reason="Z39.50 NOT TESTED: libnet-z3950-simpleserver-perl is not installed"
)
needs_ztest = pytest.mark.skipif(
    shutil.which("yaz-ztest") is None, reason="Z39.50 NOT TESTED: yaz-ztest (package yaz) is not installed"
)


def marc(
    number: int | str | None, title: str, more: Iterable[tuple[str, str]] = (), *, changed: str = "20240101",
    status: str = "n",
) -> bytes:  # fmt: skip
    """Make an ISO 2709 record in UTF-8; `$` stands for the subfield mark."""
    fields = [] if number is None else [("001", str(number))]
    fields += [
        ("005", f"{changed}000000.0"),
        ("008", "240101s2020    vm            000 0 vie d"),
        ("245", f"10$a{title}"),
        ("260", "  $aHà Nội :$bNXB Trẻ,$c2020"),
        *more,
    ]
    directory, body = b"", b""
    for tag, value in fields:
        data = value.replace("$", "\x1f").encode() + b"\x1e"
        directory += b"%s%04d%05d" % (tag.encode(), len(data), len(body))
        body += data
    base = 24 + len(directory) + 1
    leader = b"%05d%sam a22%05d a 4500" % (base + len(body) + 1, status.encode(), base)
    return leader + directory + b"\x1e" + body + b"\x1d"


@dataclass
class Book:
    """A record of a shelf; absent forms are refused with diagnostic 239."""

    number: int
    title: str
    date: str = "20240101"
    marc: bytes | None = None
    xml: bytes | None = None
    text: bytes | None = None
    holdings: Sequence[Mapping[str, Any]] | None = None
    """Each {tag of HoldingsAndCircData: text, "items": [{"id", "available", "until"}]}."""
    refused: bool = False

    def line(self) -> str:
        """The record as the script reads it."""
        forms = [b64encode(one or b"").decode("ascii") for one in (self.marc, self.xml, self.text)]
        holdings = "" if self.holdings is None else json.dumps(self.holdings, ensure_ascii=False)
        refused = "1" if self.refused else ""
        return "\t".join([str(self.number), self.date, self.title, *forms, refused, holdings])


@dataclass
class SimpleServer:
    """A SimpleServer that runs; `put` changes what it has."""

    path: Path
    port: int
    books: list[Book]
    features: dict[str, Any] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"z3950://127.0.0.1:{self.port}/{self.features['database']}"

    def put(self, *books: Book) -> None:
        """Add or replace records by their numbers."""
        new = {book.number: book for book in books}
        self.books = [new.pop(book.number, book) for book in self.books] + list(new.values())
        self.write()

    def write(self) -> None:
        lines = [json.dumps(self.features, ensure_ascii=False), *[book.line() for book in self.books]]
        new = self.path.with_suffix(".new")
        new.write_text("".join(f"{line}\n" for line in lines), "utf-8")
        new.replace(self.path)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: Sequence[str], port: int, folder: Path) -> Iterator[None]:
    """Run a server for the length of a block, once its port answers."""
    log = folder / f"server-{port}.log"
    with log.open("wb") as out:
        server = subprocess.Popen(command, cwd=folder, stdout=out, stderr=subprocess.STDOUT)
    try:
        end = time.monotonic() + STARTS_WITHIN
        while True:
            with socket.socket() as line:
                line.settimeout(0.5)
                if line.connect_ex(("127.0.0.1", port)) == 0:
                    break
            if time.monotonic() > end or server.poll() is not None:
                raise RuntimeError(f"{command[0]} did not start: {log.read_text()[-2000:]}")
            time.sleep(0.05)
        yield
    finally:
        server.terminate()
        server.wait(10)


@contextmanager
def simpleserver(folder: Path, books: Iterable[Book], **features: Any) -> Iterator[SimpleServer]:
    """Serve records. Features: name, database, user, password, cap, counts_capped, without (attributes)."""
    port = free_port()
    made = SimpleServer(
        folder / f"shelf-{port}", port, list(books), {"name": "Kệ sách", "database": "ke", **features}
    )
    made.write()
    with running(["perl", str(SCRIPT), str(made.path), f"tcp:127.0.0.1:{port}"], port, folder):
        yield made


@contextmanager
def ztest(folder: Path, *more: str, scheme: str = "tcp") -> Iterator[int]:
    """Run yaz-ztest; gives its port."""
    port = free_port()
    with running(["yaz-ztest", *more, f"{scheme}:127.0.0.1:{port}"], port, folder):
        yield port
