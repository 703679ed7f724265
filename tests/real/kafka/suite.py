#!/usr/bin/env python3
"""One client against Millrace, compared with the transcript of Apache Kafka 4.3.1.

tests/real/kafka/suite.py CLIENT [--record] [--only SECTION,…] [--server kafka|millrace] [--at HOST:PORT] [-v]

Without options: starts Millrace ($MILLRACE, else build/millrace), runs the client's steps, compares each with
expected/CLIENT.txt (made from the real Kafka first, if it is not there), prints what differs and `N passed, N failed`.
--record   makes the transcript anew from the real Kafka
--server   which server to run; kafka compares the real Kafka with its own transcript (is the suite stable?)
--at       a server that already runs
"""
import argparse
import difflib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import packages  # noqa: E402
import servers  # noqa: E402

EXPECTED = HERE / "expected"
DIFFERENCES = HERE / "differences.tsv"


def read_lines(lines):
    """`step<tab>json` -> {step: value}."""
    rows = {}
    for line in lines:
        if line.startswith("#") or "\t" not in line:
            continue
        step, text = line.rstrip("\n").split("\t", 1)
        try:
            rows[step] = json.loads(text)
        except ValueError:
            rows[step] = {"not JSON": text}
    return rows


def run_client(client, address, only, seconds, verbose):
    """What the client printed, and the end of its log."""
    command, environment = packages.command(client, address, only)
    folder = tempfile.mkdtemp(prefix="millrace_suite_")
    log = pathlib.Path(folder) / "log"
    try:
        with open(log, "wb") as errors:
            process = subprocess.Popen(["nice", "-n", "5", *command], stdout=subprocess.PIPE, stderr=None if verbose else errors,
                                       text=True, encoding="utf-8", env={**os.environ, **environment}, cwd=folder,
                                       start_new_session=True)
            timer = threading.Timer(seconds, process.kill)
            timer.start()
            lines = []
            try:
                for line in process.stdout:
                    lines.append(line)
                process.wait()
            finally:
                timer.cancel()
                process.kill()
        tail = log.read_text(encoding="utf-8", errors="replace")
        return lines, process.returncode, tail
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write_transcript(client, rows):
    EXPECTED.mkdir(exist_ok=True)
    with open(EXPECTED / f"{client}.txt", "w", encoding="utf-8") as file:
        file.write(f"# {servers.Kafka.name}, {packages.version(client)}\n# ./dev test --real {packages.suite(client)} --record\n")
        for step, value in rows.items():
            file.write(step + "\t" + json.dumps(value, sort_keys=True, ensure_ascii=True) + "\n")


