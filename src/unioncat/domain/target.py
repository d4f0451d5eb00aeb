"""Where the service may connect to: a registered address is untrusted, so only public addresses are open.

The address that counts is the one connected to: names are judged by what they resolve to, at that moment.
What is not known to be public is refused; the operator's allowances are the only exception.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Self
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

PORTS = {"http": 80, "https": 443, "z3950": 210, "z39.50": 210, "z3950s": 210}
"""Schemes of sources with their ports."""
DEFAULT_PORTS = "80-90,210,443,1024-65535"
"""Ports on which catalogues are found: web servers', the one of Z39.50, and those that need no root."""
_NO_PORTS = frozenset(
    {1433, 1521, 2049, 2375, 2376, 2379, 3306, 3389, 5432, 5900, 5984, 6000, 6379, 6443, 6667, 9042, 9092}
    | {9200, 9300, 10250, 11211, 27017}
)
"""Ports of databases, caches and machine control: no catalogue, so only open when named with its host."""

_CLOSED: tuple[tuple[Network, str], ...] = tuple(
    (ip_network(network), kind)
    for network, kind in (
        ("0.0.0.0/8", "unspecified"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared by a provider's customers (RFC 6598)"),
        ("127.0.0.0/8", "this machine itself"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "for documentation"),
        ("192.88.99.0/24", "a 6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "for benchmarks"),
        ("198.51.100.0/24", "for documentation"),
        ("203.0.113.0/24", "for documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
        ("::/128", "unspecified"),
        ("::1/128", "this machine itself"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "private"),
        ("ff00::/8", "multicast"),
        ("2001:db8::/32", "for documentation"),
        ("3fff::/20", "for documentation"),
        ("2001::/23", "a tunnel or reserved"),
        ("2002::/16", "a 6to4 tunnel"),
    )
)
_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
_METADATA = frozenset(
    ip_address(one)
    for one in (
        "169.254.169.254",
        "169.254.170.2",
        "169.254.170.23",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fd20:ce::254",
    )
)
"""Where clouds hand a machine its credentials. An allowance of a whole network does not open them."""

_NUMBER = r"(?:0[xX][0-9a-fA-F]*|[0-9]+)"
_LOOSE_IPV4 = re.compile(rf"{_NUMBER}(?:\.{_NUMBER}){{0,3}}\Z")
_LOCALHOST = re.compile(r"(?:.+\.)?localhost(?:\.localdomain)?\Z")
_NAME = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?\Z")


def plain(address: Address) -> Address:
    """Take an IPv4 address out of its wrapping in IPv6 (mapped, NAT64); give any other as it is."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def closed(address: Address) -> str | None:
    """Say what keeps an address from being public, or none where it is."""
    address = plain(address)
    if address in _METADATA:
        return "one of a cloud's metadata service"
    for network, kind in _CLOSED:
        if address.version == network.version and address in network:
            return kind
    if isinstance(address, IPv6Address) and address not in _UNICAST:
        return "reserved"
    return None


def literal(host: str) -> Address | None:
    """Read a host that is an address in any form that a resolver takes: `127.1`, `0x7f000001`.

    None for names.
    """
    text = host.strip().rstrip(".").removeprefix("[").removesuffix("]")
    try:
        return ip_address(text.partition("%")[0])
    except ValueError:
        pass
    if not text.isascii() or not _LOOSE_IPV4.match(text):
        return None
    try:
        *first, last = (_number(part) for part in text.split("."))
    except ValueError:
        return None
    room = 256 ** (4 - len(first))
    if last >= room or any(part > 255 for part in first):
        return None
    return IPv4Address(sum(part << (24 - 8 * place) for place, part in enumerate(first)) + last)


def _number(text: str) -> int:
    """Read a number as inet_aton(3) does: hexadecimal by 0x, octal by 0."""
    if text[:2].lower() == "0x":
        return int(text[2:] or "0", 16)
    return int(text, 8) if text[0] == "0" else int(text)


def endpoint(address: str) -> tuple[str, str, int | None]:
    """Give scheme, host and port of a source's address; `host:210/database` is one of Z39.50.

    Empty where it is no address.
    """
    try:
        parts = urlsplit(address if "://" in address else f"z3950://{address}")
        return parts.scheme, (parts.hostname or "").rstrip("."), parts.port or PORTS.get(parts.scheme)
    except ValueError:
        return "", "", None


@dataclass(frozen=True, slots=True)
class Allowance:
    """What the operator opens: a network (of one address, too) or a host by its name, on one port or all."""

    network: Network | None = None
    name: str = ""
    port: int | None = None

    @classmethod
    def of(cls, text: str) -> Self:
        """Read `10.1.0.0/16`, `10.1.2.3:8080`, `[fd12::1]:210`, `koha.example.vn`. Raises ValueError."""
        host, port = _parted(text.strip().lower())
        try:
            return cls(network=ip_network(host), port=port)
        except ValueError:
            if "/" in host or ":" in host or literal(host) is not None or not _NAME.match(host):
                raise ValueError(f"{text!r} is no network, host or host:port") from None
        return cls(name=host, port=port)

    def opens(self, host: str, port: int, address: Address) -> bool:
        """Tell whether it opens this address, reached under that name and port."""
        if self.port is not None and self.port != port:
            return False
        if self.network is None:
            return self.name == host.lower().rstrip(".") and address not in _METADATA
        if address.version != self.network.version or address not in self.network:
            return False
        return self.network.num_addresses == 1 or address not in _METADATA


def _parted(text: str) -> tuple[str, int | None]:
    """Part host and port."""
    if text.startswith("["):
        host, mark, rest = text[1:].partition("]")
        if not mark or (rest and not rest.startswith(":")):
            raise ValueError(f"{text!r} is no address in brackets")
        return host, _port(rest[1:]) if rest else None
    if text.count(":") == 1:
        host, _, number = text.partition(":")
        return host, _port(number)
    return text, None


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text[:6]) < 65536):
        raise ValueError(f"{text!r} is no port")
    return int(text)


def _ports(text: str) -> tuple[tuple[int, int], ...]:
    """Read `80,8000-8999`. Raises ValueError."""
    spans = []
    for word in filter(None, (part.strip() for part in text.split(","))):
        low, mark, high = word.partition("-")
        span = _port(low.strip()), _port(high.strip() if mark else low.strip())
        if span[0] > span[1]:
            raise ValueError(f"{word!r} runs backwards")
        spans.append(span)
    return tuple(spans)


@dataclass(frozen=True, slots=True)
class TargetRules:
    """What may be connected to: every public address on these ports, and what the operator allows besides."""

    allowances: tuple[Allowance, ...] = ()
    ports: tuple[tuple[int, int], ...] = _ports(DEFAULT_PORTS)

    @classmethod
    def of(cls, allow: str | Iterable[str] = "", ports: str = DEFAULT_PORTS) -> Self:
        """Read the operator's words, separated by commas. Raises ValueError naming the word."""
        words = allow.split(",") if isinstance(allow, str) else allow
        return cls(tuple(Allowance.of(word) for word in words if word.strip()), _ports(ports))

    def refusal(self, host: str, port: int, address: Address) -> str | None:
        """Say why `address`, which `host` resolved to, must not be connected to on `port`; none: it may."""
        plainly = plain(address)
        opened = [one for one in self.allowances if one.opens(host, port, plainly)]
        named = any(one.port is not None for one in opened)
        if not named and not self._port_open(port):
            return f"port {port} is not open for sources"
        kind = closed(address)
        if kind is None or opened:
            return None
        shown = host if literal(host) is not None else f"{host} ({address})"
        return f"the address {shown} is {kind}"

    def refusal_of_name(self, host: str, port: int) -> str | None:
        """Judge a target by its looks alone, before it is connected to: numbers, `localhost`, the port."""
        address = literal(host)
        if address is None and _LOCALHOST.match(host.lower().rstrip(".")):
            address = IPv4Address("127.0.0.1")
        if address is not None:
            return self.refusal(host, port, address)
        named = any(one.port == port and one.name == host.lower().rstrip(".") for one in self.allowances)
        networks = any(one.port == port and one.network is not None for one in self.allowances)
        if named or networks or self._port_open(port):
            return None
        return f"port {port} is not open for sources"

    def _port_open(self, port: int) -> bool:
        return port not in _NO_PORTS and any(low <= port <= high for low, high in self.ports)


def remedy(host: str, port: int) -> str:
    """Say how a refused target is allowed."""
    shown = f"[{host}]" if ":" in host else host
    return (
        "Only public addresses are open. If this one is meant, the operator of this service allows it:"
        f" UNIONCAT_ALLOW_TARGETS={shown}:{port} (hosts, host:port or networks, separated by commas)."
    )
