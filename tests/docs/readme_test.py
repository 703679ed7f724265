"""Every command of README's tour runs, in its order."""
import re
import shutil
import subprocess

from millrace_e2e import MILLRACE, ROOT, Case, environment, main


class Readme(Case):
    def commands(self):
        text = (ROOT / "README.md").read_text(encoding="utf-8")
        tour = re.search(r"## A tour.*?```\n(.*?)```", text, re.DOTALL).group(1)
        return [line for line in tour.splitlines() if line.strip()]

    def test_every_command_of_the_tour_runs(self):
        (self.folder / "build").mkdir()
        (self.folder / "build" / "millrace").symlink_to(MILLRACE)
        (self.folder / "data.jsonl").write_text('{"a": 1}\n{"a": 2}\n')
        commands = self.commands()
        self.assertGreaterEqual(len(commands), 6)
        for command in commands:
            # The ports of the machine may be taken, and ten seconds are for people.
            shown = command.split("  #")[0].strip().replace("--for 10s", "--for 2s --http-listen off --kafka-listen off "
                                                            "--registry-listen off")
            if shown.startswith("sqlite3") and shutil.which("sqlite3") is None:
                continue
            with self.subTest(command):
                done = subprocess.run(["bash", "-c", shown], cwd=self.folder, capture_output=True, text=True,
                                      timeout=60, env=environment(), check=False)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_every_code_is_explained(self):
        codes = set()
        for file in (ROOT / "src").rglob("*"):
            if file.suffix in (".cc", ".h") and not file.stem.endswith("_test"):
                codes |= set(re.findall(r'"(MR[0-9]{4})"', file.read_text(encoding="utf-8")))
        self.assertGreater(len(codes), 50)
        unknown = [code for code in sorted(codes)
                   if subprocess.run([MILLRACE, "explain", code], capture_output=True, env=environment(),
                                     check=False).returncode != 0]
        self.assertEqual(unknown, [])

    def test_the_examples_are_valid(self):
        for example in sorted((ROOT / "examples").iterdir()):
            if (example / "spark-pipeline.yml").exists():
                done = subprocess.run([MILLRACE, "validate", str(example)], capture_output=True, text=True,
                                      env=environment(), check=False)
                self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    main()
