"""What the end-to-end tests stand on: the program, projects in temporary folders, web servers with a
script. Standard library only. MILLRACE names the program."""
import contextlib
import http.server
import json
import os
import pathlib
import signal
import socket
import sqlite3
import struct
import subprocess
import tempfile
import threading
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FIXTURES = ROOT / "tests" / "fixtures" / "randomuser"
MILLRACE = os.environ.get("MILLRACE", str(ROOT / "build" / "millrace"))
NO_LISTENERS = ["--kafka-listen", "off", "--registry-listen", "off", "--http-listen", "off"]

USER_COLUMNS = """
  gender STRING,
  name STRUCT<title: STRING, first: STRING, last: STRING>,
  location STRUCT<
    street: STRUCT<number: STRING, name: STRING>,
    city: STRING, state: STRING, country: STRING, postcode: STRING>,
  email STRING,
  login STRUCT<uuid: STRING, username: STRING>,
  dob STRUCT<date: STRING, age: INT>,
  registered STRUCT<date: STRING, age: INT>,
  phone STRING,
  picture STRUCT<large: STRING, medium: STRING, thumbnail: STRING>,
  nat STRING"""

# The 12-key record; the id is the API's own, so that it can be compared.
USERS_CREATED = """
CREATE STREAMING TABLE users_created AS
SELECT login.uuid AS id, name.first AS first_name, name.last AS last_name, gender,
  concat(location.street.number, ' ', location.street.name, ', ', location.city, ', ',
         location.state, ', ', location.country) AS address,
  location.postcode AS post_code, email, login.username AS username, dob.date AS dob,
  registered.date AS registered_date, phone, picture.medium AS picture
FROM STREAM users_api;
"""
CREATED_USERS = """
CREATE STREAMING TABLE created_users TBLPROPERTIES ('millrace.key' = 'id') AS
SELECT * FROM STREAM users_created WHERE id IS NOT NULL;
"""
KEYS = ["id", "first_name", "last_name", "gender", "address", "post_code", "email", "username", "dob",
        "registered_date", "phone", "picture"]


def environment(**extra):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("MILLRACE_", "NO_COLOR"))}
    return {**kept, "TZ": "UTC", **extra}


def millrace(*arguments, timeout=60, cwd=None, env=None, stdin=None):
    """Runs the program to its end."""
    return subprocess.run([MILLRACE, *map(str, arguments)], capture_output=True, text=True, timeout=timeout,
                          cwd=cwd, env=env or environment(), input=stdin, check=False)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Project:
    """A project folder; its data directory is .millrace in it."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.data = self.folder / ".millrace"
        self.write("spark-pipeline.yml",
                   f"name: p\nstorage: file://{folder}/s\nlibraries:\n  - glob:\n      include: transformations/**\n")

    def write(self, path, text):
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def run(self, *flags, timeout=60, env=None):
        return millrace("run", self.folder, *NO_LISTENERS, "--output", "json", *flags, timeout=timeout, env=env)

    def start(self, *flags, listeners=True, **how):
        arguments = [MILLRACE, "run", str(self.folder), *(NO_LISTENERS if listeners else []), *map(str, flags)]
        return subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                env=environment(), **how)

    def sql(self, query, *flags):
        return millrace("sql", query, "--project", self.folder, *flags)

    def rows(self, query):
        """The rows of one statement, over the command."""
        done = self.sql(query, "--output", "json")
        answer = json.loads(done.stdout.splitlines()[-1])
        if "error" in answer:
            raise AssertionError(answer["error"])
        return answer["rows"]

    def table(self, query):
        """Asks tables.db itself, not the program."""
        with contextlib.closing(sqlite3.connect(f"file:{self.data}/tables.db?mode=ro", uri=True)) as database:
            return database.execute(query).fetchall()

    def topic(self, topic, *flags):
        """The records of a topic, parsed; at most 10,000."""
        done = millrace("topics", "read", topic, "--limit", 10000, "--offset", 0, "--project", self.folder,
                        "--output", "json", *flags)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def end_offset(self, topic):
        done = millrace("topics", "describe", topic, "--project", self.folder, "--output", "json")
        return sum(p["end"] for p in json.loads(done.stdout)["partitions"])


class Api:
    """A web server that answers by a list of steps; the last one is repeated. A step is (status, headers,
    body, delay in seconds), or "reset": the connection breaks off."""

    def __init__(self, *steps):
        self.steps = list(steps)
        self.requests = 0
        self.times = []
        api = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                step = api.steps[min(api.requests, len(api.steps) - 1)]
                api.requests += 1
                api.times.append(time.monotonic())
                if step == "reset":
                    # Unsent bytes are thrown away and the peer is told at once.
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    self.connection.close()
                    self.close_connection = True
                    return
                status, headers, body, delay = step
                time.sleep(delay)
                data = body if isinstance(body, bytes) else body.encode()
                with contextlib.suppress(OSError):
                    self.send_response(status)
                    for name, value in {"Content-Type": "application/json", **headers}.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(data)))
                    self.end_headers()
                    self.wfile.write(data)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, request, client_address):
                pass  # A client that goes away is no news.

        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/api/"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def ok(body, delay=0):
    return (200, {}, body if isinstance(body, (str, bytes)) else json.dumps(body), delay)


class Case(unittest.TestCase):
    """A test with a folder of its own."""
    maxDiff = 4000

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="millrace-e2e-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def project(self, name="p"):
        (self.folder / name).mkdir()
        return Project(self.folder / name)

    def api(self, *steps):
        api = Api(*steps)
        self.addCleanup(api.close)
        return api

    def users_project(self, url, options="", name="p", tables=USERS_CREATED + CREATED_USERS):
        project = self.project(name)
        project.write("sources/users_api.sql",
                      f"CREATE TABLE users_api ({USER_COLUMNS}) USING http OPTIONS ('url' = '{url}', "
                      f"'records' = '/results'{options});\n")
        project.write("transformations/users.sql", tables)
        return project

    def books(self, done):
        """The last line of a run; checks that the books balance."""
        self.assertTrue(done.stdout.strip(), done.stderr)
        books = json.loads(done.stdout.splitlines()[-1])
        self.assertEqual(list(books), ["sources", "flows"])
        for source in books["sources"]:
            self.assertEqual(list(source), ["name", "fetched", "published", "failed"])
            self.assertEqual(source["fetched"], source["published"] + source["failed"], source)
        for flow in books["flows"]:
            self.assertEqual(list(flow), ["name", "read", "accepted", "filtered", "late", "duplicate", "rejected"])
            self.assertEqual(flow["read"], sum(v for k, v in flow.items() if k not in ("name", "read")), flow)
        return ({s["name"]: s for s in books["sources"]}, {f["name"]: f for f in books["flows"]})

    def succeeds(self, done):
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def fails(self, done, code, *texts):
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        for text in texts:
            self.assertIn(text, done.stderr)
        self.assertNotIn("src/", done.stderr)
        return done

    def stop(self, process, how=signal.SIGINT):
        """Ends a started program; its output, and how long that took."""
        begin = time.monotonic()
        process.send_signal(how)
        out, err = process.communicate(timeout=20)
        return out, err, time.monotonic() - begin

    def wait_for(self, what, seconds=15):
        """Until it is true; a generous bound, so that a slow machine does not decide."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with contextlib.suppress(sqlite3.Error, AssertionError, FileNotFoundError):
                if what():
                    return
            time.sleep(0.02)
        self.fail("it did not happen in time")


main = unittest.main
