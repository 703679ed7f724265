// The scenario by kafkajs: node suite.js HOST:PORT scenario.json [section…]
"use strict";

const fs = require("fs");
const modules = process.env.SUITE_MODULES;
const load = (name) => require(require.resolve(name, { paths: [modules] }));
const kafkajs = load("kafkajs");
const { Kafka, CompressionTypes, CompressionCodecs, ConfigResourceTypes, AssignerProtocol, PartitionAssigners } = kafkajs;
CompressionCodecs[CompressionTypes.Snappy] = load("kafkajs-snappy");

const lz4 = load("lz4-napi");
CompressionCodecs[CompressionTypes.LZ4] = () => ({
  compress: async (encoder) => lz4.compressFrame(encoder.buffer),
  decompress: async (buffer) => lz4.decompressFrame(buffer),
});
const zstd = new Promise((done) => load("zstd-codec").ZstdCodec.run((module) => done(new module.Simple())));
CompressionCodecs[CompressionTypes.ZSTD] = () => ({
  compress: async (encoder) => Buffer.from((await zstd).compress(encoder.buffer)),
  decompress: async (buffer) => Buffer.from((await zstd).decompress(buffer)),
});

const UNSUPPORTED = "unsupported";
const CHANGES = new Set(["create", "delete", "grow", "alter", "replace", "trim", "close", "delete_groups"]);
const CODECS = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 };
const SOURCES = { 1: "DYNAMIC_TOPIC", 2: "DYNAMIC_BROKER", 3: "DYNAMIC_DEFAULT_BROKER", 4: "STATIC_BROKER", 5: "DEFAULT" };
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

function octets(value) {
  if (value === null || value === undefined) return null;
  if (typeof value === "string") return Buffer.from(value);
  if (value.hex !== undefined) return Buffer.from(value.hex, "hex");
  return Buffer.alloc(value.size, value.fill);
}

function shown(value) {
  if (value === null || value === undefined) return null;
  const buffer = Buffer.from(value);
  if (buffer.some((octet) => octet < 0x20 || octet > 0x7e)) return "hex:" + buffer.toString("hex");
  const text = buffer.toString("ascii");
  return text.length > 80 ? `#${text.length}:${text.slice(0, 3)}..${text.slice(-3)}` : text;
}

function shownTime(text) {
  const milliseconds = Number(text);
  return Math.abs(Date.now() - milliseconds) < 3600_000 ? "now" : milliseconds;
}

function nameOf(error) {
  let cause = error;
  while (cause.cause && !(cause.type && cause.code >= 0)) cause = cause.cause;
  if (Array.isArray(cause.errors)) return cause.errors.map(nameOf).sort().join(",");
  return cause.type && cause.code !== undefined ? cause.type : "LOCAL_" + cause.name;
}

class Suite {
  constructor(address) {
    this.address = address;
    this.kafka = this.client("suite");
    this.admin = this.kafka.admin({ retry: { retries: 2 } });
    this.members = {};
  }

  client(id) {
    return new Kafka({ clientId: id, brokers: [this.address], logLevel: kafkajs.logLevel.NOTHING, requestTimeout: 15000, enforceRequestTimeout: true });
  }

  async cluster() {
    const info = await this.admin.describeCluster();
    return { nodes: info.brokers.map((broker) => broker.nodeId), controller: info.controller, id: info.clusterId.length > 0 };
  }

  async create(step) {
    const topics = step.topics.map((topic) => ({
      topic: topic.name,
      numPartitions: topic.assignment ? -1 : topic.partitions,
      replicationFactor: topic.assignment ? -1 : (topic.replication ?? 1),
      replicaAssignment: (topic.assignment ?? []).map((replicas, partition) => ({ partition, replicas })),
      configEntries: Object.entries(topic.configs ?? {}).map(([name, value]) => ({ name, value })),
    }));
    return await this.admin.createTopics({ topics, validateOnly: step.validate_only ?? false, waitForLeaders: !step.validate_only, timeout: 10000 });
  }

  async delete(step) {
    await this.admin.deleteTopics({ topics: step.topics, timeout: 10000 });
    return "NONE";
  }

  async topics() {
    return (await this.admin.listTopics()).filter((name) => !name.startsWith("__")).map(shown).sort();
  }

  async describe(step) {
    if (step.topics[0] === "validated") return UNSUPPORTED; // Asking for metadata makes the topic.
    const info = await this.admin.fetchTopicMetadata({ topics: step.topics });
    const result = {};
    for (const topic of info.topics) {
      result[topic.name] = topic.partitions.map((part) => [part.partitionId, part.leader, part.replicas, part.isr, part.partitionErrorCode]).sort();
    }
    return result;
  }

