#!/usr/bin/env python3
"""The checker finds each anomaly that is planted, and nothing in a sound history."""
import copy
import unittest

import check


def sound():
    """Two producers, one group of two members, one rebalance; all that is acknowledged is there."""
    events = []
    for number in range(6):
        for producer in ("p0", "p1"):
            events.append({"type": "sent", "producer": producer, "partition": 0, "number": number})
    order = [("p0", 0), ("p1", 0), ("p0", 1), ("p0", 2), ("p1", 1), ("p1", 2), ("p0", 3), ("p1", 3), ("p0", 4), ("p1", 4)]
    for offset, (producer, number) in enumerate(order):
        events.append({"type": "acknowledged", "producer": producer, "partition": 0, "number": number, "offset": offset})
        events.append({"type": "log", "partition": 0, "offset": offset, "value": f"{producer}:{number}"})
    # Not acknowledged: one is there, one is not.
    events.append({"type": "failed", "producer": "p0", "partition": 0, "number": 5, "error": "time"})
    events.append({"type": "log", "partition": 0, "offset": 10, "value": "p0:5"})
    events.append({"type": "failed", "producer": "p1", "partition": 0, "number": 5, "error": "time"})
    values = [f"{producer}:{number}" for producer, number in [*order, ("p0", 5)]]
    events.append({"type": "assigned", "group": "g", "member": "a", "partitions": [0]})
    for offset in range(6):
        events.append({"type": "polled", "group": "g", "member": "a", "partition": 0, "offset": offset, "value": values[offset]})
    events.append({"type": "committed", "group": "g", "partition": 0, "offset": 4, "began": 1.0, "time": 1.1})
    events.append({"type": "revoked", "group": "g", "member": "a", "partitions": [0]})
    events.append({"type": "assigned", "group": "g", "member": "b", "partitions": [0]})
    for offset in range(4, 11):    # The next member begins where the last one committed.
        events.append({"type": "polled", "group": "g", "member": "b", "partition": 0, "offset": offset, "value": values[offset]})
    events.append({"type": "committed_seen", "group": "g", "partition": 0, "offset": 4, "began": 2.0, "time": 2.1})
    events.append({"type": "committed", "group": "g", "partition": 0, "offset": 11, "began": 3.0, "time": 3.1})
    # Asked while the commit was on its way: either answer is right.
    events.append({"type": "committed_seen", "group": "g", "partition": 0, "offset": 4, "began": 3.05, "time": 3.2})
    events.append({"type": "committed_seen", "group": "g", "partition": 0, "offset": 11, "began": 3.3, "time": 3.4})
    events.append({"type": "high_watermark", "partition": 0, "offset": 5, "began": 1.0, "time": 1.2})
    events.append({"type": "high_watermark", "partition": 0, "offset": 4, "began": 0.9, "time": 1.3})
    events.append({"type": "high_watermark", "partition": 0, "offset": 11, "began": 2.0, "time": 2.1})
    events.append({"type": "finished", "group": "g", "partition": 0, "offset": 11})
    return events


def find(events, **wanted):
    return next(event for event in events if all(event.get(name) == value for name, value in wanted.items()))


class CheckTest(unittest.TestCase):
    def kinds(self, events):
        return dict(check.check(events)[0].counts)

    def planted(self, change):
        events = copy.deepcopy(sound())
        change(events)
        return self.kinds(events)

    def test_finds_nothing_in_a_sound_history(self):
        self.assertEqual(self.kinds(sound()), {})

    def test_finds_an_acknowledged_record_that_is_gone(self):
        def change(events):
            events.remove(find(events, type="log", value="p1:4"))
            events[:] = [event for event in events if not (event["type"] == "polled" and event["value"] == "p1:4")]
        self.assertEqual(self.planted(change), {"lost": 1})

    def test_finds_a_record_elsewhere_than_acknowledged(self):
        def change(events):
            find(events, type="acknowledged", producer="p1", number=4)["offset"] = 77
        self.assertEqual(self.planted(change), {"moved": 1})

    def test_finds_a_duplicate(self):
        def change(events):
            events.append({"type": "log", "partition": 0, "offset": 11, "value": "p0:5"})
        self.assertEqual(self.planted(change), {"duplicate": 1})

    def test_finds_records_out_of_order(self):
        def change(events):
            first, second = find(events, type="log", value="p0:1"), find(events, type="log", value="p0:2")
            first["value"], second["value"] = second["value"], first["value"]
            for event in events:
                if event["type"] == "acknowledged" and event["producer"] == "p0" and event["number"] in (1, 2):
                    event["offset"] = 5 - event["offset"]
                if event["type"] == "polled" and event["value"] in ("p0:1", "p0:2"):
                    event["value"] = "p0:2" if event["value"] == "p0:1" else "p0:1"
        self.assertEqual(self.planted(change), {"reordered": 1})

    def test_finds_a_record_that_nobody_sent(self):
        def change(events):
            events.append({"type": "log", "partition": 0, "offset": 11, "value": "p7:0"})
        self.assertEqual(self.planted(change), {"invented": 1})

    def test_finds_two_values_at_one_offset(self):
        def change(events):
            find(events, type="polled", member="b", offset=7)["value"] = "p0:0"
        self.assertEqual(self.planted(change), {"inconsistent": 1})

    def test_finds_a_polled_record_that_the_log_lacks(self):
        def change(events):
            events.append({"type": "polled", "group": "g", "member": "b", "partition": 0, "offset": 11, "value": "p1:5"})
        self.assertEqual(self.planted(change), {"inconsistent": 1})

    def test_finds_a_skip_within_one_membership(self):
        def change(events):
            events.remove(find(events, type="polled", member="a", offset=2))
        self.assertEqual(self.planted(change), {"poll_skip": 1, "unseen": 1})

    def test_finds_a_poll_that_goes_back(self):
        def change(events):
            place = events.index(find(events, type="polled", member="b", offset=8))
            events.insert(place + 1, dict(find(events, type="polled", member="b", offset=5)))
        self.assertEqual(self.planted(change), {"poll_back": 1})

    def test_finds_a_record_that_fell_between_two_members(self):
        def change(events):
            for offset in (4, 5):
                events.remove(find(events, type="polled", member="b", offset=offset))
            events.remove(find(events, type="polled", member="a", offset=5))
        self.assertEqual(self.planted(change), {"unseen": 1})

    def test_allows_a_member_to_begin_again_after_a_rebalance(self):
        def change(events):
            events.append({"type": "assigned", "group": "g", "member": "b", "partitions": [0]})
            events.append(dict(find(events, type="polled", member="b", offset=4)))
        self.assertEqual(self.planted(change), {})

    def test_finds_a_committed_offset_that_went_back(self):
        def change(events):
            find(events, type="committed_seen", began=3.3)["offset"] = 4
        self.assertEqual(self.planted(change), {"commit_back": 1})

    def test_finds_a_high_watermark_that_went_back(self):
        def change(events):
            find(events, type="high_watermark", began=2.0)["offset"] = 3
        self.assertEqual(self.planted(change), {"high_watermark_back": 1})

    def test_finds_what_a_consumer_was_told(self):
        def change(events):
            events.append({"type": "error", "group": "g", "member": "a", "error": "_AUTO_OFFSET_RESET"})
        self.assertEqual(self.planted(change), {"consumer_error": 1})


if __name__ == "__main__":
    unittest.main()
