"""Cases E, F, H, L and M of the acceptance list, sentence by sentence."""
import json
import pathlib
import statistics
import subprocess
import time
import unittest
import urllib.request

from millrace_e2e import (CREATED_USERS, FIXTURES, MILLRACE, NO_LISTENERS, USER_COLUMNS, USERS_CREATED, Case,
                          environment, free_port, main, millrace, ok)

PEOPLE = "CREATE TABLE people (name STRING, address STRING, created_at STRING) USING json " \
         "OPTIONS ('path' = 'in', 'settleTime' = '0 s', 'topic' = 'quickstart-events');\n"


class ProducedNothing(Case):
    """E: a run that was to produce and produced nothing is not green."""

    def lines(self, text, table, columns="id STRING", name="p"):
        project = self.project(name)
        project.write("in/a.json", text)
        project.write("sources/s.sql",
                      f"CREATE TABLE s ({columns}) USING json OPTIONS ('path' = 'in', 'settleTime' = '0 s');\n")
        project.write("transformations/t.sql", table)
        return project

    def test_a_source_that_has_not_answered_when_the_time_is_over(self):
        project = self.users_project(self.api(ok({"results": []}, delay=30)).url)
        begin = time.monotonic()
        done = project.run("--for", "1s")
        self.assertLess(time.monotonic() - begin, 6)
        self.fails(done, 1, "source users_api published nothing", "it had not answered")
        sources, _ = self.books(done)
        self.assertEqual(sources["users_api"], {"name": "users_api", "fetched": 0, "published": 0, "failed": 0})

    def test_a_source_that_only_failed_when_the_time_is_over(self):
        source = self.api((503, {}, "no", 0))
        done = self.users_project(source.url, ", 'retryWait' = '50 ms'").run("--for", "1s")
        self.fails(done, 1, "source users_api published nothing", "503")
        self.assertGreater(self.books(done)[0]["users_api"]["failed"], 0)

    def test_a_source_whose_folder_is_not_there(self):
        project = self.lines('{"id": "1"}\n', "CREATE STREAMING TABLE t AS SELECT id FROM STREAM s;\n")
        (project.folder / "in" / "a.json").unlink()
        (project.folder / "in").rmdir()
        for bound in (["--until-caught-up"], ["--for", "1s"]):
            self.fails(project.run(*bound), 1, "source s published nothing")

    def test_records_that_were_asked_for_and_did_not_come(self):
        project = self.project()
        project.write("sources/s.sql", "CREATE TABLE s USING faker OPTIONS ('rows-per-second' = '1000', "
                                       "'number-of-rows' = '5', 'fields.id.expression' = '#{Number.digits ''3''}');\n")
        project.write("transformations/t.sql", "CREATE STREAMING TABLE t AS SELECT value FROM STREAM s;\n")
        sources, _ = self.books(self.succeeds(project.run("--records", "10")))
        self.assertEqual(sources["s"]["published"], 5)
        self.fails(project.run("--records", "10"), 1, "source s published nothing of the 10 records")
        self.succeeds(project.run("--until-caught-up"))

    def test_nothing_new_is_no_failure(self):
        project = self.lines('{"id": "1"}\n', "CREATE STREAMING TABLE t AS SELECT id FROM STREAM s;\n")
        for bound in (["--until-caught-up"], ["--until-caught-up"], ["--for", "1s"]):
            self.succeeds(project.run(*bound))
        self.assertEqual(project.table("SELECT count(*) FROM t"), [(1,)])

    def test_an_answer_without_records_may_be_good_news_when_the_source_says_so(self):
        project = self.users_project(self.api(ok({"results": []})).url, ", 'allowEmpty' = 'true'")
        self.succeeds(project.run("--until-caught-up"))

    def test_a_table_that_stays_empty_though_records_came(self):
        # The class of "keyspace and table exist, table empty": every id is null, every row is filtered out.
        table = "CREATE STREAMING TABLE t AS SELECT id FROM STREAM s WHERE id IS NOT NULL;\n"
        for bound in (["--until-caught-up"], ["--for", "1s"], ["--records", "5"]):
            with self.subTest(bound):
                done = self.lines('{"uuid": "1"}\n' * 5, table, name=bound[0]).run(*bound)
                self.fails(done, 1, "flow t read 5 records", "its table t is empty", "millrace.allow_empty")
                _, flows = self.books(done)
                self.assertEqual((flows["t"]["read"], flows["t"]["filtered"]), (5, 5))
        allowed = table.replace(" AS ", " TBLPROPERTIES ('millrace.allow_empty' = 'true') AS ", 1)
        project = self.lines('{"uuid": "1"}\n' * 5, allowed)
        self.succeeds(project.run("--until-caught-up"))

    def test_a_filter_that_lets_some_through_is_no_failure(self):
        project = self.lines('{"id": "1"}\n{"id": null}\n',
                             "CREATE STREAMING TABLE t AS SELECT id FROM STREAM s WHERE id IS NOT NULL;\n")
        self.succeeds(project.run("--until-caught-up"))
        project.write("in/b.json", '{"id": null}\n')
        self.succeeds(project.run("--until-caught-up"))

    def test_a_run_whose_every_record_is_rejected(self):
        project = self.lines('{"id": "x"}\n', "CREATE STREAMING TABLE t AS SELECT CAST(id AS INT) AS n FROM STREAM s;\n")
        self.fails(project.run("--until-caught-up", "--set", "max_rejected=1"), 1,
                   "flow t read 1 records and wrote none", "dead-letters show t")
        project.write("in/b.json", '{"id": "1"}\n')
        self.succeeds(project.run("--until-caught-up", "--set", "max_rejected=1"))
        project.write("in/c.json", '{"id": "y"}\n')
        self.fails(project.run("--until-caught-up", "--set", "max_rejected=1"), 1, "wrote none")