  async grow(step) {
    return await this.admin.createPartitions({ topicPartitions: [{ topic: step.topic, count: step.count }], validateOnly: step.validate_only ?? false, timeout: 10000 });
  }

  async configs(step) {
    const resource = { type: ConfigResourceTypes[step.type.toUpperCase()], name: step.name };
    if (step.keys) resource.configNames = step.keys;
    const answer = await this.admin.describeConfigs({ resources: [resource], includeSynonyms: step.synonyms ?? false });
    const rows = {};
    for (const entry of answer.resources[0].configEntries) {
      const source = SOURCES[entry.configSource] ?? entry.configSource;
      if (step.only_source && source !== step.only_source) continue;
      rows[entry.configName] = [entry.configValue, source, entry.readOnly, entry.isSensitive];
      if (step.synonyms) {
        rows[entry.configName].push(entry.configSynonyms.map((synonym) => [synonym.configName, synonym.configValue, SOURCES[synonym.configSource]]));
      }
    }
    return rows;
  }

  async replace(step) {
    const resource = { type: ConfigResourceTypes[step.type.toUpperCase()], name: step.name, configEntries: Object.entries(step.configs).map(([name, value]) => ({ name, value })) };
    const answer = await this.admin.alterConfigs({ validateOnly: false, resources: [resource] });
    return answer.resources.map((row) => row.errorCode);
  }

  async withProducer(step, use) {
    const producer = this.kafka.producer({
      allowAutoTopicCreation: true, idempotent: step.idempotent ?? false, maxInFlightRequests: step.idempotent ? 1 : null, retry: { retries: 3 },
    });
    await producer.connect();
    try {
      return await use(producer);
    } finally {
      await producer.disconnect();
    }
  }

  async produce(step) {
    const messages = step.records.map(([key, value, headers, timestamp]) => {
      const message = { key: octets(key), value: octets(value), partition: step.partition ?? 0, headers: {} };
      for (const [name, header] of headers ?? []) {
        if (header === null) continue; // kafkajs cannot send it.
        message.headers[name] = message.headers[name] === undefined ? octets(header) : [].concat(message.headers[name], octets(header));
      }
      if (timestamp !== undefined) message.timestamp = String(timestamp);
      return message;
    });
    return await this.withProducer(step, async (producer) => {
      const answer = await producer.send({ topic: step.topic, messages, acks: step.acks ?? 1, compression: CODECS[step.compression ?? "none"], timeout: 8000 });
      return answer.map((part) => [part.partition, part.errorCode, part.baseOffset, part.logAppendTime === "-1" ? -1 : shownTime(part.logAppendTime)]);
    });
  }

  async bulk_produce(step) {
    await this.withProducer({}, async (producer) => {
      for (let start = 0; start < step.count; start += 3000) {
        const messages = [];
        for (let number = start; number < Math.min(start + 3000, step.count); number++) {
          messages.push({ key: String(number), value: `${number}:`.padEnd(step.size, "v"), partition: number % step.partitions });
        }
        await producer.send({ topic: step.topic, messages, acks: -1, compression: CODECS[step.compression] });
      }
    });
    const ends = await this.admin.fetchTopicOffsets(step.topic);
    return Object.fromEntries(ends.map((part) => [part.partition, part.offset]).sort());
  }

  // kafkajs reads through groups only: a group of its own for each step, sought to the place.
  async reading(step, places, want, each) {
    const consumer = this.kafka.consumer({
      groupId: `reader-${step.id}`, maxBytesPerPartition: step.partition_bytes ?? 1048576, maxWaitTimeInMs: 100, allowAutoTopicCreation: false,
      readUncommitted: step.isolation !== "read_committed", retry: { retries: 1 },
    });
    let crash = null;
    consumer.on(consumer.events.CRASH, (event) => { crash = event.payload.error; });
    await consumer.connect();
    try {
      await consumer.subscribe({ topics: [step.topic], fromBeginning: true });
      await consumer.run({ autoCommit: false, eachMessage: async ({ partition, message }) => each(partition, message) });
      for (const [partition, offset] of places) consumer.seek({ topic: step.topic, partition, offset: String(offset) });
      for (const end = Date.now() + 20000; Date.now() < end && !want() && !crash;) await pause(20);
      if (crash) throw crash;
    } finally {
      await consumer.disconnect();
      await this.admin.deleteGroups([`reader-${step.id}`]).catch(() => {});
    }
  }

