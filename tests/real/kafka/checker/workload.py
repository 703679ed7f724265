"""Producers, groups and a watcher that write down what they do; by confluent-kafka (librdkafka)."""
import json
import random
import threading
import time

from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

TOPIC = "queue"


class History:
    """Thread-safe."""

    def __init__(self, path):
        self.lock = threading.Lock()
        self.events = []
        self.path = path

    def add(self, **event):
        with self.lock:
            self.events.append(event)

    def save(self):
        if self.path:
            with open(self.path, "w", encoding="utf-8") as file:
                for event in self.events:
                    file.write(json.dumps(event) + "\n")


def common(address):
    return {"bootstrap.servers": address, "log_level": 2, "broker.address.family": "v4", "reconnect.backoff.max.ms": 500,
            "retry.backoff.max.ms": 500, "socket.timeout.ms": 10000, "topic.metadata.refresh.interval.ms": 5000}


def prepare(address, partitions, groups):
    """The topic, and offset 0 committed by each group: from then on nobody may need a reset."""
    admin = AdminClient(common(address))
    admin.create_topics([NewTopic(TOPIC, num_partitions=partitions, replication_factor=1)])[TOPIC].result(20)
    for group in groups:
        deadline = time.monotonic() + 30
        while True:
            wanted = ConsumerGroupTopicPartitions(group, [TopicPartition(TOPIC, part, 0) for part in range(partitions)])
            try:
                for part in admin.alter_consumer_group_offsets([wanted])[group].result(20).topic_partitions:
                    if part.error:
                        raise KafkaException(part.error)
                break
            except KafkaException:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.3)


class ProducerThread(threading.Thread):
    """Sends NAME:NUMBER at a rate until told to end. Owned by its thread."""

    def __init__(self, address, history, name, partitions, rate, seed):
        super().__init__(daemon=True)
        self.address, self.history, self.partitions, self.rate = address, history, partitions, rate
        self.name_, self.random = name, random.Random(seed)
        self.ending = threading.Event()
        self.number = 0
        self.life = 0

    def open(self):
        self.life += 1
        compression = self.random.choice(["none", "lz4", "zstd", "gzip", "snappy"])
        return Producer({**common(self.address), "enable.idempotence": True, "acks": "all", "linger.ms": self.random.choice([0, 2, 10]),
                         "compression.type": compression, "message.timeout.ms": 120000, "batch.num.messages": 200})

    def report(self, producer, partition, number):
        def delivered(error, message):
            if error:
                self.history.add(type="failed", producer=producer, partition=partition, number=number, error=error.name())
            else:
                self.history.add(type="acknowledged", producer=producer, partition=partition, number=number, offset=message.offset())
        return delivered

    def run(self):
        client = self.open()
        began = time.monotonic()
        while not self.ending.is_set():
            # One name for each life: another producer id knows nothing of the numbers before.
            name = f"{self.name_}.{self.life}"
            partition = self.random.randrange(self.partitions)
            number, self.number = self.number, self.number + 1
            self.history.add(type="sent", producer=name, partition=partition, number=number)
            try:
                client.produce(TOPIC, f"{name}:{number}".encode(), partition=partition, on_delivery=self.report(name, partition, number))
            except BufferError:
                self.history.add(type="failed", producer=name, partition=partition, number=number, error="BufferError")
                client.poll(0.1)
            except KafkaException as error:
                self.history.add(type="failed", producer=name, partition=partition, number=number, error=error.args[0].name())
                self.history.add(type="note", what="producer begins anew", why=str(error))
                client.flush(5)
                client = self.open()
            client.poll(0)
            ahead = self.number / self.rate - (time.monotonic() - began)
            if ahead > 0:
                client.poll(min(ahead, 0.05))
            elif ahead < -1:
                began = time.monotonic() - self.number / self.rate    # Do not make up for a broker that was away.
        client.flush(120)


