// A server for tests that does on the wire exactly what it is told: half an answer, a reset, a
// drip of single bytes, nothing at all.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "base/thread.h"

namespace millrace::http {

/// What happens to one request.
struct ScriptedStep {
  enum class Then : std::uint8_t {
    kKeepAlive,  ///< Reads the next request of this connection.
    kClose,
    kReset,  ///< Closes with RST.
    kHang,   ///< Keeps the connection open and silent.
    kDrip,   ///< Sends a byte every 20 ms for ever.
  };

  std::string bytes = {};
  Then then = Then::kKeepAlive;
  std::int64_t delay_ms = 0;  ///< Before the bytes.
};

/// "HTTP/1.1 200 OK" with Content-Length, a header block and a body.
std::string scripted_answer(int status, std::string_view headers, std::string_view body);

/// Serves 127.0.0.1, one connection at a time per thread of its own. Thread-safe.
class ScriptedServer {
 public:
  /// Step i answers request i; the last one answers all further requests.
  explicit ScriptedServer(std::vector<ScriptedStep> steps);
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;
  ~ScriptedServer();

  [[nodiscard]] std::string url(std::string_view path = "/") const;
  /// The headers and bodies that came, in order.
  [[nodiscard]] std::vector<std::string> requests();
  [[nodiscard]] int connections();

 private:
  void serve(const std::stop_token& stop);
  void serve_connection(int socket, const std::stop_token& stop);
  bool perform(int socket, const ScriptedStep& step, const std::stop_token& stop);
  ScriptedStep next_step(std::string request);

  std::vector<ScriptedStep> steps_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  Mutex mutex_;
  std::vector<std::string> requests_ MR_GUARDED_BY(mutex_);
  int connections_ MR_GUARDED_BY(mutex_) = 0;
  Thread thread_;
};

}  // namespace millrace::http
