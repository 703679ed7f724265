// `millrace links DIR`: this program under the names of Kafka's tools.
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "base/json_text.h"
#include "cli/commands.h"
#include "cli/kafka_tools.h"
#include "cli/terminal.h"

namespace millrace::cli {
namespace {

namespace fs = std::filesystem;

enum class LinkOutcome : std::uint8_t {
  kMade,
  kWasThere,
  kReplaced,
  kLeft,  ///< Something else has the name.
  kFailed
};

struct Link {
  std::string path = {};
  LinkOutcome outcome = LinkOutcome::kMade;
  std::string note = {};
};

std::string_view word_of(LinkOutcome outcome) {
  switch (outcome) {
    case LinkOutcome::kMade:
      return "made";
    case LinkOutcome::kWasThere:
      return "was there";
    case LinkOutcome::kReplaced:
      return "replaced";
    case LinkOutcome::kLeft:
      return "left alone";
    case LinkOutcome::kFailed:
      return "failed";
  }
  return "";
}

Link make_link(const fs::path& program, const fs::path& at, bool force) {
  Link link{.path = at.string()};
  std::error_code error;
  const fs::file_status there = fs::symlink_status(at, error);
  if (fs::is_symlink(there)) {
    const fs::path target = fs::read_symlink(at, error);
    if (!error && target == program) {
      link.outcome = LinkOutcome::kWasThere;
      return link;
    }
    if (!force) {
      link.outcome = LinkOutcome::kLeft;
      link.note = fmt::format("it leads to {}; --force replaces it", target.string());
      return link;
    }
    fs::remove(at, error);
    link.outcome = LinkOutcome::kReplaced;
  } else if (fs::exists(there)) {
    link.outcome = LinkOutcome::kLeft;
    link.note = "it is no link; move it away first";
    return link;
  }
  fs::create_symlink(program, at, error);
  if (error) {
    link.outcome = LinkOutcome::kFailed;
    link.note = error.message();
  }
  return link;
}

std::string to_json(const Link& link) {
  return fmt::format(R"({{"path":{},"outcome":{}{}}})",
                     json_string(link.path),
                     json_string(word_of(link.outcome)),
                     link.note.empty() ? "" : ",\"note\":" + json_string(link.note));
}

}  // namespace

ExitCode run_links(World& world) {
  const fs::path folder = absolute_path(world.invocation.words.front());
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (error) {
    return fail(ExitCode::kFailed, "cannot find this program's own path: " + error.message());
  }
  fs::create_directories(folder, error);
  if (error) {
    return fail(ExitCode::kFailed,
                fmt::format("cannot make the folder \"{}\": {}", folder.string(), error.message()));
  }
  std::vector<Link> links;
  for (const KafkaTool* const tool : kafka_tools()) {
    for (const std::string_view ending : {"", ".sh"}) {
      links.push_back(make_link(program,
                                folder / fmt::format("{}{}", tool->name, ending),
                                world.invocation.has("force")));
    }
  }
  bool whole = true;
  std::string list;
  for (const Link& link : links) {
    const bool missing = link.outcome == LinkOutcome::kLeft || link.outcome == LinkOutcome::kFailed;
    whole = whole && !missing;
    if (world.json()) {
      list += (list.empty() ? "" : ",") + to_json(link);
    } else {
      world.out.write(fmt::format("{}: {}\n", link.path, word_of(link.outcome)));
    }
    if (missing) {
      say(fmt::format("millrace: {}: {}", link.path, link.note));
    }
  }
  if (world.json()) {
    world.out.write(
        fmt::format("{{\"program\":{},\"links\":[{}]}}\n", json_string(program.string()), list));
  }
  return whole ? ExitCode::kOk : ExitCode::kFailed;
}

}  // namespace millrace::cli
