"""`millrace sql` beside DuckDB on the same file."""
import json
import os
import pathlib
import re
import resource
import subprocess
import sys
import tempfile
import time

from figure import Figure

HERE = pathlib.Path(__file__).resolve().parent
FIXTURE = HERE.parent / "tests" / "fixtures" / "randomuser" / "formatted_all_nationalities.jsonl"
USERS = 300_000
RUNS = 5
QUERIES = {
    "count by gender": "SELECT gender, count(*) AS n FROM {users} GROUP BY gender ORDER BY gender",
    "one field of all, filtered": "SELECT count(*) AS n FROM {users} WHERE email LIKE '%a%' AND gender = 'female'",
    "distinct e-mails": "SELECT count(DISTINCT email) AS n FROM {users}",
}
# Runs in DuckDB's Python: import and connection are not counted, reading the file is.
PEER = """
import json, resource, sys, time
import duckdb
connection = duckdb.connect(config={"threads": int(sys.argv[2])})
def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
before, begin = cpu(), time.perf_counter()
rows = connection.execute(sys.argv[1]).fetchall()
print(json.dumps([rows, time.perf_counter() - begin, cpu() - before]))
"""


def python_with_duckdb():
    """bench/.venv, made at the first use."""
    venv = HERE / ".venv"
    python = venv / "bin" / "python"
    if subprocess.run([python, "-c", "import duckdb"], check=False, capture_output=True).returncode \
            if python.exists() else True:
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "-r", HERE / "requirements.txt"], check=True,
                       stdout=subprocess.DEVNULL)
    return python


def write_users(path):
    """The fixture's users again and again, each with an id and e-mail of its own; post_code as text."""
    lines = [json.loads(line) for line in FIXTURE.read_text(encoding="utf-8").splitlines()]
    with path.open("w", encoding="utf-8") as file:
        for number in range(USERS):
            user = dict(lines[number % len(lines)])
            user["id"] = f"{number:08x}-0000-4000-8000-{number * 7919:012x}"
            user["email"] = f"{number}.{user['email']}"
            user["post_code"] = str(user["post_code"])
            file.write(json.dumps(user) + "\n")


def ask_millrace(program, query):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.perf_counter()
    done = subprocess.run([program, "sql", query, "--output", "json"], capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise SystemExit(f"millrace sql: {done.stdout}{done.stderr}")
    rows = json.loads(done.stdout.splitlines()[-1])["rows"]
    rows = [list(row.values()) if isinstance(row, dict) else row for row in rows]
    return rows, seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def ask_duckdb(python, query, threads):
    done = subprocess.run([python, "-c", PEER, query, str(threads)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def peer_file(path, *options):
    return f"read_json({', '.join((repr(str(path)), 'format=' + repr('newline_delimited'), *options))})"


def duckdb(program):
    python = python_with_duckdb()
    figures = []
    with tempfile.TemporaryDirectory(prefix="bench-", dir=program.parent) as folder:
        path = pathlib.Path(folder) / "users.jsonl"
        write_users(path)
        size = path.stat().st_size / USERS
        for what, query in QUERIES.items():
            own, peer, sampled = [], [], []
            for _ in range(RUNS):
                own.append(ask_millrace(program, query.format(users=f"json.`{path}`")))
                peer.append(ask_duckdb(python, query.format(users=peer_file(path, "sample_size=-1")), os.cpu_count()))
                sampled.append(ask_duckdb(python, query.format(users=peer_file(path)), os.cpu_count()))
                if own[-1][0] != [list(row) for row in peer[-1][0]]:
                    raise SystemExit(f"{what}: Millrace says {own[-1][0]}, DuckDB {peer[-1][0]}")
            for title, at in ((what, 1), (f"{what}, per CPU-second", 2)):
                figures.append(Figure(title, [USERS / answer[at] for answer in own], "/s",
                                      [USERS / answer[at] for answer in peer], "DuckDB",
                                      bytes_per_item=size if at == 1 else None))
            figures.append(Figure(f"{what}; DuckDB samples", [USERS / answer[1] for answer in own], "/s",
                                  [USERS / answer[1] for answer in sampled], "DuckDB, schema of 20,480 users"))
    version = subprocess.run([python, "-c", "import duckdb; print(duckdb.__version__)"], capture_output=True, text=True,
                             check=True).stdout.strip()
    build = "release" if re.search(r"^CMAKE_BUILD_TYPE:\w+=Release",
                                   (program.parent / "CMakeCache.txt").read_text(encoding="utf-8"), re.M) else "debug"
    return figures, [
        f"{USERS:,} users, {size:.0f} bytes each, schema inferred by both from all records (as Spark does), answers compared. Millrace ({build}): the "
        f"whole process from exec to exit. DuckDB {version}: the statement only, without starting Python, "
        f"{os.cpu_count()} threads."]
