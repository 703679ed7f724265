#include "http/client.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <optional>

#include <arpa/inet.h>
#include <fmt/format.h>

#include "base/ascii.h"
#include "http/detail/curl_library.h"
#include "http/url.h"

namespace millrace::http {
namespace detail {

struct EasyCleanup {
  void operator()(CURL* easy) const { curl().easy_cleanup(easy); }
};

struct MultiCleanup {
  void operator()(CURLM* multi) const { curl().multi_cleanup(multi); }
};

}  // namespace detail

namespace {

using detail::curl;

constexpr int kPollMs =
    50;  // Bounds how late the first-byte limit is noticed; a stop wakes at once.

struct ListCleanup {
  void operator()(curl_slist* list) const { curl().slist_free_all(list); }
};

using HeaderListOfCurl = std::unique_ptr<curl_slist, ListCleanup>;

void append_header(HeaderListOfCurl& list, const std::string& line) {
  curl_slist* longer = curl().slist_append(list.get(), line.c_str());
  if (longer != nullptr) {
    // The first append gives the list; later ones return the same head.
    static_cast<void>(list.release());
    list.reset(longer);
  }
}

bool is_private_v4(const in_addr& address) {
  const std::uint32_t ip = ntohl(address.s_addr);
  const auto in = [ip](std::uint32_t net, unsigned bits) {
    return (ip >> (32U - bits)) == (net >> (32U - bits));
  };
  return in(0x00000000, 8) || in(0x0A000000, 8) || in(0x64400000, 10) || in(0x7F000000, 8) ||
         in(0xA9FE0000, 16) || in(0xAC100000, 12) || in(0xC0A80000, 16) || in(0xE0000000, 3);
}

bool is_private_address(const char* text) {
  in_addr v4{};
  if (inet_pton(AF_INET, text, &v4) == 1) {
    return is_private_v4(v4);
  }
  in6_addr v6{};
  if (inet_pton(AF_INET6, text, &v6) != 1) {
    return true;  // What cannot be read is not trusted.
  }
  if (IN6_IS_ADDR_V4MAPPED(&v6) != 0) {
    std::copy_n(v6.s6_addr + 12, 4, reinterpret_cast<unsigned char*>(&v4));
    return is_private_v4(v4);
  }
  const bool unique_local = (v6.s6_addr[0] & 0xFEU) == 0xFCU;
  return IN6_IS_ADDR_LOOPBACK(&v6) || IN6_IS_ADDR_LINKLOCAL(&v6) || IN6_IS_ADDR_UNSPECIFIED(&v6) ||
         IN6_IS_ADDR_MULTICAST(&v6) || unique_local;
}

// One request on the wire: what the callbacks of libcurl fill.
struct Exchange {
  FetchReply* reply = nullptr;
  const FetchLimits* limits = nullptr;
  std::size_t header_bytes = 0;
  bool body_too_large = false;
  bool headers_too_large = false;
  bool refuse_private = false;
  bool refused_address = false;
  bool begun = false;  // A first header came.
};

std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* user) {
  auto* exchange = static_cast<Exchange*>(user);
  const std::string_view line(bytes, size * count);
  exchange->begun = true;
  exchange->header_bytes += line.size();
  if (exchange->header_bytes > exchange->limits->header_bytes) {
    exchange->headers_too_large = true;
    return 0;
  }
  if (line.starts_with("HTTP/")) {
    exchange->reply->headers.clear();  // Those of a 100 Continue do not count.
    return line.size();
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) {
    return line.size();
  }
  std::string name = ascii_lower(trim_blanks(line.substr(0, colon)));
  exchange->reply->headers.emplace_back(std::move(name), trim_blanks(line.substr(colon + 1)));
  return line.size();
}

std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* user) {
  auto* exchange = static_cast<Exchange*>(user);
  const std::size_t length = size * count;
  std::string& body = exchange->reply->body;
  if (length > exchange->limits->body_bytes - body.size()) {
    body.append(bytes, exchange->limits->body_bytes - body.size());
    exchange->body_too_large = true;
    return 0;
  }
  body.append(bytes, length);
  return length;
}

int on_connected(
    void* user, char* remote, char* /*local*/, int /*remote_port*/, int /*local_port*/) {
  auto* exchange = static_cast<Exchange*>(user);
  if (exchange->refuse_private && is_private_address(remote)) {
    exchange->refused_address = true;
    return CURL_PREREQFUNC_ABORT;
  }
  return CURL_PREREQFUNC_OK;
}

