"""By which weights this catalogue judges: the program's own, or those that a federation learned and applied.

Weights belong to the rules that they were learned for: after an update with other rules the program's own
hold until new ones are applied.
"""

import json

from unioncat.matching import INSTALLED, RULES, Scale
from unioncat.store import weights as store
from unioncat.store.database import Connection
from unioncat.store.weights import Kept


def installed() -> Scale:
    """Give the weights that came with the program."""
    return INSTALLED


async def in_force(conn: Connection) -> Scale:
    """Give the weights by which every judgement is made now."""
    return _read(await store.read(conn, Kept.IN_FORCE)) or installed()


async def wanted(conn: Connection) -> Scale:
    """Give the weights by which all records are to be joined: those in force unless others were asked for."""
    return _read(await store.read(conn, Kept.WANTED)) or await in_force(conn)


async def want(conn: Connection, scale: Scale) -> None:
    """Ask for weights; nothing is judged by them before `put_in_force`."""
    await store.write(conn, Kept.WANTED, _written(scale))


async def put_in_force(conn: Connection, scale: Scale) -> None:
    """Judge by these weights from the end of this transaction on; what was asked for is done."""
    if scale is INSTALLED:
        await store.forget(conn, Kept.IN_FORCE)
    else:
        await store.write(conn, Kept.IN_FORCE, _written(scale))
    await store.forget(conn, Kept.WANTED)


def _written(scale: Scale) -> str:
    return json.dumps({"rules": RULES, "version": scale.version, "points": dict(scale.points)})


def _read(kept: str | None) -> Scale | None:
    if kept is None:
        return None
    told = json.loads(kept)
    if told["rules"] != RULES:
        return None
    return INSTALLED if told["version"] == INSTALLED.version else Scale(told["version"], told["points"])
