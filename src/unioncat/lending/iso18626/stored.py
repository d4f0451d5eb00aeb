"""Messages as plain data, for the outbox: what waits to be sent is kept in no version's XML.

The version is chosen when a message leaves, because a partner's may change while it waits.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from unioncat.lending.iso18626.codes import Kind
from unioncat.lending.iso18626.model import (
    Message,
    RequestingMessage,
    RequestMessage,
    SupplyingMessage,
    kind_of,
)

_TYPES: Mapping[Kind, type[Message]] = {
    Kind.REQUEST: RequestMessage,
    Kind.SUPPLYING: SupplyingMessage,
    Kind.REQUESTING: RequestingMessage,
}


def pack(message: Message) -> dict[str, Any]:
    """Give a message as data that JSON can hold."""
    packed: dict[str, Any] = msgspec.to_builtins(message)
    return {"kind": str(kind_of(message)), **packed}


def unpack(data: Mapping[str, Any]) -> Message:
    """Give the message back. Raises ValueError for what `pack` did not make."""
    content = dict(data)
    type = _TYPES[Kind(content.pop("kind", ""))]
    try:
        return msgspec.convert(content, type)
    except msgspec.ValidationError as error:
        raise ValueError(f"what waits to be sent is no message: {error}") from None
