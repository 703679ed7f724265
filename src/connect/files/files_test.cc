#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/utf8.h"
#include "connect/files/connector.h"
#include "connect/files/detail/file_list.h"
#include "connect/files/detail/files_feed.h"
#include "connect/files/detail/glob.h"
#include "connect/files/detail/position.h"
#include "connect/files/detail/record_reader.h"
#include "io/real_files.h"
#include "io/test_gzip.h"

namespace millrace::connect::files::detail {
namespace {

using connector::FeedPoll;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Options = std::vector<config::OptionEntry>;

/// A folder of the test's own, and the feed that follows it as its driver would.
class FilesFeedTest : public testing::Test {
 protected:
  FilesFeedTest() {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = testing::TempDir() + "mr_files_" + std::to_string(::getpid()) + "_" + info->name();
    MUST(io::remove_all(files_, folder_));
    MUST(io::make_dirs(files_, folder_));
  }

  void TearDown() override { MUST(io::remove_all(files_, folder_)); }

  [[nodiscard]] std::string path(const std::string& name) const { return folder_ + "/" + name; }

  void write(const std::string& name, std::string_view text) {
    const auto file = MUST(files_.open(path(name), io::OpenMode::kCreate));
    MUST(file->truncate(0));
    MUST(file->pwrite(text, 0));
  }

  void append(const std::string& name, std::string_view text) {
    const auto file = MUST(files_.open(path(name), io::OpenMode::kReadWrite));
    MUST(file->pwrite(text, MUST(file->size())));
  }

  /// Sets the time of the last change, in seconds from now.
  void age(const std::string& name, std::int64_t seconds) {
    const std::int64_t at = SystemClock().wall_us() / 1'000'000 - seconds;
    const timespec times[2] = {{.tv_sec = at, .tv_nsec = 0}, {.tv_sec = at, .tv_nsec = 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, path(name).c_str(), times, 0), 0);
  }

  std::unique_ptr<FilesFeed> make_feed(FileFormat format, Options options) {
    const auto has = [&](std::string_view key) {
      return std::ranges::find(options, key, &config::OptionEntry::key) != options.end();
    };
    if (!has("path")) {
      options.push_back({.key = "path", .value = folder_});
    }
    if (!has("settleTime")) {
      options.push_back({.key = "settleTime", .value = "0 s"});
    }
    Diagnostics diagnostics;
    const auto values = config::parse_options(option_table(format), options, diagnostics);
    check_settings(format, values, diagnostics);
    EXPECT_TRUE(diagnostics.empty()) << format_diagnostics(diagnostics, {});
    return std::make_unique<FilesFeed>(read_settings(format, values, ""), files_, clock_);
  }

  void start(FileFormat format, const Options& options = {}) { feed_ = make_feed(format, options); }

  /// Polls until all that is there was given, or the feed waits.
  std::vector<std::string> drain(connector::Credit credit = {}) {
    std::vector<std::string> values;
    clock_.advance_us(1'000'000);
    for (int i = 0; i < 10'000; ++i) {
      last_ = feed_->poll(cursor_, credit, {});
      cursor_ = last_.next_cursor;
      for (const auto& record : last_.records) {
        values.push_back(record.value);
      }
      failures_.insert(failures_.end(), last_.failures.begin(), last_.failures.end());
      if (last_.wait_ms > 0) {
        break;
      }
    }
    return values;
  }

