"""The wheel alone, in a clean environment, runs the whole service."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from unioncat.engine.postgres import EmbeddedPostgres

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel out of a copy of what is in the tree."""
    source = tmp_path_factory.mktemp("source")
    for name in ("src", "harvester", "api", "migrations"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(source)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    return next(out.glob("*.whl"))


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel, and with the dependencies of this one but not its sources."""
    folder = tmp_path_factory.mktemp("clean")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    program = folder / "bin" / "python"
    site = subprocess.run(
        [program, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    Path(site, "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "--python", str(program), "install", "-q", "--no-index"),
            *("--no-deps", "--force-reinstall", str(wheel)),
        ],
        check=True,
    )
    return program


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="unioncat-wheel-"))
    folder.chmod(0o755)
    yield folder
    server = EmbeddedPostgres(folder, memory_mb=32)
    server.start()
    server.destroy()
    shutil.rmtree(folder)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(home: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("UNIONCAT_", "PYTHON"))}
    return {**kept, "UNIONCAT_HOME": str(home), **more}


def test_it_holds_what_it_needs_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {
        "unioncat",
        "unioncat_api",
        "unioncat_harvester",
    }
    assert any(name.startswith("unioncat/_migrations/versions/0001") for name in names)
    assert any(name.endswith("/LICENSE") for name in names)
    assert not [name for name in names if "__pycache__" in name or name.endswith((".pyc", ".log"))]


def test_nothing_in_it_names_this_machine(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    here = [str(ROOT).encode(), str(Path.home()).encode() + b"/"]
    for name in archive.namelist():
        content = archive.read(name)
        assert not [one for one in here if len(one) > 6 and one in content], name


def test_it_is_the_wheel_that_runs(python: Path, tmp_path: Path) -> None:
    said = subprocess.run(
        [
            python,
            "-c",
            "import unioncat, unioncat_api, unioncat_harvester as h; print(unioncat.__file__, h.__file__)",
        ],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    ).stdout
    assert str(ROOT) not in said
    assert str(python.parents[1]) in said


def test_the_service_runs_out_of_it(python: Path, home: Path, tmp_path: Path) -> None:
    port = free_port()
    given = environment(home, UNIONCAT_PORT=str(port), UNIONCAT_SAMPLE_PORT=str(free_port()))
    log = tmp_path / "log"
    with log.open("wb") as output:
        service = subprocess.Popen(
            [python.parent / "unioncat", "up", "--sample"],
            stdout=output,
            stderr=output,
            env=given,
            cwd=tmp_path,
        )
    try:
        wait(lambda: get(port, "/readyz") is not None, 90, service, log)

        def found() -> bool:
            answer = get(port, "/api/v1/search?q=truyen+kieu")
            return answer is not None and json.loads(answer)["total"] > 0

        wait(found, 90, service, log)
        assert b"<html" in (get(port, "/") or b"")
        begin = time.monotonic()
        service.send_signal(signal.SIGINT)
        assert service.wait(10) == 0
        assert time.monotonic() - begin < 5
    finally:
        service.kill()
        service.wait()
    assert "Traceback" not in log.read_text(encoding="utf-8")


def wait(
    condition: Callable[[], bool], seconds: float, service: "subprocess.Popen[bytes]", log: Path
) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        ended = service.poll() is not None or time.monotonic() > deadline
        assert not ended, log.read_text(encoding="utf-8")[-3000:]
        time.sleep(0.2)


def get(port: int, path: str) -> bytes | None:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return bytes(answer.read())
    except OSError:
        return None
