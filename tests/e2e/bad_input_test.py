"""Cases D and F: records that cannot be processed, and a source that does not answer as it should."""
import json

from millrace_e2e import CREATED_USERS, FIXTURES, KEYS, Case, main, millrace, ok

GOOD = {k: k for k in KEYS}
QUICK = ", 'retries' = '2', 'retryWait' = '10 ms', 'retryWaitMax' = '20 ms', 'timeout' = '300 ms'"


class DeadLetters(Case):
    def test_a_bad_record_is_kept_with_reason_and_offset_and_the_stream_goes_on(self):
        user = (FIXTURES / "one.json").read_text(encoding="utf-8")
        lines = [json.dumps({**GOOD, "id": "1"}),
                 json.dumps({**GOOD, "id": None}),
                 json.dumps({k: v for k, v in {**GOOD, "id": "3"}.items() if k != "phone"}),
                 json.dumps({**GOOD, "id": "4", "extra": 1}),
                 '{"id": "5", "first_name": ',
                 json.dumps(json.loads(user)),
                 json.dumps({**GOOD, "id": "7"})]
        project = self.project()
        project.write("in/records.json", "\n".join(lines) + "\n")
        columns = ", ".join(f"{k} STRING" for k in KEYS)
        project.write("sources/users_created.sql",
                      f"CREATE TABLE users_created ({columns}) USING json OPTIONS ('path' = 'in', 'settleTime' = '0 s');\n")
        project.write("transformations/users.sql",
                      CREATED_USERS.replace(" WHERE id IS NOT NULL", ""))
        done = self.succeeds(project.run("--until-caught-up"))
        sources, flows = self.books(done)
        self.assertEqual(sources["users_created"], {"name": "users_created", "fetched": 7, "published": 7, "failed": 0})
        self.assertEqual((flows["created_users"]["read"], flows["created_users"]["accepted"],
                          flows["created_users"]["rejected"]), (7, 4, 3))
        self.assertEqual(project.table("SELECT id, phone FROM created_users ORDER BY id"),
                         [("1", "phone"), ("3", None), ("4", "phone"), ("7", "phone")])
        letters = millrace("dead-letters", "show", "created_users", "--project", project.folder, "--output", "json")
        letters = sorted((json.loads(line) for line in letters.stdout.splitlines()),
                         key=lambda letter: int(letter["origin_offset"]))
        self.assertEqual([(l["origin_topic"], int(l["origin_partition"]), int(l["origin_offset"])) for l in letters],
                         [("users_created", 0, n) for n in (1, 4, 5)])
        self.assertEqual([l["value"] for l in letters], [lines[n] for n in (1, 4, 5)])
        for letter in letters:
            self.assertTrue(letter["reason"], letter)
            self.assertTrue(letter["class"], letter)
        self.assertEqual(project.end_offset("created_users.dead_letter"), 3)

    def test_a_run_that_rejects_most_records_fails_and_says_why(self):
        project = self.project()
        project.write("in/records.json", "".join('{"id": null}\n' for _ in range(20)))
        project.write("sources/s.sql", "CREATE TABLE s (id STRING) USING json OPTIONS ('path' = 'in', 'settleTime' = '0 s');\n")
        project.write("transformations/t.sql", "CREATE STREAMING TABLE t TBLPROPERTIES ('millrace.key' = 'id') AS "
                                               "SELECT * FROM STREAM s;\n")
        done = self.fails(project.run("--until-caught-up"), 1, "t")
        _, flows = self.books(done)
        self.assertEqual((flows["t"]["read"], flows["t"]["rejected"]), (20, 20))


class Outages(Case):
    def run_against(self, *steps, options=""):
        self.source = self.api(*steps)
        self.shop = self.users_project(self.source.url, QUICK + options)
        done = self.shop.run("--until-caught-up", timeout=30)
        return done, self.books(done)

    def test_every_kind_of_failure_fails_the_run_and_is_counted(self):
        kinds = {
            "429": (429, {"Retry-After": "0"}, '{"error": "slow down"}', 0),
            "503": (503, {"Content-Type": "text/html"}, "<html>sorry</html>", 0),
            "html": (200, {"Content-Type": "text/html"}, "<html>log in</html>", 0),
            "empty": ok({"results": []}),
            "error_json": ok({"error": "Uh oh, something has gone wrong."}),
            "timeout": ok({"results": []}, delay=1.0),
        }
        for number, (kind, step) in enumerate(kinds.items()):
            with self.subTest(kind):
                source = self.api(step)
                project = self.users_project(source.url, QUICK, name=f"p{number}")
                done = project.run("--until-caught-up", timeout=30)
                self.fails(done, 1, "users_api", "published nothing")
                sources, _ = self.books(done)
                self.assertEqual(sources["users_api"]["published"], 0)
                self.assertGreaterEqual(sources["users_api"]["failed"], 1)
                self.assertLessEqual(source.requests, 3)

    def test_a_failure_that_passes_is_counted_and_the_run_succeeds(self):
        users = (FIXTURES / "one.json").read_text(encoding="utf-8")
        done, (sources, _) = self.run_against((503, {}, "no", 0), (429, {"Retry-After": "0"}, "{}", 0), ok(users))
        self.succeeds(done)
        self.assertEqual((sources["users_api"]["published"], sources["users_api"]["failed"]), (1, 2))
        self.assertEqual(self.shop.table("SELECT count(*) FROM created_users"), [(1,)])
        self.assertEqual(self.source.requests, 3)

    def test_what_was_stored_stays_when_the_source_goes_down(self):
        users = (FIXTURES / "all_nationalities.json").read_text(encoding="utf-8")
        self.run_against(ok(users), (503, {}, "no", 0))
        done = self.shop.run("--until-caught-up", timeout=30)
        self.fails(done, 1, "published nothing")
        self.assertEqual(self.shop.table("SELECT count(*) FROM created_users"), [(21,)])


if __name__ == "__main__":
    main()
