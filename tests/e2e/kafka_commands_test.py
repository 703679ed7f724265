"""`millrace topics` and `millrace groups` at a broker: flags, tables, JSON, exit codes, where they connect without being told."""
import json
import subprocess

from millrace_e2e import MILLRACE, Case, environment, free_port, main, millrace


class KafkaCommands(Case):
    def broker(self):
        """Runs until the test ends; the flags that name it."""
        self.address = f"127.0.0.1:{free_port()}"
        process = subprocess.Popen([MILLRACE, "broker", "--data", str(self.folder / "data"), "--listen", self.address, "-o", "json"],
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment())
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        self.assertTrue(json.loads(process.stdout.readline())["ready"])
        return "-b", self.address

    def json(self, *words):
        return json.loads(self.succeeds(millrace(*words, "--output", "json")).stdout)

    def test_a_topic_lives_from_create_to_delete(self):
        at = self.broker()
        self.assertEqual(self.json("topics", "create", "t", "--partitions", 2, "--config", "retention.ms=1000", *at),
                         {"name": "t", "created": True, "partitions": 2, "replication_factor": 1})
        self.fails(millrace("topics", "create", "t", *at), 1, "TOPIC_ALREADY_EXISTS", "--if-not-exists")
        self.assertFalse(self.json("topics", "create", "t", "--if-not-exists", *at)["created"])
        altered = self.json("topics", "alter", "t", "--partitions", 3, "--delete-config", "retention.ms", *at)
        self.assertEqual((altered["config"], len(altered["partitions"])), ({}, 3))
        self.assertEqual([t["name"] for t in self.json("topics", "--no-internal", *at)["topics"]], ["t"])
        self.fails(millrace("topics", "delete", "t", *at, stdin=""), 2, "say --yes")
        self.assertTrue(self.json("topics", "delete", "t", "--yes", *at)["deleted"])
        self.fails(millrace("topics", "delete", "t", "--yes", *at), 1, "does not exist")
        self.succeeds(millrace("topics", "delete", "t", "--yes", "--if-exists", *at))

    def test_a_reset_is_shown_first_and_done_when_told(self):
        at = self.broker()
        self.succeeds(millrace("topics", "create", "t", "--partitions", 2, *at))
        preview = millrace("groups", "reset", "g", "--to", "earliest", "--topic", "t", *at)
        self.assertIn("nothing is changed: say --execute", preview.stderr)
        self.assertEqual(self.json("groups", *at)["groups"], [])
        csv = self.succeeds(millrace("groups", "reset", "g", "--to", "latest", "--topic", "t:1", "--execute", "-o", "csv", *at))
        self.assertEqual(csv.stdout, "t,1,0\n")
        group, = self.json("groups", "describe", "g", *at)["groups"]
        self.assertEqual([(p["partition"], p["committed"], p["lag"]) for p in group["partitions"]], [(1, 0, 0)])
        (self.folder / "offsets.csv").write_text("t,0,0\nt,1,5\n")
        rows = self.json("groups", "reset", "g", "--from-file", self.folder / "offsets.csv", *at)["partitions"]
        self.assertEqual([(r["partition"], r["before"], r["after"]) for r in rows], [(0, None, 0), (1, 0, 0)])
        self.assertEqual(rows[1]["note"], "5 is beyond the end")
        self.assertEqual(self.json("groups", "delete", "g", "--topic", "t", "-y", *at)["deleted"], ["t-1"])
        self.assertEqual(self.json("groups", "delete", "g", "-y", *at)["deleted"], ["g"])
        self.fails(millrace("groups", "delete", "g", "-y", *at), 1, "GROUP_ID_NOT_FOUND")

    def test_wrong_command_lines_end_with_2_and_say_what_to_write(self):
        at = self.broker()
        for words, text in {
                ("topics", "crate", "t"): 'did you mean "create"?', ("topics", "create"): "name the topic",
                ("topics", "alter", "__millrace_metadata"): "say what to change",
                ("topics", "create", "t", "--config", "x"): "a config is NAME=VALUE",
                ("groups", "rest", "g"): 'did you mean "reset"?', ("groups", "reset", "g"): "--to PLACE",
                ("groups", "reset", "g", "--to", "soon"): "--to is earliest, latest",
                ("groups", "reset", "g", "--to", "-1", "--topic", "t:x"): "partitions are numbers"}.items():
            with self.subTest(words):
                self.fails(millrace(*words, *at, stdin=""), 2, text)

    def test_without_an_address_the_instance_of_the_data_directory_is_asked(self):
        self.broker()
        data = ("--data", self.folder / "data")
        self.succeeds(millrace("topics", "create", "t", *data))
        self.assertIn("t ", self.succeeds(millrace("topics", "list", *data)).stdout)
        self.assertIn(self.address, millrace("groups", *data).stderr)
        self.assertEqual(self.json("health", *data)["kafka"], [self.address])
        self.assertEqual(self.json("topics", "flush", *data), {"flushed": True})

    def test_nobody_there_is_said_with_what_to_do(self):
        self.fails(millrace("topics", "-b", f"127.0.0.1:{free_port()}"), 1, "Connection refused", "millrace broker --data DIR")
        self.fails(millrace("groups", "--data", self.folder / "none"), 1, "nothing runs on", "--bootstrap-server")
        self.fails(millrace("topics", "-b", "nonsense:x"), 2, "host:port")


if __name__ == "__main__":
    main()
