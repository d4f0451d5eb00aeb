"""The built-in PostgreSQL: every way to start, stop and break it that an operator will meet."""

import asyncio
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest
import structlog

from unioncat.config import Settings
from unioncat.engine import binaries, place, tuning
from unioncat.engine.errors import EngineError
from unioncat.engine.place import SOCKET_LIMIT, SOCKET_NAME
from unioncat.engine.postgres import EmbeddedPostgres, serving
from unioncat.engine.process import Account

Make = Callable[[Path], EmbeddedPostgres]
ROOT = os.geteuid() == 0
as_root = pytest.mark.skipif(not ROOT, reason="needs root, who may become another user")


def ask(url: str, query: str = "SELECT 1") -> object:
    async def go() -> object:
        connection = await asyncpg.connect(url.replace("+asyncpg", ""))
        try:
            return await connection.fetchval(query)
        finally:
            await connection.close()

    return asyncio.run(go())


def modes(folder: Path) -> dict[Path, int]:
    """Permissions of a folder and all its parents."""
    return {path: path.stat().st_mode for path in [folder, *folder.parents]}


def test_cold_start_warm_start_and_what_was_written_stays(open_folder: Path, server: Make) -> None:
    one = server(open_folder)
    url = one.start()
    ask(url, "CREATE TABLE kept AS SELECT 42 AS n")
    one.stop()
    assert not one.ready()
    begin = time.monotonic()
    url = one.start()
    assert time.monotonic() - begin < 5
    assert ask(url, "SELECT n FROM kept") == 42


def test_it_is_set_up_as_the_contract_says(open_folder: Path, server: Make) -> None:
    url = server(open_folder).start()
    for name, value in {
        "server_encoding": "UTF8",
        "listen_addresses": "",
        "unix_socket_permissions": "0700",
        "data_checksums": "on",
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "shared_buffers": "32MB",
        "shared_preload_libraries": "pg_stat_statements",
        "jit": "off",
    }.items():
        assert ask(url, f"SHOW {name}") == value, name
    assert ask(url, "SELECT datlocale FROM pg_database WHERE datname = current_database()") == "C.UTF-8"
    for extension in ("pg_trgm", "unaccent", "btree_gin", "pg_stat_statements"):
        ask(url, f"CREATE EXTENSION {extension}")


def test_after_a_kill_the_next_start_recovers(open_folder: Path, server: Make) -> None:
    one = server(open_folder)
    url = one.start()
    ask(url, "CREATE TABLE kept AS SELECT 42 AS n")
    assert one.child
    os.kill(one.child.pid, signal.SIGKILL)
    url = one.start()
    assert ask(url, "SELECT n FROM kept") == 42
    assert one.owned


def test_a_zombie_is_not_taken_for_a_server(open_folder: Path, server: Make) -> None:
    """The parent of the dead server has not waited for it: its process id still exists."""
    dead = server(open_folder)
    dead.start()
    assert dead.child
    os.kill(dead.child.pid, signal.SIGKILL)
    other = server(open_folder)
    assert ask(other.start()) == 1
    assert other.owned


def test_the_pid_file_of_a_dead_server_may_name_a_living_process(open_folder: Path, server: Make) -> None:
    """As after a container's restart, where small process ids are given anew."""
    one = server(open_folder)
    one.start()
    assert one.child
    pid_file = one.data / "postmaster.pid"
    text = pid_file.read_text()
    one.stop()
    with subprocess.Popen(["sleep", "60"]) as living:
        pid_file.write_text(text.replace(text.split()[0], str(living.pid), 1))
        shutil.chown(pid_file, one.data.owner(), one.data.group())
        try:
            assert ask(one.start()) == 1
        finally:
            living.kill()


