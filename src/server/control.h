// How a command reaches a data directory: over control.sock when a process has it, else by opening
// it itself. The answer is the same text either way.
//
//   Control control = TRY(Control::connect(files, clock, {.data = …, .project = …}));
//   const ControlReply reply = TRY(control.get("/topics"));
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "io/files.h"
#include "server/instance.h"
#include "server/sql_session.h"

namespace millrace::server {

struct ControlReply {
  int status = 200;
  std::string body = {};  ///< JSON.

  [[nodiscard]] bool ok() const { return status >= 200 && status < 300; }
};

/// One question as both ways carry it: method, path with query, body. The paths:
///   POST /sql  body {"sql":"…","rows_max":n?}      GET /topics    GET /topics/<t>
///   GET /topics/<t>/records?partition&offset&limit  GET /dead-letters  GET /dead-letters/<name>
///   POST /dead-letters/replay {"name":…,"offset":n?}  GET /health  GET /books  GET /overview
///   GET /tables/<t>/rows?limit   POST /flush   POST /stop
struct ControlRequest {
  std::string method = "GET";
  std::string target = {};
  std::string body = {};
};

/// Answers a question on this instance, in the caller's thread. Thread-safe.
ControlReply answer_control(Instance& instance, const ControlRequest& request);

/// What is answered while the log is not there yet: 503, and why. Thread-safe.
ControlReply refuse_starting(const Instance& instance);

/// Answers {"sql":"…","rows_max":n?}; `options.rows_max` is the most there may be. Thread-safe.
ControlReply answer_sql_body(const SqlWorld& world, const std::string& body, SqlOptions options);

/// Asks the process that listens on a socket. kUnavailable: nobody listens; kTimeout.
Result<ControlReply> ask_control(const std::string& socket_path,
                                 const ControlRequest& request,
                                 std::int64_t timeout_ms);

/// <data>/control.sock, or a path in /tmp made of the directory's when that one is too long for a
/// socket (108 bytes).
std::string control_socket_path(const std::string& data);

/// Owned by one thread.
class Control {
 public:
  /// Finds the holder, or opens the directory (kNotFound when it is not there). With `pipeline` in
  /// `project_pipeline` SQL knows the project's tables when it is opened here.
  static Result<Control> connect(io::Files& files,
                                 Clock& clock,
                                 InstanceOptions options,
                                 plan::Pipeline project_pipeline = {});
  Control(const Control&) = delete;
  Control& operator=(const Control&) = delete;
  Control(Control&&) noexcept;
  Control& operator=(Control&&) noexcept;
  ~Control();

  Result<ControlReply> ask(const ControlRequest& request);

  Result<ControlReply> get(const std::string& target) { return ask({.target = target}); }

  Result<ControlReply> post(const std::string& target, const std::string& body) {
    return ask({.method = "POST", .target = target, .body = body});
  }

  /// The pid of the process that was found; 0: the directory is open here.
  [[nodiscard]] std::int64_t holder() const { return holder_; }

  /// The instance that was opened here; null when there is a holder.
  [[nodiscard]] Instance* instance() { return instance_.get(); }

 private:
  Control() = default;

  std::string socket_;
  std::int64_t holder_ = 0;
  std::unique_ptr<Instance> instance_;
};

}  // namespace millrace::server