  async place(step) {
    const found = (await this.admin.fetchTopicOffsets(step.topic)).find((part) => part.partition === (step.partition ?? 0));
    const end = Number(found.high);
    if (step.from === "earliest") return [Number(found.low), end];
    if (step.from === "latest") return [end, end];
    if (step.from.offset !== undefined) return [step.from.offset, end];
    if (step.from.tail !== undefined) return [end - step.from.tail, end];
    const at = await this.admin.fetchTopicOffsetsByTimestamp(step.topic, step.from.timestamp);
    return [Number(at.find((part) => part.partition === (step.partition ?? 0)).offset), end];
  }

  async fetch(step) {
    const [start, end] = await this.place(step);
    const records = [];
    let next = start;
    if (start < end) {
      await this.reading(step, [[step.partition ?? 0, start]], () => next >= end, (partition, message) => {
        if (partition !== (step.partition ?? 0) || Number(message.offset) < start) return;
        next = Number(message.offset) + 1;
        const headers = Object.entries(message.headers ?? {}).map(([name, value]) => [name, Array.isArray(value) ? value.map(shown) : shown(value)]);
        records.push({ o: Number(message.offset), k: shown(message.key), v: shown(message.value), ts: shownTime(message.timestamp), h: headers });
      });
    }
    return { start, end, records };
  }

  async bulk_consume(step) {
    const ends = await this.admin.fetchTopicOffsets(step.topic);
    const rows = {};
    for (const part of ends) rows[part.partition] = { count: 0, bytes: 0, next: 0, ordered: true };
    const done = () => ends.every((part) => rows[part.partition].next >= Number(part.high));
    await this.reading(step, [], done, (partition, message) => {
      const row = rows[partition];
      row.ordered = row.ordered && Number(message.offset) === row.next;
      row.next = Number(message.offset) + 1;
      row.count++;
      row.bytes += message.value.length;
    });
    return rows;
  }

  async offsets(step) {
    const result = [];
    for (const spec of step.specs) {
      try {
        if (spec === "earliest" || spec === "latest") {
          const found = (await this.admin.fetchTopicOffsets(step.topic)).find((part) => part.partition === (step.partition ?? 0));
          result.push(found ? (spec === "earliest" ? found.low : found.high) : null);
        } else if (typeof spec === "string") {
          result.push(UNSUPPORTED);
        } else {
          const found = (await this.admin.fetchTopicOffsetsByTimestamp(step.topic, spec)).find((part) => part.partition === (step.partition ?? 0));
          result.push(found ? found.offset : null);
        }
      } catch (error) {
        result.push({ error: nameOf(error) });
      }
    }
    return result;
  }

  async trim(step) {
    await this.admin.deleteTopicRecords({ topic: step.topic, partitions: [{ partition: step.partition ?? 0, offset: String(step.before) }] });
    return (await this.admin.fetchTopicOffsets(step.topic)).map((part) => [part.partition, part.low, part.high]);
  }

  static byTopic(offsets) {
    const topics = {};
    for (const [topic, partition, offset, metadata] of offsets) {
      (topics[topic] ??= []).push({ partition, offset: String(offset), metadata: octets(metadata).toString() });
    }
    return Object.entries(topics);
  }

  async commit(step) {
    for (const [topic, partitions] of Suite.byTopic(step.offsets)) {
      await this.admin.setOffsets({ groupId: step.group, topic, partitions });
    }
    return "NONE";
  }

  async committed(step) {
    const options = { groupId: step.group };
    if (step.partitions) options.topics = [...new Set(step.partitions.map(([topic]) => topic))];
    const result = {};
    for (const { topic, partitions } of await this.admin.fetchOffsets(options)) {
      for (const part of partitions) result[`${topic}-${part.partition}`] = [part.offset, shown(part.metadata)];
    }
    return result;
  }

  async groups(step) {
    const { groups } = await this.admin.listGroups();
    return Object.fromEntries(groups.filter((group) => step.of.includes(group.groupId)).map((group) => [group.groupId, group.protocolType]));
  }

  async describe_groups(step) {
    const { groups } = await this.admin.describeGroups(step.groups);
    return Object.fromEntries(groups.map((group) => {
      const members = group.members.map((member) => {
        const assignment = member.memberAssignment.length ? AssignerProtocol.MemberAssignment.decode(member.memberAssignment) : null;
        return [member.clientId, assignment ? Object.values(assignment.assignment).flat().length : 0];
      });
      return [group.groupId, { error: group.errorCode, state: group.state, type: group.protocolType, protocol: group.protocol, members: members.sort() }];
    }));
  }

