"""A network of its own, cut off from any other, with a DNS that lies: `python -m tests.harvester.island`.

Made of Linux namespaces, so that it needs no rights and harms nothing: inside, this machine has a public
address where a hostile server stands, and servers on loopback, private and metadata addresses that nobody may
reach. The names of the hostile server are resolved by the system's own resolver, which asks our DNS.
Prints one JSON object: what each attempt ended in, and which inner servers were touched.
"""

import fcntl
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PUBLIC = "11.22.33.44"
PORT = 8080
INNER = ("127.0.0.1", "::1", "10.1.2.3", "169.254.169.254")
"""Where somebody listens who must never be asked."""
BAIT = b"the inside"


def possible() -> bool:
    """Tell whether this machine lets us make a network of our own."""
    if sys.platform != "linux" or shutil.which("unshare") is None:
        return False
    return subprocess.run(["unshare", "-Urmn", "true"], capture_output=True, check=False).returncode == 0


def run(case: str) -> dict[str, object]:
    """Run a case on an island; give what it printed."""
    with tempfile.TemporaryDirectory() as folder:
        resolver = Path(folder) / "resolv.conf"
        resolver.write_text("nameserver 127.0.0.1\noptions timeout:2 attempts:1\n", "ascii")
        script = f'mount --bind {resolver} /etc/resolv.conf && exec "$@"'
        done = subprocess.run(
            ["unshare", "-Urmn", "sh", "-c", script, "sh", sys.executable, "-m", __name__, case],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    said: dict[str, object] = json.loads(done.stdout)
    return said


def addresses() -> None:
    """Bring the loopback device up and give it the addresses of the island, by ioctl(2) of netdevice(7)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        fcntl.ioctl(handle, 0x8914, struct.pack("16sH14s", b"lo", 0x49, b""))
        for number, address in enumerate([PUBLIC, *(one for one in INNER[2:])], 1):
            place = struct.pack("=HH4s8s", socket.AF_INET, 0, socket.inet_aton(address), b"")
            fcntl.ioctl(handle, 0x8916, struct.pack("16s16s", f"lo:{number}".encode(), place))


class Dns:
    """Answers A and AAAA; each name has a list of answers for its first, second, … and all later queries."""

    def __init__(self, answers: dict[str, list[list[str]]]) -> None:
        self.answers = answers
        self.asked: dict[str, int] = {}
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 53))
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        while True:
            query, sender = self.socket.recvfrom(512)
            self.socket.sendto(self.reply(query), sender)

    def reply(self, query: bytes) -> bytes:
        labels, place = [], 12
        while query[place]:
            labels.append(query[place + 1 : place + 1 + query[place]].decode())
            place += 1 + query[place]
        name = ".".join(labels).lower()
        kind = int.from_bytes(query[place + 1 : place + 3], "big")
        found = []
        if kind == 1:
            turn = self.asked.get(name, 0)
            self.asked[name] = turn + 1
            turns = self.answers.get(name, [[]])
            found = [socket.inet_aton(one) for one in turns[min(turn, len(turns) - 1)] if ":" not in one]
        elif kind == 28:
            turns = self.answers.get(name, [[]])
            found = [socket.inet_pton(socket.AF_INET6, one) for one in turns[0] if ":" in one]
        head = query[:2] + struct.pack("!HHHHH", 0x8580, 1, len(found), 0, 0)
        question = query[12 : place + 5]
        rows = b"".join(struct.pack("!HHHIH", 0xC00C, kind, 1, 0, len(one)) + one for one in found)
        return head + question + rows


class Servers:
    """The hostile server and the inner ones; `touched` names the inner ones that were asked for anything."""

    def __init__(self) -> None:
        self.touched: list[str] = []
        self.goal = ""
        for address in INNER:
            for port in (PORT, 80):
                self.listen(address, port, self.inner(address))
        self.listen(PUBLIC, PORT, self.hostile())
        self.listen(PUBLIC, 80, self.hostile())

    def listen(self, address: str, port: int, handler: type[BaseHTTPRequestHandler]) -> None:
        kind = type(
            "Http",
            (ThreadingHTTPServer,),
            {"address_family": socket.AF_INET6 if ":" in address else socket.AF_INET},
        )
        threading.Thread(target=kind((address, port), handler).serve_forever, daemon=True).start()

    def inner(self, address: str) -> type[BaseHTTPRequestHandler]:
        touched = self.touched

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                touched.append(address)
                self.send_response(200)
                self.send_header("Content-Length", str(len(BAIT)))
                self.end_headers()
                self.wfile.write(BAIT)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        return Handler

    def hostile(self) -> type[BaseHTTPRequestHandler]:
        servers = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if servers.goal and "again" not in self.path:
                    self.send_response(302)
                    self.send_header("Location", servers.goal)
                    self.end_headers()
                    return
                self.send_response(200)
                self.send_header("Content-Length", "6")
                self.end_headers()
                self.wfile.write(b"public")

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        return Handler


def attempt(work: Callable[[], bytes]) -> str:
    """Tell how an attempt ended."""
    try:
        return work().decode()
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def naively(url: str) -> bytes:
    """Fetch as a program does that does not look where it goes."""
    from urllib.request import ProxyHandler, build_opener

    with build_opener(ProxyHandler({})).open(url, timeout=5) as answer:
        body: bytes = answer.read()
        return body


def main(case: str) -> dict[str, object]:
    """Run a case."""
    from unioncat.domain.source import Politeness
    from unioncat_harvester.network import Guard
    from unioncat_harvester.transport import Transport

    addresses()
    servers = Servers()
    dns = Dns(
        {
            "rebind.test": [[PUBLIC], ["127.0.0.1"]],
            "rebind-naive.test": [[PUBLIC], ["127.0.0.1"]],
            "swing.test": [[PUBLIC], ["127.0.0.1"], [PUBLIC], ["127.0.0.1"]],
            "both.test": [["127.0.0.1", PUBLIC]],
            "inside.test": [["10.1.2.3"]],
            "cloud.test": [["169.254.169.254"]],
            "six.test": [["::1"]],
            "mapped.test": [["::ffff:127.0.0.1"]],
            "nat64.test": [["64:ff9b::7f00:1"]],
            "public.test": [[PUBLIC]],
        }
    )

    def fetch(url: str, guard: Guard | None = None) -> str:
        limits = Politeness(timeout=3, tries=1)
        transport = Transport(url, limits, "unioncat/test", guard=guard, backoff=0.01)
        try:
            return attempt(lambda: transport.fetch(url, lambda answer: answer.body.read()))
        finally:
            transport.close()

    ends: dict[str, str] = {}
    if case == "names":
        for name in ("public", "both", "inside", "cloud", "six", "mapped", "nat64", "missing"):
            ends[name] = fetch(f"http://{name}.test:{PORT}/")
    elif case == "rebinding":
        ends["first"] = fetch(f"http://rebind.test:{PORT}/")
        ends["second"] = fetch(f"http://rebind.test:{PORT}/")
        ends["raw"] = attempt(lambda: Guard().connect("rebind.test", PORT, 3).recv(1))
        ends["swing"] = fetch(f"http://swing.test:{PORT}/")
        ends["resolved"] = str(dns.asked["swing.test"])
    elif case == "naive":
        ends["first"] = attempt(lambda: naively(f"http://rebind-naive.test:{PORT}/"))
        ends["second"] = attempt(lambda: naively(f"http://rebind-naive.test:{PORT}/"))
    elif case == "redirections":
        for goal in json.loads(os.environ["GOALS"]):
            servers.goal = goal
            ends[goal] = fetch(f"http://public.test:{PORT}/")
    else:
        raise SystemExit(f"no such case: {case}")
    return {"ends": ends, "touched": servers.touched}


if __name__ == "__main__":
    json.dump(main(sys.argv[1]), sys.stdout)
    sys.stdout.flush()
    os._exit(0)
