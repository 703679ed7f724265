"""The scenario by confluent-kafka, the Python binding of librdkafka."""
import time

from confluent_kafka import (Consumer, ConsumerGroupTopicPartitions, ElectionType, IsolationLevel, KafkaException, Producer,
                             TopicCollection, TopicPartition)
from confluent_kafka.admin import (AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ConfigSource, NewPartitions, NewTopic,
                                   OffsetSpec, ResourceType)

import steps
from steps import Runner, Unsupported, octets, shown, shown_time, text

SOURCES = {ConfigSource.DYNAMIC_TOPIC_CONFIG.value: "DYNAMIC_TOPIC", ConfigSource.DYNAMIC_BROKER_CONFIG.value: "DYNAMIC_BROKER",
           ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG.value: "DYNAMIC_DEFAULT_BROKER",
           ConfigSource.STATIC_BROKER_CONFIG.value: "STATIC_BROKER", ConfigSource.DEFAULT_CONFIG.value: "DEFAULT"}
SPECS = {"earliest": OffsetSpec.earliest, "latest": OffsetSpec.latest, "max_timestamp": OffsetSpec.max_timestamp}


def name_of(error):
    """The name of a KafkaError: the broker's codes by Kafka's names, librdkafka's own as LOCAL_…"""
    if error is None:
        return "NONE"
    code = error.code()
    return steps.ERRORS.get(code, f"BROKER_{code}") if code >= 0 else "LOCAL" + error.name()


class Member:
    """A consumer of a group; whoever waits for one member polls them all. Owned by one thread."""

    def __init__(self, consumer, topics):
        self.consumer = consumer
        self.records = []
        self.error = None
        consumer.subscribe(topics)

    def poll(self):
        for _ in range(50):
            message = self.consumer.poll(0.005)
            if message is None:
                return
            if not message.error():
                self.records.append(message)
            elif self.error is None:
                self.error = message.error()

    def assigned(self):
        return sorted([part.topic, part.partition] for part in self.consumer.assignment())


