#include "cli/kafka_address.h"

#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cli/json_answers.h"
#include "server/control.h"

namespace millrace::cli {
namespace {

bool names_directory(const World& world) {
  return world.invocation.has("data") || world.invocation.has("project");
}

LoadedProject load_settings(World& world) {
  return load_project(world,
                      {.folder = world.invocation.value("project").value_or("."),
                       .must_exist = world.invocation.has("project"),
                       .bind = false});
}

// An address to connect to, of one that is listened at.
std::string reachable(const std::string& listener) {
  auto address = config::parse_host_port(listener);
  if (!address) {
    return listener;
  }
  if (address->host == "0.0.0.0") {
    address->host = "127.0.0.1";
  } else if (address->host == "::") {
    address->host = "::1";
  }
  return config::to_string(*address);
}

// Of the instance that runs on the directory.
Result<std::string> ask_instance(const std::string& data) {
  constexpr std::int64_t kPatienceMs = 5'000;
  const server::ControlRequest request{.target = "/health"};
  const auto reply = server::ask_control(server::control_socket_path(data), request, kPatienceMs);
  if (!reply) {
    const bool silent = reply.error().code() == ErrorCode::kTimeout;
    return Error(ErrorCode::kUnavailable,
                 fmt::format("{} \"{}\"\nhelp: start it with `millrace broker --data {}`, or name "
                             "another Kafka address with --bootstrap-server",
                             silent ? "there is no answer from what runs on" : "nothing runs on",
                             data,
                             data));
  }
  const std::vector<std::string> listeners = TRY(elements_of(reply->body, "kafka"));
  if (listeners.empty()) {
    return Error(ErrorCode::kUnavailable,
                 fmt::format("what runs on \"{}\" has no Kafka listener\nhelp: start it with "
                             "--kafka-listen 127.0.0.1:9092",
                             data));
  }
  std::string first = listeners.front();
  if (first.size() > 2 && first.front() == '"') {
    first = first.substr(1, first.size() - 2);
  }
  return reachable(first);
}

}  // namespace

bool means_data_directory(World& world) {
  if (world.invocation.has("bootstrap-server")) {
    return false;
  }
  return names_directory(world) || load_settings(world).project.found();
}

Result<std::string> find_kafka(World& world) {
  if (const auto given = world.invocation.value("bootstrap-server")) {
    return *given;
  }
  const LoadedProject loaded = load_settings(world);
  set_up_logging(world, loaded.project.settings, /*only_warnings=*/true);
  const Result<std::string> data = find_data(world, loaded);
  if (!data) {
    if (names_directory(world)) {
      return Error(data.error().code(), data.error().message());
    }
    return std::string(kDefaultBootstrap);
  }
  Result<std::string> address = ask_instance(*data);
  if (!address && !names_directory(world)) {
    address.ignore_error("the project here does not run: another broker may");
    return std::string(kDefaultBootstrap);
  }
  return address;
}

Result<std::unique_ptr<client::Cluster>> open_kafka(World& world) {
  const std::string address = TRY(find_kafka(world));
  client::ClientOptions options;
  options.bootstrap = TRY(client::parse_bootstrap(address));
  auto cluster = client::Cluster::connect(std::move(options), world.clock);
  if (!cluster && cluster.error().code() == ErrorCode::kUnavailable) {
    return Error(ErrorCode::kUnavailable,
                 fmt::format("no Kafka broker answers at {}: {}\nhelp: `millrace broker --data "
                             "DIR` starts one; --bootstrap-server names another address",
                             address,
                             cluster.error().message()));
  }
  return cluster;
}

}  // namespace millrace::cli
