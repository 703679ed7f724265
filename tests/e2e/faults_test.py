"""Issue "bad input and faults": records of every bad kind, disks that are full or read-only, ports and directories that
are taken. Each item is in the table of tests/README.md."""
import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
import unittest

from millrace_e2e import MILLRACE, NO_LISTENERS, Case, environment, free_port, main, millrace

TABLE = "CREATE STREAMING TABLE t AS SELECT id, n, d, tags, extra FROM STREAM s;\n"
COLUMNS = "id STRING, n BIGINT, d DOUBLE, tags ARRAY<STRING>, extra STRING"


class Records(Case):
    """What a record may do to a source with declared columns."""

    def of(self, lines, table=TABLE, **options):
        project = self.project()
        data = "\n".join(lines) + "\n"
        (project.folder / "in").mkdir()
        (project.folder / "in" / "a.json").write_bytes(data.encode("utf-8", "surrogatepass"))
        more = "".join(f", '{k}' = '{v}'" for k, v in options.items())
        project.write("sources/s.sql",
                      f"CREATE TABLE s ({COLUMNS}) USING json OPTIONS ('path' = 'in', 'settleTime' = '0 s'{more});\n")
        project.write("transformations/t.sql", table)
        self.done = project.run("--until-caught-up", "--set", "max_rejected=1")
        return project

    def letters(self, project, name="t"):
        shown = millrace("dead-letters", "show", name, "--project", project.folder, "--output", "json",
                         "--limit", "100")
        return [json.loads(line) for line in shown.stdout.splitlines()]

    def test_wrong_types_overflow_and_broken_text_are_dead_letters_and_the_rest_goes_on(self):
        bad = ['{"id": "wrong type", "n": "seven"}',
               '{"id": "wrong type", "n": 1.5}',
               '{"id": "overflow", "n": 9223372036854775808}',
               '{"id": "overflow", "n": -9223372036854775809}',
               '{"id": "overflow", "n": 123456789012345678901234567890}',
               '{"id": "nested", "tags": {"a": 1}}',
               '{"id": "cut',
               '["no", "object"',
               "not json at all",
               '{"id": "two"} {"id": "texts"}']
        good = ['{"id": "least", "n": -9223372036854775808}', '{"id": "most", "n": 9223372036854775807}',
                '{"id": "double", "d": 1e308}']
        project = self.of([line for pair in zip(bad, good + [good[0]] * len(bad)) for line in pair])
        _, flows = self.books(self.succeeds(self.done))
        stored = project.table("SELECT id, n FROM t")
        self.assertIn(("least", -(1 << 63)), stored)
        self.assertIn(("most", (1 << 63) - 1), stored)
        rejected = [letter["value"] for letter in self.letters(project)]
        self.assertEqual(flows["t"]["rejected"], len(rejected))
        for line in bad[:8]:
            self.assertIn(line, rejected)
        for letter in self.letters(project):
            self.assertTrue(letter["reason"] and letter["class"], letter)

    def test_missing_and_extra_keys_are_null_and_dropped(self):
        project = self.of(['{"id": "a"}', '{"id": "b", "unknown": {"deep": [1, 2]}, "n": 1}', "{}"])
        self.succeeds(self.done)
        self.assertEqual(project.table("SELECT id, n FROM t ORDER BY id"), [(None, None), ("a", None), ("b", 1)])

    def test_duplicate_keys_of_an_object_are_one_value(self):
        project = self.of(['{"id": "first", "id": "second", "n": 1, "n": 2}'])
        self.succeeds(self.done)
        self.assertEqual(project.table("SELECT id, n FROM t"), [("second", 2)])
        self.assertIn('"id": "first", "id": "second"', project.topic("s")[0]["value"])

    def test_lone_surrogates_nul_and_broken_utf8_never_stop_the_stream(self):
        project = self.of(['{"id": "nul \\u0000 end", "n": 1}', '{"id": "lone \\ud800 end", "n": 2}',
                           '{"id": "pair \\ud83d\\ude00 end", "n": 3}', '{"id": "raw \ud800 end", "n": 4}',
                           '{"id": "after", "n": 5}'])
        self.succeeds(self.done)
        stored = dict(project.table("SELECT n, CAST(id AS BLOB) FROM t"))
        self.assertEqual(stored[1], b"nul \x00 end")
        self.assertEqual(stored[3].decode(), "pair \U0001f600 end")
        self.assertEqual(stored[5], b"after")
        rejected = self.letters(project) if 2 not in stored or 4 not in stored else []
        self.assertEqual(len(stored) + len(rejected), 5)
        for number in (2, 4):
            if number in stored:
                stored[number].decode("utf-8")  # What is stored is text.
        export = project.sql("SELECT id FROM t WHERE n = 1", "-o", "json")
        self.assertEqual(json.loads(export.stdout)["rows"], [["nul \x00 end"]])

    def test_a_line_of_100_mb_fails_alone(self):
        project = self.project()
        (project.folder / "in").mkdir()
        with open(project.folder / "in" / "a.json", "w", encoding="utf-8") as file:
            file.write('{"id": "before"}\n{"id": "')
            for _ in range(100):
                file.write("x" * 1_000_000)
            file.write('"}\n{"id": "after"}\n')
        project.write("sources/s.sql",
                      f"CREATE TABLE s ({COLUMNS}) USING json OPTIONS ('path' = 'in', 'settleTime' = '0 s');\n")
        project.write("transformations/t.sql", TABLE)
        measured = subprocess.run(["bash", "-c", 'ulimit -v 4000000; exec "$@"', "-", MILLRACE, "run", project.folder,
                                   *NO_LISTENERS, "--until-caught-up", "--output", "json", "-q"],
                                  capture_output=True, text=True, timeout=60, check=False, env=environment())
        sources, _ = self.books(self.succeeds(measured))
        self.assertEqual((sources["s"]["published"], sources["s"]["failed"]), (2, 1))
        self.assertEqual(project.table("SELECT id FROM t ORDER BY id"), [("after",), ("before",)])
        letter = self.letters(project, "s")[0]
        self.assertEqual(letter["class"], "RECORD_TOO_LONG")

    def test_a_null_key_is_a_dead_letter_and_the_rest_goes_on(self):
        table = TABLE.replace("TABLE t", "TABLE t TBLPROPERTIES ('millrace.key' = 'id')")
        project = self.of(['{"id": null}', '{"n": 1}', '{"id": "a", "n": 2}'], table)
        self.succeeds(self.done)
        self.assertEqual(project.table("SELECT id, n FROM t"), [("a", 2)])
        self.assertEqual(len(self.letters(project)), 2)


