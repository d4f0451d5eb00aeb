"""Messages of ISO 18626 written: exactly one version, in its order; confirmations in the form common to both.

What a version cannot say is no business of this module: `quirks.suited` makes a message fit first.
"""

from typing import Any

from lxml import etree

from unioncat.lending.iso18626 import grammar as g
from unioncat.lending.iso18626.codes import ONLY_2021, Version
from unioncat.lending.iso18626.model import (
    Confirmation,
    Message,
    RequestingMessage,
    RequestMessage,
    SupplyingMessage,
    kind_of,
)
from unioncat.lending.iso18626.primitives import NAMESPACE, Primitive, legal


def write(message: Message, version: Version) -> bytes:
    """Write a message as one version has it. Raises ValueError for what that version cannot say."""
    _check(message, version)
    block = {RequestMessage: g.REQUEST, SupplyingMessage: g.SUPPLYING, RequestingMessage: g.REQUESTING}[
        type(message)
    ]
    return _document(message, block, str(kind_of(message)), version)


def write_confirmation(confirmation: Confirmation, version: Version = Version.V1_2) -> bytes:
    """Write a confirmation: valid in both versions, whichever the attribute names."""
    return _document(
        confirmation, g.CONFIRMATION, f"{confirmation.kind}Confirmation", version, body_of=Version.V2021
    )


def _check(message: Message, version: Version) -> None:
    if version is not Version.V1_2:
        if isinstance(message, RequestMessage) and message.service is None:
            raise ValueError("a request of version 2021 needs serviceInfo")
    elif getattr(message, "action", None) in ONLY_2021 or getattr(message, "status", None) in ONLY_2021:
        raise ValueError("version 1.2 does not know this action or status")
    if message.header.supplying_agency is None and (
        version is Version.V1_2 or not isinstance(message, RequestMessage)
    ):
        raise ValueError("the supplying agency is missing")


def _document(
    thing: Any, block: g.Block, name: str, version: Version, *, body_of: Version | None = None
) -> bytes:
    root = etree.Element(f"{{{NAMESPACE}}}ISO18626Message", nsmap={"ill": NAMESPACE})
    root.set(f"{{{NAMESPACE}}}version", str(version))
    main = etree.SubElement(root, f"{{{NAMESPACE}}}{name}")
    _fill(main, thing, block, body_of or version)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _fill(element: etree._Element, thing: Any, block: g.Block, version: Version) -> None:
    for one in block.fields(version):
        value = _value(thing, one.attribute)
        values = value if one.many else (value,)
        if not values and one.empty:
            values = (None,)
        for item in (values or ())[: 1 if one.one else None]:
            if one.attribute == "":
                child = etree.Element(f"{{{NAMESPACE}}}{one.element}")
                _fill(child, thing, _block(one), version)
                if len(child):
                    element.append(child)
            elif item is not None or one.empty:
                child = etree.Element(f"{{{NAMESPACE}}}{one.element}")
                _put(child, item, one, version)
                if len(child) or child.text or one.empty or isinstance(one.type, Primitive):
                    element.append(child)


def _put(child: etree._Element, item: Any, one: g.Field, version: Version) -> None:
    if item is None:
        return
    if isinstance(one.type, Primitive):
        child.text = one.type.write(item)
        if one.type.schemed and item.scheme:
            child.set(f"{{{NAMESPACE}}}scheme", legal(item.scheme))
    else:
        _fill(child, item, one.type, version)


def _block(one: g.Field) -> g.Block:
    assert isinstance(one.type, g.Block)  # noqa: S101 - only blocks are dissolved
    return one.type


def _value(thing: Any, attribute: str) -> Any:
    for name in filter(None, attribute.split(".")):
        thing = getattr(thing, name, None)
    return thing
