"""The reading end: which generation and which commit a search sees.

A look for news costs two file stamps and happens twice a second at most; readers never wait for the writer.
"""

import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import tantivy

from unioncat.index.generations import Generations, Hold
from unioncat.index.tantivy_fields import register_tokenizers, schema
from unioncat.index.tantivy_writer import PUBLIC, circles_in

LOOK_EVERY = 0.5
"""Seconds between two looks for commits of other processes."""

_TRIES = 20


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """An open generation, at one commit."""

    name: str
    circles: Mapping[int, tantivy.Index]
    """The index of each audience's documents."""
    hold: Hold | None
    pointer: int
    commit: int
    folder: Path | None = None

    def searchers(self, audiences: Collection[int] | None = None) -> list[tantivy.Searcher]:
        """Return views, which no commit changes, of the documents for these audiences (none: for all)."""
        wanted = self.circles if audiences is None else audiences
        return [index.searcher() for audience, index in self.circles.items() if audience in wanted]


class Reader:
    """Keeps the current generation open. Its methods may be called from any thread."""

    def __init__(self, generations: Generations, changed: Callable[[], None]) -> None:
        """`changed` is called when there is news."""
        self._generations = generations
        self._changed = changed
        self._lock = threading.Lock()
        self._looked = 0.0
        self._opened: Opened | None = None

    def look(self, *, now: bool = False) -> Opened:
        """Return the newest commit, as seen at most `LOOK_EVERY` seconds ago; with `now`, as it is."""
        opened = self._opened
        if opened is not None and not now and time.monotonic() - self._looked < LOOK_EVERY:
            return opened
        with self._lock:
            opened = self._refreshed(self._opened)
            if opened is not self._opened:
                self._opened = opened
                self._changed()
            self._looked = time.monotonic()
        return opened

    def close(self) -> None:
        """Let the generation go."""
        with self._lock:
            self._changed()
            if self._opened is not None and self._opened.hold is not None:
                self._opened.hold.release()
            self._opened = None

    def _refreshed(self, opened: Opened | None) -> Opened:
        pointer = self._generations.stamp()
        if opened is None or opened.pointer != pointer:
            fresh = self._open_current()
            if opened is not None and opened.hold is not None:
                opened.hold.release()
            return fresh
        if opened.folder is None:
            return opened
        commit = _commit_stamp(opened.folder)
        if commit == opened.commit:
            return opened
        circles = open_circles(opened.folder, opened.circles)
        return Opened(opened.name, circles, opened.hold, pointer, commit, opened.folder)

    def _open_current(self) -> Opened:
        """Open the generation that the pointer names; while there is none, an empty index in memory."""
        for _ in range(_TRIES):
            pointer = self._generations.stamp()
            folder = self._generations.current()
            if folder is None:
                empty = tantivy.Index(schema())
                register_tokenizers(empty)
                return Opened("", {PUBLIC: empty}, None, pointer, 0)
            try:
                hold = self._generations.hold(folder)
            except FileNotFoundError:  # swapped and swept between two of our steps: read the pointer again
                time.sleep(0.01)
                continue
            commit = _commit_stamp(folder)
            return Opened(folder.name, open_circles(folder, {}), hold, pointer, commit, folder)
        raise FileNotFoundError(
            f"the index in {self._generations.folder} names a generation that is not there: rebuild it"
        )


def open_circles(folder: Path, known: Mapping[int, tantivy.Index]) -> dict[int, tantivy.Index]:
    """Bring the indexes of a generation to their last commits, the public's first; open what is new."""
    circles = dict(known)
    for audience, path in sorted(circles_in(folder).items()):
        if audience not in circles:
            circles[audience] = index = tantivy.Index.open(str(path))
            register_tokenizers(index)
            index.config_reader("manual")
        circles[audience].reload()
    return circles


def _commit_stamp(folder: Path) -> int:
    """Return a number that changes with every commit; tantivy replaces these files as a whole."""
    stamp = 0
    for audience, path in circles_in(folder).items():
        facts = (path / "meta.json").stat()
        stamp ^= hash((audience, facts.st_mtime_ns, facts.st_ino))
    return stamp