class Disks(Case):
    def small_disk(self, size):
        """A file system of its own; None where nobody may make one."""
        folder = tempfile.mkdtemp(prefix="millrace-disk-")
        self.addCleanup(shutil.rmtree, folder, True)
        if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True,
                          check=False).returncode != 0:
            raise unittest.SkipTest("no file system can be mounted here")
        self.addCleanup(subprocess.run, ["umount", "-l", folder], check=False)
        return pathlib.Path(folder)

    def pipeline(self, lines=20_000):
        project = self.project()
        project.write("in/a.json", "".join(json.dumps({"n": n, "text": "x" * 1000}) + "\n" for n in range(lines)))
        project.write("sources/s.sql", "CREATE TABLE s (n BIGINT, text STRING) USING json "
                                       "OPTIONS ('path' = 'in', 'settleTime' = '0 s');\n")
        project.write("transformations/t.sql", "CREATE STREAMING TABLE t AS SELECT n, text FROM STREAM s;\n")
        return project

    def test_a_full_disk_pauses_says_so_and_goes_on_without_a_restart(self):
        disk = self.small_disk("60m")
        project = self.pipeline()
        project.data = disk / "data"
        ballast = disk / "ballast"
        ballast.write_bytes(b"x" * 18_000_000)
        port = free_port()
        process = project.start("-q", "--data", project.data, "--until-caught-up", "--set", "min.free=4MiB",
                                "--http-listen", f"127.0.0.1:{port}", "--kafka-listen", "off",
                                "--registry-listen", "off", "--output", "json", listeners=False)
        self.addCleanup(process.kill)
        with self.assertRaises(AssertionError):
            self.wait_for(lambda: process.poll() is not None, seconds=6)  # It waits for room, alive.
        ready = subprocess.run(["curl", "-s", f"http://127.0.0.1:{port}/readyz"], capture_output=True, text=True,
                               check=False).stdout
        alive = subprocess.run(["curl", "-s", f"http://127.0.0.1:{port}/livez"], capture_output=True, text=True,
                               check=False).stdout
        self.assertIn("log refuses appends", ready)
        self.assertEqual(alive, "ok\n")
        self.assertLess(project.table("SELECT count(*) FROM t")[0][0], 20_000)
        subprocess.run(["mount", "-o", "remount,size=400m", disk], check=True)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, err)
        self.assertEqual(json.loads(out.splitlines()[-1])["sources"][0]["published"], 20_000)
        self.assertEqual(project.table("SELECT count(*), count(DISTINCT n) FROM t"), [(20_000, 20_000)])

    def test_a_disk_that_fills_without_warning_loses_nothing_acknowledged(self):
        disk = self.small_disk("48m")
        project = self.pipeline()
        project.data = disk / "data"
        process = project.start("-q", "--data", project.data, "--set", "min.free=0")
        self.addCleanup(process.kill)
        time.sleep(4)
        self.stop(process)
        subprocess.run(["mount", "-o", "remount,size=400m", disk], check=True)
        self.succeeds(project.run("--until-caught-up", "--data", project.data, "--set", "min.free=0"))
        self.assertEqual(project.table("SELECT count(*), count(DISTINCT n) FROM t"), [(20_000, 20_000)])

    def test_a_read_only_disk_is_named(self):
        disk = self.small_disk("60m")
        project = self.pipeline(10)
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        self.fails(project.run("--for", "1s", "--data", disk / "data"), 1, str(disk / "data"), "Read-only file system")