  async delete_groups(step) {
    const rows = await this.admin.deleteGroups(step.groups);
    return Object.fromEntries(rows.map((row) => [row.groupId, row.errorCode ?? 0]));
  }

  async open(step) {
    if (step.instance || (step.strategy && step.strategy !== "roundrobin") || step.reset === "none") return UNSUPPORTED;
    const consumer = this.client(step.member).consumer({
      groupId: step.group, sessionTimeout: step.session_ms ?? 10000, heartbeatInterval: 300, rebalanceTimeout: 20000, maxWaitTimeInMs: 100,
      partitionAssigners: [PartitionAssigners.roundRobin], allowAutoTopicCreation: false, retry: { retries: 1, restartOnFailure: async () => false },
    });
    const member = { consumer, records: [], share: [], failure: null, positions: {} };
    consumer.on(consumer.events.GROUP_JOIN, (event) => {
      member.share = Object.entries(event.payload.memberAssignment).flatMap(([topic, parts]) => parts.map((part) => `${topic}-${part}`)).sort();
    });
    consumer.on(consumer.events.CRASH, (event) => { member.failure = event.payload.error; });
    await consumer.connect();
    await consumer.subscribe({ topics: step.topics, fromBeginning: step.reset === "earliest" });
    this.members[step.member] = member;
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ topic, partition, message }) => {
        member.records.push([partition, Number(message.offset), shown(message.value)]);
        member.positions[`${topic} ${partition}`] = String(Number(message.offset) + 1);
      },
    });
    return "NONE";
  }

  async wait(step) {
    const names = Object.keys(step.members);
    if (names.some((name) => !this.members[name])) return UNSUPPORTED;
    const there = () => names.every((name) => this.members[name].share.length === step.members[name]);
    for (const end = Date.now() + 30000; Date.now() < end;) {
      if (there()) {
        await pause(step.settle_ms ?? 300);
        if (there()) break;
      }
      await pause(20);
    }
    return Object.fromEntries(names.map((name) => [name, this.members[name].share.length]));
  }

  async read(step) {
    const member = this.members[step.member];
    if (!member) return UNSUPPORTED;
    for (const end = Date.now() + 20000; Date.now() < end && member.records.length < step.count && !member.failure;) await pause(20);
    await pause(300);
    return member.records.splice(0).sort();
  }

  async member_commit(step) {
    const member = this.members[step.member];
    await member.consumer.commitOffsets(Object.entries(member.positions).map(([place, offset]) => {
      const [topic, partition] = place.split(" ");
      return { topic, partition: Number(partition), offset };
    }));
    return "NONE";
  }

  async failure(step) {
    const member = this.members[step.member];
    if (!member) return UNSUPPORTED;
    for (const end = Date.now() + 12000; Date.now() < end && !member.failure;) await pause(20);
    return member.failure ? { error: nameOf(member.failure) } : "NONE";
  }

  async close(step) {
    const member = this.members[step.member];
    if (!member) return UNSUPPORTED;
    delete this.members[step.member];
    await member.consumer.disconnect();
    return "NONE";
  }

  async run(step) {
    const operation = Object.prototype.hasOwnProperty.call(Suite.prototype, step.op) ? this[step.op] : null;
    if (!operation || step.op === "run") return UNSUPPORTED;
    const slow = pause(60000).then(() => ({ error: "LOCAL_TIMEOUT" }));
    try {
      return await Promise.race([operation.call(this, step), slow]);
    } catch (error) {
      console.error(error);
      return { error: nameOf(error) };
    }
  }
}

async function main() {
  const [address, scenario, ...only] = process.argv.slice(2);
  const suite = new Suite(address);
  await suite.admin.connect();
  for (const [section, , steps] of JSON.parse(fs.readFileSync(scenario, "utf8"))) {
    if (only.length && !only.includes(section) && section !== "warm") continue;
    for (const step of steps) {
      console.error("--- " + step.id);
      const result = await suite.run(step);
      fs.writeSync(1, step.id + "\t" + JSON.stringify(result ?? null) + "\n");
      if (CHANGES.has(step.op)) await pause(250);
    }
  }
  process.exit(0);
}

process.on("unhandledRejection", (error) => console.error("unhandled", error));
main();
