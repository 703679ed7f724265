import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.*;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ListOffsetsResponse;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The scenario by the Java client: JavaClient HOST:PORT scenario.json [section…]. */
public class JavaClient {
  private static final ObjectMapper JSON = new ObjectMapper().configure(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS, true);
  private static final Set<String> CHANGES =
      Set.of("create", "delete", "grow", "alter", "replace", "trim", "reassign", "close", "delete_groups");
  private static final Object UNSUPPORTED = "unsupported";

  private final String address;
  private final Admin admin;
  private final Map<String, Member> members = new HashMap<>();

  private static class Member {
    KafkaConsumer<byte[], byte[]> consumer;
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    Exception failure;
  }

  JavaClient(String address) {
    this.address = address;
    Properties settings = common("suite");
    settings.put("default.api.timeout.ms", "15000");
    settings.put("request.timeout.ms", "10000");
    admin = Admin.create(settings);
  }

  private Properties common(String id) {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", address);
    settings.put("client.id", id);
    return settings;
  }

  // Values.

  static byte[] octets(JsonNode value) {
    if (value == null || value.isNull()) {
      return null;
    }
    if (value.isTextual()) {
      return value.asText().getBytes(StandardCharsets.UTF_8);
    }
    if (value.has("hex")) {
      return HexFormat.of().parseHex(value.get("hex").asText());
    }
    byte[] filled = new byte[value.get("size").asInt()];
    Arrays.fill(filled, (byte) value.get("fill").asText().charAt(0));
    return filled;
  }

  static String text(JsonNode value) {
    return new String(octets(value), StandardCharsets.UTF_8);
  }

  static String shown(byte[] value) {
    if (value == null) {
      return null;
    }
    for (byte octet : value) {
      if (octet < 0x20 || octet > 0x7e) {
        return "hex:" + HexFormat.of().formatHex(value);
      }
    }
    String all = new String(value, StandardCharsets.US_ASCII);
    return value.length > 80 ? "#" + value.length + ":" + all.substring(0, 3) + ".." + all.substring(value.length - 3) : all;
  }

  static String shown(String value) {
    return value == null ? null : shown(value.getBytes(StandardCharsets.UTF_8));
  }

  static Object shownTime(long milliseconds) {
    return Math.abs(System.currentTimeMillis() - milliseconds) < 3600_000 ? "now" : milliseconds;
  }

  static Throwable cause(Throwable error) {
    return error instanceof ExecutionException && error.getCause() != null ? error.getCause() : error;
  }

  static String name(Throwable error) {
    if (error == null) {
      return "NONE";
    }
    error = cause(error);
    Errors code = Errors.forException(error);
    return code == Errors.UNKNOWN_SERVER_ERROR && !error.getClass().getSimpleName().equals("UnknownServerException")
        ? "LOCAL_" + error.getClass().getSimpleName()
        : code.name();
  }

  static Map<String, Object> error(Throwable error) {
    return Map.of("error", name(error));
  }

  static <T> T get(Future<T> future) throws Exception {
    return future.get(20, TimeUnit.SECONDS);
  }

  static String outcome(Future<?> future) {
    try {
      get(future);
      return "NONE";
    } catch (Exception error) {
      return name(error);
    }
  }

  static List<Object> row(Object... cells) {
    return new ArrayList<>(Arrays.asList(cells));
  }

  static List<String> strings(JsonNode list) {
    List<String> result = new ArrayList<>();
    list.forEach(item -> result.add(item.asText()));
    return result;
  }

  static TopicPartition partition(JsonNode step) {
    return new TopicPartition(step.get("topic").asText(), step.path("partition").asInt(0));
  }

  // Cluster and topics.

  Object cluster(JsonNode step) throws Exception {
    DescribeClusterResult info = admin.describeCluster(new DescribeClusterOptions().includeAuthorizedOperations(true));
    Map<String, Object> result = new TreeMap<>();
    result.put("nodes", get(info.nodes()).stream().map(Node::id).toList());
    result.put("controller", get(info.controller()).id());
    result.put("id", !get(info.clusterId()).isEmpty());
    result.put("operations", get(info.authorizedOperations()) == null ? null : new TreeSet<>(get(info.authorizedOperations()).stream().map(Enum::name).toList()));
    return result;
  }

