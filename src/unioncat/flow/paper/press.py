"""Typst in a process beside this one: data in, PDF out, within bounds of time, memory and size.

The process gets no words on its command line and leaves no file; whatever goes wrong there ends with it.
"""

import asyncio
import json
import sys
from collections.abc import Mapping
from contextlib import suppress
from importlib.resources import files
from typing import Any, Literal

MOST_BYTES = 20 * 1024 * 1024
"""Of a PDF."""
MOST_DATA = 8 * 1024 * 1024
"""Of the data for one."""
PATIENCE = 20.0
"""Seconds."""
MOST_MEMORY = 1500 * 1024 * 1024
"""Address space of the process."""
Form = Literal["pdf", "png"]
AT_ONCE = asyncio.Semaphore(2)
SHEETS = frozenset({"pull", "slips", "labels", "notices", "packing"})
_FIRST_FOREIGN = "\u2e80"
"""From here on the letters are not in the fonts that typst carries; fonts of the machine are looked for."""


class PaperError(Exception):
    """Something cannot be printed; `remedy` says what to do."""

    remedy = "Choose fewer requests and print again."


async def pressed(
    sheet: str, data: Mapping[str, Any], *, form: Form = "pdf", patience: float = PATIENCE
) -> bytes:
    """Print data on a sheet, as PDF (or the first page as PNG). Raises `PaperError`."""
    if sheet not in SHEETS:
        raise PaperError(f"there is no sheet {sheet!r}")
    body = json.dumps({"sheet": sheet, "form": form, "data": data}, ensure_ascii=False).encode()
    if len(body) > MOST_DATA:
        raise PaperError("there is too much to print at once")
    async with AT_ONCE:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            "-m",
            __name__,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(patience):
                made, said = await process.communicate(body)
        except TimeoutError:
            raise PaperError(f"printing took longer than {patience:.0f} seconds") from None
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
    if process.returncode or not made or len(made) > MOST_BYTES:
        raise PaperError(f"the sheet {sheet!r} could not be printed: {_last_line(said)}")
    return made


def _last_line(said: bytes) -> str:
    lines = said.decode("utf-8", "replace").strip().splitlines()
    return lines[-1][:200] if lines else "it came out too large, or empty"


def compiled(sheet: str, data: Mapping[str, Any], form: Form = "pdf") -> bytes:
    """Print in this process, without bounds of time: for the process beside, and for tests."""
    import typst

    text = json.dumps(data, ensure_ascii=False)
    folder = files("unioncat.flow.paper")
    made = typst.compile(
        str(folder.joinpath(f"{sheet}.typ")),
        root=str(folder),
        format=form,
        ppi=200.0,
        sys_inputs={"data": text},
        ignore_system_fonts=not any(one >= _FIRST_FOREIGN for one in text),
    )
    pages = made if isinstance(made, list) else [made]
    return bytes(pages[0])


def _bound() -> None:
    """Take from this process what it does not need; where the system knows no such bounds, time is one."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (int(PATIENCE), int(PATIENCE) + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    _bound()
    asked = json.loads(sys.stdin.buffer.read())
    sys.stdout.buffer.write(compiled(asked["sheet"], asked["data"], asked["form"]))
