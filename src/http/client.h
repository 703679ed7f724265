// Requests to other people's servers, over libcurl: HTTP/1.1 and 2, TLS verified, connections kept
// and used again, answers limited in time and size, and a stop request obeyed at once.
//
// What a server does wrong is an outcome, not an Error, because callers count it by kind and keep
// what came: a FetchReply says how it ended, with the status, headers and as much of the body as
// arrived.
#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "http/message.h"

namespace millrace::http {

struct FetchLimits {
  std::int64_t connect_ms = 5'000;
  std::int64_t first_byte_ms = 30'000;  ///< From the start of the request to the first header.
  std::int64_t total_ms = 60'000;       ///< All of it, redirects included.
  std::size_t body_bytes = 10U << 20U;  ///< After decompression.
  std::size_t header_bytes = 64U << 10U;
  int redirects = 5;
};

struct FetchRequest {
  std::string method = "GET";
  std::string url = {};
  HeaderList headers = {};
  std::string body = {};
  FetchLimits limits = {};
  bool verify_tls = true;
  /// A file of certificates to trust instead of the system's; empty: SSL_CERT_FILE, else the
  /// system's.
  std::string ca_file = {};
  /// A unix socket to connect to instead of the address's host; empty: none.
  std::string unix_socket = {};
  /// Set where the address came out of data: loopback, link-local and private ones are refused.
  bool refuse_private_addresses = false;
};

/// How a request ended.
enum class FetchOutcome : std::uint8_t {
  kAnswered,          ///< A whole answer, of any status.
  kBadUrl,            ///< No http or https address.
  kResolveFailed,     ///< The host has no address.
  kConnectFailed,     ///< Nobody listens, or the network is down.
  kTlsFailed,         ///< The certificate is not good for this host, or no TLS.
  kTimeout,           ///< A limit of time was reached.
  kReset,             ///< The connection was closed or reset before the answer's end of headers.
  kTruncated,         ///< The body is shorter than the answer said.
  kTooLarge,          ///< The body or the headers are over the limit.
  kTooManyRedirects,  ///< Or a redirect to where we do not go.
  kRefusedAddress,    ///< refuse_private_addresses.
  kProtocolError,     ///< The answer is not HTTP, or its encoding is broken.
  kCancelled,         ///< Somebody asked us to stop.
};

/// "timeout", "connect_failed", …
std::string_view to_string(FetchOutcome outcome);

struct FetchReply {
  FetchOutcome outcome = FetchOutcome::kAnswered;
  /// For people, when it was not answered: "could not connect to localhost:1: Connection refused".
  std::string problem = {};
  int status = 0;           ///< Of the last answer; 0 when there was none.
  std::string url = {};     ///< The one that answered, after redirects.
  HeaderList headers = {};  ///< Names in small letters, values without blanks around them.
  std::string body = {};
  std::int64_t elapsed_ms = 0;

  [[nodiscard]] bool answered() const { return outcome == FetchOutcome::kAnswered; }

  /// The first header of that name (small letters), or nothing.
  [[nodiscard]] std::string_view header(std::string_view name) const {
    return find_header(headers, name);
  }
};

/// The reply of a 2xx answer, else an Error that says what happened; for callers that do not count.
Result<FetchReply> require_success(FetchReply reply);

/// One request at a time; connections are kept between them. Owned by one thread.
class Client {
 public:
  /// The clock times the first byte. It outlives the client.
  explicit Client(const Clock& clock);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client();

  /// Blocks until the answer is there, a limit is reached, or `stop` is asked (returns within
  /// 100 ms then). Redirects: at most `redirects`; 303 becomes GET, as do 301 and 302 of a POST;
  /// the request's own headers are not sent to another origin.
  [[nodiscard]] FetchReply fetch(const FetchRequest& request, const std::stop_token& stop);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Seconds to wait that a Retry-After header asks for ("120", or an HTTP date, against `now_ms`
/// since 1970); negative when the value is neither. A date in the past is 0.
std::int64_t parse_retry_after_s(std::string_view value, std::int64_t now_ms);

}  // namespace millrace::http
