"""The command line: exit codes, streams, JSON of every command, errors of a broken project."""
import json
import subprocess
import urllib.request

from millrace_e2e import MILLRACE, ROOT, Case, Project, environment, free_port, main, millrace

BROKEN_SOURCE = """CREATE TABLE users_api (
  id STRNG,
  name STRING
) USING randomuser OPTIONS ('rowsPerSecond' = '10');
CREATE TABLE other (id STRING) USING randomuserr;
CREATE TABLE slow (id STRING) USING randomuser OPTIONS ('rowsPerSecnd' = '10');
CREATE TABLE fast (id STRING) USING randomuser OPTIONS ('rowsPerSecond' = 'many');
"""
BROKEN_TABLES = """CREATE STREAMING TABLE t AS SELEC * FROM STREAM slow;
CREATE STREAMING TABLE u AS SELECT nme FROM STREAM sloow;
CREATE STREAMING TABLE v TBLPROPERTIES ('millrace.key' = 'idd') AS SELECT id FROM STREAM good;
"""
# file:line of each finding: all of every file, in one pass.
BROKEN_PLACES = {"sources/bad.sql:2", "sources/bad.sql:5", "sources/bad.sql:6", "sources/bad.sql:7",
                 "transformations/bad.sql:1", "transformations/bad.sql:2", "transformations/bad.sql:3"}


