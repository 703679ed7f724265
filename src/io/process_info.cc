#include "io/process_info.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <string_view>
#include <vector>

#include <sys/resource.h>
#include <unistd.h>

#include "io/files.h"
#include "io/real_files.h"

namespace millrace::io {
namespace {

constexpr std::uint64_t kProcFileMax = 64 << 20;
constexpr std::size_t kCommandMax = 200;

template <class T>
std::optional<T> to_number(std::string_view text, int base = 10) {
  T number{};
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (text.empty() || read.ec != std::errc{} || read.ptr != text.data() + text.size()) {
    return std::nullopt;
  }
  return number;
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (true) {
    const std::size_t from = line.find_first_not_of(" \t\n");
    if (from == std::string_view::npos) {
      return words;
    }
    line.remove_prefix(from);
    const std::size_t end = std::min(line.find_first_of(" \t\n"), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

// The inode of the socket that a line of /proc/net/tcp speaks of, when it listens on the port:
//   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
//    0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0  0       12345
std::optional<std::uint64_t> listening_inode(std::string_view line, std::uint16_t port) {
  const auto words = words_of(line);
  if (words.size() < 10 || words[3] != "0A") {
    return std::nullopt;
  }
  const std::size_t colon = words[1].rfind(':');
  if (colon == std::string_view::npos ||
      to_number<std::uint16_t>(words[1].substr(colon + 1), 16) != port) {
    return std::nullopt;
  }
  return to_number<std::uint64_t>(words[9]);
}

std::set<std::string> listening_sockets(RealFiles& files, std::uint16_t port) {
  std::set<std::string> sockets;
  for (const char* path : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    const std::string text = read_all(files, path, kProcFileMax).value_or("");
    std::string_view rest = text;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      if (const auto inode = listening_inode(rest.substr(0, end), port)) {
        sockets.insert("socket:[" + std::to_string(*inode) + "]");
      }
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return sockets;
}

bool holds_one(RealFiles& files, const std::string& pid, const std::set<std::string>& sockets) {
  const std::string folder = "/proc/" + pid + "/fd";
  const auto entries = files.list(folder);
  if (!entries) {
    return false;  // another user's, or gone
  }
  return std::ranges::any_of(*entries, [&](const DirEntry& entry) {
    char target[64];
    const ssize_t size = ::readlink((folder + "/" + entry.name).c_str(), target, sizeof target);
    return size > 0 && sockets.contains(std::string(target, static_cast<std::size_t>(size)));
  });
}

std::string command_of(RealFiles& files, const std::string& pid) {
  std::string command = read_all(files, "/proc/" + pid + "/cmdline", kProcFileMax).value_or("");
  while (command.ends_with('\0')) {
    command.pop_back();
  }
  command.resize(std::min(command.size(), kCommandMax));
  std::ranges::replace(command, '\0', ' ');
  return command;
}

}  // namespace

Result<std::int64_t> resident_bytes() {
  RealFiles files;
  const std::string text = TRY(read_all(files, "/proc/self/statm", kProcFileMax));
  const auto words = words_of(text);
  const auto pages = words.size() < 2 ? std::nullopt : to_number<std::int64_t>(words[1]);
  if (!pages) {
    return Error(ErrorCode::kCorruption, "/proc/self/statm says " + text);
  }
  return *pages * ::sysconf(_SC_PAGESIZE);
}

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// The name of the program, field 2, may hold anything, so fields are counted from its last ')'.
Result<std::int64_t> process_start_ticks(std::int64_t pid) {
  RealFiles files;
  const std::string text =
      TRY(read_all(files, "/proc/" + std::to_string(pid) + "/stat", kProcFileMax));
  const std::size_t name_end = text.rfind(')');
  const auto words =
      words_of(name_end == std::string::npos ? std::string_view{}
                                             : std::string_view(text).substr(name_end + 1));
  const auto ticks = words.size() < 20 ? std::nullopt : to_number<std::int64_t>(words[19]);
  if (!ticks) {
    return Error(ErrorCode::kCorruption, "/proc/" + std::to_string(pid) + "/stat says " + text);
  }
  return *ticks;
}

std::int64_t raise_open_files_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return 0;
  }
  if (limit.rlim_cur < limit.rlim_max) {
    const rlimit raised{.rlim_cur = limit.rlim_max, .rlim_max = limit.rlim_max};
    if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) {
      limit = raised;
    }
  }
  return static_cast<std::int64_t>(limit.rlim_cur);
}

std::optional<PortHolder> find_port_holder(std::uint16_t port) {
  RealFiles files;
  const std::set<std::string> sockets = listening_sockets(files, port);
  if (sockets.empty()) {
    return std::nullopt;
  }
  const auto processes = files.list("/proc");
  if (processes) {
    for (const DirEntry& entry : *processes) {
      const auto pid = to_number<std::int64_t>(entry.name);
      if (pid && holds_one(files, entry.name, sockets)) {
        return PortHolder{.pid = *pid, .command = command_of(files, entry.name)};
      }
    }
  }
  return PortHolder{};
}

}  // namespace millrace::io
