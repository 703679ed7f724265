// Clients that send what nobody should, too much, too slowly, or take nothing: each gets its limit,
// memory stays where it was, and others are served. Complements broker_test.cc.
#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>

#include "broker/api_table.h"
#include "broker/detail/test_client.h"
#include "broker/detail/test_server.h"
#include "io/process_info.h"
#include "record/batch.h"
#include "wire/api_key.h"
#include "wire/generated/create_topics.h"
#include "wire/generated/incremental_alter_configs.h"
#include "wire/generated/metadata.h"

namespace millrace::broker {
namespace {

using wire::KafkaError;

constexpr std::int64_t kMiB = 1 << 20;

/// A header and these bytes, whatever they are.
std::string raw_request(wire::ApiKey key, std::int16_t version, std::string_view body) {
  wire::Writer writer;
  writer.be<std::int32_t>(0);
  const wire::RequestHeader header{.request_api_key = static_cast<std::int16_t>(key),
                                   .request_api_version = version,
                                   .correlation_id = 1,
                                   .client_id = "test"};
  MUST(header.encode(writer, wire::request_header_version(key, version)));
  std::string bytes = writer.finish_string();
  bytes += body;
  store_be(bytes.data(), static_cast<std::int32_t>(bytes.size() - 4));
  return bytes;
}

/// What came back for the one batch.
KafkaError produce(TestClient& client, const std::string& batch) {
  EXPECT_TRUE(client.send(TestClient::request(produce_to_t(batch), 9)));
  const auto answer = client.answer<wire::ProduceResponse>(9);
  if (!answer) {
    return KafkaError::kNetworkException;
  }
  return answer->responses.at(0).partition_responses.at(0).error_code;
}

TEST(BrokerLimits, a_request_cut_anywhere_is_dropped_with_its_connection) {
  Server server;
  const std::string whole = TestClient::request(produce_to_t(one_batch()), 9);
  for (std::size_t cut = 1; cut < whole.size(); ++cut) {
    const TestClient client(server.port());
    ASSERT_TRUE(client.send(std::string_view(whole).substr(0, cut)));
    client.end_writing();
    ASSERT_TRUE(client.is_closed()) << cut;
  }
  EXPECT_EQ(server.log().describe({.topic = "t"})->high_watermark, Offset(0));
  expect_alive(server);
  EXPECT_TRUE(server.reaches_connections(0));
}

TEST(BrokerLimits, a_request_that_comes_byte_by_byte_is_answered_and_holds_nobody_up) {
  const Server server;
  TestClient slow(server.port());
  const int no_delay = 1;
  ::setsockopt(slow.fd(), IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof no_delay);
  const std::string whole = TestClient::request(produce_to_t(one_batch()), 9);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    ASSERT_TRUE(slow.send(std::string_view(whole).substr(i, 1)));
    if (i % 16 == 0) {
      expect_alive(server);
    }
  }
  const auto answer = slow.answer<wire::ProduceResponse>(9);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->responses.at(0).partition_responses.at(0).error_code, KafkaError::kNone);
}

