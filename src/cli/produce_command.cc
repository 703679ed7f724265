// `millrace produce`: standard input, a file or words as records, to any Kafka address.
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/json_text.h"
#include "cli/commands.h"
#include "cli/kafka_session.h"
#include "cli/line_input.h"
#include "cli/record_format.h"
#include "cli/record_producer.h"
#include "cli/record_reader.h"
#include "config/option_table.h"

namespace millrace::cli {
namespace {

constexpr std::size_t kRawBytesMax = 64U << 20U;

enum class InputForm : std::uint8_t {
  kLines,
  kJson,
  kRaw  ///< All of the input is one record.
};

/// What the flags say. Immutable by use.
struct ProducePlan {
  KafkaTarget target = {};
  std::string topic = {};
  InputForm form = InputForm::kLines;
  std::optional<std::string> key = {};
  std::optional<std::string> key_separator = {};
  std::vector<std::pair<std::string, std::optional<std::string>>> headers = {};
  std::optional<std::int32_t> partition = {};
  std::vector<std::string> values = {};  ///< Instead of input.
  bool tombstone = false;
  client::ProducerOptions producer = {};
};

Result<record::Compression> read_compression(const World& world) {
  const std::string name = world.invocation.value("compression").value_or("none");
  return find_compression(name);
}

Result<void> read_header_flags(const World& world, ProducePlan& plan) {
  for (const std::string& text : world.invocation.values("header")) {
    const std::size_t equals = text.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return Error(ErrorCode::kInvalidArgument,
                   fmt::format("--header is NAME=VALUE, found \"{}\"", text));
    }
    plan.headers.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return {};
}

Result<void> read_record_flags(const World& world, ProducePlan& plan) {
  const Invocation& invocation = world.invocation;
  plan.key = invocation.value("key");
  if (const auto separator = invocation.value("key-separator")) {
    plan.key_separator = TRY_DOING(unescape(*separator), "--key-separator");
  }
  const std::int64_t partition = TRY(number_flag(world, "partition", -1, 0));
  if (partition > INT32_MAX) {
    return Error(ErrorCode::kInvalidArgument, "--partition is too large");
  }
  if (partition >= 0) {
    plan.partition = static_cast<std::int32_t>(partition);
  }
  TRY(read_header_flags(world, plan));
  plan.values = invocation.values("value");
  plan.tombstone = invocation.has("tombstone");
  const std::string form = invocation.value("format").value_or("lines");
  if (form == "json") {
    plan.form = InputForm::kJson;
  } else if (form == "raw") {
    plan.form = InputForm::kRaw;
  }
  if (plan.key && plan.key_separator) {
    return Error(ErrorCode::kInvalidArgument, "say --key or --key-separator, not both");
  }
  if (plan.key_separator && (plan.key_separator->empty() || plan.form != InputForm::kLines)) {
    return Error(ErrorCode::kInvalidArgument,
                 "--key-separator is for --format lines, and not empty");
  }
  if (plan.tombstone && (!plan.key || !plan.values.empty())) {
    return Error(ErrorCode::kInvalidArgument, "--tombstone needs --key, and no --value");
  }
  return {};
}

Result<ProducePlan> read_produce_flags(const World& world) {
  const Invocation& invocation = world.invocation;
  ProducePlan plan{.topic = invocation.words.front()};
  plan.target.bootstrap =
      invocation.value("bootstrap-server").value_or(std::string(kDefaultBootstrap));
  TRY(read_record_flags(world, plan));
  const std::string acks = invocation.value("acks").value_or("all");
  const std::int16_t counted = acks == "1" ? 1 : 0;
  plan.producer.acks = acks == "all" ? std::int16_t{-1} : counted;
  plan.producer.idempotent = plan.producer.acks == -1;
  plan.producer.compression = TRY(read_compression(world));
  plan.producer.create_topics =
      invocation.has("no-create") ? client::AutoCreate::kNo : client::AutoCreate::kYes;
  return plan;
}

/// A file that is closed again; standard input stays open. Owned by one thread.
class InputFile {
 public:
  static Result<InputFile> open(const std::optional<std::string>& path) {
    if (!path || *path == "-") {
      return InputFile(STDIN_FILENO, /*owned=*/false);
    }
    const int descriptor = ::open(absolute_path(*path).c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) {
      return Error(ErrorCode::kNotFound, fmt::format("cannot open \"{}\"", *path));
    }
    return InputFile(descriptor, /*owned=*/true);
  }

  InputFile(InputFile&& other) noexcept
      : descriptor_(other.descriptor_), owned_(std::exchange(other.owned_, false)) {}

  InputFile& operator=(InputFile&&) = delete;
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  ~InputFile() {
    if (owned_) {
      ::close(descriptor_);
    }
  }

  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  InputFile(int descriptor, bool owned) : descriptor_(descriptor), owned_(owned) {}

