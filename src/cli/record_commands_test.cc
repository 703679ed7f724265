// produce, consume, tap and the tools by Kafka's names, as a user calls them, against our own
// broker over loopback.
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "broker/broker.h"
#include "cli/commands.h"
#include "cli/kafka_tools.h"
#include "io/sim_files.h"
#include "log/log.h"

namespace millrace::cli {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct CommandEnd {
  ExitCode code = ExitCode::kOk;
  std::string out = {};
  std::string err = {};
};

/// A broker over a disk in memory, and a shell in front of it. Owned by one thread.
class Shell {
 public:
  Shell() : disk_(1) {
    log_ = MUST(log::Log::open(
        disk_, clock_, metrics_, {.directory = "data", .min_free_bytes = 0, .seed = 1}));
    broker_ = MUST(broker::Broker::start(*log_,
                                         clock_,
                                         metrics_,
                                         {.listeners = {{.address = {.host = "127.0.0.1"}}},
                                          .settings = {{"group.initial.rebalance.delay.ms", "0"},
                                                       {"offsets.topic.num.partitions", "1"}},
                                          .loops = 1}));
  }

  /// `millrace words… --bootstrap-server …`, or one of Kafka's tools.
  CommandEnd run(std::vector<std::string> words, const std::string& input = "") {
    const KafkaTool* const tool = find_kafka_tool(words.front());
    words.insert(words.end(), {"--bootstrap-server", broker_->summary().addresses.at(0)});
    CommandEnd end;
    const InputFile stdin_file(input);
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    if (tool != nullptr) {
      words.erase(words.begin());
      World world{Invocation()};
      end.code = run_kafka_tool(world, *tool, words);
      EXPECT_TRUE(world.out.flush());
    } else {
      ParsedArguments parsed = parse_arguments(words);
      EXPECT_EQ(parsed.problem, "");
      World world(std::move(parsed.invocation));
      end.code = run_command(world);
      EXPECT_TRUE(world.out.flush());
    }
    end.out = testing::internal::GetCapturedStdout();
    end.err = testing::internal::GetCapturedStderr();
    return end;
  }

  /// The same; what it printed, when it ended well.
  std::string out(std::vector<std::string> words, const std::string& input = "") {
    const CommandEnd end = run(std::move(words), input);
    EXPECT_EQ(end.code, ExitCode::kOk) << end.err;
    return end.out;
  }

 private:
  /// Standard input is this text while it lives.
  class InputFile {
   public:
    explicit InputFile(const std::string& text) : saved_(::dup(STDIN_FILENO)) {
      std::FILE* const file = std::tmpfile();
      MR_ASSERT(file != nullptr);
      std::fputs(text.c_str(), file);
      std::rewind(file);
      ::dup2(::fileno(file), STDIN_FILENO);
      std::fclose(file);
    }

    InputFile(const InputFile&) = delete;
    InputFile& operator=(const InputFile&) = delete;

    ~InputFile() {
      ::dup2(saved_, STDIN_FILENO);
      ::close(saved_);
    }

   private:
    int saved_;
  };

