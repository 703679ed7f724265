#include "server/detail/listeners.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/thread.h"
#include "console/page.h"
#include "http/url.h"
#include "io/process_info.h"
#include "server/commands.h"

namespace millrace::server::detail {

namespace {

constexpr std::int64_t kTickNs = 1'000'000'000;
constexpr std::size_t kStreamsMax = 64;
constexpr std::size_t kSqlBytesMax = 1U << 20U;
constexpr std::size_t kWebRowsMax = 1'000;
constexpr std::size_t kKafkaShare = 4;  // Of memory.max, for requests and answers under way.

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

http::Response to_response(ControlReply reply) {
  return {.status = reply.status,
          .body = std::move(reply.body),
          .headers = {{"cache-control", "no-store"}}};
}

http::Response text_response(int status, std::string text, std::string type = "text/plain") {
  return {.status = status,
          .content_type = std::move(type) + "; charset=utf-8",
          .body = std::move(text),
          .headers = {{"cache-control", "no-store"}}};
}

/// "ok", or one line for each failing check; every check with `verbose`.
http::Response health_response(const Health& health, bool verbose) {
  std::string text;
  for (const Health::Check& check : health.checks) {
    if (verbose || !check.ok) {
      text += fmt::format("[{}]{} {}\n", check.ok ? '+' : '-', check.name, check.text);
    }
  }
  if (verbose || text.empty()) {
    text += health.ok() ? "ok\n" : "failed\n";
  }
  return text_response(health.ok() ? 200 : 503, std::move(text));
}

/// `what` is "the web listener", `flag` the one that moves it.
Error explain_taken(const Error& error,
                    const config::HostPort& address,
                    std::string_view what,
                    std::string_view flag) {
  if (error.code() != ErrorCode::kConflict) {
    return {error.code(), error.message()};
  }
  std::string who = "another process";
  if (const auto holder = io::find_port_holder(address.port)) {
    who = holder->pid == 0 ? "a process of another user"
                           : fmt::format("process {} ({})", holder->pid, holder->command);
  }
  return {ErrorCode::kConflict,
          fmt::format("{} cannot have {}: the port is taken by {}; choose another "
                      "with {} 127.0.0.1:{}, or none with {} off",
                      what,
                      config::to_string(address),
                      who,
                      flag,
                      address.port + 1,
                      flag)};
}

bool was_given(const config::Settings& settings, std::string_view name) {
  return std::ranges::any_of(settings.resolved, [&](const config::ResolvedSetting& setting) {
    return setting.name == name && setting.origin != config::SettingOrigin::kDefault;
  });
}

}  // namespace

std::string refuse_web_request(const http::Request& request, bool loopback_only) {
  const std::string_view host_text = request.header("host");
  const auto host = config::parse_host_port(host_text, 80);
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if ((loopback_only || !reads) && (!host || !is_loopback(host->host))) {
    return "this address is for this machine only: the Host header names another one";
  }
  if (reads) {
    return {};
  }
  const auto peer = config::parse_host_port(request.peer);
  if (!peer || !is_loopback(peer->host)) {
    return "without users this is answered to this machine only";
  }
  if (!request.header("content-type").starts_with("application/json")) {
    return "the Content-Type must be application/json";
  }
  const std::string_view origin = request.header("origin");
  if (!origin.empty() && origin != "http://" + std::string(host_text)) {
    return "the request comes from the page of another site";
  }
  return {};
}

Listeners::Listeners(Instance& instance)
    : instance_(instance), pool_({.name = "answers", .threads = 2, .waiting_max = 256}) {}

Listeners::~Listeners() {
  stop_.request_stop();
  {
    const MutexLock lock(mutex_);
    for (const http::Stream& stream : streams_) {
      stream.close();
    }
    streams_.clear();
  }
  web_.reset();
  control_.reset();
  Wakeup gone;
  loop_.post([this, &gone] {
    timer_.reset();
    gone.notify();
  });
  gone.wait(-1);
  loop_.stop();
}

Result<std::unique_ptr<Listeners>> Listeners::open(Instance& instance,
                                                   std::vector<std::string>& messages) {
  std::unique_ptr<Listeners> listeners(new Listeners(instance));
  const config::Settings& settings = instance.options().settings;
  listeners->loop_.start("web");
  TRY(listeners->open_control());
  if (settings.http) {
    TRY(listeners->open_web(*settings.http));
    messages.push_back(fmt::format(
        "page     http://{}/",
        config::to_string({.host = settings.http->host, .port = listeners->http_port()})));
  }
  if (settings.registry && was_given(settings, "listeners.registry")) {
    messages.push_back(
        fmt::format("registry {}: not built yet", config::to_string(*settings.registry)));
  }
  instance.note_progress("web");
  listeners->loop_.post([self = listeners.get()] {
    self->timer_ = std::make_unique<io::Timer>(self->loop_);
    self->tick();
  });
  return listeners;
}

Result<void> Listeners::open_control() {
  const std::string path = control_socket_path(instance_.options().data);
  control_ = TRY_DOING(http::Server::listen(loop_, {.address = "unix:" + path}, control_routes()),
                       "open the control socket");
  return {};
}

Result<void> Listeners::open_web(const config::HostPort& address) {
  loopback_only_ = is_loopback(address.host);
  auto server = http::Server::listen(loop_, {.address = config::to_string(address)}, web_routes());
  if (!server) {
    return explain_taken(server.error(), address, "the web listener", "--http-listen");
  }
  web_ = *std::move(server);
  return {};
}

Result<void> Listeners::open_log_listeners(std::vector<std::string>& messages) {
  const config::Settings& settings = instance_.options().settings;
  return settings.kafka && !kafka_ ? open_kafka(*settings.kafka, messages) : Result<void>();
}

// A port that nobody asked for may be taken: then the rest goes on without Kafka clients, and says
// so.
Result<void> Listeners::open_kafka(const config::HostPort& address,
                                   std::vector<std::string>& messages) {
  const config::Settings& settings = instance_.options().settings;
  broker::BrokerOptions options{
      .listeners = {{.address = address}},
      .settings = settings.broker,
      .log_dir = instance_.options().data,
      .usable_bytes =
          [&files = instance_.files(), data = instance_.options().data] {
            const Result<std::uint64_t> free = files.free_bytes(data);
            return free ? static_cast<std::int64_t>(*free) : -1;
          },
      .loops = static_cast<std::size_t>(std::max<std::int64_t>(settings.loops, 0)),
      .connections_max =
          static_cast<std::size_t>(std::max<std::int64_t>(settings.max_connections, 0)),
      .memory_max_bytes =
          static_cast<std::size_t>(std::max<std::int64_t>(settings.memory_max_bytes, 0)) /
          kKafkaShare};
  auto started = broker::Broker::start(
      instance_.log(), instance_.clock(), instance_.metrics(), std::move(options));
  if (!started) {
    Error why = explain_taken(started.error(), address, "the Kafka listener", "--kafka-listen");
    if (why.code() != ErrorCode::kConflict || was_given(settings, "listeners.kafka")) {
      return why;
    }
    messages.push_back("kafka    off: " + why.message());
    return {};
  }
  kafka_ = *std::move(started);
  for (const std::string& bound : kafka_->summary().addresses) {
    messages.push_back("kafka    " + bound);
  }
  return {};
}

void Listeners::answer(const http::Responder& responder, std::function<http::Response()> make) {
  const bool taken = pool_.try_run([responder, make = std::move(make)] { responder.send(make()); });
  if (!taken) {
    responder.send(http::error_response(503, "too many questions wait for an answer"));
  }
}

// Every path of the control socket is answered by answer_control, which also answers commands that
// opened the directory themselves.
http::Router Listeners::control_routes() {
  http::Router router;
  const auto handle = [this](http::Request request, const http::Responder& responder) {
    answer(responder, [this, request = std::move(request)] {
      return to_response(answer_control(
          instance_, {.method = request.method, .target = request.target, .body = request.body}));
    });
  };
  router.add("GET", "/{path...}", handle);
  router.add("POST", "/{path...}", handle, {.body_bytes_max = 16U << 20U});
  return router;
}

http::Router Listeners::web_routes() {
  http::Router router;
  router.add("GET", "/", [this](const http::Request& request, const http::Responder& responder) {
    if (const std::string why = refuse_web_request(request, loopback_only_); !why.empty()) {
      responder.send(http::error_response(403, why));
      return;
    }
    responder.send({.content_type = "text/html; charset=utf-8",
                    .body = std::string(console::page()),
                    .headers = {{"cache-control", "no-cache"},
                                {"content-security-policy", std::string(console::page_policy())},
                                {"x-content-type-options", "nosniff"},
                                {"referrer-policy", "no-referrer"}}});
  });
  add_probes(router);
  add_api(router);
  return router;
}

void Listeners::add_probes(http::Router& router) {
  router.add("GET", "/livez", [this](const http::Request& request, const http::Responder& to) {
    const bool verbose = http::find_parameter(request.query, "verbose") != nullptr;
    answer(to, [this, verbose] { return health_response(instance_.live(), verbose); });
  });
  router.add("GET", "/readyz", [this](const http::Request& request, const http::Responder& to) {
    const bool verbose = http::find_parameter(request.query, "verbose") != nullptr;
    answer(to, [this, verbose] { return health_response(instance_.ready(), verbose); });
  });
  router.add("GET", "/startupz", [this](const http::Request& request, const http::Responder& to) {
    const bool verbose = http::find_parameter(request.query, "verbose") != nullptr;
    answer(to, [this, verbose] { return health_response(instance_.startup(), verbose); });
  });
  router.add("GET", "/metrics", [this](const http::Request&, const http::Responder& to) {
    answer(to, [this] {
      return text_response(200, instance_.metrics_text(), "text/plain; version=0.0.4");
    });
  });
}

void Listeners::answer_question(const http::Request& request,
                                const http::Responder& responder,
                                std::string target) {
  if (const std::string why = refuse_web_request(request, loopback_only_); !why.empty()) {
    responder.send(http::error_response(403, why));
    return;
  }
  answer(responder, [this, target = std::move(target)] {
    return to_response(answer_control(instance_, {.target = target}));
  });
}

void Listeners::add_api(http::Router& router) {
  // What the page reads is what the control socket answers at the same path.
  const auto pass_on = [this](const http::Request& request, const http::Responder& responder) {
    constexpr std::string_view kPrefix = "/api/millrace";
    answer_question(request, responder, request.target.substr(kPrefix.size()));
  };
  for (const char* path : {"/overview",
                           "/health",
                           "/books",
                           "/topics",
                           "/topics/{topic}",
                           "/topics/{topic}/records",
                           "/groups/{group}",
                           "/tables/{table}/rows",
                           "/dead-letters",
                           "/dead-letters/{name}"}) {
    router.add("GET", "/api/millrace" + std::string(path), pass_on);
  }
  router.add("GET",
             "/api/millrace/events",
             [this](const http::Request& request, const http::Responder& responder) {
               const std::string why = refuse_web_request(request, loopback_only_);
               if (!why.empty()) {
                 responder.send(http::error_response(403, why));
                 return;
               }
               add_stream(responder);
             });
  router.add("POST",
             "/api/millrace/sql",
             [this](const http::Request& request, const http::Responder& responder) {
               answer_web_sql(request, responder);
             },
             {.body_bytes_max = kSqlBytesMax});
}

// Files are not read for the page: whoever may open it need not be who runs this program.
void Listeners::answer_web_sql(const http::Request& request, const http::Responder& responder) {
  if (const std::string why = refuse_web_request(request, loopback_only_); !why.empty()) {
    responder.send(http::error_response(403, why));
    return;
  }
  answer(responder, [this, body = request.body] {
    if (!instance_.log_ready()) {
      return to_response(refuse_starting(instance_));
    }
    SqlOptions options;
    options.stop = stop_.get_token();
    options.rows_max = kWebRowsMax;
    SqlWorld world = sql_world(instance_);
    world.files = nullptr;
    return to_response(answer_sql_body(world, body, options));
  });
}

void Listeners::add_stream(const http::Responder& responder) {
  {
    const MutexLock lock(mutex_);
    std::erase_if(streams_, [](const http::Stream& stream) { return !stream.is_open(); });
    if (streams_.size() >= kStreamsMax) {
      responder.send(http::error_response(503, "too many pages are open"));
      return;
    }
    streams_.push_back(responder.start_stream());
  }
  if (!pool_.try_run([this] { push_overview(); })) {
    return;  // The next tick does.
  }
}

// Also without a page: rates need readings, and /livez wants to see this loop move.
void Listeners::tick() {
  instance_.note_progress("web");
  if (pool_.unfinished() < 2) {
    (void)pool_.try_run([this] { work_of_a_second(); });
  }
  timer_->start(kTickNs, [this] { tick(); });
}

void Listeners::work_of_a_second() {
  const auto pipeline = instance_.pipeline();
  if (broker::Broker* const broker = instance_.broker();
      broker != nullptr && pipeline && instance_.runtime() != nullptr) {
    mirror_.update(instance_.log(), *pipeline, *broker)
        .ignore_error("readiness tells that the log takes no appends");
  }
  const bool seen = [this] {
    const MutexLock lock(mutex_);
    return !streams_.empty();
  }();
  if (seen) {
    push_overview();
  } else {
    instance_.note_rates();
  }
}

void Listeners::push_overview() {
  const console::Overview view = instance_.observe();
  const MutexLock lock(mutex_);
  const std::string event = http::server_sent_event("overview", console::overview_to_json(view));
  std::erase_if(streams_, [&](const http::Stream& stream) { return !stream.push(event); });
}

}  // namespace millrace::server::detail
