"""Spark's Kafka source and sink, in batches and as a stream: spark_suite.py HOST:PORT JARS."""
import json
import os
import re
import shutil
import sys
import tempfile

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

ADDRESS, JARS, *ONLY = sys.argv[1:]
USER = "id STRING, first_name STRING, last_name STRING, gender STRING, address STRING, post_code STRING, email STRING, " \
       "username STRING, registered_date STRING, phone STRING, picture STRING"


def session():
    jars = ",".join(os.path.join(JARS, name) for name in sorted(os.listdir(JARS)) if name.endswith(".jar"))
    return (SparkSession.builder.master("local[2]").appName("suite").config("spark.jars", jars).config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", "2").config("spark.driver.memory", "700m").config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1").getOrCreate())


class Suite:
    """Owned by one thread."""

    def __init__(self, folder):
        self.spark = session()
        self.spark.sparkContext.setLogLevel("ERROR")
        self.folder = folder

    def write(self, topic, rows):
        """rows: (key, value, partition)."""
        frame = self.spark.createDataFrame([(key, value, partition) for key, value, partition in rows], "key STRING, value STRING, partition INT")
        frame.coalesce(1).write.format("kafka").option("kafka.bootstrap.servers", ADDRESS).option("topic", topic).save()
        return len(rows)

    def read(self, topic, **options):
        reader = self.spark.read.format("kafka").option("kafka.bootstrap.servers", ADDRESS).option("subscribe", topic)
        for name, value in options.items():
            reader = reader.option(name, value)
        rows = reader.load().selectExpr("topic", "partition", "offset", "CAST(key AS STRING) k", "CAST(value AS STRING) v", "timestampType").collect()
        return sorted([row.topic, row.partition, row.offset, row.k, row.v, row.timestampType] for row in rows)

    def stream(self, topic, checkpoint, sink, **options):
        """All there is now, from where this checkpoint ended; the rows that were new."""
        reader = self.spark.readStream.format("kafka").option("kafka.bootstrap.servers", ADDRESS).option("subscribe", topic)
        for name, value in options.items():
            reader = reader.option(name, value)
        frame = reader.load().selectExpr("partition", "offset", "CAST(value AS STRING) v")
        target = os.path.join(self.folder, sink)
        query = (frame.writeStream.format("json").option("path", target).option("checkpointLocation", os.path.join(self.folder, checkpoint))
                 .trigger(availableNow=True).start())
        query.awaitTermination()
        rows = self.spark.read.schema("partition INT, offset LONG, v STRING").json(target).collect()
        return sorted([row.partition, row.offset, row.v] for row in rows)

    def steps(self):
        yield "batch.write", lambda: self.write("spark", [("a", "1", 0), ("b", "2", 0), (None, "3", 0)])
        yield "batch.read", lambda: self.read("spark")
        yield "batch.read.offsets", lambda: self.read("spark", startingOffsets='{"spark":{"0":1}}', endingOffsets='{"spark":{"0":2}}')
        yield "batch.read.latest", lambda: self.read("spark", startingOffsets='{"spark":{"0":-1}}')
        yield "batch.read.timestamp", lambda: self.read("spark", startingTimestamp="1000000000000")
        yield "batch.read.timestamp_beyond", lambda: self.read("spark", startingTimestamp="4000000000000", startingOffsetsByTimestampStrategy="latest")
        yield "batch.read.unknown", lambda: self.read("no-such-topic")
        yield "batch.read.pattern", lambda: sorted(
            row.v for row in self.spark.read.format("kafka").option("kafka.bootstrap.servers", ADDRESS).option("subscribePattern", "spar.*").load()
            .selectExpr("CAST(value AS STRING) v").collect())
        yield "batch.read.headers", lambda: [
            [list(pair) for pair in row.headers or []] for row in self.spark.read.format("kafka").option("kafka.bootstrap.servers", ADDRESS)
            .option("subscribe", "spark").option("includeHeaders", "true").load().select("headers").collect()]
        yield "stream.first", lambda: self.stream("spark", "c1", "s1", startingOffsets="earliest")
        yield "stream.write", lambda: self.write("spark", [("c", "4", 0), ("d", "5", 0)])
        yield "stream.goes_on", lambda: self.stream("spark", "c1", "s1", startingOffsets="earliest")
        yield "stream.limited", lambda: self.stream("spark", "c2", "s2", startingOffsets="earliest", maxOffsetsPerTrigger="2")
        yield "stream.committed_only", lambda: self.stream("spark", "c3", "s3", **{"startingOffsets": "earliest", "kafka.isolation.level": "read_committed"})
        yield "stream.unknown", lambda: self.stream("no-such-topic", "c4", "s4", startingOffsets="earliest")
        yield "users.write", self.write_users
        yield "users.parsed", self.parse_users
        yield "users.through", self.through
        yield "users.through.read", lambda: [row[4] for row in self.read("women")][:3]

    def write_users(self):
        rows = [(None, json.dumps({"id": f"id-{number}", "first_name": f"First{number}", "last_name": "Last", "gender": ("male", "female")[number % 2],
                                   "post_code": 1000 + number, "email": f"u{number}@example.com"}), 0) for number in range(50)]
        return self.write("users_created", rows)

    def parsed(self):
        return (self.spark.read.format("kafka").option("kafka.bootstrap.servers", ADDRESS).option("subscribe", "users_created")
                .option("startingOffsets", "earliest").load().selectExpr("CAST(value AS STRING)")
                .select(F.from_json("value", USER).alias("data")).select("data.*"))

    def parse_users(self):
        rows = self.parsed().groupBy("gender").agg(F.count("*").alias("n"), F.max("post_code").alias("m")).collect()
        return sorted([row.gender, row.n, row.m] for row in rows)

    def through(self):
        """A stream from one topic to another, as a job that keeps what it wants."""
        stream = (self.spark.readStream.format("kafka").option("kafka.bootstrap.servers", ADDRESS).option("subscribe", "users_created")
                  .option("startingOffsets", "earliest").load().selectExpr("CAST(value AS STRING)")
                  .select(F.from_json("value", USER).alias("data")).select("data.*").where("gender = 'female'")
                  .selectExpr("id AS key", "to_json(struct(id, first_name, post_code)) AS value"))
        query = (stream.writeStream.format("kafka").option("kafka.bootstrap.servers", ADDRESS).option("topic", "women")
                 .option("checkpointLocation", os.path.join(self.folder, "c5")).trigger(availableNow=True).start())
        query.awaitTermination()
        return len(self.read("women"))


def main():
    folder = tempfile.mkdtemp(prefix="millrace_spark_")
    suite = Suite(folder)
    try:
        for name, step in suite.steps():
            if ONLY and name.split(".")[0] not in ONLY:
                continue
            print(f"--- {name}", file=sys.stderr, flush=True)
            try:
                result = step()
            except Exception as error:  # pylint: disable=broad-except
                print(error, file=sys.stderr)
                found = re.findall(r"\b([A-Z]\w+(?:Exception|Error))\b", str(error))
                result = {"error": sorted(set(found) - {"StreamingQueryException"})[:3] or type(error).__name__}
            print(name + "\t" + json.dumps(result, sort_keys=True), flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


if __name__ == "__main__":
    main()
