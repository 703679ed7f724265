import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.common.utils.Exit;

/**
 * Kafka's command line tools, each as its script calls it, all in one JVM: JavaTools HOST:PORT commands_tools.json [section…].
 *
 * A step's result is the exit code and the lines of standard output and error, without addresses, ids and stack traces.
 */
public class JavaTools {
  private static final Map<String, String> TOOLS = Map.ofEntries(
      Map.entry("kafka-topics.sh", "org.apache.kafka.tools.TopicCommand"),
      Map.entry("kafka-configs.sh", "kafka.admin.ConfigCommand"),
      Map.entry("kafka-consumer-groups.sh", "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"),
      Map.entry("kafka-groups.sh", "org.apache.kafka.tools.GroupsCommand"),
      Map.entry("kafka-console-producer.sh", "org.apache.kafka.tools.ConsoleProducer"),
      Map.entry("kafka-console-consumer.sh", "org.apache.kafka.tools.consumer.ConsoleConsumer"),
      Map.entry("kafka-get-offsets.sh", "org.apache.kafka.tools.GetOffsetShell"),
      Map.entry("kafka-delete-records.sh", "org.apache.kafka.tools.DeleteRecordsCommand"),
      Map.entry("kafka-log-dirs.sh", "org.apache.kafka.tools.LogDirsCommand"),
      Map.entry("kafka-broker-api-versions.sh", "org.apache.kafka.tools.BrokerApiVersionsCommand"),
      Map.entry("kafka-cluster.sh", "org.apache.kafka.tools.ClusterTool"),
      Map.entry("kafka-leader-election.sh", "org.apache.kafka.tools.LeaderElectionCommand"),
      Map.entry("kafka-reassign-partitions.sh", "org.apache.kafka.tools.reassign.ReassignPartitionsCommand"),
      Map.entry("kafka-features.sh", "org.apache.kafka.tools.FeatureCommand"),
      Map.entry("kafka-metadata-quorum.sh", "org.apache.kafka.tools.MetadataQuorumCommand"),
      Map.entry("kafka-transactions.sh", "org.apache.kafka.tools.TransactionsCommand"),
      Map.entry("kafka-verifiable-producer.sh", "org.apache.kafka.tools.VerifiableProducer"));

  private static final ObjectMapper JSON = new ObjectMapper().configure(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS, true);

  /** Where System.out goes may change; those who kept System.out do not notice. */
  private static class Switch extends OutputStream {
    volatile OutputStream target;

    @Override
    public void write(int octet) {
      try {
        target.write(octet);
      } catch (java.io.IOException error) {
        throw new java.io.UncheckedIOException(error);
      }
    }
  }

  /** The first exit code of a tool; its thread stays where it called exit. */
  private static final AtomicReference<Integer> ENDED = new AtomicReference<>();

  private static final List<Runnable> HOOKS = Collections.synchronizedList(new ArrayList<>());

  private static List<String> normal(ByteArrayOutputStream output, String address) {
    List<String> lines = new ArrayList<>();
    for (String line : output.toString(StandardCharsets.UTF_8).split("\n")) {
      if (line.isEmpty() || line.matches("\\s+at [\\w.$/]+\\(.*") || line.matches("\\s*\\.\\.\\. \\d+ more") || line.matches("(SLF4J|log4j).*")) {
        continue;
      }
      line = line.replace(address, "{B}").replace("localhost" + address.substring(address.indexOf(':')), "{B}");
      line = line.replaceAll("TopicId: [A-Za-z0-9_-]{22}", "TopicId: <id>").replaceAll("Cluster ID: \\S+", "Cluster ID: <id>");
      line = line.replaceAll("ClusterId:( +)\\S+", "ClusterId:$1<id>");
      line = line.replaceAll("\"logDir\":\"[^\"]*\"", "\"logDir\":\"{DIR}\"").replaceAll("CreateTime:17\\d{11}", "CreateTime:now");
      line = line.replaceAll("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<uuid>");
      line = line.replaceAll("\"log_dirs\":\\[\"[^\"]*\"\\]", "\"log_dirs\":[\"{DIR}\"]").replaceAll("Epoch: \\d+", "Epoch: <n>");
      line = line.replaceAll(" +", " ").stripTrailing().replaceAll("127.0.0.1 \\d+", "{B}");
      line = line.replaceAll("(kafka-console-consumer|console-consumer)-\\d+", "$1-<n>").replaceAll("'(uncommitted|committed):.*", "");
      lines.add(line);
    }
    return lines;
  }