class SourceFails(Case):
    """F: bounded backoff, the bound holds, counts reported, honest exit status."""
    KINDS = {
        "429": (429, {"Retry-After": "3600"}, '{"error": "Whoa, ease up there cowboy."}', 0),
        "503": (503, {}, "<html>sorry</html>", 0),
        "403 html": (403, {"Content-Type": "text/html"}, "<html>forbidden</html>", 0),
        "hangs": ok({"results": []}, delay=60),
        "html": (200, {"Content-Type": "text/html"}, "<html>log in</html>", 0),
        "empty": ok({"results": []}),
        "error": ok({"error": "Uh oh, something has gone wrong."}),
        "reset": "reset",
        "10 MB": ok(b'{"results":["' + b"x" * 11_000_000 + b'"]}'),
        "wrong json": ok('{"results": [{"gender": "male"'),
        "no list": ok({"results": "none"}),
    }

    def test_the_bound_holds_whatever_the_source_does(self):
        for number, (kind, step) in enumerate(self.KINDS.items()):
            with self.subTest(kind):
                source = self.api(step)
                project = self.users_project(source.url, ", 'interval' = '0 s', 'retryWait' = '100 ms'",
                                             name=f"p{number}")
                begin = time.monotonic()
                done = project.run("--for", "2s")
                self.assertLess(time.monotonic() - begin, 6)
                self.fails(done, 1, "source users_api published nothing")
                self.assertEqual(self.books(done)[0]["users_api"]["published"], 0)
                # 100, 200, 400, 800 ms, each at least half of that.
                self.assertLessEqual(source.requests, 8)

    def test_the_backoff_grows_and_the_books_count_each_try(self):
        source = self.api((503, {}, "no", 0))
        project = self.users_project(source.url, ", 'interval' = '0 s', 'retries' = '3', 'retryWait' = '50 ms'")
        done = project.run("--for", "3s")
        failed = self.books(done)[0]["users_api"]["failed"]
        self.assertGreater(failed, 3)
        self.assertIn(source.requests, (failed, failed + 1))
        letters = project.topic("users_api.dead_letter")
        self.assertEqual(len(letters), failed)
        gaps = [later - earlier for earlier, later in zip(source.times, source.times[1:])]
        self.assertGreater(gaps[-1], gaps[0])

    def test_a_source_that_comes_back_within_the_bound_is_no_failure(self):
        users = (FIXTURES / "one.json").read_text(encoding="utf-8")
        source = self.api((429, {"Retry-After": "1"}, "{}", 0), (503, {}, "no", 0), ok(users))
        project = self.users_project(source.url, ", 'interval' = '30 s', 'retryWait' = '50 ms'")
        done = self.succeeds(project.run("--for", "4s"))
        sources, _ = self.books(done)
        self.assertEqual((sources["users_api"]["published"], sources["users_api"]["failed"]), (1, 2))
        self.assertGreaterEqual(source.times[1] - source.times[0], 1)


