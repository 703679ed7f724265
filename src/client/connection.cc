#include "client/connection.h"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/bytes.h"
#include "client/detail/socket.h"
#include "record/kafka_error.h"
#include "wire/generated/api_versions.h"

namespace millrace::client {
namespace {

using record::KafkaError;

// What KIP-511 lets the broker count its clients by.
constexpr std::string_view kSoftwareName = "millrace";
constexpr std::string_view kSoftwareVersion = "0.1.0";

// A broker that does not know the version of ApiVersions answers in the form of version 0.
bool is_refusal(std::string_view body) {
  return body.size() >= 2 && load_be<std::int16_t>(body.data()) ==
                                 static_cast<std::int16_t>(KafkaError::kUnsupportedVersion);
}

}  // namespace

Connection::Connection(config::HostPort address, ConnectionOptions options)
    : address_(std::move(address)), options_(std::move(options)) {}

Connection::~Connection() = default;

Result<std::unique_ptr<Connection>> Connection::open(const config::HostPort& address,
                                                     ConnectionOptions options,
                                                     const Deadline& deadline) {
  const Deadline connect_by = deadline.within_ms(options.connect_timeout_ms);
  std::unique_ptr<Connection> connection(new Connection(address, std::move(options)));
  auto socket = Socket::connect(address, connect_by);
  if (!socket) {
    return std::move(socket).error().with_context("connect to " + config::to_string(address));
  }
  connection->socket_ = std::move(socket).release();
  TRY(connection->learn_versions(connect_by));
  return connection;
}

std::unique_ptr<Connection> Connection::adopt(int descriptor,
                                              const config::HostPort& address,
                                              ConnectionOptions options) {
  std::unique_ptr<Connection> connection(new Connection(address, std::move(options)));
  connection->socket_ = std::make_unique<Socket>(descriptor);
  for (const wire::ApiInfo& api : wire::apis()) {
    connection->versions_[api.key] = {.min = api.accepted_min, .max = api.version_max};
  }
  return connection;
}

bool Connection::is_idle_and_open() const {
  return socket_ != nullptr && waiting_.empty() && !socket_->readable();
}

bool Connection::has_bytes() const {
  return socket_ != nullptr && socket_->readable();
}

Result<std::int16_t> Connection::version_of(wire::ApiKey key, std::int16_t newest) const {
  const wire::ApiInfo& ours = wire::api_info(key);
  const auto theirs = versions_.find(key);
  if (theirs == versions_.end()) {
    return Error(ErrorCode::kUnsupported,
                 fmt::format("the broker {} does not serve {}: it is too old for this, or keeps it "
                             "to itself",
                             config::to_string(address_),
                             ours.name));
  }
  const std::int16_t low = std::max(ours.accepted_min, theirs->second.min);
  const std::int16_t high = std::min({ours.version_max, theirs->second.max, newest});
  if (low > high) {
    return Error(ErrorCode::kUnsupported,
                 fmt::format("the broker {} serves {} in versions {} to {}, this program speaks {} "
                             "to {}",
                             config::to_string(address_),
                             ours.name,
                             theirs->second.min,
                             theirs->second.max,
                             ours.accepted_min,
                             std::min(ours.version_max, newest)));
  }
  return high;
}

// The first question, in the newest form; when the broker refuses that, in the newest it names.
Result<void> Connection::learn_versions(const Deadline& deadline) {
  constexpr wire::ApiKey kKey = wire::ApiKey::kApiVersions;
  wire::ApiVersionsResponse answer;
  std::int16_t version = wire::ApiVersionsRequest::kVersionMax;
  for (int tries = 0; tries < 2; ++tries) {
    versions_[kKey] = {.min = 0, .max = version};
    TRY(send(wire::ApiVersionsRequest{.client_software_name = std::string(kSoftwareName),
                                      .client_software_version = std::string(kSoftwareVersion)},
             deadline));
    const data::BlockSlice frame = TRY(receive_frame(kKey, deadline));
    Waiting asked = waiting_.front();
    waiting_.pop_front();
    constexpr std::size_t kHeaderBytes = 4;
    if (frame.size() > kHeaderBytes && is_refusal(frame.view().substr(kHeaderBytes))) {
      asked.version = 0;
    }
    auto decoded = decode_reply<wire::ApiVersionsResponse>(frame, asked);
    if (!decoded) {
      return failed(kKey, std::move(decoded).error());
    }
    answer = *std::move(decoded);
    if (answer.error_code != KafkaError::kUnsupportedVersion || version == 0) {
      break;
    }
    version = 0;
    for (const auto& api : answer.api_keys) {
      if (api.api_key == static_cast<std::int16_t>(kKey)) {
        version =
            std::clamp<std::int16_t>(api.max_version, 0, wire::ApiVersionsRequest::kVersionMax);
      }
    }
  }
  if (answer.error_code != KafkaError::kNone) {
    return failed(kKey,
                  Error(ErrorCode::kUnsupported,
                        fmt::format("the broker answers {}", to_string(answer.error_code))));
  }
  versions_.clear();
  for (const auto& api : answer.api_keys) {
    versions_[static_cast<wire::ApiKey>(api.api_key)] = {.min = api.min_version,
                                                         .max = api.max_version};
  }
  return {};
}

Result<void> Connection::send_frame(wire::ApiKey key,
                                    std::int16_t version,
                                    std::vector<data::BlockSlice> frame,
                                    const Deadline& deadline) {
  if (socket_ == nullptr) {
    return Error(ErrorCode::kUnavailable,
                 fmt::format("the connection to {} is closed", config::to_string(address_)));
  }
  Result<void> written = socket_->write(frame, deadline);
  if (!written) {
    return failed(key, std::move(written).error());
  }
  waiting_.push_back({.key = key, .version = version, .correlation_id = correlation_id_});
  return {};
}

Result<data::BlockSlice> Connection::receive_frame(wire::ApiKey key, const Deadline& deadline) {
  if (socket_ == nullptr) {
    return Error(ErrorCode::kUnavailable,
                 fmt::format("the connection to {} is closed", config::to_string(address_)));
  }
  std::array<char, wire::kFrameSizeBytes> prefix{};
  Result<void> read = socket_->read(prefix.data(), prefix.size(), deadline);
  if (!read) {
    return failed(key, std::move(read).error());
  }
  const auto size = wire::frame_size({prefix.data(), prefix.size()}, options_.reply_bytes_max);
  if (!size) {
    return failed(key,
                  Error(ErrorCode::kCorruption,
                        fmt::format("{}; is this a Kafka listener, and one without TLS?",
                                    size.error().message())));
  }
  const data::BlockPtr block =
      data::Block::make(*size, [&](char* bytes) { read = socket_->read(bytes, *size, deadline); });
  if (!read) {
    return failed(key, std::move(read).error());
  }
  return data::BlockSlice(block);
}

Result<void> Connection::check_header(wire::Reader& reader, const Waiting& asked) {
  const wire::ResponseHeader header =
      TRY(wire::decode_response_header(reader, asked.key, asked.version));
  if (header.correlation_id != asked.correlation_id) {
    return Error(ErrorCode::kCorruption,
                 fmt::format("the answer is to question {}, asked was {}",
                             header.correlation_id,
                             asked.correlation_id));
  }
  return {};
}

Result<void> Connection::check_end(const wire::Reader& reader, const Waiting& asked) {
  if (reader.remaining() != 0) {
    return Error(
        ErrorCode::kCorruption,
        fmt::format("{} bytes follow the answer of version {}", reader.remaining(), asked.version));
  }
  return {};
}

Error Connection::failed(wire::ApiKey key, Error error) {
  socket_.reset();
  waiting_.clear();
  return std::move(error).with_context(
      fmt::format("ask {} for {}", config::to_string(address_), to_string(key)));
}

}  // namespace millrace::client
