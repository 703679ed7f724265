#include "server/control.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>
#include <simdjson.h>

#include "base/hash.h"
#include "console/json_out.h"
#include "http/client.h"
#include "http/url.h"
#include "server/commands.h"

namespace millrace::server {

namespace {

// A path of a socket has at most 107 bytes.
constexpr std::size_t kSocketPathMax = 100;
constexpr std::int64_t kAnswerMs = 600'000;
constexpr std::int64_t kConnectMs = 2'000;
constexpr std::size_t kAnswerBytesMax = 1U << 30U;

int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return 400;
    case ErrorCode::kNotFound:
      return 404;
    case ErrorCode::kPermissionDenied:
      return 403;
    case ErrorCode::kAlreadyExists:
    case ErrorCode::kConflict:
      return 409;
    case ErrorCode::kUnsupported:
      return 501;
    case ErrorCode::kUnavailable:
    case ErrorCode::kExhausted:
    case ErrorCode::kCancelled:
      return 503;
    case ErrorCode::kTimeout:
      return 504;
    case ErrorCode::kCorruption:
    case ErrorCode::kIo:
    case ErrorCode::kInternal:
      break;
  }
  return 500;
}

ControlReply reply_of(Result<std::string> answer) {
  if (answer) {
    return {.body = *std::move(answer)};
  }
  return {.status = status_of(answer.error().code()), .body = error_json(answer.error())};
}

ControlReply refuse(ErrorCode code, std::string message) {
  return reply_of(Error(code, std::move(message)));
}

/// A whole number of a query; `fallback` when it is not given. kInvalidArgument names it.
Result<std::int64_t> number(const http::QueryParameters& query,
                            std::string_view name,
                            std::int64_t fallback) {
  const std::string* text = http::find_parameter(query, name);
  if (text == nullptr || text->empty()) {
    return fallback;
  }
  std::int64_t value = 0;
  const auto parsed = std::from_chars(text->data(), text->data() + text->size(), value);
  if (parsed.ec != std::errc{} || parsed.ptr != text->data() + text->size()) {
    return Error(ErrorCode::kInvalidArgument,
                 fmt::format("{} is a whole number, not {}", name, *text));
  }
  return value;
}

Result<std::string> ask_records(Instance& instance,
                                const std::string& topic,
                                const http::QueryParameters& query) {
  RecordsQuery wanted{.topic = topic};
  const std::int64_t partition = TRY(number(query, "partition", -1));
  const std::int64_t offset = TRY(number(query, "offset", -1));
  wanted.limit = TRY(number(query, "limit", wanted.limit));
  if (partition >= 0) {
    wanted.partition = static_cast<std::int32_t>(partition);
  }
  if (offset >= 0) {
    wanted.offset = offset;
  }
  return records_json(instance, wanted);
}

struct Body {
  std::string sql = {};
  std::string name = {};
  std::optional<std::int64_t> offset = {};
  std::optional<std::int64_t> rows_max = {};
};

Result<Body> read_body(const std::string& text) {
  Body body;
  simdjson::dom::parser parser;
  simdjson::dom::object root;
  if (parser.parse(text).get(root) != simdjson::SUCCESS) {
    return Error(ErrorCode::kInvalidArgument, "the body is no JSON object");
  }
  for (const auto [key, value] : root) {
    std::string_view text_value;
    std::int64_t number_value = 0;
    if (key == "sql" && value.get(text_value) == simdjson::SUCCESS) {
      body.sql = text_value;
    } else if (key == "name" && value.get(text_value) == simdjson::SUCCESS) {
      body.name = text_value;
    } else if (key == "offset" && value.get(number_value) == simdjson::SUCCESS) {
      body.offset = number_value;
    } else if (key == "rows_max" && value.get(number_value) == simdjson::SUCCESS) {
      body.rows_max = number_value;
    } else {
      return Error(ErrorCode::kInvalidArgument,
                   fmt::format("the body has an unknown or wrong field {}; there are sql, "
                               "rows_max, name, offset",
                               key));
    }
  }
  return body;
}

Result<std::string> ask_sql(const SqlWorld& world, const std::string& text, SqlOptions options) {
  const Body body = TRY(read_body(text));
  if (body.rows_max && *body.rows_max >= 0) {
    options.rows_max = std::min(options.rows_max, static_cast<std::size_t>(*body.rows_max));
  }
  return sql_json(world, body.sql, options);
}

Result<std::string> ask_replay(Instance& instance, const std::string& text) {
  const Body body = TRY(read_body(text));
  return replay_json(instance, {.name = body.name, .offset = body.offset});
}

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    path.remove_prefix(path.front() == '/' ? 1 : 0);
    const std::size_t end = path.find('/');
    if (const std::string_view part = path.substr(0, end); !part.empty()) {
      parts.push_back(http::percent_decode(part));
    }
    path = end == std::string_view::npos ? std::string_view() : path.substr(end);
  }
  return parts;
}

ControlReply get(Instance& instance,
                 const std::vector<std::string>& path,
                 const http::QueryParameters& query) {
  const std::string& what = path[0];
  if (path.size() == 1) {
    if (what == "topics") {
      return {.body = topics_json(instance)};
    }
    if (what == "dead-letters") {
      return reply_of(dead_letters_json(instance));
    }
    if (what == "health") {
      return {.body = health_json(instance)};
    }
    if (what == "books") {
      return {.body = books_json(instance)};
    }
    if (what == "overview") {
      return {.body = console::overview_to_json(instance.observe())};
    }
  }
  if (path.size() == 2 && what == "groups") {
    return reply_of(group_json(instance, path[1]));
  }
  if (path.size() == 2 && what == "topics") {
    return reply_of(topic_json(instance, path[1]));
  }
  if (path.size() == 3 && what == "topics" && path[2] == "records") {
    return reply_of(ask_records(instance, path[1], query));
  }
  const auto limit = number(query, "limit", 20);
  if (!limit) {
    return refuse(limit.error().code(), limit.error().message());
  }
  if (path.size() == 2 && what == "dead-letters") {
    return reply_of(dead_letter_records_json(instance, path[1], *limit));
  }
  if (path.size() == 3 && what == "tables" && path[2] == "rows") {
    return reply_of(table_rows_json(instance, path[1], *limit));
  }
  return refuse(ErrorCode::kNotFound, "there is nothing at this path");
}

