"""Looks at a network port before the service needs it, so that a taken one is said in plain words."""

import contextlib
import errno
import socket

import psutil

from unioncat.engine.errors import EngineError


def check(host: str, port: int, part: str) -> None:
    """Refuse a port that cannot be had, naming who has it and how to choose another."""
    another = f"choose another port: `unioncat up --port {port + 10}` or UNIONCAT_PORT={port + 10}"
    try:
        family, kind, number, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, number) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise EngineError(
                f"port {port} of {host}, needed by the {part}, is taken{_holder(port)}",
                f"stop that program, or {another}",
            ) from None
        if error.errno in (errno.EACCES, errno.EPERM):
            raise EngineError(f"port {port} may be used by root only", another) from None
        raise EngineError(
            f"{host} is no address of this machine ({error.strerror})",
            "set UNIONCAT_HOST to 127.0.0.1, or to 0.0.0.0 to serve the network",
        ) from None


def reached_at(host: str) -> str:
    """Give the address under which this machine itself reaches a server that listens on `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104


def _holder(port: int) -> str:
    """Name the program that listens on a port, as far as we may know."""
    with contextlib.suppress(psutil.Error, OSError):
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and getattr(connection.laddr, "port", 0) == port:
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
    return ""
