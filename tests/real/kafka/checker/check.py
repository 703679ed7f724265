#!/usr/bin/env python3
"""Looks for anomalies in a history of producers and consumers, in the manner of Jepsen's queue workload.

check.py HISTORY.jsonl      prints counts and anomalies; exit 1 if there is one

Each producer sends `NAME:NUMBER` with growing numbers, each to a partition of its choice. The history holds one event a
line; times are seconds of one monotonic clock, `began` before the call and `time` after it:
  {"type": "sent", "producer", "partition", "number"}
  {"type": "acknowledged", "producer", "partition", "number", "offset"}
  {"type": "failed", "producer", "partition", "number", "error"}       may be in the log all the same
  {"type": "assigned" | "revoked", "group", "member", "partitions"}
  {"type": "polled", "group", "member", "partition", "offset", "value"}
  {"type": "committed", "group", "partition", "offset", "began", "time"}         acknowledged commits only
  {"type": "committed_seen", "group", "partition", "offset", "began", "time"}    somebody asked
  {"type": "high_watermark", "partition", "offset", "began", "time"}
  {"type": "error", "group", "member", "error"}                         what a consumer of a sound log never gets
  {"type": "log", "partition", "offset", "value"}                       the whole log, read at the end
  {"type": "finished", "group", "partition", "offset"}                  a group had read up to here at the end
  {"type": "note", …}

Anomalies:
  lost               acknowledged, but not in the log
  moved              in the log, but at another offset than the acknowledgement said
  duplicate          in the log twice, though its producer is idempotent
  reordered          of one producer in one partition, a lower number after a higher one
  invented           in the log, but never sent
  inconsistent       two readers saw different values at one offset
  poll_skip          a member, while it owned a partition, passed over an offset that is in the log
  poll_back          a member, while it owned a partition, was given an offset that it had had
  unseen             in the log below where the group ended, but no member of the group ever got it
  commit_back        a committed offset was later seen lower
  high_watermark_back
  consumer_error     a consumer was told that its offset does not exist, or the like
"""
import collections
import json
import sys


class Findings:
    """Anomalies by kind, a few examples of each. Owned by one thread."""

    EXAMPLES = 5

    def __init__(self):
        self.counts = collections.Counter()
        self.examples = collections.defaultdict(list)

    def add(self, kind, text):
        self.counts[kind] += 1
        if len(self.examples[kind]) < self.EXAMPLES:
            self.examples[kind].append(text)

    def __bool__(self):
        return bool(self.counts)


def check(events):
    """(findings, counts of what happened)."""
    findings = Findings()
    totals = collections.Counter(event["type"] for event in events)
    log = read_log(events, findings)
    check_records(events, log, findings)
    check_polls(events, log, findings)
    check_groups(events, log, findings)
    check_monotonic(events, findings)
    for event in events:
        if event["type"] == "error":
            findings.add("consumer_error", f"{event['group']}/{event['member']}: {event['error']}")
    return findings, totals


def read_log(events, findings):
    """{partition: {offset: value}}; who reads an offset twice must see the same."""
    log = collections.defaultdict(dict)
    for event in events:
        if event["type"] == "log":
            known = log[event["partition"]].setdefault(event["offset"], event["value"])
            if known != event["value"]:
                findings.add("inconsistent", f"{event['partition']}@{event['offset']}: {known} and {event['value']}")
    return log