def test_a_second_process_attaches_and_does_not_stop_the_server(open_folder: Path, server: Make) -> None:
    one = server(open_folder)
    one.start()
    code = (
        "import sys; from pathlib import Path\n"
        "from unioncat.engine.postgres import EmbeddedPostgres\n"
        "server = EmbeddedPostgres(Path(sys.argv[1])); print(server.start(), server.owned); server.stop()\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", code, str(open_folder)], capture_output=True, text=True, check=True
    ).stdout.split()
    assert said == [one.url(), "False"]
    assert one.ready()
    assert ask(one.url()) == 1


def test_many_processes_may_start_it_at_once(open_folder: Path, server: Make) -> None:
    server(open_folder).start()  # for the clean-up
    server(open_folder).stop()
    code = (
        "import sys; from pathlib import Path\n"
        "from unioncat.engine.postgres import EmbeddedPostgres\n"
        "server = EmbeddedPostgres(Path(sys.argv[1])); server.start()\n"
        "server.stop(wait_for_others=True)\n"
    )
    started = [subprocess.Popen([sys.executable, "-c", code, str(open_folder)]) for _ in range(3)]
    assert [process.wait(60) for process in started] == [0, 0, 0]


def test_the_owner_waits_for_others_before_it_stops_and_says_so(open_folder: Path, server: Make) -> None:
    one, other = server(open_folder), server(open_folder)
    one.start()
    other.start()
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(write)
        os.read(read, 1)  # until the other end is closed
        os._exit(0)
    other.stop()  # its lock lives on in the forked process
    let_go: list[bool] = []

    def end() -> None:
        let_go.append(True)
        os.close(write)

    threading.Timer(1, end).start()
    with structlog.testing.capture_logs() as said:
        one.stop(wait_for_others=True)
    assert let_go, "it has not waited"
    os.waitpid(pid, 0)
    os.close(read)
    assert ["this command ends when others" in line["event"] for line in said] == [True]


