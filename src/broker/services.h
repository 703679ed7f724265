// What the handlers work with. One object for the life of the broker; everything in it outlives
// every request.
#pragma once

namespace millrace {
class Clock;
class Metrics;
}  // namespace millrace

namespace millrace::log {
class Log;
}  // namespace millrace::log

namespace millrace::broker {

class BrokerSettings;
class FetchSessions;
class GroupCoordinator;

/// Borrowed references, all thread-safe.
struct Services {
  log::Log& log;
  const Clock& clock;
  Metrics& metrics;
  BrokerSettings& settings;
  FetchSessions& sessions;
  GroupCoordinator& groups;
};

}  // namespace millrace::broker