FetchOutcome outcome_of(CURLcode code, const Exchange& exchange) {
  if (exchange.body_too_large || exchange.headers_too_large) {
    return FetchOutcome::kTooLarge;
  }
  if (exchange.refused_address) {
    return FetchOutcome::kRefusedAddress;
  }
  // The list of codes is libcurl's and long: what is not named is a protocol error.
  const auto is = [code](std::initializer_list<CURLcode> codes) {
    return std::ranges::find(codes, code) != codes.end();
  };
  if (code == CURLE_OK) {
    return FetchOutcome::kAnswered;
  }
  if (is({CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY})) {
    return FetchOutcome::kResolveFailed;
  }
  if (is({CURLE_COULDNT_CONNECT, CURLE_INTERFACE_FAILED})) {
    return FetchOutcome::kConnectFailed;
  }
  if (code == CURLE_URL_MALFORMAT) {
    return FetchOutcome::kBadUrl;
  }
  if (is({CURLE_SSL_CONNECT_ERROR,
          CURLE_PEER_FAILED_VERIFICATION,
          CURLE_SSL_CERTPROBLEM,
          CURLE_SSL_CIPHER,
          CURLE_SSL_CACERT_BADFILE,
          CURLE_SSL_ISSUER_ERROR})) {
    return FetchOutcome::kTlsFailed;
  }
  if (code == CURLE_OPERATION_TIMEDOUT) {
    return FetchOutcome::kTimeout;
  }
  if (code == CURLE_PARTIAL_FILE) {
    return FetchOutcome::kTruncated;
  }
  if (is({CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR})) {
    return exchange.begun ? FetchOutcome::kTruncated : FetchOutcome::kReset;
  }
  return FetchOutcome::kProtocolError;
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// Loopback is never asked through a proxy, whatever the environment says.
std::string no_proxy_list() {
  const char* from_environment = std::getenv("no_proxy");
  std::string list = from_environment == nullptr ? "" : std::string(from_environment) + ",";
  return list == "*," ? "*" : list + "localhost,127.0.0.1,::1";
}

}  // namespace

std::string_view to_string(FetchOutcome outcome) {
  switch (outcome) {
    case FetchOutcome::kAnswered:
      return "answered";
    case FetchOutcome::kBadUrl:
      return "bad_url";
    case FetchOutcome::kResolveFailed:
      return "resolve_failed";
    case FetchOutcome::kConnectFailed:
      return "connect_failed";
    case FetchOutcome::kTlsFailed:
      return "tls_failed";
    case FetchOutcome::kTimeout:
      return "timeout";
    case FetchOutcome::kReset:
      return "reset";
    case FetchOutcome::kTruncated:
      return "truncated";
    case FetchOutcome::kTooLarge:
      return "too_large";
    case FetchOutcome::kTooManyRedirects:
      return "too_many_redirects";
    case FetchOutcome::kRefusedAddress:
      return "refused_address";
    case FetchOutcome::kProtocolError:
      return "protocol_error";
    case FetchOutcome::kCancelled:
      return "cancelled";
  }
  return "protocol_error";
}

Result<FetchReply> require_success(FetchReply reply) {
  if (reply.answered() && reply.status >= 200 && reply.status < 300) {
    return reply;
  }
  if (reply.answered()) {
    return Error(ErrorCode::kUnavailable,
                 fmt::format("{} answered with status {}", shown_url(reply.url), reply.status));
  }
  if (reply.outcome == FetchOutcome::kCancelled) {
    return Error(ErrorCode::kCancelled, reply.problem);
  }
  return Error(
      reply.outcome == FetchOutcome::kTimeout ? ErrorCode::kTimeout : ErrorCode::kUnavailable,
      reply.problem);
}

class Client::Impl {
 public:
  explicit Impl(const Clock& clock)
      : clock_(clock), easy_(curl().easy_init()), multi_(curl().multi_init()) {}

  FetchReply fetch(const FetchRequest& request, const std::stop_token& stop) {
    const std::int64_t start_ns = clock_.monotonic_ns();
    FetchRequest hop = request;
    FetchReply reply;
    for (int redirects = 0;; ++redirects) {
      reply = FetchReply{.url = hop.url};
      hop.limits.total_ms = request.limits.total_ms - elapsed_ms(start_ns);
      exchange(hop, stop, reply);
      if (!reply.answered() || !is_redirect(reply.status) || reply.header("location").empty()) {
        break;
      }
      if (redirects == request.limits.redirects) {
        fail(reply,
             FetchOutcome::kTooManyRedirects,
             fmt::format("more than {} redirects from {}", redirects, shown_url(request.url)));
        break;
      }
      if (!follow(hop, reply)) {
        break;
      }
    }
    reply.elapsed_ms = elapsed_ms(start_ns);
    return reply;
  }

