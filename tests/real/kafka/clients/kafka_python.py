"""The scenario by kafka-python; the same file for 2.0.2 and for the newest."""
import threading
import time

import kafka
import kafka.errors
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, NewPartitions, NewTopic

import steps
from steps import Runner, Unsupported, octets, shown, shown_time, text

OLD = int(kafka.__version__.split(".", maxsplit=1)[0]) < 3
SOURCES = {1: "DYNAMIC_TOPIC", 2: "DYNAMIC_BROKER", 3: "DYNAMIC_DEFAULT_BROKER", 4: "STATIC_BROKER", 5: "DEFAULT",
           8: "GROUP"}


def offset_and_metadata(offset, metadata):
    kind = kafka.structs.OffsetAndMetadata
    return kind(offset, metadata) if len(kind._fields) == 2 else kind(offset, metadata, -1)


class Member(threading.Thread):
    """A consumer of a group, polling in its own thread as kafka-python wants it."""

    def __init__(self, make):
        super().__init__(daemon=True)
        self.make = make
        self.lock = threading.Lock()
        self.records = []
        self.assigned = set()
        self.error = None
        self.ending = threading.Event()
        self.asked = None
        self.answer = None
        self.answered = threading.Event()

    def run(self):
        consumer = None
        try:
            consumer = self.make()
            while not self.ending.is_set():
                got = consumer.poll(timeout_ms=100)
                with self.lock:
                    self.assigned = set(consumer.assignment())
                    for batch in got.values():
                        self.records.extend(batch)
                if self.asked:
                    try:
                        self.answer = self.asked(consumer)
                    except Exception as error:  # pylint: disable=broad-except
                        self.answer = error
                    self.asked = None
                    self.answered.set()
        except Exception as error:  # pylint: disable=broad-except
            self.error = error
        finally:
            if consumer is not None:
                try:
                    consumer.close() if OLD else consumer.close(timeout_ms=5000)
                except Exception:  # pylint: disable=broad-except
                    pass

    def ask(self, question):
        self.answered.clear()
        self.asked = question
        if not self.answered.wait(15):
            return {"error": "LOCAL_TIMEOUT"}
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class KafkaPython(Runner):
    """Owned by one thread."""

    def __init__(self, address):
        super().__init__(address)
        self.members = {}
        self.admin = KafkaAdminClient(bootstrap_servers=address, request_timeout_ms=20000, client_id="suite")
        self.lookup = KafkaConsumer(bootstrap_servers=address, client_id="suite", group_id=None)

    def error_name(self, error):
        code = getattr(error, "errno", None)
        if isinstance(error, kafka.errors.BrokerResponseError) and code in steps.ERRORS:
            return steps.ERRORS[code]
        return "LOCAL_" + type(error).__name__

    def plain_error(self, kind):
        """An error class of the client, or None."""
        if kind is None or kind == "OK" or kind is kafka.errors.NoError:
            return "NONE"
        if isinstance(kind, str):
            return kind.split("]")[0].split(" ")[0].strip("[")
        return steps.ERRORS.get(getattr(kind, "errno", None), getattr(kind, "__name__", str(kind)))

    # Cluster and topics.

    def op_cluster(self, _):
        return self.admin.describe_cluster()

    def topic_errors(self, answer):
        if OLD:
            return {row[0]: steps.ERRORS[row[1]] for row in answer.topic_errors}
        if not isinstance(answer, dict):
            answer = answer.to_dict()
        topics = answer.get("topics") or answer.get("responses") or answer.get("results")
        return {topic["name"]: steps.ERRORS[topic["error_code"]] for topic in topics}

    def op_create(self, step):
        topics = []
        for topic in step["topics"]:
            assignment = {number: list(nodes) for number, nodes in enumerate(topic.get("assignment", []))}
            topics.append(NewTopic(topic["name"], -1 if assignment else topic["partitions"],
                                   -1 if assignment else topic.get("replication", 1),
                                   replica_assignments=assignment or None, topic_configs=topic.get("configs", {})))
        options = {} if OLD else {"raise_errors": False}
        answer = self.admin.create_topics(topics, timeout_ms=15000, validate_only=step.get("validate_only", False), **options)
        return self.topic_errors(answer)

    def op_delete(self, step):
        if OLD:
            answer = self.admin.delete_topics(step["topics"], timeout_ms=15000)
            return {name: steps.ERRORS[code] for name, code in answer.topic_error_codes}
        return self.topic_errors(self.admin.delete_topics(step["topics"], timeout_ms=15000, raise_errors=False))

    def op_topics(self, _):
        return sorted(name for name in self.admin.list_topics() if not name.startswith("__"))

    def op_describe(self, step):
        result = {}
        for topic in self.admin.describe_topics(step["topics"]):
            name = topic.get("topic") or topic.get("name")
            result[name] = {
                "error": steps.ERRORS[topic["error_code"]], "internal": topic["is_internal"],
                "partitions": sorted([part.get("partition", part.get("partition_index")), part.get("leader", part.get("leader_id")),
                                      list(part.get("replicas", part.get("replica_nodes"))), list(part.get("isr", part.get("isr_nodes")))]
                                     for part in topic["partitions"])}
        return result

    def op_grow(self, step):
        if OLD:
            self.admin.create_partitions({step["topic"]: NewPartitions(step["count"])}, timeout_ms=15000,
                                         validate_only=step.get("validate_only", False))
            return "NONE"
        answer = self.admin.create_partitions({step["topic"]: step["count"]}, timeout_ms=15000, raise_errors=False,
                                              validate_only=step.get("validate_only", False))
        return self.topic_errors(answer)

    # Settings.

    def op_configs(self, step):
        kind = ConfigResourceType[step["type"].upper()]
        if step["type"] == "broker" and (not step["name"] or OLD and step["name"] != "1"):
            raise Unsupported    # 2.0.2 waits for ever for a node that is not there.
        keys = {key: None for key in step["keys"]} if "keys" in step else None
        resource = ConfigResource(kind, step["name"], configs=keys)
        if OLD:
            answer = self.admin.describe_configs([resource], include_synonyms=step.get("synonyms", False))[0]
            code, _, _, _, entries = answer.resources[0]
            if code:
                return {"error": steps.ERRORS[code]}
            rows = {row[0]: [row[1], SOURCES[row[3]] if not isinstance(row[3], bool) else row[3], row[2], row[4]] for row in entries}
            if step.get("synonyms"):
                for row in entries:
                    rows[row[0]].append([[name, value, SOURCES[source]] for name, value, source in row[5]])
        else:
            answer = self.admin.describe_configs([resource], include_synonyms=step.get("synonyms", False), config_filter="all")
            entries = answer[step["type"]][step["name"]]
            rows = {name: [row["value"], row["config_source"].replace("_CONFIG", ""), row["read_only"], row["is_sensitive"],
                           row.get("config_type")] for name, row in entries.items()}
            if step.get("synonyms"):
                for name, row in entries.items():
                    rows[name].append([[synonym["name"], synonym["value"], synonym["source"]] for synonym in row["synonyms"]])
        if "only_source" in step:
            rows = {name: [row[0], *row[2:]] for name, row in rows.items() if row[1] == step["only_source"]}
        return rows

    def op_alter(self, step):
        if OLD or (step["type"] == "broker" and not step["name"]):
            raise Unsupported
        names = [key for _, key, _ in step["ops"]]
        if len(set(names)) != len(names):
            raise Unsupported
        resource = ConfigResource(ConfigResourceType[step["type"].upper()], step["name"],
                                  configs={key: (op.upper(), value) for op, key, value in step["ops"]})
        return self.change(resource, incremental=True)

    def op_replace(self, step):
        resource = ConfigResource(ConfigResourceType[step["type"].upper()], step["name"], configs=dict(step["configs"]))
        if OLD:
            answer = self.admin.alter_configs([resource])
            return [steps.ERRORS[row[0]] for row in answer.resources]
        return self.change(resource, incremental=False)

    def change(self, resource, incremental):
        answer = self.admin.alter_configs([resource], raise_on_unknown=False, incremental=incremental)
        (result,) = [result for kind in answer.values() for result in kind.values()]
        return self.named(result)

    @staticmethod
    def named(result):
        """'[Error 40] InvalidConfigurationError: …' or 'OK'."""
        if result in (None, "OK"):
            return "NONE"
        return steps.ERRORS[int(result.split("]")[0].split()[-1])] if result.startswith("[Error") else result

    # Records.

    def producer(self, step):
        options = {"acks": step.get("acks", 1)}
        options["acks"] = "all" if options["acks"] == -1 else options["acks"]
        if step.get("idempotent"):
            if OLD:
                raise Unsupported
            options["enable_idempotence"] = True
        elif not OLD:
            options["enable_idempotence"] = False
        compression = step.get("compression", "none")
        if "max_bytes" in step:
            options["max_request_size"] = step["max_bytes"]
        if not OLD:
            options["delivery_timeout_ms"] = 20000
        return KafkaProducer(bootstrap_servers=self.address, client_id="suite", linger_ms=30, max_block_ms=5000,
                             batch_size=1 << 20, request_timeout_ms=10000,
                             compression_type=None if compression == "none" else compression, **options)

    def op_produce(self, step):
        producer = self.producer(step)
        sent = []
        try:
            for key, value, *rest in step["records"]:
                headers = [(name, octets(header)) for name, header in rest[0]] if rest else None
                try:
                    sent.append(producer.send(step["topic"], key=octets(key), value=octets(value), headers=headers,
                                              partition=step.get("partition", 0),
                                              timestamp_ms=rest[1] if len(rest) > 1 else None))
                except Exception as error:  # pylint: disable=broad-except
                    sent.append(error)
            result = []
            for future in sent:
                try:
                    if isinstance(future, Exception):
                        raise future
                    got = future.get(timeout=25)
                    result.append([got.partition, got.offset, shown_time(got.timestamp)])
                except Exception as error:  # pylint: disable=broad-except
                    result.append({"error": self.error_name(error)})
            return result
        finally:
            producer.close(timeout=10)

    def op_bulk_produce(self, step):
        producer = self.producer({"compression": step["compression"], "acks": -1})
        for number in range(step["count"]):
            value = f"{number}:".encode().ljust(step["size"], b"v")
            producer.send(step["topic"], key=str(number).encode(), value=value, partition=number % step["partitions"])
        producer.flush(timeout=60)
        producer.close(timeout=10)
        return self.ends(step)

    def ends(self, step):
        parts = [TopicPartition(step["topic"], number) for number in range(step["partitions"])]
        return {str(part.partition): offset for part, offset in self.lookup.end_offsets(parts).items()}

    def op_bulk_consume(self, step):
        consumer = KafkaConsumer(bootstrap_servers=self.address, client_id="suite", group_id=None,
                                 max_partition_fetch_bytes=step.get("partition_bytes", 1048576), max_poll_records=5000)
        parts = [TopicPartition(step["topic"], number) for number in range(step["partitions"])]
        ends = self.lookup.end_offsets(parts)
        consumer.assign(parts)
        consumer.seek_to_beginning(*parts)
        result = {str(part.partition): {"count": 0, "bytes": 0, "ordered": True, "next": 0} for part in parts}
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and any(result[str(part.partition)]["next"] < ends[part] for part in parts):
            for part, records in consumer.poll(timeout_ms=500).items():
                row = result[str(part.partition)]
                for record in records:
                    row["ordered"] = row["ordered"] and record.offset == row["next"]
                    row["next"] = record.offset + 1
                    row["count"] += 1
                    row["bytes"] += len(record.value)
        consumer.close()
        return result

    def op_fetch(self, step):
        part = TopicPartition(step["topic"], step.get("partition", 0))
        options = {"isolation_level": step["isolation"]} if "isolation" in step and not OLD else {}
        if "isolation" in step and OLD:
            raise Unsupported
        consumer = KafkaConsumer(bootstrap_servers=self.address, client_id="suite", group_id=None,
                                 auto_offset_reset="none", max_partition_fetch_bytes=step.get("partition_bytes", 1048576), **options)
        try:
            end = consumer.end_offsets([part])[part]
            start = self.start(consumer, part, step["from"], end)
            consumer.assign([part])
            consumer.seek(part, start)
            records = []
            deadline = time.monotonic() + 10
            while consumer.position(part) < end and time.monotonic() < deadline or start > end:
                for batch in consumer.poll(timeout_ms=500).values():
                    records.extend(batch)
                if time.monotonic() > deadline:
                    break
            return {"start": start, "end": end, "records": [self.record(record) for record in records]}
        finally:
            consumer.close()

    def start(self, consumer, part, place, end):
        if place == "earliest":
            return consumer.beginning_offsets([part])[part]
        if place == "latest":
            return end
        if "offset" in place:
            return place["offset"]
        if "tail" in place:
            return end - place["tail"]
        found = consumer.offsets_for_times({part: place["timestamp"]})[part]
        return found.offset if found else end

    @staticmethod
    def record(record):
        return {"o": record.offset, "k": shown(record.key), "v": shown(record.value), "ts": shown_time(record.timestamp),
                "tt": record.timestamp_type, "h": [[name, shown(value)] for name, value in record.headers]}

    # Offsets.

    SPECS = {"earliest": -2, "latest": -1, "max_timestamp": -3, "earliest_local": -4, "latest_tiered": -5, "earliest_pending": -6}

    def op_offsets(self, step):
        part = TopicPartition(step["topic"], step.get("partition", 0))
        result = []
        for spec in step["specs"]:
            try:
                result.append(self.offset_of(part, spec))
            except Unsupported:
                result.append("unsupported")
            except Exception as error:  # pylint: disable=broad-except
                result.append({"error": self.error_name(error)})
        return result

    def offset_of(self, part, spec):
        if not OLD:
            found = self.admin.list_partition_offsets({part: self.SPECS.get(spec, spec)}, timeout_ms=5000)[part]
            return [found.offset, shown_time(found.timestamp)]
        if part.topic == "no-such-topic" or part.partition > 4:
            raise Unsupported    # 2.0.2 asks for ever.
        if spec == "earliest":
            return self.lookup.beginning_offsets([part])[part]
        if spec == "latest":
            return self.lookup.end_offsets([part])[part]
        if isinstance(spec, str):
            raise Unsupported
        found = self.lookup.offsets_for_times({part: spec})[part]
        return [found.offset, found.timestamp] if found else None

    def op_trim(self, step):
        if OLD:
            raise Unsupported
        part = TopicPartition(step["topic"], step.get("partition", 0))
        return self.admin.delete_records({part: step["before"]}, timeout_ms=5000)[part]

    # Groups.

    def outside(self, group):
        return KafkaConsumer(bootstrap_servers=self.address, client_id="suite", group_id=group, enable_auto_commit=False)

    def op_commit(self, step):
        consumer = self.outside(step["group"])
        try:
            consumer.assign([TopicPartition(topic, part) for topic, part, *_ in step["offsets"]])
            consumer.commit({TopicPartition(topic, part): offset_and_metadata(offset, text(metadata))
                             for topic, part, offset, metadata in step["offsets"]})
            return "NONE"
        finally:
            consumer.close()

    def op_committed(self, step):
        if "partitions" not in step:
            got = self.admin.list_consumer_group_offsets(step["group"]) if OLD else \
                self.admin.list_group_offsets({step["group"]: None})[step["group"]]
            return {f"{part.topic}-{part.partition}": [found.offset, shown(found.metadata)] for part, found in got.items()}
        consumer = self.outside(step["group"])
        try:
            result = {}
            for topic, number in step["partitions"]:
                found = consumer.committed(TopicPartition(topic, number), metadata=True)
                result[f"{topic}-{number}"] = found and [found.offset, shown(found.metadata)]
            return result
        finally:
            consumer.close()

    def op_groups(self, step):
        if OLD:
            return {name: kind for name, kind in self.admin.list_consumer_groups() if name in step["of"]}
        return {group["group_id"]: [group.get("protocol_type"), group.get("group_state"), group.get("group_type")]
                for group in self.admin.list_groups() if group["group_id"] in step["of"]}

    def op_describe_groups(self, step):
        if OLD:
            groups = {}
            for info in self.admin.describe_consumer_groups(step["groups"]):
                members = [[member.client_id, getattr(member.member_assignment, "assignment", None)] for member in info.members]
                groups[info.group] = {"error": steps.ERRORS[info.error_code], "state": info.state, "type": info.protocol_type,
                                      "protocol": info.protocol, "members": self.shares(members, step)}
            return groups
        result = {}
        for name, info in self.admin.describe_groups(step["groups"]).items():
            members = []
            for member in info["members"]:
                assignment = member.get("member_assignment")
                rows = [(row["topic"], row["partitions"]) for row in assignment["assigned_partitions"]] if isinstance(assignment, dict) else None
                members.append([member.get("group_instance_id") or member["client_id"], rows])
            result[name] = {"error": self.named(info["error"]), "state": info["group_state"], "type": info["protocol_type"],
                            "protocol": info["protocol_data"], "members": self.shares(members, step)}
        return result

    @staticmethod
    def shares(members, step):
        rows = []
        for name, assignment in members:
            parts = sorted([topic, number] for topic, numbers in assignment or [] for number in numbers)
            rows.append([name, parts if step.get("show") == "partitions" else len(parts)])
        return sorted(rows, key=str)

    def op_delete_groups(self, step):
        if OLD:
            return {name: self.plain_error(kind) for name, kind in self.admin.delete_consumer_groups(step["groups"])}
        return self.admin.delete_groups(step["groups"])

    def op_alter_offsets(self, step):
        if OLD:
            raise Unsupported
        answer = self.admin.alter_group_offsets(step["group"], {
            TopicPartition(topic, part): offset_and_metadata(offset, text(metadata))
            for topic, part, offset, metadata in step["offsets"]})
        return {f"{part.topic}-{part.partition}": self.plain_error(kind) for part, kind in answer.items()}

    def op_delete_offsets(self, step):
        if OLD:
            raise Unsupported
        answer = self.admin.delete_group_offsets(step["group"], [TopicPartition(*part) for part in step["partitions"]])
        return {f"{part.topic}-{part.partition}": self.plain_error(kind) for part, kind in answer.items()}

    def op_remove_members(self, step):
        if OLD:
            raise Unsupported
        from kafka.admin import MemberToRemove  # pylint: disable=import-outside-toplevel
        answer = self.admin.remove_group_members(step["group"], [MemberToRemove(group_instance_id=name) for name in step["instances"]])
        return {getattr(member, "group_instance_id", str(member)): self.plain_error(kind) for member, kind in answer.items()}

    def op_open(self, step):
        options = {}
        if "strategy" in step:
            from kafka.coordinator import assignors  # pylint: disable=import-outside-toplevel,unused-import
            options["partition_assignment_strategy"] = [self.assignor(step["strategy"])]
        if "instance" in step:
            if OLD:
                raise Unsupported
            options["group_instance_id"] = step["instance"]
        if "session_ms" in step:
            options["session_timeout_ms"] = step["session_ms"]
            options["heartbeat_interval_ms"] = step["session_ms"] // 3
        else:
            options["session_timeout_ms"] = 10000
            options["heartbeat_interval_ms"] = 300
        if step["group"] == "":
            options["api_version"] = (2, 5, 0) if OLD else None
            options = {key: value for key, value in options.items() if value is not None}

        def make():
            return KafkaConsumer(*step["topics"], bootstrap_servers=self.address, client_id=step["member"], group_id=step["group"],
                                 auto_offset_reset={"none": "none"}.get(step["reset"], step["reset"]), enable_auto_commit=False,
                                 max_poll_interval_ms=20000, **options)
        self.members[step["member"]] = Member(make)
        self.members[step["member"]].start()
        return "NONE"

    @staticmethod
    def assignor(name):
        if name == "range":
            from kafka.coordinator.assignors.range import RangePartitionAssignor as kind
        elif name == "roundrobin":
            from kafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor as kind
        elif OLD:
            raise Unsupported
        else:
            from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor as kind
        return kind

    def member(self, step):
        if step["member"] not in self.members:
            raise Unsupported
        return self.members[step["member"]]

    def op_wait(self, step):
        if any(name not in self.members for name in step["members"]):
            raise Unsupported
        members = {name: self.members[name] for name in step["members"]}
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if all(len(members[name].assigned) == count for name, count in step["members"].items()):
                time.sleep(step.get("settle_ms", 300) / 1000)
                if all(len(members[name].assigned) == count for name, count in step["members"].items()):
                    break
            time.sleep(0.05)
        return {name: sorted([part.topic, part.partition] for part in member.assigned) if step.get("show") else len(member.assigned)
                for name, member in members.items()}

    def op_read(self, step):
        member = self.member(step)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and len(member.records) < step["count"] and not member.error:
            time.sleep(0.05)
        time.sleep(0.3)
        with member.lock:
            records, member.records = member.records, []
        return sorted([record.partition, record.offset, shown(record.value)] for record in records)

    def op_member_commit(self, step):
        def commit(consumer):
            consumer.commit()
            return "NONE"
        return self.member(step).ask(commit)

    def op_failure(self, step):
        member = self.member(step)
        deadline = time.monotonic() + 12
        while time.monotonic() < deadline and not member.error:
            time.sleep(0.05)
        return {"error": self.error_name(member.error)} if member.error else "NONE"

    def op_close(self, step):
        member = self.member(step)
        del self.members[step["member"]]
        member.ending.set()
        member.join(15)
        return "NONE" if not member.is_alive() else {"error": "LOCAL_TIMEOUT"}

    # The node.

    def op_log_dirs(self, step):
        if OLD:
            raise Unsupported
        result = []
        for node in self.admin.describe_log_dirs(step["topics"]):
            node = node if isinstance(node, dict) else node.to_dict()
            for folder in node.get("log_dirs") or node.get("results") or []:
                result.append([steps.ERRORS[folder["error_code"]],
                               [[topic["name"], [[part["partition_index"], part["partition_size"], part["offset_lag"],
                                                  part["is_future_key"]] for part in topic["partitions"]]]
                                for topic in folder["topics"]]])
        return result

    def op_elect(self, step):
        if OLD:
            raise Unsupported
        return self.admin.elect_leaders(0, {step["topic"]: [step["partition"]]}, timeout_ms=5000, raise_errors=False)

    def op_reassignments(self, _):
        if OLD:
            raise Unsupported
        return self.admin.list_partition_reassignments(timeout_ms=5000)

    def op_reassign(self, step):
        if OLD:
            raise Unsupported
        part = TopicPartition(step["topic"], step["partition"])
        answer = self.admin.alter_partition_reassignments({part: step["replicas"]}, timeout_ms=5000)
        return self.plain_error(answer.get(part))

    def op_features(self, _):
        if OLD:
            raise Unsupported
        answer = self.admin.describe_features()
        answer.pop("finalized_features_epoch", None)
        for feature in answer.values():
            if isinstance(feature, dict):
                feature.pop("finalized_epoch", None)    # Grows with every change.
        return answer

    def op_producers(self, step):
        if OLD:
            raise Unsupported
        answer = self.admin.describe_producers([TopicPartition(step["topic"], step["partition"])])
        states = [state for part in answer.values() for state in part.active_producers]
        return {"count": len(states)}


if __name__ == "__main__":
    steps.main(KafkaPython)