  SystemClock clock_;
  io::SimFiles disk_;
  Metrics metrics_;
  std::unique_ptr<log::Log> log_;
  std::unique_ptr<broker::Broker> broker_;
};

TEST(RecordCommands, print_what_was_sent) {
  Shell shell;
  const CommandEnd sent = shell.run({"produce", "users"}, "a\nb\nc");
  EXPECT_EQ(sent.code, ExitCode::kOk);
  EXPECT_EQ(sent.out, "");
  EXPECT_EQ(sent.err, "3 records to users (0@0-2)\n");
  EXPECT_EQ(shell.out({"consume", "users"}), "a\nb\nc\n");
  EXPECT_EQ(shell.out({"consume", "users", "--max", "2", "--format", "%o=%s;"}), "0=a;1=b;");
}

TEST(RecordCommands, begin_and_end_where_they_are_told) {
  Shell shell;
  shell.out({"produce", "users"}, "a\nb\nc\nd\n");
  EXPECT_EQ(shell.out({"consume", "users", "--from", "2"}), "c\nd\n");
  EXPECT_EQ(shell.out({"consume", "users", "--from", "-1"}), "d\n");
  EXPECT_EQ(shell.out({"consume", "users", "--from", "latest"}), "");
  EXPECT_EQ(shell.out({"consume", "users", "--until", "1"}), "a\n");
  EXPECT_EQ(shell.out({"consume", "users", "--from", "1h", "--until", "3"}), "a\nb\nc\n");
  EXPECT_EQ(shell.out({"consume", "users", "--partition", "0", "--max", "0"}), "");
  EXPECT_EQ(shell.run({"consume", "users", "--from", "soon"}).code, ExitCode::kUsage);
  const CommandEnd beyond = shell.run({"consume", "users", "--partition", "7"});
  EXPECT_EQ(beyond.code, ExitCode::kFailed);
  EXPECT_THAT(beyond.err, HasSubstr("the topic users has the partitions 0 to 0, not 7"));
}

TEST(RecordCommands, carry_keys_headers_tombstones_and_bytes) {
  Shell shell;
  shell.out({"produce", "kv", "--key-separator", "\\t", "--header", "h=1"}, "k\tv\n");
  shell.out({"produce", "kv", "--key", "k", "--tombstone", "--compression", "zstd"});
  shell.out({"produce", "kv", "--value", "x", "--value", "y", "--acks", "1"});
  shell.out({"produce", "kv", "--format", "raw"}, "two\nlines\n");
  EXPECT_EQ(shell.out({"consume", "kv", "-k", "--headers"}),
            "h=1\tk\tv\n\tk\tnull\n\tnull\tx\n\tnull\ty\n\tnull\ttwo\nlines\n\n");
  const std::string json = shell.out({"consume", "kv", "--format", "json"});
  shell.out({"produce", "copy", "--format", "json"}, json);
  EXPECT_EQ(shell.out({"consume", "copy", "-k", "--headers"}),
            shell.out({"consume", "kv", "-k", "--headers"}));
}

TEST(RecordCommands, keep_what_a_condition_asks_for) {
  Shell shell;
  shell.out({"produce", "n"}, "1\n2\nx\n3\n");
  const CommandEnd end = shell.run({"consume", "n", "--where", "CAST(value AS INT) > 1"});
  EXPECT_EQ(end.code, ExitCode::kOk);
  EXPECT_EQ(end.out, "2\n3\n");
  EXPECT_THAT(end.err, HasSubstr("--where failed for 1 records"));
  const CommandEnd wrong = shell.run({"consume", "n", "--where", "vaule > 1"});
  EXPECT_EQ(wrong.code, ExitCode::kUsage);
  EXPECT_THAT(wrong.err, StartsWith("--where:1:1: "));
}

TEST(RecordCommands, remember_how_far_a_group_is) {
  Shell shell;
  shell.out({"produce", "g"}, "a\nb\nc\n");
  EXPECT_EQ(shell.out({"consume", "g", "--group", "readers", "--max", "2"}), "a\nb\n");
  EXPECT_EQ(shell.out({"consume", "g", "--group", "readers"}), "c\n");
  EXPECT_EQ(shell.out({"consume", "g", "--group", "readers"}), "");
  EXPECT_EQ(shell.run({"consume", "g", "--group", "r", "--partition", "0"}).code, ExitCode::kUsage);
}

TEST(RecordCommands, refuse_a_topic_that_is_not_there_with_one_that_is) {
  Shell shell;
  shell.out({"produce", "users"}, "a\n");
  const CommandEnd consume = shell.run({"consume", "user"});
  EXPECT_EQ(consume.code, ExitCode::kFailed);
  EXPECT_THAT(consume.err, HasSubstr("users"));
  const CommandEnd produce = shell.run({"produce", "usres", "--no-create"}, "a\n");
  EXPECT_EQ(produce.code, ExitCode::kFailed);
  EXPECT_THAT(produce.err, HasSubstr("did you mean \"users\"?"));
  const CommandEnd tap = shell.run({"tap", "user"});
  EXPECT_EQ(tap.code, ExitCode::kFailed);
  EXPECT_THAT(tap.err, HasSubstr("did you mean \"users\"?"));
}

TEST(RecordCommands, tap_shows_nothing_of_what_was_before) {
  Shell shell;
  shell.out({"produce", "users"}, "a\n");
  const CommandEnd end = shell.run({"tap", "user*", "--for", "300ms"});
  EXPECT_EQ(end.code, ExitCode::kOk);
  EXPECT_EQ(end.out, "");
  EXPECT_EQ(end.err, "0 of 0 records shown\n");
}

TEST(KafkaToolsLive, serve_the_users_example) {
  Shell shell;
  shell.out({"kafka-topics", "--create", "--topic", "created_users", "--partitions", "2"});
  EXPECT_EQ(shell.out({"kafka-topics.sh", "--list", "--exclude-internal"}), "created_users\n");
  shell.out({"kafka-console-producer.sh",
             "--topic",
             "created_users",
             "--reader-property",
             "parse.key=true"},
            "k\t{\"id\": 1}\n");
  const CommandEnd read = shell.run({"kafka-console-consumer.sh",
                                     "--topic",
                                     "created_users",
                                     "--from-beginning",
                                     "--max-messages",
                                     "1",
                                     "--property",
                                     "print.key=true"});
  EXPECT_EQ(read.code, ExitCode::kOk);
  EXPECT_THAT(read.out, testing::EndsWith("\nk\t{\"id\": 1}\n"));  // After the word on --property.
  EXPECT_EQ(read.err, "Processed a total of 1 messages\n");
  const std::string described = shell.out({"kafka-topics", "--describe"});
  EXPECT_THAT(described, HasSubstr("\tTopic: created_users\tPartition: 1\tLeader: "));
}

TEST(KafkaToolsLive, show_and_move_the_offsets_of_a_group) {
  Shell shell;
  shell.out({"kafka-console-producer", "--topic", "t"}, "a\nb\nc\n");
  shell.out({"kafka-console-consumer",
             "--topic",
             "t",
             "--group",
             "g",
             "--from-beginning",
             "--max-messages",
             "2"});
  EXPECT_EQ(shell.out({"kafka-consumer-groups", "--list"}), "g\n");
  EXPECT_THAT(shell.out({"kafka-consumer-groups", "--describe", "--group", "g"}),
              HasSubstr("\ng               t               0          2               3          "
                        "     1               -"));
  EXPECT_THAT(shell.out({"kafka-consumer-groups",
                         "--reset-offsets",
                         "--group",
                         "g",
                         "--topic",
                         "t:0",
                         "--shift-by",
                         "-5",
                         "--execute"}),
              HasSubstr("t               0          0\n"));
  EXPECT_EQ(shell.out({"kafka-consumer-groups",
                       "--reset-offsets",
                       "--group",
                       "g",
                       "--all-topics",
                       "--to-current",
                       "--dry-run",
                       "--export"}),
            "t,0,0\n\n");
  EXPECT_EQ(shell.out({"kafka-consumer-groups", "--delete", "--group", "g"}),
            "Deletion of requested consumer groups ('g') was successful.\n");
  EXPECT_THAT(shell.out({"kafka-consumer-groups", "--describe", "--group", "g"}),
              StartsWith("\nError: Executing consumer group command failed due to "
                         "org.apache.kafka.common.errors.GroupIdNotFoundException: "));
}

TEST(KafkaToolsLive, tell_and_delete_offsets) {
  Shell shell;
  shell.out({"kafka-console-producer", "--topic", "t"}, "a\nb\nc\n");
  EXPECT_EQ(shell.out({"kafka-get-offsets", "--topic", "t"}), "t:0:3\n");
  const std::string file = testing::TempDir() + "/millrace_delete_records.json";
  std::FILE* const json = std::fopen(file.c_str(), "w");
  ASSERT_NE(json, nullptr);
  std::fputs(R"({"version": 1, "partitions": [{"topic": "t", "partition": 0, "offset": 2}]})",
             json);
  std::fclose(json);
  EXPECT_EQ(shell.out({"kafka-delete-records", "--offset-json-file", file}),
            "Executing records delete operation\nRecords delete operation completed:\n"
            "partition: t-0\tlow_watermark: 2\n");
  EXPECT_EQ(shell.out({"kafka-get-offsets", "--topic", "t", "--time", "earliest"}), "t:0:2\n");
}

TEST(Links, are_made_kept_and_never_put_over_a_file) {
  const std::string folder = testing::TempDir() + "/millrace_links";
  std::filesystem::remove_all(folder);
  const auto run = [&folder](std::vector<std::string> words) {
    words.insert(words.begin(), {"links", folder});
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    World world(parse_arguments(words).invocation);
    CommandEnd end{.code = run_command(world)};
    EXPECT_TRUE(world.out.flush());
    end.out = testing::internal::GetCapturedStdout();
    end.err = testing::internal::GetCapturedStderr();
    return end;
  };
  const CommandEnd first = run({});
  EXPECT_EQ(first.code, ExitCode::kOk);
  EXPECT_THAT(first.out, HasSubstr("/kafka-topics.sh: made\n"));
  EXPECT_TRUE(std::filesystem::is_symlink(folder + "/kafka-console-consumer"));
  EXPECT_THAT(run({}).out, HasSubstr("/kafka-topics.sh: was there\n"));
  std::filesystem::remove(folder + "/kafka-topics");
  std::filesystem::create_symlink("/bin/true", folder + "/kafka-topics");
  std::filesystem::remove(folder + "/kafka-topics.sh");
  std::filesystem::create_directory(folder + "/kafka-topics.sh");
  const CommandEnd blocked = run({});
  EXPECT_EQ(blocked.code, ExitCode::kFailed);
  EXPECT_THAT(blocked.err, HasSubstr("it leads to /bin/true; --force replaces it"));
  EXPECT_THAT(blocked.err, HasSubstr("it is no link; move it away first"));
  EXPECT_THAT(run({"--force"}).out, HasSubstr("/kafka-topics: replaced\n"));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace millrace::cli
