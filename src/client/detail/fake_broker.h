// For tests: a peer that answers as a broker would, but for what the test tells it to do otherwise.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "base/thread.h"
#include "client/cluster.h"
#include "config/option_table.h"
#include "wire/api_versions.h"
#include "wire/codec.h"
#include "wire/frame.h"
#include "wire/generated/find_coordinator.h"
#include "wire/generated/metadata.h"

namespace millrace::client {

/// The system's.
inline const SystemClock& test_clock() {
  static const SystemClock kClock;
  return kClock;
}

/// Serves 127.0.0.1, a thread for each connection. Thread-safe.
class FakeBroker {
 public:
  struct Question {
    wire::ApiKey key{};
    std::int16_t version = 0;
    std::string body = {};

    template <class Request>
    [[nodiscard]] Request as() const {
      return MUST(wire::decode_all<Request>(std::string_view(body), version));
    }
  };

  enum class Then : std::uint8_t {
    kAnswer,
    kWrongId,  ///< The answer to another question.
    kCut,      ///< Half of the answer, then the end.
    kRaw,      ///< The body as it is, without size and header, then the end.
    kClose,
    kSilence,
  };

  struct Answer {
    std::string body = {};
    Then then = Then::kAnswer;
  };

  /// Nothing: the broker's own answer.
  using Handler = std::function<std::optional<Answer>(const Question&)>;

  explicit FakeBroker(Handler handler = {}, std::map<std::string, std::int32_t> topics = {})
      : handler_(std::move(handler)), topics_(std::move(topics)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    socklen_t length = sizeof address;
    MR_ASSERT(::bind(listener_, generic, length) == 0);
    MR_ASSERT(::listen(listener_, 64) == 0);
    MR_ASSERT(::getsockname(listener_, generic, &length) == 0);
    port_ = ntohs(address.sin_port);
    thread_ = Thread("fake-broker", [this](const std::stop_token& stop) { serve(stop); });
  }

  FakeBroker(const FakeBroker&) = delete;
  FakeBroker& operator=(const FakeBroker&) = delete;

  ~FakeBroker() {
    thread_.request_stop();
    thread_.join();
    ::close(listener_);
  }

  [[nodiscard]] config::HostPort address() const { return {.host = "127.0.0.1", .port = port_}; }

  /// How often an API was asked for.
  [[nodiscard]] int count(wire::ApiKey key) {
    const MutexLock lock(mutex_);
    return counts_[key];
  }

  /// The newest version that ApiVersions names. Set it before anybody connects.
  void serve_up_to(wire::ApiKey key, std::int16_t version) {
    const MutexLock lock(mutex_);
    newest_[key] = version;
  }

  template <class Response>
  static Answer answer(const Response& response, std::int16_t version) {
    return {.body = MUST(wire::encode_string(response, version))};
  }

 private:
  static bool wait_readable(int socket, const std::stop_token& stop) {
    constexpr int kTickMs = 10;
    while (!stop.stop_requested()) {
      pollfd watched{.fd = socket, .events = POLLIN, .revents = 0};
      if (::poll(&watched, 1, kTickMs) > 0) {
        return true;
      }
    }
    return false;
  }

  void serve(const std::stop_token& stop) {
    std::deque<Thread> threads;
    while (wait_readable(listener_, stop)) {
      const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (socket >= 0) {
        threads.emplace_back("fake-broker", [this, socket](const std::stop_token& own) {
          while (serve_one(socket, own)) {
          }
          ::close(socket);
        });
      }
    }
    for (Thread& thread : threads) {
      thread.request_stop();
    }
  }

  static bool receive(int socket, std::string& bytes, const std::stop_token& stop) {
    std::size_t got = 0;
    while (got < bytes.size()) {
      if (!wait_readable(socket, stop)) {
        return false;
      }
      const ssize_t received = ::recv(socket, bytes.data() + got, bytes.size() - got, 0);
      if (received <= 0) {
        return false;
      }
      got += static_cast<std::size_t>(received);
    }
    return true;
  }

