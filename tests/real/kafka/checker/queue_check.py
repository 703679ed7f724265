#!/usr/bin/env python3
"""Producers and groups on a broker that is killed at random; afterwards the history is checked (check.py).

queue_check.py [--server millrace|kafka] [--seed N] [--seconds S] [--producers N] [--groups N] [--members N] [--rate R]
queue_check.py --address HOST:PORT --start CMD --kill CMD     any other broker

Prints what happened and the anomalies; exit 1 if there is one. The same seed gives the same plan of kills, members and
producers; what the machine makes of it differs. --history FILE keeps the history for check.py.
Runs by itself in the virtual environment of confluent-kafka.
"""
import argparse
import os
import pathlib
import random
import signal
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import packages  # noqa: E402
import servers  # noqa: E402


class Commands:
    """A broker that is started and killed by commands. Owned by one thread."""

    def __init__(self, address, start, kill):
        self.address, self.start_command, self.kill_command = address, start, kill

    def start(self, fresh=True):
        subprocess.run(self.start_command, shell=True, check=True)
        return self

    def kill(self):
        subprocess.run(self.kill_command, shell=True, check=True)

    def stop(self, purge=True):
        self.kill()


class Plan:
    """Who comes, goes and is killed when. Owned by one thread."""

    def __init__(self, arguments, server, history, workload):
        self.arguments, self.server, self.history, self.workload = arguments, server, history, workload
        self.random = random.Random(arguments.seed)
        self.groups = [f"group-{number}" for number in range(arguments.groups)]
        self.strategies = {group: self.random.choice(["range", "roundrobin", "cooperative-sticky"]) for group in self.groups}
        self.members = []
        self.count = 0
        self.kills = 0

    def join(self, group, seconds):
        self.count += 1
        member = self.workload.MemberThread(self.server.address, self.history, group, f"member-{self.count}", self.random.random(),
                                            self.strategies[group], seconds)
        member.start()
        self.members.append((group, member))

    def crash(self):
        self.kills += 1
        clean = self.random.random() < 0.2
        self.history.add(type="note", what="stopped" if clean else "killed", time=time.monotonic())
        self.server.stop(purge=False) if clean else self.server.kill()
        time.sleep(self.random.choice([0, 0, 0.2, 1.5]))
        self.server.start(fresh=False)

    def run(self):
        until = time.monotonic() + self.arguments.seconds
        next_crash = time.monotonic() + self.random.uniform(2, 4)
        while time.monotonic() < until:
            for group in self.groups:
                self.members = [(name, member) for name, member in self.members if member.is_alive()]
                alive = sum(name == group for name, _ in self.members)
                if alive < self.arguments.members and self.random.random() < 0.5 or alive == 0:
                    self.join(group, self.random.uniform(2, 12))
            if time.monotonic() > next_crash and self.arguments.kill_every > 0:
                self.crash()
                next_crash = time.monotonic() + self.random.uniform(0.3, 2) * self.arguments.kill_every
            time.sleep(self.random.uniform(0.1, 0.6))


def finish(plan, producers, watcher, history, workload):
    """Everybody comes to an end: records delivered, groups read to the end of the log, the log read whole."""
    arguments, address = plan.arguments, plan.server.address
    for producer in producers:
        producer.ending.set()
    for producer in producers:
        producer.join(150)
    for _, member in plan.members:
        member.ending.set()
    for _, member in plan.members:
        member.join(30)
    for group in plan.groups:
        plan.join(group, 600)
    ends = workload.read_log(address, history, arguments.partitions)
    deadline = time.monotonic() + 90
    behind = set(plan.groups)
    while behind and time.monotonic() < deadline:
        time.sleep(0.5)
        behind = {group for group in behind if workload.committed(address, group, arguments.partitions) != ends}
    watcher.ending.set()
    watcher.join(15)
    for _, member in plan.members:
        member.ending.set()
    for _, member in plan.members:
        member.join(30)
    for group in plan.groups:
        if group in behind:
            history.add(type="error", group=group, member="all", error=f"committed {workload.committed(address, group, arguments.partitions)}, "
                                                                        f"the log ends at {ends}")
        for part, end in ends.items():
            history.add(type="finished", group=group, partition=part, offset=end)


def in_environment(python):
    """Runs this program under the Python that has the client; again if the client's library aborts."""
    for _ in range(3):
        code = subprocess.run([python, *sys.argv], check=False, env={**os.environ, "MILLRACE_IN_VENV": "1"}).returncode
        if code != -signal.SIGABRT:
            return code
        print("librdkafka aborted; the same once more", flush=True)
    return 2


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", choices=("millrace", "kafka"), default="millrace")
    parser.add_argument("--address")
    parser.add_argument("--start")
    parser.add_argument("--kill")
    parser.add_argument("--port", type=int, default=21900)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--kill-every", type=float, default=6, help="seconds between kills, about; 0: never")
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("--producers", type=int, default=3)
    parser.add_argument("--groups", type=int, default=2)
    parser.add_argument("--members", type=int, default=3)
    parser.add_argument("--rate", type=float, default=500, help="records a second of each producer")
    parser.add_argument("--history")
    arguments = parser.parse_args()
    python = packages.install("confluent")
    if os.environ.get("MILLRACE_IN_VENV") is None:
        sys.exit(in_environment(python))
    import check  # pylint: disable=import-outside-toplevel
    import workload  # pylint: disable=import-outside-toplevel

    if arguments.address:
        server = Commands(arguments.address, arguments.start, arguments.kill)
    else:
        server = (servers.Kafka if arguments.server == "kafka" else servers.Millrace)(arguments.port)
    history = workload.History(arguments.history)
    try:
        server.start()
        plan = Plan(arguments, server, history, workload)
        workload.prepare(server.address, arguments.partitions, plan.groups)
        producers = [workload.ProducerThread(server.address, history, f"p{number}", arguments.partitions, arguments.rate,
                                             arguments.seed * 1000 + number) for number in range(arguments.producers)]
        watcher = workload.Watcher(server.address, history, arguments.partitions, plan.groups)
        for thread in [*producers, watcher]:
            thread.start()
        plan.run()
        finish(plan, producers, watcher, history, workload)
    finally:
        server.stop()
        history.save()
    findings, totals = check.check(history.events)
    print(f"seed {arguments.seed}, {plan.kills} kills, {plan.count} members, strategies {sorted(plan.strategies.values())}")
    check.report(findings, totals)
    # Threads of librdkafka may still wait for a broker that is gone.
    sys.stdout.flush()
    os._exit(1 if findings or not totals["acknowledged"] else 0)


if __name__ == "__main__":
    threading.excepthook = lambda info: (sys.__excepthook__(info.exc_type, info.exc_value, info.exc_traceback), os._exit(2))
    main()