  Object create(JsonNode step) throws Exception {
    List<NewTopic> topics = new ArrayList<>();
    for (JsonNode wanted : step.get("topics")) {
      String name = wanted.get("name").asText();
      NewTopic topic;
      if (wanted.has("assignment")) {
        Map<Integer, List<Integer>> assignment = new HashMap<>();
        for (JsonNode nodes : wanted.get("assignment")) {
          List<Integer> ids = new ArrayList<>();
          nodes.forEach(id -> ids.add(id.asInt()));
          assignment.put(assignment.size(), ids);
        }
        topic = new NewTopic(name, assignment);
      } else {
        int count = wanted.get("partitions").asInt();
        int replication = wanted.path("replication").asInt(1);
        topic = new NewTopic(name, count == -1 ? Optional.empty() : Optional.of(count),
            replication == -1 ? Optional.empty() : Optional.of((short) replication));
      }
      Map<String, String> configs = new HashMap<>();
      wanted.path("configs").fields().forEachRemaining(config -> configs.put(config.getKey(), config.getValue().asText()));
      topics.add(topic.configs(configs));
    }
    CreateTopicsResult answer = admin.createTopics(topics, new CreateTopicsOptions().validateOnly(step.path("validate_only").asBoolean()));
    Map<String, Object> result = new TreeMap<>();
    for (NewTopic topic : topics) {
      String outcome = outcome(answer.values().get(topic.name()));
      if (outcome.equals("NONE")) {
        Config config = get(answer.config(topic.name()));
        result.put(topic.name(), row(get(answer.numPartitions(topic.name())), get(answer.replicationFactor(topic.name())), config.entries().size()));
      } else {
        result.put(topic.name(), outcome);
      }
    }
    return result;
  }

  static Map<String, Object> outcomes(Map<String, KafkaFuture<Void>> futures) {
    Map<String, Object> result = new TreeMap<>();
    futures.forEach((name, future) -> result.put(name, outcome(future)));
    return result;
  }

  Object delete(JsonNode step) {
    return outcomes(admin.deleteTopics(strings(step.get("topics"))).topicNameValues());
  }

  Object topics(JsonNode step) throws Exception {
    return new TreeSet<>(get(admin.listTopics().names())).stream().map(JavaClient::shown).toList();
  }

  Object describe(JsonNode step) throws Exception {
    Map<String, Object> result = new TreeMap<>();
    for (var entry : admin.describeTopics(strings(step.get("topics")), new DescribeTopicsOptions().includeAuthorizedOperations(true)).topicNameValues().entrySet()) {
      try {
        TopicDescription topic = get(entry.getValue());
        List<Object> partitions = new ArrayList<>();
        for (TopicPartitionInfo part : topic.partitions()) {
          partitions.add(row(part.partition(), part.leader().id(), part.replicas().stream().map(Node::id).toList(),
              part.isr().stream().map(Node::id).toList(), part.elr() == null ? null : part.elr().stream().map(Node::id).toList()));
        }
        result.put(entry.getKey(), Map.of("internal", topic.isInternal(), "partitions", partitions, "operations",
            new TreeSet<>(topic.authorizedOperations().stream().map(Enum::name).toList()), "id", !topic.topicId().equals(Uuid.ZERO_UUID)));
      } catch (Exception error) {
        result.put(entry.getKey(), name(error));
      }
    }
    return result;
  }

  Object grow(JsonNode step) {
    return outcomes(admin.createPartitions(Map.of(step.get("topic").asText(), NewPartitions.increaseTo(step.get("count").asInt())),
        new CreatePartitionsOptions().validateOnly(step.path("validate_only").asBoolean())).values());
  }

  // Settings.

  static ConfigResource resource(JsonNode step) {
    return new ConfigResource(ConfigResource.Type.valueOf(step.get("type").asText().toUpperCase()), step.get("name").asText());
  }

