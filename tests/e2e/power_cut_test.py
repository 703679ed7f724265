"""Case J on a machine that loses its power: the real program, whose disk forgets what was not synced (preload/power_cut.cc).

Counted in tables.db and the log, never by the program's own counters. Mutation checks: with a sync made a no-op, some
history must lose something that was seen, or must not open any more."""
import contextlib
import json
import os
import pathlib
import random
import sqlite3
import subprocess
import unittest

from millrace_e2e import MILLRACE, NO_LISTENERS, Case, environment, main

LIBRARY = os.environ.get("POWER_CUT", "")
RECORDS = 30_000


class History:
    """One data directory through several power cuts. wrong: what an observer of its tables finds wrong."""

    def __init__(self, project, seed, no_sync=""):
        self.project = project
        self.chance = random.Random(seed)
        self.no_sync = no_sync
        self.wrong = []
        self.cuts = []
        self.mark = pathlib.Path(f"{project.folder}.mark")

    def life(self, at, *flags):
        """Runs until the cut; then what was seen before must be there."""
        self.mark.unlink(missing_ok=True)
        extra = {"LD_PRELOAD": LIBRARY, "POWER_CUT_ROOT": str(self.project.data), "POWER_CUT_AT": str(at),
                 "POWER_CUT_SEED": str(self.chance.randrange(1 << 30)), "POWER_CUT_NOSYNC": self.no_sync,
                 "POWER_CUT_MARK": str(self.mark)}
        process = subprocess.Popen([MILLRACE, "run", str(self.project.folder), *NO_LISTENERS, "-q", *flags],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   env=environment(**extra))
        seen = 0
        while process.poll() is None:
            with contextlib.suppress(sqlite3.Error):
                count = self.project.table("SELECT count(*) FROM kept")[0][0]
                seen = seen if self.mark.exists() else max(seen, count)
        _, err = process.communicate(timeout=30)
        self.cuts += [line for line in err.splitlines() if line.startswith("power cut")]
        if process.returncode not in (0, 137):
            self.wrong.append(f"it does not run: {err[-300:]}")
        elif seen > 0:
            self.look(seen)
        return process.returncode

    def look(self, seen):
        try:
            with contextlib.closing(sqlite3.connect(self.project.data / "tables.db")) as database:
                kept = database.execute("SELECT count(*) FROM kept").fetchone()[0]
                whole = database.execute("PRAGMA integrity_check").fetchone()[0]
            if kept < seen or whole != "ok":
                self.wrong.append(f"{seen} rows were seen, {kept} are there after the cut; {whole}")
        except sqlite3.Error as error:
            self.wrong.append(f"tables.db after the cut: {error}")

    def run(self, cuts):
        for _ in range(cuts):
            if not self.wrong:
                self.life(self.chance.choice((30, 100, 300)) + self.chance.randrange(200))
        if not self.wrong:
            self.life("exit", "--until-caught-up")
        if not self.wrong:
            self.end()
        return self.wrong

    def end(self):
        done = self.project.run("--until-caught-up")
        if done.returncode != 0:
            self.wrong.append(f"the last run: {done.stderr[-300:]}")
            return
        for table, rows in (("kept", RECORDS), ("keyed", RECORDS // 2)):
            found = self.project.table(f"SELECT count(*), count(DISTINCT n) FROM {table}")[0]
            if found != (rows, rows) or self.project.end_offset(table) != rows:
                self.wrong.append(f"{table} has {found} rows, its topic {self.project.end_offset(table)}, not {rows}")
        if self.project.end_offset("s") != RECORDS:
            self.wrong.append(f"the source's topic has {self.project.end_offset('s')} records, not {RECORDS}")


@unittest.skipUnless(LIBRARY, "the library power_cut was not built")
class PowerCut(Case):
    def history(self, name, seed, no_sync=""):
        project = self.project(name)
        for part in range(3):
            size = RECORDS // 3
            project.write(f"in/{part}.json", "".join(json.dumps({"n": n, "text": "x" * (n % 100)}) + "\n"
                                                     for n in range(part * size, (part + 1) * size)))
        project.write("sources/s.sql", "CREATE TABLE s (n BIGINT, text STRING) USING json "
                                       "OPTIONS ('path' = 'in', 'settleTime' = '0 s');\n")
        project.write("transformations/t.sql",
                      "CREATE STREAMING TABLE kept AS SELECT n, upper(text) AS text FROM STREAM s;\n"
                      "CREATE STREAMING TABLE keyed TBLPROPERTIES ('millrace.key' = 'n') AS\n"
                      "SELECT n, length(text) AS size FROM STREAM kept WHERE n % 2 = 0;\n")
        return History(project, seed, no_sync)

    def test_nothing_seen_is_lost_and_nothing_is_there_twice(self):
        for seed in range(3):
            history = self.history(f"p{seed}", seed)
            self.assertEqual(history.run(cuts=4), [])
            print("\n".join(history.cuts))

    def found(self, no_sync):
        for seed in range(6):
            wrong = self.history(f"{no_sync[:3]}{seed}", seed, no_sync).run(cuts=3)
            if wrong:
                print(f"{no_sync}: seed {seed}: {wrong[0]}")
                return True
        return False

    def test_a_wal_that_is_not_synced_is_found(self):
        self.assertTrue(self.found("file:/wal/"))

    def test_segments_that_are_not_synced_are_found(self):
        self.assertTrue(self.found("file:/topics/"))

    def test_a_folder_that_is_not_synced_is_found(self):
        self.assertTrue(self.found("dir:"))

    def test_tables_db_that_is_not_synced_is_found(self):
        self.assertTrue(self.found("file:tables.db"))


if __name__ == "__main__":
    main()