TEST(BrokerLimits, the_largest_request_is_served_and_one_byte_more_is_not) {
  const Server server(Texts{{"socket.request.max.bytes", "1000"}});
  const auto request_of = [](std::size_t bytes) {
    wire::MetadataRequest request;
    request.topics.emplace().push_back({.name = std::string(200, 'x')});
    const std::size_t rest = bytes + 4 - TestClient::request(request, 1).size();
    for (std::size_t left = rest; left > 0;) {
      const std::size_t name = std::min<std::size_t>(left, 202) - 2;
      request.topics->push_back({.name = std::string(name, 'y')});
      left -= name + 2;
    }
    return TestClient::request(request, 1);
  };
  ASSERT_EQ(request_of(1'000).size(), 1'004U);
  TestClient client(server.port());
  ASSERT_TRUE(client.send(request_of(1'000)));
  EXPECT_TRUE(client.answer<wire::MetadataResponse>(1).has_value());
  client.send(request_of(1'001));
  EXPECT_TRUE(client.is_closed());
  expect_alive(server);
}

TEST(BrokerLimits, every_api_and_version_that_is_not_served_ends_the_connection) {
  const Server server;
  std::vector<std::pair<int, std::int16_t>> unserved;
  for (int key = -1; key < 100; ++key) {
    const ApiRow* const row = find_api_row(static_cast<wire::ApiKey>(key));
    if (row == nullptr) {
      unserved.emplace_back(key, 0);
      continue;
    }
    const wire::ApiInfo& api = wire::api_info(row->key);
    if (api.key != wire::ApiKey::kApiVersions) {
      unserved.emplace_back(key, static_cast<std::int16_t>(api.version_max + 1));
      unserved.emplace_back(key, static_cast<std::int16_t>(api.accepted_min - 1));
      unserved.emplace_back(key, std::int16_t{32'767});
    }
  }
  for (const auto& [key, version] : unserved) {
    const TestClient client(server.port());
    std::string bytes = raw_request(wire::ApiKey::kMetadata, 1, std::string(50, '\0'));
    store_be(bytes.data() + 4, static_cast<std::int16_t>(key));
    store_be(bytes.data() + 6, version);
    ASSERT_TRUE(client.send(bytes));
    EXPECT_TRUE(client.is_closed()) << "key " << key << " version " << version;
  }
  expect_alive(server);
}

TEST(BrokerLimits, lengths_below_zero_and_beyond_the_end_are_refused) {
  const Server server;
  const auto bytes = [](std::initializer_list<int> values) {
    std::string text;
    for (const int value : values) {
      text += static_cast<char>(value);
    }
    return text;
  };
  const std::string small = bytes({0, 0, 0, 1});
  const std::vector<std::pair<std::string, std::string>> all = {
      {"an array of -2", raw_request(wire::ApiKey::kMetadata, 1, bytes({255, 255, 255, 254}))},
      {"an array of 2 thousand million",
       raw_request(wire::ApiKey::kMetadata, 1, bytes({127, 255, 255, 255}))},
      {"a text of -1 that is none",
       raw_request(wire::ApiKey::kMetadata, 1, small + bytes({255, 255}))},
      {"a text of -7", raw_request(wire::ApiKey::kMetadata, 1, small + bytes({255, 249}))},
      {"a text beyond the end",
       raw_request(wire::ApiKey::kMetadata, 1, small + bytes({127, 255, 'a'}))},
      {"records of -7",
       raw_request(wire::ApiKey::kProduce,
                   8,
                   bytes({255, 255, 255, 255, 0, 0, 3, 232}) + small + bytes({0, 1, 't'}) + small +
                       bytes({0, 0, 0, 0, 255, 255, 255, 249}))},
      {"records beyond the end",
       raw_request(wire::ApiKey::kProduce,
                   8,
                   bytes({255, 255, 255, 255, 0, 0, 3, 232}) + small + bytes({0, 1, 't'}) + small +
                       bytes({0, 0, 0, 0, 127, 255, 255, 255}))},
      {"a varint that does not end",
       raw_request(wire::ApiKey::kMetadata, 9, std::string(100, '\xff'))},
      {"tags beyond the end",
       raw_request(wire::ApiKey::kMetadata, 9, bytes({1, 0, 0, 0, 255, 255, 255, 255, 15}))}};
  for (const auto& [what, request] : all) {
    const TestClient client(server.port());
    ASSERT_TRUE(client.send(request)) << what;
    EXPECT_TRUE(client.is_closed()) << what;
  }
  expect_alive(server);
}

TEST(BrokerLimits, a_batch_whose_bytes_changed_is_refused_alone) {
  Server server;
  TestClient client(server.port());
  const std::string good = one_batch(100);
  for (std::size_t at = 16; at < good.size(); at += 5) {
    std::string broken = good;
    broken[at] = static_cast<char>(broken[at] ^ 0x40);
    const KafkaError error = produce(client, broken);
    EXPECT_TRUE(error == KafkaError::kCorruptMessage || error == KafkaError::kInvalidRecord)
        << at << " " << record::to_string(error);
  }
  EXPECT_EQ(produce(client, good), KafkaError::kNone);
  EXPECT_EQ(server.log().describe({.topic = "t"})->high_watermark, Offset(1));
}

TEST(BrokerLimits, bombs_of_every_codec_are_refused_without_taking_their_memory) {
  const Server server;
  const std::string zeros(8U << 20U, '\0');
  std::vector<std::string> bombs;
  for (const record::Compression codec : {record::Compression::kGzip,
                                          record::Compression::kSnappy,
                                          record::Compression::kLz4,
                                          record::Compression::kZstd}) {
    record::BatchBuilder builder({.compression = codec});
    // Snappy cannot make more than 20 times of it.
    for (int i = 0; i < (codec == record::Compression::kSnappy ? 2 : 24); ++i) {
      builder.add({.timestamp_ms = 1'000, .value = zeros});
    }
    bombs.push_back(MUST(builder.finish()));
  }
  TestClient client(server.port());
  for (const std::string& bomb : bombs) {
    const KafkaError error = produce(client, bomb);
    EXPECT_TRUE(error == KafkaError::kMessageTooLarge ||
                (error == KafkaError::kNone && bomb.size() > 500'000))
        << record::to_string(error) << " " << bomb.size();
  }
  expect_alive(server);
}

TEST(BrokerLimits, a_request_that_decodes_to_much_more_is_refused) {
  const Server server;
  const std::int64_t before = MUST(io::resident_bytes());
  // 40 MB of empty names would be gigabytes of topics.
  std::string body(4, '\0');
  constexpr std::int32_t kCount = 20'000'000;
  store_be(body.data(), kCount);
  body.resize(4 + 2 * static_cast<std::size_t>(kCount));
  const TestClient client(server.port());
  ASSERT_TRUE(client.send(raw_request(wire::ApiKey::kMetadata, 1, body)));
  EXPECT_TRUE(client.is_closed());
  body = {};
  EXPECT_LT(MUST(io::resident_bytes()) - before, 250 * kMiB);
  expect_alive(server);
}

TEST(BrokerLimits, a_hundred_thousand_names_in_one_request_are_answered_one_by_one) {
  const Server server;
  wire::IncrementalAlterConfigsRequest request;
  for (int i = 0; i < 100'000; ++i) {
    auto& resource = request.resources.emplace_back();
    resource.resource_type = 2;
    resource.resource_name = "no-such-topic-" + std::to_string(i);
  }
  TestClient client(server.port());
  ASSERT_TRUE(client.send(TestClient::request(request, 1)));
  const auto answer = client.answer<wire::IncrementalAlterConfigsResponse>(1);
  ASSERT_TRUE(answer.has_value());
  ASSERT_EQ(answer->responses.size(), 100'000U);
  EXPECT_EQ(answer->responses.back().error_code, KafkaError::kUnknownTopicOrPartition);
  expect_alive(server);
}

TEST(BrokerLimits, a_flood_of_small_requests_is_read_only_as_fast_as_answers_are_taken) {
  const Server server({}, 8U << 20U);
  const std::int64_t before = MUST(io::resident_bytes());
  std::string stream;
  for (std::int32_t i = 0; i < 1'000; ++i) {
    stream += TestClient::request(wire::ApiVersionsRequest(), 0, i);
  }
  TestClient flood(server.port(), 4'096);
  // Sends without reading until the broker takes no more.
  std::size_t sent = 0;
  while (sent < (64U << 20U)) {
    const ssize_t part = ::send(flood.fd(),
                                stream.data() + sent % stream.size(),
                                stream.size() - sent % stream.size(),
                                MSG_NOSIGNAL | MSG_DONTWAIT);
    if (part < 0) {
      pollfd ready{.fd = flood.fd(), .events = POLLOUT, .revents = 0};
      if (::poll(&ready, 1, 500) == 0) {
        break;
      }
      continue;
    }
    sent += static_cast<std::size_t>(part);
    expect_alive(server);
  }
  EXPECT_LT(sent, 64U << 20U) << "the broker takes requests without end";
  EXPECT_LT(MUST(io::resident_bytes()) - before, 64 * kMiB);
  for (std::int32_t i = 0; i < 1'000; ++i) {
    ASSERT_TRUE(flood.answer<wire::ApiVersionsResponse>(0, i).has_value()) << i;
  }
}

TEST(BrokerLimits, many_who_take_nothing_share_a_bounded_memory) {
  Server server({}, 32U << 20U);
  {
    TestClient writer(server.port());
    for (int i = 0; i < 20; ++i) {
      ASSERT_EQ(produce(writer, one_batch(900'000)), KafkaError::kNone);
    }
  }
  const std::int64_t before = MUST(io::resident_bytes());
  std::vector<std::unique_ptr<TestClient>> stuck;
  for (int i = 0; i < 100; ++i) {
    stuck.push_back(std::make_unique<TestClient>(server.port(), 4'096));
    ASSERT_TRUE(stuck.back()->send(TestClient::request(fetch_from_t(0), 12)));
  }
  for (int i = 0; i < 20; ++i) {
    expect_alive(server);
  }
  EXPECT_LT(MUST(io::resident_bytes()) - before, 200 * kMiB);
  // They are served when they read, one after the other.
  for (const auto& client : stuck) {
    const auto answer = client->answer<wire::FetchResponse>(12);
    ASSERT_TRUE(answer.has_value());
    EXPECT_GT(answer->responses.at(0).partitions.at(0).records->size(), 800'000U);
  }
}

TEST(BrokerLimits, half_closed_clients_get_what_they_waited_for) {
  const Server server;
  TestClient poll(server.port());
  ASSERT_TRUE(poll.send(TestClient::request(fetch_from_t(10'000), 12)));
  poll.end_writing();
  TestClient writer(server.port());
  EXPECT_EQ(produce(writer, one_batch()), KafkaError::kNone);
  const auto answer = poll.answer<wire::FetchResponse>(12);
  // Some brokers end a long poll with the client's side; both is right, silence is not.
  EXPECT_TRUE(answer.has_value() || poll.is_closed());
  EXPECT_TRUE(server.reaches_connections(1));
}

/// Connects so many times, says hello on each, tells `out` how many were answered, and waits for
/// `in` to close. A process of its own, so that both sides have their files.
void run_clients(std::uint16_t port, int count, int out, int in) {
  std::vector<std::unique_ptr<TestClient>> clients;
  std::int32_t answered = 0;
  const std::string hello = TestClient::request(wire::ApiVersionsRequest(), 0);
  for (int i = 0; i < count; ++i) {
    clients.push_back(std::make_unique<TestClient>(port));
    const bool asked = clients.back()->send(hello);
    answered += asked && clients.back()->receive_frame().has_value() ? 1 : 0;
  }
  (void)!::write(out, &answered, sizeof answered);
  char end = 0;
  (void)!::read(in, &end, 1);
}

TEST(BrokerLimitsSlow, ten_thousand_connections_are_served_in_little_memory) {
  constexpr int kCount = 10'000;
  if (io::raise_open_files_limit() < kCount + 200) {
    GTEST_SKIP() << "the system allows too few files";
  }
  std::array<int, 2> told{};
  std::array<int, 2> port_pipe{};
  std::array<int, 2> end{};
  ASSERT_EQ(::pipe(told.data()) | ::pipe(end.data()) | ::pipe(port_pipe.data()), 0);
  const pid_t child = ::fork();  // Before there are threads.
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::close(end[1]);
    std::uint16_t port = 0;
    (void)!::read(port_pipe[0], &port, sizeof port);
    run_clients(port, kCount, told[1], end[0]);
    ::_exit(0);
  }
  const Server server;
  const std::int64_t before = MUST(io::resident_bytes());
  const std::uint16_t port = server.port();
  ASSERT_EQ(::write(port_pipe[1], &port, sizeof port), static_cast<ssize_t>(sizeof port));
  std::int32_t answered = 0;
  ASSERT_EQ(::read(told[0], &answered, sizeof answered), static_cast<ssize_t>(sizeof answered));
  EXPECT_EQ(answered, kCount);
  EXPECT_EQ(server.connections(), static_cast<std::size_t>(kCount));
  const std::int64_t each = (MUST(io::resident_bytes()) - before) / kCount;
  RecordProperty("bytes_per_connection", static_cast<int>(each));
  EXPECT_LT(each, 16 << 10);
  TestClient client(server.port());
  EXPECT_EQ(produce(client, one_batch()), KafkaError::kNone);
  ::close(end[1]);
  ::waitpid(child, nullptr, 0);
  EXPECT_TRUE(server.reaches_connections(1));
}

TEST(BrokerLimits, limits_of_connections_change_while_it_runs) {
  const Server server(Texts{{"max.connections.per.ip", "2"}});
  TestClient first(server.port());
  wire::IncrementalAlterConfigsRequest request;
  auto& resource = request.resources.emplace_back();
  resource.resource_type = 4;
  resource.resource_name = "1";
  resource.configs = {{.name = "max.connections.per.ip", .value = "1"}};
  ASSERT_TRUE(first.send(TestClient::request(request, 1)));
  const auto answer = first.answer<wire::IncrementalAlterConfigsResponse>(1);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->responses.at(0).error_code, KafkaError::kNone);
  const TestClient second(server.port());
  EXPECT_TRUE(second.is_closed());
}

}  // namespace
}  // namespace millrace::broker