def check_records(events, log, findings):
    places = collections.defaultdict(list)
    for partition, records in log.items():
        for offset in sorted(records):
            places[records[offset], partition].append(offset)
    sent = {(f"{event['producer']}:{event['number']}", event["partition"]) for event in events if event["type"] == "sent"}
    for (value, partition), offsets in places.items():
        if (value, partition) not in sent:
            findings.add("invented", f"{value} in {partition}@{offsets[0]}")
        if len(offsets) > 1:
            findings.add("duplicate", f"{value} in {partition}@{offsets}")
    for event in events:
        if event["type"] != "acknowledged":
            continue
        value = f"{event['producer']}:{event['number']}"
        offsets = places.get((value, event["partition"]), [])
        if not offsets:
            findings.add("lost", f"{value} acknowledged at {event['partition']}@{event['offset']}")
        elif event["offset"] >= 0 and event["offset"] not in offsets:
            findings.add("moved", f"{value} acknowledged at {event['partition']}@{event['offset']}, found at {offsets}")
    for partition, records in log.items():
        last = {}
        for offset in sorted(records):
            producer, _, number = records[offset].rpartition(":")
            number = int(number)
            # A record twice is a duplicate, not an order.
            if number < last.get(producer, -1):
                findings.add("reordered", f"{producer} in {partition}@{offset}: {number} after {last[producer]}")
            last[producer] = max(number, last.get(producer, -1))


def check_polls(events, log, findings):
    """What one member is given of one partition, from when it gets the partition to when it loses it."""
    following = {}
    for event in events:
        kind = event["type"]
        if kind in ("assigned", "revoked"):
            for partition in event["partitions"]:
                following.pop((event["group"], event["member"], partition), None)
        elif kind == "polled":
            partition, offset = event["partition"], event["offset"]
            who = f"{event['group']}/{event['member']} in {partition}"
            known = log[partition].get(offset)
            if known is not None and known != event["value"]:
                findings.add("inconsistent", f"{who}@{offset}: polled {event['value']}, the log has {known}")
            elif known is None and log:
                findings.add("inconsistent", f"{who}@{offset}: polled {event['value']}, the log has nothing there")
            key = event["group"], event["member"], partition
            expected = following.get(key)
            if expected is not None:
                if offset < expected:
                    findings.add("poll_back", f"{who}: {offset} after {expected - 1}")
                skipped = [place for place in range(expected, offset) if place in log[partition]]
                if skipped:
                    findings.add("poll_skip", f"{who}: {offset} after {expected - 1}, {len(skipped)} passed over")
            following[key] = max(offset + 1, expected or 0)


def check_groups(events, log, findings):
    seen = collections.defaultdict(set)
    for event in events:
        if event["type"] == "polled":
            seen[event["group"], event["partition"]].add(event["offset"])
    for event in events:
        if event["type"] == "finished":
            partition = event["partition"]
            missing = [offset for offset in log[partition] if offset < event["offset"] and offset not in seen[event["group"], partition]]
            for offset in sorted(missing):
                findings.add("unseen", f"{event['group']} never got {partition}@{offset} ({log[partition][offset]})")


def check_monotonic(events, findings):
    """What was known when a question began must be in its answer."""
    for kinds, name, key in ((("committed", "committed_seen"), "commit_back", lambda event: (event["group"], event["partition"])),
                             (("high_watermark",), "high_watermark_back", lambda event: event["partition"])):
        chosen = [event for event in events if event["type"] in kinds]
        answered = sorted(chosen, key=lambda event: event["time"])
        known = {}
        index = 0
        for event in sorted(chosen, key=lambda event: event["began"]):
            while index < len(answered) and answered[index]["time"] < event["began"]:
                before = answered[index]
                known[key(before)] = max(before["offset"], known.get(key(before), -1))
                index += 1
            if event["offset"] < known.get(key(event), -1):
                findings.add(name, f"{key(event)}: {event['type']} {event['offset']} after {known[key(event)]}")


def report(findings, totals):
    for kind in ("sent", "acknowledged", "failed", "log", "polled", "committed", "committed_seen", "high_watermark", "assigned"):
        print(f"{kind:16} {totals[kind]}")
    for kind, count in sorted(findings.counts.items()):
        print(f"ANOMALY {kind}: {count}")
        for example in findings.examples[kind]:
            print(f"    {example}")
    print(f"{sum(findings.counts.values())} anomalies")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        events = [json.loads(line) for line in file]
    findings, totals = check(events)
    report(findings, totals)
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