  static String source(ConfigEntry.ConfigSource source) {
    return source.name().replace("_CONFIG", "");
  }

  Object configs(JsonNode step) throws Exception {
    boolean synonyms = step.path("synonyms").asBoolean();
    DescribeConfigsResult answer = admin.describeConfigs(List.of(resource(step)),
        new DescribeConfigsOptions().includeSynonyms(synonyms).includeDocumentation(true));
    Set<String> keys = step.has("keys") ? new HashSet<>(strings(step.get("keys"))) : null;
    String only = step.path("only_source").asText(null);
    Map<String, Object> result = new TreeMap<>();
    for (ConfigEntry entry : get(answer.values().get(resource(step))).entries()) {
      if (keys != null && !keys.contains(entry.name()) || only != null && !only.equals(source(entry.source()))) {
        continue;
      }
      List<Object> row = row(entry.value(), source(entry.source()), entry.isReadOnly(), entry.isSensitive(), entry.type().name(),
          entry.documentation() != null);
      if (synonyms) {
        row.add(entry.synonyms().stream().map(synonym -> row(synonym.name(), synonym.value(), source(synonym.source()))).toList());
      }
      result.put(entry.name(), row);
    }
    return result;
  }

  Object alter(JsonNode step) {
    List<AlterConfigOp> operations = new ArrayList<>();
    for (JsonNode wanted : step.get("ops")) {
      String value = wanted.get(2).isNull() ? null : wanted.get(2).asText();
      operations.add(new AlterConfigOp(new ConfigEntry(wanted.get(1).asText(), value),
          AlterConfigOp.OpType.valueOf(wanted.get(0).asText().toUpperCase())));
    }
    Map<ConfigResource, Collection<AlterConfigOp>> all = Map.of(resource(step), operations);
    return outcome(admin.incrementalAlterConfigs(all).values().get(resource(step)));
  }

  // Records.

  KafkaProducer<byte[], byte[]> producer(JsonNode step) {
    Properties settings = common("suite");
    settings.put("key.serializer", ByteArraySerializer.class.getName());
    settings.put("value.serializer", ByteArraySerializer.class.getName());
    settings.put("acks", String.valueOf(step.path("acks").asInt(1)));
    settings.put("enable.idempotence", String.valueOf(step.path("idempotent").asBoolean()));
    settings.put("compression.type", step.path("compression").asText("none"));
    settings.put("linger.ms", "30");
    settings.put("batch.size", "1000000");
    settings.put("max.block.ms", "5000");
    settings.put("request.timeout.ms", "5000");
    settings.put("delivery.timeout.ms", "8000");
    settings.put("max.request.size", String.valueOf(step.path("max_bytes").asInt(1048576)));
    return new KafkaProducer<>(settings);
  }

  Object produce(JsonNode step) {
    List<Object> result = new ArrayList<>();
    try (KafkaProducer<byte[], byte[]> producer = producer(step)) {
      List<Object> sent = new ArrayList<>();
      for (JsonNode record : step.get("records")) {
        List<Header> headers = new ArrayList<>();
        record.path(2).forEach(header -> headers.add(new RecordHeader(header.get(0).asText(), octets(header.get(1)))));
        Long time = record.has(3) ? record.get(3).asLong() : null;
        try {
          sent.add(producer.send(new ProducerRecord<>(step.get("topic").asText(), step.path("partition").asInt(0), time,
              octets(record.get(0)), octets(record.get(1)), headers)));
        } catch (Exception error) {
          sent.add(error);
        }
      }
      for (Object one : sent) {
        try {
          if (one instanceof Exception error) {
            throw error;
          }
          @SuppressWarnings("unchecked")
          RecordMetadata got = get((Future<RecordMetadata>) one);
          result.add(row(got.partition(), got.offset(), shownTime(got.timestamp())));
        } catch (Exception error) {
          result.add(error(error));
        }
      }
    }
    return result;
  }

