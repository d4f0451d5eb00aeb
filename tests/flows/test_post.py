"""Letters to a real mail server, and what happens to them while it is away, busy, or refuses."""

import os
import socket
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from unioncat.config import Settings
from unioncat.flow import post


class Box:
    """A mail server that answers as a test wants."""

    def __init__(self) -> None:
        self.answer = "250 OK"
        self.recipient = "250 OK"
        self.came: list[bytes] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.answer.startswith("250"):
            self.came.append(envelope.content)
        return self.answer


@pytest.fixture
def box() -> Iterator[tuple[Box, str]]:
    handler = Box()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = Controller(handler, hostname="127.0.0.1", port=port)
    running.start()
    try:
        yield handler, f"smtp://127.0.0.1:{port}"
    finally:
        running.stop()


def settings(home: Path, url: str | None) -> Settings:
    return Settings(home=home, smtp_url=url, mail_from="muc-luc@example.vn")


async def write(home: Path, url: str | None) -> Path:
    return await post.send(
        settings(home, url), "thu@example.vn", "Lời mời – Invitation", "Liên kết: http://x/y\n"
    )


def waiting(home: Path) -> list[Path]:
    return sorted((home / "mail").glob("*.eml"))


async def test_a_letter_is_taken_and_leaves_no_file(home: Path, box: tuple[Box, str]) -> None:
    server, url = box
    await write(home, url)
    assert waiting(home) == []
    (said,) = server.came
    text = said.decode()
    assert "To: thu@example.vn" in text
    assert "Auto-Submitted: auto-generated" in text


async def test_without_a_server_it_stays_for_the_operator_alone(home: Path) -> None:
    path = await write(home, None)
    assert waiting(home) == [path]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert await post.send_waiting(settings(home, None), datetime.now(UTC)) == 0


async def test_while_the_server_is_away_it_waits_twice_as_long_each_time(
    home: Path, box: tuple[Box, str]
) -> None:
    server, url = box
    path = await write(home, "smtp://127.0.0.1:9")
    begin = datetime.now(UTC)
    away = settings(home, "smtp://127.0.0.1:9")
    tried = []
    for minute in range(1, 200):
        before = path.stat().st_mtime
        await post.send_waiting(away, begin + timedelta(minutes=minute))
        if path.stat().st_mtime != before:
            tried.append(minute)
    gaps = [later - earlier for earlier, later in pairwise(tried)]
    assert gaps == sorted(gaps)
    assert 5 < len(tried) < 10
    assert await post.send_waiting(settings(home, url), begin + timedelta(hours=10)) == 1
    assert len(server.came) == 1
    assert waiting(home) == []
    assert await post.send_waiting(settings(home, url), begin + timedelta(hours=20)) == 0


@pytest.mark.parametrize("busy", ["answer", "recipient"])
async def test_a_busy_server_gets_it_again_and_one_that_refuses_does_not(
    home: Path, box: tuple[Box, str], busy: str
) -> None:
    server, url = box
    setattr(server, busy, "451 later")
    await write(home, url)
    assert len(waiting(home)) == 1
    setattr(server, busy, "550 no such person")
    assert await post.send_waiting(settings(home, url), datetime.now(UTC) + timedelta(hours=1)) == 0
    assert waiting(home) == []
    (aside,) = (home / "mail" / "undeliverable").iterdir()
    assert stat.S_IMODE(aside.parent.stat().st_mode) == 0o700


async def test_after_five_days_it_is_laid_aside(home: Path) -> None:
    away = settings(home, "smtp://127.0.0.1:9")
    await write(home, away.smtp_url)
    await post.send_waiting(away, datetime.now(UTC) + timedelta(days=4))
    assert len(waiting(home)) == 1
    await post.send_waiting(away, datetime.now(UTC) + timedelta(days=6))
    assert waiting(home) == []


async def test_a_password_is_not_said_without_encryption(home: Path, box: tuple[Box, str]) -> None:
    server, url = box
    await write(home, url.replace("//", "//user:secret@"))
    assert server.came == []
    assert len(waiting(home)) == 1


async def test_nobody_can_add_a_line_to_the_head_of_a_letter(home: Path) -> None:
    for to in ("thu@example.vn\nBcc: all@example.vn", "thu@example.vn\r\nX: y"):
        with pytest.raises(ValueError, match=r"[Hh]eader|linefeed"):
            await post.send(settings(home, None), to, "x", "y")
    assert waiting(home) == []


def test_a_letter_that_another_process_sends_is_left_alone(home: Path, box: tuple[Box, str]) -> None:
    import asyncio
    import fcntl

    server, url = box
    path = asyncio.run(write(home, None))
    handle = os.open(path, os.O_RDWR)
    fcntl.flock(handle, fcntl.LOCK_EX)
    later = datetime.now(UTC) + timedelta(hours=1)
    assert asyncio.run(post.send_waiting(settings(home, url), later)) == 0
    os.close(handle)
    assert asyncio.run(post.send_waiting(settings(home, url), later)) == 1
    assert len(server.came) == 1
