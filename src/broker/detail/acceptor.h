// Takes connections of all listeners and spreads them over the loops.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "base/metrics.h"
#include "base/mutex.h"
#include "base/result.h"
#include "broker/broker.h"
#include "broker/detail/connection.h"
#include "broker/detail/connection_loop.h"

namespace millrace::broker {

class BrokerSettings;
class RequestMetrics;

/// How many connections there may be, in all and from one address: as the settings say at the
/// moment. Thread-safe.
class ConnectionCounts : public std::enable_shared_from_this<ConnectionCounts> {
 public:
  /// `all_max` counts in the place of max.connections; 0: it does not. The settings outlive every
  /// call of admit().
  ConnectionCounts(const BrokerSettings& settings, std::size_t all_max, Gauge& shown)
      : settings_(settings), all_max_(all_max), shown_(shown) {}

  /// Null when there are too many.
  std::unique_ptr<ConnectionTicket> admit(const std::string& host);

  [[nodiscard]] std::size_t count() const;

 private:
  struct Ticket;

  void leave(const std::string& host);

  const BrokerSettings& settings_;
  const std::size_t all_max_;
  Gauge& shown_;
  mutable Mutex mutex_;
  std::size_t all_ MR_GUARDED_BY(mutex_) = 0;
  std::unordered_map<std::string, std::size_t> by_host_ MR_GUARDED_BY(mutex_);
};

/// Its sockets are owned by the thread of the first loop.
class Acceptor {
 public:
  /// The references outlive it. REQUIRES: at least one loop
  Acceptor(std::vector<std::unique_ptr<ConnectionLoop>>& loops,
           std::shared_ptr<ConnectionCounts> counts,
           RequestMetrics& metrics);
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;
  ~Acceptor();

  /// Binds the next listener, before the loops run; gives the port. kConflict: taken;
  /// kInvalidArgument: no such address; kPermissionDenied.
  Result<std::uint16_t> bind(const config::HostPort& address);

  /// Begins to accept.
  void start();

  /// No new connections. Waits.
  void stop();

 private:
  struct Listener;

  void accept(Listener& listener);
  void take(Listener& listener, ConnectionLoop& loop, boost::asio::ip::tcp::socket socket);

  std::vector<std::unique_ptr<ConnectionLoop>>& loops_;
  // Shared with the tickets of connections.
  std::shared_ptr<ConnectionCounts> counts_;
  RequestMetrics& metrics_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::size_t next_loop_ = 0;
  bool stopping_ = false;
};

}  // namespace millrace::broker