  Object bulk_produce(JsonNode step) throws Exception {
    int partitions = step.get("partitions").asInt();
    try (KafkaProducer<byte[], byte[]> producer = producer(step)) {
      for (int number = 0; number < step.get("count").asInt(); ++number) {
        byte[] value = new byte[step.get("size").asInt()];
        Arrays.fill(value, (byte) 'v');
        byte[] start = (number + ":").getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(start, 0, value, 0, start.length);
        producer.send(new ProducerRecord<>(step.get("topic").asText(), number % partitions, String.valueOf(number).getBytes(), value));
      }
    }
    Map<String, Object> result = new TreeMap<>();
    for (int part = 0; part < partitions; ++part) {
      result.put(String.valueOf(part), latest(new TopicPartition(step.get("topic").asText(), part)));
    }
    return result;
  }

  long latest(TopicPartition part) throws Exception {
    return get(admin.listOffsets(Map.of(part, OffsetSpec.latest())).partitionResult(part)).offset();
  }

  KafkaConsumer<byte[], byte[]> consumer(String id, Map<String, String> own) {
    Properties settings = common(id);
    settings.put("key.deserializer", ByteArrayDeserializer.class.getName());
    settings.put("value.deserializer", ByteArrayDeserializer.class.getName());
    settings.put("enable.auto.commit", "false");
    settings.put("auto.offset.reset", "none");
    settings.put("fetch.max.wait.ms", "100");
    settings.put("default.api.timeout.ms", "8000");
    settings.put("allow.auto.create.topics", "false");
    settings.putAll(own);
    return new KafkaConsumer<>(settings);
  }

  Object fetch(JsonNode step) throws Exception {
    TopicPartition part = partition(step);
    Map<String, String> settings = Map.of("isolation.level", step.path("isolation").asText("read_uncommitted"),
        "max.partition.fetch.bytes", String.valueOf(step.path("partition_bytes").asInt(1048576)));
    try (KafkaConsumer<byte[], byte[]> consumer = consumer("suite", settings)) {
      long end = consumer.endOffsets(List.of(part)).get(part);
      JsonNode place = step.get("from");
      long start = end;
      if (place.isTextual()) {
        start = place.asText().equals("earliest") ? consumer.beginningOffsets(List.of(part)).get(part) : end;
      } else if (place.has("offset")) {
        start = place.get("offset").asLong();
      } else if (place.has("tail")) {
        start = end - place.get("tail").asLong();
      } else {
        OffsetAndTimestamp found = consumer.offsetsForTimes(Map.of(part, place.get("timestamp").asLong())).get(part);
        start = found == null ? end : found.offset();
      }
      consumer.assign(List.of(part));
      consumer.seek(part, start);
      Map<String, Object> result = new TreeMap<>(Map.of("start", start, "end", end));
      List<Object> records = new ArrayList<>();
      result.put("records", records);
      long deadline = System.currentTimeMillis() + 10000;
      while ((consumer.position(part) < end || start > end) && System.currentTimeMillis() < deadline) {
        try {
          consumer.poll(Duration.ofMillis(500)).forEach(record -> records.add(shownRecord(record)));
        } catch (KafkaException error) {
          result.put("error", name(error));
          break;
        }
      }
      return result;
    }
  }

  static Object shownRecord(ConsumerRecord<byte[], byte[]> record) {
    Map<String, Object> result = new TreeMap<>();
    result.put("o", record.offset());
    result.put("k", shown(record.key()));
    result.put("v", shown(record.value()));
    result.put("ts", shownTime(record.timestamp()));
    result.put("tt", record.timestampType().name());
    result.put("epoch", record.leaderEpoch().orElse(null));
    List<Object> headers = new ArrayList<>();
    record.headers().forEach(header -> headers.add(row(header.key(), shown(header.value()))));
    result.put("h", headers);
    return result;
  }

