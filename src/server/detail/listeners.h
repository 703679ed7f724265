// control.sock, the web listener and the Kafka listener of an instance: one event loop for the
// connections of the first two, two threads for the questions that wait for a disk; the broker has
// loops of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "broker/broker.h"
#include "http/server.h"
#include "io/blocking_pool.h"
#include "io/event_loop.h"
#include "server/control.h"
#include "server/detail/position_mirror.h"
#include "server/instance.h"

namespace millrace::server::detail {

/// Owned by one thread.
class Listeners {
 public:
  /// Opens control.sock and the web listener; adds what to tell the user. The instance outlives it.
  static Result<std::unique_ptr<Listeners>> open(Instance& instance,
                                                 std::vector<std::string>& messages);
  Listeners(const Listeners&) = delete;
  Listeners& operator=(const Listeners&) = delete;
  /// Ends streams and queries, answers what is under way, joins.
  ~Listeners();

  /// Opens what needs the log: the Kafka listener. REQUIRES: Instance::log_ready()
  Result<void> open_log_listeners(std::vector<std::string>& messages);

  /// Null when there is none.
  [[nodiscard]] broker::Broker* kafka() const { return kafka_.get(); }

  [[nodiscard]] std::uint16_t http_port() const { return web_ ? web_->port() : std::uint16_t{0}; }

 private:
  explicit Listeners(Instance& instance);

  Result<void> open_control();
  Result<void> open_web(const config::HostPort& address);
  Result<void> open_kafka(const config::HostPort& address, std::vector<std::string>& messages);
  [[nodiscard]] http::Router control_routes();
  [[nodiscard]] http::Router web_routes();
  void add_probes(http::Router& router);
  void add_api(http::Router& router);
  /// Runs it on the pool and sends what it gives; 503 when too much waits.
  void answer(const http::Responder& responder, std::function<http::Response()> make);
  void answer_question(const http::Request& request,
                       const http::Responder& responder,
                       std::string target);
  void answer_web_sql(const http::Request& request, const http::Responder& responder);
  void add_stream(const http::Responder& responder);
  void tick();
  void work_of_a_second();
  void push_overview();

  Instance& instance_;
  bool loopback_only_ = true;
  std::stop_source stop_;
  Mutex mutex_;
  std::vector<http::Stream> streams_ MR_GUARDED_BY(mutex_);
  io::EventLoop loop_;
  std::unique_ptr<broker::Broker> kafka_;  // Outlives the pool, whose tasks look at it.
  PositionMirror mirror_;
  io::BlockingPool pool_;
  // Made, used and destroyed on the loop's thread.
  std::unique_ptr<io::Timer> timer_;
  std::unique_ptr<http::Server> control_;
  std::unique_ptr<http::Server> web_;
};

/// Why a web request is not answered; empty = it is. A page of another site may make a browser send
/// requests to this address (DNS rebinding, cross-site forms): so the Host must be this machine's,
/// and what changes or computes something must come from this machine, as JSON, from our own page
/// or from no page at all.
std::string refuse_web_request(const http::Request& request, bool loopback_only);

}  // namespace millrace::server::detail
