"""What the figures were measured on: without it they say nothing."""

import os
import platform
import sqlite3
import subprocess
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

from benchmarks.tables import median

LIBRARIES = (
    "flask",
    "gunicorn",
    "redis",
    "sqlalchemy",
    "psycopg",
    "zxing-cpp",
    "opencv-python-headless",
    "numpy",
    "dlib-bin",
)


def describe() -> str:
    """Processor, memory, disk, load and versions, a line each."""
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    redis = _first_line("redis-server", "--version").split(" sha=")[0].replace("Redis server v=", "Redis ")
    postgresql = _first_line("pg_config", "--version").split(" (")[0]
    programs = f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {redis}, {postgresql}"
    return "\n".join(
        (
            f"Processor  {os.cpu_count()} cores, {_field('/proc/cpuinfo', 'model name')}",
            f"Memory     {int(_field('/proc/meminfo', 'MemTotal').split()[0]) / 1024**2:.0f} GiB",
            f"Disk       {1000 * _sync_seconds():.2f} ms for 4 KiB written and synchronised (median)",
            f"Load       {load()}",
            f"System     {platform.system()} {platform.release().split('-')[0]}, {programs}",
            f"Libraries  {libraries}",
        )
    )


def load() -> str:
    """Processes that ran or wanted to, on average over 1 and 5 minutes."""
    one, five, _ = os.getloadavg()
    return f"{one:.1f} over the last minute, {five:.1f} over five"


def _sync_seconds(samples: int = 100) -> float:
    durations = []
    with tempfile.NamedTemporaryFile(buffering=0) as file:
        for _ in range(samples):
            file.write(bytes(4096))
            start = time.perf_counter()
            os.fdatasync(file.fileno())
            durations.append(time.perf_counter() - start)
    return median(durations)


def _field(path: str, name: str) -> str:
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "0")


def _first_line(*command: str) -> str:
    answer = subprocess.run(command, check=False, capture_output=True, text=True)
    return answer.stdout.strip().split("\n")[0]
