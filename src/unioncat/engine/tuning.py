"""Settings of the built-in PostgreSQL: a machine of two cores that also runs everything else.

Durability is never traded for speed: `fsync`, `full_page_writes` and `synchronous_commit` stay on.
"""

import os
import shutil
from pathlib import Path

import psutil

from unioncat.engine.process import Account

FILE = "unioncat.conf"
"""Name of our file in the data folder; `postgresql.conf` includes it."""
MEGABYTE = 2**20


def memory() -> int:
    """Give the memory that this machine or container may use, in megabytes."""
    total = int(psutil.virtual_memory().total)
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii").strip()
    except OSError:
        limit = "max"
    if limit.isdigit():
        total = min(total, int(limit))
    return total // MEGABYTE


def settings(socket: Path, memory_mb: int | None) -> dict[str, str]:
    """Choose the server's settings; `memory_mb` is the shared memory wanted, None: by the machine."""
    total = memory()
    shared = memory_mb or max(64, min(512, total // 8))
    chosen = {
        "listen_addresses": "",
        "unix_socket_directories": str(socket),
        "unix_socket_permissions": "0700",
        "port": "5432",
        "max_connections": "100",
        "shared_preload_libraries": "pg_stat_statements",
        "shared_buffers": f"{shared}MB",
        "effective_cache_size": f"{max(shared, total // 2)}MB",
        "maintenance_work_mem": f"{min(256, max(64, shared // 2))}MB",
        "work_mem": "32MB",
        "max_wal_size": "4GB",
        "min_wal_size": "256MB",
        "wal_compression": "on",
        "checkpoint_timeout": "15min",
        "synchronous_commit": "on",
        "random_page_cost": "1.1",
        "jit": "off",
        "max_worker_processes": "8",
        "max_parallel_workers": "2",
        "max_parallel_workers_per_gather": "1",
        "max_parallel_maintenance_workers": "1",
        "autovacuum_max_workers": "2",
        "autovacuum_naptime": "30s",
        "autovacuum_vacuum_scale_factor": "0.05",
        "autovacuum_analyze_scale_factor": "0.05",
        "autovacuum_vacuum_cost_limit": "1000",
        "log_checkpoints": "off",
        "log_min_duration_statement": "5s",
        "log_line_prefix": "%m [%p] ",
        "log_timezone": "UTC",
        "timezone": "UTC",
        "client_connection_check_interval": "10s",
    }
    if not _roomy(Path("/dev/shm")):  # noqa: S108 — containers have 64 MB there: parallel queries would fail
        chosen["dynamic_shared_memory_type"] = "mmap"
    return chosen


def _roomy(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).total >= 256 * MEGABYTE
    except OSError:
        return True  # no such folder: not Linux, PostgreSQL knows what to do there


def write(data: Path, socket: Path, memory_mb: int | None, account: Account | None) -> None:
    """Write the settings into the data folder, where the included file belongs to the server's user."""
    lines = ["# Written at every start of unioncat; changes made here are lost."]
    for name, value in settings(socket, memory_mb).items():
        quoted = value.replace("'", "''")
        lines.append(f"{name} = '{quoted}'")
    draft = data / f".{FILE}.new"
    draft.write_text("\n".join(lines) + "\n", encoding="utf-8")
    if account:
        os.chown(draft, account.uid, account.gid)
    draft.replace(data / FILE)
