"""Mixed load while parts of the service die: `python -m tests.bench.chaos [--seconds 600]`.

Readers, sign-ins, uploads and judgements over HTTP; the worker is killed every twenty seconds, PostgreSQL is
restarted twice. What was said to be done must be there at the end, every answer must be true, and the only
errors are 503 that say when to come back.
"""

import argparse
import asyncio
import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2

from tests.support import people
from unioncat.config import Settings
from unioncat.domain.library import Library, LibraryType
from unioncat.domain.people import Right, Role
from unioncat.domain.source import Protocol, Source
from unioncat.engine import process
from unioncat.engine.postgres import EmbeddedPostgres
from unioncat.flow import audit, entry
from unioncat.flow.services import Services, open_services
from unioncat.store import libraries, sources
from unioncat.store.migrate import upgrade

FIXED = 120
"""Records that nobody changes: what is answered about them is known beforehand."""
HEAD = "Mã sách,Tên sách,Tác giả,NXB,Năm XB\n"
SYLLABLES = ("sông", "núi", "rừng", "biển", "trăng", "sao", "mưa", "gió", "nắng", "hoa", "chim", "thuyền")
READER = "doc@example.vn"
CALM = 90.0
"""Seconds that the worker gets at the end to bring everything to the readers."""


def word(kind: str, number: int) -> str:
    """Make a word found in one record only."""
    return f"{kind}{number:05d}qz"


def title(number: int) -> str:
    """Name a record that nobody changes."""
    return f"Truyện {SYLLABLES[number % 12]} {SYLLABLES[number // 12 % 12]} {word('co', number)}"


