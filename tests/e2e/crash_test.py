"""Case J: kill -9 of the real program at any moment, and again; counted in tables.db and the log."""
import contextlib
import json
import random
import signal
import sqlite3
import time

from millrace_e2e import Case, main

RECORDS = 100_000
ROUNDS = 8


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
            time.sleep(chance.uniform(0.05, 0.7))
            self.assertIsNone(process.poll())
            process.send_signal(signal.SIGKILL)
            process.communicate()
            with contextlib.suppress(sqlite3.Error):
                count = self.rows(project, "keyed")[0]
                print(f"kill {number}: {count} of {RECORDS // 2} rows")
                unfinished += count < RECORDS // 2
        print(f"{unfinished} kills before the end")
        done = self.succeeds(project.run("--until-caught-up"))
        _, flows = self.books(done)
        self.assertEqual(self.rows(project, "kept"), (RECORDS, RECORDS, 0, RECORDS - 1))
        self.assertEqual(self.rows(project, "keyed"), (RECORDS // 2, RECORDS // 2, 0, RECORDS - 2))
        self.assertEqual([project.end_offset(t) for t in ("s", "kept", "keyed")],
                         [RECORDS, RECORDS, RECORDS // 2])
        self.assertEqual((flows["kept"]["read"], flows["keyed"]["read"], flows["keyed"]["filtered"]),
                         (RECORDS, RECORDS, RECORDS // 2))

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