 private:
  [[nodiscard]] std::int64_t elapsed_ms(std::int64_t start_ns) const {
    return (clock_.monotonic_ns() - start_ns) / 1'000'000;
  }

  static void fail(FetchReply& reply, FetchOutcome outcome, std::string problem) {
    reply.outcome = outcome;
    reply.problem = std::move(problem);
  }

  // Turns `hop` into the request that the redirect asks for.
  static bool follow(FetchRequest& hop, FetchReply& reply) {
    const std::optional<std::string> target = resolve_url(hop.url, reply.header("location"));
    if (!target) {
      fail(reply,
           FetchOutcome::kTooManyRedirects,
           fmt::format(
               "{} redirects to what is no http address: {}", hop.url, reply.header("location")));
      return false;
    }
    if (origin_of(*target) != origin_of(hop.url)) {
      hop.headers.clear();
      hop.refuse_private_addresses = hop.refuse_private_addresses || !is_local(hop.url);
    }
    const bool becomes_get = reply.status == 303 || (reply.status < 303 && hop.method == "POST");
    if (becomes_get && hop.method != "HEAD") {
      hop.method = "GET";
      hop.body.clear();
    }
    hop.url = *target;
    return true;
  }

  // A service on this machine may redirect to another one here; one outside may not.
  static bool is_local(const std::string& url) {
    const std::string origin = origin_of(url).value_or("");
    return origin.find("://localhost:") != std::string::npos ||
           origin.find("://127.") != std::string::npos ||
           origin.find("://[::1]") != std::string::npos;
  }

  void exchange(const FetchRequest& request, const std::stop_token& stop, FetchReply& reply) {
    if (easy_ == nullptr || multi_ == nullptr) {
      fail(reply, FetchOutcome::kProtocolError, "no memory for a connection");
      return;
    }
    if (!origin_of(request.url)) {
      fail(reply, FetchOutcome::kBadUrl, "no http or https address: " + shown_url(request.url));
      return;
    }
    Exchange exchange{.reply = &reply,
                      .limits = &request.limits,
                      .refuse_private = request.refuse_private_addresses};
    std::array<char, CURL_ERROR_SIZE> error_text{};
    const HeaderListOfCurl headers = set_up(request, exchange, error_text.data());
    const std::optional<CURLcode> code = run(request, stop, exchange);
    if (!code) {
      return;  // The reply says why.
    }
    long status = 0;
    curl().easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    reply.status = static_cast<int>(status);
    const FetchOutcome outcome = outcome_of(*code, exchange);
    if (outcome != FetchOutcome::kAnswered) {
      fail(reply, outcome, describe(*code, exchange, request, error_text.data()));
    }
  }

  static std::string describe(CURLcode code,
                              const Exchange& exchange,
                              const FetchRequest& request,
                              const char* error_text) {
    const std::string url = shown_url(request.url);
    if (exchange.body_too_large) {
      return fmt::format(
          "the answer of {} is larger than {} bytes", url, request.limits.body_bytes);
    }
    if (exchange.headers_too_large) {
      return fmt::format(
          "the headers of {} are larger than {} bytes", url, request.limits.header_bytes);
    }
    if (exchange.refused_address) {
      return fmt::format("{} came out of data and leads to an address of a private network", url);
    }
    const std::string_view text = *error_text == '\0' ? curl().easy_strerror(code) : error_text;
    return fmt::format("{}: {}", url, text);
  }

