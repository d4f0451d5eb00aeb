"""Scanning in a process beside this one: a long list is read on one processor while another saves it.

It only spares time: whatever goes wrong there is done again here, where its error belongs.
"""

import os
import pickle
import signal
import struct
import subprocess
import sys
import threading
from typing import IO

from lxml import etree

from unioncat_harvester.markup.scan import Scanned, Shape, scan
from unioncat_harvester.transport import SPOOL_BYTES, spool

LARGE = 256 * 1024
"""Bytes of a page that is worth sending over."""
PAGES_BEFORE = 4
"""Large pages that are scanned here first: a short list is over before the process has begun."""
_LENGTH = struct.Struct("<Q")


class Beside:
    """The scanning process of this one, begun when it is first worth it. For any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._useless = (os.cpu_count() or 1) < 2

    def scan(self, body: IO[bytes], shape: Shape, start: int) -> Scanned:
        """Scan a page as `markup.scan.scan` does; raises what it raises."""
        size = body.seek(0, os.SEEK_END)
        if self._useless or not LARGE <= size <= SPOOL_BYTES or not self._lock.acquire(blocking=False):
            return scan(body, shape, start)
        try:
            self._seen += 1
            found = self._ask(body, size, shape, start) if self._seen > PAGES_BEFORE else None
        finally:
            self._lock.release()
        return scan(body, shape, start) if found is None else found

    def close(self) -> None:
        """Let the process go."""
        with self._lock:
            self._end()

    def _ask(self, body: IO[bytes], size: int, shape: Shape, start: int) -> Scanned | None:
        body.seek(0)
        try:
            process = self._running()
            if process.stdin is None or process.stdout is None:
                return None
            _send(process.stdin, pickle.dumps((shape, start)), body.read(size))
            answer = _take(process.stdout)
        except (OSError, EOFError):
            self._end()
            self._useless = True
            return None
        if not answer:
            return None
        # our own process wrote it
        root, received, index, lengths = pickle.loads(answer)  # noqa: S301
        places = spool()
        places.write(index)
        return Scanned(etree.fromstring(root), received, places, lengths)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "unioncat_harvester.markup.beside"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
        return self._process

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def _send(to: IO[bytes], *parts: bytes) -> None:
    for part in parts:
        to.write(_LENGTH.pack(len(part)))
        to.write(part)
    to.flush()


def _take(of: IO[bytes]) -> bytes:
    """Read one part. Raises EOFError where the other side is gone."""
    head = of.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    (length,) = _LENGTH.unpack(head)
    part = of.read(length)
    if len(part) < length:
        raise EOFError
    return part


def main() -> None:
    """Scan what comes in until the other side is gone; an empty answer means: do it yourself."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    given, answers = sys.stdin.buffer, sys.stdout.buffer
    try:
        while True:
            shape, start = pickle.loads(_take(given))  # noqa: S301
            body = spool()
            body.write(_take(given))
            try:
                found = scan(body, shape, start)
            except Exception:
                _send(answers, b"")
                continue
            found.index.seek(0)
            said = (etree.tostring(found.root), found.received, found.index.read(), found.lengths)
            _send(answers, pickle.dumps(said))
    except (EOFError, BrokenPipeError):
        return


if __name__ == "__main__":
    main()