class Commands(Case):
    def small(self, records=5):
        project = self.project(f"p{records}")
        project.write("sources/s.sql", "CREATE TABLE s (gender STRING, nat STRING, email STRING) USING randomuser "
                                       "OPTIONS ('rowsPerSecond' = '500', 'seed' = '1');\n")
        project.write("transformations/t.sql", "CREATE STREAMING TABLE t AS SELECT email, nat FROM STREAM s;\n")
        self.succeeds(project.run("--records", records))
        return project

    def test_exit_codes_tell_usage_configuration_and_failure_apart(self):
        project = self.project()
        nowhere = self.folder / "nowhere"
        for code, arguments in {
                2: [[], ["rnu"], ["run", "--dta", "x"], ["run", "a", "b"], ["run", project.folder, "--for", "soon"],
                    ["sql"], ["sql", "SELECT 1", "--output", "yaml"], ["topics", "reed", "x"], ["init"],
                    ["init", "a b"], ["randomuser"]],
                78: [["run", nowhere], ["validate", nowhere], ["explain", nowhere],
                     ["sql", "SELECT 1", "--project", nowhere],
                     ["run", project.folder, "--set", "memory.mx=1GiB"],
                    ["run", self.small(1).folder, "--http-listen", "nonsense", "--kafka-listen", "off"]],
                1: [["sql", "SELECT nothing"], ["explain", "MR0000"], ["sql", "-f", nowhere]]}.items():
            for words in arguments:
                with self.subTest(words):
                    done = millrace(*words)
                    self.assertEqual(done.returncode, code, done.stdout + done.stderr)
                    self.assertTrue(done.stderr)

    def test_typing_errors_are_answered_with_what_was_meant(self):
        self.assertIn('did you mean "run"?', millrace("rnu").stderr)
        self.assertIn('did you mean "--data"?', millrace("run", "--dta", "x").stderr)
        self.assertIn('did you mean "read"?', millrace("topics", "reed", "x").stderr)

    def test_help_begins_with_examples_and_goes_to_standard_output(self):
        for words in (["--help"], ["run", "--help"], ["sql", "-h"]):
            done = self.succeeds(millrace(*words))
            self.assertLess(done.stdout.index("examples:"), done.stdout.index("flags"))
            self.assertEqual(done.stderr, "")

    def test_json_of_every_command_can_be_read(self):
        project = self.small()
        inside = ["--project", project.folder, "--output", "json"]
        keys = {
            ("version",): ["version"],
            ("explain", "MR1042"): ["code", "title", "explanation"],
            ("validate", project.folder): ["ok", "errors", "diagnostics"],
        }
        for words, wanted in keys.items():
            self.assertEqual(list(json.loads(self.succeeds(millrace(*words, "--output", "json")).stdout)), wanted)
        json.loads(self.succeeds(millrace("explain", project.folder, "--output", "json")).stdout)
        made = self.succeeds(millrace("init", "shop", "--output", "json", cwd=self.folder))
        self.assertIn("spark-pipeline.yml", json.loads(made.stdout)["files"])
        topics = json.loads(self.succeeds(millrace("topics", "list", *inside)).stdout)["topics"]
        self.assertEqual({t["name"]: t["end"] for t in topics if t["name"] in ("s", "t")}, {"s": 5, "t": 5})
        self.assertEqual(json.loads(millrace("topics", "describe", "t", *inside).stdout)["name"], "t")
        self.assertEqual(len(millrace("topics", "read", "t", "--limit", 2, *inside).stdout.splitlines()), 2)
        letters = json.loads(millrace("dead-letters", *inside).stdout)["dead_letters"]
        self.assertEqual(sum(letter["count"] for letter in letters), 0)
        self.assertFalse(json.loads(millrace("health", *inside).stdout)["live"])

    def test_the_options_of_a_connector_are_explained_and_documented(self):
        pages = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
        for connector in ("http", "randomuser", "faker", "json", "csv", "text"):
            schema = json.loads(self.succeeds(millrace("explain", connector, "--output", "json")).stdout)
            shown = self.succeeds(millrace("explain", connector)).stdout
            self.assertTrue(shown.startswith(f"USING {connector}: "), shown)
            begin = pages.index(f"## {connector}\n")
            page = pages[begin:pages.find("\n## ", begin + 1) % (len(pages) + 1)]
            for option in schema["properties"]:
                self.assertIn(option.split(".")[0], shown)
                self.assertIn(f"`{option.split('.')[0]}", page)

    def test_sql_prints_tables_json_and_csv(self):
        query = "SELECT 1 AS a, 'x,y' AS b, NULL AS c, array(1, 2) AS d; SELECT nope; SELECT '東京' AS town"
        done = self.fails(millrace("sql", query, "--output", "json"), 1)
        first, second, third = map(json.loads, done.stdout.splitlines())
        self.assertEqual([c["type"] for c in first["columns"]], ["int", "string", "void", "array<int>"])
        self.assertEqual(first["rows"], [[1, "x,y", None, [1, 2]]])
        self.assertEqual((second["error"]["class"], second["error"]["sqlstate"], second["error"]["line"]),
                         ("UNRESOLVED_COLUMN.WITHOUT_SUGGESTION", "42703", 1))
        self.assertEqual(second["error"]["column"], query.index("nope") + 1)
        self.assertEqual(third["rows"], [["東京"]])
        table = self.succeeds(millrace("sql", "SELECT '東京' AS town, NULL AS n, 12 AS m"))
        self.assertEqual(table.stdout, "town  n      m\n────  ────  ──\n東京  NULL  12\n(1 row)\n")
        csv = self.succeeds(millrace("sql", "SELECT 'a,b' AS x, NULL AS y, '' AS z", "-o", "csv"))
        self.assertEqual(csv.stdout, 'x,y,z\n"a,b",,""\n')
        caret = self.fails(millrace("sql", "SELECT nope"), 1, "query:1:8", "^^^^")
        self.assertEqual(caret.stdout, "")

    def test_sql_reads_files_without_a_project_and_statements_from_a_file(self):
        (self.folder / "file.jsonl").write_text('{"a": 1, "b": "x"}\n{"a": 2, "b": "é"}\n', encoding="utf-8")
        done = self.succeeds(millrace("sql", "SELECT * FROM json.`file.jsonl` ORDER BY a LIMIT 3", "-o", "json",
                                      cwd=self.folder))
        self.assertEqual(json.loads(done.stdout)["rows"], [[1, "x"], [2, "é"]])
        (self.folder / "q.sql").write_text("SELECT 1 AS a;\nSELECT 2 AS a;\n")
        done = self.succeeds(millrace("sql", "-f", "q.sql", "-o", "json", cwd=self.folder))
        self.assertEqual([json.loads(line)["rows"] for line in done.stdout.splitlines()], [[[1]], [[2]]])
        done = self.succeeds(millrace("sql", "-f", "-", "-o", "json", stdin="SELECT 3"))
        self.assertEqual(json.loads(done.stdout)["rows"], [[3]])

    def test_sql_knows_tables_and_topics_of_a_project(self):
        project = self.small()
        self.assertEqual(project.rows("SELECT count(*) FROM t"), [[5]])
        self.assertEqual(project.rows("SELECT count(*) FROM s"), [[5]])
        self.assertIn("t", [row[-2] if len(row) > 2 else row[0] for row in project.rows("SHOW TABLES")])

    def test_a_reader_that_goes_away_ends_it_quietly(self):
        line = f"set -o pipefail; '{MILLRACE}' sql 'SELECT id FROM range(200000)' | head -n 2"
        done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, env=environment(), check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(len(done.stdout.splitlines()), 2)
        full = subprocess.run(["bash", "-c", f"'{MILLRACE}' version > /dev/full"], capture_output=True, text=True,
                              env=environment(), check=False)
        self.assertEqual(full.returncode, 1)
        self.assertIn("standard output", full.stderr)

    def test_validate_names_every_fault_of_every_file(self):
        project = self.project()
        project.write("sources/bad.sql", BROKEN_SOURCE)
        project.write("sources/good.sql", "CREATE TABLE good (id STRING) USING randomuser;\n")
        project.write("transformations/bad.sql", BROKEN_TABLES)
        done = self.fails(millrace("validate", ".", cwd=project.folder), 78, 'did you mean "randomuser"?',
                          'did you mean "rowsPerSecond"?', "^", "help:", "errors")
        self.assertEqual(done.stdout, "")
        found = json.loads(millrace("validate", project.folder, "--output", "json").stdout)
        self.assertFalse(found["ok"])
        places = {f"{d['file']}:{d['line']}".removeprefix(f"{project.folder}/") for d in found["diagnostics"]}
        self.assertEqual(BROKEN_PLACES - places, set(), done.stderr)
        self.assertFalse((project.folder / ".millrace").exists())
        self.fails(project.run("--for", "1s"), 78)

    def test_validate_and_explain_tell_what_a_project_does(self):
        project = self.small()
        self.assertIn("1 sources, 1 tables", self.succeeds(millrace("validate", project.folder)).stdout)
        explained = self.succeeds(millrace("explain", project.folder)).stdout
        for part in ("s", "t", "exactly"):
            self.assertIn(part, explained)

    def test_full_refresh_makes_a_table_anew(self):
        project = self.small()
        project.write("transformations/t.sql", "CREATE STREAMING TABLE t AS SELECT upper(email) AS email, nat "
                                               "FROM STREAM s;\n")
        self.succeeds(project.run("--records", 5, "--full-refresh", "t"))
        rows = project.table("SELECT email FROM t")
        self.assertEqual((len(rows), [r for (r,) in rows if r != r.upper()]), (10, []))
        self.fails(project.run("--full-refresh", "nope", "--for", "1s"), 2, "nope")

    def test_randomuser_answers_as_the_real_api(self):
        port = free_port()
        process = subprocess.Popen([MILLRACE, "randomuser", "--port", str(port)], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, env=environment())
        self.addCleanup(process.kill)
        self.assertEqual(process.stdout.readline(), f"http://127.0.0.1:{port}/api/\n")
        for path in ("api/?results=3&seed=x&nat=no", "api/1.4/?results=3&seed=x&nat=no"):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=5) as answer:
                users = json.load(answer)
            self.assertEqual([u["nat"] for u in users["results"]], ["NO"] * 3)
            self.assertEqual((users["info"]["seed"], users["info"]["version"]), ("x", "1.4"))
        taken = millrace("randomuser", "--port", port)
        self.fails(taken, 1, str(process.pid), "--port")
        _, _, took = self.stop(process)
        self.assertEqual(process.returncode, 0)
        self.assertLess(took, 5)

    def test_a_run_without_colours_and_a_quiet_one(self):
        project = self.small()
        quiet = self.succeeds(project.run("--records", 5, "-q"))
        self.assertEqual(quiet.stderr, "")

    def test_replay_wants_to_be_told_and_counts(self):
        project = self.project()
        project.write("in/a.json", '{"id": "1"}\n{"id": null}\n{"id": "3"}\n')
        project.write("sources/s.sql", "CREATE TABLE s (id STRING) USING json OPTIONS ('path' = 'in', 'settleTime' = '0 s');\n")
        project.write("transformations/t.sql", "CREATE STREAMING TABLE t TBLPROPERTIES ('millrace.key' = 'id') AS "
                                               "SELECT * FROM STREAM s;\n")
        self.succeeds(project.run("--until-caught-up"))
        inside = ["--project", project.folder]
        self.fails(millrace("dead-letters", "replay", "t", *inside, stdin=""), 2, "--yes")
        done = self.succeeds(millrace("dead-letters", "replay", "t", "--yes", *inside, "--output", "json"))
        self.assertEqual(json.loads(done.stdout)["replayed"], 1)
        self.assertEqual(project.end_offset("s"), 4)
        shown = self.succeeds(millrace("dead-letters", "show", "t", *inside)).stdout
        self.assertIn("s:0@1", shown)
        self.assertIsInstance(project, Project)


if __name__ == "__main__":
    main()
