// The broker over loopback, with clients that behave and clients that do not.
#include "broker/broker.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/random.h"
#include "base/thread.h"
#include "broker/detail/test_client.h"
#include "broker/detail/test_server.h"
#include "config/option_table.h"
#include "io/sim_files.h"
#include "log/log.h"
#include "record/batch.h"
#include "wire/generated/api_versions.h"
#include "wire/generated/fetch.h"
#include "wire/generated/metadata.h"
#include "wire/generated/produce.h"

namespace millrace::broker {
namespace {

TEST(Broker, serves_a_client_from_hello_to_records) {
  const Server server;
  TestClient client(server.port());
  ASSERT_TRUE(client.send(TestClient::request(
      wire::ApiVersionsRequest{.client_software_name = "x", .client_software_version = "1"}, 3)));
  EXPECT_TRUE(client.answer<wire::ApiVersionsResponse>(3).has_value());
  wire::MetadataRequest metadata;
  metadata.topics->push_back({.name = "t"});
  ASSERT_TRUE(client.send(TestClient::request(metadata, 12, 2)));
  const auto about = client.answer<wire::MetadataResponse>(12, 2);
  ASSERT_TRUE(about.has_value());
  EXPECT_EQ(about->brokers.at(0).port, server.port());
  ASSERT_TRUE(client.send(TestClient::request(produce_to_t(one_batch()), 9, 3)));
  const auto put = client.answer<wire::ProduceResponse>(9, 3);
  ASSERT_TRUE(put.has_value());
  EXPECT_EQ(put->responses.at(0).partition_responses.at(0).error_code, wire::KafkaError::kNone);
  ASSERT_TRUE(client.send(TestClient::request(fetch_from_t(100), 12, 4)));
  const auto got = client.answer<wire::FetchResponse>(12, 4);
  ASSERT_TRUE(got.has_value());
  EXPECT_FALSE(got->responses.at(0).partitions.at(0).records->empty());
}

TEST(Broker, answers_in_the_order_of_the_requests) {
  const Server server;
  TestClient client(server.port());
  std::string stream;
  for (std::int32_t i = 0; i < 200; ++i) {
    stream += i % 10 == 9 ? TestClient::request(wire::ApiVersionsRequest(), 0, i)
                          : TestClient::request(produce_to_t(one_batch()), 9, i);
  }
  ASSERT_TRUE(client.send(stream));
  std::int64_t next = 0;
  for (std::int32_t i = 0; i < 200; ++i) {
    if (i % 10 == 9) {
      ASSERT_TRUE(client.answer<wire::ApiVersionsResponse>(0, i).has_value());
      continue;
    }
    const auto answer = client.answer<wire::ProduceResponse>(9, i);
    ASSERT_TRUE(answer.has_value()) << i;
    EXPECT_EQ(answer->responses.at(0).partition_responses.at(0).base_offset, next++);
  }
}

TEST(Broker, wakes_a_long_poll_when_records_come) {
  const Server server;
  TestClient reader(server.port());
  ASSERT_TRUE(reader.send(TestClient::request(fetch_from_t(8'000), 12)));
  TestClient writer(server.port());
  ASSERT_TRUE(writer.send(TestClient::request(produce_to_t(one_batch()), 9)));
  ASSERT_TRUE(writer.answer<wire::ProduceResponse>(9).has_value());
  const std::int64_t begun = server.clock().monotonic_ns();
  const auto got = reader.answer<wire::FetchResponse>(12);
  ASSERT_TRUE(got.has_value());
  EXPECT_FALSE(got->responses.at(0).partitions.at(0).records->empty());
  EXPECT_LT(server.clock().monotonic_ns() - begun, 4'000'000'000);
}

TEST(Broker, tells_each_client_the_name_of_the_listener_that_it_came_through) {
  SystemClock clock;
  Metrics metrics;
  io::SimFiles disk(1);
  const auto log = MUST(
      log::Log::open(disk, clock, metrics, {.directory = "data", .min_free_bytes = 0, .seed = 1}));
  const auto broker = MUST(Broker::start(
      *log,
      clock,
      metrics,
      {.listeners = {{.name = "PLAINTEXT", .address = {.host = "127.0.0.1"}},
                     {.name = "HOST", .address = {.host = "127.0.0.1"}}},
       .settings = {{"advertised.listeners", "PLAINTEXT://broker:29092,HOST://localhost:9092"}},
       .loops = 1}));
  std::vector<std::string> told;
  for (const std::string& address : broker->summary().addresses) {
    TestClient client(config::parse_host_port(address)->port);
    ASSERT_TRUE(client.send(TestClient::request(wire::MetadataRequest(), 9)));
    const auto answer = client.answer<wire::MetadataResponse>(9);
    ASSERT_TRUE(answer.has_value());
    told.push_back(answer->brokers.at(0).host + ":" + std::to_string(answer->brokers.at(0).port));
  }
  EXPECT_EQ(told, (std::vector<std::string>{"broker:29092", "localhost:9092"}));
}

TEST(Broker, tells_a_newer_client_which_versions_there_are) {
  const Server server;
  TestClient client(server.port());
  std::string request = TestClient::request(wire::ApiVersionsRequest(), 0, 77);
  request[7] = 99;  // The version.
  ASSERT_TRUE(client.send(request));
  const auto answer = client.answer<wire::ApiVersionsResponse>(0, 77);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->error_code, wire::KafkaError::kUnsupportedVersion);
  ASSERT_EQ(answer->api_keys.size(), 1U);
  EXPECT_EQ(answer->api_keys[0].max_version, 4);
  ASSERT_TRUE(client.send(TestClient::request(wire::ApiVersionsRequest(), 2, 78)));
  EXPECT_TRUE(client.answer<wire::ApiVersionsResponse>(2, 78).has_value()) << "still open";
}

TEST(Broker, closes_on_requests_that_make_no_sense_and_serves_others) {
  const Server server;
  const std::string good = TestClient::request(produce_to_t(one_batch()), 9);
  std::vector<std::pair<std::string, std::string>> all = {
      {"negative size", std::string("\xff\xff\xff\xff", 4)},
      {"oversized", std::string("\x7f\xff\xff\xff", 4)},
      {"empty", std::string(4, '\0')},
      {"shorter than a header", std::string("\0\0\0\4\0\0\0\0", 8)},
      {"http", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"},
      {"tls", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11)}};
  std::string unknown_api = good;
  unknown_api[4] = 0x7f;
  all.emplace_back("unknown api", unknown_api);
  std::string old_version = good;
  old_version[7] = 2;
  all.emplace_back("produce v2", old_version);
  std::string new_version = good;
  new_version[7] = 14;
  all.emplace_back("produce v14", new_version);
  std::string cut = good.substr(0, 30);
  cut[2] = 0;
  cut[3] = 26;
  all.emplace_back("cut body", cut);
  for (const auto& [what, bytes] : all) {
    TestClient client(server.port());
    ASSERT_TRUE(client.send(bytes)) << what;
    if (what == "http" || what == "tls") {
      client.end_writing();  // Its "size" is large: it waits for more.
    }
    EXPECT_TRUE(client.is_closed()) << what;
  }
  expect_alive(server);
  EXPECT_TRUE(server.reaches_connections(0));
}

TEST(Broker, survives_mutated_requests) {
  const Server server;
  Random random(5);
  const std::vector<std::string> seeds = {
      TestClient::request(produce_to_t(one_batch(50)), 9),
      TestClient::request(fetch_from_t(0), 12),
      TestClient::request(wire::MetadataRequest(), 12),
      TestClient::request(
          wire::ApiVersionsRequest{.client_software_name = "x", .client_software_version = "1"},
          3)};
  for (int i = 0; i < 300; ++i) {
    std::string bytes = seeds[random.below(seeds.size())];
    for (std::uint64_t changes = 1 + random.below(4); changes > 0; --changes) {
      bytes[4 + random.below(bytes.size() - 4)] = static_cast<char>(random.next());
    }
    TestClient client(server.port());
    client.send(bytes);
    client.end_writing();
    (void)client.receive_frame();  // An answer, or the end.
  }
  expect_alive(server);
}

TEST(Broker, refuses_varints_and_counts_that_promise_too_much) {
  const Server server;
  wire::Writer writer;
  writer.be<std::int32_t>(0);
  MUST((wire::RequestHeader{.request_api_key = 3, .request_api_version = 12}).encode(writer, 2));
  writer.uvarint(0xfffffff0);  // Topics: four thousand million.
  writer.patch_be32(0, static_cast<std::int32_t>(writer.size() - 4));
  TestClient client(server.port());
  ASSERT_TRUE(client.send(writer.finish_string()));
  EXPECT_TRUE(client.is_closed());
  expect_alive(server);
}

TEST(Broker, refuses_a_batch_that_becomes_gigabytes) {
  const Server server;
  record::BatchBuilder builder({.compression = record::Compression::kZstd});
  const std::string zeros(8U << 20U, '\0');
  for (int i = 0; i < 24; ++i) {
    builder.add({.timestamp_ms = 1'000, .value = zeros});
  }
  const std::string bomb = MUST(builder.finish());
  ASSERT_LT(bomb.size(), 200'000U);
  TestClient client(server.port());
  ASSERT_TRUE(client.send(TestClient::request(produce_to_t(bomb), 9)));
  const auto answer = client.answer<wire::ProduceResponse>(9);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->responses.at(0).partition_responses.at(0).error_code,
            wire::KafkaError::kMessageTooLarge);
  expect_alive(server);
}

TEST(Broker, closes_after_an_error_of_a_producer_without_acks) {
  const Server server;
  TestClient client(server.port());
  std::string broken = one_batch();
  broken.back() = 'x';
  ASSERT_TRUE(client.send(TestClient::request(produce_to_t(one_batch(), 0), 9)));
  ASSERT_TRUE(client.send(TestClient::request(wire::ApiVersionsRequest(), 0, 5)));
  EXPECT_TRUE(client.answer<wire::ApiVersionsResponse>(0, 5).has_value()) << "no answer to acks=0";
  ASSERT_TRUE(client.send(TestClient::request(produce_to_t(broken, 0), 9)));
  EXPECT_TRUE(client.is_closed());
}

TEST(Broker, answers_a_client_that_has_closed_its_side) {
  const Server server;
  TestClient client(server.port());
  ASSERT_TRUE(client.send(TestClient::request(produce_to_t(one_batch()), 9) +
                          TestClient::request(wire::ApiVersionsRequest(), 0, 2)));
  client.end_writing();
  EXPECT_TRUE(client.answer<wire::ProduceResponse>(9).has_value());
  EXPECT_TRUE(client.answer<wire::ApiVersionsResponse>(0, 2).has_value());
  EXPECT_TRUE(client.is_closed());
}

TEST(Broker, drops_the_long_polls_of_clients_that_are_gone) {
  Server server;
  {
    TestClient client(server.port());
    ASSERT_TRUE(client.send(TestClient::request(fetch_from_t(1'000'000), 12)));
    ASSERT_TRUE(server.reaches_connections(1));
    // Reset instead of an orderly end.
    const linger reset{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(client.fd(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  }
  EXPECT_TRUE(server.reaches_connections(0));
}

TEST(Broker, holds_a_flood_of_requests_in_bounded_memory) {
  Server server({}, 4U << 20U);
  const std::string request = TestClient::request(produce_to_t(one_batch(100'000)), 9);
  std::vector<std::unique_ptr<TestClient>> clients;
  clients.reserve(8);
  for (int i = 0; i < 8; ++i) {
    clients.push_back(std::make_unique<TestClient>(server.port()));
  }
  // Each sends more than the broker may hold, in turns, and reads afterwards.
  for (int round = 0; round < 10; ++round) {
    for (const auto& client : clients) {
      ASSERT_TRUE(client->send(request));
    }
  }
  for (const auto& client : clients) {
    for (int round = 0; round < 10; ++round) {
      const auto answer = client->answer<wire::ProduceResponse>(9);
      ASSERT_TRUE(answer.has_value());
      EXPECT_EQ(answer->responses.at(0).partition_responses.at(0).error_code,
                wire::KafkaError::kNone);
    }
  }
  EXPECT_EQ(server.log().describe({.topic = "t"})->high_watermark, Offset(80));
}

TEST(Broker, waits_for_a_slow_reader_without_holding_others_up) {
  Server server;
  {
    TestClient writer(server.port());
    for (int i = 0; i < 8; ++i) {
      ASSERT_TRUE(writer.send(TestClient::request(produce_to_t(one_batch(900'000)), 9)));
      ASSERT_TRUE(writer.answer<wire::ProduceResponse>(9).has_value());
    }
  }
  TestClient slow(server.port(), 4'096);
  std::string stream;
  for (std::int32_t i = 0; i < 20; ++i) {
    stream += TestClient::request(fetch_from_t(0), 12, i);
  }
  ASSERT_TRUE(slow.send(stream));
  for (int i = 0; i < 20; ++i) {
    expect_alive(server);
  }
  for (std::int32_t i = 0; i < 20; ++i) {
    const auto answer = slow.answer<wire::FetchResponse>(12, i);
    ASSERT_TRUE(answer.has_value()) << i;
    EXPECT_GT(answer->responses.at(0).partitions.at(0).records->size(), 7'000'000U);
  }
}

TEST(Broker, turns_away_more_connections_than_it_may_have) {
  const Server server(Texts{{"max.connections.per.ip", "3"}});
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<TestClient>(server.port()));
    ASSERT_TRUE(clients.back()->send(TestClient::request(wire::ApiVersionsRequest(), 0)));
    ASSERT_TRUE(clients.back()->answer<wire::ApiVersionsResponse>(0).has_value());
  }
  const TestClient fourth(server.port());
  EXPECT_TRUE(fourth.is_closed());
  clients.pop_back();
  ASSERT_TRUE(server.reaches_connections(2));
  expect_alive(server);
}

TEST(Broker, closes_silent_connections) {
  const Server server(Texts{{"connections.max.idle.ms", "300"}});
  const TestClient client(server.port());
  EXPECT_TRUE(client.is_closed());
}

TEST(Broker, closes_when_a_request_that_has_begun_does_not_arrive) {
  const Server server({}, 0, 300);
  for (const std::string& part : {std::string("\0\0", 2),
                                  std::string("\0\0\1\0abc", 7),
                                  std::string("\0\0\1\0", 4) + std::string(100, 'x')}) {
    const TestClient client(server.port());
    ASSERT_TRUE(client.send(part));
    EXPECT_TRUE(client.is_closed());
  }
  expect_alive(server);
}

TEST(Broker, closes_when_a_client_does_not_take_its_answers) {
  Server server({}, 0, 300);
  {
    TestClient writer(server.port());
    for (int i = 0; i < 10; ++i) {
      ASSERT_TRUE(writer.send(TestClient::request(produce_to_t(one_batch(900'000)), 9)));
      ASSERT_TRUE(writer.answer<wire::ProduceResponse>(9).has_value());
    }
  }
  ASSERT_TRUE(server.reaches_connections(0));
  const TestClient stuck(server.port(), 4'096);
  ASSERT_TRUE(stuck.send(TestClient::request(fetch_from_t(0), 12)));
  ASSERT_TRUE(server.reaches_connections(1));
  EXPECT_TRUE(server.reaches_connections(0));
}

TEST(Broker, stops_within_a_second_whatever_is_under_way) {
  Server server;
  TestClient polling(server.port());
  ASSERT_TRUE(polling.send(TestClient::request(fetch_from_t(1'000'000), 12)));
  TestClient half(server.port());
  ASSERT_TRUE(half.send(std::string("\0\0\1\0abc", 7)));
  TestClient silent(server.port());
  ASSERT_TRUE(server.reaches_connections(3));
  const std::int64_t begun = server.clock().monotonic_ns();
  server.stop();
  EXPECT_LT(server.clock().monotonic_ns() - begun, 1'000'000'000);
  EXPECT_TRUE(polling.is_closed());
  EXPECT_TRUE(half.is_closed());
  EXPECT_TRUE(silent.is_closed());
}

TEST(Broker, says_what_is_wrong_with_its_options) {
  SystemClock clock;
  Metrics metrics;
  io::SimFiles disk(1);
  const auto log = MUST(
      log::Log::open(disk, clock, metrics, {.directory = "data", .min_free_bytes = 0, .seed = 1}));
  const auto start = [&](BrokerOptions options) {
    const auto broker = Broker::start(*log, clock, metrics, std::move(options));
    return broker ? ErrorCode::kInternal : broker.error().code();
  };
  EXPECT_EQ(start({}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(start({.listeners = {{.address = {.host = "nowhere"}}}}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(start({.listeners = {{.address = {.host = "127.0.0.1"}}},
                   .settings = {{"num.partitions", "x"}}}),
            ErrorCode::kInvalidArgument);
  const Server server;
  EXPECT_EQ(start({.listeners = {{.address = {.host = "127.0.0.1", .port = server.port()}}}}),
            ErrorCode::kConflict);
}

TEST(Broker, counts_what_it_does) {
  const Server server;
  expect_alive(server);
  EXPECT_TRUE(server.says("millrace_broker_requests_total{api=\"ApiVersions\"} 1"));
  EXPECT_TRUE(server.says("millrace_broker_connections_accepted_total 1"));
  EXPECT_TRUE(server.says("millrace_broker_request_seconds"));
}

}  // namespace
}  // namespace millrace::broker
