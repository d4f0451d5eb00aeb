"""Passwords, kept as argon2id hashes (RFC 9106, second recommended option); two are computed at a time.

A hash takes 64 MiB and some hundredths of a second: many at once would be an attack on the machine itself.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher(time_cost=3, memory_cost=65536, parallelism=4)
_TURNS = ThreadPoolExecutor(2, thread_name_prefix="password")


async def hashed(password: str) -> str:
    """Hash a new password."""
    return await asyncio.get_running_loop().run_in_executor(_TURNS, _HASHER.hash, password)


async def fits(kept: str | None, given: str) -> bool:
    """Tell whether a password is the one kept; takes as long where there is none."""
    return await asyncio.get_running_loop().run_in_executor(_TURNS, _fits, kept, given)


@cache
def _nobody() -> str:
    """Give a hash that no password fits; made once, when somebody first signs in."""
    return _HASHER.hash("nobody's password")


def _fits(kept: str | None, given: str) -> bool:
    try:
        nobody = _nobody()  # asked for either way: the first sign-in tells nothing by the time it takes
        return _HASHER.verify(kept or nobody, given) and kept is not None
    except (VerificationError, InvalidHashError):
        return False
