"""Cases L and M: any order of starts; one process, one command, no network; how it ends."""
import json
import os
import signal
import subprocess
import time
import urllib.request

from millrace_e2e import (CREATED_USERS, MILLRACE, NO_LISTENERS, USER_COLUMNS, USERS_CREATED, Case, environment,
                          free_port, main, millrace, ok)

USERS = {"sources/users_api.sql": f"CREATE TABLE users_api ({USER_COLUMNS}) USING randomuser "
                                  "OPTIONS ('rowsPerSecond' = '200', 'seed' = '7');\n",
         "transformations/users.sql": USERS_CREATED + CREATED_USERS}


class StartStop(Case):
    def generated(self, name="p"):
        project = self.project(name)
        for path, text in USERS.items():
            project.write(path, text)
        return project

    def test_a_run_ends_by_itself_and_goes_on_where_it_stopped(self):
        project = self.generated()
        first, _ = self.books(self.succeeds(project.run("--records", "300")))
        self.assertEqual(first["users_api"]["published"], 300)
        self.assertEqual(project.table("SELECT count(*) FROM created_users"), [(300,)])
        second, flows = self.books(self.succeeds(project.run("--for", "1s")))
        self.assertGreater(second["users_api"]["published"], 300)
        # What came while it stopped is read by the next run.
        self.assertLessEqual(flows["users_created"]["read"], project.end_offset("users_api"))
        self.assertEqual(project.table("SELECT count(*), count(DISTINCT id) FROM created_users"),
                         [(flows["created_users"]["accepted"],) * 2])

    def test_it_starts_at_once_and_ends_at_once_on_ctrl_c_and_sigterm(self):
        project = self.generated()
        for how, code in ((signal.SIGINT, 130), (signal.SIGTERM, 0)):
            begin = time.monotonic()
            process = project.start("--output", "json")
            before = len(project.table("SELECT 1 FROM created_users")) if project.data.exists() else 0
            self.wait_for(lambda: len(project.table("SELECT 1 FROM created_users")) > before)
            print(f"first row after {time.monotonic() - begin:.2f} s")
            out, err, took = self.stop(process, how)
            self.assertEqual(process.returncode, code, err)
            print(f"{how.name}: ended after {took:.2f} s")
            self.assertLess(took, 5, err)
            self.assertEqual(list(json.loads(out.splitlines()[-1])), ["sources", "flows"])

    def test_the_page_health_and_sql_answer_while_it_runs(self):
        project = self.generated()
        port = free_port()
        process = project.start("--http-listen", f"127.0.0.1:{port}", "--kafka-listen", f"127.0.0.1:{free_port()}",
                                "--registry-listen", "off", listeners=False)
        self.addCleanup(process.kill)
        self.wait_for(lambda: len(project.table("SELECT 1 FROM created_users")) > 0)
        for path in ("livez", "readyz", "metrics", "api/millrace/overview", ""):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=5) as answer:
                self.assertEqual(answer.status, 200, path)
        self.assertGreater(project.rows("SELECT count(*) FROM created_users")[0][0], 0)
        health = millrace("health", "--project", project.folder, "--output", "json")
        self.assertEqual((health.returncode, json.loads(health.stdout)["pid"]), (0, process.pid))
        other = self.generated("q")
        taken = millrace("run", other.folder, "--http-listen", f"127.0.0.1:{port}", "--kafka-listen", "off",
                         "--registry-listen", "off", "--for", "1s")
        self.fails(taken, 1, str(process.pid), "--http-listen")
        second = project.run("--for", "1s")
        self.fails(second, 1, str(process.pid))
        _, err, _ = self.stop(process)
        self.assertIn("kafka    127.0.0.1:", err)
        self.assertIn("flow users_created", err)
        gone = millrace("health", "--project", project.folder, "--output", "json")
        self.assertEqual((gone.returncode, json.loads(gone.stdout)["live"]), (1, False))

    def test_a_second_ctrl_c_ends_it_now_and_loses_nothing_acknowledged(self):
        project = self.generated()
        process = project.start()
        self.wait_for(lambda: len(project.table("SELECT 1 FROM created_users")) > 0)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
        self.assertEqual(process.returncode, 130)
        sources, _ = self.books(self.succeeds(project.run("--records", "400")))
        published = sources["users_api"]["published"]
        self.assertGreater(published, 400)
        self.assertEqual(project.end_offset("users_api"), published)
        self.assertEqual(project.table("SELECT count(*), count(DISTINCT id) FROM created_users"),
                         [(published, published)])

    def test_a_table_may_be_there_before_its_source_has_anything(self):
        api = self.api((503, {}, "not yet", 0))
        project = self.users_project(api.url, ", 'interval' = '100 ms', 'retries' = '0'")
        process = project.start("-q")
        self.wait_for(lambda: api.requests >= 2)
        self.stop(process)
        self.assertEqual(project.rows("SELECT count(*) FROM created_users"), [[0]])
        api.steps = [ok({"results": [{"login": {"uuid": "a"}}]})]
        self.succeeds(project.run("--until-caught-up"))
        self.assertEqual(project.table("SELECT id FROM created_users"), [("a",)])

    def test_a_table_may_read_one_that_is_defined_later(self):
        project = self.generated()
        project.write("transformations/users.sql", CREATED_USERS + USERS_CREATED)
        project.write("transformations/aaa.sql",
                      "CREATE STREAMING TABLE names AS SELECT first_name FROM STREAM created_users;\n")
        self.succeeds(project.run("--records", "50"))
        self.assertEqual(project.table("SELECT count(*) FROM names"), [(50,)])

    def test_a_folder_that_cannot_be_written_is_named(self):
        project = self.generated()
        if os.geteuid() == 0:
            project.data.write_text("a file where the folder should be")
        else:
            project.folder.chmod(0o500)
            self.addCleanup(project.folder.chmod, 0o700)
        self.fails(project.run("--for", "1s"), 1, str(project.folder))

    def test_one_line_a_second_when_it_is_no_terminal(self):
        project = self.generated()
        done = millrace("run", project.folder, *NO_LISTENERS, "--for", "2s")
        lines = [line for line in done.stderr.splitlines() if " fetched " in line]
        self.assertGreaterEqual(len(lines), 2, done.stderr)
        self.assertNotIn("\033", done.stderr + done.stdout)
        self.assertIn("users_api", done.stdout)

    def test_a_terminal_shows_the_pipeline_and_is_restored(self):
        project = self.generated()
        main_end, terminal = os.openpty()
        process = subprocess.Popen([MILLRACE, "run", str(project.folder), *NO_LISTENERS, "--for", "2s"],
                                   stdin=terminal, stdout=terminal, stderr=terminal, env=environment(TERM="xterm"))
        os.close(terminal)
        seen = b""
        while True:
            try:
                part = os.read(main_end, 65536)
            except OSError:
                break
            if not part:
                break
            seen += part
        process.wait(20)
        os.close(main_end)
        text = seen.decode()
        self.assertEqual(process.returncode, 0, text)
        self.assertIn("\033[?1049h", text)
        page = text[text.index("\033[?1049h"):text.rindex("\033[?1049l")]
        for part in ("users_api", "created_users", "on disk", "last rows of created_users"):
            self.assertIn(part, page)
        self.assertTrue(text.rindex("\033[?1049l") > text.rindex("\033[H"))


if __name__ == "__main__":
    main()
