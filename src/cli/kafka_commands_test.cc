// The Kafka client, and what commands do with it, against our own broker over loopback.
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/assert.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "base/thread.h"
#include "broker/broker.h"
#include "cli/kafka_groups.h"
#include "cli/kafka_topics.h"
#include "client/admin.h"
#include "client/consumer.h"
#include "client/fetcher.h"
#include "client/producer.h"
#include "config/option_table.h"
#include "io/sim_files.h"
#include "log/log.h"

namespace millrace::cli {
namespace {

using client::Admin;
using client::Cluster;
using client::Consumer;
using client::FetchedRecord;
using client::Fetcher;
using client::KafkaError;
using client::Producer;
using client::Take;
using client::TopicPartition;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A broker with threads over a disk in memory, and a client of it.
class KafkaWorld {
 public:
  explicit KafkaWorld(std::map<std::string, std::string> settings = {}) : disk_(1) {
    settings.try_emplace("group.initial.rebalance.delay.ms", "0");
    log_ = MUST(log::Log::open(
        disk_, clock_, metrics_, {.directory = "data", .min_free_bytes = 0, .seed = 1}));
    broker_ = MUST(broker::Broker::start(*log_,
                                         clock_,
                                         metrics_,
                                         {.listeners = {{.address = {.host = "127.0.0.1"}}},
                                          .settings = std::move(settings),
                                          .loops = 1}));
    cluster_ = connect();
  }