  HeaderListOfCurl set_up(const FetchRequest& request, Exchange& exchange, char* error_text) {
    CURL* easy = easy_.get();
    curl().easy_reset(easy);
    HeaderListOfCurl headers;
    for (const auto& [name, value] : request.headers) {
      append_header(headers, value.empty() ? name + ";" : fmt::format("{}: {}", name, value));
    }
    append_header(headers, "Expect:");  // No pause before a body is sent.
    curl().easy_setopt(easy, CURLOPT_HTTPHEADER, headers.get());
    curl().easy_setopt(easy, CURLOPT_URL, request.url.c_str());
    if (!request.unix_socket.empty()) {
      curl().easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, request.unix_socket.c_str());
      curl().easy_setopt(easy, CURLOPT_PROXY, "");
    }
    curl().easy_setopt(easy, CURLOPT_ERRORBUFFER, error_text);
    curl().easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl().easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl().easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl().easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    curl().easy_setopt(easy, CURLOPT_NOPROXY, no_proxy_.c_str());
    curl().easy_setopt(easy, CURLOPT_USERAGENT, "millrace/1");
    curl().easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, clamp_ms(request.limits.connect_ms));
    curl().easy_setopt(easy, CURLOPT_TIMEOUT_MS, clamp_ms(request.limits.total_ms));
    curl().easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl().easy_setopt(easy, CURLOPT_HEADERDATA, &exchange);
    curl().easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl().easy_setopt(easy, CURLOPT_WRITEDATA, &exchange);
    curl().easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_connected);
    curl().easy_setopt(easy, CURLOPT_PREREQDATA, &exchange);
    set_up_method(easy, request);
    set_up_tls(easy, request);
    return headers;
  }

  static long clamp_ms(std::int64_t ms) {
    return static_cast<long>(std::clamp<std::int64_t>(ms, 1, 3'600'000));
  }

  static void set_up_method(CURL* easy, const FetchRequest& request) {
    if (request.method == "HEAD") {
      curl().easy_setopt(easy, CURLOPT_NOBODY, 1L);
      return;
    }
    if (request.method == "GET" && request.body.empty()) {
      curl().easy_setopt(easy, CURLOPT_HTTPGET, 1L);
      return;
    }
    curl().easy_setopt(easy, CURLOPT_POST, 1L);
    curl().easy_setopt(
        easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl().easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.c_str());
    curl().easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }

  static void set_up_tls(CURL* easy, const FetchRequest& request) {
    curl().easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, request.verify_tls ? 1L : 0L);
    curl().easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, request.verify_tls ? 2L : 0L);
    const char* from_environment = std::getenv("SSL_CERT_FILE");
    if (!request.ca_file.empty()) {
      curl().easy_setopt(easy, CURLOPT_CAINFO, request.ca_file.c_str());
    } else if (from_environment != nullptr && *from_environment != '\0') {
      curl().easy_setopt(easy, CURLOPT_CAINFO, from_environment);
    }
  }

  // Drives the transfer; nothing, and the reply failed, when it was cut short by us.
  std::optional<CURLcode> run(const FetchRequest& request,
                              const std::stop_token& stop,
                              Exchange& exchange) {
    CURLM* multi = multi_.get();
    const std::stop_callback wake(stop, [multi] { curl().multi_wakeup(multi); });
    const std::int64_t start_ns = clock_.monotonic_ns();
    curl().multi_add_handle(multi, easy_.get());
    std::optional<CURLcode> code;
    while (true) {
      int running = 0;
      const CURLMcode performed = curl().multi_perform(multi, &running);
      code = finished();
      if (code || performed != CURLM_OK) {
        code = code.value_or(CURLE_FAILED_INIT);
        break;
      }
      if (stop.stop_requested()) {
        fail(*exchange.reply,
             FetchOutcome::kCancelled,
             "stopped while asking " + shown_url(request.url));
        break;
      }
      if (!exchange.begun && elapsed_ms(start_ns) > request.limits.first_byte_ms) {
        fail(*exchange.reply,
             FetchOutcome::kTimeout,
             fmt::format("{} did not begin to answer within {} ms",
                         shown_url(request.url),
                         request.limits.first_byte_ms));
        break;
      }
      curl().multi_poll(multi, nullptr, 0, kPollMs, nullptr);
    }
    curl().multi_remove_handle(multi, easy_.get());
    return code;
  }

  std::optional<CURLcode> finished() {
    int left = 0;
    while (const CURLMsg* message = curl().multi_info_read(multi_.get(), &left)) {
      if (message->msg == CURLMSG_DONE) {
        return message->data.result;
      }
    }
    return std::nullopt;
  }

  const Clock& clock_;
  const std::string no_proxy_ = no_proxy_list();
  // Members are destroyed from the last: the multi handle, then the easy one, which by then is in
  // none.
  std::unique_ptr<CURL, detail::EasyCleanup> easy_;
  std::unique_ptr<CURLM, detail::MultiCleanup> multi_;
};

Client::Client(const Clock& clock) : impl_(std::make_unique<Impl>(clock)) {}

Client::~Client() = default;

FetchReply Client::fetch(const FetchRequest& request, const std::stop_token& stop) {
  return impl_->fetch(request, stop);
}

std::int64_t parse_retry_after_s(std::string_view value, std::int64_t now_ms) {
  const std::string text(trim_blanks(value));
  std::int64_t seconds = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (problem == std::errc() && end == text.data() + text.size()) {
    return seconds < 0 ? -1 : seconds;
  }
  const time_t date = text.empty() ? -1 : curl().getdate(text.c_str(), nullptr);
  if (date < 0) {
    return -1;
  }
  return std::max<std::int64_t>(0, (static_cast<std::int64_t>(date) * 1000 - now_ms + 999) / 1000);
}

}  // namespace millrace::http
