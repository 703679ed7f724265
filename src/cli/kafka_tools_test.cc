#include "cli/kafka_tools.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <simdjson.h>

namespace millrace::cli {
namespace {

struct ToolEnd {
  ExitCode code = ExitCode::kOk;
  std::string out = {};
  std::string err = {};
};

ToolEnd run_tool(std::string_view name, const std::vector<std::string>& arguments) {
  ToolEnd end;
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  {
    World world{Invocation()};
    end.code = run_kafka_tool(world, *find_kafka_tool(name), arguments);
    EXPECT_TRUE(world.out.flush());
  }
  end.out = testing::internal::GetCapturedStdout();
  end.err = testing::internal::GetCapturedStderr();
  return end;
}

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  while (!line.empty()) {
    const std::string_view word = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(word.size() + 1, line.size()));
    if (!word.empty()) {
      words.emplace_back(word);
    }
  }
  return words;
}

std::filesystem::path usage_file() {
  for (auto folder = std::filesystem::current_path(); folder != folder.root_path();
       folder = folder.parent_path()) {
    const std::filesystem::path file = folder / "tests/real/kafka/usage_tools.jsonl";
    if (std::filesystem::exists(file)) {
      return file;
    }
  }
  return {};
}

// What a user reads of a line of the transcript: without the name of a Java class.
std::string_view sentence_of(std::string_view line) {
  for (const std::string_view mark : {"Exception: ", "joptsimple."}) {
    const std::size_t found = line.find(mark);
    if (found != std::string_view::npos && mark.ends_with(' ')) {
      return line.substr(found + mark.size());
    }
  }
  return line;
}

// Ours: a config is checked by the broker, an address may lack its port, the flag of older Kafkas
// is still taken, and without flags the sentence is that of --help.
bool differs_on_purpose(std::string_view arguments) {
  return arguments.empty() || arguments.find("retention.ms=soon") != std::string_view::npos ||
         arguments.find("nonsense") != std::string_view::npos ||
         arguments.find("--whitelist") != std::string_view::npos;
}

TEST(KafkaTools, are_found_by_the_name_of_the_program) {
  ASSERT_NE(find_kafka_tool("kafka-topics"), nullptr);
  EXPECT_EQ(find_kafka_tool("/opt/bin/kafka-console-consumer.sh")->name, "kafka-console-consumer");
  EXPECT_EQ(find_kafka_tool("kafka-consumer-groups.bat")->name, "kafka-consumer-groups");
  EXPECT_EQ(find_kafka_tool("/usr/bin/millrace"), nullptr);
  EXPECT_EQ(find_kafka_tool("kafka"), nullptr);
}

// usage_tools.jsonl was recorded from Kafka 4.3.1: wrong command lines, exit codes, first lines.
TEST(KafkaTools, refuse_wrong_command_lines_in_the_words_of_kafka) {
  std::ifstream file(usage_file());
  ASSERT_TRUE(file) << "tests/real/kafka/usage_tools.jsonl";
  simdjson::dom::parser parser;
  std::string line;
  int count = 0;
  while (std::getline(file, line)) {
    const simdjson::dom::element row = parser.parse(line);
    const std::string_view tool = row["tool"];
    const std::string_view arguments = row["args"];
    const std::int64_t code = row["exit"];
    if (differs_on_purpose(arguments)) {
      continue;
    }
    SCOPED_TRACE(std::string(tool) + " " + std::string(arguments));
    const ToolEnd end = run_tool(tool, words_of(arguments));
    EXPECT_EQ(static_cast<std::int64_t>(end.code), code);
    for (const simdjson::dom::element expected : simdjson::dom::array(row["err"])) {
      const std::string_view sentence = sentence_of(expected.get_string());
      const bool java = sentence == "nope" || sentence.starts_with("joptsimple.");
      EXPECT_TRUE(java || end.err.find(sentence) != std::string::npos) << sentence << "\n"
                                                                       << end.err;
    }
    for (const simdjson::dom::element expected : simdjson::dom::array(row["out"])) {
      const std::string_view text = expected;
      EXPECT_NE(end.out.find(text.substr(0, text.find("is invalid"))), std::string::npos)
          << text << "\n"
          << end.out;
    }
    ++count;
  }
  EXPECT_GT(count, 50);
}

TEST(KafkaTools, name_a_remedy_for_an_unknown_flag) {
  const ToolEnd end = run_tool("kafka-console-consumer", {"--from-begining", "--topic", "x"});
  EXPECT_EQ(end.code, ExitCode::kFailed);
  EXPECT_EQ(end.err,
            "from-begining is not a recognized option; did you mean \"--from-beginning\"?\n"
            "help: kafka-console-consumer --help lists the flags\n");
}

TEST(KafkaTools, say_at_once_that_nobody_listens) {
  const ToolEnd end = run_tool("kafka-topics", {"--bootstrap-server", "127.0.0.1:1", "--list"});
  EXPECT_EQ(end.code, ExitCode::kFailed);
  EXPECT_EQ(end.out.find("Error while executing topic command : "), 0U) << end.out;
  EXPECT_NE(end.out.find("127.0.0.1:1"), std::string::npos) << end.out;
}

TEST(KafkaTools, refuse_an_address_that_needs_tls) {
  const ToolEnd end = run_tool("kafka-console-consumer",
                               {"--bootstrap-server",
                                "127.0.0.1:1",
                                "--topic",
                                "x",
                                "--command-property",
                                "security.protocol=SASL_SSL"});
  EXPECT_EQ(end.code, ExitCode::kFailed);
  EXPECT_NE(end.err.find("security.protocol is SASL_SSL"), std::string::npos) << end.err;
}

}  // namespace
}  // namespace millrace::cli