  public static void main(String[] words) throws Exception {
    String address = words[0];
    PrintStream answers = System.out;
    PrintStream log = System.err;
    Switch out = new Switch();
    Switch err = new Switch();
    System.setOut(new PrintStream(out, true));
    System.setErr(new PrintStream(err, true));
    Exit.Procedure end = (code, message) -> {
      if (message != null) {
        System.err.println(message);
      }
      ENDED.compareAndSet(null, code);
      while (true) {
        LockSupport.park();
      }
    };
    Exit.setExitProcedure(end);
    Exit.setHaltProcedure(end);
    Exit.setShutdownHookAdder((name, hook) -> HOOKS.add(hook));
    Path folder = Files.createTempDirectory("millrace_tools_");
    Set<String> only = new HashSet<>(Arrays.asList(words).subList(2, words.length));
    for (JsonNode section : JSON.readTree(new File(words[1]))) {
      if (!only.isEmpty() && !only.contains(section.get(0).asText()) && !section.get(0).asText().equals("warm")) {
        continue;
      }
      for (JsonNode step : section.get(2)) {
        log.println("--- " + step.get("id").asText());
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        ByteArrayOutputStream complained = new ByteArrayOutputStream();
        out.target = said;
        err.target = complained;
        Integer code = run(step, address, folder);
        out.target = log;
        err.target = log;
        log.write(complained.toByteArray());
        Map<String, Object> result = new TreeMap<>();
        result.put("exit", code == null ? "ended by time" : code);
        if (!step.path("quiet").asBoolean()) {
          List<String> lines = normal(said, address);
          if (step.path("sorted").asBoolean()) {
            lines.sort(null);
          }
          result.put("out", lines);
          result.put("err", normal(complained, address));
        }
        answers.println(step.get("id").asText() + "\t" + JSON.writeValueAsString(result));
        answers.flush();
        Thread.sleep(step.path("pause").asInt(150));
      }
    }
    Runtime.getRuntime().halt(0);
  }

  /** The exit code; null if it did not end in time. */
  private static Integer run(JsonNode step, String address, Path folder) throws Exception {
    List<String> arguments = new ArrayList<>();
    step.get("args").forEach(word -> arguments.add(word.asText().replace("{B}", address).replace("{DIR}", folder.toString())));
    for (var file = step.path("files").fields(); file.hasNext();) {
      var entry = file.next();
      Files.writeString(folder.resolve(entry.getKey()), entry.getValue().asText());
    }
    System.setIn(new ByteArrayInputStream(step.path("stdin").asText("").getBytes(StandardCharsets.UTF_8)));
    String name = TOOLS.get(step.get("tool").asText());
    ENDED.set(null);
    HOOKS.clear();
    Thread thread = daemon(() -> {
      try {
        Class.forName(name).getMethod("main", String[].class).invoke(null, (Object) arguments.toArray(new String[0]));
        ENDED.compareAndSet(null, 0);
      } catch (InvocationTargetException error) {
        System.err.println("Exception in thread \"main\" " + error.getCause());
        ENDED.compareAndSet(null, 1);
      } catch (ReflectiveOperationException error) {
        System.err.println(error);
      }
    });
    long deadline = System.currentTimeMillis() + step.path("seconds").asInt(40) * 1000L;
    while (ENDED.get() == null && thread.isAlive() && System.currentTimeMillis() < deadline) {
      Thread.sleep(5);
    }
    for (Runnable hook : List.copyOf(HOOKS)) {
      daemon(hook).join(8000);
    }
    return ENDED.get();
  }

  private static Thread daemon(Runnable body) {
    Thread thread = new Thread(body);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }
}