  io::RealFiles files_;
  ManualClock clock_{SystemClock().wall_us() + 10'000'000};
  std::string folder_;
  std::unique_ptr<FilesFeed> feed_;
  std::string cursor_;
  FeedPoll last_;
  std::vector<connector::FeedFailure> failures_;
};

TEST_F(FilesFeedTest, reads_files_in_order_of_their_names) {
  write("b.json", "{\"b\":1}\n{\"b\":2}");
  write("a.json", "\xEF\xBB\xBF{\"a\":1}\r\n\n  \n{\"a\":2}\n");
  write("_hidden", "x\n");
  write(".hidden", "x\n");
  start(FileFormat::kJson);
  EXPECT_THAT(drain(), ElementsAre("{\"a\":1}", "{\"a\":2}", "{\"b\":1}", "{\"b\":2}"));
  EXPECT_TRUE(last_.caught_up);
  EXPECT_THAT(drain(), IsEmpty());
  EXPECT_TRUE(last_.caught_up);
}

TEST_F(FilesFeedTest, reads_files_in_order_of_time_when_asked) {
  write("a", "new\n");
  write("b", "old\n");
  age("b", 100);
  start(FileFormat::kText, {{.key = "order", .value = "time"}});
  EXPECT_THAT(drain(), ElementsAre("old", "new"));
}

TEST_F(FilesFeedTest, says_where_each_record_comes_from) {
  write("a", "one\ntwo\n");
  start(FileFormat::kText);
  drain();
  ASSERT_EQ(last_.records.size(), 2U);
  EXPECT_THAT(
      last_.records[1].headers,
      ElementsAre(std::pair("millrace.file", path("a")), std::pair("millrace.file_offset", "4")));
  EXPECT_EQ(last_.records[1].timestamp_ms, clock_.wall_ms());
}

TEST_F(FilesFeedTest, goes_on_where_a_file_grew_and_takes_new_ones) {
  write("a", "1\n");
  start(FileFormat::kText);
  EXPECT_THAT(drain(), ElementsAre("1"));
  append("a", "2\n3\n");
  write("b", "4\n");
  EXPECT_THAT(drain(), ElementsAre("2", "3", "4"));
  append("a", "5\n");
  feed_ = make_feed(FileFormat::kText, {});  // A restart.
  EXPECT_THAT(drain(), ElementsAre("5"));
}

TEST_F(FilesFeedTest, waits_for_the_end_of_a_line_until_the_file_has_settled) {
  write("a", "1\n2");
  age("a", -20);  // It changes just now, by the test's clock.
  start(FileFormat::kText, {{.key = "settleTime", .value = "5 min"}});
  EXPECT_THAT(drain(), ElementsAre("1"));
  EXPECT_FALSE(last_.caught_up);
  append("a", "2\n3");
  EXPECT_THAT(drain(), ElementsAre("22"));
  clock_.advance_us(600'000'000);
  EXPECT_THAT(drain(), ElementsAre("3"));
  EXPECT_TRUE(last_.caught_up);
}

TEST_F(FilesFeedTest, follows_a_file_that_was_rotated) {
  write("log", "1\n");
  start(FileFormat::kText);
  EXPECT_THAT(drain(), ElementsAre("1"));
  append("log", "2\n");
  MUST(files_.rename(path("log"), path("log.1")));
  write("log", "3\n");
  EXPECT_THAT(drain(), ElementsAre("3", "2"));
  EXPECT_THAT(drain(), IsEmpty());
}

TEST_F(FilesFeedTest, says_when_a_file_was_cut_and_reads_it_again) {
  write("a", "1\n2\n3\n");
  start(FileFormat::kText);
  drain();
  write("a", "4\n");
  EXPECT_THAT(drain(), ElementsAre("4"));
  EXPECT_THAT(last_.problem, HasSubstr("was cut from 6 to 2 bytes"));
}

TEST_F(FilesFeedTest, takes_no_other_file_for_one_whose_inode_it_got) {
  write("a", "1\n");
  start(FileFormat::kText);
  drain();
  write("a", "8\n9\n");  // Same inode, longer, other bytes.
  EXPECT_THAT(drain(), ElementsAre("8", "9"));
}

TEST_F(FilesFeedTest, forgets_files_that_are_gone) {
  write("a", "1\n");
  start(FileFormat::kText);
  drain();
  MUST(files_.remove(path("a")));
  drain();
  EXPECT_EQ(cursor_, format_position({}));
}

TEST_F(FilesFeedTest, gives_each_line_once_whatever_the_credit_is) {
  std::vector<std::string> lines;
  for (int file = 0; file < 3; ++file) {
    std::string text;
    for (int line = 0; line < 100; ++line) {
      lines.push_back(std::to_string(file) + ":" + std::to_string(line));
      text += lines.back() + "\n";
    }
    write(std::to_string(file), text);
  }
  for (const std::size_t records : {1U, 7U, 100U, 1000U}) {
    cursor_.clear();
    start(FileFormat::kText);
    EXPECT_EQ(drain({.records = records}), lines) << records;
    cursor_.clear();
    start(FileFormat::kText);
    EXPECT_EQ(drain({.records = 1000, .bytes = records}), lines) << records;
  }
}

TEST_F(FilesFeedTest, gives_the_same_records_for_the_same_cursor) {
  write("a", "1\n2\n3\n4\n5\n");
  start(FileFormat::kText);
  const FeedPoll first = feed_->poll("", {.records = 2}, {});
  const FeedPoll second = feed_->poll(first.next_cursor, {.records = 2}, {});
  const FeedPoll again = feed_->poll(first.next_cursor, {.records = 2}, {});
  feed_ = make_feed(FileFormat::kText, {});
  const FeedPoll restarted = feed_->poll(first.next_cursor, {.records = 2}, {});
  for (const FeedPoll* poll : {&second, &again, &restarted}) {
    ASSERT_EQ(poll->records.size(), 2U);
    EXPECT_EQ(poll->records[0].value, "3");
    EXPECT_EQ(poll->next_cursor, second.next_cursor);
  }
}

TEST_F(FilesFeedTest, fails_a_line_of_100_mb_and_goes_on) {
  write("a", "1\n");
  const std::string part(1U << 20U, 'x');
  const auto file = MUST(files_.open(path("a"), io::OpenMode::kReadWrite));
  for (std::uint64_t i = 0; i < 100; ++i) {
    MUST(file->pwrite(part, 2 + i * part.size()));
  }
  append("a", "\n2\n");
  start(FileFormat::kText);
  EXPECT_THAT(drain(), ElementsAre("1", "2"));
  ASSERT_EQ(failures_.size(), 1U);
  EXPECT_EQ(failures_[0].error_class, "RECORD_TOO_LONG");
  EXPECT_EQ(failures_[0].bytes, std::string(connector::kFailureBytesMax, 'x'));
  EXPECT_THAT(
      failures_[0].headers,
      ElementsAre(std::pair("millrace.file", path("a")), std::pair("millrace.file_offset", "2")));
}

TEST_F(FilesFeedTest, counts_a_long_line_without_an_end_once) {
  write("a", std::string(5'000, 'y'));
  start(FileFormat::kText, {{.key = "maxRecordBytes", .value = "1000"}});
  EXPECT_THAT(drain(), IsEmpty());
  EXPECT_THAT(drain(), IsEmpty());
  EXPECT_EQ(failures_.size(), 1U);
  append("a", "\nnext\n");
  EXPECT_THAT(drain(), ElementsAre("", "next"));
}

TEST_F(FilesFeedTest, gives_bytes_that_are_no_utf8_as_they_are) {
  write("a", "\xff\xfe\n");
  append("a", std::string_view("b\0c\n", 4));
  start(FileFormat::kText);
  EXPECT_THAT(drain(), ElementsAre("\xff\xfe", std::string("b\0c", 3)));
}

TEST_F(FilesFeedTest, keeps_empty_lines_of_text) {
  write("a", "1\n\n2\n");
  start(FileFormat::kText);
  EXPECT_THAT(drain(), ElementsAre("1", "", "2"));
}

TEST_F(FilesFeedTest, leaves_out_headers_and_comments_of_csv) {
  write("a.csv", "id,name\n1,x\n# no\n\n2,\"y\nz\"\n");
  write("b.csv", "id,name\n3,w\n");
  start(FileFormat::kCsv, {{.key = "header", .value = "true"}, {.key = "comment", .value = "#"}});
  EXPECT_THAT(drain(), ElementsAre("1,x", "2,\"y", "z\"", "3,w"));
  cursor_.clear();
  start(FileFormat::kCsv,
        {{.key = "header", .value = "true"},
         {.key = "comment", .value = "#"},
         {.key = "multiLine", .value = "true"}});
  EXPECT_THAT(drain({.records = 1}), ElementsAre("1,x", "2,\"y\nz\"", "3,w"));
}

TEST_F(FilesFeedTest, reads_whole_files) {
  write("a", "[{\"a\":1},\n {\"a\": 2}]");
  write("b", "{\"b\":\n3}");
  write("c", "{\"c\":");
  start(FileFormat::kJson, {{.key = "multiLine", .value = "true"}});
  EXPECT_THAT(drain(), ElementsAre("{\"a\":1}", "{\"a\": 2}", "{\"b\":\n3}"));
  ASSERT_EQ(failures_.size(), 1U);
  EXPECT_EQ(failures_[0].error_class, "INVALID_JSON");
  append("b", "x");
  EXPECT_THAT(drain(), IsEmpty());
  EXPECT_THAT(last_.problem, HasSubstr("changed after it was read"));

  cursor_.clear();
  start(FileFormat::kText, {{.key = "wholetext", .value = "true"}});
  EXPECT_EQ(drain().at(0), "[{\"a\":1},\n {\"a\": 2}]");
}

TEST_F(FilesFeedTest, fails_files_that_are_packed_in_other_ways_once) {
  write("a.zst", "\x28\xb5");
  write("b", "1\n");
  start(FileFormat::kText);
  EXPECT_THAT(drain(), ElementsAre("1"));
  drain();
  ASSERT_EQ(failures_.size(), 1U);
  EXPECT_EQ(failures_[0].error_class, "FILE_COMPRESSED");
}

TEST_F(FilesFeedTest, reads_what_gzip_has_packed_once) {
  write("a.json.gz", io::packed("{\"a\":1}\n{\"a\":2}"));
  write("b.json", "{\"b\":1}\n");
  start(FileFormat::kJson);
  EXPECT_THAT(drain(), ElementsAre("{\"a\":1}", "{\"a\":2}", "{\"b\":1}"));
  EXPECT_TRUE(last_.caught_up);
  EXPECT_THAT(drain(), IsEmpty());
  start(FileFormat::kJson);  // With the stored position, as after a restart.
  EXPECT_THAT(drain(), IsEmpty());
  EXPECT_THAT(failures_, IsEmpty());
}

TEST_F(FilesFeedTest, goes_on_in_a_packed_file_where_the_credit_ended_or_the_process_did) {
  std::string text;
  std::vector<std::string> expected;
  for (int line = 0; line < 3000; ++line) {
    expected.push_back("line " + std::to_string(line * 7919 % 10'007));
    text += expected.back() + "\n";
  }
  write("a.gz", io::packed(text));
  start(FileFormat::kText);
  EXPECT_EQ(drain({.records = 100}), expected);
  cursor_.clear();
  std::vector<std::string> values;
  for (int restart = 0; restart < 40; ++restart) {
    start(FileFormat::kText);
    const FeedPoll poll = feed_->poll(cursor_, {.records = 100}, {});
    cursor_ = poll.next_cursor;
    for (const auto& record : poll.records) {
      values.push_back(record.value);
    }
    clock_.advance_us(2'000'000);
  }
  EXPECT_EQ(values, expected);
}

TEST_F(FilesFeedTest, reads_what_is_appended_to_a_packed_file) {
  write("a.gz", io::packed("1\n2\n"));
  start(FileFormat::kText);
  EXPECT_THAT(drain(), ElementsAre("1", "2"));
  append("a.gz", io::packed("3\n"));
  EXPECT_THAT(drain(), ElementsAre("3"));
}

TEST_F(FilesFeedTest, waits_for_a_packed_file_to_settle) {
  write("a.gz", io::packed("1\n"));
  age("a.gz", -100);
  start(FileFormat::kText, {{.key = "settleTime", .value = "60 s"}});
  EXPECT_THAT(drain(), IsEmpty());
  EXPECT_FALSE(last_.caught_up);
  clock_.advance_us(200'000'000);
  EXPECT_THAT(drain(), ElementsAre("1"));
}

TEST_F(FilesFeedTest, fails_a_damaged_packed_file_once_and_keeps_what_came_before) {
  write("a.gz", io::packed("1\n2\n").substr(0, 20));
  write("b", "3\n");
  start(FileFormat::kText);
  const std::vector<std::string> values = drain();
  EXPECT_EQ(values.back(), "3");
  drain();
  ASSERT_EQ(failures_.size(), 1U);
  EXPECT_EQ(failures_[0].error_class, "FILE_DAMAGED");
}

TEST_F(FilesFeedTest, reads_a_packed_file_whole) {
  write("a.json.gz", io::packed("[{\"a\":1},\n{\"a\":2}]"));
  start(FileFormat::kJson, {{.key = "multiLine", .value = "true"}});
  EXPECT_THAT(drain(), ElementsAre("{\"a\":1}", "{\"a\":2}"));
}

TEST_F(FilesFeedTest, says_when_nothing_is_at_the_path_and_takes_it_when_it_comes) {
  start(FileFormat::kText, {{.key = "path", .value = path("later")}});
  EXPECT_THAT(drain(), IsEmpty());
  EXPECT_THAT(last_.problem, HasSubstr("later"));
  EXPECT_TRUE(last_.caught_up);
  write("later", "1\n");
  EXPECT_THAT(drain(), ElementsAre("1"));
  EXPECT_EQ(last_.problem, "");
}

TEST_F(FilesFeedTest, remembers_the_files_changed_longest_ago_by_their_time) {
  for (std::size_t i = 0; i < kEntriesMax + 50; ++i) {
    const std::string name = std::to_string(i);
    write(name, name + "\n");
    age(name, static_cast<std::int64_t>(100'000 - i));
  }
  start(FileFormat::kText);
  EXPECT_EQ(drain().size(), kEntriesMax + 50);
  EXPECT_THAT(drain(), IsEmpty());
  EXPECT_LT(cursor_.size(), 64U * 1024);
  EXPECT_EQ(parse_position(cursor_)->files.size(), kEntriesMax);
  feed_ = make_feed(FileFormat::kText, {});
  EXPECT_THAT(drain(), IsEmpty());
  write("new", "n\n");
  EXPECT_THAT(drain(), ElementsAre("n"));
}

TEST_F(FilesFeedTest, stops_within_a_long_line_and_finds_it_again) {
  write("a", std::string(3U << 20U, 'x') + "\n2\n");
  start(FileFormat::kText, {{.key = "maxRecordBytes", .value = "1000"}});
  std::stop_source stop;
  stop.request_stop();
  const FeedPoll stopped = feed_->poll("", {}, stop.get_token());
  EXPECT_EQ(stopped.fetched(), 0U);
  cursor_ = stopped.next_cursor;
  EXPECT_THAT(drain(), ElementsAre("2"));
  EXPECT_EQ(failures_.size(), 1U);
}

TEST_F(FilesFeedTest, finds_files_by_folder_pattern_and_filter) {
  MUST(io::make_dirs(files_, path("x/y")));
  for (const std::string name : {"a1.json", "a2.csv", "b1.json", "x/c1.json", "x/y/d1.json"}) {
    write(name, "");
  }
  const auto names = [this](ListOptions options) {
    options.path = options.path.empty() ? folder_ : path(options.path);
    std::vector<std::string> found;
    for (const FoundFile& file : MUST(list_files(files_, options))) {
      found.push_back(file.path.substr(folder_.size() + 1));
    }
    return found;
  };
  EXPECT_THAT(names({}), ElementsAre("a1.json", "a2.csv", "b1.json"));
  EXPECT_THAT(names({.path = {}, .name_filter = "*.json", .recursive = true}),
              ElementsAre("a1.json", "b1.json", "x/c1.json", "x/y/d1.json"));
  EXPECT_THAT(names({.path = "*.json"}), ElementsAre("a1.json", "b1.json"));
  EXPECT_THAT(names({.path = "{a,b}?.{json,csv}"}), ElementsAre("a1.json", "a2.csv", "b1.json"));
  EXPECT_THAT(names({.path = "*/c[0-9].json"}), ElementsAre("x/c1.json"));
  EXPECT_THAT(names({.path = "x/*/*.json"}), ElementsAre("x/y/d1.json"));
  const auto none = list_files(files_, {.path = path("*.xml")});
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code(), ErrorCode::kNotFound);
}

TEST(Glob, matches_as_shells_do) {
  const auto matches = [](std::string_view name, std::string_view pattern) {
    return matches_glob(name, pattern);
  };
  EXPECT_TRUE(matches("", ""));
  EXPECT_TRUE(matches("", "*"));
  EXPECT_TRUE(matches("abc", "a*c"));
  EXPECT_TRUE(matches("abcbc", "a*bc"));
  EXPECT_TRUE(matches("a-c", "a[!0-9]c"));
  EXPECT_TRUE(matches("a]c", "a[]]c"));
  EXPECT_TRUE(matches("a*c", "a\\*c"));
  EXPECT_TRUE(matches("[a", "[a"));
  EXPECT_FALSE(matches("a", ""));
  EXPECT_FALSE(matches("", "?"));
  EXPECT_FALSE(matches("abc", "a?"));
  EXPECT_FALSE(matches("b", "[!b]"));
  EXPECT_FALSE(matches("abx", "a\\*x"));
  EXPECT_FALSE(matches(std::string(10'000, 'a'), "*a*a*a*a*a*a*a*a*b"));
}

TEST(Glob, expands_braces) {
  EXPECT_THAT(expand_braces("a{b,c{d,e},}f"), ElementsAre("abf", "acdf", "acef", "af"));
  EXPECT_THAT(expand_braces("plain"), ElementsAre("plain"));
  EXPECT_THAT(expand_braces("a{b"), IsEmpty());
  EXPECT_THAT(expand_braces("{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}"), IsEmpty());
}

TEST(FilesPosition, comes_back_as_it_was) {
  FilesPosition position{.files = {}, .finished_us = 17};
  position.files[5] = {.offset = 6, .modified_us = -7, .head_bytes = 8, .head_crc = 0xFFFFFFFF};
  position.files[UINT64_MAX] = {};
  EXPECT_EQ(parse_position(format_position(position)), position);
  EXPECT_EQ(parse_position(""), FilesPosition{});
  for (const std::string_view text : {"[]",
                                      "{}",
                                      "{\"files\":[[1]],\"finished_us\":0}",
                                      "{\"next\":1}",
                                      "{\"files\":[[1,2,3,999,5]],\"finished_us\":0}"}) {
    EXPECT_EQ(parse_position(text), std::nullopt) << text;
  }
}

TEST(FilesConnectors, have_tables_without_mistakes) {
  for (const auto* info : {&json_connector(), &csv_connector(), &text_connector()}) {
    EXPECT_THAT(config::check_table(*info->options), IsEmpty()) << info->name;
  }
}

TEST(FilesConnectors, find_mistakes_in_paths) {
  for (const std::string_view path : {"s3://bucket/x", "a{b"}) {
    Diagnostics diagnostics;
    const Options options = {{.key = "path", .value = std::string(path)}};
    const auto values = config::parse_options(*json_connector().options, options, diagnostics);
    json_connector().check(values, diagnostics);
    EXPECT_EQ(diagnostics.error_count(), 1U) << path;
  }
}

}  // namespace
}  // namespace millrace::connect::files::detail