class Confluent(Runner):
    """Owned by one thread."""

    def __init__(self, address):
        super().__init__(address)
        self.common = {"bootstrap.servers": address, "client.id": "suite", "log_level": 3, "socket.timeout.ms": 15000,
                       "topic.metadata.refresh.interval.ms": 2000, "broker.address.family": "v4"}
        self.admin = AdminClient(self.common)
        self.members = {}

    def error_name(self, error):
        if isinstance(error, KafkaException):
            return name_of(error.args[0])
        return "LOCAL_" + type(error).__name__

    def result(self, future):
        """NONE, or the name of what the future raises."""
        try:
            future.result(20)
            return "NONE"
        except KafkaException as error:
            return name_of(error.args[0])

    # Cluster and topics.

    def op_cluster(self, _):
        info = self.admin.describe_cluster().result(10)
        return {"nodes": [node.id for node in info.nodes], "controller": info.controller.id, "id": bool(info.cluster_id),
                "racks": [node.rack for node in info.nodes]}

    def op_create(self, step):
        topics = []
        for topic in step["topics"]:
            if "assignment" in topic:
                topics.append(NewTopic(topic["name"], num_partitions=len(topic["assignment"]), replica_assignment=topic["assignment"],
                                       config=topic.get("configs", {})))
            else:
                topics.append(NewTopic(topic["name"], num_partitions=topic["partitions"], replication_factor=topic.get("replication", 1),
                                       config=topic.get("configs", {})))
        answer = self.admin.create_topics(topics, operation_timeout=10, validate_only=step.get("validate_only", False))
        return {name: self.result(future) for name, future in answer.items()}

    def op_delete(self, step):
        return {name: self.result(future) for name, future in self.admin.delete_topics(step["topics"], operation_timeout=10).items()}

    def op_topics(self, _):
        return sorted(name for name in self.admin.list_topics(timeout=10).topics if not name.startswith("__"))

    def op_describe(self, step):
        result = {}
        for name, future in self.admin.describe_topics(TopicCollection(step["topics"])).items():
            try:
                info = future.result(10)
                result[name] = {"internal": info.is_internal, "partitions": [
                    [part.id, part.leader.id, [node.id for node in part.replicas], [node.id for node in part.isr]]
                    for part in info.partitions]}
            except KafkaException as error:
                result[name] = {"error": self.error_name(error)}
        return result

    def op_grow(self, step):
        answer = self.admin.create_partitions([NewPartitions(step["topic"], step["count"])], operation_timeout=10,
                                              validate_only=step.get("validate_only", False))
        return {name: self.result(future) for name, future in answer.items()}

    # Settings.

    def resource(self, step):
        return ConfigResource(ResourceType[step["type"].upper()], step["name"])

    def op_configs(self, step):
        (future,) = self.admin.describe_configs([self.resource(step)]).values()
        rows = {}
        for name, entry in future.result(10).items():
            source = SOURCES.get(entry.source, entry.source)
            if "keys" in step and name not in step["keys"] or "only_source" in step and source != step["only_source"]:
                continue
            rows[name] = [entry.value, source, entry.is_read_only, entry.is_sensitive]
            if step.get("synonyms"):
                rows[name].append([[synonym.name, synonym.value, SOURCES.get(synonym.source)] for synonym in entry.synonyms.values()])
        return rows

    def op_alter(self, step):
        entries = [ConfigEntry(key, value, incremental_operation=AlterConfigOpType[op.upper()]) for op, key, value in step["ops"]]
        resource = ConfigResource(ResourceType[step["type"].upper()], step["name"], incremental_configs=entries)
        (future,) = self.admin.incremental_alter_configs([resource]).values()
        return self.result(future)

    def op_replace(self, step):
        resource = ConfigResource(ResourceType[step["type"].upper()], step["name"], set_config=dict(step["configs"]))
        (future,) = self.admin.alter_configs([resource]).values()
        return self.result(future)

    # Records.

    def producer(self, step):
        settings = {**self.common, "linger.ms": 30, "acks": step.get("acks", 1), "compression.type": step.get("compression", "none"),
                    "message.timeout.ms": 8000, "enable.idempotence": step.get("idempotent", False), "sticky.partitioning.linger.ms": 0,
                    "queue.buffering.max.kbytes": 200000}
        if "max_bytes" in step:
            settings["message.max.bytes"] = step["max_bytes"]
        return Producer(settings)

    def op_produce(self, step):
        producer = self.producer(step)
        result = [None] * len(step["records"])

        def report(index):
            def delivered(error, message):
                result[index] = {"error": name_of(error)} if error else \
                    [message.partition(), message.offset(), shown_time(message.timestamp()[1])]
            return delivered

        for index, (key, value, *rest) in enumerate(step["records"]):
            options = {"headers": [(name, octets(header)) for name, header in rest[0]]} if rest and rest[0] else {}
            if len(rest) > 1:
                options["timestamp"] = rest[1]
            try:
                producer.produce(step["topic"], octets(value), octets(key), partition=step.get("partition", 0),
                                 on_delivery=report(index), **options)
            except KafkaException as error:
                result[index] = {"error": self.error_name(error)}
        producer.flush(15)
        return result

    def op_bulk_produce(self, step):
        producer = self.producer({"compression": step["compression"], "acks": -1})
        failures = []
        for number in range(step["count"]):
            value = f"{number}:".encode().ljust(step["size"], b"v")
            producer.produce(step["topic"], value, str(number).encode(), partition=number % step["partitions"],
                             on_delivery=lambda error, _: error and failures.append(name_of(error)))
            producer.poll(0)
        producer.flush(60)
        consumer = Consumer({**self.common, "group.id": "unused"})
        ends = {str(part): consumer.get_watermark_offsets(TopicPartition(step["topic"], part), 10)[1]
                for part in range(step["partitions"])}
        consumer.close()
        return {"ends": ends, "failures": failures[:5]}

    def reader(self, step, **settings):
        return Consumer({**self.common, "group.id": "unused", "enable.auto.commit": False, "auto.offset.reset": "error",
                         "max.partition.fetch.bytes": step.get("partition_bytes", 1048576), "fetch.wait.max.ms": 100, **settings})

    def op_bulk_consume(self, step):
        consumer = self.reader(step)
        parts = [TopicPartition(step["topic"], number, 0) for number in range(step["partitions"])]
        ends = {part.partition: consumer.get_watermark_offsets(part, 10)[1] for part in parts}
        consumer.assign(parts)
        result = {str(part.partition): {"count": 0, "bytes": 0, "ordered": True, "next": 0} for part in parts}
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and any(result[str(part)]["next"] < end for part, end in ends.items()):
            for message in consumer.consume(1000, 0.5):
                row = result[str(message.partition())]
                row["ordered"] = row["ordered"] and message.offset() == row["next"]
                row["next"] = message.offset() + 1
                row["count"] += 1
                row["bytes"] += len(message.value())
        consumer.close()
        return result

    def op_fetch(self, step):
        consumer = self.reader(step, **{"isolation.level": step.get("isolation", "read_uncommitted")})
        try:
            part = TopicPartition(step["topic"], step.get("partition", 0))
            low, end = consumer.get_watermark_offsets(part, 10)
            place = step["from"]
            if place == "earliest":
                start = low
            elif place == "latest":
                start = end
            elif "offset" in place:
                start = place["offset"]
            elif "tail" in place:
                start = end - place["tail"]
            else:
                (found,) = consumer.offsets_for_times([TopicPartition(step["topic"], part.partition, place["timestamp"])], 10)
                start = found.offset if found.offset >= 0 else end
            consumer.assign([TopicPartition(step["topic"], part.partition, start)])
            records = []
            deadline = time.monotonic() + 10
            following = start
            while (following < end or start > end) and time.monotonic() < deadline:
                message = consumer.poll(0.5)
                if message is None:
                    continue
                if message.error():
                    return {"start": start, "end": end, "error": name_of(message.error())}
                records.append(self.record(message))
                following = message.offset() + 1
            return {"start": start, "end": end, "records": records}
        finally:
            consumer.close()

    @staticmethod
    def record(message):
        kind, milliseconds = message.timestamp()
        return {"o": message.offset(), "k": shown(message.key()), "v": shown(message.value()), "ts": shown_time(milliseconds), "tt": kind,
                "h": [[name, shown(value)] for name, value in message.headers() or []]}

    # Offsets.

    def op_offsets(self, step):
        result = []
        for spec in step["specs"]:
            if isinstance(spec, str) and spec not in SPECS:
                result.append("unsupported")
                continue
            asked = OffsetSpec.for_timestamp(spec) if isinstance(spec, int) else SPECS[spec]()
            part = TopicPartition(step["topic"], step.get("partition", 0))
            try:
                (future,) = self.admin.list_offsets({part: asked}, isolation_level=IsolationLevel.READ_UNCOMMITTED,
                                                    request_timeout=5).values()
                found = future.result(10)
                result.append([found.offset, shown_time(found.timestamp), found.leader_epoch])
            except KafkaException as error:
                result.append({"error": self.error_name(error)})
        return result

    def op_trim(self, step):
        part = TopicPartition(step["topic"], step.get("partition", 0), step["before"])
        (future,) = self.admin.delete_records([part], request_timeout=5).values()
        return future.result(10).low_watermark

    # Groups.

    def outside(self, group):
        return Consumer({**self.common, "group.id": group, "enable.auto.commit": False})

    def op_commit(self, step):
        consumer = self.outside(step["group"])
        try:
            parts = [TopicPartition(topic, part, offset, metadata=text(metadata)) for topic, part, offset, metadata in step["offsets"]]
            return {f"{part.topic}-{part.partition}": name_of(part.error) for part in consumer.commit(offsets=parts, asynchronous=False)}
        finally:
            consumer.close()

    def op_committed(self, step):
        wanted = [TopicPartition(*part) for part in step["partitions"]] if "partitions" in step else None
        (future,) = self.admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(step["group"], wanted)]).values()
        return {f"{part.topic}-{part.partition}": [part.offset, shown(part.metadata)] if part.error is None else name_of(part.error)
                for part in future.result(10).topic_partitions}

    def op_groups(self, step):
        answer = self.admin.list_consumer_groups().result(10)
        return {group.group_id: [group.is_simple_consumer_group, group.state.name, group.type.name] for group in answer.valid
                if group.group_id in step["of"]}

    def op_describe_groups(self, step):
        result = {}
        for name, future in self.admin.describe_consumer_groups(step["groups"]).items():
            try:
                info = future.result(10)
                members = []
                for member in info.members:
                    parts = sorted([part.topic, part.partition] for part in member.assignment.topic_partitions)
                    members.append([member.group_instance_id or member.client_id, parts if step.get("show") == "partitions" else len(parts)])
                result[name] = {"state": info.state.name, "type": info.type.name, "simple": info.is_simple_consumer_group,
                                "assignor": info.partition_assignor, "coordinator": info.coordinator.id, "members": sorted(members, key=str)}
            except KafkaException as error:
                result[name] = {"error": self.error_name(error)}
        return result

    def op_delete_groups(self, step):
        return {name: self.result(future) for name, future in self.admin.delete_consumer_groups(step["groups"]).items()}

    def op_alter_offsets(self, step):
        wanted = ConsumerGroupTopicPartitions(step["group"], [
            TopicPartition(topic, part, offset, metadata=text(metadata)) for topic, part, offset, metadata in step["offsets"]])
        (future,) = self.admin.alter_consumer_group_offsets([wanted]).values()
        return {f"{part.topic}-{part.partition}": name_of(part.error) for part in future.result(10).topic_partitions}

    def op_open(self, step):
        if step["group"] == "":
            raise Unsupported    # 2.16 aborts the process.
        settings = {**self.common, "group.id": step["group"], "client.id": step["member"], "enable.auto.commit": False,
                    "auto.offset.reset": {"none": "error"}.get(step["reset"], step["reset"]), "fetch.wait.max.ms": 100,
                    "session.timeout.ms": step.get("session_ms", 10000), "heartbeat.interval.ms": 300, "max.poll.interval.ms": 20000}
        if "strategy" in step:
            settings["partition.assignment.strategy"] = step["strategy"]
        if "instance" in step:
            settings["group.instance.id"] = step["instance"]
        self.members[step["member"]] = Member(Consumer(settings), step["topics"])
        return "NONE"

    def member(self, step):
        if step["member"] not in self.members:
            raise Unsupported
        return self.members[step["member"]]

    def poll_until(self, seconds, done=lambda: False):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not done():
            for member in self.members.values():
                member.poll()

    def op_wait(self, step):
        members = {name: self.members[name] for name in step["members"]}

        def there():
            return all(len(members[name].assigned()) == count for name, count in step["members"].items())

        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            self.poll_until(deadline - time.monotonic(), there)
            self.poll_until(step.get("settle_ms", 300) / 1000)
            if there():
                break
        return {name: member.assigned() if step.get("show") else len(member.assigned()) for name, member in members.items()}

    def op_read(self, step):
        member = self.member(step)
        self.poll_until(20, lambda: len(member.records) >= step["count"] or member.error)
        self.poll_until(0.3)
        records, member.records = member.records, []
        return sorted([message.partition(), message.offset(), shown(message.value())] for message in records)

    def op_member_commit(self, step):
        parts = self.member(step).consumer.commit(asynchronous=False)
        return {f"{part.topic}-{part.partition}": [part.offset, name_of(part.error)] for part in parts}

    def op_failure(self, step):
        member = self.member(step)
        self.poll_until(12, lambda: member.error)
        return {"error": name_of(member.error)}

    def op_close(self, step):
        member = self.member(step)
        del self.members[step["member"]]
        member.consumer.close()
        return "NONE"

    # The node.

    def op_elect(self, step):
        part = TopicPartition(step["topic"], step["partition"])
        answer = self.admin.elect_leaders(ElectionType.PREFERRED, [part], operation_timeout=5).result(10)
        return {f"{part.topic}-{part.partition}": self.error_name(error) if isinstance(error, KafkaException) else name_of(error)
                for part, error in answer.items()}


if __name__ == "__main__":
    steps.main(Confluent)