class MemberThread(threading.Thread):
    """One member of a group: polls, commits now and then, sleeps too long now and then, leaves. Owned by its thread."""

    def __init__(self, address, history, group, name, seed, strategy, seconds):
        super().__init__(daemon=True)
        self.address, self.history, self.group, self.name_ = address, history, group, name
        self.random = random.Random(seed)
        self.strategy, self.until = strategy, time.monotonic() + seconds
        self.ending = threading.Event()

    def on_assign(self, _, parts):
        self.history.add(type="assigned", group=self.group, member=self.name_, partitions=[part.partition for part in parts])

    def on_revoke(self, consumer, parts):
        # As a well-behaved consumer does: what was processed is committed before it is given away.
        self.commit(consumer)
        self.history.add(type="revoked", group=self.group, member=self.name_, partitions=[part.partition for part in parts])

    def on_lost(self, _, parts):
        self.history.add(type="revoked", group=self.group, member=self.name_, partitions=[part.partition for part in parts])

    def commit(self, consumer):
        began = time.monotonic()
        try:
            parts = consumer.commit(asynchronous=False)
        except KafkaException:
            return
        done = time.monotonic()
        for part in parts or []:
            if part.error is None and part.offset >= 0:
                self.history.add(type="committed", group=self.group, partition=part.partition, offset=part.offset, began=began, time=done)

    def run(self):
        consumer = Consumer({**common(self.address), "group.id": self.group, "client.id": self.name_, "auto.offset.reset": "error",
                             "enable.auto.commit": False, "session.timeout.ms": 6000, "heartbeat.interval.ms": 500,
                             "max.poll.interval.ms": 8000, "partition.assignment.strategy": self.strategy, "fetch.wait.max.ms": 100,
                             "max.partition.fetch.bytes": self.random.choice([2000, 50000, 1048576])})
        consumer.subscribe([TOPIC], on_assign=self.on_assign, on_revoke=self.on_revoke, on_lost=self.on_lost)
        next_commit = time.monotonic() + self.random.uniform(0.1, 1)
        while not self.ending.is_set() and time.monotonic() < self.until:
            message = consumer.poll(0.1)
            if message is not None and message.error() is None:
                self.history.add(type="polled", group=self.group, member=self.name_, partition=message.partition(),
                                 offset=message.offset(), value=message.value().decode())
            elif message is not None:
                self.failure(message.error())
            if time.monotonic() > next_commit:
                self.commit(consumer)
                next_commit = time.monotonic() + self.random.uniform(0.1, 1.5)
                if self.random.random() < 0.01:
                    self.ending.wait(9)    # Longer than max.poll.interval.ms: the group goes on without it.
        # Not close() alone: while a rebalance is on its way, librdkafka 2.16 may abort in it.
        consumer.unsubscribe()
        until = time.monotonic() + 3
        while consumer.assignment() and time.monotonic() < until:
            consumer.poll(0.1)
        consumer.close()

    def failure(self, error):
        harmless = {KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN, KafkaError._TIMED_OUT, KafkaError._RESOLVE, KafkaError._PARTITION_EOF,
                    KafkaError._MAX_POLL_EXCEEDED, KafkaError.COORDINATOR_NOT_AVAILABLE, KafkaError.NOT_COORDINATOR,
                    KafkaError.COORDINATOR_LOAD_IN_PROGRESS, KafkaError.REBALANCE_IN_PROGRESS}
        if error.code() not in harmless:
            self.history.add(type="error", group=self.group, member=self.name_, error=f"{error.name()}: {error.str()}")


class Watcher(threading.Thread):
    """Asks for high watermarks and committed offsets, over and over. Owned by its thread."""

    def __init__(self, address, history, partitions, groups):
        super().__init__(daemon=True)
        self.address, self.history, self.partitions, self.groups = address, history, partitions, groups
        self.ending = threading.Event()

    def run(self):
        consumers = {group: Consumer({**common(self.address), "group.id": group, "enable.auto.commit": False}) for group in self.groups}
        parts = [TopicPartition(TOPIC, part) for part in range(self.partitions)]
        while not self.ending.is_set():
            for part in parts:
                self.watermark(next(iter(consumers.values())), part)
            for group, consumer in consumers.items():
                began = time.monotonic()
                try:
                    answer = consumer.committed(parts, timeout=3)
                except KafkaException:
                    continue
                done = time.monotonic()
                for part in answer:
                    if part.error is None:
                        self.history.add(type="committed_seen", group=group, partition=part.partition, offset=part.offset, began=began, time=done)
            self.ending.wait(0.2)
        for consumer in consumers.values():
            consumer.close()

    def watermark(self, consumer, part):
        began = time.monotonic()
        try:
            _, high = consumer.get_watermark_offsets(part, timeout=3)
        except KafkaException:
            return
        self.history.add(type="high_watermark", partition=part.partition, offset=high, began=began, time=time.monotonic())


def read_log(address, history, partitions):
    """The whole log, by a reader without a group; {partition: end}."""
    consumer = Consumer({**common(address), "group.id": "final", "enable.auto.commit": False, "auto.offset.reset": "error"})
    ends = {part: consumer.get_watermark_offsets(TopicPartition(TOPIC, part), timeout=20)[1] for part in range(partitions)}
    consumer.assign([TopicPartition(TOPIC, part, 0) for part in range(partitions)])
    following = dict.fromkeys(ends, 0)
    deadline = time.monotonic() + 120
    while any(following[part] < end for part, end in ends.items()) and time.monotonic() < deadline:
        for message in consumer.consume(5000, 0.5):
            if message.error() is None:
                following[message.partition()] = message.offset() + 1
                history.add(type="log", partition=message.partition(), offset=message.offset(), value=message.value().decode())
    consumer.close()
    for part, end in ends.items():
        if following[part] < end:
            history.add(type="error", group="final", member="reader", error=f"partition {part} ends at {end}, read up to {following[part]}")
    return ends


def committed(address, group, partitions):
    consumer = Consumer({**common(address), "group.id": group, "enable.auto.commit": False})
    try:
        return {part.partition: part.offset for part in consumer.committed([TopicPartition(TOPIC, part) for part in range(partitions)], timeout=20)}
    finally:
        consumer.close()