  [[nodiscard]] std::unique_ptr<Cluster> connect() const {
    return MUST(
        Cluster::connect({.bootstrap = MUST(client::parse_bootstrap(broker_->addresses().at(0))),
                          .operation_timeout_ms = 20'000},
                         clock_));
  }

  [[nodiscard]] Cluster& cluster() const { return *cluster_; }

  void make_topic(const std::string& name, std::int32_t partitions = 1) const {
    const client::NewTopic topics[] = {{.name = name, .partitions = partitions}};
    ASSERT_TRUE(MUST(Admin(*cluster_).create_topics(topics)).at(0).outcome.ok());
  }

  // Values 0, 1, 2, … to one partition.
  void fill(const std::string& topic, int count, std::int32_t partition = 0) const {
    Producer producer = MUST(Producer::open(*cluster_, {}));
    for (int i = 0; i < count; ++i) {
      const std::string value = std::to_string(i);
      MUST(producer.add({.topic = topic,
                         .partition = PartitionId(partition),
                         .timestamp_ms = 1'000 + i,
                         .key = value,
                         .value = value}));
    }
    MUST(producer.flush());
    ASSERT_EQ(producer.delivered(), static_cast<std::uint64_t>(count)) << producer.first_failure();
  }

 private:
  SystemClock clock_;
  Metrics metrics_;
  io::SimFiles disk_;
  std::unique_ptr<log::Log> log_;
  std::unique_ptr<broker::Broker> broker_;
  std::unique_ptr<Cluster> cluster_;
};

std::string shown(const FetchedRecord& record) {
  return fmt::format(
      "{}@{}={}", record.from.to_string(), record.record.offset, record.record.value.value_or("~"));
}

// Reads until everything assigned is at its end.
std::vector<std::string> read_all(Fetcher& fetcher) {
  std::vector<std::string> seen;
  for (int rounds = 0; rounds < 1'000 && !fetcher.at_end(); ++rounds) {
    MUST(fetcher.poll(100, [&seen](const FetchedRecord& record) {
      seen.push_back(shown(record));
      return Take::kMore;
    }));
  }
  return seen;
}

TEST(KafkaTopics, are_made_listed_changed_and_deleted) {
  const KafkaWorld world;
  Cluster& cluster = world.cluster();
  Admin admin(cluster);
  const client::NewTopic topics[] = {
      {.name = "users", .partitions = 2, .configs = {{"cleanup.policy", "compact"}}},
      {.name = "bad", .partitions = 1, .configs = {{"retention.ms", "soon"}}}};
  const auto made = MUST(admin.create_topics(topics));
  EXPECT_TRUE(made.at(0).outcome.ok()) << made.at(0).outcome.text();
  EXPECT_EQ(made.at(0).partitions, 2);
  EXPECT_EQ(made.at(1).outcome.error, KafkaError::kInvalidConfig);
  world.fill("users", 3, 1);

  auto views = MUST(gather_topics(cluster, {.names = {"users"}, .configs = true, .ends = true}));
  EXPECT_EQ(views.at(0).configs.at("cleanup.policy"), "compact");
  EXPECT_EQ(views.at(0).configs.size(), 1U);
  EXPECT_EQ(views.at(0).records(), 3);
  EXPECT_EQ(views.at(0).ends.at(0).end, Offset(0));

  MUST(alter_topic(cluster,
                   {.topic = "users",
                    .partitions = 3,
                    .set = {{"retention.ms", "1000"}},
                    .reset = {"cleanup.policy"}}));
  views = MUST(gather_topics(cluster, {.names = {"users"}, .configs = true}));
  EXPECT_EQ(views.at(0).info.partitions.size(), 3U);
  EXPECT_THAT(views.at(0).configs, ElementsAre(testing::Pair("retention.ms", "1000")));

  const std::string names[] = {"users", "gone"};
  const auto deleted = MUST(admin.delete_topics(names));
  EXPECT_TRUE(deleted.at(0).outcome.ok());
  EXPECT_EQ(deleted.at(1).outcome.error, KafkaError::kUnknownTopicOrPartition);
  EXPECT_THAT(MUST(gather_topics(cluster, {.internal = false})), IsEmpty());
}

TEST(KafkaTopics, fewer_partitions_are_refused_in_the_brokers_words) {
  const KafkaWorld world;
  world.make_topic("t", 2);
  const auto altered = alter_topic(world.cluster(), {.topic = "t", .partitions = 1});
  ASSERT_FALSE(altered);
  EXPECT_EQ(altered.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_THAT(altered.error().message(), HasSubstr("topic \"t\": INVALID_PARTITIONS: "));
}

TEST(KafkaTopics, are_truncated_up_to_an_offset_or_whole) {
  const KafkaWorld world;
  world.make_topic("t", 2);
  world.fill("t", 10, 0);
  world.fill("t", 5, 1);
  const auto some = MUST(truncate_topic(
      world.cluster(), {.topic = "t", .partition = PartitionId(0), .before = Offset(4)}));
  ASSERT_EQ(some.size(), 1U);
  EXPECT_EQ(some[0].outcome.offset, Offset(4));
  const auto too_far = MUST(truncate_topic(
      world.cluster(), {.topic = "t", .partition = PartitionId(0), .before = Offset(40)}));
  EXPECT_EQ(too_far[0].outcome.outcome.error, KafkaError::kOffsetOutOfRange);
  const auto all = MUST(truncate_topic(world.cluster(), {.topic = "t"}));
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].start_before, Offset(4));
  EXPECT_EQ(all[0].outcome.offset, Offset(10));
  EXPECT_EQ(all[1].outcome.offset, Offset(5));
}

TEST(KafkaProducer, every_record_arrives_once_and_in_order_with_every_codec) {
  const KafkaWorld world;
  using enum record::Compression;
  for (const record::Compression codec : {kNone, kGzip, kSnappy, kLz4, kZstd}) {
    const std::string topic(record::to_string(codec));
    world.make_topic(topic, 3);
    std::map<std::uint64_t, std::string> places;
    Producer producer = MUST(Producer::open(
        world.cluster(),
        {.compression = codec,
         .batch_bytes = 2'000,
         .linger_ms = 0,
         .buffer_bytes = 20'000,
         .on_delivery = [&places](const client::Delivery& delivery) {
           for (std::size_t i = 0; i < delivery.numbers.size(); ++i) {
             places[delivery.numbers[i]] = fmt::format(
                 "{}@{}", delivery.to.to_string(), delivery.base_offset + static_cast<int>(i));
           }
         }}));
    constexpr std::uint64_t kRecords = 2'000;
    for (std::uint64_t i = 0; i < kRecords; ++i) {
      const std::string key = fmt::format("key {}", i % 17);
      const std::string value = fmt::format("{}", i);
      EXPECT_EQ(MUST(producer.add({.topic = topic, .key = key, .value = value})), i);
    }
    MUST(producer.flush());
    EXPECT_EQ(producer.delivered(), kRecords) << producer.first_failure();
    Fetcher fetcher(world.cluster(), {});
    for (int i = 0; i < 3; ++i) {
      fetcher.assign({.topic = topic, .partition = PartitionId(i)}, Offset(0));
    }
    const std::vector<std::string> seen = read_all(fetcher);
    EXPECT_EQ(seen.size(), kRecords);
    for (const std::string& each : seen) {
      const std::size_t equals = each.find('=');
      EXPECT_EQ(places.at(std::stoull(each.substr(equals + 1))), each.substr(0, equals));
    }
  }
}

TEST(KafkaProducer, keys_go_where_kafkas_clients_put_them) {
  EXPECT_EQ(client::partition_of_key("21", 1'000),
            PartitionId(((-973932308) & 0x7fffffff) % 1'000));
  EXPECT_EQ(client::partition_of_key("foobar", 1'000),
            PartitionId(((-790332482) & 0x7fffffff) % 1'000));
}

TEST(KafkaProducer, headers_null_and_empty_values_come_back_as_they_were) {
  const KafkaWorld world;
  world.make_topic("t");
  Producer producer = MUST(Producer::open(world.cluster(), {}));
  const record::HeaderView headers[] = {{.key = "a", .value = "1"}, {.key = "a", .value = {}}};
  MUST(producer.add({.topic = "t", .timestamp_ms = 42, .key = "", .value = {}}));
  MUST(producer.add({.topic = "t", .timestamp_ms = 43, .value = "", .headers = headers}));
  MUST(producer.flush());
  Fetcher fetcher(world.cluster(), {});
  fetcher.assign({.topic = "t"}, Offset(0));
  int seen = 0;
  while (seen < 2) {
    MUST(fetcher.poll(100, [&seen](const FetchedRecord& record) {
      const record::RecordView& it = record.record;
      EXPECT_EQ(it.timestamp_ms, 42 + seen);
      EXPECT_EQ(it.key.has_value(), seen == 0);
      EXPECT_EQ(it.value.has_value(), seen == 1);
      EXPECT_EQ(it.headers().size(), seen == 0 ? 0U : 2U);
      ++seen;
      return Take::kMore;
    }));
  }
}

TEST(KafkaProducer, a_batch_that_is_too_large_goes_out_in_halves_and_a_record_fails_alone) {
  const KafkaWorld world;
  const client::NewTopic topics[] = {
      {.name = "t", .partitions = 1, .configs = {{"max.message.bytes", "2000"}}}};
  MUST(Admin(world.cluster()).create_topics(topics));
  Producer producer = MUST(Producer::open(world.cluster(), {.linger_ms = 1'000}));
  for (int i = 0; i < 30; ++i) {
    const std::string value(i == 17 ? 5'000 : 100, 'x');
    MUST(producer.add({.topic = "t", .value = value}));
  }
  MUST(producer.flush());
  EXPECT_EQ(producer.delivered(), 29U);
  EXPECT_EQ(producer.failed(), 1U);
  EXPECT_THAT(producer.first_failure(), HasSubstr("t-0: MESSAGE_TOO_LARGE"));
  Fetcher fetcher(world.cluster(), {});
  fetcher.assign({.topic = "t"}, Offset(0));
  EXPECT_EQ(read_all(fetcher).size(), 29U);
}

TEST(KafkaProducer, without_acks_nobody_says_where_a_record_went) {
  const KafkaWorld world;
  world.make_topic("t");
  Producer producer = MUST(Producer::open(world.cluster(), {.acks = 0, .idempotent = false}));
  MUST(producer.add({.topic = "t", .value = "v"}));
  MUST(producer.flush());
  EXPECT_EQ(producer.delivered(), 1U);
  Fetcher fetcher(world.cluster(), {});
  fetcher.assign({.topic = "t"}, Offset(0));
  std::size_t seen = 0;
  while (seen == 0) {
    seen = MUST(fetcher.poll(100, [](const FetchedRecord&) { return Take::kMore; }));
  }
}

TEST(KafkaProducer, makes_the_topic_that_it_writes_to_when_the_broker_does) {
  const KafkaWorld world;
  world.fill("new", 3);
  EXPECT_EQ(MUST(gather_topics(world.cluster(), {.names = {"new"}, .ends = true})).at(0).records(),
            3);
  const std::map<std::string, std::string> no_topics = {{"auto.create.topics.enable", "false"}};
  const KafkaWorld strict(no_topics);
  auto cluster = MUST(Cluster::connect(
      {.bootstrap = strict.cluster().options().bootstrap, .operation_timeout_ms = 200},
      strict.cluster().clock()));
  Producer producer = MUST(Producer::open(*cluster, {}));
  const auto added = producer.add({.topic = "new", .value = "v"});
  ASSERT_FALSE(added);
}

TEST(KafkaFetcher, begins_where_it_is_told_and_says_when_a_position_is_gone) {
  const KafkaWorld world;
  world.make_topic("t");
  world.fill("t", 10);
  const TopicPartition partition{.topic = "t"};
  const client::OffsetQuery queries[] = {
      {.partition = partition, .timestamp_ms = client::kEarliestOffset},
      {.partition = partition, .timestamp_ms = client::kLatestOffset},
      {.partition = partition, .timestamp_ms = 1'007},
      {.partition = partition, .timestamp_ms = 5'000},
      {.partition = {.topic = "gone"}, .timestamp_ms = client::kLatestOffset}};
  const auto answers = MUST(Admin(world.cluster()).list_offsets(queries));
  EXPECT_EQ(answers.at(0).offset, Offset(0));
  EXPECT_EQ(answers.at(1).offset, Offset(10));
  EXPECT_EQ(answers.at(2).offset, Offset(7));
  EXPECT_EQ(answers.at(3).offset, Offset(-1));
  EXPECT_EQ(answers.at(4).outcome.error, KafkaError::kUnknownTopicOrPartition);

  Fetcher fetcher(world.cluster(), {});
  fetcher.assign(partition, Offset(8));
  EXPECT_THAT(read_all(fetcher), ElementsAre("t-0@8=8", "t-0@9=9"));

  MUST(truncate_topic(world.cluster(), {.topic = "t", .before = Offset(5)}));
  fetcher.assign(partition, Offset(2));
  const auto failed = fetcher.poll(100, [](const FetchedRecord&) { return Take::kMore; });
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().message(), "t-0 has no offset 2: it has 5 to 10");
  Fetcher anyway(world.cluster(), {.out_of_range = client::OutOfRange::kEarliest});
  anyway.assign(partition, Offset(2));
  EXPECT_EQ(read_all(anyway).front(), "t-0@5=5");
}

TEST(KafkaFetcher, stops_after_a_record_and_goes_on_there) {
  const KafkaWorld world;
  world.make_topic("t");
  world.fill("t", 5);
  Fetcher fetcher(world.cluster(), {});
  fetcher.assign({.topic = "t"}, Offset(0));
  std::vector<std::string> seen;
  const auto take_two = [&seen](const FetchedRecord& record) {
    seen.push_back(shown(record));
    return seen.size() % 2 == 0 ? Take::kStop : Take::kMore;
  };
  EXPECT_EQ(MUST(fetcher.poll(100, take_two)), 2U);
  EXPECT_EQ(MUST(fetcher.poll(100, take_two)), 2U);
  EXPECT_THAT(seen, ElementsAre("t-0@0=0", "t-0@1=1", "t-0@2=2", "t-0@3=3"));
}

TEST(KafkaGroups, a_consumer_commits_and_its_lag_is_seen) {
  const KafkaWorld world;
  world.make_topic("t", 2);
  world.fill("t", 10, 0);
  world.fill("t", 4, 1);
  Cluster& cluster = world.cluster();
  Consumer consumer = MUST(Consumer::join(
      cluster, {.group = "g", .topics = {"t"}, .start = client::OutOfRange::kEarliest}));
  std::size_t taken = 0;
  while (taken < 14) {
    taken += MUST(consumer.poll(100, [](const FetchedRecord&) { return Take::kMore; }));
  }
  MUST(consumer.commit());
  world.fill("t", 3, 0);

  const std::string ids[] = {"g", "gone"};
  auto described = MUST(Admin(cluster).describe_groups(ids));
  EXPECT_EQ(described.at(0).state, "Stable");
  EXPECT_EQ(described.at(0).assignor, "range");
  EXPECT_EQ(described.at(0).members.size(), 1U);
  EXPECT_EQ(described.at(1).outcome.error, KafkaError::kGroupIdNotFound);
  const GroupLag lag = MUST(gather_lag(cluster, std::move(described.at(0))));
  ASSERT_EQ(lag.rows.size(), 2U);
  EXPECT_EQ(lag.rows[0].committed, Offset(10));
  EXPECT_EQ(lag.rows[0].end, Offset(13));
  EXPECT_EQ(lag.rows[0].client_id, "millrace");
  EXPECT_EQ(lag.lag(), 3);

  const auto busy = plan_reset(cluster, {.group = "g", .to = ResetTo::kEarliest});
  ASSERT_FALSE(busy);
  EXPECT_EQ(busy.error().code(), ErrorCode::kConflict);
  MUST(consumer.leave());
  EXPECT_TRUE(plan_reset(cluster, {.group = "g", .to = ResetTo::kEarliest}));
}

TEST(KafkaGroups, two_consumers_share_the_partitions_and_one_takes_over_what_the_other_leaves) {
  const KafkaWorld world;
  world.make_topic("t", 4);
  Consumer first =
      MUST(Consumer::join(world.cluster(), {.group = "g", .topics = {"t"}, .heartbeat_ms = 20}));
  EXPECT_EQ(first.progress().size(), 4U);
  const auto other = world.connect();
  std::atomic<bool> shared = false;
  Thread second("second", [&](const std::stop_token& stop) {
    Consumer consumer =
        MUST(Consumer::join(*other, {.group = "g", .topics = {"t"}, .heartbeat_ms = 20}));
    while (!stop.stop_requested()) {
      shared = consumer.progress().size() == 2;
      MUST(consumer.poll(20, [](const FetchedRecord&) { return Take::kMore; }));
    }
    MUST(consumer.leave());
  });
  const auto polls_until = [&first](const std::function<bool()>& reached) {
    for (int i = 0; i < 1'000 && !reached(); ++i) {
      MUST(first.poll(20, [](const FetchedRecord&) { return Take::kMore; }));
    }
    return reached();
  };
  EXPECT_TRUE(polls_until([&] { return shared && first.progress().size() == 2; }));
  second.request_stop();
  EXPECT_TRUE(polls_until([&] { return first.progress().size() == 4; }));
  second.join();
  MUST(first.leave());
}

class Reset : public testing::Test {
 protected:
  Reset() {
    world_.make_topic("t", 2);
    world_.fill("t", 10, 0);
    world_.fill("t", 6, 1);
    MUST(Admin(world_.cluster())
             .commit_group_offsets("g",
                                   {{{.topic = "t", .partition = PartitionId(0)},
                                     {.offset = Offset(5), .metadata = "kept"}}}));
    MUST(truncate_topic(world_.cluster(),
                        {.topic = "t", .partition = PartitionId(0), .before = Offset(2)}));
  }

  // "0: 5 -> 2, 1: - -> 0"
  std::string plan(ResetGroup reset) {
    reset.group = "g";
    const auto rows = MUST(plan_reset(world_.cluster(), reset));
    std::string text;
    for (const ResetRow& row : rows) {
      text += fmt::format("{}{}: {} -> {}",
                          text.empty() ? "" : ", ",
                          row.partition.partition,
                          row.before ? std::to_string(row.before->value()) : "-",
                          row.after);
    }
    return text;
  }

  KafkaWorld world_;
};

TEST_F(Reset, goes_to_every_kind_of_place) {
  const std::vector<TopicChoice> all = {{.topic = "t"}};
  EXPECT_EQ(plan({.to = ResetTo::kEarliest}), "0: 5 -> 2");
  EXPECT_EQ(plan({.topics = all, .to = ResetTo::kEarliest}), "0: 5 -> 2, 1: - -> 0");
  EXPECT_EQ(plan({.topics = all, .to = ResetTo::kLatest}), "0: 5 -> 10, 1: - -> 6");
  EXPECT_EQ(plan({.topics = all, .to = ResetTo::kCurrent}), "0: 5 -> 5, 1: - -> 6");
  EXPECT_EQ(plan({.topics = all, .to = ResetTo::kOffset, .number = 8}), "0: 5 -> 8, 1: - -> 6");
  EXPECT_EQ(plan({.to = ResetTo::kShift, .number = -1}), "0: 5 -> 4");
  EXPECT_EQ(plan({.to = ResetTo::kShift, .number = -100}), "0: 5 -> 2");
  EXPECT_EQ(plan({.topics = all, .to = ResetTo::kTime, .number = 1'004}), "0: 5 -> 4, 1: - -> 4");
  EXPECT_EQ(plan({.topics = all, .to = ResetTo::kTime, .number = 1'008}), "0: 5 -> 8, 1: - -> 6");
  EXPECT_EQ(plan({.to = ResetTo::kGiven,
                  .offsets = {{{.topic = "t", .partition = PartitionId(1)}, Offset(3)}}}),
            "1: - -> 3");
}

TEST_F(Reset, a_preview_changes_nothing_and_an_execution_what_it_showed) {
  const ResetGroup reset{.group = "g", .topics = {{.topic = "t"}}, .to = ResetTo::kEarliest};
  const auto rows = MUST(plan_reset(world_.cluster(), reset));
  Admin admin(world_.cluster());
  EXPECT_EQ(MUST(admin.group_offsets("g")).size(), 1U);
  MUST(execute_reset(world_.cluster(), "g", rows));
  const auto after = MUST(admin.group_offsets("g"));
  ASSERT_EQ(after.size(), 2U);
  EXPECT_EQ(after.at({.topic = "t", .partition = PartitionId(0)}).offset, Offset(2));
}

TEST_F(Reset, names_what_it_cannot_do) {
  const auto fails = [this](const ResetGroup& reset) {
    const auto rows = plan_reset(world_.cluster(), reset);
    MR_ASSERT(!rows);
    return rows.error().message();
  };
  EXPECT_THAT(fails({.group = "new", .to = ResetTo::kEarliest}),
              HasSubstr("has committed nothing: say which topics, with --topic T"));
  EXPECT_THAT(fails({.group = "g", .topics = {{.topic = "tt"}}, .to = ResetTo::kEarliest}),
              HasSubstr("topic \"tt\" does not exist"));
  EXPECT_THAT(fails({.group = "g",
                     .topics = {{.topic = "t", .partitions = {PartitionId(9)}}},
                     .to = ResetTo::kEarliest}),
              HasSubstr("topic \"t\" has no partition 9"));
  EXPECT_THAT(fails({.group = "g", .topics = {{.topic = "t"}}, .to = ResetTo::kShift}),
              HasSubstr("has committed no offset of t-1"));
}

TEST_F(Reset, groups_and_their_offsets_can_be_deleted) {
  Admin admin(world_.cluster());
  const auto listed = MUST(admin.list_groups());
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(listed[0].id, "g");
  EXPECT_EQ(listed[0].state, "Empty");
  const TopicPartition gone[] = {{.topic = "t", .partition = PartitionId(0)}};
  EXPECT_TRUE(MUST(admin.delete_group_offsets("g", gone)).at(0).outcome.ok());
  EXPECT_THAT(MUST(admin.group_offsets("g")), IsEmpty());
  MUST(admin.commit_group_offsets("g", {{gone[0], {.offset = Offset(5)}}}));
  const std::string ids[] = {"g", "none"};
  const auto deleted = MUST(admin.delete_groups(ids));
  EXPECT_TRUE(deleted.at(0).outcome.ok());
  EXPECT_EQ(deleted.at(1).outcome.error, KafkaError::kGroupIdNotFound);
}

}  // namespace
}  // namespace millrace::cli
