// `millrace randomuser`: the generator of people as a web API.
#include <string>

#include <fmt/format.h>

#include "base/thread.h"
#include "cli/commands.h"
#include "config/option_table.h"
#include "connect/randomuser/api.h"
#include "http/server.h"
#include "io/event_loop.h"
#include "io/process_info.h"
#include "io/signals.h"

namespace millrace::cli {
namespace {

http::Router make_router(connect::randomuser::Api& api) {
  const auto handler = [&api](const http::Request& request, const http::Responder& responder) {
    const std::size_t question = request.target.find('?');
    const connect::randomuser::ApiAnswer answer = api.answer(
        question == std::string::npos ? "" : std::string_view(request.target).substr(question + 1));
    http::Response response{
        .status = answer.status, .content_type = answer.content_type, .body = answer.body};
    if (answer.retry_after_s) {
      response.headers.emplace_back("retry-after", std::to_string(*answer.retry_after_s));
    }
    responder.send(std::move(response));
  };
  http::Router router;
  for (const std::string_view pattern : {"/api", "/api/", "/api/{version}", "/api/{version}/"}) {
    router.add("GET", pattern, handler);
  }
  return router;
}

Result<ExitCode> serve(World& world) {
  const std::int64_t port = TRY(number_flag(world, "port", -1, 0));
  const std::string host = world.invocation.value("address").value_or("127.0.0.1");
  if (port < 0 || port > 65535) {
    return Error(ErrorCode::kInvalidArgument, "say --port P, from 0 to 65535");
  }
  Wakeup stopped;
  const io::StopSignals signals([&stopped](int /*signal*/, int count) {
    if (count > 1) {
      exit_now(static_cast<int>(ExitCode::kInterrupted));
    }
    stopped.notify();
  });
  const auto seed = TRY(number_flag(world, "seed", 1, 0));
  const auto limit = TRY(number_flag(world, "limit", 0, 0));
  connect::randomuser::Api api({.seed = static_cast<std::uint64_t>(seed),
                                .users_per_window = static_cast<std::uint64_t>(limit)},
                               world.clock);
  io::EventLoop loop;
  const std::string address =
      to_string(config::HostPort{.host = host, .port = static_cast<std::uint16_t>(port)});
  Result<std::unique_ptr<http::Server>> server =
      http::Server::listen(loop, {.address = address}, make_router(api));
  if (!server) {
    const auto holder = io::find_port_holder(static_cast<std::uint16_t>(port));
    return std::move(server).error().with_context(
        holder ? fmt::format("listen on {} (held by pid {}, {}; choose another with --port)",
                             address,
                             holder->pid,
                             holder->command)
               : fmt::format("listen on {} (choose another with --port)", address));
  }
  loop.start("randomuser");
  world.out.write(fmt::format("http://{}:{}/api/\n", host, (*server)->port()));
  TRY(world.out.flush());
  while (!stopped.wait(-1)) {
  }
  return ExitCode::kOk;
}

}  // namespace

ExitCode run_randomuser(World& world) {
  const Result<ExitCode> code = serve(world);
  if (!code && code.error().code() == ErrorCode::kInvalidArgument) {
    return usage_error(world.invocation.command, code.error().to_string());
  }
  return code ? *code : fail(code.error());
}

}  // namespace millrace::cli
