// Writes what Apache Kafka's own classes make of every message in every version: golden.txt, and the
// fields that they refuse to drop: strict_fields.tsv.
//
//   java -cp 'LIB/*' Golden.java CONTRACT OUT
//
// LIB holds the jars of Kafka 4.3.1, CONTRACT is src/wire/contract. Each message is filled from a
// sequence of numbers that its name, version and variant begin; src/wire/messages_test.cc fills its
// own structs by the same rules and compares the bytes.
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

public class Golden {
  static final String[] PACKAGES = {
    "org.apache.kafka.common.message.",
    "org.apache.kafka.coordinator.group.generated.",
    "org.apache.kafka.coordinator.transaction.generated.",
    "org.apache.kafka.coordinator.share.generated.",
    "org.apache.kafka.server.log.remote.metadata.storage.generated.",
  };
  static final String[] SECTIONS = {
    "headers", "requests", "responses", "clientProtocol", "controlRecords", "groupCoordinatorRecords",
    "transactionLogRecords", "shareCoordinatorRecords", "storageRecords", "principal",
  };

  enum Variant { full, sparse }

  // ---- what the contract says

  static int[] versions(String text) {
    if (text == null || text.equals("none")) {
      return new int[] {1, 0};
    }
    if (text.endsWith("+")) {
      return new int[] {Integer.parseInt(text.substring(0, text.length() - 1)), Short.MAX_VALUE};
    }
    String[] ends = text.split("-");
    return new int[] {Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1])};
  }

  static boolean in(String range, int version) {
    int[] ends = versions(range);
    return ends[0] <= version && version <= ends[1];
  }

  static String text(JsonNode node, String key) {
    return node.has(key) ? node.get(key).asText() : null;
  }

  static Class<?> classOf(String name, boolean api) throws ClassNotFoundException {
    for (String part : PACKAGES) {
      try {
        return Class.forName(part + name + (api ? "Data" : ""));
      } catch (ClassNotFoundException e) {
        // The next package may have it.
      }
    }
    throw new ClassNotFoundException(name);
  }

  // ---- the sequence of numbers (splitmix64, begun by FNV-1a)

  static final class Numbers {
    private long state;

    Numbers(String seed) {
      state = 0xcbf29ce484222325L;
      for (byte b : seed.getBytes(StandardCharsets.UTF_8)) {
        state = (state ^ (b & 0xff)) * 0x100000001b3L;
      }
    }

    long next() {
      state += 0x9e3779b97f4a7c15L;
      long z = state;
      z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
      z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
      return z ^ (z >>> 31);
    }

    int below(int limit) {
      return (int) Long.remainderUnsigned(next(), limit);
    }
  }

  // ---- filling

  /** One message being filled; `extra` is a field that its version does not carry, or null. */
  static final class Filler {
    final Class<?> top;
    final JsonNode spec;
    final int version;
    final Variant variant;
    final String extra;
    final Numbers numbers;
    final Map<String, JsonNode> shared = new HashMap<>();
    boolean usedExtra = false;

    Filler(Class<?> top, JsonNode spec, int version, Variant variant, String extra) {
      this.top = top;
      this.spec = spec;
      this.version = version;
      this.variant = variant;
      this.extra = extra;
      this.numbers = new Numbers(spec.get("name").asText() + "/" + version + "/" + variant);
      if (spec.has("commonStructs")) {
        for (JsonNode common : spec.get("commonStructs")) {
          shared.put(common.get("name").asText(), common.get("fields"));
        }
      }
    }

    Message fill() throws Exception {
      Object message = top.getConstructor().newInstance();
      fillStruct(message, spec.get("name").asText(), spec.get("fields"), 0);
      return (Message) message;
    }

    void fillStruct(Object to, String name, JsonNode fields, int depth) throws Exception {
      for (JsonNode field : fields) {
        boolean carried = in(text(field, "versions"), version);
        boolean isExtra = (name + "." + text(field, "name")).equals(extra);
        if (!carried && !isExtra) {
          continue;
        }
        usedExtra |= isExtra;
        String type = text(field, "type");
        boolean nullable = in(text(field, "nullableVersions"), version) && !isExtra;
        Method setter = setter(to.getClass(), text(field, "name"));
        if (isExtra && type.equals("bool")) {
          setter.invoke(to, !"true".equals(text(field, "default")));
          continue;
        }
        setter.invoke(to, value(setter.getParameterTypes()[0], type, field, nullable, depth));
      }
    }

    static Method setter(Class<?> of, String field) {
      String name = "set" + Character.toUpperCase(field.charAt(0)) + field.substring(1);
      for (Method method : of.getMethods()) {
        if (method.getName().equals(name) && method.getParameterCount() == 1) {
          return method;
        }
      }
      throw new IllegalStateException(of + " has no " + name);
    }

    Object value(Class<?> as, String type, JsonNode field, boolean nullable, int depth) throws Exception {
      if (nullable && variant == Variant.sparse && numbers.below(2) == 0) {
        return null;
      }
      if (!type.startsWith("[]")) {
        return one(as, type, field, depth);
      }
      int count = variant == Variant.sparse ? numbers.below(3) : depth == 0 ? 2 : 1 + numbers.below(2);
      @SuppressWarnings("unchecked")
      Collection<Object> all =
          as == List.class ? new ArrayList<>() : (Collection<Object>) as.getConstructor().newInstance();
      for (int i = 0; i < count; ++i) {
        Object item = one(null, type.substring(2), field, depth);
        if (!all.add(item)) {
          throw new IllegalStateException("an element was refused");
        }
      }
      return all;
    }

    Object one(Class<?> as, String type, JsonNode field, int depth) throws Exception {
      switch (type) {
        case "bool":
          return (numbers.next() & 1) == 1;
        case "int8":
          return (byte) integer(8, true);
        case "int16":
          return (short) integer(16, true);
        case "int32":
          return (int) integer(32, true);
        case "int64":
          return integer(64, true);
        case "uint16":
          return (int) (integer(16, false) & 0xffff);
        case "uint32":
          return integer(32, false) & 0xffffffffL;
        case "float64":
          return (int) numbers.next() * 0.5;
        case "uuid": {
          long high = numbers.next();
          return new Uuid(high, numbers.next());
        }
        case "string":
          return string();
        case "bytes":
          return as == ByteBuffer.class ? ByteBuffer.wrap(bytes()) : bytes();
        case "records":
          return records();
        default: {
          Object struct = structClass(type).getConstructor().newInstance();
          JsonNode fields = field.has("fields") ? field.get("fields") : shared.get(type);
          fillStruct(struct, type, fields, depth + 1);
          return struct;
        }
      }
    }

    Object records() throws Exception {
      Class<?> records = Class.forName("org.apache.kafka.common.record.internal.MemoryRecords");
      return records.getMethod("readableRecords", ByteBuffer.class).invoke(null, ByteBuffer.wrap(bytes()));
    }

    Class<?> structClass(String name) throws Exception {
      return Class.forName(top.getName() + "$" + name);
    }

    long integer(int bits, boolean signed) {
      if (variant == Variant.sparse) {
        switch (numbers.below(5)) {
          case 0:
            return 0;
          case 1:
            return 1;
          case 2:
            return signed ? -1L >>> (65 - bits) : -1L >>> (64 - bits);
          case 3:
            return signed ? -1L << (bits - 1) : 0;
          default:
            break;
        }
      }
      return numbers.next();
    }

    String string() {
      if (variant == Variant.sparse) {
        switch (numbers.below(3)) {
          case 0:
            return "";
          case 1:
            return "\u00e9\u6d41";
          default:
            return "a string of a length that no letter has, 64 bytes: 0123456789abc";
        }
      }
      int length = 1 + numbers.below(6);
      StringBuilder letters = new StringBuilder();
      for (int i = 0; i < length; ++i) {
        letters.append((char) ('a' + numbers.below(26)));
      }
      return letters.toString();
    }

    byte[] bytes() {
      int length = variant == Variant.sparse ? 3 * numbers.below(2) : 1 + numbers.below(8);
      byte[] bytes = new byte[length];
      for (int i = 0; i < length; ++i) {
        bytes[i] = (byte) numbers.next();
      }
      return bytes;
    }
  }

  static byte[] encode(Message message, short version) {
    ObjectSerializationCache cache = new ObjectSerializationCache();
    ByteBuffer buffer = ByteBuffer.allocate(message.size(cache, version));
    message.write(new ByteBufferAccessor(buffer), cache, version);
    if (buffer.hasRemaining()) {
      throw new IllegalStateException("size and bytes differ");
    }
    return buffer.array();
  }

  // ---- fields that may not be dropped

  static void strictFields(Class<?> type, JsonNode spec, String struct, JsonNode fields, int[] valid, TreeSet<String> found)
      throws Exception {
    for (JsonNode field : fields) {
      String path = struct + "." + text(field, "name");
      for (int version = valid[0]; version <= valid[1]; ++version) {
        if (in(text(field, "versions"), version)) {
          continue;
        }
        Filler filler = new Filler(type, spec, version, Variant.full, path);
        Message message = filler.fill();
        if (!filler.usedExtra) {
          continue;
        }
        try {
          encode(message, (short) version);
        } catch (UnsupportedVersionException e) {
          found.add(spec.get("name").asText() + "\t" + path);
        }
      }
      if (field.has("fields")) {
        strictFields(type, spec, text(field, "type").replace("[]", ""), field.get("fields"), valid, found);
      }
    }
  }

  public static void main(String[] args) throws Exception {
    Path contract = Path.of(args[0]);
    Path out = Path.of(args[1]);
    Map<Integer, Integer> highest = new HashMap<>();
    for (String line : Files.readAllLines(contract.resolve("apis.tsv"))) {
      String[] cells = line.split("\t");
      if (!cells[0].equals("api_key")) {
        highest.put(Integer.parseInt(cells[0]), Integer.parseInt(cells[3]));
      }
    }
    JsonNode sections = new ObjectMapper().readTree(contract.resolve("messages.json").toFile());
    TreeSet<String> strict = new TreeSet<>();
    try (PrintStream golden = new PrintStream(out.resolve("golden.txt").toFile(), StandardCharsets.UTF_8)) {
      golden.println("# Written by Golden.java with Apache Kafka 4.3.1: message, version, variant, bytes.");
      for (String section : SECTIONS) {
        boolean api = section.equals("headers") || section.equals("requests") || section.equals("responses");
        for (JsonNode spec : sections.get(section)) {
          Class<?> type = classOf(text(spec, "name"), api);
          int[] valid = versions(text(spec, "validVersions"));
          if (section.startsWith("re")) {
            valid[1] = Math.min(valid[1], highest.get(spec.get("apiKey").asInt()));
          }
          for (int version = valid[0]; version <= valid[1]; ++version) {
            for (Variant variant : Variant.values()) {
              Message message = new Filler(type, spec, version, variant, null).fill();
              golden.println(text(spec, "name") + " " + version + " " + variant + " "
                  + HexFormat.of().formatHex(encode(message, (short) version)));
            }
          }
          strictFields(type, spec, text(spec, "name"), spec.get("fields"), valid, strict);
          if (spec.has("commonStructs")) {
            for (JsonNode common : spec.get("commonStructs")) {
              strictFields(type, spec, text(common, "name"), common.get("fields"), valid, strict);
            }
          }
        }
      }
    }
    List<String> lines = new ArrayList<>();
    lines.add("# Fields that Kafka refuses to drop: a value other than the default is an error in a version that lacks them.");
    lines.add("# Written by tests/wire/Golden.java. message, struct.field");
    lines.addAll(strict);
    Files.write(out.resolve("strict_fields.tsv"), lines);
  }
}