class Taken(Case):
    def project_of_users(self, name="p"):
        project = self.project(name)
        project.write("sources/s.sql", "CREATE TABLE s (email STRING) USING randomuser OPTIONS ('rowsPerSecond' = '50');\n")
        project.write("transformations/t.sql", "CREATE STREAMING TABLE t AS SELECT email FROM STREAM s;\n")
        return project

    def test_a_port_of_another_program_is_named_with_its_process_and_the_flag(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            project = self.project_of_users()
            done = millrace("run", project.folder, "--http-listen", f"127.0.0.1:{port}", "--kafka-listen", "off",
                            "--registry-listen", "off", "--for", "1s")
        self.fails(done, 1, f"127.0.0.1:{port}", f"process {os.getpid()}", "--http-listen")

    def test_a_second_process_is_told_who_has_the_directory_and_other_commands_ask_it(self):
        project = self.project_of_users()
        process = project.start("-q")
        self.addCleanup(process.kill)
        self.wait_for(lambda: project.table("SELECT count(*) FROM t")[0][0] > 0)
        self.fails(project.run("--for", "1s"), 1, str(process.pid), "--data")
        self.assertGreater(project.rows("SELECT count(*) FROM t")[0][0], 0)
        self.assertGreater(project.end_offset("t"), 0)
        self.assertTrue(project.topic("t"))
        health = json.loads(millrace("health", "--project", project.folder, "--output", "json").stdout)
        self.assertEqual((health["pid"], health["live"], health["starting"]), (process.pid, True, False))
        self.stop(process)

    def test_a_socket_and_a_lock_left_by_a_killed_process_are_no_obstacle(self):
        project = self.project_of_users()
        process = project.start("-q")
        self.wait_for(lambda: project.table("SELECT count(*) FROM t")[0][0] > 0)
        process.kill()
        process.communicate()
        self.assertTrue((project.data / "control.sock").exists())
        self.assertGreater(project.rows("SELECT count(*) FROM t")[0][0], 0)
        self.succeeds(project.run("--records", "10"))


class Clock(Case):
    def test_a_wall_clock_that_jumps_back_and_forth_stops_nothing(self):
        library = os.environ.get("CLOCK_JUMP", "")
        if not library:
            raise unittest.SkipTest("the library clock_jump was not built")
        project = self.project()
        project.write("sources/s.sql", "CREATE TABLE s (email STRING) USING randomuser OPTIONS ('rowsPerSecond' = '50');\n")
        project.write("transformations/t.sql", "CREATE STREAMING TABLE t AS SELECT email, current_timestamp() AS at "
                                               "FROM STREAM s;\n")
        for days in (0, -400, 4000, 0):
            done = project.run("--records", "25", env=environment(LD_PRELOAD=library, CLOCK_JUMP_DAYS=str(days)))
            self.succeeds(done)
        self.assertEqual(project.table("SELECT count(*) FROM t"), [(100,)])
        times = [row[0] for row in project.table("SELECT at FROM t ORDER BY rowid")]
        self.assertEqual(times, sorted(times))  # The time of an epoch never goes back.


if __name__ == "__main__":
    main()
