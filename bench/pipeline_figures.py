"""Figures of the whole program with the users example: its first row, and what it costs when nothing comes."""
import contextlib
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time

from figure import Figure

ROOT = pathlib.Path(__file__).resolve().parents[1]
RUNS = 20
IDLE_SECONDS = int(os.environ.get("MILLRACE_BENCH_IDLE_SECONDS", "60"))
POLL_SECONDS = 0.0005


def wait_for_row(path, query, seconds=20):
    """Polls as another process would: a new connection until the file is there, then one query a poll."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        if path.exists():
            with contextlib.suppress(sqlite3.Error), contextlib.closing(
                    sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=0)) as database:
                while time.perf_counter() < end:
                    if database.execute(query).fetchone():
                        return time.perf_counter()
                    time.sleep(POLL_SECONDS)
        time.sleep(POLL_SECONDS)
    raise SystemExit(f"no row in {path} within {seconds} s")


def first_row_once(program, folder):
    begin = time.perf_counter()
    process = subprocess.Popen([program, "run", folder, "--http-listen", "127.0.0.1:0"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        return wait_for_row(folder / ".millrace" / "tables.db", "SELECT id FROM created_users LIMIT 1") - begin
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)


def bare_row_once(folder):
    """The sqlite3 program: a file in the same mode, one table, one row."""
    path = folder / "tables.db"
    begin = time.perf_counter()
    process = subprocess.Popen(
        ["sqlite3", "-cmd", ".timeout 5000", path, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE created_users (id TEXT "
         "PRIMARY KEY, name TEXT); INSERT INTO created_users VALUES ('a', 'b');", ".system sleep 0.3"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        return wait_for_row(path, "SELECT id FROM created_users LIMIT 1") - begin
    finally:
        process.wait(timeout=30)


def first_row(program):
    own, bare, version = [], [], []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory(prefix="bench-", dir=program.parent) as folder:
            project = pathlib.Path(folder) / "users"
            shutil.copytree(ROOT / "examples" / "users", project, ignore=shutil.ignore_patterns(".millrace"))
            own.append(first_row_once(program, project) * 1e3)
            bare.append(bare_row_once(pathlib.Path(folder)) * 1e3)
            begin = time.perf_counter()
            subprocess.run([program, "--version"], stdout=subprocess.DEVNULL, check=True)
            version.append((time.perf_counter() - begin) * 1e3)
    return [Figure("exec to first row in tables.db", own, "ms", bare, "sqlite3 program, one row", target=50),
            Figure("exec to end of `millrace --version`", version, "ms")], [
                "`examples/users` with an empty data directory, through two flows; another process polls "
                f"`created_users` every {POLL_SECONDS * 1e3:g} ms. {RUNS} runs, alternating."]


def memory_mb(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return {name: int(re.search(rf"{name}:\s*(\d+)", status)[1]) / 1024 for name in ("VmRSS", "RssAnon", "RssFile")}


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def idle(program):
    rows = 5000
    with tempfile.TemporaryDirectory(prefix="bench-", dir=program.parent) as folder:
        project = pathlib.Path(folder) / "users"
        shutil.copytree(ROOT / "examples" / "users", project, ignore=shutil.ignore_patterns(".millrace"))
        source = project / "sources" / "users_api.sql"
        text = source.read_text(encoding="utf-8")
        source.write_text(text.replace("'rowsPerSecond' = '50'", f"'rowsPerSecond' = '5000', 'numberOfRows' = '{rows}'"),
                          encoding="utf-8")
        process = subprocess.Popen([program, "run", project, "--http-listen", "127.0.0.1:0"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_for_row(project / ".millrace" / "tables.db",
                         f"SELECT 1 FROM (SELECT count(*) AS n FROM created_users) WHERE n = {rows}")
            time.sleep(1)
            begin = cpu_seconds(process.pid)
            after = time.perf_counter()
            time.sleep(IDLE_SECONDS)
            share = (cpu_seconds(process.pid) - begin) / (time.perf_counter() - after) * 100
            memory = memory_mb(process.pid)
            peak = re.search(r"VmHWM:\s*(\d+)", pathlib.Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8"))
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=30)
    size = program.stat().st_size / (1 << 20)
    return [Figure(f"VmRSS {IDLE_SECONDS} s after the last record", [memory["VmRSS"]], "MB", target=20),
            Figure("CPU while nothing comes, share of one core", [share], "%", target=0.5)], [
                f"`examples/users` with {rows} users, then nothing; page listening, nobody looking. Of the RSS "
                f"{memory['RssAnon']:.1f} MB are the program's own and {memory['RssFile']:.1f} MB pages of files, "
                f"mostly of the program ({size:.0f} MB with its debug information). Peak {int(peak[1]) / 1024:.1f} MB."]
