// One TCP connection to a broker of any make: requests out, answers in, in order.
//
//     auto connection = TRY(Connection::open(address, options, deadline));
//     const auto reply = TRY(connection->call<wire::MetadataResponse>(request, deadline));
//
// open() asks ApiVersions first (and again in an older form when the broker is older, KIP-511), so
// that every later request goes out in the highest version that both sides have. Answers are bytes
// from outside: their size, their correlation id and all that is decoded of them are checked. After
// any failure the connection is of no more use (usable()), since the next bytes would be somebody
// else's answer; Cluster opens another one.
//
// Tested by connection_test.cc, reply_fuzz.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "client/deadline.h"
#include "config/option_table.h"
#include "data/block_slice.h"
#include "wire/api_key.h"
#include "wire/frame.h"
#include "wire/reader.h"
#include "wire/writer.h"

namespace millrace::client {

class Socket;

struct ConnectionOptions {
  std::string client_id = "millrace";
  std::int64_t connect_timeout_ms = 10'000;
  /// Larger answers are refused. A fetch asks for less, but one batch may be larger than asked for.
  std::size_t reply_bytes_max = 128U << 20U;
  /// What the decoded form of one answer may take.
  std::size_t decoded_bytes_max = 256U << 20U;
};

/// Versions of one API, both included.
struct VersionRange {
  std::int16_t min = 0;
  std::int16_t max = -1;
};

/// Of an API without a limit of its own.
inline constexpr std::int16_t kNewestVersion = 32767;

/// Owned by one thread.
class Connection {
 public:
  /// Connects and learns the broker's versions. kUnavailable: nobody listens, or it closed;
  /// kTimeout; kCancelled; kCorruption: it speaks something else; kNotFound: no such host.
  static Result<std::unique_ptr<Connection>> open(const config::HostPort& address,
                                                  ConnectionOptions options,
                                                  const Deadline& deadline);
  /// A connection that is there already, to a broker that serves every version known: for tests and
  /// fuzzers. Takes the descriptor.
  static std::unique_ptr<Connection> adopt(int descriptor,
                                           const config::HostPort& address,
                                           ConnectionOptions options);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  [[nodiscard]] const config::HostPort& address() const { return address_; }

  /// False after a failure.
  [[nodiscard]] bool usable() const { return socket_ != nullptr; }

  /// Whether no byte and no end has come while nothing was asked: an idle connection that the
  /// broker closed is found here, before a request is lost on it.
  [[nodiscard]] bool is_idle_and_open() const;

  /// What the broker says it serves.
  [[nodiscard]] bool serves(wire::ApiKey key) const { return versions_.contains(key); }

  /// The highest version that the broker, this program and the caller have. kUnsupported.
  [[nodiscard]] Result<std::int16_t> version_of(wire::ApiKey key,
                                                std::int16_t newest = kNewestVersion) const;

  /// Asks and waits. kTimeout, kUnavailable, kCancelled, kCorruption, kExhausted (a limit of
  /// ConnectionOptions), kUnsupported. Errors name the address and what was asked.
  template <class Response, class Request>
  Result<Response> call(const Request& request,
                        const Deadline& deadline,
                        std::int16_t newest = kNewestVersion) {
    TRY(send(request, deadline, newest));
    return receive<Response>(deadline);
  }

  /// Sends without waiting for the answer: receive() takes answers in the order of sending.
  template <class Request>
  Result<void> send(const Request& request,
                    const Deadline& deadline,
                    std::int16_t newest = kNewestVersion) {
    const std::int16_t version = TRY(version_of(Request::kKey, newest));
    auto frame =
        wire::encode_request(writer_,
                             {.correlation_id = ++correlation_id_, .client_id = options_.client_id},
                             request,
                             version);
    if (!frame) {
      return failed(Request::kKey, std::move(frame).error());
    }
    return send_frame(Request::kKey, version, std::move(frame).release(), deadline);
  }

  /// Sends what no answer comes to (Produce with acks = 0).
  template <class Request>
  Result<void> send_only(const Request& request,
                         const Deadline& deadline,
                         std::int16_t newest = kNewestVersion) {
    TRY(send(request, deadline, newest));
    waiting_.pop_back();
    return {};
  }

  /// The answer to the oldest request that has none. REQUIRES: waiting() > 0, and that request was
  /// of this API
  template <class Response>
  Result<Response> receive(const Deadline& deadline) {
    const data::BlockSlice frame = TRY(receive_frame(Response::kKey, deadline));
    const Waiting asked = waiting_.front();
    waiting_.pop_front();
    Result<Response> response = decode_reply<Response>(frame, asked);
    if (!response) {
      return failed(asked.key, std::move(response).error());
    }
    return response;
  }

  /// Requests that have no answer yet.
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }

  /// Whether a call of receive() would find bytes at once.
  [[nodiscard]] bool has_bytes() const;

 private:
  struct Waiting {
    wire::ApiKey key{};
    std::int16_t version = 0;
    std::int32_t correlation_id = 0;
  };

  Connection(config::HostPort address, ConnectionOptions options);

  /// Header, correlation id, body, nothing left over.
  template <class Response>
  Result<Response> decode_reply(const data::BlockSlice& frame, const Waiting& asked) {
    wire::Reader reader(frame, options_.decoded_bytes_max);
    TRY(check_header(reader, asked));
    Response response = TRY(Response::decode(reader, asked.version));
    TRY(check_end(reader, asked));
    return response;
  }

  Result<void> learn_versions(const Deadline& deadline);
  Result<void> send_frame(wire::ApiKey key,
                          std::int16_t version,
                          std::vector<data::BlockSlice> frame,
                          const Deadline& deadline);
  Result<data::BlockSlice> receive_frame(wire::ApiKey key, const Deadline& deadline);
  static Result<void> check_header(wire::Reader& reader, const Waiting& asked);
  static Result<void> check_end(const wire::Reader& reader, const Waiting& asked);
  /// Closes, and says where and at what it happened.
  Error failed(wire::ApiKey key, Error error);
  config::HostPort address_;
  ConnectionOptions options_;
  std::unique_ptr<Socket> socket_;  // Null after a failure.
  std::int32_t correlation_id_ = 0;
  std::map<wire::ApiKey, VersionRange> versions_;
  std::deque<Waiting> waiting_;
  wire::Writer writer_;
};

}  // namespace millrace::client