class PeopleEverySeconds(Case):
    """H: pipeline 1, three keys, address with a newline, a record each 4 s for 60 s, twenty times as fast."""

    def test_fifteen_records_in_the_time_of_fifteen(self):
        project = self.project()
        project.write("sources/people.sql",
                      "CREATE TABLE people (name STRING, address STRING, created_at STRING) USING faker OPTIONS (\n"
                      "  'topic' = 'quickstart-events', 'rows-per-second' = '5',\n"
                      "  'fields.name.expression' = '#{Name.fullName}',\n"
                      "  'fields.address.expression' = '#{Address.streetAddress}\\n#{Address.city}',\n"
                      "  'fields.created_at.expression' = '#{number.numberBetween ''1970'',''2024''}');\n")
        project.write("transformations/t.sql", "CREATE STREAMING TABLE created_users AS SELECT * FROM STREAM people;\n")
        done = self.succeeds(project.run("--for", "2900ms"))
        self.assertEqual(self.books(done)[0]["people"]["published"], 15)
        records = [json.loads(r["value"]) for r in project.topic("quickstart-events")]
        self.assertEqual(len(records), 15)
        for record in records:
            self.assertEqual(list(record), ["name", "address", "created_at"])
            self.assertIn("\n", record["address"])
        self.assertEqual(project.table("SELECT count(*) FROM created_users WHERE instr(address, char(10)) > 0"), [(15,)])

    def test_a_newline_stays_an_escape_on_the_topic_and_a_newline_in_the_table(self):
        address = "861 Jimenez Springs\nLake Williamborough, MI 43615"
        project = self.project()
        project.write("in/a.json", json.dumps({"name": "Ann", "address": address, "created_at": "1983"}) + "\n")
        project.write("sources/people.sql", PEOPLE)
        project.write("transformations/t.sql", "CREATE STREAMING TABLE t AS SELECT * FROM STREAM people;\n")
        self.succeeds(project.run("--until-caught-up"))
        self.assertIn("Springs\\nLake", project.topic("quickstart-events")[0]["value"])
        self.assertIn("Springs\\nLake", project.topic("t")[0]["value"])
        self.assertEqual(project.table("SELECT address, created_at, typeof(created_at) FROM t"),
                         [(address, "1983", "text")])

    def test_with_the_name_as_key_the_last_of_each_name_stays(self):
        project = self.project()
        project.write("in/a.json", "".join(json.dumps({"name": f"n{n % 3}", "address": f"a{n}", "created_at": "1"}) + "\n"
                                           for n in range(15)))
        project.write("sources/people.sql", PEOPLE)
        project.write("transformations/t.sql", "CREATE STREAMING TABLE created_users TBLPROPERTIES "
                                               "('millrace.key' = 'name') AS SELECT * FROM STREAM people;\n")
        self.succeeds(project.run("--until-caught-up"))
        self.assertEqual(project.table("SELECT name, address FROM created_users ORDER BY name"),
                         [("n0", "a12"), ("n1", "a13"), ("n2", "a14")])
        self.assertEqual(project.end_offset("created_users"), 15)

    def test_a_key_that_names_nothing_is_refused_with_its_place(self):
        for key, text in (("", "names no column"), ("nmae", 'did you mean "name"?')):
            project = self.project(f"p{len(key)}")
            project.write("sources/people.sql", PEOPLE)
            project.write("transformations/t.sql", f"CREATE STREAMING TABLE t TBLPROPERTIES ('millrace.key' = '{key}') "
                                                   "AS SELECT * FROM STREAM people;\n")
            self.fails(millrace("validate", project.folder), 78, "transformations/t.sql:1:", text)

    def test_two_tables_of_one_source_each_get_all_of_it(self):
        project = self.project()
        project.write("in/a.json", "".join(json.dumps({"name": f"n{n}", "address": "a", "created_at": "1"}) + "\n"
                                           for n in range(50)))
        project.write("sources/people.sql", PEOPLE)
        project.write("transformations/t.sql",
                      "CREATE TEMPORARY VIEW v AS SELECT uuid() AS id, name FROM STREAM people;\n"
                      "CREATE STREAMING TABLE one TBLPROPERTIES ('millrace.key' = 'id') AS SELECT * FROM STREAM v;\n"
                      "CREATE STREAMING TABLE two AS SELECT * FROM STREAM v;\n"
                      "CREATE STREAMING TABLE three AS SELECT CAST(name AS INT) AS n FROM STREAM people;\n")
        done = project.run("--until-caught-up")
        self.fails(done, 1, "flow three")  # The bad one is red and holds up nobody.
        _, flows = self.books(done)
        self.assertEqual([(flows[f]["accepted"], flows[f]["rejected"]) for f in ("one", "two", "three")],
                         [(50, 0), (50, 0), (0, 50)])
        self.assertEqual(project.table("SELECT count(*) FROM one JOIN two USING (id, name)"), [(50,)])


