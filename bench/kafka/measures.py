"""The figures: each takes a running (or stopped) server and gives {name: value}."""
import json
import os
import pathlib
import re
import socket
import subprocess
import time

import wire

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def rss_mb(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8"))[1]) / 1024


class Bench:
    """One server for the figures of one run. Owned by one thread."""

    def __init__(self, server, tools, quick):
        self.server, self.tools, self.quick = server, tools, quick
        self.topics = 0

    def scaled(self, count):
        return max(1, count // 20) if self.quick else count

    def new_topic(self, partitions):
        self.topics += 1
        name = f"bench-{self.topics}-{partitions}"
        with wire.connect(self.server.port, 60) as connection:
            code = wire.create_topic(connection, name, partitions)
        if code:
            raise RuntimeError(f"topic {name}: error {code}")
        time.sleep(1)
        return name

    def load(self, *words):
        """What tools.load printed, with the CPU-seconds of the broker."""
        before = cpu_seconds(self.server.pid())
        done = subprocess.run([self.tools.load, words[0], self.server.address, *map(str, words[1:])], capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"load {words}: {done.stdout}{done.stderr}")
        return {**json.loads(done.stdout), "broker_cpu": cpu_seconds(self.server.pid()) - before}

    # The figures.

    def start(self):
        """Start to the first accepted record, with a topic that exists; then memory and idle CPU."""
        with wire.connect(self.server.port, 60) as connection:
            code = wire.create_topic(connection, "first", 1)
        if code not in (0, 36):
            raise RuntimeError(f"topic: error {code}")
        time.sleep(1)
        self.server.stop(purge=False)
        return {"start to first accepted produce, ms": self.restart("first") * 1000}

    def restart(self, topic):
        began = time.monotonic()
        process = self.server.launch()
        seconds = wire.until_accepted(self.server.port, topic, began)
        self.server.launched(process)
        return seconds

    def idle(self):
        time.sleep(3)
        before = cpu_seconds(self.server.pid())
        seconds = 3 if self.quick else 15
        time.sleep(seconds)
        return {"VmRSS idle, MB": rss_mb(self.server.pid()),
                "CPU idle, % of a core": (cpu_seconds(self.server.pid()) - before) / seconds * 100}

    def latency(self):
        result = {}
        for rate, label in ((5000, "5 k/s"), (50000, "50 k/s")):
            topic = self.new_topic(1)
            self.load("produce", topic, "--count", 2000, "--rate", 2000)    # Warm.
            got = self.load("produce", topic, "--count", self.scaled(rate * 20), "--rate", rate, "--size", 100, "--set", "linger.ms=0",
                            "--set", "acks=all")
            for name in ("p50", "p99", "p999"):
                result[f"produce {name.replace('p999', 'p99.9')} at {label}, ms"] = got[name + "_ms"]
            result[f"broker CPU at {label}, % of a core"] = got["broker_cpu"] / got["wall"] * 100
        return result

    def throughput(self):
        result = {}
        for size, count in ((100, 2_000_000), (1000, 500_000)):
            for partitions in (1, 100):
                for codec in ("none", "lz4"):
                    topic = self.new_topic(partitions)
                    got = self.load("produce", topic, "--partitions", partitions, "--count", self.scaled(count), "--size", size,
                                    "--set", "linger.ms=5", "--set", "acks=all", "--set", f"compression.type={codec}")
                    label = f"{size} B, {partitions} partition{'s' * (partitions > 1)}, {codec}"
                    result[f"produce {label}, records/s"] = got["count"] / got["wall"]
                    result[f"produce {label}, broker CPU-s"] = got["broker_cpu"]
                    result[f"produce {label}, client CPU-s"] = got["cpu"]
                    read = self.load("consume", topic, "--partitions", partitions, "--count", self.scaled(count))
                    result[f"consume {label}, records/s"] = read["count"] / read["wall"]
                    result[f"consume {label}, broker CPU-s"] = read["broker_cpu"]
                    result[f"consume {label}, client CPU-s"] = read["cpu"]
        return result

    def steady(self):
        """50 MB/s over 100 partitions, long enough for several checkpoints."""
        topic = self.new_topic(100)
        got = self.load("produce", topic, "--partitions", 100, "--count", self.scaled(50_000 * 30), "--rate", 50_000, "--size", 1000,
                        "--set", "linger.ms=5", "--set", "acks=all")
        return {"50 MB/s over 100 partitions: p50, ms": got["p50_ms"], "50 MB/s over 100 partitions: p99, ms": got["p99_ms"],
                "50 MB/s over 100 partitions: reached, MB/s": got["count"] / got["wall"] / 1000,
                "50 MB/s over 100 partitions: broker CPU, % of a core": got["broker_cpu"] / got["wall"] * 100,
                "50 MB/s over 100 partitions: VmRSS after, MB": rss_mb(self.server.pid())}

    def java(self):
        """Kafka's own kafka-producer-perf-test.sh."""
        result = {}
        for size, count in ((100, 2_000_000), (1000, 500_000)):
            topic = self.new_topic(1)
            before = cpu_seconds(self.server.pid())
            done = subprocess.run([self.tools.kafka, "tool", "org.apache.kafka.tools.ProducerPerformance", "--topic", topic, "--num-records",
                                   str(self.scaled(count)), "--record-size", str(size), "--throughput", "-1", "--producer-props",
                                   f"bootstrap.servers={self.server.address}", "acks=all", "linger.ms=5"], capture_output=True, text=True, check=False)
            found = re.findall(r"([0-9.]+) records/sec \(.*?([0-9.]+) ms avg latency.*?(\d+) ms 99th", done.stdout)
            if done.returncode or not found:
                raise RuntimeError(f"perf test: {done.stdout}{done.stderr}")
            result[f"producer-perf-test {size} B, records/s"] = float(found[-1][0])
            result[f"producer-perf-test {size} B, p99, ms"] = float(found[-1][2])
            result[f"producer-perf-test {size} B, broker CPU-s"] = cpu_seconds(self.server.pid()) - before
        return result

    def connections(self):
        before = rss_mb(self.server.pid())
        count = 100 if self.quick else 1000
        open_ones = []
        for _ in range(count):
            connection = socket.create_connection(("127.0.0.1", self.server.port), 10)
            wire.api_versions(connection)
            open_ones.append(connection)
        time.sleep(2)
        cpu = cpu_seconds(self.server.pid())
        time.sleep(5)
        result = {f"{count} idle connections: memory added, MB": rss_mb(self.server.pid()) - before,
                  f"{count} idle connections: CPU, % of a core": (cpu_seconds(self.server.pid()) - cpu) / 5 * 100}
        for connection in open_ones:
            connection.close()
        return result

    def partitions(self):
        count = 500 if self.quick else 10_000
        before = rss_mb(self.server.pid())
        began = time.monotonic()
        with wire.connect(self.server.port, 300) as connection:
            for number in range(count // 100):
                code = wire.create_topic(connection, f"many-{number}", 100)
                if code:
                    raise RuntimeError(f"topic {number}: error {code}")
        made = time.monotonic() - began
        time.sleep(3)
        result = {f"{count} partitions: made in, s": made, f"{count} partitions: memory added, MB": rss_mb(self.server.pid()) - before}
        self.server.stop(purge=False)
        result[f"{count} partitions: start to first accepted produce, ms"] = self.restart("many-0") * 1000
        return result

    def groups(self):
        count = 50 if self.quick else 1000
        topic = self.new_topic(1)
        before = rss_mb(self.server.pid())
        with wire.connect(self.server.port, 60) as connection:
            deadline = time.monotonic() + 30
            while wire.find_coordinator(connection, "first") or wire.commit(connection, "first", topic, 0):
                if time.monotonic() > deadline:
                    raise RuntimeError("no coordinator")
                time.sleep(0.2)
            began = time.monotonic()
            for number in range(count):
                code = wire.commit(connection, f"group-{number}", topic, number)
                if code:
                    raise RuntimeError(f"group {number}: error {code}")
            made = time.monotonic() - began
        result = {f"{count} groups: commits/s, one after the other": count / made,
                  f"{count} groups: memory added, MB": rss_mb(self.server.pid()) - before}
        self.server.stop(purge=False)
        result[f"{count} groups: start to first accepted produce, ms"] = self.restart(topic) * 1000
        return result


# In this order; each leaves a running server behind.
FIGURES = ("start", "idle", "latency", "throughput", "steady", "java", "connections", "groups", "partitions")

# Prefix of a figure: what Millrace must reach, as a ratio to Kafka ("x") or as a value.
TARGETS = (
    (r"start to first accepted produce", "value", "<=", 50),
    (r"produce p50 at 5 k/s", "value", "<=", None),
    (r"produce .*records/s", "x", ">=", 1.0),
    (r"produce .*broker CPU-s", "x", "<=", 0.5),
    (r"consume .*records/s", "x", ">=", 1.0),
    (r"consume .*broker CPU-s", "x", "<=", 1.0),
)
