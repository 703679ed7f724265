// Which handler answers which method and path. Patterns are made of segments: "/topics/{name}"
// stands for one segment, "/files/{path...}" at the end for one or more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/message.h"

namespace millrace::http {

class Responder;

/// Called in the loop's thread, so it must not block: it answers at once, or gives the responder to
/// whoever will.
using Handler = std::function<void(Request request, Responder responder)>;

struct RouteOptions {
  std::size_t body_bytes_max = 1U << 20U;
};

/// Filled before the server starts, then immutable.
class Router {
 public:
  /// REQUIRES: the pattern begins with "/"; a fixed segment wins over a `{name}`.
  void add(std::string_view method,
           std::string_view pattern,
           Handler handler,
           RouteOptions options = {});

  struct Route {
    std::string method;
    std::string pattern;
    std::vector<std::string> segments;
    Handler handler;
    RouteOptions options;
  };

  enum class Found : std::uint8_t {
    kRoute,
    kNoPath,
    kNoMethod
  };

  struct Match {
    Found found = Found::kNoPath;
    const Route* route = nullptr;
    std::vector<std::pair<std::string, std::string>> parameters;
    std::string allow;  ///< With kNoMethod: "GET, HEAD, POST".
  };

  /// `path` as it came, still encoded and without query. HEAD finds the route of GET.
  [[nodiscard]] Match match(std::string_view method, std::string_view path) const;

 private:
  std::vector<Route> routes_;
};

}  // namespace millrace::http
