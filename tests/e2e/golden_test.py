"""Cases A, B, C: an API's answer -> the 12-key record on a topic -> a row with 11 and with 12 columns."""
import json

from millrace_e2e import CREATED_USERS, FIXTURES, KEYS, USERS_CREATED, Case, main, ok

ELEVEN = CREATED_USERS + """
CREATE STREAMING TABLE created_users_11 TBLPROPERTIES ('millrace.key' = 'id') AS
SELECT * EXCEPT (dob) FROM STREAM users_created WHERE id IS NOT NULL;
"""


class Golden(Case):
    def run_on(self, answer):
        project = self.users_project(self.api(ok(answer)).url, tables=USERS_CREATED + ELEVEN)
        self.done = self.succeeds(project.run("--until-caught-up"))
        return project

    def test_every_nationality_becomes_the_published_record_and_row(self):
        answer = (FIXTURES / "all_nationalities.json").read_text(encoding="utf-8")
        users = json.loads(answer)["results"]
        oracle = [json.loads(line) for line in
                  (FIXTURES / "formatted_all_nationalities.jsonl").read_text(encoding="utf-8").splitlines()]
        project = self.run_on(answer)
        records = [json.loads(r["value"]) for r in project.topic("users_created")]
        self.assertEqual(len(records), 21)
        for record, wanted, user in zip(records, oracle, users):
            wanted = {**wanted, "id": user["login"]["uuid"], "post_code": str(wanted["post_code"])}
            self.assertEqual(list(record), KEYS)
            self.assertEqual(record, wanted)
        by_id = {r["id"]: tuple(r.values()) for r in records}
        columns = ", ".join(KEYS)
        self.assertEqual({row[0]: row for row in project.table(f"SELECT {columns} FROM created_users")}, by_id)
        eleven = [k for k in KEYS if k != "dob"]
        self.assertEqual({row[0]: row for row in project.table("SELECT * FROM created_users_11")},
                         {r["id"]: tuple(r[k] for k in eleven) for r in records})
        sources, flows = self.books(self.done)
        self.assertEqual(sources["users_api"]["published"], 21)
        for flow in ("users_created", "created_users", "created_users_11"):
            self.assertEqual(flows[flow]["accepted"], 21)

    def test_postcodes_keep_their_digits_and_letters(self):
        user = json.loads((FIXTURES / "one.json").read_text(encoding="utf-8"))["results"][0]

        def with_code(number, code):
            location = {**user["location"], "postcode": code}
            return {**user, "location": location, "login": {**user["login"], "uuid": f"id-{number}"}}
        codes = [68140, "0010", "CF56 8DN", None, 0]
        project = self.run_on({"results": [with_code(n, c) for n, c in enumerate(codes)]})
        self.assertEqual(project.table("SELECT post_code, typeof(post_code) FROM created_users ORDER BY id"),
                         [("68140", "text"), ("0010", "text"), ("CF56 8DN", "text"), (None, "null"), ("0", "text")])
        self.assertEqual([json.loads(r["value"])["post_code"] for r in project.topic("users_created")],
                         ["68140", "0010", "CF56 8DN", None, "0"])

    def test_letters_of_every_script_survive_topic_store_and_export(self):
        answer = (FIXTURES / "all_nationalities.json").read_text(encoding="utf-8")
        project = self.run_on(answer)
        names = [u["name"]["first"] for u in json.loads(answer)["results"]]
        self.assertEqual([json.loads(r["value"])["first_name"] for r in project.topic("users_created")], names)
        self.assertEqual({r[0] for r in project.table("SELECT first_name FROM created_users")}, set(names))
        export = project.sql("SELECT first_name FROM created_users", "--output", "csv")
        self.assertEqual(set(export.stdout.splitlines()[1:]), set(names))

    def test_quotes_newlines_and_emoji_survive(self):
        answer = (FIXTURES / "edge_cases.json").read_text(encoding="utf-8")
        project = self.run_on(answer)
        wanted = {u["login"]["uuid"]: (u["name"]["first"], u["name"]["last"])
                  for u in json.loads(answer)["results"]}
        self.assertEqual({r[0]: r[1:] for r in project.table("SELECT id, first_name, last_name FROM created_users")},
                         wanted)

    def test_the_same_users_again_do_not_make_new_rows(self):
        answer = (FIXTURES / "all_nationalities.json").read_text(encoding="utf-8")
        project = self.run_on(answer)
        self.succeeds(project.run("--until-caught-up"))
        self.assertEqual(project.table("SELECT count(*) FROM created_users"), [(21,)])
        self.assertEqual(project.end_offset("users_created"), 42)


if __name__ == "__main__":
    main()
