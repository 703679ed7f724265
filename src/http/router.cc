#include "http/router.h"

#include <algorithm>
#include <optional>

#include "base/assert.h"

namespace millrace::http {
namespace {

constexpr std::size_t kSegmentsMax = 64;

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> segments;
  while (path.starts_with('/') && segments.size() < kSegmentsMax) {
    path.remove_prefix(1);
    const std::size_t end = std::min(path.find('/'), path.size());
    segments.emplace_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return segments;
}

bool is_parameter(std::string_view segment) {
  return segment.size() > 2 && segment.starts_with('{') && segment.ends_with('}');
}

bool is_rest(std::string_view segment) {
  return segment.ends_with("...}");
}

using Parameters = std::vector<std::pair<std::string, std::string>>;

std::string_view parameter_name(std::string_view segment) {
  segment.remove_prefix(1);
  segment.remove_suffix(is_rest(segment) ? 4 : 1);
  return segment;
}

std::string join(const std::vector<std::string>& segments, std::size_t from) {
  std::string joined;
  for (std::size_t i = from; i < segments.size(); ++i) {
    joined.append(joined.empty() ? "" : "/").append(percent_decode(segments[i]));
  }
  return joined;
}

std::optional<Parameters> match_segments(const std::vector<std::string>& pattern,
                                         const std::vector<std::string>& path) {
  Parameters parameters;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (i >= path.size()) {
      return std::nullopt;
    }
    if (!is_parameter(pattern[i])) {
      if (pattern[i] != percent_decode(path[i])) {
        return std::nullopt;
      }
      continue;
    }
    if (is_rest(pattern[i])) {
      parameters.emplace_back(parameter_name(pattern[i]), join(path, i));
      return parameters;
    }
    if (path[i].empty()) {
      return std::nullopt;
    }
    parameters.emplace_back(parameter_name(pattern[i]), percent_decode(path[i]));
  }
  return pattern.size() == path.size() ? std::optional(std::move(parameters)) : std::nullopt;
}

}  // namespace

void Router::add(std::string_view method,
                 std::string_view pattern,
                 Handler handler,
                 RouteOptions options) {
  MR_ASSERT(pattern.starts_with('/'), "pattern {}", pattern);
  Route route{.method = std::string(method),
              .pattern = std::string(pattern),
              .segments = split_path(pattern),
              .handler = std::move(handler),
              .options = options};
  // Sorted so that a fixed segment comes before a parameter at the same place: `{` is above the
  // letters.
  const auto place = std::ranges::upper_bound(routes_, route.segments, {}, &Route::segments);
  routes_.insert(place, std::move(route));
}

Router::Match Router::match(std::string_view method, std::string_view path) const {
  const std::vector<std::string> segments = split_path(path);
  const std::string_view wanted = method == "HEAD" ? "GET" : method;
  Match match;
  for (const Route& route : routes_) {
    std::optional<Parameters> parameters = match_segments(route.segments, segments);
    if (!parameters) {
      continue;
    }
    if (route.method == wanted) {
      match.found = Found::kRoute;
      match.route = &route;
      match.parameters = std::move(*parameters);
      return match;
    }
    match.found = Found::kNoMethod;
    match.allow.append(match.allow.empty() ? "" : ", ").append(route.method);
    if (route.method == "GET") {
      match.allow.append(", HEAD");
    }
  }
  return match;
}

}  // namespace millrace::http