  static bool send_all(int socket, std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) {
        return false;
      }
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  bool serve_one(int socket, const std::stop_token& stop) {
    std::string size(wire::kFrameSizeBytes, '\0');
    if (!receive(socket, size, stop)) {
      return false;
    }
    std::string frame(MUST(wire::frame_size(size)), '\0');
    if (!receive(socket, frame, stop)) {
      return false;
    }
    wire::Reader reader{std::string_view(frame)};
    const wire::RequestHeader header = MUST(wire::decode_request_header(reader));
    const Question question{.key = static_cast<wire::ApiKey>(header.request_api_key),
                            .version = header.request_api_version,
                            .body = std::string(reader.rest())};
    const Answer given = answer_to(question);
    std::int32_t id = header.correlation_id;
    switch (given.then) {
      case Then::kClose:
        return false;
      case Then::kSilence: {
        Wakeup never;
        never.wait(-1, stop);
        return false;
      }
      case Then::kRaw:
        send_all(socket, given.body);
        return false;
      case Then::kWrongId:
        id += 7;
        break;
      case Then::kAnswer:
      case Then::kCut:
        break;
    }
    std::string head(8, '\0');
    store_be<std::int32_t>(head.data() + 4, id);
    if (wire::response_header_version(question.key, question.version) == 1) {
      head += '\0';
    }
    std::string whole = head + given.body;
    store_be<std::int32_t>(whole.data(), static_cast<std::int32_t>(whole.size() - 4));
    if (given.then == Then::kCut) {
      send_all(socket, std::string_view(whole).substr(0, whole.size() / 2));
      return false;
    }
    return send_all(socket, whole);
  }

  Answer answer_to(const Question& question) {
    const MutexLock lock(mutex_);
    ++counts_[question.key];
    if (handler_) {
      if (std::optional<Answer> given = handler_(question)) {
        return *std::move(given);
      }
    }
    if (question.key == wire::ApiKey::kApiVersions) {
      return answer(versions(), question.version);
    }
    if (question.key == wire::ApiKey::kMetadata) {
      return answer(metadata(question), question.version);
    }
    if (question.key == wire::ApiKey::kFindCoordinator) {
      wire::FindCoordinatorResponse response;
      for (const std::string& group :
           question.as<wire::FindCoordinatorRequest>().coordinator_keys) {
        response.coordinators.push_back(
            {.key = group, .node_id = 1, .host = "127.0.0.1", .port = port_});
      }
      return answer(response, question.version);
    }
    return {.then = Then::kClose};
  }

  wire::ApiVersionsResponse versions() MR_REQUIRES(mutex_) {
    wire::ApiVersionsResponse response;
    for (const wire::ApiInfo& api : wire::apis()) {
      const auto newest = newest_.find(api.key);
      response.api_keys.push_back(
          {.api_key = static_cast<std::int16_t>(api.key),
           .min_version = api.version_min,
           .max_version = newest == newest_.end() ? api.version_max : newest->second});
    }
    return response;
  }

  wire::MetadataResponse metadata(const Question& question) MR_REQUIRES(mutex_) {
    const auto request = question.as<wire::MetadataRequest>();
    wire::MetadataResponse response{.cluster_id = "fake", .controller_id = 1};
    response.brokers.push_back({.node_id = 1, .host = "127.0.0.1", .port = port_});
    const auto add = [&response](const std::string& name, std::int32_t partitions) {
      wire::MetadataResponse::MetadataResponseTopic topic{.name = name};
      for (std::int32_t i = 0; i < partitions; ++i) {
        topic.partitions.push_back(
            {.partition_index = i, .leader_id = 1, .replica_nodes = {1}, .isr_nodes = {1}});
      }
      if (partitions == 0) {
        topic.error_code = wire::KafkaError::kUnknownTopicOrPartition;
      }
      response.topics.push_back(std::move(topic));
    };
    if (!request.topics) {
      for (const auto& [name, partitions] : topics_) {
        add(name, partitions);
      }
      return response;
    }
    for (const auto& wanted : *request.topics) {
      const auto found = topics_.find(wanted.name.value_or(""));
      add(wanted.name.value_or(""), found == topics_.end() ? 0 : found->second);
    }
    return response;
  }

  int listener_ = -1;
  std::uint16_t port_ = 0;
  Mutex mutex_;
  Handler handler_ MR_GUARDED_BY(mutex_);
  std::map<std::string, std::int32_t> topics_ MR_GUARDED_BY(mutex_);
  std::map<wire::ApiKey, std::int16_t> newest_ MR_GUARDED_BY(mutex_);
  std::map<wire::ApiKey, int> counts_ MR_GUARDED_BY(mutex_);
  Thread thread_;
};

/// Connects with short pauses between tries.
inline std::unique_ptr<Cluster> connect_to(const FakeBroker& broker,
                                           std::int64_t patience_ms = 20'000) {
  return MUST(Cluster::connect({.bootstrap = {broker.address()},
                                .operation_timeout_ms = patience_ms,
                                .backoff = {.first_ms = 1, .max_ms = 5}},
                               test_clock()));
}

}  // namespace millrace::client