  Object bulk_consume(JsonNode step) throws Exception {
    Map<String, String> settings = Map.of("max.partition.fetch.bytes", String.valueOf(step.path("partition_bytes").asInt(1048576)));
    try (KafkaConsumer<byte[], byte[]> consumer = consumer("suite", settings)) {
      List<TopicPartition> parts = new ArrayList<>();
      for (int part = 0; part < step.get("partitions").asInt(); ++part) {
        parts.add(new TopicPartition(step.get("topic").asText(), part));
      }
      Map<TopicPartition, Long> ends = consumer.endOffsets(parts);
      consumer.assign(parts);
      consumer.seekToBeginning(parts);
      long[] next = new long[parts.size()];
      long[] bytes = new long[parts.size()];
      long[] count = new long[parts.size()];
      boolean[] ordered = new boolean[parts.size()];
      Arrays.fill(ordered, true);
      long deadline = System.currentTimeMillis() + 60000;
      while (System.currentTimeMillis() < deadline && parts.stream().anyMatch(part -> next[part.partition()] < ends.get(part))) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(500))) {
          int part = record.partition();
          ordered[part] &= record.offset() == next[part];
          next[part] = record.offset() + 1;
          count[part]++;
          bytes[part] += record.value().length;
        }
      }
      Map<String, Object> result = new TreeMap<>();
      for (TopicPartition part : parts) {
        int i = part.partition();
        result.put(String.valueOf(i), Map.of("count", count[i], "bytes", bytes[i], "next", next[i], "ordered", ordered[i]));
      }
      return result;
    }
  }

  // Offsets.

  static OffsetSpec spec(JsonNode spec) {
    if (spec.isNumber()) {
      return OffsetSpec.forTimestamp(spec.asLong());
    }
    return switch (spec.asText()) {
      case "earliest" -> OffsetSpec.earliest();
      case "latest" -> OffsetSpec.latest();
      case "max_timestamp" -> OffsetSpec.maxTimestamp();
      case "earliest_local" -> OffsetSpec.earliestLocal();
      case "latest_tiered" -> OffsetSpec.latestTiered();
      default -> OffsetSpec.earliestPendingUpload();
    };
  }

  Object offsets(JsonNode step) {
    List<Object> result = new ArrayList<>();
    TopicPartition part = partition(step);
    for (JsonNode spec : step.get("specs")) {
      try {
        var found = get(admin.listOffsets(Map.of(part, spec(spec)), new ListOffsetsOptions().timeoutMs(4000)).partitionResult(part));
        result.add(row(found.offset(), shownTime(found.timestamp()), found.leaderEpoch().orElse(null)));
      } catch (Exception error) {
        result.add(error(error));
      }
    }
    return result;
  }

  Object trim(JsonNode step) throws Exception {
    TopicPartition part = partition(step);
    return get(admin.deleteRecords(Map.of(part, RecordsToDelete.beforeOffset(step.get("before").asLong())),
        new DeleteRecordsOptions().timeoutMs(4000)).lowWatermarks().get(part)).lowWatermark();
  }

  // Groups.

  static Map<TopicPartition, OffsetAndMetadata> wantedOffsets(JsonNode step) {
    Map<TopicPartition, OffsetAndMetadata> wanted = new LinkedHashMap<>();
    for (JsonNode item : step.get("offsets")) {
      wanted.put(new TopicPartition(item.get(0).asText(), item.get(1).asInt()), new OffsetAndMetadata(item.get(2).asLong(), Optional.of(0), text(item.get(3))));
    }
    return wanted;
  }

  Object commit(JsonNode step) {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer("suite", Map.of("group.id", step.get("group").asText()))) {
      consumer.commitSync(wantedOffsets(step));
      return "NONE";
    }
  }

  Object committed(JsonNode step) throws Exception {
    ListConsumerGroupOffsetsSpec spec = new ListConsumerGroupOffsetsSpec();
    if (step.has("partitions")) {
      List<TopicPartition> parts = new ArrayList<>();
      step.get("partitions").forEach(item -> parts.add(new TopicPartition(item.get(0).asText(), item.get(1).asInt())));
      spec.topicPartitions(parts);
    }
    String group = step.get("group").asText();
    Map<String, Object> result = new TreeMap<>();
    get(admin.listConsumerGroupOffsets(Map.of(group, spec)).partitionsToOffsetAndMetadata(group)).forEach((part, found) ->
        result.put(part.toString(), found == null ? null : row(found.offset(), shown(found.metadata()), found.leaderEpoch().orElse(null))));
    return result;
  }

  Object groups(JsonNode step) throws Exception {
    Set<String> of = new HashSet<>(strings(step.get("of")));
    Map<String, Object> result = new TreeMap<>();
    for (GroupListing group : get(admin.listGroups().all())) {
      if (of.contains(group.groupId())) {
        result.put(group.groupId(), row(group.protocol(), group.type().map(Enum::name).orElse(null), group.groupState().map(Enum::name).orElse(null)));
      }
    }
    return result;
  }

  Object describe_groups(JsonNode step) throws Exception {
    Map<String, Object> result = new TreeMap<>();
    for (var entry : admin.describeConsumerGroups(strings(step.get("groups")), new DescribeConsumerGroupsOptions().includeAuthorizedOperations(true)).describedGroups().entrySet()) {
      try {
        ConsumerGroupDescription group = get(entry.getValue());
        TreeMap<String, Object> members = new TreeMap<>();
        for (MemberDescription member : group.members()) {
          TreeSet<String> parts = new TreeSet<>(member.assignment().topicPartitions().stream().map(TopicPartition::toString).toList());
          members.put(member.groupInstanceId().orElse(member.clientId()), step.has("show") ? parts : parts.size());
        }
        result.put(entry.getKey(), Map.of("state", group.groupState().name(), "type", group.type().name(), "simple", group.isSimpleConsumerGroup(),
            "assignor", group.partitionAssignor(), "coordinator", group.coordinator().id(), "members", members, "operations",
            new TreeSet<>(group.authorizedOperations().stream().map(Enum::name).toList())));
      } catch (Exception error) {
        result.put(entry.getKey(), name(error));
      }
    }
    return result;
  }

  Object delete_groups(JsonNode step) {
    return outcomes(admin.deleteConsumerGroups(strings(step.get("groups"))).deletedGroups());
  }

  Object alter_offsets(JsonNode step) {
    Map<TopicPartition, OffsetAndMetadata> wanted = wantedOffsets(step);
    AlterConsumerGroupOffsetsResult answer = admin.alterConsumerGroupOffsets(step.get("group").asText(), wanted);
    Map<String, Object> result = new TreeMap<>();
    wanted.keySet().forEach(part -> result.put(part.toString(), outcome(answer.partitionResult(part))));
    return result;
  }

  Object delete_offsets(JsonNode step) {
    Set<TopicPartition> wanted = new HashSet<>();
    step.get("partitions").forEach(item -> wanted.add(new TopicPartition(item.get(0).asText(), item.get(1).asInt())));
    DeleteConsumerGroupOffsetsResult answer = admin.deleteConsumerGroupOffsets(step.get("group").asText(), wanted);
    Map<String, Object> result = new TreeMap<>();
    wanted.forEach(part -> result.put(part.toString(), outcome(answer.partitionResult(part))));
    return result;
  }

  Object remove_members(JsonNode step) {
    List<MemberToRemove> wanted = strings(step.get("instances")).stream().map(MemberToRemove::new).toList();
    var answer = admin.removeMembersFromConsumerGroup(step.get("group").asText(), new RemoveMembersFromConsumerGroupOptions(wanted));
    Map<String, Object> result = new TreeMap<>();
    wanted.forEach(member -> result.put(member.groupInstanceId(), outcome(answer.memberResult(member))));
    return result;
  }

  Object open(JsonNode step) {
    Map<String, String> settings = new HashMap<>();
    settings.put("group.id", step.get("group").asText());
    settings.put("auto.offset.reset", step.get("reset").asText());
    settings.put("session.timeout.ms", String.valueOf(step.path("session_ms").asInt(10000)));
    settings.put("heartbeat.interval.ms", "300");
    settings.put("max.poll.interval.ms", "20000");
    if (step.has("strategy")) {
      settings.put("partition.assignment.strategy", switch (step.get("strategy").asText()) {
        case "range" -> RangeAssignor.class.getName();
        case "roundrobin" -> RoundRobinAssignor.class.getName();
        default -> CooperativeStickyAssignor.class.getName();
      });
    }
    if (step.has("instance")) {
      settings.put("group.instance.id", step.get("instance").asText());
    }
    Member member = new Member();
    member.consumer = consumer(step.get("member").asText(), settings);
    member.consumer.subscribe(strings(step.get("topics")));
    members.put(step.get("member").asText(), member);
    return "NONE";
  }

  interface Done {
    boolean now();
  }

  /** Every member must poll while any of them is waited for. */
  void pollUntil(long milliseconds, Done done) {
    long deadline = System.currentTimeMillis() + milliseconds;
    while (System.currentTimeMillis() < deadline && !done.now()) {
      for (Member member : members.values()) {
        if (member.failure == null) {
          try {
            member.consumer.poll(Duration.ofMillis(50)).forEach(member.records::add);
          } catch (Exception error) {
            member.failure = error;
          }
        }
      }
      try {
        Thread.sleep(10);
      } catch (InterruptedException error) {
        return;
      }
    }
  }

  Object wait(JsonNode step) {
    Map<String, Integer> wanted = new TreeMap<>();
    step.get("members").fields().forEachRemaining(item -> wanted.put(item.getKey(), item.getValue().asInt()));
    if (!members.keySet().containsAll(wanted.keySet())) {
      return UNSUPPORTED;
    }
    Done there = () -> wanted.entrySet().stream().allMatch(item -> members.get(item.getKey()).consumer.assignment().size() == item.getValue());
    long deadline = System.currentTimeMillis() + 30000;
    while (System.currentTimeMillis() < deadline) {
      pollUntil(deadline - System.currentTimeMillis(), there);
      pollUntil(step.path("settle_ms").asInt(400), () -> false);
      if (there.now()) {
        break;
      }
    }
    Map<String, Object> result = new TreeMap<>();
    wanted.keySet().forEach(name -> {
      TreeSet<String> parts = new TreeSet<>(members.get(name).consumer.assignment().stream().map(TopicPartition::toString).toList());
      result.put(name, step.has("show") ? parts : parts.size());
    });
    return result;
  }

  Object read(JsonNode step) {
    Member member = members.get(step.get("member").asText());
    pollUntil(20000, () -> member.records.size() >= step.get("count").asInt() || member.failure != null);
    pollUntil(300, () -> false);
    TreeSet<String> order = new TreeSet<>();
    member.records.forEach(record -> order.add(record.partition() + ":" + record.offset() + ":" + shown(record.value())));
    member.records.clear();
    return order;
  }

  Object member_commit(JsonNode step) {
    members.get(step.get("member").asText()).consumer.commitSync();
    return "NONE";
  }

  Object failure(JsonNode step) {
    Member member = members.get(step.get("member").asText());
    pollUntil(12000, () -> member.failure != null);
    return error(member.failure);
  }

  Object close(JsonNode step) {
    members.remove(step.get("member").asText()).consumer.close(CloseOptions.timeout(Duration.ofSeconds(5)));
    return "NONE";
  }

  // The node.

  Object log_dirs(JsonNode step) throws Exception {
    Set<String> names = new HashSet<>(strings(step.get("topics")));
    Map<String, Object> result = new TreeMap<>();
    for (var node : get(admin.describeLogDirs(List.of(1)).allDescriptions()).entrySet()) {
      for (LogDirDescription folder : node.getValue().values()) {
        Map<String, Object> parts = new TreeMap<>();
        folder.replicaInfos().forEach((part, info) -> {
          if (names.contains(part.topic())) {
            parts.put(part.toString(), row(info.size(), info.offsetLag(), info.isFuture()));
          }
        });
        result.put(String.valueOf(node.getKey()), row(parts, name(folder.error()), folder.totalBytes().isPresent(), folder.usableBytes().isPresent()));
      }
    }
    return result;
  }

  Object elect(JsonNode step) throws Exception {
    Map<String, Object> result = new TreeMap<>();
    get(admin.electLeaders(ElectionType.PREFERRED, Set.of(partition(step))).partitions()).forEach((part, error) ->
        result.put(part.toString(), name(error.orElse(null))));
    return result;
  }

  Object reassignments(JsonNode step) throws Exception {
    return get(admin.listPartitionReassignments().reassignments()).size();
  }

  Object reassign(JsonNode step) {
    List<Integer> nodes = new ArrayList<>();
    step.get("replicas").forEach(node -> nodes.add(node.asInt()));
    return outcome(admin.alterPartitionReassignments(Map.of(partition(step), Optional.of(new NewPartitionReassignment(nodes)))).all());
  }

  Object features(JsonNode step) throws Exception {
    FeatureMetadata found = get(admin.describeFeatures().featureMetadata());
    Map<String, Object> result = new TreeMap<>();
    found.finalizedFeatures().forEach((name, range) -> result.put("finalized " + name, row(range.minVersionLevel(), range.maxVersionLevel())));
    found.supportedFeatures().forEach((name, range) -> result.put("supported " + name, row(range.minVersion(), range.maxVersion())));
    return result;
  }

  Object quorum(JsonNode step) throws Exception {
    QuorumInfo info = get(admin.describeMetadataQuorum().quorumInfo());
    return Map.of("leader", info.leaderId(), "voters", info.voters().stream().map(QuorumInfo.ReplicaState::replicaId).toList(), "observers", info.observers().size());
  }

  Object producers(JsonNode step) throws Exception {
    List<Object> result = new ArrayList<>();
    TopicPartition part = partition(step);
    get(admin.describeProducers(List.of(part)).partitionResult(part)).activeProducers().forEach(state ->
        result.add(row(state.producerEpoch(), state.lastSequence(), state.coordinatorEpoch().isPresent(), state.currentTransactionStartOffset().isPresent())));
    return result;
  }

  Object run(JsonNode step) throws Exception {
    return switch (step.get("op").asText()) {
      case "cluster" -> cluster(step);
      case "create" -> create(step);
      case "delete" -> delete(step);
      case "topics" -> topics(step);
      case "describe" -> describe(step);
      case "grow" -> grow(step);
      case "configs" -> configs(step);
      case "alter" -> alter(step);
      case "produce" -> produce(step);
      case "bulk_produce" -> bulk_produce(step);
      case "bulk_consume" -> bulk_consume(step);
      case "fetch" -> fetch(step);
      case "offsets" -> offsets(step);
      case "trim" -> trim(step);
      case "commit" -> commit(step);
      case "committed" -> committed(step);
      case "groups" -> groups(step);
      case "describe_groups" -> describe_groups(step);
      case "delete_groups" -> delete_groups(step);
      case "alter_offsets" -> alter_offsets(step);
      case "delete_offsets" -> delete_offsets(step);
      case "remove_members" -> remove_members(step);
      case "open" -> open(step);
      case "wait" -> wait(step);
      case "read" -> read(step);
      case "member_commit" -> member_commit(step);
      case "failure" -> failure(step);
      case "close" -> close(step);
      case "log_dirs" -> log_dirs(step);
      case "elect" -> elect(step);
      case "reassignments" -> reassignments(step);
      case "reassign" -> reassign(step);
      case "features" -> features(step);
      case "quorum" -> quorum(step);
      case "producers" -> producers(step);
      default -> UNSUPPORTED;
    };
  }

  public static void main(String[] words) throws Exception {
    JavaClient client = new JavaClient(words[0]);
    Set<String> only = new HashSet<>(Arrays.asList(words).subList(2, words.length));
    for (JsonNode section : JSON.readTree(new File(words[1]))) {
      if (!only.isEmpty() && !only.contains(section.get(0).asText()) && !section.get(0).asText().equals("warm")) {
        continue;
      }
      for (JsonNode step : section.get(2)) {
        System.err.println("--- " + step.get("id").asText());
        Object result;
        try {
          result = client.run(step);
        } catch (Exception error) {
          cause(error).printStackTrace();
          result = error(error);
        }
        System.out.println(step.get("id").asText() + "\t" + JSON.writeValueAsString(result));
        System.out.flush();
        if (CHANGES.contains(step.get("op").asText())) {
          Thread.sleep(250);
        }
      }
    }
    System.exit(0);
  }
}