class StartOrder(Case):
    """L: consumer before topic, store before producer."""

    def test_a_consumer_waits_for_a_topic_that_nobody_has_made(self):
        consumer = self.project("consumer")
        consumer.write("sources/later.sql", "CREATE TABLE later USING kafka OPTIONS ('topic' = 'people_topic');\n")
        consumer.write("transformations/t.sql",
                       "CREATE STREAMING TABLE seen AS SELECT CAST(value AS STRING) AS v FROM STREAM later;\n")
        data = ["--data", str(self.folder / "data")]
        self.succeeds(consumer.run("--until-caught-up", *data))
        self.assertEqual(consumer.sql("SELECT count(*) FROM seen", *data, "-o", "csv").stdout.split(), ["count(1)", "0"])
        producer = self.project("producer")
        producer.write("in/a.json", '{"n": 1}\n{"n": 2}\n')
        producer.write("sources/s.sql", "CREATE TABLE s USING json OPTIONS ('path' = 'in', 'settleTime' = '0 s', "
                                        "'topic' = 'people_topic');\n")
        producer.write("transformations/t.sql", "CREATE STREAMING TABLE copied AS SELECT value FROM STREAM s;\n")
        self.succeeds(producer.run("--until-caught-up", *data))
        self.succeeds(consumer.run("--until-caught-up", *data))
        answer = consumer.sql("SELECT v FROM seen ORDER BY v", *data, "-o", "json")
        self.assertEqual(json.loads(answer.stdout)["rows"], [['{"n": 1}'], ['{"n": 2}']])


class OneProcess(Case):
    """M: one process, one command, no network needed; start < 1 s; memory stated; ports configurable."""

    def generated(self, name="p", rate=200):
        project = self.project(name)
        project.write("sources/users_api.sql", f"CREATE TABLE users_api ({USER_COLUMNS}) USING randomuser "
                                               f"OPTIONS ('rowsPerSecond' = '{rate}', 'seed' = '7');\n")
        project.write("transformations/users.sql", USERS_CREATED + CREATED_USERS)
        return project

    def test_the_first_row_is_there_within_a_second(self):
        took = []
        for number in range(3):
            project = self.generated(f"p{number}")
            begin = time.monotonic()
            process = project.start("-q")
            self.wait_for(lambda: project.table("SELECT 1 FROM created_users LIMIT 1"))
            took.append(time.monotonic() - begin)
            self.stop(process)
        print("first row after", *(f"{t:.2f}" for t in took), "s")
        self.assertLess(statistics.median(took), 1)

    def test_it_is_one_process_and_says_how_much_memory_it_has(self):
        project = self.generated(rate=2000)
        port = free_port()
        process = project.start("-q", "--http-listen", f"127.0.0.1:{port}", "--kafka-listen", "off",
                                "--registry-listen", "off", listeners=False)
        self.addCleanup(process.kill)
        self.wait_for(lambda: project.table("SELECT count(*) FROM created_users")[0][0] > 2000)
        children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="utf-8")
        self.assertEqual(children, "")
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
        resident = int(status[status.index("VmRSS:") + 6:].split()[0]) * 1024
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/millrace/overview", timeout=5) as answer:
            stated = json.load(answer)["memory_bytes"]
        print(f"memory: {resident / 1e6:.0f} MB, stated {stated / 1e6:.0f} MB")
        self.assertLess(abs(stated - resident), 8_000_000)
        self.assertLess(resident, 100_000_000)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            self.assertIn("process_resident_memory_bytes", answer.read().decode())
        self.stop(process)

    def test_it_needs_no_network(self):
        project = self.generated()
        alone = ["unshare", "--user", "--map-root-user", "--net"]
        if subprocess.run([*alone, "true"], capture_output=True, check=False).returncode != 0:
            raise unittest.SkipTest("name spaces are forbidden here")
        done = subprocess.run([*alone, MILLRACE, "run", project.folder, *NO_LISTENERS, "--records", "50", "-q"],
                              capture_output=True, text=True, timeout=60, check=False, env=environment())
        self.succeeds(done)
        self.assertEqual(project.table("SELECT count(*) FROM created_users"), [(50,)])

    def test_ports_come_from_flags_environment_and_file_in_this_order(self):
        file_port, environment_port, flag_port = free_port(), free_port(), free_port()
        project = self.generated()
        project.write("millrace.yml", f"listeners:\n  http: 127.0.0.1:{file_port}\n  kafka: off\n  registry: off\n")
        for port, flags, extra in ((file_port, [], {}),
                                   (environment_port, [], {"MILLRACE_LISTENERS_HTTP": f"127.0.0.1:{environment_port}"}),
                                   (flag_port, ["--http-listen", f"127.0.0.1:{flag_port}"],
                                    {"MILLRACE_LISTENERS_HTTP": f"127.0.0.1:{environment_port}"})):
            process = subprocess.Popen([MILLRACE, "run", str(project.folder), "-q", *flags], stderr=subprocess.PIPE,
                                       stdout=subprocess.PIPE, text=True, env=environment(**extra))
            self.addCleanup(process.kill)
            self.wait_for(lambda port=port: self.answers(port))
            self.stop(process)

    @staticmethod
    def answers(port):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/startupz", timeout=5) as answer:
                return answer.read() == b"ok\n"
        except OSError:
            return False


if __name__ == "__main__":
    main()