  int descriptor_;
  bool owned_;
};

// A record with what the flags say of all records.
Result<ReadRecord> read_line(const ProducePlan& plan, std::string_view line) {
  ReadRecord record;
  if (plan.form == InputForm::kJson) {
    record = TRY(read_json_record(line));
  } else {
    record.value = std::string(line);
  }
  if (plan.key_separator) {
    const std::size_t end = line.find(*plan.key_separator);
    if (end == std::string_view::npos) {
      return Error(
          ErrorCode::kInvalidArgument,
          fmt::format("there is no {} between key and value", json_string(*plan.key_separator)));
    }
    record.key = std::string(line.substr(0, end));
    record.value = std::string(line.substr(end + plan.key_separator->size()));
  }
  if (plan.key) {
    record.key = plan.key;
  }
  if (plan.partition) {
    record.partition = plan.partition;
  }
  record.headers.insert(record.headers.end(), plan.headers.begin(), plan.headers.end());
  return record;
}

Result<void> send_words(const ProducePlan& plan, RecordProducer& producer) {
  if (plan.tombstone) {
    ReadRecord record = TRY(read_line(plan, ""));
    record.value.reset();
    return producer.add(plan.topic, record);
  }
  for (const std::string& value : plan.values) {
    const ReadRecord record = TRY(read_line(plan, value));
    TRY(producer.add(plan.topic, record));
  }
  return {};
}

Result<void> send_lines(const ProducePlan& plan, LineInput& input, RecordProducer& producer) {
  std::int64_t number = 0;
  return producer.send_lines(input, [&](std::string_view line) -> Result<void> {
    ++number;
    if (plan.form == InputForm::kJson && line.empty()) {
      return {};
    }
    const ReadRecord record = TRY_DOING(read_line(plan, line), fmt::format("line {}", number));
    return producer.add(plan.topic, record);
  });
}

Result<void> send(const World& world,
                  KafkaSession& session,
                  const ProducePlan& plan,
                  RecordProducer& producer) {
  if (plan.tombstone || !plan.values.empty()) {
    return send_words(plan, producer);
  }
  const InputFile file = TRY(InputFile::open(world.invocation.value("file")));
  LineInput input(file.descriptor(), session.stop());
  if (plan.form != InputForm::kRaw) {
    return send_lines(plan, input, producer);
  }
  const std::string all = TRY(input.rest(kRawBytesMax));
  const ReadRecord record = TRY(read_line(plan, all));
  return producer.add(plan.topic, record);
}

void tell(World& world, const ProducePlan& plan, const RecordProducer& producer) {
  if (world.json()) {
    std::string partitions;
    for (const auto& [partition, range] : producer.stored()) {
      partitions += fmt::format(R"({}{{"partition":{},"first":{},"last":{}}})",
                                partitions.empty() ? "" : ",",
                                partition,
                                range.first,
                                range.last);
    }
    world.out.write(
        fmt::format("{{\"topic\":{},\"delivered\":{},\"failed\":{},\"partitions\":[{}]}}\n",
                    json_string(plan.topic),
                    producer.delivered(),
                    producer.failed(),
                    partitions));
    return;
  }
  if (world.quiet()) {
    return;
  }
  std::string where;
  for (const auto& [partition, range] : producer.stored()) {
    where += fmt::format("{}{}@{}", where.empty() ? " (" : ", ", partition, range.first);
    where += range.last > range.first ? fmt::format("-{}", range.last) : "";
  }
  say(fmt::format("{} record{} to {}{}{}",
                  producer.delivered(),
                  producer.delivered() == 1 ? "" : "s",
                  plan.topic,
                  where,
                  where.empty() ? "" : ")"));
}

Result<ExitCode> produce(World& world, const ProducePlan& plan) {
  const std::unique_ptr<KafkaSession> session =
      TRY(KafkaSession::open(plan.target, world.clock, StopEnds::kInput));
  RecordProducer producer = TRY(RecordProducer::open(session->cluster(), plan.producer));
  const Result<void> sent = send(world, *session, plan, producer);
  // What was taken before an error or a Ctrl-C is delivered all the same.
  const Result<void> flushed = producer.flush();
  tell(world, plan, producer);
  if (producer.failed() > 0) {
    say(fmt::format(
        "millrace: {} records were not stored: {}", producer.failed(), producer.first_failure()));
  }
  for (const Result<void>* const step : {&sent, &flushed}) {
    if (!*step && !session->stopped()) {
      say(fmt::format("millrace: {}", step->error().to_string()));
      return ExitCode::kFailed;
    }
    step->ignore_error("somebody asked for the end");
  }
  if (session->interrupted()) {
    return ExitCode::kInterrupted;
  }
  return producer.failed() > 0 ? ExitCode::kFailed : ExitCode::kOk;
}

}  // namespace

ExitCode run_produce(World& world) {
  const Result<ProducePlan> plan = read_produce_flags(world);
  if (!plan) {
    return usage_error(world.invocation.command, plan.error().to_string());
  }
  const Result<ExitCode> done = produce(world, *plan);
  return done ? *done : fail(done.error());
}

}  // namespace millrace::cli