def test_the_server_dies_with_its_parent(open_folder: Path, server: Make) -> None:
    code = (
        "import sys, time; from pathlib import Path\n"
        "from unioncat.engine.postgres import EmbeddedPostgres\n"
        "server = EmbeddedPostgres(Path(sys.argv[1])); server.start(); print('up', flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(open_folder)], stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        assert parent.stdout.readline() == b"up\n"
        parent.kill()
    one = server(open_folder)
    deadline = time.monotonic() + 10
    while (open_folder / "postgres/data/postmaster.pid").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not (open_folder / "postgres/data/postmaster.pid").exists()
    assert ask(one.start()) == 1


def test_a_long_path_gets_a_short_socket(open_folder: Path, server: Make) -> None:
    home = open_folder / ("thư-mục-dài-" * 6) / ("x" * 60)
    one = server(home)
    assert ask(one.start()) == 1
    assert len(os.fsencode(one.socket / SOCKET_NAME)) <= SOCKET_LIMIT
    assert stat.S_IMODE(one.socket.stat().st_mode) == 0o700


def test_parents_keep_their_modes_and_a_private_home_works(open_folder: Path, server: Make) -> None:
    private = open_folder / "private"
    home = private / "a" / "home"
    home.mkdir(parents=True)
    private.chmod(0o700)
    before = modes(home)
    one = server(home)
    url = one.start()
    ask(url, "CREATE TABLE kept AS SELECT 42 AS n")
    assert modes(home) == before
    one.stop()
    assert ask(server(home).start(), "SELECT n FROM kept") == 42
    if ROOT:
        assert one.account
        assert one.account.name in ("postgres", "nobody")
        assert not one.place.is_relative_to(home)
        assert (home / place.RECORD).read_text().strip() == str(one.place)
        assert (one.place / "home").read_text().strip() == str(home)
        assert one.place not in place.abandoned()
        (home / place.RECORD).rename(home / "away")
        assert one.place in place.abandoned()
        (home / "away").rename(home / place.RECORD)


def test_only_root_is_told_of_databases_that_root_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = tmp_path / "state" / "one"
    left.mkdir(parents=True)
    (left / "home").write_text(f"{tmp_path / 'gone'}\n", encoding="utf-8")
    monkeypatch.setattr(place, "STATE", left.parent)
    monkeypatch.setattr(place.os, "geteuid", lambda: 0)
    assert place.abandoned() == [left]
    monkeypatch.setattr(place.os, "geteuid", lambda: 65534)
    assert place.abandoned() == []


@as_root
def test_as_root_only_data_and_socket_belong_to_the_server(open_folder: Path, server: Make) -> None:
    one = server(open_folder)
    one.start()
    assert one.account
    assert one.data.stat().st_uid == one.socket.stat().st_uid == one.account.uid
    assert stat.S_IMODE(one.data.stat().st_mode) == 0o700
    assert one.place.stat().st_uid == 0
    assert one.child
    assert f"Uid:\t{one.account.uid}" in Path(f"/proc/{one.child.pid}/status").read_text()
    assert "Groups:\t \n" in Path(f"/proc/{one.child.pid}/status").read_text()


@as_root
def test_as_root_programs_in_a_private_environment_are_copied(
    open_folder: Path, server: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = open_folder / "venv"
    private.mkdir()
    package = binaries.find().bin.parent.parent
    shutil.copytree(package, private / package.name)
    libraries = package.parent / binaries.LIBRARIES
    shutil.copytree(libraries, private / binaries.LIBRARIES)
    private.chmod(0o700)
    found = binaries.Binaries(private / package.name / "pginstall" / "bin")
    monkeypatch.setattr(binaries, "find", lambda: found)
    one = server(open_folder / "home")
    assert ask(one.start()) == 1
    assert one.programs.bin.is_relative_to(one.place)
    copies = list(one.place.glob("server-*"))
    assert len(copies) == 1
    made = copies[0].stat().st_ctime_ns
    one.stop()
    one.start()
    assert copies[0].stat().st_ctime_ns == made, "copied once only"
    one.stop()
    os.utime(private / package.name / "pginstall" / "bin" / "postgres")
    one.start()
    assert [path.name for path in one.place.glob("server-*")] != [copies[0].name], "a new version is copied"
    assert stat.S_IMODE(private.stat().st_mode) == 0o700


def as_nobody(home: Path) -> str:
    """Start and stop a server of `home` as an ordinary user; give what came out.

    By fork, because the interpreter itself may lie where only root can read.
    """
    reading, writing = os.pipe()
    user = pwd.getpwnam("nobody")
    pid = os.fork()
    if pid == 0:
        said = "?"
        try:
            os.setgroups([])
            os.setgid(user.pw_gid)
            os.setuid(user.pw_uid)
            one = EmbeddedPostgres(home, memory_mb=32)
            one.start()
            one.stop()
            said = f"{one.place} {one.account} {one.child}"
        except EngineError as error:
            said = f"refused: {error} / {error.remedy}"
        except BaseException as error:
            said = f"failed: {error!r}"
        finally:
            os.write(writing, said.encode())
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        said = answer.read()
    os.waitpid(pid, 0)
    return said


def reachable_programs() -> bool:
    """Whether an ordinary user can run the programs of this environment."""
    user = pwd.getpwnam("nobody")
    return binaries.usable(binaries.find(), Account(user.pw_uid, user.pw_gid, "nobody"))


@as_root
def test_an_ordinary_user_runs_it_as_himself(open_folder: Path) -> None:
    if not reachable_programs():
        pytest.skip("this environment is private to root")
    home = open_folder / "his"
    home.mkdir(mode=0o700)
    shutil.chown(home, "nobody")
    assert as_nobody(home) == f"{home / 'postgres'} None None"
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert (home / "postgres" / "data").owner() == "nobody"


@as_root
def test_root_runs_the_database_of_an_ordinary_user_as_that_user(open_folder: Path, server: Make) -> None:
    if not reachable_programs():
        pytest.skip("this environment is private to root")
    shutil.chown(open_folder, "nobody")
    assert as_nobody(open_folder).startswith(str(open_folder))
    one = server(open_folder)
    one.start()
    assert one.account
    assert one.account.name == "nobody"
    one.stop()
    assert as_nobody(open_folder).startswith(str(open_folder)), "root left something that locks him out"


@as_root
def test_an_ordinary_user_is_told_that_the_database_is_roots(open_folder: Path, server: Make) -> None:
    one = server(open_folder)
    one.start()
    one.stop()
    if one.account and one.account.name == "nobody":
        pytest.skip("there is no user postgres here")
    said = as_nobody(open_folder)
    assert said.startswith("refused: ")
    assert "belongs to user postgres" in said


def test_a_failure_shows_the_servers_own_words(open_folder: Path, server: Make) -> None:
    one = server(open_folder)
    one.start()
    one.stop()
    with (one.data / "postgresql.conf").open("a") as file:
        file.write("shared_buffers = 'plenty'\n")
    with pytest.raises(EngineError, match=r"invalid value for parameter .*shared_buffers") as caught:
        one.start()
    assert str(one.log) in caught.value.remedy
    assert one.child is None


def test_data_of_another_major_version_are_refused(open_folder: Path, server: Make) -> None:
    one = server(open_folder)
    one.start()
    one.stop()
    (one.data / "PG_VERSION").write_text("17\n")
    with pytest.raises(EngineError, match="written by PostgreSQL 17, this is PostgreSQL 18") as caught:
        one.start()
    assert "dump" in caught.value.remedy


def test_a_full_disk_is_said(open_folder: Path, server: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(open_folder)._replace(free=5 * 2**20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(EngineError, match="is full: 5 MB are free") as caught:
        server(open_folder).start()
    assert "free some space" in caught.value.remedy


def test_a_disk_that_fills_up_while_it_starts_is_said(open_folder: Path, server: Make) -> None:
    one = server(open_folder)
    one.start()
    assert "disk is full" in one._failure("x", "FATAL: could not write: No space left on device").remedy


def test_a_lost_data_folder_is_said_and_not_made_anew(open_folder: Path, server: Make) -> None:
    (open_folder / place.RECORD).write_text(str(open_folder / "gone"))
    with pytest.raises(EngineError, match="is gone"):
        server(open_folder).start()


def test_an_interrupted_first_start_is_begun_again(open_folder: Path, server: Make) -> None:
    half = open_folder / "postgres" / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    assert ask(server(open_folder).start()) == 1


def test_a_socket_folder_that_others_can_enter_is_refused(open_folder: Path, server: Make) -> None:
    run = open_folder / "postgres" / "run"
    run.mkdir(parents=True)
    run.chmod(0o777)
    with pytest.raises(EngineError, match="not private"):
        server(open_folder).start()


def test_serving_prefers_the_configured_server() -> None:
    settings = Settings(database_url="postgresql://someone@example.org/db")
    with serving(settings) as url:
        assert url == "postgresql+asyncpg://someone@example.org/db"


def test_serving_stops_what_it_started(open_folder: Path, server: Make) -> None:
    with serving(Settings(home=open_folder, database_memory_mb=32)) as url:
        assert ask(url) == 1
    assert not (open_folder / "postgres" / "data" / "postmaster.pid").exists()


@pytest.mark.parametrize(
    ("memory", "shared"), [(24000, "512MB"), (2048, "256MB"), (256, "64MB"), (128, "64MB")]
)
def test_small_machines_get_small_settings(
    memory: int, shared: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tuning, "memory", lambda: memory)
    assert tuning.settings(tmp_path, None)["shared_buffers"] == shared
    assert tuning.settings(tmp_path, 100)["shared_buffers"] == "100MB"


def test_a_small_shared_memory_is_not_relied_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    small = shutil.disk_usage("/")._replace(total=64 * 2**20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: small)
    assert tuning.settings(tmp_path, None)["dynamic_shared_memory_type"] == "mmap"
