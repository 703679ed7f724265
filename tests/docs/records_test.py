"""Every example of docs/records.md runs, in its order, against a broker of its own."""
import re
import signal
import subprocess
import time

from millrace_e2e import MILLRACE, ROOT, Case, environment, free_port, main


class Records(Case):
    def commands(self):
        text = (ROOT / "docs" / "records.md").read_text(encoding="utf-8")
        blocks = re.findall(r"```\n(.*?)```", text, re.DOTALL)
        return [line.split("  #")[0].strip() for block in blocks for line in block.splitlines() if line.strip()]

    def setUp(self):
        super().setUp()
        self.address = f"127.0.0.1:{free_port()}"
        self.broker = subprocess.Popen([MILLRACE, "broker", "--data", str(self.folder / "data"), "--listen", self.address, "--set",
                                        "group.initial.rebalance.delay.ms=0", "--output", "json"], stdout=subprocess.PIPE,
                                       stderr=subprocess.DEVNULL, env=environment())
        self.assertIn(b"ready", self.broker.stdout.readline())

    def tearDown(self):
        self.broker.send_signal(signal.SIGTERM)
        self.broker.wait(20)
        self.broker.stdout.close()
        super().tearDown()

    def shell(self, command):
        return subprocess.run(["bash", "-c", "set -o pipefail; " + command.replace("localhost:9092", self.address)], cwd=self.folder,
                              capture_output=True, text=True, timeout=60, env=environment(PATH=f"{self.folder}/path:/usr/bin:/bin"),
                              check=False)

    def test_every_example_runs(self):
        (self.folder / "path").mkdir()
        (self.folder / "path" / "millrace").symlink_to(MILLRACE)
        commands = self.commands()
        self.assertGreaterEqual(len(commands), 15)
        printed = {}
        for command in commands:
            with self.subTest(command):
                done = self.shell(command)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                printed[command] = done.stdout
        seen = list(printed.values())
        self.assertIn('{"id": 1, "name": "Ann"}\n{"name": "Bob"}\n{"name": "Cid"}\n{"name": "Dan"}\nnull\n', seen)
        self.assertIn('people[0]@0 : {"id": 1, "name": "Ann"}\n', seen)
        self.assertIn('{"id": 1}\n', seen)
        self.assertIn("people:0:5\n", seen)

    def test_a_reader_that_goes_away_ends_it_quietly(self):
        self.shell("millrace=1; seq 1 20000 | " + f"{MILLRACE} produce numbers -q -b localhost:9092")
        done = self.shell(f"{MILLRACE} consume numbers -b localhost:9092 | head -1")
        self.assertEqual((done.stdout, done.stderr), ("1\n", ""))

    def test_ctrl_c_ends_a_member_that_commits(self):
        self.shell(f"printf 'a\\nb\\n' | {MILLRACE} produce t -q -b localhost:9092")
        reader = subprocess.Popen([MILLRACE, "consume", "t", "--group", "g", "--follow", "-b", self.address], stdout=subprocess.PIPE,
                                  text=True, env=environment())
        self.assertEqual([reader.stdout.readline(), reader.stdout.readline()], ["a\n", "b\n"])
        reader.send_signal(signal.SIGINT)
        began = time.monotonic()
        self.assertEqual(reader.wait(20), 130)
        self.assertLess(time.monotonic() - began, 10)
        reader.stdout.close()
        again = self.shell(f"{MILLRACE} consume t --group g -b localhost:9092")
        self.assertEqual((again.returncode, again.stdout), (0, ""))


if __name__ == "__main__":
    main()
