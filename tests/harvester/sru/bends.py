"""How the answers of the rig are bent: pages, single records, counts, once or always."""

import re
from collections.abc import Callable

from tests.harvester.servers import Reply
from tests.harvester.sru.rig import Asked, Item, SruServer, found, marc, record

COUNT = 100
"""How many records the rig has."""

Bend = Callable[[SruServer, Asked], Reply | None]
"""Gives the bent answer, or none for the sound one."""


def searching(bend: Callable[[SruServer, Asked], Reply | str | None], *, start: int | None = None) -> Bend:
    """Bend the pages only, or the one that begins at a position."""

    def bent(server: SruServer, asked: Asked) -> Reply | None:
        if asked.operation != "searchRetrieve" or (start is not None and asked.start != start):
            return None
        made = bend(server, asked)
        return Reply.of(made) if isinstance(made, str) else made

    return bent


def once(reply: Callable[[str], Reply]) -> Bend:
    """Bend the third page at the first try."""
    return searching(lambda server, asked: reply(server.sound(asked)) if asked.time == 1 else None, start=41)


def always(reply: Callable[[str], Reply]) -> Bend:
    """Bend every page from the third on."""
    return searching(lambda server, asked: reply(server.sound(asked)) if asked.start > 40 else None)


def text(change: Callable[[str], str]) -> Bend:
    """Change the text of every page."""
    return searching(lambda server, asked: change(server.sound(asked)))


def instead(number: int, make: Callable[[Item, int], str]) -> Bend:
    """Send something else in the place of one record."""

    def change(server: SruServer, asked: Asked) -> str:
        item = server.items[number - 1]
        return server.sound(asked).replace(record(item, number), make(item, number))

    return searching(change)


def poison(*numbers: int) -> Bend:
    """Fail at every page that would hold one of these records."""

    def bent(server: SruServer, asked: Asked) -> Reply | None:
        last = asked.start + min(asked.most, server.page) - 1
        if any(asked.start <= number <= last for number in numbers):
            return Reply(b"Internal Server Error", status=500)
        return None

    return searching(bent)


def shrinking(server: SruServer, asked: Asked) -> None:
    """Take three records away before the third page."""
    with server.lock:
        if asked.start == 41 and len(server.items) == COUNT:
            server.items = [item for item in server.items if item.id not in ("5", "6", "7")]


def growing(server: SruServer, asked: Asked) -> None:
    """Put a record before the others at the third page."""
    with server.lock:
        if asked.start == 41 and len(server.items) == COUNT:
            server.items = [Item("500", marc(500)), *server.items]


def first_again(server: SruServer, asked: Asked) -> str:
    """Give the first page, whichever is asked for."""
    return server.sound(Asked(asked.operation, asked.arguments, 1, asked.most, asked.time, asked.headers))


def silent_cap(server: SruServer, asked: Asked) -> str | None:
    """Give no record beyond the sixtieth, and no reason."""
    return found(COUNT, []) if asked.start > 60 else None


def string(item: Item, number: int, data: str) -> str:
    """A record packed as a string."""
    return record(item, number, packing="string", data=data)


def bomb(item: Item, number: int) -> str:
    """A record with entities of its own."""
    return string(item, number, "&lt;!DOCTYPE r [&lt;!ENTITY a 'x'>]&gt;&lt;r&gt;&amp;a;&lt;/r&gt;")


def other_count(server: SruServer, asked: Asked) -> str:
    """A count that grows with every question."""
    return re.sub(
        r"(<zs:numberOfRecords>)(\d+)",
        lambda m: f"{m[1]}{int(m[2]) + len(server.asked) % 7}",
        server.sound(asked),
        count=1,
    )