def differences(expected, actual, path=""):
    """Where two values differ: lines `path: expected, here: actual`."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        found = []
        for key in sorted({*expected, *actual}):
            if key not in actual:
                found.append(f"{path}.{key}: {json.dumps(expected[key])}, here: nothing")
            elif key not in expected:
                found.append(f"{path}.{key}: nothing, here: {json.dumps(actual[key])}")
            else:
                found += differences(expected[key], actual[key], f"{path}.{key}")
        return found
    if isinstance(expected, list) and isinstance(actual, list):
        return list_differences(expected, actual, path)
    return [] if expected == actual else [f"{path or 'all'}: {json.dumps(expected)}, here: {json.dumps(actual)}"]


def list_differences(expected, actual, path):
    """By place when the lists are of one length; else what is in one of them only."""
    if len(expected) == len(actual):
        return [line for index, pair in enumerate(zip(expected, actual)) for line in differences(*pair, f"{path}[{index}]")]
    left, right = ([json.dumps(item, sort_keys=True) for item in items] for items in (expected, actual))
    found = []
    for tag, i, i_end, j, j_end in difflib.SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        both = min(i_end - i, j_end - j)
        for k in range(both):
            found += differences(expected[i + k], actual[j + k], f"{path}[{i + k}]")
        found += [f"{path}[-]: {item}, here: nothing" for item in left[i + both:i_end]]
        found += [f"{path}[+]: nothing, here: {item}" for item in right[j + both:j_end]]
    return found


def matches(pattern, text):
    """`*` stands for anything."""
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text, re.DOTALL) is not None


class Known:
    """A row of differences.tsv: which steps of which suites differ in which lines, and why that is meant."""

    def __init__(self, row):
        self.suites, self.steps, self.lines, self.reason = row.split("\t")
        self.found = []    # Steps.

    def explains(self, step, line):
        return matches(self.steps, step) and matches(self.lines, line)


def known_differences(client):
    """The rows for one suite."""
    rows = []
    for line in DIFFERENCES.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            row = Known(line)
            if any(matches(pattern, client) for pattern in row.suites.split(",")):
                rows.append(row)
    return rows


def compare(client, expected, actual, whole):
    """Prints what differs; (passed, failed). What is meant to differ counts for nothing."""
    passed = failed = 0
    known = known_differences(client)
    for step, value in expected.items():
        if value == "unsupported":
            continue
        found = differences(value, actual[step]) if step in actual else ["no answer: the client ended before this step"]
        unknown = []
        for line in found:
            reason = next((row for row in known if row.explains(step, line)), None)
            if reason is None:
                unknown.append(line)
            elif step not in reason.found:
                reason.found.append(step)
        if not found:
            passed += 1
        elif unknown:
            failed += 1
            print(f"FAILED {step}")
            for line in unknown[:12]:
                print("       Kafka " + (line if len(line) < 600 else line[:600] + "…"))
            if len(unknown) > 12:
                print(f"       and {len(unknown) - 12} more")
    for step in actual:
        if step not in expected:
            print(f"FAILED {step}: not in the transcript; --record makes it anew")
            failed += 1
    for row in known:
        if row.found:
            names = ", ".join(row.found[:4]) + (f" and {len(row.found) - 4} more" if len(row.found) > 4 else "")
            print(f"known  {names}: {row.reason}")
        elif whole:
            print(f"FAILED differences.tsv: nothing differs as in {row.steps}, {row.lines}: take it out")
            failed += 1
    return passed, failed


def run_on(server, client, arguments):
    """The rows of one run on a fresh server."""
    try:
        server.start()
        lines, code, log = run_client(client, server.address, arguments.only, arguments.seconds, arguments.verbose)
        if isinstance(server, servers.Millrace) and not server.alive():
            print(f"the broker died:\n{server.log()}")
        if code != 0:
            print(f"the client ended with {code}:\n" + "\n".join(log.splitlines()[-25:]))
        if arguments.log:
            pathlib.Path(arguments.log).write_text(log, encoding="utf-8")
        return read_lines(lines), code
    finally:
        server.stop()


def record(client, arguments):
    print(f"recording {client} from {servers.Kafka.name}", flush=True)
    rows, code = run_on(servers.Kafka(packages.port(client)), client, arguments)
    if code != 0:
        sys.exit(1)
    file = EXPECTED / f"{client}.txt"
    if arguments.only and file.exists():
        rows = {**read_lines(file.read_text(encoding="utf-8").splitlines()), **rows}
    write_transcript(client, rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("client", choices=sorted(packages.CLIENTS))
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--only", default="", help="sections, separated by commas")
    parser.add_argument("--server", choices=("kafka", "millrace"), default="millrace")
    parser.add_argument("--at", help="a server that already runs")
    parser.add_argument("--log", help="keep what the client wrote to standard error")
    parser.add_argument("--seconds", type=int, default=900)
    parser.add_argument("-v", "--verbose", action="store_true")
    arguments = parser.parse_args()
    arguments.only = [name for name in arguments.only.split(",") if name]
    client = arguments.client
    packages.install(client)
    file = EXPECTED / f"{packages.transcript(client)}.txt"
    if arguments.record and packages.transcript(client) != client:
        sys.exit(f"{client} is compared with the transcript of {packages.transcript(client)}: record that one")
    if arguments.record or not file.exists():
        record(client, arguments)
        if arguments.record:
            print(f"{len(read_lines(file.read_text(encoding='utf-8').splitlines()))} steps in {file}")
            return
    expected = packages.expected(client, read_lines(file.read_text(encoding="utf-8").splitlines()))
    if arguments.at:
        lines, code, log = run_client(client, arguments.at, arguments.only, arguments.seconds, arguments.verbose)
        rows = read_lines(lines)
        if code:
            print(f"the client ended with {code}:\n" + "\n".join(log.splitlines()[-25:]))
    else:
        kind = servers.Kafka if arguments.server == "kafka" else servers.Millrace
        rows, _ = run_on(kind(packages.port(client) + (0 if arguments.server == "kafka" else 5)), client, arguments)
    if arguments.only:
        wanted = tuple(name + "." for name in [*arguments.only, "warm"])
        expected = {step: value for step, value in expected.items() if step.startswith(wanted)}
    passed, failed = compare(client, expected, rows, whole=not (arguments.only or arguments.at or arguments.server == "kafka"))
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    # Ended from outside, it still ends what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    main()
