"""Real OAI-PMH servers for the sample federation: one process, one port and repository for each member.

`python -m unioncat_api.sample --home DIR` prints one line of JSON when all members answer. Ports, secret and
state are remembered in DIR, so that addresses registered once stay valid. Writing "2" into the file DIR/step
(or starting with `--step 2`) brings about the changes that a second harvest finds.
"""

import argparse
import asyncio
import contextlib
import json
import os
import secrets
import signal
import socket
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request

from unioncat.sample.evolve import LAST_STEP, evolve
from unioncat.sample.federation import sets
from unioncat.sample.generate import BEGIN, SampleRecord, records
from unioncat.sample.members import MEMBERS, Member
from unioncat_api.protocols.oaipmh import (
    DUBLIN_CORE,
    MARCXML,
    Granularity,
    Identity,
    MemoryRepository,
    Provider,
    Repository,
    SetInfo,
    StoredItem,
    oai_routes,
)

HOST = "127.0.0.1"
PORT_BASE = 8710
PAGE_SIZE = 100
CONTACT = "thuvien@mau.example"
"""Address of nobody: the sample's libraries do not answer letters."""
_LOOK = 0.3
"""Seconds between looks at the step file."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What outlives a run: ports by member, the secret of the resumption tokens, the state and its moment."""

    ports: dict[str, int] = field(default_factory=dict)
    secret: str = field(default_factory=lambda: secrets.token_hex(32))
    step: int = 1
    changed: str | None = None


def remembered(home: Path) -> Remembered:
    """Read what an earlier run in this folder left."""
    file = home / "sample.json"
    try:
        return Remembered(**json.loads(file.read_text("utf-8")))
    except FileNotFoundError:
        return Remembered()
    except (ValueError, TypeError) as problem:
        raise SystemExit(
            f"{file} cannot be read ({problem}). Remove it to begin anew with new ports."
        ) from None


def remember(home: Path, state: Remembered) -> None:
    """Write the state, whole or not at all, for its owner only."""
    home.mkdir(parents=True, exist_ok=True)
    partial = home / "sample.json.partial"
    with os.fdopen(
        os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
    ) as file:
        json.dump(asdict(state), file, indent=1)
    partial.replace(home / "sample.json")


def listen(ports: dict[str, int], base: int) -> dict[str, socket.socket]:
    """Open a listener for each member: on its remembered port, else from `base` up, else on any free port."""
    opened: dict[str, socket.socket] = {}
    for place, member in enumerate(MEMBERS):
        wanted = (ports.get(member.code, base + place), 0)
        opened[member.code] = next(filter(None, map(_try_port, wanted)))
    return opened


def _try_port(port: int) -> socket.socket | None:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen()  # a port that is only bound can be bound by a second process too
    except OSError:
        listener.close()
        if port == 0:
            raise
        return None
    return listener


def stored(member: Member, record: SampleRecord) -> StoredItem:
    """Turn a record into an item: in the member's own format and in Dublin Core."""
    metadata: tuple[tuple[str, bytes], ...] = ()
    if not record.deleted:
        own = ((member.format, record.payload),) if member.format != DUBLIN_CORE.prefix else ()
        metadata = (*own, (DUBLIN_CORE.prefix, record.dublin_core))
    return StoredItem(record.local_id, record.datestamp, record.deleted, record.sets, metadata)


def repository(member: Member, base_url: str) -> MemoryRepository:
    """Build a member's repository as it is before the first harvest."""
    held = [record for record in records() if record.member == member.code]
    identity = Identity(
        name=member.name,
        base_url=base_url,
        admin_emails=(CONTACT,),
        earliest=BEGIN,
        granularity=Granularity.DAY if member.day_granularity else Granularity.SECOND,
        domain=member.domain,
        sample_identifier=held[0].local_id,
    )
    own = [replace(MARCXML, prefix=member.format)] if member.format != DUBLIN_CORE.prefix else []
    known = [SetInfo(spec, name) for spec, name in sets(member)]
    made = MemoryRepository(identity, [*own, DUBLIN_CORE], known)
    made.put(stored(member, record) for record in held)
    return made


class Servers:
    """The running members and the state that they are in."""

    def __init__(self, home: Path, state: Remembered, listeners: dict[str, socket.socket]) -> None:
        self.home = home
        self.state = state
        self.endpoints = {
            code: f"http://{HOST}:{listener.getsockname()[1]}/oai" for code, listener in listeners.items()
        }
        self._members = {member.code: member for member in MEMBERS}
        self._repositories = {
            code: repository(self._members[code], url) for code, url in self.endpoints.items()
        }
        self._by_port = {
            listener.getsockname()[1]: self._repositories[code] for code, listener in listeners.items()
        }

    def show(self, step: int, now: datetime) -> None:
        """Put the members into a state; its changes keep the moment at which it was first shown."""
        if step <= 1:
            return
        if self.state.step < step or self.state.changed is None:
            self.state = replace(self.state, step=step, changed=now.isoformat())
        remember(self.home, self.state)
        for change in evolve(step, datetime.fromisoformat(self.state.changed or now.isoformat())):
            member = self._members[change.record.member]
            self._repositories[member.code].put([stored(member, change.record)])

    async def choose(self, request: Request) -> Repository:
        """Give the repository of the member at whose port the request came in."""
        return self._by_port[request.scope["server"][1]]

    def announce(self) -> None:
        """Print one line of JSON: the state and the address of each member."""
        sys.stdout.write(json.dumps({"step": self.state.step, "endpoints": self.endpoints}) + "\n")
        sys.stdout.flush()

    async def watch(self) -> None:
        """Follow the step file."""
        while True:
            await asyncio.sleep(_LOOK)
            with contextlib.suppress(OSError, ValueError):
                step = int((self.home / "step").read_text("ascii"))
                if self.state.step < step <= LAST_STEP:
                    self.show(step, datetime.now(UTC))
                    self.announce()


class _Server(uvicorn.Server):
    """Uvicorn that tells when it is ready and ends at the first signal with status 0."""

    def __init__(self, config: uvicorn.Config, servers: Servers) -> None:
        super().__init__(config)
        self._servers = servers

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._servers.announce()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._leave)
        watching = loop.create_task(self._servers.watch())
        yield
        watching.cancel()

    def _leave(self) -> None:
        self.should_exit = True
        self.force_exit = True


def main(arguments: list[str] | None = None) -> None:
    """Serve the sample federation until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m unioncat_api.sample", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="folder that remembers ports and state")
    parser.add_argument("--port-base", type=int, default=PORT_BASE, help="first port to try")
    parser.add_argument("--step", type=int, choices=range(1, LAST_STEP + 1), default=1, help="state to show")
    chosen = parser.parse_args(arguments)
    state = remembered(chosen.home)
    listeners = listen(state.ports, chosen.port_base)
    state = replace(state, ports={code: each.getsockname()[1] for code, each in listeners.items()})
    remember(chosen.home, state)
    servers = Servers(chosen.home, state, listeners)
    servers.show(max(chosen.step, state.step), datetime.now(UTC))
    provider = Provider(bytes.fromhex(state.secret), page_size=PAGE_SIZE)
    application = Starlette(routes=oai_routes(provider, servers.choose))
    config = uvicorn.Config(application, log_level="warning", access_log=False, lifespan="off")
    _Server(config, servers).run(list(listeners.values()))


if __name__ == "__main__":
    main()