@dataclass
class Seen:
    """What happened, and what must not have."""

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    seconds: dict[str, list[float]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    uploads: dict[str, list[str]] = field(default_factory=dict)
    """Words of the records of each upload whose acceptance was confirmed."""
    judged: set[tuple[str, str]] = field(default_factory=set)
    sign_ins: int = 0
    kills: int = 0
    restarts: list[float] = field(default_factory=list)
    """Seconds without PostgreSQL."""

    def fault(self, text: str) -> None:
        """Note something that must not be."""
        if len(self.wrong) < 50:
            self.wrong.append(text)


class Rig:
    """The service of the bench: its database, its web process, its worker."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.postgres = EmbeddedPostgres(home, memory_mb=64)
        self.url = self.postgres.start()
        asyncio.run(upgrade(self.url))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.address = f"http://127.0.0.1:{self.port}"
        self.surroundings = {
            **os.environ,
            "UNIONCAT_HOME": str(home),
            "UNIONCAT_DATABASE_URL": self.url.replace("+asyncpg", "", 1),
            "UNIONCAT_PORT": str(self.port),
            "UNIONCAT_WORKERS": "1",
            "UNIONCAT_LOG_LEVEL": "error",
            "UNIONCAT_RATE_LIMIT": "0",
        }
        self.web = self._start("-m", "unioncat_api")
        self.worker = self._start("-m", "unioncat", "work")

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        (self.home / "log").mkdir(exist_ok=True)
        with (self.home / "log" / "chaos.log").open("ab") as out:
            return process.spawn(
                [sys.executable, *words],
                output=out,
                environment=self.surroundings,
                death_signal=signal.SIGKILL,
            )

    def kill_worker(self) -> None:
        """Kill the worker with all that it started, and start another."""
        self._kill(self.worker)
        self.worker = self._start("-m", "unioncat", "work")

    async def restart_postgres(self) -> float:
        """Stop the database in the middle of everything, start it again; give the seconds between.

        It is started on this thread, because it dies with the thread that started it.
        """
        begin = time.monotonic()
        await asyncio.to_thread(self.postgres.stop, 5.0)
        await asyncio.sleep(1.0)
        self.postgres.start()
        return time.monotonic() - begin

    @staticmethod
    def _kill(child: subprocess.Popen[bytes]) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()

    def close(self) -> None:
        """Stop everything."""
        self._kill(self.worker)
        self._kill(self.web)
        self.postgres.destroy()

    async def ask(self, task: Callable[[Services], Awaitable[Any]]) -> Any:
        """Do something with services of the bench's own."""
        async with open_services(Settings(home=self.home, workers=1), self.url) as services:
            return await task(services)


async def settle(services: Services) -> tuple[str, str]:
    """Register libraries, sources and people; give two keys."""
    async with services.db.begin() as conn:
        for code in ("co-dinh", "moi"):
            await libraries.save_library(conn, Library(code, f"Thư viện {code}", code, LibraryType.SCHOOL))
            await sources.save_source(
                conn,
                Source(code=code, library=code, protocol=Protocol.FILES, address="files:", every_minutes=0),
            )
    await people.add(services, READER, Role.READER, "moi")
    await people.add(services, "lan@example.vn", Role.FEDERATION_ADMIN, second=True)
    at_work = await people.signed_in(services, "lan@example.vn")
    made = [
        await entry.make_key(services, at_work, name, (right,), timedelta(days=1))
        for name, right in (("files", Right.FILES), ("judge", Right.JUDGE))
    ]
    return made[0], made[1]


class Load:
    """Everybody who uses the service."""

    def __init__(self, rig: Rig, seen: Seen, keys: tuple[str, str], seed: int) -> None:
        self.rig = rig
        self.seen = seen
        self.files, self.judge = ({"Authorization": f"Bearer {one}"} for one in keys)
        self.chance = random.Random(seed)
        self.client = httpx2.AsyncClient(base_url=rig.address, timeout=60.0)
        self.over = asyncio.Event()

    async def ask(self, kind: str, method: str, path: str, **more: Any) -> httpx2.Response | None:
        """Ask once; none for an honest 503. Anything else that is no answer is a fault."""
        begin = time.monotonic()
        try:
            answer = await self.client.request(method, path, **more)
        except httpx2.HTTPError as error:
            self.seen.fault(f"{kind}: {method} {path}: no answer: {type(error).__name__}")
            return None
        self.seen.seconds.setdefault(kind, []).append(time.monotonic() - begin)
        self.seen.answers[kind, answer.status_code] += 1
        if answer.status_code == 503:
            if "retry-after" not in answer.headers:
                self.seen.fault(f"{kind}: {method} {path}: a 503 that says not when to come back")
            return None
        if answer.status_code >= 500:
            self.seen.fault(f"{kind}: {method} {path}: {answer.status_code} {answer.text[:200]}")
            return None
        return answer

    async def surely(self, kind: str, method: str, path: str, **more: Any) -> httpx2.Response:
        """Ask until there is an answer."""
        while True:
            answer = await self.ask(kind, method, path, **more)
            if answer is not None:
                return answer
            await asyncio.sleep(0.5)

    async def read(self) -> None:
        """Search for what is known, and look at it as page and as JSON."""
        while not self.over.is_set():
            number = self.chance.randrange(FIXED)
            kind = self.chance.choice(("search", "page", "record"))
            found = await self.ask("search", "GET", "/api/v1/search", params={"q": word("co", number)})
            if found is not None:
                tree = found.json()
                shown = [one["title"]["main"] for one in tree["items"]]
                if found.status_code != 200 or tree["total"] != 1 or shown != [title(number)]:
                    self.seen.fault(f"search for {number}: {found.status_code} {str(tree)[:200]}")
                elif kind != "search":
                    path = f"/records/{tree['items'][0]['id']}"
                    one = await self.ask(kind, "GET", path if kind == "page" else f"/api/v1{path}")
                    if one is not None and (one.status_code != 200 or title(number) not in one.text):
                        self.seen.fault(f"{kind} of {number}: {one.status_code}")
            await asyncio.sleep(self.chance.uniform(0.01, 0.1))

    async def sign_in(self) -> None:
        """Sign in and out; a session that ended opens nothing."""
        while not self.over.is_set():
            form = {"email": READER, "password": people.PASSWORD}
            entered = await self.ask("sign-in", "POST", "/sign-in", data=form)
            if entered is not None and entered.status_code == 303:
                self.seen.sign_ins += 1
                head = {"Cookie": f"session={entered.cookies['session']}"}
                self.client.cookies.clear()
                mine = await self.ask("account", "GET", "/account", headers=head)
                if mine is not None and (mine.status_code != 200 or READER not in mine.text):
                    self.seen.fault(f"account: {mine.status_code}")
                if mine is not None:
                    csrf = mine.text.partition('name="token" value="')[2].partition('"')[0]
                    out = await self.ask("sign-out", "POST", "/sign-out", headers=head, data={"token": csrf})
                    if out is not None:
                        after = await self.ask("account", "GET", "/account", headers=head)
                        if after is not None and after.status_code != 403:
                            self.seen.fault(f"a session that ended opens: {after.status_code}")
            elif entered is not None and entered.status_code != 429:
                self.seen.fault(f"sign-in: {entered.status_code}")
            await asyncio.sleep(self.chance.uniform(0.3, 1.0))

    async def upload(self) -> None:
        """Bring files of three new records, accept them, and remember what was confirmed."""
        number = 0
        while not self.over.is_set():
            words = [word("moi", number * 3 + place) for place in range(3)]
            number += 1
            lines = "".join(f"M{one},Sách mới {one},Tác Giả,Trẻ,2020\n" for one in words)
            await self.bring("moi", HEAD + lines, words)
            await asyncio.sleep(self.chance.uniform(0.5, 2.0))

    async def bring(self, source: str, text: str, words: list[str]) -> None:
        """Bring one file as a patient program does: what had no answer is asked again."""
        path = f"/api/v1/sources/{source}/uploads"
        query = {"name": "a.csv", "mode": "incremental"}
        while True:
            made = await self.surely(
                "upload", "POST", path, params=query, headers=self.files, content=text.encode()
            )
            if made.status_code == 202:
                break
            if made.status_code != 409:  # the file before it is still being read
                self.seen.fault(f"upload: {made.status_code} {made.text[:200]}")
                return
            await asyncio.sleep(0.5)
        where = made.headers["location"]
        while True:
            await asyncio.sleep(0.3)
            stands = await self.surely("upload state", "GET", where, headers=self.files)
            state = stands.json().get("state")
            if state == "ready":
                await self.surely("accept", "POST", f"{where}/accept", headers=self.files)
            elif state == "accepted":
                self.seen.uploads[where] = words
                return
            elif state not in ("waiting", "reading"):
                self.seen.fault(f"upload {where}: {state} {stands.json().get('error')}")
                return
            if self.over.is_set() and state != "ready":
                return

    async def decide(self) -> None:
        """Say of pairs of known records that they are two editions, each once."""
        pairs = [(left, right) for left in range(FIXED) for right in range(left)]
        self.chance.shuffle(pairs)
        for left, right in pairs:
            if self.over.is_set():
                return
            names = (f"co-dinh:F{left}", f"co-dinh:F{right}")
            body = {"left": names[0], "right": names[1], "verdict": "different", "by": "Lan"}
            said = await self.surely(
                "judge", "POST", "/api/v1/review/decisions", headers=self.judge, json=body
            )
            if said.status_code in (201, 409):  # 409: the answer was lost, not the decision
                self.seen.judged.add((said.json().get("left", names[0]), said.json().get("right", names[1])))
            else:
                self.seen.fault(f"judge: {said.status_code} {said.text[:200]}")
            await asyncio.sleep(self.chance.uniform(0.1, 0.4))


async def calm(load: Load, seen: Seen) -> None:
    """Wait until the worker has brought to the readers what was accepted; what does not come is lost."""
    deadline = time.monotonic() + CALM
    for where, words in seen.uploads.items():
        for one in words:
            while True:
                found = await load.ask("check", "GET", "/api/v1/search", params={"q": one})
                if found is not None and found.json()["total"] == 1:
                    break
                if time.monotonic() > deadline:
                    seen.fault(f"{where}: accepted, and {one} is not found")
                    break
                await asyncio.sleep(0.5)
    written, before = 0, None
    while True:
        query: dict[str, Any] = {"limit": 100} | ({"before": before} if before else {})
        listed = await load.surely(
            "check", "GET", "/api/v1/review/decisions", headers=load.judge, params=query
        )
        items = listed.json()["items"]
        written += len(items)
        if len(items) < 100:
            break
        before = items[-1]["id"]
    if written < len(seen.judged):
        seen.fault(f"{len(seen.judged)} judgements were confirmed, {written} are there")
    ready = await load.surely("check", "GET", "/readyz")
    if ready.status_code != 200:
        seen.fault(f"/readyz: {ready.text[:300]}")


async def storm(rig: Rig, seen: Seen, seconds: float, every: float, restarts: int, seed: int) -> None:
    """Run the load, and kill."""
    keys = await rig.ask(settle)
    load = Load(rig, seen, keys, seed)
    for _ in range(300):
        with contextlib.suppress(httpx2.HTTPError):
            if (await load.client.get("/healthz")).status_code == 200:
                break
        await asyncio.sleep(0.1)
    fixed = "".join(f"F{n},{title(n)},Tác Giả {n},Kim Đồng,{1980 + n % 40}\n" for n in range(FIXED))
    await load.bring("co-dinh", HEAD + fixed, [word("co", n) for n in range(FIXED)])
    await calm(load, seen)
    seen.answers.clear()
    seen.seconds.clear()
    kinds = [load.read, load.read, load.read, load.read, load.sign_in, load.upload, load.decide]
    tasks = [asyncio.create_task(one()) for one in kinds]
    begin = time.monotonic()
    kills = [every * (n + 1) for n in range(int(seconds / every))]
    stops = [seconds * (n + 1) / (restarts + 1) for n in range(restarts)]
    for moment, what in sorted([(one, "worker") for one in kills] + [(one, "database") for one in stops]):
        await asyncio.sleep(max(0.0, begin + moment - time.monotonic()))
        if what == "worker":
            rig.kill_worker()
            seen.kills += 1
        else:
            seen.restarts.append(await rig.restart_postgres())
    await asyncio.sleep(max(0.0, begin + seconds - time.monotonic()))
    load.over.set()
    for done in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(done, BaseException):
            seen.fault(f"a user of the service: {done!r}")
    await calm(load, seen)
    await load.client.aclose()
    proof = await rig.ask(audit.verify)
    for one in proof.faults:
        seen.fault(f"the log: {one}")


def run(seconds: float, *, every: float = 20.0, restarts: int = 2, seed: int = 1) -> Seen:
    """Run it all in a folder of its own."""
    seen = Seen()
    with tempfile.TemporaryDirectory(prefix="unioncat-chaos-") as folder:
        Path(folder).chmod(0o755)
        rig = Rig(Path(folder))
        try:
            asyncio.run(storm(rig, seen, seconds, every, restarts, seed))
        finally:
            rig.close()
    return seen


def told(seen: Seen) -> str:
    """Write the figures."""
    lines = [f"{'what':14}{'answers':>9}{'503':>6}{'median ms':>11}{'95 % ms':>9}{'longest s':>11}"]
    for kind, times in sorted(seen.seconds.items()):
        ordered = sorted(times)
        middle, late = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)]
        away = seen.answers[kind, 503]
        lines.append(
            f"{kind:14}{len(times):>9}{away:>6}{middle * 1000:>11.0f}{late * 1000:>9.0f}{ordered[-1]:>11.1f}"
        )
    outages = ", ".join(f"{one:.1f} s" for one in seen.restarts)
    lines += [
        f"worker killed {seen.kills} times; database restarted {len(seen.restarts)} times ({outages})",
        f"{len(seen.uploads)} files accepted, {len(seen.judged)} judgements, {seen.sign_ins} sign-ins",
        *(f"WRONG: {one}" for one in seen.wrong),
    ]
    return "\n".join(lines)


def main() -> int:
    """Run and print; 1 where something was wrong."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    asked.add_argument("--seconds", type=float, default=600.0)
    asked.add_argument("--every", type=float, default=20.0, help="seconds between kills of the worker")
    asked.add_argument("--restarts", type=int, default=2, help="restarts of PostgreSQL")
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    seen = run(given.seconds, every=given.every, restarts=given.restarts, seed=given.seed)
    print(told(seen))
    return 1 if seen.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
