"""Recovery codes: what opens a session in place of the second factor, for whoever has lost the telephone.

Each has the strength of a key (80 bits), so that its hash alone is kept; each is good once.
"""

import base64

HOW_MANY = 10
BYTES = 10


def written(raw: bytes) -> str:
    """Write a code as people copy it: sixteen letters and digits of base32 in groups of four."""
    text = base64.b32encode(raw).decode()
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def read(given: str) -> str | None:
    """Read a code as somebody types it; none where it cannot be one."""
    plain = "".join(one for one in given.upper() if one not in " -–").replace("0", "O").replace("1", "I")
    try:
        raw = base64.b32decode(plain)
    except ValueError:
        return None
    return written(raw) if len(raw) == BYTES else None