ControlReply post(Instance& instance,
                  const std::vector<std::string>& path,
                  const std::string& body) {
  if (path == std::vector<std::string>{"sql"}) {
    return answer_sql_body(sql_world(instance), body, {});
  }
  if (path == std::vector<std::string>{"dead-letters", "replay"}) {
    return reply_of(ask_replay(instance, body));
  }
  if (path == std::vector<std::string>{"flush"}) {
    return reply_of(flush_json(instance));
  }
  if (path == std::vector<std::string>{"stop"}) {
    instance.request_stop();
    return {.body = R"({"stopping":true})"};
  }
  return refuse(ErrorCode::kNotFound, "there is nothing at this path");
}

}  // namespace

SqlWorld sql_world(Instance& instance) {
  return {.files = &instance.files(),
          .clock = &instance.clock(),
          .log = &instance.log(),
          .pipeline = instance.pipeline(),
          .tables_path = instance.tables_path(),
          .folder = instance.options().project};
}

std::string sql_json(Instance& instance, std::string_view text, const SqlOptions& options) {
  return sql_json(sql_world(instance), text, options);
}

std::string sql_json(const SqlWorld& world, std::string_view text, const SqlOptions& options) {
  console::JsonOut out;
  out.begin_object().key("results").begin_array();
  for (const SqlAnswer& answer : run_sql(world, text, options)) {
    out.raw(answer_to_json(answer));
  }
  return out.end_array().end_object().take();
}

ControlReply answer_sql_body(const SqlWorld& world, const std::string& body, SqlOptions options) {
  return reply_of(ask_sql(world, body, std::move(options)));
}

ControlReply refuse_starting(const Instance& instance) {
  return refuse(ErrorCode::kUnavailable, instance.starting() + "; ask again in a moment");
}

ControlReply answer_control(Instance& instance, const ControlRequest& request) {
  const std::size_t mark = request.target.find('?');
  const std::vector<std::string> path = split(std::string_view(request.target).substr(0, mark));
  const http::QueryParameters query =
      mark == std::string::npos
          ? http::QueryParameters()
          : http::parse_query(std::string_view(request.target).substr(mark + 1));
  if (path.empty()) {
    return refuse(ErrorCode::kNotFound, "there is nothing at this path");
  }
  const bool needs_log = path[0] != "health" && path[0] != "overview" && path[0] != "stop";
  if (needs_log && !instance.log_ready()) {
    return refuse_starting(instance);
  }
  return request.method == "POST" ? post(instance, path, request.body) : get(instance, path, query);
}

Result<ControlReply> ask_control(const std::string& socket_path,
                                 const ControlRequest& request,
                                 std::int64_t timeout_ms) {
  const SystemClock clock;
  http::Client client(clock);
  http::FetchRequest fetch{.method = request.method,
                           .url = "http://localhost" + request.target,
                           .body = request.body,
                           .unix_socket = socket_path};
  if (request.method == "POST") {
    fetch.headers.emplace_back("content-type", "application/json");
  }
  fetch.limits.connect_ms = kConnectMs;
  fetch.limits.first_byte_ms = timeout_ms;
  fetch.limits.total_ms = timeout_ms;
  fetch.limits.body_bytes = kAnswerBytesMax;
  http::FetchReply reply = client.fetch(fetch, {});
  if (!reply.answered()) {
    const bool late = reply.outcome == http::FetchOutcome::kTimeout;
    return Error(late ? ErrorCode::kTimeout : ErrorCode::kUnavailable,
                 "the process that has the data directory does not answer: " + reply.problem);
  }
  return ControlReply{.status = reply.status, .body = std::move(reply.body)};
}

std::string control_socket_path(const std::string& data) {
  std::string path = data + "/control.sock";
  if (path.size() <= kSocketPathMax) {
    return path;
  }
  return fmt::format("/tmp/millrace-{:016x}.sock", siphash128(Hash128{}, data).low);
}

Control::Control(Control&&) noexcept = default;
Control& Control::operator=(Control&&) noexcept = default;
Control::~Control() = default;

// The lock is asked first: who has it is certain, a socket file may be left over.
Result<Control> Control::connect(io::Files& files,
                                 Clock& clock,
                                 InstanceOptions options,
                                 plan::Pipeline project_pipeline) {
  Control control;
  const std::string data = options.data;
  options.create = false;
  auto instance = Instance::open(files, clock, std::move(options));
  if (instance) {
    control.instance_ = *std::move(instance);
    control.instance_->set_pipeline(std::move(project_pipeline));
    return control;
  }
  if (instance.error().code() != ErrorCode::kConflict) {
    return std::move(instance).error();
  }
  control.holder_ = TRY(io::lock_holder(files, data + "/LOCK"));
  control.socket_ = control_socket_path(data);
  return control;
}

Result<ControlReply> Control::ask(const ControlRequest& request) {
  if (instance_) {
    return answer_control(*instance_, request);
  }
  return TRY_DOING(ask_control(socket_, request, kAnswerMs),
                   fmt::format("ask process {}", holder_));
}

}  // namespace millrace::server
