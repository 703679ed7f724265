// `millrace broker`: the log and its Kafka listener alone, without a project.
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/json_text.h"
#include "base/thread.h"
#include "broker/broker.h"
#include "cli/commands.h"
#include "config/option_table.h"
#include "io/signals.h"
#include "server/instance.h"

namespace millrace::cli {
namespace {

Result<std::optional<std::int64_t>> read_for_ms(const World& world) {
  const auto text = world.invocation.value("for");
  if (!text) {
    return std::optional<std::int64_t>();
  }
  const std::optional<std::int64_t> ms = config::parse_duration_ms(*text, "s");
  if (!ms || *ms < 0) {
    return Error(
        ErrorCode::kInvalidArgument,
        fmt::format(
            "--for is {}, found \"{}\"", config::describe(config::OptionType::kDuration), *text));
  }
  return ms;
}

bool is_given(const config::Settings& settings, std::string_view name) {
  for (const config::ResolvedSetting& setting : settings.resolved) {
    if (setting.name == name) {
      return setting.origin != config::SettingOrigin::kDefault;
    }
  }
  return false;
}

void tell(World& world, const server::Instance& instance, const std::vector<std::string>& notes) {
  if (!world.quiet()) {
    for (const std::string& note : notes) {
      say(note);
    }
  }
  if (!world.json()) {
    return;
  }
  std::string addresses;
  for (const std::string& address : instance.broker()->summary().addresses) {
    addresses += (addresses.empty() ? "" : ",") + json_string(address);
  }
  world.out.write(fmt::format("{{\"data\":{},\"kafka\":[{}],\"ready\":true}}\n",
                              json_string(instance.options().data),
                              addresses));
}

Result<ExitCode> serve(World& world,
                       server::InstanceOptions options,
                       const std::optional<std::int64_t>& for_ms) {
  Wakeup stopped;
  std::atomic<int> signal{0};
  const io::StopSignals signals([&](int number, int count) {
    if (count > 1) {
      exit_now(static_cast<int>(ExitCode::kInterrupted));
    }
    signal = number;
    stopped.notify();
  });
  const std::unique_ptr<server::Instance> instance =
      TRY(server::Instance::open(world.files, world.clock, std::move(options)));
  instance->on_stop_request([&stopped] { stopped.notify(); });
  const std::vector<std::string> notes = TRY(instance->listen());
  if (instance->broker() == nullptr) {
    return Error(ErrorCode::kConflict, notes.empty() ? "no Kafka listener is open" : notes.back());
  }
  tell(world, *instance, notes);
  TRY(world.out.flush());
  stopped.wait(for_ms ? *for_ms * 1'000'000 : -1);
  TRY(instance->stop());
  constexpr int kSigInt = 2;
  return signal == kSigInt ? ExitCode::kInterrupted : ExitCode::kOk;
}

}  // namespace

ExitCode run_broker(World& world) {
  const Result<std::optional<std::int64_t>> for_ms = read_for_ms(world);
  if (!for_ms) {
    return usage_error(world.invocation.command, for_ms.error().message());
  }
  LoadedProject loaded = load_project(world, {.must_exist = false, .bind = false});
  set_up_logging(world, loaded.project.settings, /*only_warnings=*/false);
  report(world, loaded);
  if (loaded.diagnostics.has_errors()) {
    return ExitCode::kConfiguration;
  }
  const Result<std::string> data = find_data(world, loaded);
  if (!data) {
    return usage_error(world.invocation.command, "say where the data is, with --data DIR");
  }
  config::Settings settings = loaded.project.settings;
  if (!settings.kafka) {
    return usage_error(world.invocation.command, "a broker needs an address: --listen A:P");
  }
  if (!is_given(settings, "listeners.http")) {
    settings.http.reset();
  }
  const Result<ExitCode> code =
      serve(world, {.data = *data, .settings = std::move(settings)}, *for_ms);
  if (code) {
    return *code;
  }
  return code.error().code() == ErrorCode::kInvalidArgument
             ? fail(ExitCode::kConfiguration, code.error().to_string())
             : fail(code.error());
}

}  // namespace millrace::cli
