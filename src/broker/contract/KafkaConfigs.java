// Prints every topic and broker configuration of a running Kafka as tab-separated lines.
//   java -cp "KAFKA/lib/*" KafkaConfigs.java 127.0.0.1:9092 > configs.tsv
import java.util.*;
import java.util.stream.*;
import org.apache.kafka.clients.admin.*;
import org.apache.kafka.common.config.ConfigResource;

public class KafkaConfigs {
  static String text(String value) {
    return value == null ? "\\N" : value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n");
  }

  public static void main(String[] args) throws Exception {
    try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", args[0]))) {
      String topic = "configs-" + System.nanoTime();
      admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
      Thread.sleep(1000);
      String node = admin.describeCluster().nodes().get().iterator().next().idString();
      System.out.println("resource\tname\ttype\tdefault\tread_only\tsensitive\tsynonyms");
      for (ConfigResource resource : List.of(
          new ConfigResource(ConfigResource.Type.TOPIC, topic),
          new ConfigResource(ConfigResource.Type.BROKER, node),
          new ConfigResource(ConfigResource.Type.GROUP, "configs-group"))) {
        var options = new DescribeConfigsOptions().includeSynonyms(true);
        Config config = admin.describeConfigs(List.of(resource), options).all().get().get(resource);
        for (ConfigEntry entry : config.entries().stream().sorted(Comparator.comparing(ConfigEntry::name)).toList()) {
          String fallback = entry.value();
          for (ConfigEntry.ConfigSynonym synonym : entry.synonyms()) {
            if (synonym.source() == ConfigEntry.ConfigSource.DEFAULT_CONFIG) {
              fallback = synonym.value();
            }
          }
          if (entry.source() != ConfigEntry.ConfigSource.DEFAULT_CONFIG && entry.synonyms().stream()
              .noneMatch(s -> s.source() == ConfigEntry.ConfigSource.DEFAULT_CONFIG)) {
            fallback = null;
          }
          System.out.println(String.join("\t", resource.type().name(), entry.name(), entry.type().name(), text(fallback),
              "" + entry.isReadOnly(), "" + entry.isSensitive(),
              entry.synonyms().stream().map(ConfigEntry.ConfigSynonym::name).distinct().collect(Collectors.joining(","))));
        }
      }
      admin.deleteTopics(List.of(topic)).all().get();
    }
  }
}
