"""Case J: kill -9 of the real program at any moment, and again; counted in tables.db and the log."""
import contextlib
import json
import random
import shutil
import signal
import sqlite3
import time

from millrace_e2e import Case, environment, main

RECORDS = 400_000
ROUNDS = 8
# Where the program may be killed by itself (base/fault.h), and at which passes.
POINTS = ("feed.append", "feed.appended", "flow.append", "flow.appended", "tables.commit", "tables.committed",
          "wal.write", "wal.sync", "log.published", "segment.write", "segment.sync", "checkpoint.write",
          "checkpoint.rename", "checkpoint.published", "file.rename", "file.sync_dir")


class Kill(Case):
    def rows(self, project, table):
        return project.table(f"SELECT count(*), count(DISTINCT n), min(n), max(n) FROM {table}")[0]

    def test_every_record_is_there_exactly_once_after_many_kills(self):
        chance = random.Random(7)
        project = self.project()
        (project.folder / "in").mkdir()
        for part in range(4):
            size = RECORDS // 4
            lines = "".join(json.dumps({"n": n, "text": "x" * (n % 200)}) + "\n"
                            for n in range(part * size, (part + 1) * size))
            project.write(f"in/{part}.json", lines)
        project.write("sources/s.sql", "CREATE TABLE s (n BIGINT, text STRING) USING json "
                                       "OPTIONS ('path' = 'in', 'settleTime' = '0 s');\n")
        project.write("transformations/t.sql",
                      "CREATE STREAMING TABLE kept AS SELECT n, upper(text) AS text FROM STREAM s;\n"
                      "CREATE STREAMING TABLE keyed TBLPROPERTIES ('millrace.key' = 'n') AS\n"
                      "SELECT n, length(text) AS size FROM STREAM kept WHERE n % 2 = 0;\n")
        unfinished = 0
        for number in range(ROUNDS):
            process = project.start("-q")
            time.sleep(chance.uniform(0.05, 0.4))
            self.assertIsNone(process.poll())
            process.send_signal(signal.SIGKILL)
            process.communicate()
            with contextlib.suppress(sqlite3.Error):
                count = self.rows(project, "keyed")[0]
                print(f"kill {number}: {count} of {RECORDS // 2} rows")
                unfinished += count < RECORDS // 2
        print(f"{unfinished} kills before the end")
        self.assertGreater(unfinished, 2)
        done = self.succeeds(project.run("--until-caught-up"))
        _, flows = self.books(done)
        self.assertEqual(self.rows(project, "kept"), (RECORDS, RECORDS, 0, RECORDS - 1))
        self.assertEqual(self.rows(project, "keyed"), (RECORDS // 2, RECORDS // 2, 0, RECORDS - 2))
        self.assertEqual([project.end_offset(t) for t in ("s", "kept", "keyed")],
                         [RECORDS, RECORDS, RECORDS // 2])
        self.assertEqual((flows["kept"]["read"], flows["keyed"]["read"], flows["keyed"]["filtered"]),
                         (RECORDS, RECORDS, RECORDS // 2))

    def test_a_kill_at_every_named_place_loses_and_doubles_nothing(self):
        for point in POINTS:
            with self.subTest(point):
                project = self.project(point)
                project.write("in/a.json", "".join(f'{{"n": {n}}}\n' for n in range(20_000)))
                project.write("sources/s.sql", "CREATE TABLE s (n BIGINT) USING json "
                                               "OPTIONS ('path' = 'in', 'settleTime' = '0 s');\n")
                project.write("transformations/t.sql",
                              "CREATE STREAMING TABLE kept AS SELECT n FROM STREAM s;\n"
                              "CREATE STREAMING TABLE keyed TBLPROPERTIES ('millrace.key' = 'n') AS\n"
                              "SELECT n FROM STREAM kept WHERE n % 2 = 0;\n")
                killed = 0
                for number in (1, 2, 3):
                    done = project.run("--until-caught-up",
                                       env=environment(MILLRACE_FAULT=f"{point}:{number}:kill"))
                    self.assertIn(done.returncode, (0, 137), done.stderr)
                    killed += done.returncode == 137
                print(f"{point}: {killed} kills")
                self.assertGreater(killed, 0)
                self.succeeds(project.run("--until-caught-up"))
                self.assertEqual(self.rows(project, "kept"), (20_000, 20_000, 0, 19_999))
                self.assertEqual(self.rows(project, "keyed"), (10_000, 10_000, 0, 19_998))
                self.assertEqual([project.end_offset(t) for t in ("s", "kept", "keyed")], [20_000, 20_000, 10_000])

    def test_a_log_that_was_wiped_under_its_tables_is_an_error_with_a_way_out(self):
        project = self.project()
        project.write("in/a.json", "".join(f'{{"n": {n}}}\n' for n in range(100)))
        project.write("sources/s.sql",
                      "CREATE TABLE s (n BIGINT) USING json OPTIONS ('path' = 'in', 'settleTime' = '0 s');\n")
        project.write("transformations/t.sql", "CREATE STREAMING TABLE t AS SELECT n FROM STREAM s;\n")
        self.succeeds(project.run("--until-caught-up"))
        kept = {name: (project.data / name).read_bytes() for name in ("tables.db",)}
        shutil.rmtree(project.data)
        project.data.mkdir()
        for name, data in kept.items():
            (project.data / name).write_bytes(data)
        done = project.run("--until-caught-up")
        if done.returncode != 0:
            self.assertIn("tables.db", done.stderr)
            (project.data / "tables.db").unlink()
            self.succeeds(project.run("--until-caught-up"))
        self.assertEqual(self.rows(project, "t"), (100, 100, 0, 99))

    def test_tables_db_is_made_anew_from_the_log(self):
        project = self.project()
        project.write("in/a.json", "".join(f'{{"n": {n}}}\n' for n in range(100)))
        project.write("sources/s.sql",
                      "CREATE TABLE s (n BIGINT) USING json OPTIONS ('path' = 'in', 'settleTime' = '0 s');\n")
        project.write("transformations/t.sql", "CREATE STREAMING TABLE t AS SELECT n FROM STREAM s;\n")
        self.succeeds(project.run("--until-caught-up"))
        for file in project.data.glob("tables.db*"):
            file.unlink()
        self.succeeds(project.run("--until-caught-up"))
        self.assertEqual(self.rows(project, "t"), (100, 100, 0, 99))


if __name__ == "__main__":
    main()
